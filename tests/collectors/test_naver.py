"""Naver's search from a local server that speaks its interface, through landing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.base import Backfilling, CollectorError, SourceUnavailable
from collectors.naver import Naver, NaverSettings, open_naver
from collectors.run import Collected, collect
from tests.fakes.naver import CLIENT_ID, CLIENT_SECRET, SEOUL, NaverServer, Post
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=SEOUL)
QUERY = "마당 청소기"


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture
def server() -> Iterator[NaverServer]:
    with NaverServer() as running:
        running.posts = {
            "news": [news(0, "마당 청소기, \"올해의 가전\" 뽑혀", "소음을 절반으로 줄였다.")],
            "blog": [
                Post("https://blog.naver.com/haru/1", "마당 청소기 한 달 후기",
                     "흡입력은 좋은데 먼지통이 작아요 & 무거워요", WHEN)
            ],
            "cafearticle": [
                Post("https://cafe.naver.com/clean/77", "마당 청소기 배터리",
                     "마당 청소기 배터리가 20분이면 꺼져요. 저만 그런가요?", WHEN)
            ],
        }  # fmt: skip
        yield running


def news(number: int, title: str = "", text: str = "마당 청소기 소식입니다.") -> Post:
    return Post(
        f"https://news.example.com/{number}",
        title or f"마당 청소기 소식 {number}",
        text,
        WHEN - timedelta(minutes=number),
    )


def naver(server: NaverServer, *services: str, **settings: Any) -> Naver:
    given: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "queries": (QUERY,),
        "base_url": server.url,
        "retry_seconds": 0.0,
    }
    if services:
        given["services"] = services
    return Naver(NaverSettings(**(given | settings)))


def covering(landed: Landed, part: str) -> list[tuple[str, datetime, datetime]]:
    rows = [row for row in landed("coverage") if row["part"] == part]
    return [(row["state"], row["begin_at"], row["end_at"]) for row in rows]


def test_each_service_gives_plain_text_and_its_own_time(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    before = datetime.now(UTC)
    assert collect(naver(server), landing) == Collected(rows=3, batches=3, quarantined=0)
    article, post, cafe = landed("mentions")
    assert article["title"] == '마당 청소기, "올해의 가전" 뽑혀'
    assert article["native_id"] == article["url"] == "https://news.example.com/0"
    assert article["created_at"] == WHEN
    assert post["text"] == "흡입력은 좋은데 먼지통이 작아요 & 무거워요"
    assert post["author_name"] == "살림하는 하루"
    assert post["created_at"] == datetime(2026, 11, 20, tzinfo=SEOUL), "only the day is told"
    assert before - timedelta(seconds=1) <= cafe["created_at"] <= datetime.now(UTC)
    assert '"cafe": "청소의 달인"' in cafe["extra"]
    assert {row["kind"] for row in (article, post, cafe)} == {"post"}


def test_a_second_run_brings_only_what_is_new_or_edited(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    collect(naver(server), landing)
    told = len(landed("coverage"))
    assert collect(naver(server), landing) == Collected(0, 1, 0), "one batch for what was heard"
    assert len(landed("coverage")) == told + 3
    first_seen = landed("mentions")[2]["created_at"]
    server.posts["cafearticle"][0].text = "마당 청소기 배터리, 교환받았어요."
    server.posts["news"].append(news(-1, "마당 청소기 리콜", "배터리 결함으로 무상 교환합니다."))
    assert collect(naver(server), landing).rows == 2
    recall, mended = landed("mentions")[3:]
    assert recall["title"] == "마당 청소기 리콜"
    assert mended["text"] == "마당 청소기 배터리, 교환받았어요."
    assert mended["created_at"] == first_seen, "an edit is no new mention"


def test_pages_are_walked_down_to_what_is_known(server: NaverServer, landing: Landing) -> None:
    server.posts["news"] = [news(n) for n in range(250)]
    source = naver(server, "news")
    assert collect(source, landing).rows == 250
    assert len(server.asked) == 3
    server.posts["news"] += [news(-n) for n in range(1, 121)]
    assert collect(source, landing).rows == 120
    assert len(server.asked) == 5, "the second page ends with what is known"


def test_a_crash_between_pages_loses_and_doubles_nothing(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    server.posts["news"] = [news(n) for n in range(250)]
    source = naver(server, "news")

    def crash(rows: int) -> None:
        raise Crash

    with pytest.raises(Crash):
        collect(source, landing, crash)
    server.posts["news"].append(news(-1))
    with pytest.raises(Crash):
        collect(source, landing, crash)
    collect(source, landing)
    keys = [row["native_id"] for row in landed("mentions")]
    assert len(keys) == len(set(keys)) == 251


def test_more_than_a_thousand_results_leave_a_gap(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    source = naver(server, "news")
    collect(source, landing)
    [(state, begin, first_run)] = covering(landed, f"news {QUERY}")
    assert (state, begin) == ("collected", WHEN)
    now = datetime.now(SEOUL)
    server.posts["news"] += [
        Post(
            f"https://news.example.com/late/{n}", f"{QUERY} 속보 {n}", "", now + timedelta(hours=n)
        )
        for n in range(-1, 1)
    ]
    assert collect(source, landing).rows == 2
    assert [state for state, *_ in covering(landed, f"news {QUERY}")] == ["collected"] * 2
    server.posts["news"] += [
        Post(
            f"https://news.example.com/flood/{n}",
            f"{QUERY} 이벤트 {n}",
            "",
            now + timedelta(hours=1),
        )
        for n in range(1100)
    ]
    assert collect(source, landing).rows == 1000
    gap, rest = covering(landed, f"news {QUERY}")[2:]
    assert gap[0] == "gap"
    assert first_run < gap[1] <= gap[2] == rest[1]
    assert rest[0] == "collected"
    assert collect(source, landing).rows == 0


def test_a_flood_after_silence_leaves_a_gap_as_well(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    server.posts["news"] = []
    source = naver(server, "news")
    collect(source, landing)
    later = datetime.now(SEOUL) + timedelta(hours=1)
    server.posts["news"] = [
        Post(f"https://news.example.com/{n}", f"{QUERY} {n}", "", later) for n in range(1001)
    ]
    collect(source, landing)
    assert [row["state"] for row in landed("coverage")] == ["collected", "gap", "collected"]


def test_two_queries_that_find_the_same_post_bring_it_once(
    server: NaverServer, landing: Landing
) -> None:
    server.posts["news"] = [news(n) for n in range(500)]
    both = naver(server, "news", queries=(QUERY, "소식"))
    assert collect(both, landing).rows == 500
    assert collect(both, landing).rows == 0


def test_questions_are_the_same_whatever_found_them(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    link = "https://kin.naver.com/qna/detail.naver?d1id=8&dirId=80105&docId=47129"
    server.posts["kin"] = [Post(link, "청소기 추천", f"{QUERY} 어떤가요? 시끄럽나요?", WHEN)]
    server.posts["shop"] = [
        Post("https://search.shopping.naver.com/catalog/52301", QUERY, "", WHEN)
    ]
    collect(naver(server, "kin", "shop"), landing)
    question, product = landed("mentions")
    assert question["kind"] == "question"
    assert question["native_id"] == link
    assert product["native_id"] == "shop 52301"
    assert '"lprice": "398000"' in product["extra"]


def test_odd_values_are_refused_alone(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    server.posts["news"] += [
        news(1), news(2), Post("https://news.example.com/3", f"{QUERY} 소식", "", WHEN),
    ]  # fmt: skip
    server.posts["news"][1].extra = {"pubDate": "어제"}
    server.posts["news"][2].extra = {"originallink": 7, "link": ["?"], "title": None}
    server.posts["news"][3].extra = {"description": "", "title": ""}
    done = collect(naver(server, "news"), landing)
    assert (done.rows, done.quarantined) == (1, 3)
    reasons = {row["reason"].partition(" (")[0] for row in landed("quarantined")}
    assert "no created_at" in reasons
    assert collect(naver(server, "news"), landing) == Collected(0, 1, 0)


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)])
def test_trouble_that_passes_is_waited_out(
    server: NaverServer, landing: Landing, trouble: str, times: int
) -> None:
    setattr(server.trouble, trouble, times)
    assert collect(naver(server, "news"), landing).rows == 1


def test_a_page_that_stays_broken_fails_alone_and_comes_later(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    server.posts["news"] = [news(n) for n in range(150)]
    server.tired = {101}
    done = collect(naver(server), landing)
    assert done.rows == 102, "the first page of news, and the other services"
    [failure] = done.failures
    assert "SE99" in failure
    assert [row["state"] for row in landed("coverage")][:2] == ["failed", "collected"]
    server.tired = set()
    assert collect(naver(server), landing).rows == 50
    assert len({row["native_id"] for row in landed("mentions")}) == 152


def test_a_wrong_key_names_the_setting(server: NaverServer, landing: Landing) -> None:
    with pytest.raises(CollectorError, match="client_id and client_secret in the section") as error:
        collect(naver(server, client_secret="wr0ng"), landing)
    assert "wr0ng" not in str(error.value)


def test_a_quota_used_up_ends_the_run_and_keeps_what_came(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    server.posts["news"] = [news(n) for n in range(150)]
    server.quota = 1
    with pytest.raises(CollectorError, match="daily quota is used up"):
        collect(naver(server, "news"), landing)
    assert len(landed("mentions")) == 100
    server.quota = None
    assert collect(naver(server, "news"), landing).rows == 50


def test_a_long_retry_after_is_left_for_the_next_run(server: NaverServer, landing: Landing) -> None:
    server.trouble.busy, server.trouble.retry_after = 1, "3600"
    assert "429" in collect(naver(server, "news"), landing).failures[0]
    assert len(server.asked) == 1


def test_looking_back_brings_a_range_and_says_where_it_could_not(
    server: NaverServer, landing: Landing, landed: Landed
) -> None:
    server.posts["news"] = [news(n) for n in range(300)]
    source = naver(server, "news", "cafearticle")
    assert isinstance(source, Backfilling)
    since, until = WHEN - timedelta(minutes=150), WHEN - timedelta(minutes=100)
    batches = list(source.backfill(since, until, {"parts": {}}))
    times = [row["created_at"] for batch in batches for row in batch.table.to_pylist()]
    assert len(times) == 50
    assert since <= min(times) <= max(times) < until
    told = [row for batch in batches if batch.covered for row in batch.covered.to_pylist()]
    assert [(row["part"].split()[0], row["state"]) for row in told] == [
        ("news", "collected"),
        ("cafearticle", "gap"),
    ]
    assert (told[0]["begin_at"], told[0]["end_at"]) == (since, until)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"client_id": ""}, "client_id in the section .naver. is missing. Get it: developers"),
        ({"client_secret": ""}, "client_secret in the section"),
        ({"queries": ()}, "Set queries"),
        ({"services": ("image",)}, "names 'image'. Known are news"),
    ],
    ids=str,
)
def test_a_missing_setting_removes_the_source(missing: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"client_id": "a", "client_secret": "b", "queries": (QUERY,)}
    with pytest.raises(SourceUnavailable, match=said):
        open_naver(NaverSettings(**(given | missing)))
