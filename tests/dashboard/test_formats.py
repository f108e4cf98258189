"""Numbers and times as the desk writes them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard import formats
from dashboard.i18n import Words

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "korean"),
    [
        (0, "0"), (9_999, "9,999"), (10_000, "1만"), (12_345, "1.2만"), (638_622, "63.9만"),
        (99_994_999, "9,999.5만"), (340_000_000, "3.4억"), (99_999_999, "1억"),
    ],
)  # fmt: skip
def test_large_korean_counts(value: int, korean: str) -> None:
    assert formats.short(value, "ko") == korean
    assert formats.short(value, "en") == f"{value:,}"


def test_shares_and_signs() -> None:
    assert [formats.percent(x) for x in (0, 0.004, 0.0994, 0.12, 1)] == [
        "0 %", "0.4 %", "9.9 %", "12 %", "100 %",
    ]  # fmt: skip
    assert [formats.signed(x) for x in (12.4, -3.2, 0.2)] == ["+12", "−3", "0"]
    assert formats.net(None) == "–"
    assert formats.net(-0.31) == "−31"


@pytest.mark.parametrize(
    ("ago", "korean", "english"),
    [
        (timedelta(seconds=5), "방금", "just now"),
        (timedelta(minutes=1), "1분 전", "1 minute ago"),
        (timedelta(hours=3), "3시간 전", "3 hours ago"),
        (timedelta(days=6, hours=23), "6일 전", "6 days ago"),
        (timedelta(days=7), "2026. 11. 15.", "15 Nov 2026"),
        (timedelta(days=-2), "2026. 11. 24.", "24 Nov 2026"),
    ],
)
def test_times_are_relative_up_to_a_week(ago: timedelta, korean: str, english: str) -> None:
    moment = NOW - ago
    assert formats.when(moment, NOW, "Asia/Seoul", Words("ko")) == korean
    assert formats.when(moment, NOW, "Asia/Seoul", Words("en")) == english


def test_days_are_those_of_the_zone() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert formats.exact(late, "Asia/Seoul", "ko") == "2026. 11. 21. 08:30 (Asia/Seoul)"
    assert formats.day(date(2026, 1, 5), "en") == "5 Jan 2026"


@pytest.mark.parametrize(
    ("hours", "korean", "english"),
    [
        (1, "오늘 11:00", "11:00 today"),
        (14, "어제 22:00", "22:00 yesterday"),
        (60, "2026. 11. 20. 00:00", "20 Nov 2026 00:00"),
    ],
)
def test_an_hour_is_said_as_people_say_it(hours: int, korean: str, english: str) -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    moment = now - timedelta(hours=hours)
    assert formats.hour(moment, now, "Asia/Seoul", Words("ko")) == korean
    assert formats.hour(moment, now, "Asia/Seoul", Words("en")) == english
