"""Feeds from a real server that behaves and misbehaves, through landing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors import SOURCES
from collectors.base import SourceUnavailable
from collectors.rss import Rss, RssSettings
from collectors.run import Collected, collect
from tests.fakes.feeds import Entry, Feed, FeedServer
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LAUNCH = "<p>마당이 <b>새 청소기</b>를 내놨다.</p><p>가격은 &#39;미정&#39;</p>"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        running.feeds["/news"] = Feed(
            [
                Entry("신제품 출시", LAUNCH,
                      "tag:example.com,2026:1", WHEN, "/news/1", "desk@example.com (김기자)"),
                Entry("리콜 안내", "문의는 010-1234-5678", "2", WHEN - timedelta(hours=2)),
            ]
        )  # fmt: skip
        yield running


def rss(server: FeedServer, *paths: str, **settings: Any) -> Rss:
    feeds = tuple(server.url + path for path in paths or ("/news",))
    return Rss(
        RssSettings(feeds=feeds, allow_private_addresses=True, retry_seconds=0.0, **settings)
    )


def test_entries_land_as_plain_masked_text(
    server: FeedServer, landing: Landing, landed: Landed
) -> None:
    assert collect(rss(server), landing) == Collected(rows=2, batches=1, quarantined=0)
    recall, launch = landed("mentions")
    assert recall["text"] == "문의는 [phone]"
    assert recall["native_id"] == f"{server.url}/news 2"
    assert launch["native_id"] == "tag:example.com,2026:1"
    assert launch["text"] == "마당이 새 청소기를 내놨다.\n\n가격은 '미정'"
    assert launch["title"] == "신제품 출시"
    assert launch["url"] == f"{server.url}/news/1"
    assert launch["created_at"] == WHEN
    assert launch["lang"] == "ko"
    assert launch["author_name"] == "김기자"
    assert (launch["source"], launch["kind"]) == ("rss", "post")


def test_a_second_run_takes_only_what_is_new_or_changed(
    server: FeedServer, landing: Landing, landed: Landed
) -> None:
    collect(rss(server), landing)
    assert collect(rss(server), landing).rows == 0
    assert server.unchanged == 1
    entries = server.feeds["/news"].entries
    entries.reverse()
    entries.append(entries[0])
    entries[1].text = "가격은 39만 원"
    entries.append(Entry("후기 모음", "소음이 크다는 반응", "tag:example.com,2026:3", WHEN))
    assert collect(rss(server), landing).rows == 2
    assert [row["text"] for row in landed("mentions")][2:] == [
        "가격은 39만 원",
        "소음이 크다는 반응",
    ]


@pytest.mark.parametrize(
    ("charset", "declares"),
    [
        ("euc-kr", "euc-kr"),
        ("euc-kr", ""),
        ("cp949", "utf-8"),
        ("utf-8", "euc-kr"),
        ("utf-16", "utf-16"),
    ],
)
def test_korean_survives_a_wrong_charset(
    charset: str, declares: str, server: FeedServer, landing: Landing, landed: Landed
) -> None:
    feed = server.feeds["/news"]
    feed.charset, feed.declares = charset, declares
    collect(rss(server), landing)
    assert {row["title"] for row in landed("mentions")} == {"신제품 출시", "리콜 안내"}


def test_a_busy_or_broken_server_is_asked_again(
    server: FeedServer, landing: Landing, landed: Landed
) -> None:
    server.trouble.busy, server.trouble.broken = 1, 1
    assert collect(rss(server), landing).rows == 2
    assert len(server.asked) == 3


def test_one_failing_feed_leaves_the_others_alone(
    server: FeedServer, landing: Landing, landed: Landed
) -> None:
    server.feeds["/bomb"] = Feed(bomb=12_000_000)
    server.feeds["/garbage"] = Feed(garbage=True)
    server.feeds["/inside"] = Feed(redirect="ftp://example.com/")
    done = collect(rss(server, "/bomb", "/missing", "/garbage", "/inside", "/news"), landing)
    assert done.rows == 2
    told = "\n".join(done.failures)
    for path, reason in {
        "/bomb": "larger than",
        "/missing": "status 404",
        "/garbage": "no feed",
        "/inside": "no http or https",
    }.items():
        assert any(path in line and reason in line for line in done.failures), told
    refused = landed("quarantined")
    assert {row["row"] for row in refused} == {0}
    # What failed is not remembered as seen: mended, it comes.
    server.feeds["/missing"] = Feed([Entry("늦게 온 소식", "이제 열렸다", "9", WHEN)])
    assert collect(rss(server, "/missing", "/news"), landing).rows == 1


def test_half_a_body_is_tried_again_and_never_taken_for_whole(
    server: FeedServer, landing: Landing
) -> None:
    server.trouble.halved = 1
    assert collect(rss(server), landing).rows == 2
    server.feeds["/news"].entries.append(Entry("새 글", "본문", "4", WHEN))
    server.trouble.halved = 3
    done = collect(rss(server), landing)
    assert done.rows == 0
    assert len(done.failures) == 1
    assert collect(rss(server), landing).rows == 1


def test_a_long_retry_after_is_left_for_the_next_run(server: FeedServer, landing: Landing) -> None:
    server.trouble.busy, server.trouble.retry_after = 1, "3600"
    assert "429" in collect(rss(server), landing).failures[0]
    assert len(server.asked) == 1


def test_entries_without_identity_date_or_link(
    server: FeedServer, landing: Landing, landed: Landed
) -> None:
    server.feeds["/news"].entries = [
        Entry("날짜 없는 글", "본문", None, None),
        Entry("링크뿐인 글", "본문", None, WHEN, "https://example.com/b"),
        Entry("시간대 없는 글", "본문", "z", "2026-11-20 10:00:00"),
    ]
    before = datetime.now(UTC)
    collect(rss(server), landing)
    rows = {row["title"]: row for row in landed("mentions")}
    assert rows["날짜 없는 글"]["created_at"] >= before
    assert rows["링크뿐인 글"]["native_id"] == "https://example.com/b"
    assert rows["시간대 없는 글"]["created_at"] == datetime(2026, 11, 20, 1, tzinfo=UTC)
    assert collect(rss(server), landing).rows == 0


def test_a_clock_days_ahead_is_refused_until_its_day_has_come(
    server: FeedServer, landing: Landing, landed: Landed
) -> None:
    feed = server.feeds["/news"]
    feed.skew = datetime.now(UTC) - WHEN + timedelta(days=3)
    done = collect(rss(server), landing)
    assert (done.rows, done.quarantined) == (0, 2)
    assert "future" in landed("quarantined")[0]["reason"]
    feed.skew = timedelta(0)
    assert collect(rss(server), landing).rows == 2


def test_a_feed_that_breaks_off_gives_what_it_has(server: FeedServer, landing: Landing) -> None:
    server.feeds["/news"].cut_xml = True
    assert collect(rss(server), landing).rows >= 1


def test_our_own_network_is_not_read(server: FeedServer, landing: Landing) -> None:
    guarded = Rss(RssSettings(feeds=(f"{server.url}/news", "http://localhost:1/news")))
    done = collect(guarded, landing)
    assert done.rows == 0
    assert all("not on the public Internet" in line for line in done.failures)
    assert len(done.failures) == 2
    assert server.asked == []


def test_what_was_heard_and_what_was_missed_is_told(
    server: FeedServer, landing: Landing, landed: Landed
) -> None:
    collect(rss(server), landing)
    collect(rss(server), landing)
    entries = server.feeds["/news"].entries
    now = datetime.now(UTC)
    # One entry that is known still stands there, so nothing can have been missed.
    entries[:] = [Entry("세 번째 소식", "새 색상이 나온다", "3", now), entries[0]]
    collect(rss(server), landing)
    assert {row["state"] for row in landed("coverage")} == {"collected"}
    first, *later = landed("coverage")
    assert first["begin_at"] == WHEN - timedelta(hours=2)
    assert [row["begin_at"] for row in later] == [row["end_at"] for row in (first, later[0])]

    last = landed("coverage")[-1]["end_at"]
    soon = datetime.now(UTC) + timedelta(hours=1)  # by a clock that is ahead
    entries[:] = [
        Entry(f"밀려난 뒤 {n}", "그사이 많은 글이 지나갔다", f"late-{n}", soon) for n in range(2)
    ]
    collect(rss(server), landing)
    gap, heard = sorted(landed("coverage")[-2:], key=lambda row: str(row["begin_at"]))
    assert (gap["state"], gap["begin_at"]) == ("gap", last)
    assert gap["part"] == f"{server.url}/news"
    assert "newest 2 entries" in gap["reason"]
    assert heard["state"] == "collected"
    assert heard["begin_at"] == gap["end_at"]


def test_a_feed_that_cannot_be_had_was_not_heard(
    server: FeedServer, landing: Landing, landed: Landed
) -> None:
    collect(rss(server), landing)
    server.feeds["/news"].gone = True
    (told,) = collect(rss(server), landing).failures
    assert "gone for good" in told
    assert "[rss]" in told
    heard, failed = landed("coverage")
    assert (failed["state"], failed["begin_at"]) == ("failed", heard["end_at"])
    server.feeds["/news"].gone = False
    collect(rss(server), landing)
    assert landed("coverage")[-1]["begin_at"] == heard["end_at"]


def test_a_source_without_feeds_removes_itself() -> None:
    kind = SOURCES["rss"]
    with pytest.raises(SourceUnavailable, match="No feed is set"):
        kind.open(kind.settings())


def test_the_list_of_sources_brings_no_heavy_library(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys, collectors; "
        "print([m for m in ('scrapy', 'feedparser', 'twisted', 'httpx') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
