"""An Instagram account's comments by the Graph API from a local server, and answers to them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.base import Answer, CollectorError, ReplyLater, ReplyRefused, SourceUnavailable
from collectors.instagram import Instagram, InstagramSettings, open_instagram
from collectors.run import collect
from tests.fakes.graph import ACCOUNT, APP_SECRET, TOKEN, GraphServer, Said
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)
MEDIA = "1790001"


class Crash(BaseException):
    """The process is gone."""


def crash(rows: int) -> None:
    raise Crash


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.fixture
def server() -> Iterator[GraphServer]:
    with GraphServer() as running:
        running.posts["media"] = {MEDIA: Said("새 색상 어때요?", ago(60), ACCOUNT, "madang.kr")}
        running.posts["tags"] = {"1790009": Said("언박싱! @madang.kr", ago(50), "77", "unbox")}
        running.comments = {
            "c1": Said("실물이 더 예뻐요", ago(30), "71", "haru_log", under=MEDIA),
            "c2": Said("배송 3주째 안 와요", ago(20), "72", "slow_", under=MEDIA),
            "c3": Said("확인해 드리겠습니다", ago(15), ACCOUNT, "madang.kr", under="c2"),
            "c4": Said("네 부탁드려요", ago(10), "72", "slow_", under="c2"),
        }
        yield running


def instagram(server: GraphServer, **settings: Any) -> Instagram:
    given: dict[str, Any] = {
        "account_id": ACCOUNT,
        "access_token": TOKEN,
        "app_secret": APP_SECRET,
        "base_url": server.url,
        "retry_seconds": 0.0,
    }
    return Instagram(InstagramSettings(**(given | settings)))


def answer(native_id: str, text: str = "송장 번호를 DM으로 보내 드렸습니다.") -> Answer:
    return Answer("k1", "instagram", native_id, "m1", None, text, NOW)


def test_comments_answers_and_tags_land_and_our_own_words_do_not(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    assert collect(instagram(server), landing).rows == 4
    rows = {row["native_id"]: row for row in landed("mentions")}
    assert set(rows) == {"tagged/1790009", "c1", "c2", "c4"}
    assert (rows["c2"]["text"], rows["c2"]["author_handle"]) == ("배송 3주째 안 와요", "slow_")
    assert (rows["c2"]["parent_id"], rows["c4"]["parent_id"]) == (MEDIA, "c2")
    assert rows["c2"]["replies"] == 2
    assert rows["c4"]["thread_id"] == MEDIA
    assert rows["tagged/1790009"]["url"] == "https://www.instagram.com/p/1790009/"
    assert landed("coverage")[0]["part"] == ACCOUNT


def test_a_second_run_brings_only_what_is_new_or_gone(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    collect(instagram(server), landing)
    assert collect(instagram(server), landing).rows == 0
    server.comments["c5"] = Said("어디서 사요?", NOW, "73", "who", under=MEDIA)
    server.comments["c6"] = Said("저도요", NOW, "74", "me2", under="c5")
    del server.comments["c1"]
    assert collect(instagram(server), landing).rows == 2
    assert [row["native_id"] for row in landed("removals")] == ["c1"]


def test_an_edit_is_seen_when_the_number_changes_or_a_day_has_passed(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    batches = list(instagram(server).fetch({}))
    state = batches[-1].cursor
    server.comments["c1"].text = "실물이 더 예뻐요 (수정: 최고)"
    assert sum(b.table.num_rows for b in instagram(server).fetch(state)) == 0
    state["parts"][ACCOUNT]["posts"][MEDIA]["r"] -= 24 * 3600
    [row] = [row for b in instagram(server).fetch(state) for row in b.table.to_pylist()]
    assert row["text"] == "실물이 더 예뻐요 (수정: 최고)"


def test_many_answers_are_read_to_the_end_and_a_crash_doubles_nothing(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    server.comments |= {f"r{n}": Said(f"저요 {n}", ago(n / 100), under="c1") for n in range(70)}
    server.comments |= {f"t{n}": Said(f"예뻐요 {n}", ago(n / 100), under=MEDIA) for n in range(120)}
    with pytest.raises(Crash):
        collect(instagram(server), landing, crash)
    collect(instagram(server), landing)
    keys = [row["native_id"] for row in landed("mentions")]
    assert len(keys) == len(set(keys)) == 4 + 70 + 120


def test_odd_values_are_refused_alone(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    server.comments["c1"].extra = {"timestamp": None}
    done = collect(instagram(server), landing)
    assert (done.rows, done.quarantined) == (3, 1)


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)])
def test_trouble_that_passes_is_waited_out(
    server: GraphServer, landing: Landing, trouble: str, times: int
) -> None:
    setattr(server.trouble, trouble, times)
    assert collect(instagram(server), landing).rows == 4


def test_a_token_that_has_expired_names_the_setting(server: GraphServer, landing: Landing) -> None:
    with pytest.raises(CollectorError, match=r"access_token for the section \[instagram\]"):
        collect(instagram(server, access_token="old"), landing)


@pytest.mark.parametrize("mention", ["c2", "c4"])
def test_an_answer_is_written_once_even_if_its_receipt_was_lost(
    mention: str, server: GraphServer
) -> None:
    server.lose_next = True
    with pytest.raises(ReplyLater):
        instagram(server).reply(answer(mention))
    receipt = instagram(server).reply(answer(mention))
    assert server.written == 1
    assert server.comments[receipt.native_id].under == "c2"


def test_what_instagram_will_never_take_is_refused(server: GraphServer) -> None:
    with pytest.raises(ReplyRefused, match="not posts of others"):
        instagram(server).reply(answer("tagged/1790009"))
    with pytest.raises(ReplyRefused, match="does not exist"):
        instagram(server).reply(answer("c99"))


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "Set account_id"), ({"account_id": ACCOUNT}, "access_token in the section")],
    ids=["account", "token"],
)
def test_a_missing_setting_removes_the_source(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceUnavailable, match=said):
        open_instagram(InstagramSettings(**given))
