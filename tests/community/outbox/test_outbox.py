"""The outbox: once by key, leased, tried again, held, given up, and nothing lost or sent twice."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction

from community.errors import CommunityError
from community.outbox.actions import (
    ATTEMPTS,
    LEASE,
    Refused,
    Retry,
    Sender,
    Uncertain,
    deliver_due,
    enqueue,
    forget_ended,
    try_again,
)
from community.outbox.models import Delivery
from community.outbox.queries import deliveries, failed_deliveries, waiting_deliveries

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Book:
    """A sender that writes down what it was given, and fails as it is told."""

    def __init__(self, *answers: Exception | None) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self._answers = list(answers)

    def __call__(self, payload: Mapping[str, Any], key: str) -> str:
        answer = self._answers.pop(0) if self._answers else None
        if answer is not None:
            raise answer
        self.sent.append((key, dict(payload)))
        return f"receipt {key}"


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs."""


def put(key: str, channel: str = "text", at: datetime = NOON, **payload: Any) -> bool:
    with transaction.atomic():
        new = enqueue(channel, key, {"to": "+821012345678", **payload})
        Delivery.objects.filter(key=key, attempts=0).update(due_at=at, made_at=at)
    return new


def test_a_delivery_is_sent_once_and_its_content_is_not_kept() -> None:
    assert put("a", text="안녕하세요")
    book = Book()
    assert deliver_due({"text": book}, NOON).sent == 1
    assert deliver_due({"text": book}, NOON + timedelta(days=1)).handled == 0
    assert [key for key, _ in book.sent] == ["a"]
    assert book.sent[0][1]["text"] == "안녕하세요"
    row = Delivery.objects.get()
    assert (row.state, row.payload, row.receipt) == ("sent", {}, "receipt a")


def test_the_same_key_is_handed_over_once_even_after_it_was_sent() -> None:
    assert put("a")
    assert not put("a", text="다른 글")
    deliver_due({"text": Book()}, NOON)
    assert not put("a")
    assert Delivery.objects.count() == 1


def test_an_act_that_fails_takes_its_delivery_with_it() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue("text", "a", {"to": "+821012345678"})
        raise ZeroDivisionError
    assert waiting_deliveries() == ()
    with pytest.raises(CommunityError, match="atomic"):
        enqueue("text", "a", {})


@pytest.mark.parametrize(("channel", "key"), [("pigeon", "a"), ("text", ""), ("text", "x" * 161)])
def test_what_does_not_fit_is_refused(channel: str, key: str) -> None:
    with pytest.raises(CommunityError), transaction.atomic():
        enqueue(channel, key, {})


def test_a_worker_that_dies_while_sending_leaves_a_lease_that_runs_out() -> None:
    put("a")
    with pytest.raises(Killed):
        deliver_due({"text": Book(Killed())}, NOON)  # type: ignore[arg-type]
    book = Book()
    assert deliver_due({"text": book}, NOON + LEASE / 2).handled == 0
    assert waiting_deliveries()[0].state == "leased"
    assert deliver_due({"text": book}, NOON + LEASE + timedelta(seconds=1)).sent == 1
    assert [key for key, _ in book.sent] == ["a"]


def test_a_delivery_that_kills_every_worker_is_given_up() -> None:
    put("a")
    now = NOON
    for _ in range(ATTEMPTS):
        with pytest.raises(Killed):
            deliver_due({"text": Book(Killed())}, now)  # type: ignore[arg-type]
        now += LEASE + timedelta(seconds=1)
    assert deliver_due({"text": Book(Killed())}, now).failed == 1  # type: ignore[arg-type]
    assert failed_deliveries()[0].reason


def test_one_that_fails_is_tried_later_and_later() -> None:
    put("a")
    now, waits = NOON, []
    for _ in range(ATTEMPTS - 1):
        assert deliver_due({"text": Book(Retry("busy"))}, now).waiting == 1
        due = waiting_deliveries()[0].due_at
        assert deliver_due({"text": Book()}, due - timedelta(seconds=1)).handled == 0
        waits.append(due - now)
        now = due
    assert all(later >= 1.9 * sooner for sooner, later in pairwise(waits[:7]))
    assert max(waits) < timedelta(hours=4, minutes=1)
    assert deliver_due({"text": Book(Retry("busy"))}, now).failed == 1
    assert failed_deliveries()[0].reason == "busy"
    assert Delivery.objects.get().payload == {}


def test_the_other_side_may_name_a_later_time() -> None:
    put("a")
    deliver_due({"text": Book(Retry("busy", timedelta(hours=5)))}, NOON)
    assert waiting_deliveries()[0].due_at >= NOON + timedelta(hours=5)


def test_a_refusal_is_final_and_a_fault_of_ours_is_not() -> None:
    put("a", at=NOON - timedelta(minutes=1))
    put("b")
    answers = Book(Refused("no such number"), KeyError("template"))
    outcome = deliver_due({"text": answers}, NOON)
    assert (outcome.failed, outcome.waiting) == (1, 1)
    assert deliveries(["a", "b"])["a"].reason == "no such number"
    assert "template" in deliveries(["a", "b"])["b"].reason


def test_answers_are_held_until_their_source_can_carry_them() -> None:
    with transaction.atomic():
        enqueue("answer", "r1", {"source": "naver", "text": "죄송합니다."})
    Delivery.objects.update(due_at=NOON)
    assert deliver_due({"text": Book()}, NOON).held == 1
    held = deliveries(["r1"])["r1"]
    assert (held.state, held.reason) == ("held", "this source cannot carry replies yet")
    assert deliver_due({"answer:kakao": Book()}, NOON + timedelta(days=9)).handled == 0
    book = Book()
    assert deliver_due({"answer:naver": book}, NOON + timedelta(days=9)).sent == 1
    assert book.sent[0][1]["text"] == "죄송합니다."


def test_what_comes_too_late_is_not_sent() -> None:
    put("code", until=(NOON + timedelta(minutes=10)).isoformat())
    book = Book()
    assert deliver_due({"text": book}, NOON + timedelta(minutes=11)).failed == 1
    assert book.sent == []


def test_old_receipts_are_forgotten_and_waiting_ones_are_not() -> None:
    put("old")
    deliver_due({"text": Book()}, NOON)
    put("waits")
    assert forget_ended(NOON + timedelta(days=1)) == 1
    assert [line.key for line in waiting_deliveries()] == ["waits"]


def test_two_workers_share_what_is_due() -> None:
    for number in range(30):
        put(f"k{number:02}")
    both = threading.Barrier(2)
    books = [Book(), Book()]

    def work(book: Sender) -> None:
        both.wait()
        try:
            while deliver_due({"text": book}, NOON, limit=3).handled:
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(book,)) for book in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = sorted(key for book in books for key, _ in book.sent)
    assert keys == sorted(f"k{number:02}" for number in range(30))


class Asked(Book):
    """Writes down besides what it was told of earlier tries."""

    def __init__(self, *answers: Exception | None) -> None:
        super().__init__(*answers)
        self.begun: list[bool] = []

    def __call__(self, payload: Mapping[str, Any], key: str) -> str:
        self.begun.append(payload["begun"])
        return super().__call__(payload, key)


def later(sender: Sender, days: int) -> None:
    deliver_due({"text": sender}, NOON + timedelta(days=days))


def test_a_sender_is_told_of_a_try_that_was_cut_short_until_it_ends() -> None:
    put("a")
    dying = Asked(Killed())  # type: ignore[arg-type]
    with pytest.raises(Killed):
        later(dying, 0)
    asked = Asked(Retry("the mailbox is gone"), Retry("and still is"))
    for day in (1, 2, 3):
        later(asked, day)
    assert (dying.begun, asked.begun) == ([False], [True, True, True])
    assert deliveries(["a"])["a"].state == "sent"


def test_a_try_that_said_how_it_ended_is_not_told_of() -> None:
    put("a")
    asked = Asked(Retry("busy"), Refused("closed"))
    for day in (0, 1):
        later(asked, day)
    with transaction.atomic():
        try_again("text", "a", {"to": "+821012345678"})
    Delivery.objects.update(due_at=NOON)
    later(asked, 2)
    assert asked.begun == [False, False, False]


@pytest.mark.parametrize("end", [Uncertain("who knows"), KeyError("receipt")])
def test_an_end_that_nobody_knows_is_told_of(end: Exception) -> None:
    put("a")
    asked = Asked(end, Refused("it may have gone"))
    for day in (0, 1):
        later(asked, day)
    with transaction.atomic():
        try_again("text", "a", {"to": "+821012345678"})
    Delivery.objects.update(due_at=NOON)
    later(asked, 2)
    first, *others = asked.begun
    assert not first and others and all(others)


def test_what_was_leased_and_never_begun_is_as_new() -> None:
    put("a", at=NOON - timedelta(minutes=1))
    put("b")
    with pytest.raises(Killed):
        later(Asked(Killed()), 0)  # type: ignore[arg-type]
    asked = Asked()
    later(asked, 1)
    assert dict(zip([key for key, _ in asked.sent], asked.begun, strict=True)) == {
        "a": True,
        "b": False,
    }


def test_an_answer_that_may_have_gone_is_not_forgotten() -> None:
    for key in ("a", "b"):
        with transaction.atomic():
            enqueue("answer", key, {"source": "email", "text": "내일 도착해요."})
    Delivery.objects.update(due_at=NOON)
    deliver_due({"answer:email": Book(Uncertain("who knows"), Refused("closed"))}, NOON)
    assert forget_ended(NOON + timedelta(days=365)) == 1
    assert [line.key for line in failed_deliveries()] == ["a"]
