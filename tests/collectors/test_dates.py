"""Every way in which files write a point in time, against the standard library's own reading."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.rows.dates import calendar_days, instants

SEOUL = ZoneInfo("Asia/Seoul")
MIDNIGHT = datetime(2015, 8, 27, tzinfo=SEOUL)
FIRST = datetime(1900, 1, 1, tzinfo=UTC).replace(tzinfo=None)
LAST = datetime(2099, 12, 31, tzinfo=UTC).replace(tzinfo=None)
MORNING = datetime(2015, 8, 27, 9, 5, 7, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2015-08-27", MIDNIGHT),
        ("2015.08.27", MIDNIGHT),
        ("2015.08.27.", MIDNIGHT),
        ("2015. 8. 27.", MIDNIGHT),
        ("2015/8/27", MIDNIGHT),
        ("2015년 8월 27일", MIDNIGHT),
        ("20150827", MIDNIGHT),
        ("20150827090507", MORNING),
        ("201508270905", MORNING.replace(second=0)),
        ("2015-08-27 09:05:07", MORNING),
        ("2015-08-27T09:05:07.250", MORNING.replace(microsecond=250_000)),
        ("2015-08-27T00:05:07Z", MORNING),
        ("2015-08-27T09:05:07+09:00", MORNING),
        ("2015-08-26 19:05:07 -0500", MORNING),
        ("2015.08.27 오전 9:05:07", MORNING),
        ("2015.08.27 오후 9:05:07", MORNING.replace(hour=21)),
        ("2015-08-27 12:05:07 PM", None),
        ("2015-08-27 오후 12:05", MORNING.replace(hour=12, second=0)),
        ("2015-08-27 오전 12:05", MORNING.replace(hour=0, second=0)),
        ("1440633907", MORNING),
        ("1440633907000", MORNING),
        ("1440633907000000", MORNING),
        ("2016-02-29", datetime(2016, 2, 29, tzinfo=SEOUL)),
        ("2015-02-29", None),
        ("2015-13-01", None),
        ("2015-04-31", None),
        ("2015-08-27 25:00", None),
        ("2015-08-27T09:05:07+25:00", None),
        ("어제", None),
        ("12345", None),
    ],
)
def test_a_text_is_the_moment_it_means(text: str, meant: datetime | None) -> None:
    beside = "2020.01.02 03:04"  # so that the column is never of one form
    read = instants(pa.array([text, beside, None]), "Asia/Seoul")
    values = read.values.to_pylist()
    assert values[0] == (None if meant is None else meant.astimezone(UTC))
    assert values[1] == datetime(2020, 1, 2, 3, 4, tzinfo=SEOUL)
    failed = read.failed.to_pylist() if read.failed is not None else [False] * 3
    assert failed == [meant is None, False, False]


def test_columns_that_are_times_already() -> None:
    naive = pa.array([MIDNIGHT.replace(tzinfo=None)], pa.timestamp("ns"))
    aware = pa.array([MIDNIGHT], pa.timestamp("ms", "Asia/Seoul"))
    for values in (pa.array([date(2015, 8, 27)]), naive, aware, pa.array([20150827])):
        assert instants(values, "Asia/Seoul").values.to_pylist() == [MIDNIGHT]
    seconds = pa.array([1440633907.25, float("nan"), None])
    read = instants(seconds, "Asia/Seoul")
    assert read.values.to_pylist() == [MORNING.replace(microsecond=250_000), None, None]
    assert read.failed is not None and read.failed.to_pylist() == [False, True, False]


def test_a_clock_that_was_put_forward_or_back_does_not_stop_a_column() -> None:
    new_york = instants(pa.array(["2026-03-08 02:30", "2026-11-01 01:30"]), "America/New_York")
    assert new_york.values[1].as_py() == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert new_york.values[0].is_valid


def test_dates_of_birth_have_no_zone() -> None:
    read = calendar_days(pa.array(["1931-02-03", "1988.12.31", "1999-02-30"]))
    assert read.values.to_pylist() == [date(1931, 2, 3), date(1988, 12, 31), None]
    assert read.failed is not None and read.failed.to_pylist() == [False, False, True]


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(
        FIRST,
        LAST,
        timezones=st.sampled_from([UTC, SEOUL, ZoneInfo("Asia/Kolkata")]),
    )
)
def test_iso_text_is_read_as_the_standard_library_does(moment: datetime) -> None:
    offset = moment.utcoffset()
    assert offset is not None
    if offset.total_seconds() % 60:  # local mean time of long ago has seconds; ISO text has not
        moment = moment.replace(tzinfo=UTC)
    mixed = pa.array([moment.isoformat(), "2020.01.02"])
    assert instants(mixed, "UTC").values[0].as_py() == moment.astimezone(UTC)
