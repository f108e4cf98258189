"""Mastodon through Mastodon.py, against an instance that speaks its API and misbehaves."""

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
from collectors.mastodon import Mastodon, MastodonSettings
from collectors.run import collect
from tests.fakes.mastodon import MastodonServer, Post
from tests.fakes.server import Answer as Said
from warehouse.landing import Batch, Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with MastodonServer() as running:
        running.posts = [
            Post("<p>해담 청소기 샀어요.<br>소음은 <b>조용</b>한 편 "
                 '<a href="https://m.example/tags/x">#<span>해담</span></a></p>', ago(hours=5)),
            Post("<p>모터 타는 냄새가 났습니다</p>", ago(hours=4), warning="제품 사고 사진"),
            Post("<p>친구에게만 하는 이야기</p>", ago(hours=3), visibility="private"),
            Post("<p>검색에 안 나오고 싶어요</p>", ago(hours=2), noindex=True),
        ]  # fmt: skip
        yield running


def mastodon(server: MastodonServer, **settings: Any) -> Mastodon:
    given: dict[str, Any] = {
        "base_url": server.url,
        "tags": ("해담",),
        "access_token": "good",
        "retry_seconds": 0.01,
        "timeout_seconds": 5.0,
    }
    return Mastodon(MastodonSettings(**(given | settings)))


def identity(server: MastodonServer, post: Post) -> str:
    return f"{server.url.removeprefix('http://')}/{post.id}"


def answer(native_id: str, text: str = "불편을 드려 죄송합니다. 바로 확인하겠습니다.") -> Answer:
    return Answer("k-9", "mastodon", native_id, "m-1", None, text, datetime.now(UTC))


def test_public_posts_land_as_plain_text(
    server: MastodonServer, landing: Landing, landed: Landed
) -> None:
    assert collect(mastodon(server), landing).rows == 2
    rows = {row["native_id"]: row for row in landed("mentions")}
    bought, smelled = (rows[identity(server, post)] for post in server.posts[:2])
    assert bought["text"] == "해담 청소기 샀어요.\n소음은 조용한 편 #해담"
    assert bought["author_handle"] == "minji@mastodon.example"
    assert bought["author_id"] == "https://mastodon.example/users/minji"
    assert bought["url"] == f"https://mastodon.example/@minji/{server.posts[0].id}"
    assert (bought["likes"], bought["replies"], bought["shares"]) == (7, 1, 2)
    assert (bought["lang"], bought["created_at"]) == ("ko", ago(hours=5))
    assert (smelled["title"], smelled["text"]) == ("제품 사고 사진", "모터 타는 냄새가 났습니다")


def test_a_second_run_takes_only_what_is_new(
    server: MastodonServer, landing: Landing, landed: Landed
) -> None:
    collect(mastodon(server), landing)
    server.posts.append(Post("<p>해담 매장 후기</p>", datetime.now(UTC)))
    assert collect(mastodon(server), landing).rows == 1
    first, second = landed("coverage")
    assert (first["part"], second["begin_at"]) == ("#해담", first["end_at"])


def test_a_post_that_came_late_from_another_instance_is_not_missed(
    server: MastodonServer, landing: Landing
) -> None:
    collect(mastodon(server), landing)
    server.posts.append(
        Post("<p>해담, 조금 늦게 도착한 글</p>", datetime.now(UTC) - timedelta(minutes=5))
    )
    assert collect(mastodon(server), landing).rows == 1


def test_tags_search_and_the_instance_itself_are_parts_of_their_own(
    server: MastodonServer, landing: Landing, landed: Landed
) -> None:
    server.posts.append(Post("<p>우리 동네 해담 매장 열었네요</p>", ago(hours=1), (), "junho"))
    source = mastodon(server, tags=(), queries=("매장",), local=True)
    collect(source, landing)
    assert {row["part"] for row in landed("coverage")} == {"매장", "local"}
    assert {row["author_handle"] for row in landed("mentions")} == {"junho"}


def test_pages_follow_each_other_and_a_run_that_breaks_off_goes_on(
    server: MastodonServer, landing: Landing, landed: Landed
) -> None:
    server.page = 3
    server.posts = [Post(f"<p>후기 {n}</p>", ago(minutes=90 - n), sequence=n) for n in range(11)]
    source = mastodon(server)
    batches = source.fetch({})
    with landing.open_source("mentions", "mastodon") as writer:
        for batch in (next(batches), next(batches)):
            writer.write(batch)
    server.posts.append(Post("<p>새 글</p>", NOW))
    collect(source, landing)
    seen = [row["native_id"] for row in landed("mentions")]
    assert sorted(seen) == sorted(identity(server, post) for post in server.posts)


def test_looking_back_takes_the_time_asked_for(server: MastodonServer) -> None:
    server.page = 4
    server.posts = [Post(f"<p>{n}일 전</p>", ago(days=n)) for n in range(1, 40)]
    since, until = ago(days=30, hours=1), ago(days=20, hours=1)
    batches = list(mastodon(server).backfill(since, until, {}))
    texts = [text for batch in batches for text in batch.table["text"].to_pylist()]
    assert texts == [f"{n}일 전" for n in range(21, 31)]
    [told] = [row for batch in batches for row in _told(batch)]
    assert (told["state"], told["begin_at"], told["end_at"]) == ("collected", since, until)


def test_on_the_next_look_edits_come_and_what_is_deleted_or_hidden_goes(
    server: MastodonServer,
) -> None:
    hour = int(ago(hours=30).timestamp() // 3600)
    watched = {identity(server, post): [hour, hour] for post in server.posts[:3]}
    cursor = {"parts": {"#해담": {"until": NOW.isoformat(), "newest": "1"}}, "watched": watched}
    server.posts[0].html, server.posts[0].edited_at = "<p>해담 청소기, 사실 시끄러워요</p>", NOW
    server.posts[1].gone = True
    [_, looked] = list(mastodon(server).fetch(cursor))
    assert looked.table["text"].to_pylist() == ["해담 청소기, 사실 시끄러워요"]
    assert set(_removed(looked)) == {identity(server, post) for post in server.posts[1:3]}


def test_a_busy_or_broken_instance_is_asked_again(server: MastodonServer, landing: Landing) -> None:
    server.trouble.busy, server.trouble.broken = 1, 1
    assert collect(mastodon(server), landing).rows == 2


def test_half_a_body_is_never_taken_for_whole(server: MastodonServer, landing: Landing) -> None:
    collect(mastodon(server), landing)
    server.posts.append(Post("<p>새 글</p>", datetime.now(UTC)))
    server.trouble.halved = 99
    done = collect(mastodon(server), landing)
    assert (done.rows, len(done.failures)) == (0, 1)
    server.trouble.halved = 0
    assert collect(mastodon(server), landing).rows == 1


def test_a_rate_limit_far_away_ends_the_run_and_says_when(server: MastodonServer) -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=800)).isoformat()
    server.refuses = Said(b'{"error": "Too many requests"}', 429, {"X-RateLimit-Reset": reset})
    with pytest.raises(CollectorError, match="429") as error:
        list(mastodon(server).fetch({}))
    assert 700 < error.value.again_in <= 800  # type: ignore[attr-defined]


def test_a_wrong_token_says_where_a_right_one_is_had(server: MastodonServer) -> None:
    server.closed = True
    with pytest.raises(CollectorError, match=r"access_token .* Development") as error:
        list(mastodon(server, access_token="wr0ng").fetch({}))
    assert "wr0ng" not in str(error.value)


def test_odd_values_go_to_quarantine_alone(
    server: MastodonServer, landing: Landing, landed: Landed
) -> None:
    server.posts[0].odd = {"created_at": "어제", "content": None, "spoiler_text": ""}
    server.posts.append(Post("<p></p>", ago(hours=1)))
    done = collect(mastodon(server), landing)
    assert (done.rows, done.quarantined) == (1, 2)


def test_a_redirect_is_not_followed(server: MastodonServer, landing: Landing) -> None:
    server.refuses = Said(b"", 302, {"Location": "http://169.254.169.254/latest"})
    assert len(collect(mastodon(server), landing).failures) == 1
    assert not [path for path in server.asked if "latest" in path]


def test_a_reply_names_whom_it_answers_and_is_posted_once(server: MastodonServer) -> None:
    server.posts[0].visibility = "unlisted"
    source, sent = mastodon(server), answer(identity(server, server.posts[0]))
    receipt = source.reply(sent)
    ours = server.keys["k-9"]
    assert receipt.native_id == identity(server, ours)
    assert ours.html == f"<p>@minji@mastodon.example {sent.text}</p>"
    assert (ours.parent, ours.visibility) == (server.posts[0].id, "unlisted")
    later = Answer("k-9 after an hour", *list(vars(sent).values())[1:])
    assert source.reply(later) == receipt
    assert len(server.keys) == 1


def test_a_reply_whose_answer_was_lost_is_found(server: MastodonServer) -> None:
    server.loses_answer = True
    source, sent = mastodon(server), answer(identity(server, server.posts[0]))
    with pytest.raises(ReplyLater):
        source.reply(sent)
    assert source.reply(sent).native_id == identity(server, server.keys["k-9"])
    assert len(server.keys) == 1


def test_a_reply_that_can_never_go_says_why(server: MastodonServer) -> None:
    native_id = identity(server, server.posts[0])
    with pytest.raises(ReplyRefused, match="limit of 500"):
        mastodon(server).reply(answer(native_id, "가" * 501))
    with pytest.raises(ReplyRefused, match="access_token"):
        mastodon(server, access_token="").reply(answer(native_id))
    server.posts[0].gone = True
    with pytest.raises(ReplyRefused, match="404"):
        mastodon(server).reply(answer(native_id))


def test_the_stream_brings_posts_edits_and_deletions_and_makes_up_for_breaks(
    server: MastodonServer,
) -> None:
    stopping = threading.Event()
    batches = mastodon(server).stream({}, stopping)
    assert next(batches).table.num_rows == 2
    assert [row["state"] for row in _told(next(batches))] == ["collected"]  # no page below
    live = Post("<p>해담 매장에 왔어요</p>", datetime.now(UTC))
    server.posts.append(live)
    server.update(live)
    server.event("delete", server.posts[0].id)
    heard = next(batches)
    assert heard.table["native_id"].to_pylist() == [identity(server, live)]
    assert _removed(heard) == [identity(server, server.posts[0])]
    assert [row["state"] for row in _told(heard)] == ["collected"]
    live.html = "<p>해담 매장, 직원분이 친절해요</p>"
    server.update(live, "status.update")
    edited = next(batches)
    assert edited.table["text"].to_pylist() == ["해담 매장, 직원분이 친절해요"]
    missed = Post("<p>해담 A/S 센터는 어디인가요?</p>", datetime.now(UTC))
    server.posts.append(missed)
    server.hang_up()
    back = next(batches)
    assert back.table["native_id"].to_pylist() == [identity(server, missed)]
    assert _told(back)[0]["begin_at"] == _told(edited)[0]["end_at"]
    stopping.set()
    assert list(batches) == []


def test_a_stream_that_may_not_be_read_says_why(server: MastodonServer) -> None:
    server.refuses = Said(b'{"error": "Missing access token"}', 401)
    with pytest.raises(CollectorError, match="401"):
        next(mastodon(server).stream({}, threading.Event()))


def test_without_an_instance_or_anything_to_look_for_the_source_removes_itself() -> None:
    kind = SOURCES["mastodon"]
    with pytest.raises(SourceUnavailable, match="base_url"):
        kind.open(kind.settings())
    with pytest.raises(SourceUnavailable, match="Nothing to look for"):
        kind.open(kind.settings(base_url="https://mastodon.example"))
    with pytest.raises(SourceUnavailable, match=r"access_token .* Development"):
        kind.open(kind.settings(base_url="https://mastodon.example", queries=("해담",)))


def _removed(batch: Batch) -> list[str]:
    return [] if batch.removed is None else [str(key) for key in batch.removed["native_id"]]


def _told(batch: Batch) -> list[dict[str, Any]]:
    return [] if batch.covered is None else batch.covered.to_pylist()
