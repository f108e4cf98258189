"""Ideas: posted, voted for, moved on, and their voters told."""

import pytest

from community.ideas.actions import change_status, propose_idea, vote_idea
from community.ideas.queries import idea, ideas_page
from community.members.models import Member


def person(name: str, number: int) -> Member:
    return Member.objects.create(email=f"c{number}@example.kr", name=name)


def test_smoke() -> None:
    a, b = person("박서연", 1), person("김도윤", 2)
    number = propose_idea(a, "물통을 더 크게", "매일 물을 두 번 채워요. 6리터면 좋겠어요.")
    assert vote_idea(b, number) == 1
    assert vote_idea(b, number) == 1
    page = ideas_page("trending", viewer=b.pk)
    assert page.ideas[0].my_vote and page.ideas[0].author.name == "박서연"
    assert idea(number).idea.title == "물통을 더 크게"
