"""Bluesky through its SDK and Jetstream, against a server that speaks both and misbehaves."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors import SOURCES
from collectors.base import (
    Answer,
    CollectorError,
    ReplyLater,
    ReplyRefused,
    SourceUnavailable,
)
from collectors.bluesky import Bluesky, BlueskySettings, record_key
from collectors.bluesky_posts import Said, Wanted
from collectors.run import collect
from tests.fakes.bluesky import COLLECTION, ME, BlueskyServer, Post
from tests.fakes.server import Answer as Told
from warehouse.landing import Batch, Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def link(text: str, shown: str, uri: str) -> dict[str, Any]:
    begin = len(text[: text.index(shown)].encode())
    return {
        "index": {"byteStart": begin, "byteEnd": begin + len(shown.encode())},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}],
    }


LINKED = "해담 청소기 후기 haedam.example/rev... 참고하세요"


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    with BlueskyServer() as running:
        first = Post("해담 선풍기 조용하네요", ago(hours=5), "3kaa")
        running.posts = [
            first,
            Post(LINKED, ago(hours=4), "3kab", record={
                "facets": [link(LINKED, "haedam.example/rev...", "https://haedam.example/reviews")]
            }),
            Post("해담 저도 그래요", ago(hours=3), "3kac", "did:plc:junho", "junho.example", "준호",
                 record={"reply": {"root": {"uri": first.uri, "cid": "bafyrei3kaa"},
                                   "parent": {"uri": first.uri, "cid": "bafyrei3kaa"}}}),
        ]  # fmt: skip
        yield running


def bluesky(server: BlueskyServer, **settings: Any) -> Bluesky:
    given: dict[str, Any] = {
        "queries": ("해담",),
        "handle": "haedam.example",
        "app_password": "abcd-efgh",
        "base_url": server.url,
        "stream_url": server.jetstream.url,
        "retry_seconds": 0.01,
        "timeout_seconds": 5.0,
    }
    return Bluesky(BlueskySettings(**(given | settings)))


def answer(
    native_id: str, text: str = "불편을 드려 죄송합니다. https://haedam.example/as"
) -> Answer:
    return Answer("k-7", "bluesky", native_id, "m-1", None, text, datetime.now(UTC))


def test_posts_land_with_their_authors_links_and_threads(
    server: BlueskyServer, landing: Landing, landed: Landed
) -> None:
    assert collect(bluesky(server), landing).rows == 3
    rows = {row["native_id"]: row for row in landed("mentions")}
    first, linked, reply = (rows[post.uri] for post in server.posts)
    assert linked["text"] == "해담 청소기 후기 https://haedam.example/reviews 참고하세요"
    assert (first["author_id"], first["author_handle"]) == ("did:plc:minji", "minji.bsky.social")
    assert (first["likes"], first["replies"], first["shares"]) == (5, 1, 2)
    assert first["url"] == "https://bsky.app/profile/did:plc:minji/post/3kaa"
    assert (first["kind"], first["lang"], first["created_at"]) == ("post", "ko", ago(hours=5))
    assert (reply["kind"], reply["parent_id"]) == ("comment", first["native_id"])


def test_a_second_run_takes_only_what_is_new(
    server: BlueskyServer, landing: Landing, landed: Landed
) -> None:
    collect(bluesky(server), landing)
    server.posts.append(Post("해담 매장 다녀왔어요", datetime.now(UTC), "3kba"))
    assert collect(bluesky(server), landing).rows == 1
    first, second = landed("coverage")
    assert (first["state"], second["begin_at"]) == ("collected", first["end_at"])


def test_pages_follow_each_other_and_a_run_that_breaks_off_goes_on(
    server: BlueskyServer, landing: Landing, landed: Landed
) -> None:
    server.page = 3
    server.posts = [Post(f"해담 후기 {n}", ago(minutes=90 - n // 2), f"3kc{n}") for n in range(12)]
    source = bluesky(server)
    batches = source.fetch({})
    with landing.open_source("mentions", "bluesky") as writer:
        for batch in (next(batches), next(batches)):
            writer.write(batch)
    server.posts.append(Post("해담 새 글", NOW, "3kd1"))
    collect(source, landing)
    seen = [row["native_id"] for row in landed("mentions")]
    assert sorted(seen) == sorted(post.uri for post in server.posts)


def test_a_next_page_that_is_none_is_the_end(
    server: BlueskyServer, landing: Landing, landed: Landed
) -> None:
    server.page, server.offers_more = 2, True
    assert collect(bluesky(server), landing).rows == 3
    assert [row["state"] for row in landed("coverage")] == ["collected"]


def test_looking_back_takes_the_time_asked_for(server: BlueskyServer) -> None:
    server.page = 4
    server.posts = [Post(f"해담 {n}일 전", ago(days=n), f"3ke{n}") for n in range(1, 40)]
    since, until = ago(days=30, hours=1), ago(days=20, hours=1)
    batches = list(bluesky(server).backfill(since, until, {}))
    ids = {uri for batch in batches for uri in batch.table["native_id"].to_pylist()}
    assert ids == {server.posts[n - 1].uri for n in range(21, 31)}
    [told] = [row for batch in batches for row in _told(batch)]
    assert (told["state"], told["begin_at"], told["end_at"]) == ("collected", since, until)


def test_an_authors_clock_that_is_ahead_is_put_right(
    server: BlueskyServer, landing: Landing, landed: Landed
) -> None:
    server.posts = [
        Post("해담 미래에서 왔습니다", NOW + timedelta(days=400), "3kf", indexed=ago(hours=1))
    ]
    collect(bluesky(server), landing)
    assert landed("mentions")[0]["created_at"] == ago(hours=1)


def test_what_is_deleted_is_removed_on_the_next_look(server: BlueskyServer) -> None:
    hour = int(ago(hours=30).timestamp() // 3600)
    cursor = {
        "parts": {"해담": {"until": NOW.isoformat(), "newest": "x"}},
        "watched": {post.uri: [hour, hour] for post in server.posts},
    }
    server.posts[1].gone = True
    [_, looked] = list(bluesky(server).fetch(cursor))
    assert _removed(looked) == [server.posts[1].uri]
    assert looked.table.num_rows == 2
    [_] = list(bluesky(server).fetch(looked.cursor))


def test_a_busy_or_broken_server_is_asked_again(server: BlueskyServer, landing: Landing) -> None:
    server.trouble.busy, server.trouble.broken = 1, 1
    assert collect(bluesky(server), landing).rows == 3
    server.posts.append(Post("해담 새 글", datetime.now(UTC), "3kg"))
    server.trouble.halved = 2
    assert collect(bluesky(server), landing).rows == 1


def test_a_rate_limit_far_away_ends_the_run_and_says_when(server: BlueskyServer) -> None:
    reset = str(int(datetime.now(UTC).timestamp()) + 800)
    server.refuses = Told(b'{"error": "RateLimitExceeded"}', 429, {"RateLimit-Reset": reset})
    with pytest.raises(CollectorError, match="429") as error:
        list(bluesky(server).fetch({}))
    assert 700 < error.value.again_in <= 800  # type: ignore[attr-defined]


def test_a_wrong_password_says_where_a_right_one_is_had(server: BlueskyServer) -> None:
    with pytest.raises(CollectorError, match="app_password in the section") as error:
        list(bluesky(server, app_password="wrong-one").fetch({}))
    assert "wrong-one" not in str(error.value)


def test_odd_values_go_to_quarantine_alone(
    server: BlueskyServer, landing: Landing, landed: Landed
) -> None:
    server.posts[0].record = {"langs": [7], "text": ""}
    server.posts[1].name = ["이름"]  # type: ignore[assignment]
    done = collect(bluesky(server), landing)
    assert (done.rows, done.quarantined) == (1, 2)


def test_a_redirect_is_not_followed(server: BlueskyServer) -> None:
    server.refuses = Told(b"", 302, {"Location": "http://169.254.169.254/latest"})
    with pytest.raises(CollectorError, match="redirect"):
        list(bluesky(server).fetch({}))


def test_a_reply_is_posted_once_under_a_key_of_its_own(server: BlueskyServer) -> None:
    source, sent = bluesky(server), answer(server.posts[2].uri)
    receipt = source.reply(sent)
    key = record_key("k-7")
    assert receipt.native_id == f"at://{ME}/{COLLECTION}/{key}"
    assert source.reply(sent) == receipt
    assert list(server.records) == [key]
    record = server.records[key]
    assert record["reply"]["root"]["uri"] == server.posts[0].uri
    assert record["reply"]["parent"]["uri"] == server.posts[2].uri
    assert record["langs"] == ["ko"]
    assert record["facets"][0]["features"][0]["uri"] == "https://haedam.example/as"


def test_record_keys_are_what_the_protocol_asks_for() -> None:
    keys = {record_key(f"answer-{n}") for n in range(500)}
    assert len(keys) == 500
    assert all(
        len(key) == 13 and set(key) <= set("234567abcdefghijklmnopqrstuvwxyz") for key in keys
    )
    assert all(key[0] in "234567abcdefghij" for key in keys)


def test_a_reply_whose_answer_was_lost_is_found(server: BlueskyServer) -> None:
    server.loses_answer = True
    source, sent = bluesky(server), answer(server.posts[0].uri)
    with pytest.raises(ReplyLater):
        source.reply(sent)
    assert source.reply(sent).native_id.endswith(record_key("k-7"))
    assert len(server.records) == 1


def test_a_reply_that_can_never_go_says_why(server: BlueskyServer) -> None:
    with pytest.raises(ReplyRefused, match="300 graphemes"):
        bluesky(server).reply(answer(server.posts[0].uri, "가" * 301))
    server.posts[1].gone = True
    with pytest.raises(ReplyRefused, match="gone"):
        bluesky(server).reply(answer(server.posts[1].uri))


def test_the_stream_keeps_what_answers_and_tells_what_is_deleted(server: BlueskyServer) -> None:
    stopping = threading.Event()
    batches = bluesky(server).stream({}, stopping)
    assert next(batches).table.num_rows == 3
    jetstream = server.jetstream
    wanted = Post("해담 공기청정기 필터 어디서 사요?", datetime.now(UTC), "3lb", name="윤서")
    server.posts.append(wanted)
    jetstream.say(Post("오늘 점심은 칼국수", datetime.now(UTC), "3la"))
    jetstream.say(wanted)
    jetstream.say(server.posts[0], "delete")
    regretted = Post("해담 어쩌고… 아니에요", datetime.now(UTC), "3lz")
    jetstream.say(regretted)
    jetstream.say(regretted, "delete")
    heard = next(batches)
    assert heard.table["native_id"].to_pylist() == [wanted.uri]
    assert heard.table["author_name"].to_pylist() == ["윤서"]
    assert _removed(heard) == [server.posts[0].uri]
    assert [row["state"] for row in _told(heard)] == ["collected"]
    edited = Post("해담 필터 찾았어요", datetime.now(UTC), "3lb")
    jetstream.say(edited, "update")
    assert next(batches).table["text"].to_pylist() == ["해담 필터 찾았어요"]
    gone = {"active": False, "did": wanted.did, "status": "takendown"}
    jetstream.tell({"did": wanted.did, "kind": "account", "account": gone})
    assert wanted.uri in _removed(next(batches))
    stopping.set()
    assert list(batches) == []


def test_a_break_of_the_stream_is_played_back(server: BlueskyServer) -> None:
    stopping = threading.Event()
    batches = bluesky(server).stream({}, stopping)
    first = next(batches)
    server.jetstream.hang_up()
    missed = Post("해담 로봇청소기 길을 잃었어요", datetime.now(UTC), "3lc")
    server.jetstream.say(missed)
    back = next(batches)
    assert back.table["native_id"].to_pylist() == [missed.uri]
    assert _told(back)[0]["begin_at"] == _told(first)[0]["end_at"]
    begun = [int(asked["cursor"][0]) / 1_000_000 for asked in server.jetstream.asked]
    assert all(at < _told(first)[0]["end_at"].timestamp() for at in begun)
    stopping.set()
    list(batches)


def test_a_long_break_of_the_stream_is_searched_for(server: BlueskyServer) -> None:
    stopping = threading.Event()
    cursor = {"parts": {"해담": {"until": ago(days=4).isoformat(), "newest": None}}}
    caught_up = next(bluesky(server).stream(cursor, stopping))
    assert caught_up.table.num_rows == 3
    assert _told(caught_up)[0]["begin_at"] == ago(days=4)


def test_a_query_that_the_stream_cannot_tell_is_said_and_searched_for(
    server: BlueskyServer,
) -> None:
    stopping = threading.Event()
    batches = bluesky(server, queries=("해담 from:minji.bsky.social",)).stream({}, stopping)
    refused = next(batches).rejected
    assert refused is not None
    assert "from:" in str(refused["reason"][0])
    assert next(batches).table.num_rows == 3
    stopping.set()
    list(batches)


def test_posts_come_without_names_when_the_service_is_busy(server: BlueskyServer) -> None:
    stopping = threading.Event()
    batches = bluesky(server).stream({}, stopping)
    next(batches)
    server.refuses = Told(b'{"error": "RateLimitExceeded"}', 429, {"Retry-After": "900"})
    server.jetstream.say(Post("해담 지금 라이브 방송 중", datetime.now(UTC), "3ly"))
    heard = next(batches)
    assert heard.table["text"].to_pylist() == ["해담 지금 라이브 방송 중"]
    assert heard.table["author_id"].to_pylist() == ["did:plc:minji"]
    stopping.set()
    list(batches)


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("해담 배송", "배송이 늦네요, 해담", True),
        ('"배송이 늦"', "배송 이 늦네요", False),
        ("해담 -광고", "해담 광고입니다", False),
        ("해담 lang:ko", "해담", True),
        ("해담 lang:en", "해담", False),
        ("#해담", "좋아요 #해담", True),
        ("domain:haedam.example", "https://shop.haedam.example/1", True),
        ("domain:haedam.example", "https://nothaedam.example/1", False),
    ],
)
def test_the_stream_reads_queries_as_the_search_does(query: str, text: str, found: bool) -> None:
    assert Wanted.of(query).answered_by(Said.of({"text": text, "langs": ["ko"]})) is found


def test_without_account_or_query_the_source_removes_itself() -> None:
    kind = SOURCES["bluesky"]
    with pytest.raises(SourceUnavailable, match=r"app_password .* App passwords"):
        kind.open(kind.settings(handle="haedam.example"))
    with pytest.raises(SourceUnavailable, match="No query"):
        kind.open(kind.settings(handle="haedam.example", app_password="abcd"))


def _removed(batch: Batch) -> list[str]:
    return [] if batch.removed is None else [str(key) for key in batch.removed["native_id"]]


def _told(batch: Batch) -> list[dict[str, Any]]:
    return [] if batch.covered is None else batch.covered.to_pylist()
