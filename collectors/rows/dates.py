"""Points in time as files and sites write them, in columns, to UTC.

Read are ISO 8601, 2015.08.27, 2015/8/27, 2015년 8월 27일, 20150827, with or without a time (also
with 오전 and 오후) and an offset, and seconds or milliseconds since 1970. What has no offset is in
the given zone; a bare date is its midnight there. A number is read by its count of digits: 8, 12
or 14 are a calendar date, 9 or 10 seconds, 13 milliseconds, 16 microseconds; other readings of
these would lie before 1990.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from collectors.rows.arrow import Column, pc
from warehouse.records import TIME

_NAIVE: Final = pa.timestamp("us")
_DATE: Final = r"(?P<y>\d{4})\s?[-./년]\s?(?P<m>\d{1,2})\s?[-./월]\s?(?P<d>\d{1,2})\s?[.일]?"
_CLOCK: Final = (
    r"(?:[T\s]\s?(?P<half>오전|오후|[AaPp][Mm])?\s?(?P<H>\d{1,2}):(?P<M>\d{2})"
    r"(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
)
_OFFSET: Final = r"\s?(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?"
_CALENDAR: Final = f"^{_DATE}{_CLOCK}{_OFFSET}$"
_COMPACT: Final = (
    r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"
    r"(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?$"
)
_SINCE_1970: Final = (("^[0-9]{9,10}$", 1_000_000), ("^[0-9]{13}$", 1_000), ("^[0-9]{16}$", 1))
_SECOND: Final = 1_000_000  # microseconds
_DAY: Final = 86_400 * _SECOND
_FURTHEST_OFFSET: Final = 14 * 60  # minutes; the Line Islands

Integers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Converted:
    """A column in its new type, and which values could not be converted (null in `values`)."""

    values: Column
    failed: Column | None = None


def instants(values: Column, zone: str) -> Converted:
    """`values` (text, numbers, dates or timestamps) as timestamps in UTC, microseconds."""
    kind = values.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return Converted(values.cast(TIME, safe=False))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return Converted(_in_zone(values.cast(_NAIVE, safe=False), zone))
    if pa.types.is_floating(kind):
        return _from_floats(values, zone)
    if pa.types.is_integer(kind):
        values = values.cast(pa.string())
    if not pa.types.is_string(values.type):
        return Converted(pa.nulls(len(values), TIME), values.is_valid())
    return _from_text(values, zone)


def calendar_days(values: Column) -> Converted:
    """`values` as days without a zone, such as dates of birth."""
    if pa.types.is_date(values.type):
        return Converted(values.cast(pa.date32()))
    read = instants(values, "UTC")
    return Converted(read.values.cast(_NAIVE).cast(pa.date32(), safe=False), read.failed)


def _in_zone(naive: Column, zone: str) -> Column:
    # A wall clock time that came twice, or never, when the clocks were changed: the earlier one.
    aware = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="earliest")
    times: Column = aware.cast(TIME)
    return times


def _from_floats(values: Column, zone: str) -> Converted:
    floats = values.to_numpy(zero_copy_only=False).astype(np.float64)
    usable = np.isfinite(floats) & (np.abs(floats) < 1e17)
    whole = np.where(usable, floats, 0.0)
    if (whole == np.floor(whole)).all():
        text = pa.array(whole.astype(np.int64), mask=~usable).cast(pa.string())
        read = _from_text(text, zone)
        return _failing_also(read, values, usable)
    micros = np.where(whole < 1e11, whole * _SECOND, whole * 1000)
    times = pa.array(micros.astype(np.int64), mask=~usable).cast(_NAIVE)
    return _failing_also(Converted(_in_zone(times, "UTC")), values, usable)


def _failing_also(read: Converted, values: Column, usable: Truths) -> Converted:
    failed = pc.and_(values.is_valid(), read.values.is_null())
    return Converted(read.values, pc.or_(failed, pc.and_(values.is_valid(), pa.array(~usable))))


def _from_text(values: Column, zone: str) -> Converted:
    try:
        return Converted(_in_zone(values.cast(_NAIVE), zone))
    except pa.ArrowInvalid:
        pass  # not all are plain ISO without an offset
    try:
        return Converted(values.cast(TIME))
    except pa.ArrowInvalid:
        return _from_mixed_text(values, zone)


def _from_mixed_text(values: Column, zone: str) -> Converted:
    local = np.zeros(len(values), dtype=np.int64)
    shift = np.zeros(len(values), dtype=np.int64)
    known = np.zeros(len(values), dtype=bool)
    fixed = np.zeros(len(values), dtype=bool)  # those that say their offset
    for pattern in (_CALENDAR, _COMPACT):
        found = _read_calendar(pc.extract_regex(values, pattern))
        local[found.known], shift[found.known] = found.local[found.known], found.shift[found.known]
        fixed |= found.fixed
        known |= found.known
    for pattern, micros in _SINCE_1970:
        match = pc.fill_null(pc.match_substring_regex(values, pattern), False)
        digits = pc.if_else(match, values, pa.scalar("0")).fill_null("0").cast(pa.int64())
        here = match.to_numpy(zero_copy_only=False)
        local[here] = digits.to_numpy(zero_copy_only=False)[here] * micros
        fixed |= here
        known |= here
    naive = pa.array(local, mask=~(known & ~fixed)).cast(_NAIVE)
    aware = pa.array(local - shift, mask=~(known & fixed)).cast(_NAIVE)
    times = pc.coalesce(_in_zone(naive, zone), _in_zone(aware, "UTC"))
    return Converted(times, pc.and_(values.is_valid(), pa.array(~known)))


@dataclass(frozen=True)
class _Read:
    local: Integers  # microseconds since 1970 on the clock of the place
    shift: Integers  # microseconds by which that clock is ahead of UTC
    known: Truths
    fixed: Truths


def _read_calendar(parts: pa.StructArray) -> _Read:
    matched = parts.is_valid().to_numpy(zero_copy_only=False)
    names = {parts.type.field(i).name for i in range(parts.type.num_fields)}
    zero = np.zeros(len(parts), dtype=np.int64)

    def number(name: str) -> Integers:
        return _integers(parts.field(name)) if name in names else zero

    year, month, day = number("y"), number("m"), number("d")
    hour, minute, second = number("H"), number("M"), number("S")
    possible = matched & (month >= 1) & (month <= 12) & (day >= 1)
    possible &= day <= _days_in_month(year, np.where(possible, month, 1))
    possible &= (hour <= 23) & (minute <= 59) & (second <= 59)
    if "half" in names:
        hour, possible = _from_half_days(parts.field("half"), hour, possible)
    micros = _fractions(parts.field("f")) if "f" in names else zero
    days = _days_since_1970(year, np.where(possible, month, 1), day)
    local = days * _DAY + (hour * 3600 + minute * 60 + second) * _SECOND + micros
    shift, fixed = zero, np.zeros(len(parts), dtype=bool)
    if "zone" in names:
        offset = parts.field("zone")
        minutes = _offset_minutes(offset)
        fixed = matched & (_fill(offset, "") != "")
        possible &= np.abs(minutes) <= _FURTHEST_OFFSET
        shift = minutes * 60 * _SECOND
    return _Read(local, shift, possible, fixed & possible)


def _from_half_days(half: Column, hour: Integers, possible: Truths) -> tuple[Integers, Truths]:
    words = pc.ascii_lower(half)
    afternoon = np.isin(_fill(words, ""), ["오후", "pm"])
    said = _fill(words, "") != ""
    hour = np.where(said, hour % 12 + 12 * afternoon, hour)
    return hour, possible


def _fill(strings: Column, value: str) -> npt.NDArray[Any]:
    filled: npt.NDArray[Any] = pc.fill_null(strings, value).to_numpy(zero_copy_only=False)
    return filled.astype(object)


def _integers(strings: Column) -> Integers:
    filled = pc.if_else(pc.equal(strings, ""), "0", strings).fill_null("0")
    numbers: Integers = filled.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _fractions(digits: Column) -> Integers:
    return _integers(pc.utf8_slice_codeunits(pc.utf8_rpad(digits, 6, "0"), 0, 6))


def _offset_minutes(offset: Column) -> Integers:
    plain = pc.replace_substring(offset, ":", "")
    numeric = pc.if_else(pc.match_substring_regex(plain, "^[+-]"), plain, "")
    hours = _integers(pc.utf8_slice_codeunits(numeric, 1, 3))
    minutes = _integers(pc.utf8_slice_codeunits(numeric, 3, 5))
    sign = np.where(_fill(pc.utf8_slice_codeunits(numeric, 0, 1), "") == "-", -1, 1)
    offsets: Integers = sign * (hours * 60 + minutes)
    return offsets


def _days_in_month(year: Integers, month: Integers) -> Integers:
    lengths = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    days: Integers = lengths[month - 1] + (leap & (month == 2))
    return days


def _days_since_1970(year: Integers, month: Integers, day: Integers) -> Integers:
    """Days from the civil date (Hinnant, "chrono-compatible low-level date algorithms", 2013)."""
    y = year - (month <= 2)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    day_of_era = of_era * 365 + of_era // 4 - of_era // 100 + of_year
    days: Integers = era * 146_097 + day_of_era - 719_468
    return days
