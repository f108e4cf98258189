"""The rules every row must keep before it is landed, and the mask it gets, both in columns.

Imports and collectors share them, so that a row is good or bad for the same reasons everywhere.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa

from collectors.rows.arrow import Column, pc
from collectors.rows.dates import Converted
from collectors.rows.reject import Problems
from nlp import pii
from warehouse.records import MENTION_KINDS, SCHEMAS

LONGEST: Final = 1_000_000  # bytes of one text
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
EARLIEST_JOINED: Final = datetime(1900, 1, 1, tzinfo=UTC)  # customers may be older than the web
AHEAD: Final = timedelta(days=1)  # clocks differ, and so do zones

BROKEN_UTF8: Final = "broken UTF-8"
_KEYS: Final = frozenset({"email_key", "phone_key"})  # by which people are recognised
_DIGEST: Final = re.compile("[0-9a-f]{64}")

# Free text, where people write down what identifies them or others.
_FREE_TEXT: Final[dict[str, tuple[str, ...]]] = {
    "mentions": ("text", "title", "author_name"),
    "customers": (),
    "orders": (),
    "interactions": ("note",),
}


def sound_utf8(values: Column) -> Converted:
    """Text with the values that are not UTF-8 made null, and told as failed."""
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        return _looked_at_one_by_one(values)
    return Converted(values)


def _looked_at_one_by_one(values: Column) -> Converted:
    good: list[str | None] = []
    failed = np.zeros(len(values), dtype=bool)
    for index, value in enumerate(values.cast(pa.binary()).to_pylist()):
        try:
            good.append(None if value is None else value.decode("utf-8"))
        except UnicodeDecodeError:
            good.append(None)
            failed[index] = True
    return Converted(pa.array(good, pa.string()), pa.array(failed))


def check(columns: dict[str, Column], record: str, problems: Problems, now: datetime) -> None:
    """Mark in `problems` the rows of a record's columns that break a rule."""
    for field in SCHEMAS[record]:
        values = columns[field.name]
        if pa.types.is_string(field.type) and values.null_count < len(values):
            _check_text(values, field.name, problems)
        if pa.types.is_timestamp(field.type):
            _check_time(values, field.name, problems, now)
    if record == "mentions":
        _check_rating(columns["rating"], problems)
        _check_kind(columns["kind"], problems)
    for field in SCHEMAS[record]:
        if not field.nullable and columns[field.name].null_count:
            problems.add(columns[field.name].is_null(), field.name, f"no {field.name}")


def _check_text(values: Column, name: str, problems: Problems) -> None:
    lengths = pc.binary_length(values)
    if (pc.max(lengths).as_py() or 0) > LONGEST:
        problems.add(pc.greater(lengths, LONGEST), name, f"{name} is longer than 1 MB")
    holds_nul = pc.match_substring(values, "\x00")
    if pc.any(holds_nul).as_py():
        problems.add(holds_nul, name, f"{name} holds a NUL character")


def _check_time(values: Column, name: str, problems: Problems, now: datetime) -> None:
    earliest = EARLIEST_JOINED if name == "joined_at" else EARLIEST
    first, last = pc.min_max(values).values()
    if first.as_py() is None:
        return
    if pc.less(first, pa.scalar(earliest, values.type)).as_py():
        early = pc.less(values, pa.scalar(earliest, values.type))
        problems.add(early, name, f"{name} is before {earliest.year}")
    if pc.greater(last, pa.scalar(now + AHEAD, values.type)).as_py():
        late = pc.greater(values, pa.scalar(now + AHEAD, values.type))
        problems.add(late, name, f"{name} is more than a day in the future")


def _check_rating(values: Column, problems: Problems) -> None:
    outside = pc.invert(pc.and_(pc.greater_equal(values, 0.0), pc.less_equal(values, 1.0)))
    problems.add(outside, "rating", "rating is out of its range")


def _check_kind(values: Column, problems: Problems) -> None:
    known = pc.is_in(values, value_set=pa.array(MENTION_KINDS))
    unknown = pc.and_(values.is_valid(), pc.invert(known))
    problems.add(unknown, "kind", f"kind is none of {', '.join(MENTION_KINDS)}")


def masked(table: pa.Table, record: str) -> pa.Table:
    """`table` with e-mail addresses, telephone and card numbers masked in its free text."""
    for name in _FREE_TEXT[record]:
        table = _with(table, name, pii.mask(table.column(name)))
    if record == "customers":  # a customer's contacts are what the record is for
        return table
    return _with(table, "extra", _masked_json(table.column("extra").combine_chunks()))


def _with(table: pa.Table, name: str, values: Any) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), values)


def _masked_json(values: Column) -> Column:
    """Mask inside of JSON, where a bare `[phone]` in the place of a number would break it."""
    if values.null_count == len(values):
        return values
    texts: Any = values
    changed = pc.not_equal(pii.mask(texts), values).fill_null(False)
    if not pc.any(changed).as_py():
        return values
    cleaned = [
        json.dumps(_masked_value(json.loads(text)), ensure_ascii=False) if touched else text
        for text, touched in zip(texts.to_pylist(), changed.to_pylist(), strict=True)
    ]
    return pa.array(cleaned, pa.string())


def _is_key(name: str, value: Any) -> bool:
    """Whether it is a keyed hash: one in a hundred holds digits that look like a number."""
    return name in _KEYS and isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _masked_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: item if _is_key(key, item) else _masked_value(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_masked_value(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    hidden = pii.mask(pa.array([text], pa.string()))[0].as_py()
    return value if hidden == text else hidden
