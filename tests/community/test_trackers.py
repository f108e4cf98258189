"""Trackers: every version kept, told once, and never overwritten by who had not seen the last."""

import threading
from collections.abc import Callable
from unicodedata import normalize

import pytest
from django.db import connection

from community.actions import (
    COMMAND_LINE,
    Actor,
    SavedTracker,
    create_staff,
    create_tracker,
    deactivate_staff,
    rename_tracker,
    restore_version,
    retire_tracker,
    save_tracker,
)
from community.errors import CommunityError
from community.queries import (
    Staff,
    audit_trail,
    facts_since,
    may_track,
    tracker,
    tracker_list,
    tracker_versions,
)
from tests.community.conftest import PASSWORD

LATE = "배송 AND (늦다 OR 지연)"
LATER = "배송 AND (늦다 OR 지연) NOT 이벤트"


@pytest.fixture
def by(mina: Staff) -> Actor:
    return Actor(mina.member_id)


def told() -> list[tuple[str, int, str, bool]]:
    return [
        (fact.kind, fact.body["version"], fact.body["query"], fact.body["active"])
        for fact in facts_since(0)
    ]


def test_a_tracker_is_kept_audited_and_told(by: Actor) -> None:
    made = create_tracker("  배송   지연 ", f" {LATE}\r\n", by, why="추석 물량 대비")
    assert (made.version, made.outcome) == (1, "saved")
    line = tracker(made.tracker_id)
    assert line is not None and tracker_list() == (line,)
    assert (line.name, line.query, line.active, line.by) == ("배송 지연", LATE, True, "이미나")
    (fact,) = facts_since(0)
    assert (fact.kind, fact.subject) == ("tracker_saved", made.tracker_id)
    assert fact.body == {
        "tracker": made.tracker_id, "version": 1, "name": "배송 지연", "query": LATE,
        "active": True,
    }  # fmt: skip
    (entry,) = audit_trail("tracker", made.tracker_id)
    assert (entry.action, entry.why, entry.detail) == (
        "create_tracker", "추석 물량 대비", {"version": 1},
    )  # fmt: skip


def test_every_version_stays_with_who_and_why(by: Actor) -> None:
    made = create_tracker("배송 지연", LATE, by)
    save_tracker(made.tracker_id, "배송 지연", LATER, by, seen=1, why="이벤트 글이 섞여서")
    rename_tracker(made.tracker_id, "늦은 배송", COMMAND_LINE, seen=2)
    retire_tracker(made.tracker_id, by, seen=3)
    versions = tracker_versions(made.tracker_id)
    assert [(v.number, v.act, v.name, v.query, v.active, v.by, v.why) for v in versions] == [
        (4, "retired", "늦은 배송", LATER, False, "이미나", ""),
        (3, "renamed", "늦은 배송", LATER, True, "", ""),
        (2, "edited", "배송 지연", LATER, True, "이미나", "이벤트 글이 섞여서"),
        (1, "created", "배송 지연", LATE, True, "이미나", ""),
    ]
    assert told() == [
        ("tracker_saved", 1, LATE, True), ("tracker_saved", 2, LATER, True),
        ("tracker_saved", 3, LATER, True), ("tracker_retired", 4, LATER, False),
    ]  # fmt: skip
    assert tracker_list() == () and [line.version for line in tracker_list(retired=True)] == [4]


def test_who_has_not_seen_the_last_version_overwrites_nothing(by: Actor) -> None:
    made = create_tracker("배송 지연", LATE, by)
    save_tracker(made.tracker_id, "배송 지연", LATER, by, seen=1)
    overtaken = SavedTracker(made.tracker_id, 2, "overtaken")
    assert save_tracker(made.tracker_id, "포장", "포장", by, seen=1) == overtaken
    assert rename_tracker(made.tracker_id, "포장", by, seen=1) == overtaken
    assert retire_tracker(made.tracker_id, by, seen=1) == overtaken
    assert restore_version(made.tracker_id, 1, by, seen=1) == overtaken
    line = tracker(made.tracker_id)
    assert line is not None and (line.version, line.query) == (2, LATER)
    assert len(told()) == len(tracker_versions(made.tracker_id)) == 2
    assert len(audit_trail("tracker", made.tracker_id)) == 2


def test_of_colleagues_who_save_at_the_same_moment_one_is_overtaken_never_overwritten(
    by: Actor,
) -> None:
    made = create_tracker("배송 지연", LATE, by)
    start, answers = threading.Barrier(4), []

    def save(number: int) -> None:
        start.wait()
        try:
            saved = save_tracker(made.tracker_id, "배송 지연", f"배송 {number}", by, seen=1)
            answers.append((saved.outcome, number))
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome for outcome, _ in answers) == ["overtaken"] * 3 + ["saved"]
    line = tracker(made.tracker_id)
    assert line is not None and ("saved", int(line.query.split()[1])) in answers
    assert len(told()) == len(tracker_versions(made.tracker_id)) == 2


def test_the_same_twice_is_one_version(by: Actor) -> None:
    made = create_tracker("배송 지연", LATE, by)
    same = SavedTracker(made.tracker_id, 1, "same")
    assert save_tracker(made.tracker_id, "배송 지연", f"{LATE} ", by, seen=1) == same
    assert restore_version(made.tracker_id, 1, by, seen=1) == same
    retire_tracker(made.tracker_id, by, seen=1)
    assert retire_tracker(made.tracker_id, by, seen=2).outcome == "same"
    assert len(told()) == 2


def test_a_version_is_restored_as_a_new_one_and_out_of_retirement(by: Actor) -> None:
    made = create_tracker("배송 지연", LATE, by)
    save_tracker(made.tracker_id, "늦은 배송", LATER, by, seen=1)
    retire_tracker(made.tracker_id, by, seen=2)
    assert restore_version(made.tracker_id, 1, by, seen=3, why="처음 것이 나아서").version == 4
    line = tracker(made.tracker_id)
    assert line is not None
    assert (line.name, line.query, line.active, line.version) == ("배송 지연", LATE, True, 4)
    assert told()[-1] == ("tracker_saved", 4, LATE, True)
    entry = audit_trail("tracker", made.tracker_id)[0]
    assert (entry.action, entry.why, entry.detail) == (
        "restore_tracker", "처음 것이 나아서", {"version": 4, "of": 1},
    )  # fmt: skip


def test_a_name_is_taken_by_what_is_in_use_alone(by: Actor) -> None:
    made = create_tracker("Refund", "refund", by)
    assert create_tracker("REFUND", "환불", by).outcome == "named_twice"
    other = create_tracker("환불", "환불", by)
    assert rename_tracker(other.tracker_id, "refund", by, seen=1).outcome == "named_twice"
    retire_tracker(made.tracker_id, by, seen=1)
    assert rename_tracker(other.tracker_id, "refund", by, seen=1).outcome == "saved"
    assert restore_version(made.tracker_id, 1, by, seen=2).outcome == "named_twice"
    assert [line.name for line in tracker_list()] == ["refund"]
    assert len(told()) == len(audit_trail("tracker")) == 4


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [
        (" \n ", LATE, "1 to 80 characters, not 0"),
        ("배" * 81, LATE, "1 to 80 characters, not 81"),
        ("배송", " \0 ", "1 to 8000 characters, not 0"),
        ("배송", "배" * 8001, "1 to 8000 characters, not 8001"),
    ],
)
def test_what_cannot_be_kept_is_refused(by: Actor, name: str, query: str, says: str) -> None:
    with pytest.raises(CommunityError, match=says):
        create_tracker(name, query, by)
    made = create_tracker("배송 지연", LATE, by)
    with pytest.raises(CommunityError, match=says):
        save_tracker(made.tracker_id, name, query, by, seen=1)
    assert len(told()) == 1


def test_hangul_is_kept_composed_and_nul_not_at_all(by: Actor) -> None:
    made = create_tracker(normalize("NFD", "배송"), normalize("NFD", "배송\0 늦다"), by)
    line = tracker(made.tracker_id)
    assert line is not None and (line.name, line.query) == ("배송", "배송 늦다")


def test_only_those_who_may_change_trackers_do(mina: Staff) -> None:
    junho = create_staff("junho@example.kr", "최준호", PASSWORD, "community_manager")
    made = create_tracker("배송 지연", LATE, Actor(mina.member_id))
    orders: tuple[Callable[[Actor], object], ...] = (
        lambda by: create_tracker("포장", "포장", by),
        lambda by: save_tracker(made.tracker_id, "포장", "포장", by, seen=1),
        lambda by: rename_tracker(made.tracker_id, "포장", by, seen=1),
        lambda by: retire_tracker(made.tracker_id, by, seen=1),
        lambda by: restore_version(made.tracker_id, 1, by, seen=1),
    )
    for order in orders:
        with pytest.raises(CommunityError, match="may not change trackers"):
            order(Actor(junho.member_id))
    assert may_track(mina.member_id) and not may_track(junho.member_id)
    deactivate_staff(mina.member_id)
    assert not may_track(mina.member_id)
    assert len(told()) == 1


def test_a_tracker_or_a_version_that_does_not_exist_is_named(by: Actor) -> None:
    with pytest.raises(CommunityError, match="no tracker 'nonesuch'"):
        save_tracker("nonesuch", "배송", LATE, by, seen=1)
    made = create_tracker("배송 지연", LATE, by)
    with pytest.raises(CommunityError, match="no version 9"):
        restore_version(made.tracker_id, 9, by, seen=1)
    retire_tracker(made.tracker_id, by, seen=1)
    with pytest.raises(CommunityError, match="is retired"):
        save_tracker(made.tracker_id, "배송", LATE, by, seen=2)
    assert tracker("nonesuch") is None and tracker_versions("nonesuch") == ()
