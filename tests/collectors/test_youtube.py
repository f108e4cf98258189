"""YouTube's comments by Google's own client from a local server, and answers to them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.base import (
    Answer,
    Backfilling,
    CollectorError,
    Replying,
    ReplyLater,
    ReplyRefused,
    SourceUnavailable,
)
from collectors.run import Collected, collect
from collectors.youtube import Youtube, YoutubeSettings, open_youtube
from tests.fakes.server import Answer as Reply
from tests.fakes.youtube import CHANNEL, KEY, REFRESH, Comment, Thread, YoutubeServer
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture
def server() -> Iterator[YoutubeServer]:
    with YoutubeServer() as running:
        running.threads = {
            "Ug1": thread(1, "소음이 너무 커요. 밤에는 못 쓰겠어요"),
            "Ug2": thread(2, "색깔 예뻐요 ㅎㅎ", a="저도 샀어요", b="어디서 사셨어요?"),
        }
        yield running


def thread(minutes: float, text: str, **replies: str) -> Thread:
    when = NOW - timedelta(minutes=minutes)
    said = {name: Comment(each, when + timedelta(seconds=9)) for name, each in replies.items()}
    return Thread("v1deo", Comment(text, when), said)


def youtube(server: YoutubeServer, **settings: Any) -> Youtube:
    given: dict[str, Any] = {
        "api_key": KEY,
        "channels": (CHANNEL,),
        "client_id": "client",
        "client_secret": "s3cret",
        "refresh_token": REFRESH,
        "base_url": server.url,
        "token_url": f"{server.url}/token",
        "retry_seconds": 0.0,
    }
    return Youtube(YoutubeSettings(**(given | settings)))


def answer(native_id: str, text: str = "불편을 드려 죄송합니다.") -> Answer:
    return Answer("k1", "youtube", native_id, "m1", None, text, NOW)


def test_comments_and_replies_land_as_mentions(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    assert collect(youtube(server), landing) == Collected(rows=4, batches=1, quarantined=0)
    noise, colour, bought, where = landed("mentions")
    assert noise["text"] == "소음이 너무 커요. 밤에는 못 쓰겠어요"
    assert noise["url"] == "https://www.youtube.com/watch?v=v1deo&lc=Ug1"
    assert (noise["thread_id"], noise["parent_id"]) == ("v1deo", "v1deo")
    assert (noise["author_handle"], noise["author_id"]) == ("@viewer", "UCviewer")
    assert noise["created_at"] == NOW - timedelta(minutes=1)
    assert (colour["replies"], colour["likes"]) == (2, 3)
    assert (bought["native_id"], bought["parent_id"]) == ("Ug2.a", "Ug2")
    assert where["text"] == "어디서 사셨어요?"
    [told] = landed("coverage")
    assert (told["state"], told["part"]) == ("collected", f"channel {CHANNEL}")
    assert told["end_at"] - told["begin_at"] >= timedelta(days=30)


def test_a_second_run_brings_only_what_is_new_edited_or_gone(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    collect(youtube(server), landing)
    assert collect(youtube(server), landing).rows == 0
    assert not landed("removals")
    server.threads["Ug3"] = thread(0, "배송은 언제 오나요?")
    server.threads["Ug1"].top.text = "소음이 커요. (수정) 교환받으니 조용합니다"
    server.threads["Ug2"].replies["c"] = Comment("매장에서요", NOW)
    del server.threads["Ug2"].replies["a"]
    assert collect(youtube(server), landing).rows == 3
    assert {row["native_id"] for row in landed("mentions")[4:]} == {"Ug1", "Ug2.c", "Ug3"}
    assert [row["native_id"] for row in landed("removals")] == ["Ug2.a"]


@pytest.mark.parametrize("strict", [False, True], ids=["left out", "refused whole"])
def test_a_thread_that_is_gone_is_removed_with_its_replies(
    strict: bool, server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    server.threads |= {f"Uh{n}": thread(3 + n, f"의견 {n}") for n in range(60)}
    collect(youtube(server), landing)
    server.strict = strict
    del server.threads["Ug2"]
    assert collect(youtube(server), landing).rows == 0
    assert {row["native_id"] for row in landed("removals")} == {"Ug2", "Ug2.a", "Ug2.b"}
    collect(youtube(server), landing)
    assert len(landed("removals")) == 3


def test_long_threads_are_read_whole(server: YoutubeServer, landing: Landing) -> None:
    server.threads["Ug1"].replies = {f"r{n}": Comment(f"동감 {n}", NOW) for n in range(130)}
    assert collect(youtube(server), landing).rows == 134
    calls = len(server.asked)
    assert collect(youtube(server), landing).rows == 0
    assert len(server.asked) == calls + 2, "nothing changed, so no thread is read again"


def test_our_own_comments_are_no_mentions(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    server.threads["Ug2"].replies["ours"] = Comment("감사합니다!", NOW, CHANNEL, "@madang")
    assert collect(youtube(server), landing).rows == 4
    assert CHANNEL not in {row["author_id"] for row in landed("mentions")}


def test_pages_go_on_after_a_crash_where_they_were(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    server.threads = {f"Ug{n}": thread(n, f"의견 {n}") for n in range(1, 251)}

    def crash(rows: int) -> None:
        raise Crash

    with pytest.raises(Crash):
        collect(youtube(server), landing, crash)
    server.threads["Ug0"] = thread(0, "그 사이에 쓴 의견")
    collect(youtube(server), landing)
    keys = [row["native_id"] for row in landed("mentions")]
    assert len(keys) == len(set(keys)) == 251
    assert [row["state"] for row in landed("coverage")] == ["collected", "collected"]


def test_a_token_that_has_gone_stale_begins_the_walk_anew(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    server.threads = {f"Ug{n}": thread(n, f"의견 {n}") for n in range(1, 251)}

    def crash(rows: int) -> None:
        raise Crash

    with pytest.raises(Crash):
        collect(youtube(server, watched=50), landing, crash)
    server.generation = 2
    collect(youtube(server, watched=50), landing)
    assert len({row["native_id"] for row in landed("mentions")}) == 250


def test_the_first_run_looks_back_as_far_as_set_and_backfill_further(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    server.threads["Ug9"] = thread(60 * 24 * 50, "작년 모델보다 나아요", r="정말요?")
    source = youtube(server)
    assert collect(source, landing).rows == 4
    assert isinstance(source, Backfilling)
    since = NOW - timedelta(days=60)
    batches = list(source.backfill(since, NOW - timedelta(days=31), {}))
    assert [row["native_id"] for b in batches for row in b.table.to_pylist()] == ["Ug9", "Ug9.r"]
    told = batches[-1].covered
    assert told is not None
    assert told.to_pylist()[0]["begin_at"] == since


def test_a_video_without_comments_fails_alone(server: YoutubeServer, landing: Landing) -> None:
    server.disabled = {"c1osed"}
    done = collect(youtube(server, channels=(), videos=("c1osed", "v1deo")), landing)
    assert done.rows == 4
    assert done.failures == ("video c1osed: The comments of this video are turned off.",)


def test_odd_values_are_refused_alone(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    server.threads["Ug1"].top.extra = {"publishedAt": "어제", "likeCount": "많음"}
    server.threads["Ug2"].top.extra = {"textDisplay": ""}
    done = collect(youtube(server), landing)
    assert (done.rows, done.quarantined) == (2, 2)
    assert {row["reason"].partition(" (")[0] for row in landed("quarantined")} == {
        "no created_at", "no text",
    }  # fmt: skip


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)])
def test_trouble_that_passes_is_waited_out(
    server: YoutubeServer, landing: Landing, trouble: str, times: int
) -> None:
    setattr(server.trouble, trouble, times)
    assert collect(youtube(server), landing).rows == 4


def test_trouble_that_stays_fails_the_part_and_comes_later(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    server.trouble.broken = 3
    done = collect(youtube(server), landing)
    assert (done.rows, len(done.failures)) == (0, 1)
    assert [row["state"] for row in landed("coverage")] == ["failed"]
    assert collect(youtube(server), landing).rows == 4


def test_a_redirect_into_our_own_network_is_not_followed(
    server: YoutubeServer, landing: Landing
) -> None:
    server.redirect = "http://169.254.169.254/latest/meta-data"
    done = collect(youtube(server), landing)
    assert done.rows == 0
    assert "302" in done.failures[0]


def test_an_answer_that_unpacks_without_end_is_a_page_that_failed(
    server: YoutubeServer, landing: Landing
) -> None:
    server.bomb = 30_000_000
    done = collect(youtube(server), landing)
    assert (done.rows, len(done.failures)) == (0, 1)
    server.bomb = 0
    assert collect(youtube(server), landing).rows == 4


def test_a_quota_used_up_ends_the_run_and_the_next_goes_on(
    server: YoutubeServer, landing: Landing, landed: Landed
) -> None:
    server.threads = {f"Ug{n}": thread(n, f"의견 {n}") for n in range(1, 251)}
    server.quota = 2
    with pytest.raises(CollectorError, match="quota of today is used up"):
        collect(youtube(server), landing)
    assert len(landed("mentions")) == 200
    server.quota = 100
    collect(youtube(server), landing)
    assert len({row["native_id"] for row in landed("mentions")}) == 250
    assert len(landed("mentions")) == 250


def test_a_wrong_key_names_the_setting(server: YoutubeServer, landing: Landing) -> None:
    with pytest.raises(CollectorError, match="Check api_key in the section") as error:
        collect(youtube(server, api_key="wr0ng"), landing)
    assert "wr0ng" not in str(error.value)


@pytest.mark.parametrize(
    "lost", [Reply(b"oops", 500), Reply(silent=True)], ids=["broken", "hung up"]
)
def test_an_answer_is_written_once_even_if_its_receipt_was_lost(
    lost: Reply, server: YoutubeServer
) -> None:
    source = youtube(server)
    assert isinstance(source, Replying)
    server.lost = lost
    with pytest.raises(ReplyLater):
        source.reply(answer("Ug2.a"))
    receipt = source.reply(answer("Ug2.a"))
    assert receipt.native_id == "Ug2.own1"
    assert receipt.url == "https://www.youtube.com/watch?v=v1deo&lc=Ug2.own1"
    assert source.reply(answer("Ug2.a")) == receipt
    assert server.inserted == 1


def test_the_same_thanks_said_long_before_is_no_earlier_try(server: YoutubeServer) -> None:
    long_ago = NOW - timedelta(days=2)
    server.threads["Ug1"].replies["old"] = Comment("감사합니다!", long_ago, CHANNEL, "@madang")
    assert youtube(server).reply(answer("Ug1", "감사합니다!")).native_id == "Ug1.own1"


def test_what_youtube_will_never_take_is_refused(server: YoutubeServer) -> None:
    with pytest.raises(ReplyRefused, match="was not found"):
        youtube(server).reply(answer("Ugone"))
    server.disabled = {"v1deo"}
    with pytest.raises(ReplyRefused, match="disabled comments"):
        youtube(server).reply(answer("Ug1"))
    assert server.inserted == 0


def test_an_answer_waits_for_credentials_that_are_missing_or_revoked(
    server: YoutubeServer,
) -> None:
    with pytest.raises(ReplyLater, match="refresh_token in the section"):
        youtube(server, refresh_token="").reply(answer("Ug1"))
    with pytest.raises(ReplyLater, match=r"revoked.*Check client_id"):
        youtube(server, refresh_token="old").reply(answer("Ug1"))
    assert server.inserted == 0


def test_an_answer_waits_when_the_quota_is_used_up(server: YoutubeServer) -> None:
    server.quota = 0
    with pytest.raises(ReplyLater, match="quota") as later:
        youtube(server).reply(answer("Ug1"))
    assert later.value.after is not None
    assert timedelta(0) <= later.value.after <= timedelta(hours=25), "until midnight in California"


@pytest.mark.parametrize(
    ("given", "said"),
    [({"channels": (CHANNEL,)}, "api_key in the section"), ({"api_key": KEY}, "Set channels")],
    ids=["key", "channels"],
)
def test_a_missing_setting_removes_the_source(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceUnavailable, match=said):
        open_youtube(YoutubeSettings(**given))
