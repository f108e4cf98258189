"""Listening all the time: what a stream brings, landed in batches of a few seconds.

One thread follows the stream and one lands, so that a stream that falls silent does not keep back
what it brought before. To die at any moment costs nothing: what was not landed has not moved the
cursor, and is had again from there.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, Queue
from typing import Any, Final

import pyarrow as pa

from collectors.base import CollectorError, Cursor, Source, Streaming
from collectors.rows.arrow import pc
from collectors.run import Collected, Lander, failures_recorded, refuse_other_columns
from warehouse.landing import Batch, Landing
from warehouse.records import COVERAGE

_AHEAD: Final = 100  # batches that the stream may be ahead of the disk
_LOOK: Final = 0.25  # seconds between looks at the order to stop


@dataclass(frozen=True)
class Pace:
    """How often a stream lands: after `seconds` or at `rows`, whichever is first.

    Batches without rows, which say that the source is listened to, land every `quiet` seconds. Once
    told to stop, a stream has `ending` seconds to end by itself.
    """

    seconds: float = 5.0
    rows: int = 500
    quiet: float = 60.0
    ending: float = 2.0


def listen(
    source: Source,
    landing: Landing,
    stopping: threading.Event,
    on_landed: Callable[[int], None] | None = None,
    pace: Pace | None = None,
) -> Collected:
    """Land what the stream of `source` brings until `stopping` is set; `on_landed` gets the rows
    so far after each batch.

    Raises CollectorError for a source without a stream, and when the stream ends in one: what it
    brought before is landed, and the failure is kept. Raises WarehouseError when another run holds
    the source.
    """
    if not isinstance(source, Streaming):
        raise CollectorError(
            f"{source.name} cannot be listened to all the time. "
            f"Ask it now and then: madang collect {source.name}"
        )
    chosen = pace or Pace()
    with landing.open_source("mentions", source.name) as writer:
        lander = Lander(writer, source.name)
        with failures_recorded(landing, source.name):
            stream = _Stream(source, dict(writer.cursor), stopping)
            held = _Gathering(lander, chosen, on_landed)
            _land_all(stream, held, stopping, chosen.ending)
    return lander.landed


class _End:
    """The stream has ended; by `error`, if it was one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


class _Stream:
    """A stream, followed by a thread of its own."""

    def __init__(self, source: Streaming, cursor: Cursor, stopping: threading.Event) -> None:
        self.items: Queue[Batch | _End] = Queue(_AHEAD)
        follow = threading.Thread(
            target=self._follow, args=(source, cursor, stopping), name="stream", daemon=True
        )
        follow.start()

    def _follow(self, source: Streaming, cursor: Cursor, stopping: threading.Event) -> None:
        try:
            for batch in source.stream(cursor, stopping):
                self.items.put(batch)
        except Exception as error:
            self.items.put(_End(error))  # raised again where it lands
        else:
            self.items.put(_End())


class _Gathering:
    """Batches of a stream, gathered until it is time to land them as one."""

    def __init__(self, lander: Lander, pace: Pace, on_landed: Callable[[int], None] | None) -> None:
        self._lander = lander
        self._pace = pace
        self._on_landed = on_landed
        self._empty()

    def add(self, batch: Batch) -> None:
        """Take one more, and land all if that makes enough."""
        refuse_other_columns(batch.table, "The stream")
        if self._overtakes(batch):
            self.land()
        if not self._batches:
            self._since = time.monotonic()
        self._batches.append(batch)
        self._rows += batch.table.num_rows
        self._says += _rows(batch.table) + _rows(batch.rejected) + _rows(batch.removed)
        if self._rows >= self._pace.rows:
            self.land()

    def due_in(self) -> float:
        """Seconds until what there is should land."""
        if not self._batches:
            return _LOOK
        wait = self._pace.seconds if self._says else self._pace.quiet
        return max(0.0, self._since + wait - time.monotonic())

    def land(self) -> None:
        """Land what there is."""
        if self._batches and self._lander.land(self._one()) and self._on_landed is not None:
            self._on_landed(self._lander.landed.rows)
        self._empty()

    def _empty(self) -> None:
        self._batches: list[Batch] = []
        self._rows = self._says = 0
        self._since = 0.0

    def _overtakes(self, batch: Batch) -> bool:
        """A removal lands before the rows of its batch: not so if it is about one of those held."""
        if batch.removed is None or self._rows == 0:
            return False
        held = pa.concat_tables([each.table.select(["native_id"]) for each in self._batches])
        gone = batch.removed["native_id"].combine_chunks()
        return bool(pc.any(pc.is_in(held["native_id"], value_set=gone)).as_py())

    def _one(self) -> Batch:
        """All as one batch, in their order, with the last cursor."""
        if len(self._batches) == 1:
            return self._batches[0]
        each = self._batches
        rows = pa.concat_tables([batch.table for batch in each], promote_options="permissive")
        return Batch(
            rows.combine_chunks(),  # what comes after works by chunks: 500 of one row are slow
            each[-1].cursor,
            _joined([batch.rejected for batch in each]),
            _joined([batch.removed for batch in each]),
            _joined_coverage([batch.covered for batch in each]),
        )


def _land_all(stream: _Stream, held: _Gathering, stopping: threading.Event, ending: float) -> None:
    """Land until the stream ends, or until it has had its time after the order to stop."""
    deadline: float | None = None
    while deadline is None or time.monotonic() < deadline:
        if stopping.is_set() and deadline is None:
            deadline = time.monotonic() + ending
        due_in = held.due_in()
        if due_in == 0.0:
            held.land()
        try:
            item = stream.items.get(timeout=min(_LOOK, due_in or _LOOK))
        except Empty:
            continue
        if isinstance(item, Batch):
            held.add(item)
            continue
        held.land()
        if item.error is not None and not stopping.is_set():
            raise item.error
        return
    held.land()


def _rows(table: pa.Table | None) -> int:
    return 0 if table is None else int(table.num_rows)


def _joined(tables: list[pa.Table | None]) -> pa.Table | None:
    there = [table for table in tables if table is not None]
    return pa.concat_tables(there, promote_options="permissive") if there else None


def _joined_coverage(tables: list[pa.Table | None]) -> pa.Table | None:
    """Times listened to that touch or overlap become one: a stream says so again and again."""
    told = _joined(tables)
    if told is None:
        return None
    kept: list[dict[str, Any]] = []
    open_rows: dict[str, dict[str, Any]] = {}  # by part: the last row, where it can grow
    for row in told.to_pylist():
        before = open_rows.get(row["part"])
        if (
            row["state"] == "collected"
            and before is not None
            and row["begin_at"] <= before["end_at"]
            and before["begin_at"] <= row["end_at"]
        ):
            before["begin_at"] = min(before["begin_at"], row["begin_at"])
            before["end_at"] = max(before["end_at"], row["end_at"])
            before["recorded_at"] = datetime.now(UTC)
            continue
        kept.append(row)
        if row["state"] == "collected":
            open_rows[row["part"]] = row
        else:
            open_rows.pop(row["part"], None)
    return pa.Table.from_pylist(kept, schema=COVERAGE)
