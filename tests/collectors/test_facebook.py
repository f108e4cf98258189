"""A Facebook page's comments by the Graph API from a local server, and answers to them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.base import Answer, CollectorError, ReplyLater, ReplyRefused, SourceUnavailable
from collectors.facebook import Facebook, FacebookSettings, open_facebook
from collectors.run import Collected, collect
from tests.fakes.graph import APP_SECRET, PAGE, TOKEN, GraphServer, Said
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)
POST, VISITOR, TAGGED = f"{PAGE}_1", f"{PAGE}_2", "900_3"


class Crash(BaseException):
    """The process is gone."""


def crash(rows: int) -> None:
    raise Crash


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.fixture
def server() -> Iterator[GraphServer]:
    with GraphServer() as running:
        running.posts["feed"] = {
            POST: Said("겨울맞이 할인을 시작합니다", ago(60), PAGE, "마당"),
            VISITOR: Said("AS 접수가 왜 이렇게 안 되나요", ago(50)),
        }
        running.posts["tagged"] = {TAGGED: Said("마당 청소기 공구합니다", ago(40), "900", "맘카페")}
        running.comments = {
            "1_a": Said("할인은 언제까지인가요?", ago(30), under=POST),
            "1_b": Said("12월 말까지입니다", ago(20), PAGE, "마당", under="1_a"),
            "1_c": Said("감사합니다!", ago(10), "556", "이손님", under="1_a"),
        }
        yield running


def facebook(server: GraphServer, **settings: Any) -> Facebook:
    given: dict[str, Any] = {
        "page_id": PAGE,
        "access_token": TOKEN,
        "app_secret": APP_SECRET,
        "base_url": server.url,
        "retry_seconds": 0.0,
    }
    return Facebook(FacebookSettings(**(given | settings)))


def answer(native_id: str, text: str = "불편을 드려 죄송합니다.") -> Answer:
    return Answer("k1", "facebook", native_id, "m1", None, text, NOW)


def test_what_others_say_lands_and_our_own_words_do_not(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    assert collect(facebook(server), landing).rows == 4
    rows = {row["native_id"]: row for row in landed("mentions")}
    assert set(rows) == {VISITOR, TAGGED, "1_a", "1_c"}
    assert (rows[VISITOR]["kind"], rows["1_a"]["kind"]) == ("post", "comment")
    assert rows["1_a"]["text"] == "할인은 언제까지인가요?"
    assert (rows["1_a"]["thread_id"], rows["1_a"]["parent_id"]) == (POST, POST)
    assert (rows["1_c"]["thread_id"], rows["1_c"]["parent_id"]) == (POST, "1_a")
    assert (rows["1_c"]["author_id"], rows["1_c"]["author_name"]) == ("556", "이손님")
    assert rows["1_a"]["created_at"] == ago(30)
    assert rows["1_a"]["url"] == "https://www.facebook.com/1_a"
    [told] = landed("coverage")
    assert (told["state"], told["part"]) == ("collected", PAGE)


def test_a_second_run_brings_only_what_is_new_edited_or_gone(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    collect(facebook(server), landing)
    calls = len(server.asked)
    assert collect(facebook(server), landing).rows == 0
    assert len(server.asked) == calls + 2, "no number of comments changed, so none are read"
    server.comments["1_d"] = Said("저도 궁금해요", NOW, under=POST)
    server.comments["1_e"] = Said("품절인가요?", NOW, under=POST)
    server.comments["1_a"].text = "할인은 언제까지인가요? (수정: 색상별로 다른가요?)"
    server.posts["feed"][VISITOR].text = "AS 접수됐습니다. 감사합니다"
    del server.comments["1_c"]
    assert collect(facebook(server), landing).rows == 4
    assert {row["native_id"] for row in landed("mentions")[4:]} == {"1_a", "1_d", "1_e", VISITOR}
    assert [row["native_id"] for row in landed("removals")] == ["1_c"]


def test_a_post_that_is_gone_is_removed_with_what_stood_under_it(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    collect(facebook(server), landing)
    del server.posts["feed"][POST]
    del server.posts["tagged"][TAGGED]
    collect(facebook(server), landing)
    assert {row["native_id"] for row in landed("removals")} == {"1_a", "1_c", TAGGED}
    collect(facebook(server), landing)
    assert len(landed("removals")) == 3


def test_pages_are_followed_on_our_own_host_and_a_crash_doubles_nothing(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    server.page = 20
    server.comments = {f"1_{n}": Said(f"문의 {n}", ago(n / 10), under=POST) for n in range(90)}
    with pytest.raises(Crash):
        collect(facebook(server), landing, crash)
    server.comments["1_new"] = Said("그 사이에 쓴 글", NOW, under=POST)
    collect(facebook(server), landing)
    keys = [row["native_id"] for row in landed("mentions")]
    assert len(keys) == len(set(keys)) == 93
    assert not landed("removals")


def test_old_posts_are_followed_no_more_and_not_taken_for_deleted(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    collect(facebook(server), landing)
    server.posts["feed"][POST].when = NOW - timedelta(days=31)
    state = {"posts": {POST: {"w": int((NOW - timedelta(days=31)).timestamp()), "c": {"1_a": "x"}}}}
    batches = list(facebook(server).fetch({"parts": {PAGE: state}}))
    assert not [batch for batch in batches if batch.removed is not None]
    assert POST not in batches[-1].cursor["parts"][PAGE]["posts"]


def test_looking_back_brings_a_range(server: GraphServer) -> None:
    batches = list(facebook(server).backfill(ago(45), ago(15), {}))
    found = [row["native_id"] for batch in batches for row in batch.table.to_pylist()]
    assert found == ["1_a", TAGGED]
    assert batches[-1].covered is not None


def test_odd_values_are_refused_alone(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    server.comments["1_a"].extra = {"created_time": "어제", "from": None, "like_count": "많음"}
    server.comments["1_c"].extra = {"message": ""}
    done = collect(facebook(server), landing)
    assert (done.rows, done.quarantined) == (2, 2)
    assert {row["reason"].partition(" (")[0] for row in landed("quarantined")} == {
        "no created_at",
        "no text",
    }


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)])
def test_trouble_that_passes_is_waited_out(
    server: GraphServer, landing: Landing, trouble: str, times: int
) -> None:
    setattr(server.trouble, trouble, times)
    assert collect(facebook(server), landing).rows == 4


def test_a_post_that_is_closed_to_us_fails_alone(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    server.hidden = {POST}
    done = collect(facebook(server), landing)
    assert (done.rows, len(done.failures)) == (2, 1)
    assert done.failures[0].startswith(POST)
    assert [row["state"] for row in landed("coverage")] == ["collected"]
    server.hidden = set()
    assert collect(facebook(server), landing).rows == 2


def test_a_post_that_cannot_be_read_now_leaves_the_time_open(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    server.broken = {POST}
    assert collect(facebook(server), landing).rows == 2
    assert [row["state"] for row in landed("coverage")] == ["failed"]
    server.broken = set()
    assert collect(facebook(server), landing).rows == 2
    failed, had = landed("coverage")
    assert had["state"] == "collected"
    assert had["begin_at"] <= failed["begin_at"] + timedelta(minutes=1)


def test_an_answer_to_a_comment_is_seen_at_the_next_run(
    server: GraphServer, landing: Landing, landed: Landed
) -> None:
    collect(facebook(server), landing)
    server.comments["1_f"] = Said("저도 기다리고 있어요", NOW, under="1_a")
    assert collect(facebook(server), landing).rows == 1


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001])
def test_a_limit_that_is_reached_ends_the_run(
    code: int, server: GraphServer, landing: Landing
) -> None:
    server.error = (400, code, "(#4) Application request limit reached")
    with pytest.raises(CollectorError, match=r"limit is reached.*next run"):
        collect(facebook(server), landing)
    server.error = None
    assert collect(facebook(server), landing).rows == 4


def test_a_limit_that_is_nearly_used_up_is_spared(server: GraphServer, landing: Landing) -> None:
    server.usage = 97
    with pytest.raises(CollectorError, match="97 percent"):
        collect(facebook(server), landing)
    assert len(server.asked) == 1
    with pytest.raises(ReplyLater, match="97 percent") as later:
        facebook(server).reply(answer("1_a"))
    assert later.value.after == timedelta(minutes=12)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"access_token": "0ld"}, None, r"Session has expired.*Get a new access_token"),
        ({}, (403, 200, "Requires pages_read_engagement"), "renew access_token in .facebook."),
    ],
    ids=["expired", "without rights"],
)
def test_a_token_that_is_refused_names_the_setting(
    settings: dict[str, str], error: Any, said: str, server: GraphServer, landing: Landing
) -> None:
    server.error = error
    with pytest.raises(CollectorError, match=said) as told:
        collect(facebook(server, **settings), landing)
    assert "0ld" not in str(told.value)
    with pytest.raises(ReplyLater, match=said):
        facebook(server, **settings).reply(answer("1_a"))


def test_a_wrong_app_secret_fails_with_what_meta_says(
    server: GraphServer, landing: Landing
) -> None:
    done = collect(facebook(server, app_secret="wrong"), landing)
    assert "Invalid appsecret_proof" in done.failures[0]


@pytest.mark.parametrize("mention", ["1_a", "1_c", VISITOR])
def test_an_answer_is_written_once_even_if_its_receipt_was_lost(
    mention: str, server: GraphServer
) -> None:
    server.lose_next = True
    with pytest.raises(ReplyLater):
        facebook(server).reply(answer(mention))
    receipt = facebook(server).reply(answer(mention))
    assert server.written == 1
    written = server.comments[receipt.native_id]
    assert written.text == "불편을 드려 죄송합니다."
    assert written.under == ("1_a" if mention == "1_c" else mention)


def test_a_comment_that_is_gone_cannot_be_answered(server: GraphServer) -> None:
    with pytest.raises(ReplyRefused, match="does not exist"):
        facebook(server).reply(answer("1_gone"))


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "Set page_id"), ({"page_id": PAGE}, "access_token in the section .facebook. is missing")],
    ids=["page", "token"],
)
def test_a_missing_setting_removes_the_source(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceUnavailable, match=said):
        open_facebook(FacebookSettings(**given))


def test_nothing_at_all_is_no_trouble(server: GraphServer, landing: Landing) -> None:
    for posts in server.posts.values():
        posts.clear()
    server.comments.clear()
    assert collect(facebook(server), landing) == Collected(0, 1, 0)
