"""What was not collected is a blank with a word to it, never a zero."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from collectors.base import covered
from dashboard import bands, charts, gaps
from dashboard.i18n import Words
from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.queries import Unheard
from warehouse.records import COVERAGE, MENTION
from warehouse.store import Warehouse

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 30)
KO, EN = Words("ko"), Words("en")


def unheard(day: int, missed: float = 1.0, by_all: float | None = None) -> Unheard:
    share = missed if by_all is None else by_all
    return Unheard(date(2026, 11, day), ("naver",), missed, share, "키를 다시 받으세요.")


def one_a_day(*silent: int) -> pa.Table:
    days = [SINCE + timedelta(days=n) for n in range(30)]
    many = [0 if day.day in silent else 1 for day in days]
    none = [0] * 30
    return pa.table({"day": days, "negative": many, "neutral": none, "positive": many,
                     "unread": none})  # fmt: skip


def test_a_day_nobody_heard_is_a_blank_and_a_silent_one_a_zero() -> None:
    frame = charts.days_of(one_a_day(5, 6), SINCE, UNTIL, [unheard(5)]).frame
    assert frame.loc[4, ["negative", "mentions", "net"]].isna().all()
    assert frame.loc[5, "mentions"] == 0


def test_the_line_goes_on_where_others_listened() -> None:
    partly = [unheard(5, by_all=0.0), unheard(6, missed=0.2), unheard(7, missed=0.2)]
    days = charts.days_of(one_a_day(7), SINCE, UNTIL, partly)
    assert days.frame["mentions"].isna().to_numpy().nonzero()[0].tolist() == [6]
    assert len(days.unheard) == 3


def test_means_of_weeks_leave_out_what_was_not_heard() -> None:
    since = UNTIL - timedelta(days=139)
    table = one_a_day(20, 21)
    calendar = charts.days_of(table, since, UNTIL, [unheard(20), unheard(21)])
    assert calendar.bucket == "week"
    assert calendar.frame["mentions"].iloc[-2] == pytest.approx(2)


@pytest.mark.parametrize(
    "draw", [charts.mentions_by_sentiment, charts.net_sentiment, charts.arrivals]
)
def test_charts_draw_a_band_that_says_what_is_missing(draw: Callable[..., Any]) -> None:
    days = charts.days_of(one_a_day(5), SINCE, UNTIL, [unheard(5)])
    chart = draw(days, KO, "light").to_dict()
    band = chart["layer"][0]
    (row,) = chart["datasets"][band["data"]["name"]]
    assert band["mark"]["type"] == "rect"
    assert (row["begin"][:13], row["end"][:13]) == ("2026-11-04T12", "2026-11-05T12")
    assert row["told"] == "2026. 11. 5. naver 글을 100 %만큼 모으지 못했어요. 키를 다시 받으세요."
    hovers = chart["datasets"][chart["layer"][-1]["data"]["name"]]
    assert len(hovers) == 29
    whole = charts.days_of(one_a_day(5), SINCE, UNTIL)
    assert len(draw(whole, KO, "light").to_dict()["layer"]) == len(chart["layer"]) - 1


def test_a_period_that_nobody_heard_can_be_drawn() -> None:
    deaf = [unheard(day) for day in range(1, 31)]
    days = charts.days_of(one_a_day(*range(1, 31)), SINCE, UNTIL, deaf)
    charts.mentions_by_sentiment(days, KO, "dark").to_dict()
    assert days.frame["mentions"].isna().all()


def test_sentences_name_runs_of_days_and_sources() -> None:
    found = [unheard(day) for day in (3, 4, 5, 9, 12, 20)]
    told = gaps.sentence(found, KO)
    assert "2026. 11. 3. – 2026. 11. 5., 2026. 11. 9., 2026. 11. 12. 외 1번" in told
    assert "naver" in gaps.sentence(found[:1], EN)
    assert gaps.sentence([], KO) == ""


@pytest.mark.parametrize(
    ("days", "words"),
    [((20,), "줄어든"), ((2,), "늘어난"), ((2, 20), "그대로 견줄 수 없어요"), ((), "")],
)
def test_a_comparison_says_which_side_lacks_something(days: tuple[int, ...], words: str) -> None:
    told = gaps.of_comparison([unheard(day) for day in days], date(2026, 11, 15), KO)
    assert words in told
    assert bool(told) == bool(days)


@pytest.mark.parametrize(
    ("behind", "said"), [(3, "3분"), (119, "119분"), (60 * 30, "30시간"), (60 * 72, "3일")]
)
def test_lag_in_words(behind: int, said: str) -> None:
    assert gaps.lag(timedelta(minutes=behind), KO) == said


@pytest.fixture
def listened(tmp_path: Path, empty: Warehouse) -> Warehouse:
    """Two months of one source, deaf from the 10th to the 12th and failing for five hours."""
    landing = Landing(tmp_path / "l")
    deaf = (datetime(2026, 11, 9, 15, tzinfo=UTC), datetime(2026, 11, 12, 15, tzinfo=UTC))
    moments = [NOW - timedelta(hours=hour) for hour in range(6, 24 * 60)]
    rows = [
        {"source": "naver", "native_id": str(at), "kind": "post", "text": "배송이 늦어요",
         "product": "해담 숨", "created_at": at, "collected_at": NOW}
        for at in moments if not deaf[0] <= at < deaf[1]
    ]  # fmt: skip
    covered = [
        ("collected", moments[-1], NOW - timedelta(hours=5), None),
        ("gap", *deaf, "검색 결과가 1,000건에서 끊겼어요."),
        ("failed", NOW - timedelta(hours=1), NOW, "401: naver.client_secret을 다시 넣으세요."),
    ]
    table = pa.Table.from_pylist(
        [{"source": "naver", "part": "", "state": state, "begin_at": begin, "end_at": end,
          "reason": reason, "recorded_at": NOW} for state, begin, end, reason in covered],
        schema=COVERAGE,
    )  # fmt: skip
    with landing.open_source("mentions", "naver") as writer:
        writer.write(Batch(pa.Table.from_pylist(rows, schema=MENTION), {}, covered=table))
    load(empty, landing)
    return empty


def said(app: AppTest) -> str:
    return " ".join(str(each.proto.body) for each in app.get("html"))


def test_the_front_says_what_its_comparison_lacks(browser: Any, listened: Warehouse) -> None:
    desk = replace(browser.desk, warehouse=listened)
    page = said(type(browser)(desk).open("overview"))
    assert "모으지 못했어요" in page
    assert "줄어든 것처럼" in page


def test_the_sources_show_thirty_days_the_lag_and_what_mends_it(
    browser: Any, listened: Warehouse
) -> None:
    page = said(type(browser)(replace(browser.desk, warehouse=listened)).open("sources"))
    assert page.count("class='m-day m-day-gap'") == 3
    assert page.count("class='m-day m-day-failed'") == 1
    assert page.count("class='m-day m-day-heard'") == 26
    assert "들은 날 26일" in page
    assert "300분" not in page and "5시간" in page
    assert "naver.client_secret" in page and "madang doctor" in page


def test_the_look_back_that_mends_a_gap_reaches_all_of_its_last_day(
    tmp_path: Path, browser: Any, listened: Warehouse
) -> None:
    landing = Landing(tmp_path / "l")
    with landing.open_source("coverage", "naver") as writer:
        writer.write(Batch(covered("naver", "collected", NOW - timedelta(hours=5), NOW), {}))
    load(listened, landing)
    page = said(type(browser)(replace(browser.desk, warehouse=listened)).open("sources"))
    # The 12th was missed, and a look back ends before the day that it names.
    assert "madang collect naver --since 2026-11-10 --until 2026-11-13" in page


def test_a_source_that_says_nothing_of_it_has_no_row(browser: Any) -> None:
    assert "class='m-month'" not in said(browser.open("sources"))


def test_hours_beside_an_alert_that_were_not_heard_are_a_band() -> None:
    hours = [NOW.replace(minute=0) + timedelta(hours=n) for n in range(6)]
    seen = [3, 4, None, None, 5, 9]
    series = pa.table(
        {"hour": pa.array(hours, pa.timestamp("us", tz="Asia/Seoul")), "seen": seen,
         "expected": [3.0, 3.0, None, None, 3.0, 3.0], "low": [0.0, 0.0, None, None, 0.0, 0.0],
         "high": [6.0, 6.0, None, None, 6.0, 6.0], "in_window": [False] * 5 + [True]}
    )  # fmt: skip
    chart = bands.alert_hours(series, KO, "light").to_dict()
    band, *others = chart["layer"]
    assert band["mark"]["type"] == "rect"
    assert [row["told"] for row in chart["datasets"][band["data"]["name"]]] == [
        "모으지 못한 때"
    ] * 2
    assert len(chart["datasets"][others[-1]["data"]["name"]]) == 4
