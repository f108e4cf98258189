"""Walks back through lists that grow while they are read, broken off anywhere."""

import itertools
import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.services.again import KEPT, Watched
from collectors.services.api import ApiError
from collectors.services.walks import Listing, Page, Walk, Walker
from warehouse.landing import Batch

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Shelf:
    """A service's list of posts, the newest first: (number, when), and how it pages."""

    def __init__(self, ages: list[int], page: int) -> None:
        now = datetime.now(UTC)
        whens = sorted(now - SECOND * age for age in ages)
        self.posts = list(enumerate(whens))
        self.page = page

    def add(self) -> None:
        self.posts.append((len(self.posts), datetime.now(UTC)))

    def read(self, walk: Walk) -> Page:
        after, below = int(walk.after or -1), walk.below
        found = [
            (number, at)
            for number, at in reversed(self.posts)
            if number > after
            and at >= walk.floor - (HOUR if walk.after else timedelta(0))
            and number < (math.inf if below is None else below)
        ]
        page = found[: self.page]
        return Page(
            [row_of(number, at) for number, at in page],
            below=page[-1][0] if len(found) > len(page) else None,
            newest=str(page[0][0]) if page else None,
        )


def row_of(number: int, at: datetime) -> dict[str, Any]:
    return {"native_id": str(number), "kind": "post", "text": "후기", "created_at": at}


def walker(cursor: dict[str, Any], most: int = 10_000) -> Walker:
    return Walker("shelf", cursor, Watched(cursor.get("watched", {}), 7), most)


def listing(shelf: Shelf, **more: Any) -> Listing:
    return Listing("#해담", shelf.read, first=timedelta(days=9), **more)


def told(batches: list[Batch]) -> list[dict[str, Any]]:
    return [row for b in batches if b.covered is not None for row in b.covered.to_pylist()]


@settings(max_examples=60, deadline=None)
@given(
    ages=st.lists(st.integers(1, 9 * 86_400 - 3600), max_size=40),
    page=st.integers(1, 7),
    breaks=st.lists(st.integers(1, 4), max_size=5),
    most=st.integers(1, 30),
)
def test_however_often_it_breaks_off_all_is_had_once_and_the_time_told_has_no_hole(
    ages: list[int], page: int, breaks: list[int], most: int
) -> None:
    shelf = Shelf(ages, page)
    cursor: dict[str, Any] = {}
    landed: list[Batch] = []
    for kept in [*breaks, *([10_000] * (len(ages) + 12))]:
        for number, batch in enumerate(walker(cursor, most).catch_up([listing(shelf)])):
            if number == kept:
                break  # killed before this one was landed
            landed.append(batch)
            cursor = batch.cursor
        if kept < 10_000:
            shelf.add()
    counted = Counter(key for b in landed for key in b.table["native_id"].to_pylist())
    assert counted == Counter(str(number) for number, _ in shelf.posts)
    states = told(landed)
    assert {row["state"] for row in states} == {"collected"}
    for before, after in itertools.pairwise(states):
        assert before["end_at"] == after["begin_at"]


def test_a_walk_that_was_broken_off_for_longer_than_the_window_is_a_gap() -> None:
    now = datetime.now(UTC)
    begun = Walk(now - 30 * timedelta(days=1), now - 20 * timedelta(days=1), below=3)
    cursor = {"parts": {"#해담": {"walk": begun.stored()}}}
    week = timedelta(days=7)
    batches = list(
        walker(cursor).catch_up([listing(Shelf([60], 5), window=week, limit="Seven days.")])
    )
    states = told(batches)
    assert [row["state"] for row in states] == ["gap", "collected", "gap", "collected"]
    assert (states[0]["begin_at"], states[0]["end_at"]) == (begun.floor, begun.ceiling)
    assert states[2]["begin_at"] == begun.ceiling
    assert states[2]["end_at"] == states[3]["begin_at"]
    assert [key for b in batches for key in b.table["native_id"].to_pylist()] == ["0"]


def test_a_list_without_an_end_is_left_and_told() -> None:
    def endless(walk: Walk) -> Page:
        return Page([row_of(1, datetime.now(UTC))], below="the same page")

    shelf = Shelf([60], 5)
    lists = [Listing("endless", endless, first=HOUR), listing(shelf)]
    batches = list(walker({}).catch_up(lists))
    assert [row["state"] for row in told(batches)] == ["failed", "collected"]
    assert "no end" in told(batches)[0]["reason"]


@pytest.mark.parametrize("status", [401, 402, 403, 429])
def test_what_every_list_would_meet_ends_the_run(status: int) -> None:
    def refused(walk: Walk) -> Page:
        raise ApiError("No.", status)

    with pytest.raises(ApiError):
        list(walker({}).catch_up([Listing("refused", refused, first=HOUR)]))
    forums = Walker("shelf", {}, Watched({}, 7), ends_the_run=frozenset({401}))
    if status != 401:
        batches = list(forums.catch_up([Listing("refused", refused, first=HOUR)]))
        assert [row["state"] for row in told(batches)] == ["failed"]


def test_looking_back_leaves_the_place_of_what_is_new_alone() -> None:
    shelf = Shelf([86_400 * day for day in range(1, 9)], 2)
    cursor = {"parts": {"#해담": {"until": "2026-11-22T00:00:00+00:00", "newest": "9"}}}
    now = datetime.now(UTC)
    since = now - timedelta(days=6, hours=12)
    batches: list[Batch] = []
    for batch in walker(cursor).look_back([listing(shelf)], since, now):
        batches.append(batch)
        if len(batches) == 2:
            break
    batches += walker(batches[-1].cursor).look_back([listing(shelf)], since, now)
    keys = [key for b in batches for key in b.table["native_id"].to_pylist()]
    assert keys == ["7", "6", "5", "4", "3", "2"]
    assert batches[-1].cursor["parts"] == cursor["parts"]
    assert "backfill" not in batches[-1].cursor


def test_posts_are_looked_at_again_once_a_day_until_they_are_old() -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    watched = Watched({}, days=3)
    watched.add("어제 글", now - 30 * HOUR, now - 30 * HOUR)
    watched.add("새 글", now, now)
    watched.add("옛 글", now - 90 * HOUR, now)
    assert watched.due(now, 10) == ["어제 글"]
    watched.looked("어제 글", now)
    assert watched.due(now, 10) == []
    assert set(watched.due(now + 25 * HOUR, 10)) == {"어제 글", "새 글"}
    assert watched.due(now + 25 * HOUR, 1) == ["어제 글"]
    assert watched.due(now + 80 * HOUR, 10) == []
    again = Watched(watched.stored(), days=3)
    assert not again.knows("새 글")


def test_what_is_watched_stays_small() -> None:
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    watched = Watched({}, days=30)
    for number in range(KEPT + 50):
        watched.add(str(number), now - timedelta(hours=600 - number // 10), now)
    kept = watched.stored()
    assert len(kept) == KEPT
    assert "0" not in kept
