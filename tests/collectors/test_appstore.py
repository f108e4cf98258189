"""The App Store's feeds and App Store Connect from a local server, and answers to reviews."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.appstore import Appstore, AppstoreSettings, open_appstore
from collectors.base import (
    Answer,
    CollectorError,
    ReplyLater,
    ReplyRefused,
    SourceUnavailable,
)
from collectors.run import Collected, collect
from tests.fakes.appstore import APP, ISSUER, KEY_ID, AppstoreServer, Review
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)


class Crash(BaseException):
    """The process is gone."""


def crash(rows: int) -> None:
    raise Crash


@pytest.fixture
def server() -> Iterator[AppstoreServer]:
    with AppstoreServer() as running:
        running.reviews = {
            "101": review(60, "로그인이 안 돼요", "업데이트하고 나서 로그인이 풀려요", 1),
            "102": review(30, "최고", "예약이 편해졌어요. 문의는 010-1234-5678", 5),
        }
        yield running


def review(minutes: float, title: str, text: str, stars: int) -> Review:
    return Review(title, text, stars, NOW - timedelta(minutes=minutes))


def many(first: int, last: int) -> dict[str, Review]:
    """Reviews numbered from `first` to `last`, the highest number the newest."""
    return {
        str(n): review(10_000 - n, f"의견 {n}", "그냥 그래요", 3) for n in range(first, last + 1)
    }


def feed(server: AppstoreServer, **settings: Any) -> Appstore:
    given: dict[str, Any] = {"apps": (APP,), "base_url": server.url, "retry_seconds": 0.0}
    return Appstore(AppstoreSettings(**(given | settings)))


def connect(server: AppstoreServer, **settings: Any) -> Appstore:
    given: dict[str, Any] = {
        "issuer_id": ISSUER,
        "key_id": KEY_ID,
        "private_key": server.private_key,
        "connect_url": server.url,
        "base_url": "http://127.0.0.1:1",
    }
    return feed(server, **(given | settings))


def answer(text: str = "4.1.1에서 고쳤습니다. 불편을 드려 죄송합니다.", key: str = "101") -> Answer:
    return Answer("k1", "appstore", key, "m1", None, text, NOW)


@pytest.mark.parametrize("source", [feed, connect], ids=["feed", "connect"])
def test_reviews_land_with_stars_and_country(
    source: Any, server: AppstoreServer, landing: Landing, landed: Landed
) -> None:
    assert collect(source(server), landing) == Collected(rows=2, batches=1, quarantined=0)
    best, login = landed("mentions")
    assert (login["title"], login["text"]) == (
        "로그인이 안 돼요",
        "업데이트하고 나서 로그인이 풀려요",
    )
    assert (login["rating"], login["rating_raw"], login["kind"]) == (0.0, "1", "review")
    assert (login["native_id"], login["country"]) == ("101", "KR")
    assert login["created_at"] == NOW - timedelta(minutes=60)
    assert (best["rating"], best["author_name"]) == (1.0, "느린걸음")
    assert best["text"] == "예약이 편해졌어요. 문의는 [phone]"
    assert best["url"] == f"https://apps.apple.com/kr/app/id{APP}?see-all=reviews"


@pytest.mark.parametrize("source", [feed, connect], ids=["feed", "connect"])
def test_a_second_run_brings_only_what_is_new_or_changed(
    source: Any, server: AppstoreServer, landing: Landing, landed: Landed
) -> None:
    collect(source(server), landing)
    assert collect(source(server), landing).rows == 0
    server.reviews["101"] = review(0, "이제 돼요", "로그인 고쳐졌네요", 4)
    server.reviews["103"] = review(1, "광고", "광고가 너무 많아요", 2)
    assert collect(source(server), landing).rows == 2
    assert [row["native_id"] for row in landed("mentions")[2:]] == ["101", "103"]
    assert landed("mentions")[2]["rating_raw"] == "4"


@pytest.mark.parametrize("source", [feed, connect], ids=["feed", "connect"])
def test_a_crash_between_pages_loses_and_doubles_nothing(
    source: Any, server: AppstoreServer, landing: Landing, landed: Landed
) -> None:
    server.reviews = many(1, 430)
    with pytest.raises(Crash):
        collect(source(server), landing, crash)
    server.reviews |= many(431, 435)
    collect(source(server), landing)
    keys = [row["native_id"] for row in landed("mentions")]
    assert len(keys) == len(set(keys)) == 435


def test_a_feed_that_has_rolled_past_leaves_a_gap_and_connect_none(
    server: AppstoreServer, landing: Landing, landed: Landed
) -> None:
    server.reviews = many(1, 600)
    assert collect(feed(server), landing).rows == 500
    assert [row["state"] for row in landed("coverage")] == ["collected"]
    server.reviews |= {
        str(n): Review("새 의견", f"{n}번째", 2, NOW + timedelta(seconds=n))
        for n in range(700, 1300)
    }
    assert collect(feed(server), landing).rows == 500
    assert [row["state"] for row in landed("coverage")][1:] == ["gap", "collected"]
    assert collect(connect(server), landing).rows == 1200
    assert {row["state"] for row in landed("coverage")[3:]} == {"collected"}


def test_a_review_that_is_gone_is_removed_where_apple_can_be_asked(
    server: AppstoreServer, landing: Landing, landed: Landed
) -> None:
    server.reviews = many(1, 450)
    collect(connect(server), landing)
    del server.reviews["420"], server.reviews["449"]
    server.reviews |= many(451, 452)
    assert collect(connect(server), landing).rows == 2
    assert {row["native_id"] for row in landed("removals")} == {"420", "449"}
    calls = len(server.asked)
    assert collect(connect(server), landing).rows == 0
    assert len(server.asked) == calls + 1, "what is gone is not asked for again"


def test_the_last_review_of_all_is_seen_to_go(
    server: AppstoreServer, landing: Landing, landed: Landed
) -> None:
    collect(connect(server), landing)
    del server.reviews["101"]
    collect(connect(server), landing)
    assert [row["native_id"] for row in landed("removals")] == ["101"]


def test_one_review_alone_and_none_at_all(server: AppstoreServer, landing: Landing) -> None:
    del server.reviews["101"]
    assert collect(feed(server), landing).rows == 1
    server.reviews.clear()
    assert collect(feed(server, countries=("us",)), landing).rows == 0


def test_odd_values_are_refused_alone(
    server: AppstoreServer, landing: Landing, landed: Landed
) -> None:
    server.reviews["101"].extra = {"im:rating": {"label": "12"}, "updated": {"label": "어제"}}
    server.reviews["103"] = review(1, "", "", 3)
    done = collect(feed(server), landing)
    assert (done.rows, done.quarantined) == (1, 2)
    assert {row["reason"].partition(" (")[0] for row in landed("quarantined")} == {
        "rating is out of its range", "no text",
    }  # fmt: skip


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)])
def test_trouble_that_passes_is_waited_out(
    server: AppstoreServer, landing: Landing, trouble: str, times: int
) -> None:
    setattr(server.trouble, trouble, times)
    assert collect(connect(server), landing).rows == 2


def test_a_country_that_stays_broken_fails_alone(server: AppstoreServer, landing: Landing) -> None:
    server.trouble.broken = 3
    done = collect(feed(server, countries=("us", "kr")), landing)
    assert done.rows == 2
    assert f"feed {APP} us" in done.failures[0]


def test_looking_back_brings_a_range(server: AppstoreServer) -> None:
    server.reviews = many(1, 900)
    since, until = NOW - timedelta(minutes=9900), NOW - timedelta(minutes=9500)
    batches = list(connect(server).backfill(since, until, {}))
    assert sum(batch.table.num_rows for batch in batches) == 400
    assert batches[-1].covered is not None
    assert batches[-1].covered.to_pylist()[0]["state"] == "collected"
    told = [batch.covered for batch in feed(server).backfill(since, until, {})][-1]
    assert told is not None
    assert "gap" in told["state"].to_pylist()


@pytest.mark.parametrize("wrong", [{"issuer_id": "other"}, {"key_id": "other"}], ids=str)
def test_a_wrong_key_names_the_settings(
    wrong: dict[str, str], server: AppstoreServer, landing: Landing
) -> None:
    with pytest.raises(CollectorError, match=r"bearer token.*Check issuer_id, key_id and private"):
        collect(connect(server, **wrong), landing)


def test_a_key_that_is_none_is_said_so(server: AppstoreServer, landing: Landing) -> None:
    with pytest.raises(CollectorError, match="private_key in the section") as error:
        collect(connect(server, private_key="s3cret"), landing)
    assert "s3cret" not in str(error.value)


def test_an_answer_is_given_once_even_if_its_receipt_was_lost(server: AppstoreServer) -> None:
    source = connect(server)
    server.lose_next_answer = True
    with pytest.raises(ReplyLater):
        source.reply(answer())
    assert source.reply(answer()).native_id == "r-101"
    assert server.answered == 1
    source.reply(answer("최신 버전에서 확인해 주세요."))
    assert server.answers["101"] == "최신 버전에서 확인해 주세요."


def test_what_apple_will_never_take_is_refused_and_the_rest_waits(server: AppstoreServer) -> None:
    source = connect(server)
    with pytest.raises(ReplyRefused, match="does not exist"):
        source.reply(answer(key="999"))
    with pytest.raises(ReplyRefused, match="too long"):
        source.reply(answer("가" * 5971))
    server.forbidden = True
    with pytest.raises(ReplyLater, match="does not allow this request"):
        source.reply(answer())
    with pytest.raises(ReplyLater, match="issuer_id in the section"):
        feed(server).reply(answer())
    assert server.answered == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "No app is set"),
        ({"apps": (APP,), "key_id": "x"}, "issuer_id .* missing beside key_id"),
    ],
    ids=["apps", "half a key"],
)
def test_a_missing_setting_removes_the_source(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceUnavailable, match=said):
        open_appstore(AppstoreSettings(**given))
