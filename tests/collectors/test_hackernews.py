"""Hacker News, against a server that speaks both of its interfaces and misbehaves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors import SOURCES
from collectors.base import Replying, SourceUnavailable
from collectors.hackernews import HackerNews, HackerNewsSettings
from collectors.run import collect
from tests.fakes.hackernews import HackerNewsServer, Item
from tests.fakes.server import Answer as Said
from warehouse.landing import Batch, Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.fixture
def server() -> Iterator[HackerNewsServer]:
    with HackerNewsServer() as running:
        running.items = [
            Item(1, "", ago(hours=9), title="해담 opens its vacuum firmware",
                 url="https://haedam.example/firmware"),
            Item(2, "I have the <i>해담</i> robot.<p>It doesn&#x27;t get lost.", ago(hours=8),
                 parent=1),
            Item(3, "Ask: 해담 부품은 어디서 사나요?", ago(hours=7), title="Ask HN: 해담"),
        ]  # fmt: skip
        yield running


def hackernews(server: HackerNewsServer, **settings: Any) -> HackerNews:
    given: dict[str, Any] = {
        "queries": ("해담",),
        "base_url": f"{server.url}/api/v1",
        "items_url": f"{server.url}/v0",
        "retry_seconds": 0.01,
        "timeout_seconds": 5.0,
    }
    return HackerNews(HackerNewsSettings(**(given | settings)))


def test_stories_and_comments_land_as_plain_text(
    server: HackerNewsServer, landing: Landing, landed: Landed
) -> None:
    assert collect(hackernews(server), landing).rows == 3
    rows = {row["native_id"]: row for row in landed("mentions")}
    story, comment, question = (rows[n] for n in ("1", "2", "3"))
    assert story["text"] == story["title"] == "해담 opens its vacuum firmware"
    assert story["url"] == "https://news.ycombinator.com/item?id=1"
    assert comment["text"] == "I have the 해담 robot.\nIt doesn't get lost."
    assert (comment["kind"], comment["parent_id"], comment["thread_id"]) == ("comment", "1", "1")
    assert (question["author_handle"], question["created_at"]) == ("minjik", ago(hours=7))
    assert (question["likes"], question["replies"]) == (5, 2)


def test_a_second_run_takes_only_what_is_new(
    server: HackerNewsServer, landing: Landing, landed: Landed
) -> None:
    collect(hackernews(server), landing)
    server.items.append(Item(4, "해담 매뉴얼 번역했습니다", datetime.now(UTC), parent=1))
    assert collect(hackernews(server), landing).rows == 1
    first, second = landed("coverage")
    assert (first["part"], second["begin_at"]) == ("해담", first["end_at"])
    assert collect(hackernews(server, comments=False, first_days=1), landing).rows == 0


def test_a_run_that_breaks_off_goes_on_also_among_posts_of_one_second(
    server: HackerNewsServer, landing: Landing, landed: Landed
) -> None:
    server.page = 3
    server.items = [
        Item(n, f"해담 후기 {n}", ago(minutes=90 - n // 2), parent=1) for n in range(10, 24)
    ]
    source = hackernews(server)
    batches = source.fetch({})
    with landing.open_source("mentions", "hackernews") as writer:
        for batch in (next(batches), next(batches)):
            writer.write(batch)
    server.items.append(Item(99, "해담 새 글", NOW, parent=1))
    collect(source, landing)
    seen = [row["native_id"] for row in landed("mentions")]
    assert sorted(seen) == sorted(str(item.number) for item in server.items)


def test_looking_back_takes_the_time_asked_for(server: HackerNewsServer) -> None:
    server.page = 4
    server.items = [Item(n, f"해담 {n}일 전", ago(days=n), parent=1) for n in range(1, 400)]
    since, until = ago(days=300, hours=1), ago(days=280, hours=1)
    batches = list(hackernews(server).backfill(since, until, {}))
    texts = {text for batch in batches for text in batch.table["text"].to_pylist()}
    assert texts == {f"해담 {n}일 전" for n in range(281, 301)}
    [told] = [row for batch in batches for row in _told(batch)]
    assert (told["state"], told["begin_at"], told["end_at"]) == ("collected", since, until)


def test_what_is_deleted_or_dead_is_removed_and_what_is_edited_comes_again(
    server: HackerNewsServer,
) -> None:
    hour = int(ago(hours=30).timestamp() // 3600)
    cursor = {
        "parts": {"해담": {"until": NOW.isoformat(), "newest": "3"}},
        "watched": {key: [hour, hour] for key in ("1", "2", "3", "4")},
    }
    server.items[0].dead = True
    server.items[1].deleted = True
    server.items[2].text = "Ask: 해담 부품, 찾았습니다"
    looked = list(hackernews(server).fetch(cursor))[-1]
    assert looked.table["text"].to_pylist() == ["Ask: 해담 부품, 찾았습니다"]
    assert looked.removed is not None
    assert set(looked.removed["native_id"].to_pylist()) == {"1", "2", "4"}


def test_a_busy_or_broken_server_is_asked_again(server: HackerNewsServer, landing: Landing) -> None:
    server.trouble.busy, server.trouble.broken = 1, 1
    assert collect(hackernews(server), landing).rows == 3
    server.items.append(Item(5, "해담 새 글", datetime.now(UTC), parent=1))
    server.trouble.halved = 9
    done = collect(hackernews(server), landing)
    assert (done.rows, len(done.failures)) == (0, 1)
    server.trouble.halved = 0
    assert collect(hackernews(server), landing).rows == 1


def test_odd_values_go_to_quarantine_alone(
    server: HackerNewsServer, landing: Landing, landed: Landed
) -> None:
    server.items[0].odd = {"points": "다섯"}
    server.items[1].odd = {"created_at_i": "어제"}
    done = collect(hackernews(server), landing)
    assert (done.rows, done.quarantined) == (1, 2)
    assert landed("mentions")[0]["native_id"] == "3"


def test_a_redirect_is_not_followed(server: HackerNewsServer, landing: Landing) -> None:
    server.refuses = Said(b"", 302, {"Location": "http://169.254.169.254/latest"})
    assert "302" in collect(hackernews(server), landing).failures[0]
    assert len(server.asked) == 1


def test_it_carries_no_replies_and_needs_a_query() -> None:
    kind = SOURCES["hackernews"]
    assert kind.replies is None
    assert not isinstance(kind.open(kind.settings(queries=("해담",))), Replying)
    with pytest.raises(SourceUnavailable, match="No query"):
        kind.open(kind.settings())


def _told(batch: Batch) -> list[dict[str, Any]]:
    return [] if batch.covered is None else batch.covered.to_pylist()
