"""A chunk of a file into a batch of a record: typed, checked, completed and masked, in columns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import pyarrow as pa

from collectors.base import CollectorError
from collectors.imports.columns import IDENTITY, as_rating, as_text, read_field
from collectors.imports.money import minor_units
from collectors.imports.readers import Chunk
from collectors.rows.arrow import Column, pc
from collectors.rows.reject import PERSONAL, BadRow, Problems, excerpt_of, quarantine
from collectors.rows.validate import check, masked
from warehouse.landing import Batch
from warehouse.records import SCHEMAS

_CURRENCY: Final = "^[A-Z]{3}$"


@dataclass(frozen=True)
class Plan:
    """How the rows of one file become a record.

    `chosen` is {field: column}; `others` are the columns that go into `extra`.
    """

    SERIAL: ClassVar[str] = "\x00serial"  # the column of made identities; no file has such a name

    record: str
    source: str
    origin: str
    chosen: Mapping[str, str]
    others: tuple[str, ...]
    rating_scale: tuple[float, float] | None
    zone: str
    kind: str | None
    currency: str
    now: datetime

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns of the file that are read."""
        return tuple(dict.fromkeys((*self.chosen.values(), *self.others)))

    @property
    def needs_serials(self) -> bool:
        return IDENTITY[self.record] not in self.chosen

    def empty_table(self) -> pa.Table:
        return SCHEMAS[self.record].empty_table()


def to_batch(chunk: Chunk, plan: Plan) -> Batch:
    """The good rows of a chunk as a table of the record, the bad ones as QUARANTINED; no cursor."""
    rows = len(chunk.numbers)
    problems = Problems(rows)
    columns = _typed(chunk, plan, rows, problems)
    check(columns, plan.record, problems, plan.now)
    table = pa.table(columns, schema=_nullable(SCHEMAS[plan.record]))
    bad = list(chunk.bad)
    if plan.record == "customers":  # a line that could not be read may be all about a person
        bad = [BadRow(row.row, row.reason, None) for row in bad]
    if problems:
        bad += _refused(chunk, plan, problems)
        table = table.filter(problems.accepted())
    rejected = quarantine(
        sorted(bad, key=lambda row: row.row),
        record=plan.record, source=plan.source, origin=plan.origin, now=plan.now,
    )  # fmt: skip
    return Batch(masked(table, plan.record).cast(SCHEMAS[plan.record]), {}, rejected)


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in schema])


def _typed(chunk: Chunk, plan: Plan, rows: int, problems: Problems) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for field in SCHEMAS[plan.record]:
        if field.name in plan.chosen and field.name not in ("rating", "amount", "currency"):
            columns[field.name] = _read(chunk, plan, field, problems)
        else:
            columns[field.name] = _filled(field, plan, rows)
    if plan.needs_serials and rows:
        columns[IDENTITY[plan.record]] = chunk.columns[Plan.SERIAL]
    if "rating" in plan.chosen:
        _add_rating(columns, chunk, plan, problems)
    if plan.record == "orders":
        _add_amount(columns, chunk, plan, problems)
    if "kind" in plan.chosen and plan.kind is not None:
        columns["kind"] = pc.fill_null(columns["kind"], plan.kind)
    if plan.others:
        columns["extra"] = _extra(chunk, plan.others, rows)
    return columns


def _read(chunk: Chunk, plan: Plan, field: "pa.Field[Any]", problems: Problems) -> Column:
    column = plan.chosen[field.name]
    try:
        reading = read_field(chunk.columns[column], field.name, field.type, plan.zone)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise CollectorError(
            f"The column {column!r} of {plan.origin} cannot be read as {field.name}: {error}. "
            "Map another column, or leave it out."
        ) from error
    for failed, reason in reading.failures:
        problems.add(failed, column, reason)
    return reading.values


def _filled(field: "pa.Field[Any]", plan: Plan, rows: int) -> Column:
    constants: dict[str, Any] = {
        "source": plan.source, "collected_at": plan.now, "currency": plan.currency,
        "kind": plan.kind,
    }  # fmt: skip
    value = constants.get(field.name)
    filled: Column = pa.repeat(pa.scalar(value, field.type), rows)
    return filled


def _add_rating(columns: dict[str, Column], chunk: Chunk, plan: Plan, problems: Problems) -> None:
    if plan.rating_scale is None:
        raise CollectorError("A rating needs its scale.")
    column = plan.chosen["rating"]
    raw = chunk.columns[column]
    text = as_text(raw)
    numeric = pa.types.is_integer(raw.type) or pa.types.is_floating(raw.type)
    rating = as_rating(raw if numeric else text.values, plan.rating_scale)
    problems.add(rating.failed, column, "rating is not a number")
    columns["rating"] = rating.values
    if "rating_raw" not in plan.chosen:
        columns["rating_raw"] = text.values


def _add_amount(columns: dict[str, Column], chunk: Chunk, plan: Plan, problems: Problems) -> None:
    if "currency" in plan.chosen:
        column = plan.chosen["currency"]
        codes = pc.utf8_upper(as_text(chunk.columns[column]).values)
        columns["currency"] = pc.fill_null(codes, plan.currency)
        unknown = pc.invert(pc.match_substring_regex(columns["currency"], _CURRENCY))
        problems.add(unknown, column, "currency is no ISO 4217 code")
    column = plan.chosen["amount"]
    amount = minor_units(as_text(chunk.columns[column]).values, columns["currency"])
    problems.add(amount.failed, column, "amount is not a sum of its currency")
    columns["amount"] = amount.values


def _extra(chunk: Chunk, others: tuple[str, ...], rows: int) -> Column:
    texts = {name: as_text(chunk.columns[name]).values.to_pylist() for name in others}
    objects = (
        {name: values[row] for name, values in texts.items() if values[row] is not None}
        for row in range(rows)
    )
    return pa.array(
        [json.dumps(o, ensure_ascii=False) if o else None for o in objects], pa.string()
    )


def _refused(chunk: Chunk, plan: Plan, problems: Problems) -> list[BadRow]:
    fields = {column: field for field, column in plan.chosen.items()}
    shown = [
        column
        for column in plan.wanted
        if plan.record != "customers" or fields.get(column, "extra") not in PERSONAL
    ]
    raw = {column: _bytes(chunk.columns[column]) for column in shown}
    refused = []
    for index, column, reason in problems.items():
        values = {name: cells[index].as_py() for name, cells in raw.items()}
        # `check` knows fields, the typing knows columns; both name what was wrong.
        first = plan.chosen.get(column, column)
        refused.append(BadRow(int(chunk.numbers[index]), reason, excerpt_of(values, first)))
    return refused


def _bytes(values: Column) -> Column:
    """Text that may not be UTF-8 can only be taken out as bytes."""
    return values.cast(pa.binary()) if pa.types.is_string(values.type) else values
