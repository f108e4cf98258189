"""A community's past moved in: as it was, once, and nobody is told of what happened long ago."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from community.accounts.models import Phone
from community.belts.facts import facts_since
from community.configure import instance
from community.decisions.actions import Actor
from community.decisions.queries import audit_trail
from community.discussion.models import Comment
from community.errors import CommunityError
from community.ideas.actions import vote_idea
from community.ideas.heat import weight
from community.ideas.models import Idea, StatusChange, Vote
from community.members.models import Member
from community.members.queries import Staff
from community.notices.models import Notice
from community.outbox.models import Delivery
from community.reviews.models import Review
from community.yard.history import (
    History,
    MovedIn,
    PastComment,
    PastIdea,
    PastMark,
    PastMember,
    PastReview,
    PastStep,
    PastVote,
)
from community.yard.moving import move_in
from community.yard.queries import posts_since
from nlp.identifiers import phone_key

MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SEOYEON, JIHO = "seoyeon@example.com", "jiho@example.com"
PAST = History(
    key="old-forum",
    members=(
        PastMember(SEOYEON, "박서연", MAY, phone="010-0200-1234"),
        PastMember(JIHO, "김지호", MAY + DAY, password="느린 하루 12"),
    ),
    reviews=(PastReview("r1", SEOYEON, "해담 숨", 2, "소음이 커요. 010-1234-5678", MAY + 2 * DAY),),
    ideas=(PastIdea("i1", JIHO, "물걸레 자동 세척", "걸레를 스스로 빨면 좋겠어요", MAY + 3 * DAY),),
    comments=(
        PastComment("c1", JIHO, "r1", "저도 그래요", MAY + 4 * DAY),
        PastComment("c2", None, "r1", "죄송합니다. 02-123-4567로 연락 주세요.", MAY + 5 * DAY),
        PastComment("c3", SEOYEON, "c1", "그렇죠?", MAY + 6 * DAY),
    ),
    votes=(PastVote(SEOYEON, "i1", MAY + 4 * DAY), PastVote(JIHO, "i1", MAY + 3 * DAY)),
    marks=(PastMark(JIHO, "r1", MAY + 4 * DAY),),
    steps=(
        PastStep("i1", "planned", "올해 안에 만들기로 했습니다.", MAY + 9 * DAY),
        PastStep("i1", "under_review", "살펴보고 있습니다.", MAY + 7 * DAY),
    ),
)


def test_everything_stands_with_its_dates_and_counters(mina: Staff) -> None:
    assert move_in(PAST, Actor(mina.member_id)) == MovedIn(members=2, posts=5, votes=2)
    review, idea = Review.objects.get(), Idea.objects.get()
    assert (review.created_at, review.comments, review.helpful) == (MAY + 2 * DAY, 3, 1)
    assert review.text == "소음이 커요. [phone]"
    assert (idea.votes, idea.comments, idea.status) == (2, 0, "planned")
    expected = weight(MAY + 3 * DAY) * 2 + weight(MAY + 4 * DAY)
    assert idea.heat == pytest.approx(expected)
    steps = StatusChange.objects.order_by("at").values_list("before", "after")
    assert list(steps) == [("open", "under_review"), ("under_review", "planned")]


def test_the_companys_answer_is_official_and_keeps_its_number(mina: Staff) -> None:
    move_in(PAST, Actor(mina.member_id))
    review = Review.objects.get()
    answer = Comment.objects.get(is_official=True)
    assert (answer.answers, answer.author_id, answer.by_staff) == (
        f"review-{review.pk}", mina.member_id, True,
    )  # fmt: skip
    assert "02-123-4567" in answer.text
    below = Comment.objects.get(text="그렇죠?")
    assert below.answers == f"comment-{Comment.objects.get(text='저도 그래요').pk}"


def test_members_are_proved_and_only_one_has_a_password() -> None:
    move_in(PAST)
    seoyeon, jiho = Member.objects.get(email=SEOYEON), Member.objects.get(email=JIHO)
    assert not seoyeon.has_usable_password() and jiho.check_password("느린 하루 12")
    key = phone_key("010-0200-1234", instance().identity_key)
    phone = Phone.objects.get(member=seoyeon)
    assert (phone.phone_key, phone.last_digits) == (key, "1234")


def test_facts_come_in_the_order_in_which_it_happened() -> None:
    move_in(PAST)
    facts = facts_since(0)
    assert [fact.kind for fact in facts] == [
        "member_joined", "member_keys", "member_joined", "post_written", "post_written",
        "vote_cast", "post_written", "vote_cast", "post_written", "idea_status", "idea_status",
    ]  # fmt: skip
    assert [fact.happened_at for fact in facts] == sorted(fact.happened_at for fact in facts)
    assert facts[0].happened_at == MAY
    assert {post.kind for post in posts_since(0).posts} == {"review", "idea", "comment"}


def test_nobody_is_told_and_it_happens_once(mina: Staff) -> None:
    move_in(PAST, Actor(mina.member_id))
    facts = len(facts_since(0))
    assert move_in(PAST) == MovedIn()
    assert (Review.objects.count(), Vote.objects.count(), len(facts_since(0))) == (1, 2, facts)
    assert not Notice.objects.exists() and not Delivery.objects.exists()
    assert [row.action for row in audit_trail("history", "old-forum")] == ["move_in"]


def test_who_is_here_already_keeps_the_account() -> None:
    here = Member.objects.create(email=SEOYEON, name="서연")
    assert move_in(PAST).members == 1
    here.refresh_from_db()
    assert here.name == "서연" and Review.objects.get().author_id == here.pk


def test_what_names_nobody_moves_nothing() -> None:
    broken = replace(PAST, votes=(PastVote("nobody@example.com", "i1", MAY),))
    with pytest.raises(CommunityError, match="no member with the address"):
        move_in(broken)
    assert not Member.objects.exists() and not facts_since(0)


def test_life_goes_on_after() -> None:
    move_in(PAST)
    member = Member.objects.create(email="new@example.com", name="새 회원")
    assert vote_idea(member, Idea.objects.get().pk) == 3
