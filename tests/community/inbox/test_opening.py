"""Mentions gather in the conversation of whoever wrote them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from community.actions import Actor
from community.belts.facts import facts_since
from community.belts.findings import Finding, apply_findings
from community.inbox.actions import close_conversation
from community.inbox.models import CaseMention, Conversation
from community.inbox.priority import priority_parts
from community.queries import Staff
from community.settings_test import TEST_SETTINGS


def test_one_person_has_one_conversation(say: Any) -> None:
    first = say(text="물통에서 물이 새요.")
    again = say(text="고객센터도 전화를 안 받네요.")
    other = say(author_id="1002", author_handle="gaeul")
    elsewhere = say(source="naver")
    assert first.conversation_id == again.conversation_id
    ids = {first.conversation_id, other.conversation_id, elsewhere.conversation_id}
    assert len(ids) == 3
    conversation = Conversation.objects.get(pk=first.conversation_id)
    assert conversation.mention_count == 2 and conversation.version == 2
    facts = [(fact.subject, fact.body["turn"]) for fact in facts_since(0)]
    assert facts[:2] == [(str(first.conversation_id), "opened"), (facts[0][0], "joined")]


def test_a_handle_names_a_person_only_where_it_is_whole(say: Any) -> None:
    whole = [say(author_id="", author_handle="gaeul.sky") for _ in range(2)]
    masked = [say(author_id="", author_handle="love****") for _ in range(2)]
    nobody = [say(author_id="", author_handle="") for _ in range(2)]
    assert whole[0].conversation_id == whole[1].conversation_id
    assert masked[0].conversation_id != masked[1].conversation_id
    assert nobody[0].conversation_id != nobody[1].conversation_id


def test_handles_and_ids_are_not_mixed_up(say: Any) -> None:
    assert (
        say(author_id="7", author_handle="").conversation_id
        != say(author_id="", author_handle="7").conversation_id
    )


def test_a_customer_is_one_person_wherever_they_write(say: Any) -> None:
    stranger = say(source="x", author_id="1001")
    known = say(source="x", author_id="1001", customer_id="C-7")
    elsewhere = say(source="naver", author_id="sky", customer_id="C-7")
    assert stranger.conversation_id == known.conversation_id == elsewhere.conversation_id
    conversation = Conversation.objects.get()
    assert (conversation.person_key, conversation.customer_id) == ("customer|C-7", "C-7")
    assert conversation.priority_parts["customer"] == 10


def test_a_customer_with_two_conversations_keeps_both(say: Any) -> None:
    """Neither may be lost when it turns out that they are of one person."""
    stranger = say(source="x", author_id="1001")
    known = say(source="naver", author_id="sky", customer_id="C-7")
    again = say(source="x", author_id="1001", customer_id="C-7")
    assert again.conversation_id == known.conversation_id != stranger.conversation_id


def test_the_same_mention_opens_nothing_twice(say: Any, mina: Staff) -> None:
    first = say(native_id="55", text="필터가 비싸요")
    close_conversation(first.conversation_id, Actor(mina.member_id))
    edited = say(native_id="55", text="필터가 너무 비싸요", customer_id="C-7")
    assert edited.pk == first.pk and edited.text == "필터가 너무 비싸요"
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.customer_id) == ("closed", "C-7")
    opened = [fact for fact in facts_since(0) if fact.kind == "conversation_opened"]
    assert len(opened) == 1


def test_a_new_mention_reopens_a_closed_conversation(say: Any, mina: Staff) -> None:
    first = say(alert_id="late-deliveries")
    assert "alert" in first.conversation.priority_parts
    close_conversation(first.conversation_id, Actor(mina.member_id))
    again = say(score=-0.2)
    conversation = again.conversation
    assert conversation.state == "open" and conversation.pk == first.conversation_id
    assert conversation.priority_parts == {"negative": 8}, "what was settled does not press"
    assert conversation.due_at == conversation.opened_at + timedelta(hours=24)
    assert facts_since(0)[-1].body["turn"] == "reopened"


def test_the_time_to_a_first_answer_is_a_setting(say: Any) -> None:
    hurried = replace(TEST_SETTINGS, answer_hours=4)
    with override_settings(MADANG=(hurried, "desk", None)):
        conversation = say().conversation
    assert conversation.due_at - conversation.opened_at == timedelta(hours=4)


def test_priority_is_the_sum_of_its_parts_and_at_most_a_hundred() -> None:
    worst = CaseMention(score=-1.0, rating=0.0, alert_id="a")
    mild = CaseMention(score=-0.25, rating=None, alert_id="")
    assert priority_parts([mild], False) == {"negative": 10}
    assert priority_parts([CaseMention(score=0.8, alert_id="")], False) == {}
    assert priority_parts([], True) == {"customer": 10}
    parts = priority_parts([worst] * 9, True)
    assert sum(parts.values()) == 100
    assert parts == {"negative": 40, "rating": 15, "alert": 25, "customer": 10, "repeated": 10}


@pytest.mark.parametrize(
    "broken",
    [{"source": ""}, {"written_at": ""}, {"written_at": "2026-13-45T99:00"}, {"written_at": None}],
)
def test_a_finding_that_says_too_little_is_refused_with_its_reason(say: Any, broken: Any) -> None:
    applied = apply_findings([say.finding(**broken), say.finding()], {"sequence": 2})
    assert (applied.applied, applied.refused) == (1, 1)
    assert Conversation.objects.count() == 1


def test_what_comes_from_outside_is_made_harmless(say: Any) -> None:
    mention = say(
        text="물\x00이 새요" + "아" * 9000,
        url="javascript:alert(1)",
        author_handle="x" * 500,
        score=float("nan"),
        rating=True,
        alert_id=None,
    )
    assert mention.url == "" and "\x00" not in mention.text and len(mention.text) == 4000
    assert mention.score is None and len(mention.conversation.author_handle) == 160


def test_findings_are_applied_once(say: Any) -> None:
    findings = [say.finding(author_id=str(n)) for n in range(5)]
    apply_findings(findings, {"sequence": 5})
    again = apply_findings(findings, {"sequence": 5})
    assert (again.applied, again.known) == (0, 5)
    assert Conversation.objects.count() == 5


def test_a_post_that_its_source_shows_no_more_goes_here_too(
    say: Any, visitor: Any, mina: Staff
) -> None:
    mention = say(native_id="n7")
    body = {"source": "x", "native_id": "n7", "removed_at": "2026-11-21T10:00:00+00:00"}
    removed = Finding("f" * 64, "mention_removed", mention.mention_id, body)
    unknown = Finding("e" * 64, "mention_removed", "0", {**body, "native_id": "n8"})
    assert apply_findings([removed, unknown], {"sequence": 1}).refused == 0
    row = CaseMention.objects.get()
    assert (row.text, row.url) == ("", "") and row.removed_at is not None
    assert Conversation.objects.get().state == "closed"
    visitor.sign_in()
    page = visitor.get(f"/inbox/{mention.conversation_id}").content.decode()
    assert "이 글은 이제 그곳에 없어요" in page and mention.text not in page
