"""Columns of a file into the fields of a record: which goes where, and into which type.

Everything is done in columns; only values that fail are ever looked at one by one.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from collectors.base import CollectorError
from collectors.rows.arrow import Column, pc
from collectors.rows.dates import Converted, calendar_days, instants
from collectors.rows.validate import BROKEN_UTF8, sound_utf8
from warehouse.records import SCHEMAS

# What a file must give; the rest is filled in or may stay empty.
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "mentions": ("text", "created_at"),
    "customers": ("customer_id",),
    "orders": ("customer_id", "amount", "ordered_at"),
    "interactions": ("customer_id", "happened_at"),
}
IDENTITY: Final[dict[str, str]] = {
    "mentions": "native_id",
    "customers": "customer_id",
    "orders": "order_id",
    "interactions": "interaction_id",
}
_NOT_FROM_FILES: Final = frozenset({"source", "collected_at", "extra"})
_INTEGER: Final = r"^[+-]?\d{1,18}(?:\.0*)?$"
_NUMBER: Final = r"^[+-]?(?:\d+\.?\d*|\.\d+)$"


def choose(
    record: str, columns: Sequence[str], mapping: Mapping[str, str], named: str
) -> dict[str, str]:
    """Which file column fills which field: {field: column}.

    The columns that `mapping` ({column: field}) leaves out fill the fields of their own name.
    Raises CollectorError for an unknown field, a missing column, or a field that lacks a column;
    `named` is the file as the message should call it.
    """
    if record not in NEEDED:
        raise CollectorError(f"There is no record {record!r}; import one of {', '.join(NEEDED)}.")
    fields = [name for name in SCHEMAS[record].names if name not in _NOT_FROM_FILES]
    chosen: dict[str, str] = {}
    for column, field in mapping.items():
        if field not in fields:
            raise CollectorError(
                f"{record} have no field {field!r}{_near(field, fields)}. "
                f"Map columns to: {', '.join(fields)}."
            )
        if column not in columns:
            raise CollectorError(
                f"{named} has no column {column!r}{_near(column, columns)}. "
                f"Its columns are: {', '.join(columns)}."
            )
        if field in chosen:
            raise CollectorError(
                f"Both {chosen[field]!r} and {column!r} are mapped to {field}. Keep one of them."
            )
        chosen[field] = column
    for column in columns:
        if column in fields and column not in mapping:
            chosen.setdefault(column, column)
    _demand(record, columns, chosen, named)
    return chosen


def _demand(record: str, columns: Sequence[str], chosen: Mapping[str, str], named: str) -> None:
    lacking = [field for field in NEEDED[record] if field not in chosen]
    if lacking:
        raise CollectorError(
            f"{named} gives no {', '.join(lacking)}, which {record} need. Its columns are: "
            f"{', '.join(columns)}. Say which one it is, such as --map {columns[0]}={lacking[0]}."
        )


def _near(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name.lower(), list(names), n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def as_text(values: Column) -> Converted:
    """Any plain column as trimmed text; what is empty becomes null. Whole numbers lose their .0."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return as_text(values.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return Converted(_floats_as_text(values))
    if pa.types.is_nested(kind):
        raise pa.ArrowNotImplementedError(f"it holds values of the type {kind}")
    if not pa.types.is_string(kind):
        plain = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        plain = plain or pa.types.is_fixed_size_binary(kind)
        values = values.cast(pa.binary()) if plain else values.cast(pa.string())
        if plain:
            values = pa.Array.from_buffers(
                pa.string(), len(values), values.buffers(), offset=values.offset
            )
    sound = sound_utf8(values)
    trimmed = pc.utf8_trim_whitespace(sound.values)
    empty = pc.equal(trimmed, "")
    if pc.any(empty).as_py():
        trimmed = pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)
    return Converted(trimmed, sound.failed)


def _floats_as_text(values: Column) -> Column:
    floats = values.cast(pa.float64())
    whole = pc.and_(pc.equal(pc.floor(floats), floats), pc.less(pc.abs(floats), 2.0**53))
    if not pc.any(whole).as_py():
        return values.cast(pa.string())
    integers = pc.if_else(whole, floats, 0.0).cast(pa.int64()).cast(pa.string())
    text: Column = pc.if_else(whole, integers, values.cast(pa.string()))
    return text


def as_integers(values: Column) -> Converted:
    """Counts, as numbers or as text with thousands separators."""
    if pa.types.is_integer(values.type):
        return Converted(values.cast(pa.int64()))
    text = as_text(values)
    plain = pc.replace_substring(text.values, ",", "")
    good = pc.match_substring_regex(plain, _INTEGER)
    digits = pc.replace_substring_regex(plain, r"\..*$", "")
    numbers = pc.if_else(good, digits, pa.scalar(None, pa.string())).cast(pa.int64())
    return Converted(numbers, pc.and_(values.is_valid(), pc.invert(good)))


def as_rating(values: Column, scale: tuple[float, float]) -> Converted:
    """Ratings on a scale as 0 (its first end) to 1 (its second); outside of it is for `check`."""
    low, high = scale
    failed = None
    if pa.types.is_string(values.type):
        good = pc.match_substring_regex(values, _NUMBER)
        failed = pc.and_(values.is_valid(), pc.invert(good))
        values = pc.if_else(good, values, pa.scalar(None, pa.string()))
    numbers = values.cast(pa.float64())
    return Converted(pc.divide(pc.subtract(numbers, low), high - low).cast(pa.float32()), failed)


@dataclass(frozen=True)
class Reading:
    """One field of a chunk: its values, and the rows that fail with the reason why."""

    values: Column
    failures: tuple[tuple[Column, str], ...] = ()


def read_field(values: Column, field: str, kind: pa.DataType, zone: str) -> Reading:
    """A file's column in the type of the field. Ratings and amounts have rules of their own.

    Raises pa.ArrowNotImplementedError for columns of lists, structures and the like.
    """
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        if not _is_time_like(values.type):
            text = as_text(values)
            failures = _failure(text, BROKEN_UTF8)
            values = text.values
        else:
            failures = ()
        times = instants(values, zone) if pa.types.is_timestamp(kind) else calendar_days(values)
        return Reading(times.values, (*failures, *_failure(times, f"{field} is no possible date")))
    if pa.types.is_integer(kind):
        numbers = as_integers(values)
        return Reading(numbers.values, _failure(numbers, f"{field} is not a whole number"))
    text = as_text(values)
    return Reading(text.values, _failure(text, BROKEN_UTF8))


def _is_time_like(kind: pa.DataType) -> bool:
    number = pa.types.is_floating(kind) or pa.types.is_integer(kind)
    return bool(number or pa.types.is_temporal(kind) or pa.types.is_null(kind))


def _failure(converted: Converted, reason: str) -> tuple[tuple[Column, str], ...]:
    return () if converted.failed is None else ((converted.failed, reason),)
