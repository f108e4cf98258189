"""Daum search from a local server that speaks Kakao's interface, through landing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.base import CollectorError, SourceUnavailable
from collectors.kakao import Kakao, KakaoSettings, open_kakao
from collectors.run import Collected, collect
from tests.fakes.kakao import KEY, SEOUL, Document, KakaoServer
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
WHEN = datetime(2026, 11, 20, 21, 5, 30, tzinfo=SEOUL)
QUERY = "마당 공기청정기"


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture
def server() -> Iterator[KakaoServer]:
    with KakaoServer() as running:
        running.documents = {
            "web": [page(0, "신제품 안내")],
            "blog": [
                Document("https://brunch.co.kr/@haru/3", "마당 공기청정기를 들였다",
                         "<필터> 값이 비싸지만 마당 공기청정기는 조용하다", WHEN)
            ],
            "cafe": [
                Document("https://cafe.daum.net/queen/9", "질문이요",
                         "마당 공기청정기 AS 어디로 하나요? 010-1234-5678 로 연락 주세요", WHEN)
            ],
        }  # fmt: skip
        yield running


def page(number: int, title: str = "소식") -> Document:
    when = WHEN - timedelta(minutes=number)
    return Document(f"https://example.com/{number}", title, f"{QUERY} {number}번째 글", when)


def kakao(server: KakaoServer, *services: str, **settings: Any) -> Kakao:
    given: dict[str, Any] = {
        "rest_api_key": KEY,
        "queries": (QUERY,),
        "base_url": server.url,
        "retry_seconds": 0.0,
    }
    if services:
        given["services"] = services
    return Kakao(KakaoSettings(**(given | settings)))


def test_documents_land_as_plain_masked_text(
    server: KakaoServer, landing: Landing, landed: Landed
) -> None:
    assert collect(kakao(server), landing) == Collected(rows=3, batches=3, quarantined=0)
    _, blog, cafe = landed("mentions")
    assert blog["text"] == "<필터> 값이 비싸지만 마당 공기청정기는 조용하다"
    assert blog["author_name"] == "정직한 사용기"
    assert blog["created_at"] == WHEN.astimezone(UTC)
    assert cafe["text"] == "마당 공기청정기 AS 어디로 하나요? [phone] 로 연락 주세요"
    assert cafe["native_id"] == "https://cafe.daum.net/queen/9"
    assert '"place": "살림의 여왕"' in cafe["extra"]
    told = landed("coverage")
    assert {row["part"] for row in told} == {f"{name} {QUERY}" for name in ("web", "blog", "cafe")}
    assert {row["begin_at"] for row in told} == {WHEN}


def test_a_second_run_brings_only_what_is_new_or_edited(
    server: KakaoServer, landing: Landing, landed: Landed
) -> None:
    collect(kakao(server), landing)
    assert collect(kakao(server), landing).rows == 0
    server.documents["blog"][0].contents = "마당 공기청정기, 결국 환불했다"
    server.documents["web"].append(page(-1))
    assert collect(kakao(server), landing).rows == 2
    assert landed("mentions")[-1]["text"] == "마당 공기청정기, 결국 환불했다"


def test_a_page_found_in_two_services_comes_once(server: KakaoServer, landing: Landing) -> None:
    server.documents["web"].append(server.documents["blog"][0])
    assert collect(kakao(server), landing).rows == 3


def test_pages_are_walked_and_a_crash_between_them_doubles_nothing(
    server: KakaoServer, landing: Landing, landed: Landed
) -> None:
    server.documents["web"] = [page(n) for n in range(180)]
    source = kakao(server, "web")

    def crash(rows: int) -> None:
        raise Crash

    with pytest.raises(Crash):
        collect(source, landing, crash)
    collect(source, landing)
    keys = [row["native_id"] for row in landed("mentions")]
    assert len(keys) == len(set(keys)) == 180


def test_results_beyond_what_is_shown_are_no_gap_at_first_and_one_later(
    server: KakaoServer, landing: Landing, landed: Landed
) -> None:
    server.pageable = 100
    server.documents["web"] = [page(n) for n in range(300)]
    source = kakao(server, "web")
    assert collect(source, landing).rows == 100
    [told] = landed("coverage")
    assert (told["state"], told["begin_at"]) == ("collected", WHEN - timedelta(minutes=97))
    now = datetime.now(SEOUL)
    server.documents["web"] += [
        Document(f"https://example.com/new/{n}", "속보", QUERY, now) for n in range(150)
    ]
    assert collect(source, landing).rows == 100
    assert [row["state"] for row in landed("coverage")][1:] == ["gap", "collected"]


def test_odd_values_are_refused_alone(
    server: KakaoServer, landing: Landing, landed: Landed
) -> None:
    server.documents["web"] += [page(1), page(2), page(3)]
    server.documents["web"][1].extra = {"datetime": "2026-13-40"}
    server.documents["web"][2].extra = {"datetime": "", "url": None}
    server.documents["web"][3].extra = {"datetime": "2031-01-01T00:00:00.000+09:00"}
    done = collect(kakao(server, "web"), landing)
    assert (done.rows, done.quarantined) == (1, 3)
    reasons = "\n".join(row["reason"] for row in landed("quarantined"))
    assert "no created_at" in reasons
    assert "more than a day in the future" in reasons


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)])
def test_trouble_that_passes_is_waited_out(
    server: KakaoServer, landing: Landing, trouble: str, times: int
) -> None:
    setattr(server.trouble, trouble, times)
    assert collect(kakao(server, "web"), landing).rows == 1


def test_trouble_that_stays_fails_its_page_alone(server: KakaoServer, landing: Landing) -> None:
    server.trouble.broken = 3
    done = collect(kakao(server), landing)
    assert done.rows == 2
    assert "500" in done.failures[0]
    assert collect(kakao(server), landing).rows == 1


def test_a_wrong_key_names_the_setting(server: KakaoServer, landing: Landing) -> None:
    with pytest.raises(CollectorError, match="wrong appKey format\\. Check rest_api_key") as error:
        collect(kakao(server, rest_api_key="wr0ng"), landing)
    assert "wr0ng" not in str(error.value)


def test_a_quota_used_up_ends_the_run(server: KakaoServer, landing: Landing) -> None:
    server.limited = True
    with pytest.raises(CollectorError, match="Kakao's quota is used up"):
        collect(kakao(server), landing)


def test_one_odd_date_neither_hides_a_gap_nor_ends_a_walk(
    server: KakaoServer, landing: Landing, landed: Landed
) -> None:
    server.pageable = 100
    server.documents["web"] = [page(n) for n in range(100)]
    source = kakao(server, "web")
    collect(source, landing)
    now = datetime.now(SEOUL)
    server.documents["web"] += [
        Document(f"https://example.com/new/{n}", "속보", QUERY, now) for n in range(150)
    ]
    server.documents["web"][-60].extra = {"datetime": "1970-01-01T09:00:00.000+09:00"}
    done = collect(source, landing)
    assert (done.rows, done.quarantined) == (99, 1)
    assert [row["state"] for row in landed("coverage")][1:] == ["gap", "collected"]


def test_looking_back_brings_a_range(server: KakaoServer) -> None:
    server.documents["web"] = [page(n) for n in range(300)]
    since, until = WHEN - timedelta(minutes=150), WHEN - timedelta(minutes=100)
    batches = list(kakao(server, "web").backfill(since, until, {}))
    assert sum(batch.table.num_rows for batch in batches) == 50


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"queries": (QUERY,)}, "rest_api_key in the section .kakao. is missing. Get it: devel"),
        ({"rest_api_key": KEY}, "Set queries"),
        ({"rest_api_key": KEY, "queries": (QUERY,), "services": ("vclip",)}, "names 'vclip'"),
    ],
    ids=["key", "queries", "services"],
)
def test_a_missing_setting_removes_the_source(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceUnavailable, match=said):
        open_kakao(KakaoSettings(**given))
