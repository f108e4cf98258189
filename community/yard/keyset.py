"""Pages of any depth at the cost of the first: the next one begins after the last row seen.

The place is handed out as an opaque cursor. It comes back from strangers, so it is read as data
and against its order alone; what does not read is the beginning, never an error.
"""

import base64
import binascii
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, Literal, TypeVar

from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

Row = TypeVar("Row", bound=Model)
Value = int | float | datetime

LONGEST_CURSOR: Final = 120
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_TIME: Final = re.compile(r"[0-9]{1,16}", re.ASCII)  # microseconds, to the year 2286
_NUMBER: Final = re.compile(r"-?[0-9.]{1,24}(?:e[+-]?[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True)
class Order:
    """One way to sort: a column that is never null, and the row's id where it ties."""

    name: str
    column: str
    kind: Literal["int", "float", "time"] = "int"
    descending: bool = True


@dataclass(frozen=True)
class Cut(Generic[Row]):
    """The rows of one page, and the cursor of the next; None on the last page."""

    rows: tuple[Row, ...]
    after: str | None


def cut(rows: QuerySet[Row], order: Order, after: str | None, size: int) -> Cut[Row]:
    """The `size` rows that come after the cursor, in this order; one query."""
    sign = "-" if order.descending else ""
    ordered = rows.order_by(f"{sign}{order.column}", f"{sign}id")
    place = read_cursor(order, after)
    if place is not None:
        # A comparison of whole rows is one range of the index, even among a thousand equals.
        beyond = TupleLessThan if order.descending else TupleGreaterThan
        ordered = ordered.filter(beyond(Tuple(F(order.column), F("id")), place))
    found = tuple(ordered[: size + 1])
    if len(found) <= size:
        return Cut(found, None)
    last = found[size - 1]
    return Cut(found[:size], write_cursor(order, getattr(last, order.column), last.pk))


def write_cursor(order: Order, value: Value, number: int) -> str:
    """The place of one row in an order, as text that fits into an address."""
    if isinstance(value, datetime):
        value = (value - _EPOCH) // _MICROSECOND
    plain = f"{order.name} {value!r} {number}".encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read_cursor(order: Order, cursor: str | None) -> tuple[Value, int] | None:
    """The place that a cursor of this order names; None for none and for what is not one."""
    if not cursor or len(cursor) > LONGEST_CURSOR:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").split(" ")
    except (binascii.Error, ValueError):
        return None
    if len(parts) != 3 or parts[0] != order.name or not _WHOLE.fullmatch(parts[2]):
        return None
    value = _value(order, parts[1])
    return None if value is None else (value, int(parts[2]))


def _value(order: Order, written: str) -> Value | None:
    if order.kind == "int":
        return int(written) if _WHOLE.fullmatch(written) else None
    if order.kind == "time":
        return _EPOCH + int(written) * _MICROSECOND if _TIME.fullmatch(written) else None
    if not _NUMBER.fullmatch(written):
        return None
    try:
        number = float(written)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def id_order(name: str, *, descending: bool = True) -> Order:
    """The order in which rows were written."""
    return Order(name, "id", "int", descending)
