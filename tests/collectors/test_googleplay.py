"""Google Play's reviews by Google's own client, with a real key and a real token endpoint."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Answer, CollectorError, ReplyLater, ReplyRefused, SourceUnavailable
from collectors.googleplay import Googleplay, GoogleplaySettings, open_googleplay
from collectors.run import Collected, collect
from tests.fakes.googleplay import PACKAGE, PlayServer, Review
from tests.fakes.server import Answer as Reply
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture(scope="module")
def running() -> Iterator[PlayServer]:
    with PlayServer() as server:
        yield server


@pytest.fixture
def server(running: PlayServer) -> PlayServer:
    running.reviews = {
        "gp:1": review(60, "\t앱이 자꾸 꺼져요. 업데이트 뒤로 그래요", 1),
        "gp:2": review(30, "만족\t예약 청소가 편해요", 5),
    }
    running.page, running.generation, running.allowed = 100, 1, True
    running.answered, running.lost, running.quota = 0, None, 1000
    running.asked.clear()
    return running


def review(minutes: float, text: str, stars: int) -> Review:
    return Review(text, stars, NOW - timedelta(minutes=minutes))


@pytest.fixture
def play(server: PlayServer, tmp_path: Path) -> Googleplay:
    return source(server, tmp_path)


def source(server: PlayServer, folder: Path, **settings: Any) -> Googleplay:
    given: dict[str, Any] = {
        "key_file": server.write_key(folder),
        "packages": (PACKAGE,),
        "base_url": server.url,
        "retry_seconds": 0.0,
    }
    return Googleplay(GoogleplaySettings(**(given | settings)))


def answer(
    text: str = "불편을 드려 죄송합니다. 4.1.1에서 고쳤습니다.", key: str = "gp:1"
) -> Answer:
    return Answer("k1", "googleplay", f"{PACKAGE}/{key}", "m1", None, text, NOW)


def test_reviews_land_with_their_stars(play: Googleplay, landing: Landing, landed: Landed) -> None:
    assert collect(play, landing) == Collected(rows=2, batches=1, quarantined=0)
    crash, praise = landed("mentions")
    assert crash["text"] == "앱이 자꾸 꺼져요. 업데이트 뒤로 그래요"
    assert crash["title"] is None
    assert (crash["rating"], crash["rating_raw"]) == (0.0, "1")
    assert crash["native_id"] == f"{PACKAGE}/gp:1"
    assert crash["created_at"] == NOW - timedelta(minutes=60)
    assert (praise["title"], praise["text"]) == ("만족", "예약 청소가 편해요")
    assert (praise["rating"], praise["lang"], praise["likes"]) == (1.0, "ko", 2)
    assert '"version": "4.1.0"' in praise["extra"]
    [told] = landed("coverage")
    assert (told["state"], told["part"]) == ("collected", PACKAGE)
    assert told["end_at"] - told["begin_at"] == timedelta(days=7)


def test_a_second_run_brings_only_what_is_new_or_changed(
    server: PlayServer, play: Googleplay, landing: Landing, landed: Landed
) -> None:
    collect(play, landing)
    assert collect(play, landing).rows == 0
    server.reviews["gp:1"].text = "업데이트하니 안 꺼집니다. 별점 올려요"
    server.reviews["gp:1"].stars = 4
    server.reviews["gp:2"].answer = "감사합니다"
    server.reviews["gp:3"] = review(0, "지도가 틀려요", 2)
    assert collect(play, landing).rows == 2
    mended, new = landed("mentions")[2:]
    assert (mended["native_id"], mended["rating_raw"]) == (f"{PACKAGE}/gp:1", "4")
    assert new["text"] == "지도가 틀려요"


def test_an_outage_of_more_than_a_week_leaves_a_gap(
    play: Googleplay, landing: Landing, landed: Landed
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=10)
    cursor = {"parts": {PACKAGE: {"known": {}, "asked_at": long_ago.isoformat()}}}
    [batch] = play.fetch(cursor)
    assert batch.covered is not None
    gap, had = batch.covered.to_pylist()
    assert (gap["state"], gap["begin_at"]) == ("gap", long_ago)
    assert gap["end_at"] == had["begin_at"]
    assert "seven days" in gap["reason"]


@pytest.mark.parametrize("stale", [False, True], ids=["token holds", "token stale"])
def test_pages_go_on_after_a_crash_and_nothing_is_doubled(
    stale: bool, server: PlayServer, play: Googleplay, landing: Landing, landed: Landed
) -> None:
    server.reviews = {f"gp:{n}": review(n, f"의견 {n}", 1 + n % 5) for n in range(25)}
    server.page = 10

    def crash(rows: int) -> None:
        raise Crash

    with pytest.raises(Crash):
        collect(play, landing, crash)
    server.generation += stale
    collect(play, landing)
    keys = [row["native_id"] for row in landed("mentions")]
    assert len(keys) == len(set(keys)) == 25


def test_odd_values_are_refused_alone(
    server: PlayServer, play: Googleplay, landing: Landing, landed: Landed
) -> None:
    server.reviews["gp:1"].extra = {"starRating": 9}
    server.reviews["gp:2"].extra = {"lastModified": {"seconds": "곧"}}
    server.reviews["gp:3"] = review(1, "좋아요", 4)
    done = collect(play, landing)
    assert (done.rows, done.quarantined) == (1, 2)
    reasons = "\n".join(row["reason"] for row in landed("quarantined"))
    assert "rating is out of its range" in reasons
    assert "no created_at" in reasons


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)])
def test_trouble_that_passes_is_waited_out(
    server: PlayServer, play: Googleplay, landing: Landing, trouble: str, times: int
) -> None:
    setattr(server.trouble, trouble, times)
    assert collect(play, landing).rows == 2


def test_an_unknown_app_fails_alone(server: PlayServer, tmp_path: Path, landing: Landing) -> None:
    done = collect(source(server, tmp_path, packages=("kr.other", PACKAGE)), landing)
    assert done.rows == 2
    assert "kr.other" in done.failures[0]
    assert "404" in done.failures[0]


def test_a_quota_used_up_ends_the_run_and_lets_answers_wait(
    server: PlayServer, play: Googleplay, landing: Landing, landed: Landed
) -> None:
    server.reviews = {f"gp:{n}": review(n, f"의견 {n}", 3) for n in range(25)}
    server.page, server.quota = 10, 1
    with pytest.raises(CollectorError, match="quota of today is used up"):
        collect(play, landing)
    assert len(landed("mentions")) == 10
    with pytest.raises(ReplyLater, match="quota of today") as later:
        play.reply(answer())
    assert later.value.after is not None
    server.quota = 10
    assert collect(play, landing).rows == 15


def test_an_account_without_rights_names_the_setting(
    server: PlayServer, play: Googleplay, landing: Landing
) -> None:
    server.allowed = False
    with pytest.raises(CollectorError, match=r"insufficient permissions.* Check key_file"):
        collect(play, landing)


def test_a_key_of_another_account_is_refused(
    server: PlayServer, tmp_path: Path, landing: Landing
) -> None:
    with PlayServer() as other:
        stranger = source(other, tmp_path, base_url=server.url, token_url=f"{server.url}/token")
        with pytest.raises(CollectorError, match="gives no token"):
            collect(stranger, landing)


@pytest.mark.parametrize(
    "lost", [Reply(b"oops", 503), Reply(silent=True)], ids=["broken", "hung up"]
)
def test_an_answer_is_given_once_even_if_its_receipt_was_lost(
    lost: Reply, server: PlayServer, play: Googleplay
) -> None:
    server.lost = lost
    with pytest.raises(ReplyLater):
        play.reply(answer())
    assert play.reply(answer()).native_id == "gp:1"
    assert server.answered == 1
    assert server.reviews["gp:1"].answer == "불편을 드려 죄송합니다. 4.1.1에서 고쳤습니다."


def test_a_second_answer_takes_the_place_of_the_first(server: PlayServer, play: Googleplay) -> None:
    play.reply(answer())
    receipt = play.reply(answer("업데이트가 나왔습니다. 확인 부탁드립니다."))
    assert server.reviews["gp:1"].answer == "업데이트가 나왔습니다. 확인 부탁드립니다."
    assert receipt.url is not None
    assert receipt.url.endswith(f"?id={PACKAGE}&reviewId=gp%3A1")


def test_what_google_will_never_take_is_refused(server: PlayServer, play: Googleplay) -> None:
    with pytest.raises(ReplyRefused, match="longer than 350"):
        play.reply(answer("가" * 351))
    with pytest.raises(ReplyRefused, match="not found"):
        play.reply(answer(key="gp:gone"))
    server.allowed = False
    with pytest.raises(ReplyLater, match="Check key_file"):
        play.reply(answer())


def test_a_missing_setting_removes_the_source(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    for given, said in (
        ({}, "key_file in the section .googleplay. is missing. Get it: console"),
        ({"key_file": str(key)}, "which is no file"),
    ):
        with pytest.raises(SourceUnavailable, match=said):
            open_googleplay(GoogleplaySettings(**given))
    key.write_text("{}")
    with pytest.raises(SourceUnavailable, match="No app is set"):
        open_googleplay(GoogleplaySettings(key_file=str(key)))


def test_a_file_that_holds_no_key_is_said_so(tmp_path: Path, landing: Landing) -> None:
    key = tmp_path / "key.json"
    key.write_text("{}")
    settings = GoogleplaySettings(key_file=str(key), packages=(PACKAGE,))
    with pytest.raises(CollectorError, match="holds no key of a service account"):
        collect(open_googleplay(settings), landing)
