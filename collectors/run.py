"""One run of a source: fetch, check, mask, land. What is landed is safe whatever comes after."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import structlog

from collectors.base import (
    Backfilling,
    CollectorError,
    Cursor,
    Rechecking,
    Source,
    covered,
)
from collectors.rows.arrow import Column, pc
from collectors.rows.contacts import keyed
from collectors.rows.reject import BadRow, Problems, excerpt_of, quarantine
from collectors.rows.validate import BROKEN_UTF8, check, masked, sound_utf8
from warehouse.landing import Batch, Landing, SourceWriter
from warehouse.records import MENTION, QUARANTINED

_log = structlog.get_logger(__name__)
_SHOWN = ("text", "title", "created_at", "rating_raw", "url", "native_id")
LONGEST_REASON: Final = 500  # characters kept of why a run failed


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

    Raises CollectorError when the source ends the run; what it gave before that is landed, and the
    run is kept as one that failed. Raises WarehouseError when another run holds the source.
    """
    began = datetime.now(UTC)
    with landing.open_source(record_of(source), source.name) as writer:
        found = source.fetch(dict(writer.cursor))
        landed, told = _run(source, landing, writer, found, on_progress)
    if not told and not landed.failures and _failed_last(landing, source.name):
        # A source that says nothing of what it heard must not seem to fail for ever.
        _record(landing, covered(source.name, "collected", began, datetime.now(UTC)))
    return landed


def record_of(source: Source) -> str:
    """What a source brings: mentions, unless it says otherwise by a `record` of its own."""
    return str(getattr(source, "record", "mentions"))


def backfill(
    source: Source,
    landing: Landing,
    since: datetime,
    until: datetime,
    on_progress: Callable[[int], None] | None = None,
) -> Collected:
    """Fetch what was written from `since` on and before `until`, and land it.

    Raises CollectorError for a source that cannot look back, and otherwise as `collect` does.
    """
    if not isinstance(source, Backfilling):
        raise CollectorError(
            f"{source.name} cannot look back: it offers only what is new. "
            f"Leave out the days: madang collect {source.name}"
        )
    if since >= until:
        raise CollectorError(f"There is no time between {since:%F %R} and {until:%F %R}.")
    with landing.open_source("mentions", source.name) as writer:
        found = source.backfill(since, until, dict(writer.cursor))
        return _run(source, landing, writer, found, on_progress)[0]


def recheck(
    source: Source,
    landing: Landing,
    native_ids: Sequence[str],
    on_progress: Callable[[int], None] | None = None,
) -> Collected:
    """Look mentions up again and land what they have become; what is gone is removed.

    Raises CollectorError for a source that cannot look mentions up, and otherwise as `collect`.
    """
    if not isinstance(source, Rechecking):
        raise CollectorError(
            f"{source.name} cannot look mentions up one by one: what it deletes is not told. "
            f"Ask it for what is new: madang collect {source.name}"
        )
    with landing.open_source("mentions", source.name) as writer:
        found = source.recheck(native_ids, dict(writer.cursor))
        return _run(source, landing, writer, found, on_progress)[0]


def record_failure(landing: Landing, source: str, began: datetime, reason: str) -> None:
    """Keep with what landed that a run of `source` ended in an error, and why."""
    now = datetime.now(UTC)
    _record(landing, covered(source, "failed", began, now, reason=reason[:LONGEST_REASON]))


def _record(landing: Landing, row: pa.Table) -> None:
    with landing.open_source("coverage", row["source"][0].as_py(), wait=True) as writer:
        writer.write(Batch(row, {}))


def _failed_last(landing: Landing, source: str) -> bool:
    """Whether the last that is known of the source is that it failed."""
    told = [batch for batch in landing.batches("coverage") if batch.source == source]
    if not told:
        return False
    rows = pq.ParquetFile(told[-1].path).read(["state", "recorded_at"]).to_pylist()
    return bool(max(rows, key=lambda row: row["recorded_at"])["state"] == "failed")


@contextmanager
def failures_recorded(landing: Landing, source: str) -> Iterator[None]:
    """Whatever error ends the block is kept as a failed run of `source`, and goes on its way."""
    began = datetime.now(UTC)
    try:
        yield
    except CollectorError as error:
        record_failure(landing, source, began, str(error))
        raise
    except Exception as error:
        record_failure(landing, source, began, f"{type(error).__name__}: {error}")
        raise


class Lander:
    """Checks, masks and lands the batches of one source, and counts what it landed."""

    def __init__(self, writer: SourceWriter, source: str) -> None:
        self._writer = writer
        self._source = source
        self._log = _log.bind(source=source)
        # Files imported under the name of this source have their place in the same cursor.
        self._imports: Cursor = {k: v for k, v in writer.cursor.items() if k == "imports"}
        self._rows = self._batches = self._quarantined = 0
        self._failures: list[str] = []

    def land(self, batch: Batch) -> bool:
        """Land the batch; False for one that says nothing new. Raises CollectorError, as `checked`
        does."""
        ready = batch
        if self._writer.record == "mentions":
            refuse_other_columns(batch.table, self._source)
            named = replace(batch, table=keyed(batch.table, self._writer.key))
            ready = checked(named, self._source, datetime.now(UTC))
        cursor = {**self._imports, **batch.cursor}
        if not _says_anything(ready, cursor, self._writer.cursor):
            return False
        self._writer.write(replace(ready, cursor=cursor))
        failures = _failures(ready.rejected)
        for failure in failures:
            self._log.warning("page failed", page=failure)
        self._failures += failures
        self._rows += ready.table.num_rows
        self._batches += 1
        self._quarantined += ready.rejected.num_rows if ready.rejected is not None else 0
        self._log.info("batch landed", rows=ready.table.num_rows, total=self._rows)
        return True

    @property
    def landed(self) -> Collected:
        """What has been landed so far."""
        return Collected(self._rows, self._batches, self._quarantined, tuple(self._failures))


def _run(
    source: Source,
    landing: Landing,
    writer: SourceWriter,
    batches: Iterable[Batch],
    on_progress: Callable[[int], None] | None,
) -> tuple[Collected, bool]:
    """What was landed, and whether the source has said what time it has heard."""
    lander, told = Lander(writer, source.name), False
    with failures_recorded(landing, source.name):
        for batch in batches:
            told |= batch.covered is not None
            if lander.land(batch) and on_progress:
                on_progress(lander.landed.rows)
    return lander.landed, told


def checked(batch: Batch, source: str, now: datetime) -> Batch:
    """The batch with its good rows masked, and its bad ones among the rejected.

    Raises CollectorError when its table has not the columns of a mention.
    """
    table = batch.table
    refuse_other_columns(table, source)
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


def refuse_other_columns(table: pa.Table, source: str) -> None:
    """Raises CollectorError for a table that has not the columns of a mention."""
    if table.schema.names != MENTION.names:
        raise CollectorError(
            f"{source} yields the columns {table.schema.names}. "
            "Build its tables with collectors.rows.mentions.mentions_of()."
        )


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
