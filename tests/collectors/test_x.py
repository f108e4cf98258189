"""X through tweepy, against a server that speaks X's API v2 and misbehaves."""

import threading
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
)  # fmt: skip
from collectors.run import collect
from collectors.x import X, XSettings
from tests.fakes.server import Answer as Said
from tests.fakes.x import Author, Post, XServer, id_at
from warehouse.landing import Batch, Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)
KIM = Author("501", "minji_kim", "김민지", 340)
LONG = "해담 청소기를 한 달 써 봤어요. " + "소음은 줄었고 흡입력은 그대로라 만족합니다. " * 12


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.fixture
def server() -> Iterator[XServer]:
    with XServer() as running:
        running.posts = [
            Post("해담 청소기 배송이 너무 늦어요 https://t.co/abc", ago(hours=3), KIM,
                 urls=(("https://t.co/abc", "https://haedam.example/orders"),)),
            Post(LONG[:278] + "…", ago(hours=2), KIM, note=LONG.strip()),
            Post("해담 A/S 맡겼는데 &lt;연락&gt; 없음", ago(hours=1), Author("502", "p", "박")),
        ]  # fmt: skip
        yield running


def x(server: XServer, **settings: Any) -> X:
    given: dict[str, Any] = {
        "queries": ("해담 -is:retweet",), "bearer_token": "good", "base_url": server.url,
        "retry_seconds": 0.01, "timeout_seconds": 5.0, "archive_seconds": 0.0,
        "consumer_key": "ck", "consumer_secret": "cs",
        "access_token": "77-at", "access_token_secret": "ats",
    }  # fmt: skip
    return X(XSettings(**(given | settings)))


def answer(native_id: str, text: str = "불편을 드려 죄송합니다. 바로 확인하겠습니다.") -> Answer:
    return Answer("k-1", "x", native_id, "m-1", None, text, datetime.now(UTC))


def test_posts_land_whole_with_their_authors(
    server: XServer, landing: Landing, landed: Landed
) -> None:
    assert collect(x(server), landing).rows == 3
    rows = {row["native_id"]: row for row in landed("mentions")}
    late, long, service = (rows[post.id] for post in server.posts)
    assert late["text"] == "해담 청소기 배송이 너무 늦어요 https://haedam.example/orders"
    assert long["text"] == LONG.strip()
    assert service["text"] == "해담 A/S 맡겼는데 <연락> 없음"
    assert (late["author_handle"], late["author_name"]) == ("minji_kim", "김민지")
    assert (late["author_id"], late["author_followers"]) == ("501", 340)
    assert late["url"] == f"https://x.com/minji_kim/status/{server.posts[0].id}"
    assert late["created_at"] == server.posts[0].at
    assert (late["likes"], late["replies"], late["shares"], late["views"]) == (3, 2, 1, 120)
    assert (late["kind"], late["lang"], late["source"]) == ("post", "ko", "x")


def test_a_second_run_takes_only_what_is_new(
    server: XServer, landing: Landing, landed: Landed
) -> None:
    collect(x(server), landing)
    server.posts.append(Post("해담 앱이 자꾸 꺼져요", NOW, KIM))
    assert collect(x(server), landing).rows == 1
    first, second = landed("coverage")
    assert (first["state"], second["state"]) == ("collected", "collected")
    assert (first["part"], second["begin_at"]) == ("해담 -is:retweet", first["end_at"])


def test_a_shared_post_and_a_reply_say_whose_they_are(
    server: XServer, landing: Landing, landed: Landed
) -> None:
    long, late = server.posts[1], server.posts[0]
    server.posts += [
        Post("RT @minji_kim: 해담 청소기를 한 달", ago(minutes=9), Author("503", "q", "이"),
             refers=(("retweeted", long.id),)),
        Post("@minji_kim 해담은 원래 그래요", ago(minutes=8), Author("504", "r", "최"),
             refers=(("replied_to", late.id),)),
    ]  # fmt: skip
    collect(x(server), landing)
    rows = {row["author_id"]: row for row in landed("mentions")}
    assert rows["503"]["text"] == f"RT @minji_kim: {LONG.strip()}"
    assert (rows["504"]["kind"], rows["504"]["parent_id"]) == ("comment", late.id)
    assert rows["504"]["thread_id"] == late.id


def test_pages_follow_each_other_and_a_run_that_breaks_off_goes_on(
    server: XServer, landing: Landing, landed: Landed
) -> None:
    server.page = 2
    server.posts += [Post(f"해담 후기 {n}", ago(minutes=50 - n), KIM, n) for n in range(9)]
    source = x(server)
    batches = source.fetch({})
    with landing.open_source("mentions", "x") as writer:
        for batch in (next(batches), next(batches)):
            writer.write(batch)
    server.posts.append(Post("해담 새 글", NOW, KIM, 99))  # while nobody looks
    collect(source, landing)
    assert sorted(row["native_id"] for row in landed("mentions")) == sorted(
        post.id for post in server.posts
    )
    [first, second] = landed("coverage")
    assert first["end_at"] == second["begin_at"]


def test_an_empty_page_is_not_the_end(server: XServer, landing: Landing) -> None:
    server.hollow = 2
    assert collect(x(server), landing).rows == 3


def test_a_run_reads_no_more_than_it_may(server: XServer, landing: Landing, landed: Landed) -> None:
    server.page = 2
    server.posts = [Post(f"해담 후기 {n}", ago(minutes=50 - n), KIM, n) for n in range(9)]
    source = x(server, posts_a_run=4)
    assert collect(source, landing).rows == 4
    assert collect(source, landing).rows == 4
    assert landed("coverage") == []
    assert collect(source, landing).rows == 1
    assert [row["state"] for row in landed("coverage")] == ["collected", "collected"]


def test_an_edit_is_the_same_mention_with_another_text(
    server: XServer, landing: Landing, landed: Landed
) -> None:
    collect(x(server), landing)
    first = server.posts.pop(0)
    server.posts.append(Post("해담 배송, 이제 왔어요", NOW, KIM, 5, history=(first.id,)))
    collect(x(server), landing)
    told = [row["text"] for row in landed("mentions") if row["native_id"] == first.id]
    assert told[-1] == "해담 배송, 이제 왔어요"


def test_a_second_look_finds_what_a_post_was_edited_to(server: XServer) -> None:
    first = server.posts[0]
    edit = Post("해담 배송, 이제 왔어요", ago(hours=2), KIM, history=(first.id,))
    first.later = (edit.id,)
    server.posts.append(edit)
    [looked] = list(x(server).recheck([first.id], {}))
    assert looked.table["native_id"].to_pylist() == [first.id]
    assert looked.table["text"].to_pylist() == ["해담 배송, 이제 왔어요"]
    assert looked.table["url"].to_pylist() == [f"https://x.com/minji_kim/status/{edit.id}"]


def test_what_is_deleted_or_hidden_is_removed_on_the_next_look(
    server: XServer, landing: Landing, landed: Landed
) -> None:
    collect(x(server), landing)
    yesterday = {
        "parts": {"해담 -is:retweet": {"until": NOW.isoformat(), "newest": id_at(NOW)}},
        "watched": {post.id: _hours(ago(hours=30)) for post in server.posts},
    }
    server.posts[0].gone = "resource-not-found"
    server.posts[1].gone = "not-authorized-for-resource"
    [_, looked] = list(x(server).fetch(yesterday))
    assert _removed(looked) == {server.posts[0].id, server.posts[1].id}
    assert looked.table["native_id"].to_pylist() == [server.posts[2].id]
    assert set(looked.cursor["watched"]) == {server.posts[2].id}
    [_] = list(x(server).fetch(looked.cursor))  # once a day is enough
    assert not [path for path in server.asked if path.startswith("/2/tweets?")][1:]


def test_an_absence_longer_than_the_search_is_a_gap_unless_the_archive_is_open(
    server: XServer, landing: Landing
) -> None:
    gone = ago(days=20)
    old = Post("해담 로봇청소기 첫인상", ago(days=12), KIM)
    server.posts.append(old)
    cursor = {"parts": {"해담 -is:retweet": {"until": gone.isoformat(), "newest": id_at(gone)}}}
    [batch] = list(x(server).fetch(cursor))
    told = _told(batch)
    assert [row["state"] for row in told] == ["gap", "collected"]
    assert (told[0]["begin_at"], told[0]["end_at"]) == (gone, told[1]["begin_at"])
    assert "seven days" in told[0]["reason"]
    [whole] = list(x(server, archive=True).fetch(cursor))
    assert [row["state"] for row in _told(whole)] == ["collected"]
    assert old.id in whole.table["native_id"].to_pylist()


def test_looking_back_takes_the_time_asked_for(server: XServer) -> None:
    server.page = 1
    server.posts = [Post(f"해담 {n}일 전", ago(days=n), KIM) for n in range(1, 40)]
    since, until = ago(days=30, hours=1), ago(days=20, hours=1)
    source = x(server, archive=True)
    batches = source.backfill(since, until, {"parts": {}})
    begun = [next(batches), next(batches)]
    rest = list(source.backfill(since, until, begun[-1].cursor))  # after a crash
    ids = [i for b in [*begun, *rest] for i in b.table["native_id"].to_pylist()]
    assert ids == [id_at(ago(days=n)) for n in range(21, 31)]
    assert [row["state"] for batch in rest for row in _told(batch)] == ["collected"]
    assert "backfill" not in rest[-1].cursor


def test_a_busy_or_broken_server_is_asked_again(server: XServer, landing: Landing) -> None:
    server.trouble.busy, server.trouble.broken = 1, 1
    assert collect(x(server), landing).rows == 3
    server.trouble.halved = 1
    assert collect(x(server), landing).failures == ()


def test_a_rate_limit_far_away_ends_the_run_and_says_when(server: XServer) -> None:
    reset = str(int(datetime.now(UTC).timestamp()) + 800)
    server.refuses = Said(b'{"title": "Too Many Requests"}', 429, {"x-rate-limit-reset": reset})
    with pytest.raises(CollectorError, match="429") as error:
        list(x(server).fetch({}))
    assert 700 < error.value.again_in <= 800  # type: ignore[attr-defined]
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "bearer_token in the section"), (402, "no credits"), (403, "your plan")],
)
def test_a_refusal_says_what_to_do(server: XServer, status: int, told: str) -> None:
    server.refuses = Said(b'{"title": "CreditsDepleted", "detail": "no credits"}', status)
    with pytest.raises(CollectorError, match=told) as error:
        list(x(server).fetch({}))
    assert "good" not in str(error.value)


def test_a_query_that_x_cannot_read_leaves_the_others_alone(
    server: XServer, landing: Landing, landed: Landed
) -> None:
    server.window = timedelta(days=-1)
    done = collect(x(server, queries=("(해담", "해담")), landing)
    assert len(done.failures) == 2
    assert {row["state"] for row in landed("coverage")} == {"failed"}
    server.window = timedelta(days=7)
    assert collect(x(server), landing).rows == 3


def test_odd_values_go_to_quarantine_alone(
    server: XServer, landing: Landing, landed: Landed
) -> None:
    server.posts[0].odd = {"created_at": "어제"}
    server.posts[1].odd = {"public_metrics": {"like_count": "많음"}}
    done = collect(x(server), landing)
    assert (done.rows, done.quarantined) == (1, 2)
    assert landed("mentions")[0]["native_id"] == server.posts[2].id


def test_a_redirect_is_not_followed(server: XServer, landing: Landing) -> None:
    server.refuses = Said(b"", 302, {"Location": "http://169.254.169.254/latest"})
    assert "302" in collect(x(server), landing).failures[0]


def test_a_reply_is_signed_and_posted_once(server: XServer) -> None:
    source, mention = x(server), server.posts[0].id
    sent = answer(mention)
    receipt = source.reply(sent)
    assert receipt == Receipt(
        server.posts[-1].id, f"https://x.com/haedam_care/status/{server.posts[-1].id}"
    )
    assert source.reply(sent) == receipt
    assert [said["text"] for said in server.posted] == [sent.text]
    assert server.posted[0]["reply"] == {"in_reply_to_tweet_id": mention}
    assert 'oauth_consumer_key="ck"' in server.signatures[0]


def test_a_reply_whose_answer_was_lost_is_found(server: XServer) -> None:
    server.loses_answer = True
    source, sent = x(server), answer(server.posts[0].id)
    with pytest.raises(ReplyLater):
        source.reply(sent)
    assert source.reply(sent).native_id == server.posts[-1].id
    assert len(server.posted) == 1


def test_a_reply_that_x_will_never_take_says_why(server: XServer) -> None:
    with pytest.raises(ReplyRefused, match="too long"):
        x(server).reply(answer(server.posts[0].id, "가" * 300))
    with pytest.raises(ReplyRefused, match="consumer_secret"):
        x(server, consumer_secret="").reply(answer(server.posts[0].id))


def test_the_stream_makes_up_for_what_was_missed_and_keeps_its_rules(server: XServer) -> None:
    server.rules = {
        "1": {"value": "다른 프로그램", "tag": "theirs"},
        "2": {"value": "옛 질의", "tag": "madang"},
    }
    stopping = threading.Event()
    batches = x(server).stream({}, stopping)
    caught_up = next(batches)
    assert caught_up.table.num_rows == 3
    assert {rule["value"] for rule in server.rules.values()} == {
        "다른 프로그램",
        "해담 -is:retweet",
    }
    server.say(b"\r\n")
    live = Post("해담 매장에 왔어요", datetime.now(UTC), KIM, 7)
    threading.Timer(0.2, server.say_post, [live]).start()
    heard = next(batches)
    assert heard.table["native_id"].to_pylist() == [live.id]
    assert [row["state"] for row in _told(heard)] == ["collected"]
    threading.Timer(0.2, server.hang_up).start()
    missed = Post("해담 매장 직원분 친절해요", datetime.now(UTC), KIM, 8)
    server.posts.append(missed)
    back = next(batches)
    assert missed.id in back.table["native_id"].to_pylist()
    assert _told(back)[0]["begin_at"] == _told(heard)[0]["end_at"]
    stopping.set()
    assert list(batches) == []


def test_without_the_stream_the_search_is_asked_again(server: XServer) -> None:
    stopping = threading.Event()
    batches = x(server, streaming=False, poll_minutes=0.0).stream({}, stopping)
    assert next(batches).table.num_rows == 3
    server.posts.append(Post("해담 새 글", datetime.now(UTC), KIM, 3))
    while not (later := next(batches)).table.num_rows:
        pass
    assert later.table["text"].to_pylist() == ["해담 새 글"]
    assert server.listening == 0
    stopping.set()
    list(batches)


def test_a_stream_that_may_not_be_read_says_why(server: XServer) -> None:
    server.refuses = Said(b'{"title": "Forbidden", "detail": "client-not-enrolled"}', 403)
    with pytest.raises(CollectorError, match="your plan"):
        next(x(server).stream({}, threading.Event()))


def test_a_rule_that_x_cannot_read_is_told(server: XServer) -> None:
    stopping = threading.Event()
    batches = x(server, queries=("(해담",)).stream({}, stopping)
    refused = next(batches).rejected
    assert refused is not None
    assert "missing ')'" in refused["reason"][0].as_py()
    stopping.set()
    list(batches)


def test_without_key_or_query_the_source_removes_itself() -> None:
    kind = SOURCES["x"]
    with pytest.raises(SourceUnavailable, match=r"bearer_token .* developer\.x\.com"):
        kind.open(kind.settings())
    with pytest.raises(SourceUnavailable, match="No query"):
        kind.open(kind.settings(bearer_token="good"))
    assert kind.streams
    assert "good" not in repr(kind.settings(bearer_token="good"))


def _hours(moment: datetime) -> list[int]:
    hour = int(moment.timestamp() // 3600)
    return [hour, hour]


def _removed(batch: Batch) -> set[str]:
    assert batch.removed is not None
    return {str(key) for key in batch.removed["native_id"]}


def _told(batch: Batch) -> list[dict[str, Any]]:
    return [] if batch.covered is None else batch.covered.to_pylist()
