"""Accounts that post like machines are found, people are not, and only what changed is judged."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from benchmarks.bots import MACHINES, PEOPLE, hear, judged, measured, world
from warehouse import queries, revisions, serving
from warehouse.signals.bots import HABITS, LIKE_A_MACHINE, refresh_accounts, scores
from warehouse.signals.copies import refresh_copies
from warehouse.sql import select


def test_machines_are_told_from_people() -> None:
    made = world(240, seed=9)
    score, _ = judged(made)
    called = {name for name, each in score.items() if each >= LIKE_A_MACHINE}
    assert set(made.kinds.values()) == {*PEOPLE, *MACHINES}
    assert measured(called, made.kinds)["precision"] >= 0.9
    assert measured(called, made.kinds)["recall"] >= 0.9


def test_each_habit_raises_the_score_and_says_so() -> None:
    usual = {habit.feature: np.array([habit.from_]) for habit in HABITS}
    assert scores(usual)[0].tolist() == [0.0]
    for habit in HABITS:
        score, reasons = scores(usual | {habit.feature: np.array([habit.full])})
        assert score[0] == pytest.approx(habit.weight)
        assert reasons == [[habit.name]]
    unknown = {habit.feature: np.array([np.nan]) for habit in HABITS}
    assert scores(unknown) == (pytest.approx([0.0]), [[]])


def test_only_accounts_with_something_new_are_judged_again(house: Any) -> None:
    made = world(40, seed=3)
    hear(house.warehouse, made.mentions)
    refresh_copies(house.warehouse)
    assert refresh_accounts(house.warehouse) == 40
    assert refresh_accounts(house.warehouse) == 0
    with house.warehouse.writing() as cursor:
        cursor.execute(
            "DELETE FROM heard WHERE mention_id = (SELECT min(mention_id) FROM heard "
            "WHERE author_id = 'account-1')"
        )
        revisions.changed(cursor, serving.HEARD)
    refresh_copies(house.warehouse)
    judged_again = refresh_accounts(house.warehouse)
    assert 1 <= judged_again < 10
    machines = select(
        house.warehouse,
        f"SELECT * FROM accounts_scored WHERE score >= {LIKE_A_MACHINE} ORDER BY score DESC",
    ).to_pylist()
    assert {made.kinds[each["author"]] for each in machines} & set(MACHINES)
    best = machines[0]
    told = queries.account(house.warehouse, best["source"], best["author"])
    assert told is not None
    assert told.like_a_machine
    assert told.reasons
    assert queries.account(house.warehouse, "forum", "nobody") is None
    counted = select(house.warehouse, "SELECT count(*) AS n FROM accounts_scored").to_pylist()
    assert counted == [{"n": house.value("SELECT count(*) FROM accounts_scored")}]


def test_masked_handles_and_sources_without_times_of_day_are_not_judged_by_them(
    house: Any, row: Any
) -> None:
    midnight = [
        row(
            n,
            created_at=datetime(2026, 10, n % 28 + 1, tzinfo=ZoneInfo("Asia/Seoul")),
            author_id="daily",
            source="dates-only",
        )
        for n in range(30)
    ]
    many = [row(n + 100, author_handle="love****", author_id=None) for n in range(30)]
    house.land(midnight, source="dates-only")
    house.land(many)
    house.load()
    refresh_copies(house.warehouse)
    refresh_accounts(house.warehouse)
    (only,) = house.rows("SELECT author, score, quiet_share, minute_entropy FROM accounts_scored")
    assert only == {"author": "daily", "score": 0.0, "quiet_share": None, "minute_entropy": None}
