"""Comments on an organisation's posts from a local server that speaks LinkedIn's interface."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.base import Answer, CollectorError, ReplyLater, ReplyRefused, SourceUnavailable
from collectors.linkedin import Linkedin, LinkedinSettings, open_linkedin
from collectors.run import collect
from tests.fakes.linkedin import ACTIVITY, ORGANIZATION, OURS, TOKEN, Comment, LinkedinServer, urn
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
NOW = datetime.now(UTC).replace(microsecond=0)


class Crash(BaseException):
    """The process is gone."""


def crash(rows: int) -> None:
    raise Crash


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.fixture
def server() -> Iterator[LinkedinServer]:
    with LinkedinServer() as running:
        running.posts = {ACTIVITY: ago(60)}
        running.comments = {
            "6001": Comment("채용 계획도 있나요?", ago(30)),
            "6002": Comment("축하드립니다", ago(20), "urn:li:person:kim"),
            "6003": Comment("네, 내년 봄에 시작합니다", ago(10), OURS, "6001"),
            "6004": Comment("기대하겠습니다", ago(5), under="6001"),
        }
        yield running


def linkedin(server: LinkedinServer, **settings: Any) -> Linkedin:
    given: dict[str, Any] = {
        "organization_id": ORGANIZATION,
        "access_token": TOKEN,
        "base_url": server.url,
        "retry_seconds": 0.0,
    }
    return Linkedin(LinkedinSettings(**(given | settings)))


def answer(key: str, text: str = "내년 3월 공고를 확인해 주세요.") -> Answer:
    return Answer("k1", "linkedin", urn(key), "m1", None, text, NOW)


def test_comments_and_answers_land_and_our_own_words_do_not(
    server: LinkedinServer, landing: Landing, landed: Landed
) -> None:
    assert collect(linkedin(server), landing).rows == 3
    rows = {row["native_id"]: row for row in landed("mentions")}
    assert set(rows) == {urn("6001"), urn("6002"), urn("6004")}
    asked = rows[urn("6001")]
    assert (asked["text"], asked["likes"], asked["replies"]) == ("채용 계획도 있나요?", 4, 2)
    assert asked["author_id"] == "urn:li:person:hong"
    assert asked["created_at"] == ago(30)
    assert asked["url"] == f"https://www.linkedin.com/feed/update/{ACTIVITY}"
    assert rows[urn("6004")]["parent_id"] == urn("6001")
    assert landed("coverage")[0]["part"] == OURS


def test_a_second_run_brings_only_what_is_new_edited_or_gone(
    server: LinkedinServer, landing: Landing, landed: Landed
) -> None:
    collect(linkedin(server), landing)
    calls = len(server.asked)
    assert collect(linkedin(server), landing).rows == 0
    assert len(server.asked) == calls + 2, "the number of comments stands, so none are read"
    server.comments["6002"].text = "축하드립니다! 저도 지원하겠습니다"
    server.comments["6005"] = Comment("위치가 어디인가요?", NOW)
    server.comments["6006"] = Comment("평택입니다", NOW, OURS, "6005")
    del server.comments["6004"]
    assert collect(linkedin(server), landing).rows == 2
    assert [row["native_id"] for row in landed("removals")] == [urn("6004")]


def test_where_no_number_is_told_comments_are_read_every_time(
    server: LinkedinServer, landing: Landing
) -> None:
    server.counted = False
    collect(linkedin(server), landing)
    server.comments["6002"].text = "축하드립니다! 저도 지원하겠습니다"
    assert collect(linkedin(server), landing).rows == 1


def test_pages_are_read_to_the_end_and_a_crash_doubles_nothing(
    server: LinkedinServer, landing: Landing, landed: Landed
) -> None:
    server.comments |= {str(n): Comment(f"의견 {n}", ago(n / 100)) for n in range(7000, 7230)}
    with pytest.raises(Crash):
        collect(linkedin(server), landing, crash)
    collect(linkedin(server), landing)
    keys = [row["native_id"] for row in landed("mentions")]
    assert len(keys) == len(set(keys)) == 233


def test_looking_back_brings_a_range(server: LinkedinServer) -> None:
    batches = list(linkedin(server).backfill(ago(25), ago(2), {}))
    found = [row["native_id"] for batch in batches for row in batch.table.to_pylist()]
    assert found == [urn("6004"), urn("6002")]


def test_odd_values_are_refused_alone(
    server: LinkedinServer, landing: Landing, landed: Landed
) -> None:
    server.comments["6001"].extra = {"created": {"time": "어제"}}
    server.comments["6002"].extra = {"message": None}
    done = collect(linkedin(server), landing)
    assert (done.rows, done.quarantined) == (1, 2)


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)])
def test_trouble_that_passes_is_waited_out(
    server: LinkedinServer, landing: Landing, trouble: str, times: int
) -> None:
    setattr(server.trouble, trouble, times)
    assert collect(linkedin(server), landing).rows == 3


def test_the_days_limit_ends_the_run(server: LinkedinServer, landing: Landing) -> None:
    server.throttled = True
    with pytest.raises(CollectorError, match=r"DAY limit.*next run"):
        collect(linkedin(server), landing)
    server.throttled = False
    assert collect(linkedin(server), landing).rows == 3


def test_a_token_or_version_that_is_refused_names_the_setting(
    server: LinkedinServer, landing: Landing
) -> None:
    with pytest.raises(CollectorError, match=r"revoked.*access_token in the section \[linkedin\]"):
        collect(linkedin(server, access_token="0ld"), landing)
    server.active = "202711"
    with pytest.raises(CollectorError, match="Set version in the section"):
        collect(linkedin(server), landing)
    with pytest.raises(ReplyLater, match="Set version"):
        linkedin(server).reply(answer("6001"))


@pytest.mark.parametrize("mention", ["6001", "6004"])
def test_an_answer_is_written_once_even_if_its_receipt_was_lost(
    mention: str, server: LinkedinServer
) -> None:
    server.lose_next = True
    with pytest.raises(ReplyLater):
        linkedin(server).reply(answer(mention))
    receipt = linkedin(server).reply(answer(mention))
    assert (server.written, receipt.native_id) == (1, urn("991"))
    assert server.comments["991"].under == "6001"


def test_what_linkedin_will_never_take_is_refused(server: LinkedinServer) -> None:
    with pytest.raises(ReplyRefused, match="not found"):
        linkedin(server).reply(answer("6999"))
    with pytest.raises(ReplyRefused, match="maximum length"):
        linkedin(server).reply(answer("6001", "가" * 1251))


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "Set organization_id"), ({"organization_id": "1"}, "access_token in the section")],
    ids=["organisation", "token"],
)
def test_a_missing_setting_removes_the_source(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceUnavailable, match=said):
        open_linkedin(LinkedinSettings(**given))
