"""One run of a source: fetch, check, mask, land. What is landed is safe whatever comes after."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import structlog

from collectors.arrow import Column, pc
from collectors.base import CollectorError, Cursor, Source
from collectors.reject import BadRow, Problems, excerpt_of, quarantine
from collectors.validate import BROKEN_UTF8, check, masked, sound_utf8
from warehouse.landing import Batch, Landing
from warehouse.records import MENTION, QUARANTINED

_log = structlog.get_logger(__name__)
_SHOWN = ("text", "title", "created_at", "rating_raw", "url", "native_id")


@dataclass(frozen=True)
class Collected:
    """What a run landed. `failures` are the pages that could not be had: "address: reason"."""

    rows: int
    batches: int
    quarantined: int
    failures: tuple[str, ...] = ()


def collect(
    source: Source, landing: Landing, on_progress: Callable[[int], None] | None = None
) -> Collected:
    """Fetch from `source` what is new and land it. `on_progress` is told the rows landed so far.

    Raises CollectorError when the source ends the run; what it gave before that is landed.
    Raises WarehouseError when another run holds the source.
    """
    log = _log.bind(source=source.name)
    rows = batches = quarantined = 0
    failures: list[str] = []
    with landing.open_source("mentions", source.name) as writer:
        # Files imported under the name of this source have their place in the same cursor.
        imports: Cursor = {k: v for k, v in writer.cursor.items() if k == "imports"}
        for batch in source.fetch(dict(writer.cursor)):
            ready = checked(batch, source.name, datetime.now(UTC))
            if not _says_anything(ready, {**imports, **batch.cursor}, writer.cursor):
                continue
            cursor = {**imports, **batch.cursor}
            writer.write(replace(ready, cursor=cursor))
            failures.extend(_failures(ready.rejected))
            rows, batches = rows + ready.table.num_rows, batches + 1
            quarantined += ready.rejected.num_rows if ready.rejected is not None else 0
            log.info("batch landed", rows=ready.table.num_rows, total=rows)
            if on_progress:
                on_progress(rows)
    for failure in failures:
        log.warning("page failed", page=failure)
    return Collected(rows, batches, quarantined, tuple(failures))


def checked(batch: Batch, source: str, now: datetime) -> Batch:
    """The batch with its good rows masked, and its bad ones among the rejected.

    Raises CollectorError when its table has not the columns of a mention.
    """
    table = batch.table
    if table.schema.names != MENTION.names:
        raise CollectorError(
            f"{source} yields the columns {table.schema.names}. "
            "Build its tables with collectors.mentions.mentions_of()."
        )
    problems = Problems(table.num_rows)
    columns: dict[str, Column] = {}
    for field in MENTION:
        values = table.column(field.name).combine_chunks()
        if pa.types.is_string(field.type):
            sound = sound_utf8(values)
            problems.add(sound.failed, field.name, BROKEN_UTF8)
            values = sound.values
        columns[field.name] = values
    blank = pc.equal(pc.utf8_trim_whitespace(columns["text"]), "")
    problems.add(blank, "text", "no text")
    check(columns, "mentions", problems, now)
    rejected = [] if batch.rejected is None else [batch.rejected]
    if problems:
        rejected.append(_refused(columns, problems, source, now))
        table = pa.table(columns).filter(problems.accepted())
    good = masked(table, "mentions").cast(MENTION)
    refused = pa.concat_tables(rejected) if rejected else None
    return replace(batch, table=good, rejected=refused)


def _refused(
    columns: dict[str, Column], problems: Problems, source: str, now: datetime
) -> pa.Table:
    tables = []
    for index, column, reason in problems.items():
        values: dict[str, Any] = {name: columns[name][index].as_py() for name in _SHOWN}
        bad = BadRow(0, f"{reason} ({_identity(columns, index)})", excerpt_of(values, column))
        origin = columns["url"][index].as_py() or source
        tables.append(quarantine([bad], record="mentions", source=source, origin=origin, now=now))
    return pa.concat_tables(tables) if tables else QUARANTINED.empty_table()


def _identity(columns: dict[str, Column], index: int) -> str:
    return str(columns["native_id"][index].as_py())


def _says_anything(batch: Batch, cursor: Cursor, before: Cursor) -> bool:
    """An empty batch that leaves the cursor as it was would only fill the folder."""
    beside = (batch.rejected, batch.removed, batch.covered)
    said = any(table is not None and table.num_rows > 0 for table in (batch.table, *beside))
    return said or cursor != before


def _failures(rejected: pa.Table | None) -> list[str]:
    if rejected is None:
        return []
    return [
        f"{row['origin']}: {row['reason']}"
        for row in rejected.to_pylist()
        if row["row"] == 0 and row["excerpt"] is None
    ]
