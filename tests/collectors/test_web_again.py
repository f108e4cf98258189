"""Pages that landed are looked at again: edited, taken away; and lists are walked into the past."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from collectors.base import Cursor
from collectors.crawling.sites import Site
from collectors.run import collect
from collectors.web import Web, WebSettings
from tests.fakes.shop import Review, Shop
from warehouse.landing import Batch, Landing

Landed = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop([Review(n, f"물통이 커서 편해요 {n}") for n in range(1, 6)]) as running:
        yield running


def web(shop: Shop, **changes: Any) -> Web:
    usual: dict[str, Any] = {
        "name": "shop", "start": (f"{shop.url}/reviews",), "follow": "a.review",
        "next_page": "a.next",
    }  # fmt: skip
    site = Site(**(usual | changes))
    return Web(WebSettings(sites=(site,), delay_seconds=0.0, allow_private_addresses=True))


def a_day_later(cursor: Cursor) -> Cursor:
    """The cursor as if all pages had been looked at two days ago, the first one three."""
    for state in cursor["sites"].values():
        for place, page in enumerate(state["pages"]):
            page[2] -= 2 * 86_400 + (86_400 if place == 0 else 0)
    return cursor


class Run:
    """What one run yielded, and the cursor after it."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self.rows: list[dict[str, Any]] = []
        self.removed: set[str] = set()
        self.told: list[str] = []
        self.heard: list[dict[str, Any]] = []
        self.cursor: Cursor = {}
        for batch in batches:
            self.rows += batch.table.to_pylist()
            self.cursor = batch.cursor
            for table, keep in ((batch.removed, self._remove), (batch.rejected, self._tell)):
                for row in table.to_pylist() if table is not None else []:
                    keep(row)
            self.heard += batch.covered.to_pylist() if batch.covered is not None else []

    def _remove(self, row: dict[str, Any]) -> None:
        self.removed.add(row["native_id"].rsplit("/", 1)[1])

    def _tell(self, row: dict[str, Any]) -> None:
        self.told.append(f"{row['origin']}: {row['reason']}")


def test_what_was_edited_or_taken_away_is_seen_at_the_next_look(shop: Shop) -> None:
    first = Run(web(shop).fetch({}))
    assert len(first.rows) == 5
    shop.asked.clear()
    assert Run(web(shop).fetch(first.cursor)).rows == []
    assert not any(path.startswith("/review/") for path in shop.asked)  # looked at just now

    shop.reviews[0].text = "한 달 써 보니 물통이 새요"
    shop.deleted, shop.unlisted = {2, 3}, {2}  # 3 is still listed, though its page is gone
    shop.gone = {4}
    second = Run(web(shop).fetch(a_day_later(first.cursor)))
    assert [row["text"] for row in second.rows] == ["한 달 써 보니 물통이 새요"]
    assert second.rows[0]["native_id"] == f"{shop.url}/review/1"
    assert second.removed == {"2"}
    assert second.told == []

    third = Run(web(shop).fetch(second.cursor))
    assert third.removed == {"3", "4"}  # the second time in a row
    assert third.rows == []
    fourth = Run(web(shop).fetch(a_day_later(third.cursor)))
    assert (fourth.removed, fourth.rows, fourth.told) == (set(), [], [])


def test_lists_are_walked_into_the_past_as_far_as_asked() -> None:
    newest = date(2026, 11, 20)
    reviews = [
        Review(n, f"겨울에 산 제품 후기 {n}", date=str(newest - timedelta(days=150 - n)))
        for n in range(1, 151)
    ]
    with Shop(reviews) as shop:
        short = Run(web(shop, max_pages=2).fetch({}))
        assert len(short.rows) == 10
        since = datetime(2026, 10, 30, 15, tzinfo=UTC)  # 31 October in Seoul: 21 days
        until = datetime(2026, 11, 30, tzinfo=UTC)
        back = Run(web(shop).backfill(since, until, short.cursor))
        days = {row["created_at"] for row in back.rows}
        assert min(days) < since  # it went as far as asked, and no further than it must
        assert len([row for row in back.rows if row["created_at"] >= since]) == 11
        assert len(back.rows) < 100
        assert [(row["state"], row["begin_at"], row["end_at"]) for row in back.heard] == [
            ("collected", since, until)
        ]
        assert Run(web(shop).fetch(back.cursor)).rows == []

        little = Run(web(shop, max_pages=3).backfill(since, until, {}))
        assert [row["state"] for row in little.heard] == ["gap"]
        assert "max_pages" in little.heard[0]["reason"]


def test_what_was_heard_is_told_by_site(shop: Shop, landing: Landing, landed: Landed) -> None:
    collect(web(shop), landing)
    shop.reviews += [Review(n, f"또 샀어요 {n}") for n in range(6, 40)]
    collect(web(shop, max_pages=1), landing)
    first, missed = landed("coverage")
    assert first["begin_at"] == datetime(2026, 10, 31, 15, tzinfo=UTC)  # the oldest review
    assert (first["state"], missed["state"]) == ("collected", "gap")
    assert missed["begin_at"].replace(microsecond=0) == first["end_at"].replace(microsecond=0)
    assert "max_pages (1)" in missed["reason"]
