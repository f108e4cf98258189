"""The charts: a full calendar, honest axes, labels that do not overlap, the house's colours."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from dashboard import charts
from dashboard.i18n import Words
from dashboard.tokens import TOKENS, Theme

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 30)


def table(days: dict[date, tuple[int, int, int, int]]) -> pa.Table:
    rows = [(day, *counts) for day, counts in days.items()]
    names = ("day", "negative", "neutral", "positive", "unread")
    columns = [[row[index] for row in rows] for index in range(5)]
    return pa.table(dict(zip(names, columns, strict=True)))


FEW = table({date(2026, 11, 3): (3, 2, 5, 1), date(2026, 11, 20): (0, 1, 1, 0)})


def test_days_without_mentions_are_days_of_none() -> None:
    frame = charts.days_of(FEW, SINCE, UNTIL).frame
    assert len(frame) == 30
    assert frame["mentions"].sum() == 13
    assert frame.loc[2, "net"] == pytest.approx(20)
    assert frame["net"].isna().sum() == 28


def test_an_answer_without_rows_is_a_calendar_of_none() -> None:
    empty = FEW.slice(0, 0)
    frame = charts.days_of(empty, SINCE, UNTIL).frame
    assert len(frame) == 30
    assert frame["mentions"].sum() == 0
    charts.mentions_by_sentiment(
        charts.days_of(empty, SINCE, UNTIL), Words("ko"), "light"
    ).to_dict()
    charts.net_sentiment(charts.days_of(empty, SINCE, UNTIL), Words("ko"), "light").to_dict()


@pytest.mark.parametrize(
    ("length", "bucket"), [(7, "day"), (120, "day"), (121, "week"), (1096, "week"), (1097, "month")]
)
def test_long_periods_are_put_into_buckets_of_means(length: int, bucket: str) -> None:
    since = UNTIL - timedelta(days=length - 1)
    one_a_day = table({since + timedelta(days=n): (0, 0, 1, 0) for n in range(length)})
    days = charts.days_of(one_a_day, since, UNTIL)
    assert days.bucket == bucket
    assert days.frame["mentions"].eq(1).all()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_sentiment_lines(theme: Theme) -> None:
    chart = charts.mentions_by_sentiment(charts.days_of(FEW, SINCE, UNTIL), Words("ko"), theme)
    lines, labels, _ = chart.to_dict()["layer"]
    assert lines["mark"]["type"] == "line"
    assert lines["encoding"]["y"]["scale"] == {"zero": True}
    assert lines["encoding"]["color"]["legend"] is None
    scale = lines["encoding"]["color"]["scale"]
    assert scale["domain"] == ["positive", "neutral", "negative"]
    assert scale["range"] == [TOKENS[theme][name] for name in scale["domain"]]
    words = [row["text"] for row in chart.to_dict()["datasets"][labels["data"]["name"]]]
    assert words == ["+ 긍정", "· 중립", "− 부정"]


def test_labels_keep_their_order_and_distance() -> None:
    assert charts.spread([1.0, 1.1, 5.0], 0.5) == [1.0, 1.5, 5.0]
    assert charts.spread([3.0, 1.0, 2.9], 1.0) == [3.9, 1.0, 2.9]
    assert charts.spread([0.0, 0.0, 0.0], 1.0) == [0.0, 1.0, 2.0]


def test_share_of_voice_lies_down() -> None:
    rows = [("해담 숨", 60, 0.6, 0.2), ("해담 결", 40, 0.4, None)]
    chart = charts.share_of_voice(rows, Words("ko"), "light").to_dict()
    bars, text = chart["layer"]
    assert bars["mark"]["type"] == "bar"
    assert bars["encoding"]["y"]["field"] == "name"
    (data,) = chart["datasets"].values()
    assert text["mark"]["type"] == "text"
    assert [row["figure"] for row in data] == ["60 % · 순감성 +20", "40 % · 순감성 –"]
