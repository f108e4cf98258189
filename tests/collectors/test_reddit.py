"""Reddit through praw, against a server that speaks its interface and misbehaves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors import SOURCES
from collectors.base import (
    Answer,
    CollectorError,
    Receipt,
    ReplyLater,
    ReplyRefused,
    SourceUnavailable,
)
from collectors.reddit import Reddit, RedditSettings
from collectors.run import collect
from tests.fakes.reddit import RedditServer, Thing
from tests.fakes.server import Answer as Said
from warehouse.landing import Batch, Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.fixture
def server() -> Iterator[RedditServer]:
    with RedditServer() as running:
        running.things = [
            Thing("해담 물걸레 모델 써 보신 분 계신가요?", ago(hours=5), "aa1"),
            Thing("저는 만족합니다. 소음은 조금 있어요.", ago(hours=4), "cc1", author="junho",
                  parent="t3_aa1"),
            Thing("[removed]", ago(hours=3), "aa2", title="광고"),
        ]  # fmt: skip
        yield running


def reddit(server: RedditServer, **settings: Any) -> Reddit:
    given: dict[str, Any] = {
        "subreddits": ("hanguk",),
        "client_id": "id",
        "client_secret": "secret",
        "base_url": server.url,
        "sign_in_url": server.url,
        "username": "haedam",
        "password": "right",
        "retry_seconds": 0.01,
        "timeout_seconds": 5.0,
    }
    return Reddit(RedditSettings(**(given | settings)))


def answer(native_id: str, text: str = "불편을 드려 죄송합니다.\n\n바로 확인하겠습니다.") -> Answer:
    return Answer("k-3", "reddit", native_id, "m-1", None, text, datetime.now(UTC))


def test_posts_and_comments_land_with_their_threads(
    server: RedditServer, landing: Landing, landed: Landed
) -> None:
    assert collect(reddit(server), landing).rows == 2
    rows = {row["native_id"]: row for row in landed("mentions")}
    post, comment = rows["t3_aa1"], rows["t1_cc1"]
    assert (post["title"], post["text"]) == (server.things[0].title, server.things[0].text)
    assert post["url"] == "https://www.reddit.com/r/hanguk/comments/aa1/_/"
    assert (post["author_id"], post["author_handle"]) == ("t2_minji_kim", "minji_kim")
    assert (post["kind"], post["likes"], post["replies"]) == ("post", 12, 3)
    assert post["created_at"] == ago(hours=5)
    assert (comment["kind"], comment["parent_id"]) == ("comment", "t3_aa1")
    assert {row["part"] for row in landed("coverage")} == {"r/hanguk", "r/hanguk comments"}


def test_a_second_run_takes_only_what_is_new(
    server: RedditServer, landing: Landing, landed: Landed
) -> None:
    collect(reddit(server, comments=False), landing)
    server.things.append(Thing("해담 필터 정품 어디서 사나요?", datetime.now(UTC), "aa3"))
    assert collect(reddit(server, comments=False), landing).rows == 1
    first, second = landed("coverage")
    assert second["begin_at"] == first["end_at"]


def test_a_search_is_a_part_of_its_own(
    server: RedditServer, landing: Landing, landed: Landed
) -> None:
    server.things.append(Thing("해담 로봇청소기 직구", ago(hours=1), "bb1", forum="jikgu"))
    collect(reddit(server, subreddits=(), queries=("로봇청소기",)), landing)
    assert [row["native_id"] for row in landed("mentions")] == ["t3_bb1"]


def test_a_run_that_breaks_off_goes_on_even_below_an_entry_that_was_deleted(
    server: RedditServer, landing: Landing, landed: Landed
) -> None:
    server.page = 3
    server.things = [Thing(f"후기 {n}", ago(minutes=90 - n), f"d{n}") for n in range(11)]
    source = reddit(server, comments=False)
    batches = source.fetch({})
    with landing.open_source("mentions", "reddit") as writer:
        for batch in (next(batches), next(batches)):
            writer.write(batch)
    del server.things[5]  # the last entry of the second page
    server.things.append(Thing("새 글", NOW, "d99"))
    collect(source, landing)
    seen = {row["native_id"] for row in landed("mentions")}
    assert seen == {thing.name for thing in server.things} | {"t3_d5"}


def test_more_than_reddit_shows_is_a_gap(
    server: RedditServer, landing: Landing, landed: Landed
) -> None:
    server.things = [Thing(f"후기 {n}", ago(seconds=9 * n), f"e{n}") for n in range(1100)]
    assert collect(reddit(server, comments=False), landing).rows == 1000
    gap, had = landed("coverage")
    assert (gap["state"], had["state"]) == ("gap", "collected")
    assert gap["end_at"] == had["begin_at"] == ago(seconds=9 * 999)


def test_looking_back_takes_the_time_asked_for(server: RedditServer) -> None:
    server.page = 4
    server.things = [Thing(f"{n}일 전", ago(days=n), f"f{n}") for n in range(1, 40)]
    since, until = ago(days=30, hours=1), ago(days=20, hours=1)
    batches = list(reddit(server, comments=False).backfill(since, until, {}))
    texts = [text for batch in batches for text in batch.table["text"].to_pylist()]
    assert texts == [f"{n}일 전" for n in range(21, 31)]
    [told] = [row for batch in batches for row in _told(batch)]
    assert (told["state"], told["begin_at"], told["end_at"]) == ("collected", since, until)


def test_what_is_deleted_is_removed_and_what_is_edited_comes_again(server: RedditServer) -> None:
    hour = int(ago(hours=30).timestamp() // 3600)
    watched = {thing.name: [hour, hour] for thing in server.things}
    until = {"until": NOW.isoformat(), "newest": "t3_aa2"}
    cursor = {"parts": {"r/hanguk": until, "r/hanguk comments": until}, "watched": watched}
    server.things[0].text, server.things[0].edited = "해결됐습니다. 감사합니다!", NOW
    server.things[1].delete()
    batches = list(reddit(server).fetch(cursor))
    assert batches[-1].table["text"].to_pylist() == ["해결됐습니다. 감사합니다!"]
    assert sorted(name for batch in batches for name in _removed(batch)) == ["t1_cc1", "t3_aa2"]


def test_what_is_no_longer_listed_is_looked_up(server: RedditServer) -> None:
    hour = int(ago(hours=30).timestamp() // 3600)
    cursor = {"parts": {}, "watched": {"t3_zz9": [hour, hour]}}
    batches = list(reddit(server).fetch(cursor))
    assert [name for batch in batches for name in _removed(batch)] == ["t3_zz9"]


def test_a_busy_or_broken_server_is_asked_again(server: RedditServer, landing: Landing) -> None:
    server.trouble.busy = 1
    assert collect(reddit(server), landing).rows == 2
    server.things.append(Thing("새 글", datetime.now(UTC), "aa9"))
    server.trouble.broken, server.trouble.halved = 1, 1
    assert collect(reddit(server), landing).rows == 1


def test_a_rate_limit_far_away_ends_the_run_and_says_when(server: RedditServer) -> None:
    server.refuses = Said(b'{"error": 429}', 429, {"x-ratelimit-reset": "500",
                          "x-ratelimit-remaining": "0", "x-ratelimit-used": "100"})  # fmt: skip
    with pytest.raises(CollectorError, match="429") as error:
        list(reddit(server).fetch({}))
    assert error.value.again_in == 500.0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "wr0ng"}, {"password": "wr0ng"}], ids=["app", "account"]
)
def test_a_wrong_key_says_where_a_right_one_is_had(
    server: RedditServer, wrong: dict[str, str]
) -> None:
    with pytest.raises(CollectorError, match=r"client_secret.*prefs/apps") as error:
        list(reddit(server, **wrong).fetch({}))
    assert "wr0ng" not in str(error.value)


def test_a_private_forum_leaves_the_others_alone(
    server: RedditServer, landing: Landing, landed: Landed
) -> None:
    server.private.add("bimil")
    done = collect(reddit(server, subreddits=("bimil", "hanguk"), comments=False), landing)
    assert done.rows == 1
    assert "private" in done.failures[0]
    states = {row["part"]: row["state"] for row in landed("coverage")}
    assert states == {"r/bimil": "failed", "r/hanguk": "collected"}


def test_odd_values_go_to_quarantine_alone(
    server: RedditServer, landing: Landing, landed: Landed
) -> None:
    server.things[0].odd = {"created_utc": "어제"}
    server.things[1].odd = {"score": "많음"}
    server.things.append(Thing("멀쩡한 글", ago(hours=1), "aa4"))
    done = collect(reddit(server), landing)
    assert (done.rows, done.quarantined) == (1, 2)


def test_a_redirect_is_not_followed(server: RedditServer, landing: Landing) -> None:
    server.refuses = Said(b"", 302, {"Location": "http://169.254.169.254/latest"})
    assert "302" in collect(reddit(server), landing).failures[0]
    assert not [path for path in server.asked if "latest" in path]


def test_a_reply_is_posted_once(server: RedditServer) -> None:
    source, sent = reddit(server), answer("t1_cc1")
    receipt = source.reply(sent)
    assert receipt == Receipt("t1_ours1", "https://www.reddit.com/r/hanguk/comments/cc1/_/ours1/")
    assert source.reply(sent) == receipt
    assert (server.posted, server.things[-1].parent) == (1, "t1_cc1")


def test_a_reply_whose_answer_was_lost_is_found_and_never_sent_again(server: RedditServer) -> None:
    server.loses_answer = True
    source, sent = reddit(server), answer("t3_aa1")
    with pytest.raises(ReplyLater):
        source.reply(sent)
    assert server.posted == 1, "the client library must not try a comment again by itself"
    assert source.reply(sent).native_id == "t1_ours1"
    assert server.posted == 1


def test_a_reply_that_can_never_go_says_why(server: RedditServer) -> None:
    with pytest.raises(ReplyRefused, match="too long"):
        reddit(server).reply(answer("t3_aa1", "가" * 10_001))
    server.locked = True
    with pytest.raises(ReplyRefused, match="locked"):
        reddit(server).reply(answer("t3_aa1"))
    with pytest.raises(ReplyRefused, match="username and password"):
        reddit(server, password="").reply(answer("t3_aa1"))


def test_without_an_app_or_anything_to_read_the_source_removes_itself() -> None:
    kind = SOURCES["reddit"]
    with pytest.raises(SourceUnavailable, match=r"client_id .*prefs/apps"):
        kind.open(kind.settings())
    with pytest.raises(SourceUnavailable, match="Nothing to read"):
        kind.open(kind.settings(client_id="id", client_secret="secret"))


def _removed(batch: Batch) -> list[str]:
    return [] if batch.removed is None else [str(key) for key in batch.removed["native_id"]]


def _told(batch: Batch) -> list[dict[str, Any]]:
    return [] if batch.covered is None else batch.covered.to_pylist()
