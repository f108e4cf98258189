"""Mentions written one by one, as pages give them, into a table; a bad one is refused alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from collectors.rows.reject import BadRow, excerpt_of, quarantine
from warehouse.records import MENTION, QUARANTINED

_LOOSE = pa.schema([field.with_nullable(True) for field in MENTION])


def mentions_of(
    rows: Sequence[Mapping[str, Any]], *, source: str, now: datetime
) -> tuple[pa.Table, pa.Table]:
    """(mentions, rejected) of `rows`, whose keys are columns of MENTION.

    `source` and `collected_at` are filled in; empty text becomes null. A row that holds a value
    of the wrong type, or text that is no Unicode, is rejected.
    """
    complete = [{**_without_blanks(row), "source": source, "collected_at": now} for row in rows]
    try:
        return pa.Table.from_pylist(complete, schema=_LOOSE), QUARANTINED.empty_table()
    except (pa.ArrowException, UnicodeError, TypeError, ValueError, OverflowError):
        return _one_by_one(complete, source, now)


def failed_page(address: str, reason: str, *, source: str, now: datetime) -> pa.Table:
    """A page that could not be had at all, as a rejected row number 0."""
    bad = BadRow(0, reason, None)
    return quarantine([bad], record="mentions", source=source, origin=address, now=now)


def _without_blanks(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.items()
        if not (isinstance(value, str) and not value.strip())
    }


def _one_by_one(
    rows: Sequence[dict[str, Any]], source: str, now: datetime
) -> tuple[pa.Table, pa.Table]:
    good: list[pa.Table] = []
    refused: list[pa.Table] = []
    for row in rows:
        try:
            good.append(pa.Table.from_pylist([row], schema=_LOOSE))
        except (pa.ArrowException, UnicodeError, TypeError, ValueError, OverflowError) as error:
            origin = _printable(row.get("url") or source)
            bad = BadRow(0, f"a value of the wrong kind: {type(error).__name__}",
                         excerpt_of(row, "text"))  # fmt: skip
            refused.append(
                quarantine([bad], record="mentions", source=source, origin=origin, now=now)
            )
    table = pa.concat_tables(good) if good else _LOOSE.empty_table()
    return table, pa.concat_tables(refused) if refused else QUARANTINED.empty_table()


def _printable(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode()
