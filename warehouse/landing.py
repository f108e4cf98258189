"""The landing zone: every record as collected, in immutable batches, before anything is made of it.

A batch appears by one atomic rename, with the cursor that belongs to it inside. One process at a
time writes to a source (a lock); readers need no lock, as a batch is never changed.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute
from ulid import ULID

from warehouse.batches import (
    Batch,
    Contents,
    LandedBatch,
    Member,
    conform,
    file_name,
    landed,
    read_contents,
    write_file,
)
from warehouse.durable import PART, make_folder, published, sync_folder
from warehouse.errors import WarehouseError
from warehouse.records import COVERAGE, QUARANTINED, REMOVAL, SCHEMAS
from warehouse.suppression import IDENTIFYING, gate

__all__ = ["Batch", "Contents", "LandedBatch", "Landing", "SetAside", "SourceWriter"]

# The stubs do not know that a column may be compared with a word.
pc: Final[Any] = pyarrow.compute
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_ASIDE: Final = "aside"
_REASON: Final = ".reason"


@dataclass(frozen=True)
class SetAside:
    """A file that could not be read, where it is kept now, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Landing:
    """The landing zone under `folder`.

    `key` is the instance's: by it those are known who asked to be forgotten. Without it nothing
    lands once there is somebody like that.
    """

    folder: Path
    key: bytes | None = field(default=None, repr=False)

    @contextmanager
    def open_source(self, record: str, source: str, wait: bool = False) -> "Iterator[SourceWriter]":
        """Hold a source for writing; the lock falls with the process, however it ends.

        Raises WarehouseError when another process holds it and `wait` is false, or when the
        record or the name of the source is not allowed.
        """
        folder = self._source_folder(record, source)
        make_folder(folder)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as error:
                raise WarehouseError(
                    f"Another run is writing {record} of {source}. "
                    "Wait until it has ended, or end it, and try again."
                ) from error
            for part in folder.glob(f"*/*{PART}"):
                part.unlink()
            yield SourceWriter(self, record, source, folder)
        finally:
            os.close(descriptor)

    def batches(self, record: str | None = None) -> list[LandedBatch]:
        """All batches, or those of one record, in the order landed; found by name, not opened.

        A batch whose rows stand in a compacted file as well is left out.
        """
        found: list[LandedBatch] = []
        for kind in SCHEMAS if record is None else (record,):
            for folder in sorted(self.folder.glob(f"{kind}/*/")):
                found.extend(_in_force(kind, folder))
        return sorted(found)

    def contents(self, batch: LandedBatch, *, every_page: bool = False) -> Contents:
        """What a batch holds, once it is known to be whole; WarehouseError when it is not."""
        return read_contents(batch, every_page=every_page)

    def set_aside(self, path: Path, reason: str) -> SetAside:
        """Move an unreadable file out of the way, with a note that says why, and lose nothing."""
        target = self.folder / _ASIDE / path.relative_to(self.folder)
        make_folder(target.parent)
        with published(target.with_name(target.name + _REASON)) as note:
            note.write(reason.encode())
        path.rename(target)
        sync_folder(target.parent)
        sync_folder(path.parent)
        return SetAside(target, reason)

    def aside(self) -> list[SetAside]:
        """The files set aside so far."""
        notes = sorted((self.folder / _ASIDE).rglob(f"*{_REASON}"))
        kept = [(note.with_name(note.name.removesuffix(_REASON)), note) for note in notes]
        return [SetAside(path, note.read_text()) for path, note in kept if path.exists()]

    def _source_folder(self, record: str, source: str) -> Path:
        if record not in SCHEMAS:
            raise WarehouseError(f"There is no record {record!r}; there are {', '.join(SCHEMAS)}.")
        if _SLUG.fullmatch(source) is None:
            raise WarehouseError(
                f"{source!r} cannot name a source. Use at most 64 small letters, digits, hyphens "
                "and underscores, with a letter or digit at both ends, such as naver-movies."
            )
        return self.folder / record / source


class SourceWriter:
    """One source of one record, held for writing."""

    def __init__(self, landing: Landing, record: str, source: str, folder: Path) -> None:
        self.record = record
        self.source = source
        self.cursor: dict[str, Any] = {}
        self.suppressed = 0  # rows left out so far
        self._landing = landing
        self._folder = folder
        self._last: LandedBatch | None = None
        self._after = self._last_removal()
        self._find_last()

    @property
    def key(self) -> bytes | None:
        """The instance's, by which people are recognised; None where the landing zone has none."""
        return self._landing.key

    def write(self, batch: Batch) -> LandedBatch:
        """Land a batch, durably, and move `cursor` on; before it, its rejected rows and removals.

        A gap lands before it and time listened to after it, so that a crash in between may make
        less known than was heard, never more.

        Raises WarehouseError when a table does not have the schema of its record.
        """
        table = conform(batch.table, self.record)
        if self.record in IDENTIFYING:
            # Read at each batch: a run may last, and somebody ask to be forgotten meanwhile.
            admitted = gate(self._landing.folder, self._landing.key).passing(table, self.record)
            self.suppressed += table.num_rows - admitted.num_rows
            table = admitted
        if batch.rejected is not None and batch.rejected.num_rows:
            self._quarantine(batch.rejected)
        if batch.removed is not None and batch.removed.num_rows:
            self._remove(batch.removed)
        heard, unheard = self._coverage(batch.covered)
        self._cover(unheard)
        landed = self._land(table, batch.cursor)
        self._cover(heard)
        return landed

    def _coverage(self, covered: pa.Table | None) -> tuple[pa.Table, pa.Table]:
        """What was listened to, and what was not."""
        table = COVERAGE.empty_table() if covered is None else covered
        if covered is not None and (
            self.record != "mentions" or table.schema.names != COVERAGE.names
        ):
            raise WarehouseError(f"Coverage of {self.source} is of mentions, by schema COVERAGE.")
        heard = pc.equal(table["state"], "collected")
        return table.filter(heard), table.filter(pc.invert(heard))

    def _cover(self, covered: pa.Table) -> None:
        if covered.num_rows == 0:
            return
        with self._landing.open_source("coverage", self.source, wait=True) as writer:
            writer.write(Batch(covered, {}))

    def _quarantine(self, rejected: pa.Table) -> None:
        if rejected.schema.names != QUARANTINED.names:
            raise WarehouseError(f"Rejected rows of {self.source} need the schema QUARANTINED.")
        # Two records of one source share its quarantine, hence the wait.
        with self._landing.open_source("quarantined", self.source, wait=True) as writer:
            writer.write(Batch(rejected, {}))

    def _remove(self, removed: pa.Table) -> None:
        """Land removals, later than every mention so far and earlier than any to come."""
        if self.record != "mentions" or removed.schema.names != REMOVAL.names:
            raise WarehouseError(f"Removals of {self.source} are of mentions, by schema REMOVAL.")
        with self._landing.open_source("removals", self.source, wait=True) as writer:
            writer._after = max(writer._after, self._last.batch_id if self._last else "")
            self._after = writer.write(Batch(removed, {})).batch_id

    def _last_removal(self) -> str:
        if self.record != "mentions":
            return ""
        folder = self._landing.folder / "removals" / self.source
        return max((batch.batch_id for batch in _in_force("removals", folder)), default="")

    def _land(self, table: pa.Table, cursor: dict[str, Any]) -> LandedBatch:
        now = datetime.now(UTC)
        sequence = self._last.last + 1 if self._last else 1
        last = self._last.batch_id if self._last else ""
        batch_id = _later_ulid(now, max(last, self._after))
        folder = self._folder / now.date().isoformat()
        make_folder(folder)
        path = folder / file_name(sequence, sequence, batch_id)
        member = Member(batch_id, sequence, table.num_rows, cursor)
        with published(path) as file:
            write_file(file, table, self.record, self.source, (member,))
        self._last = LandedBatch(batch_id, self.record, self.source, sequence, sequence, path)
        self.cursor = cursor
        return self._last

    def _find_last(self) -> None:
        """Go on from the newest batch that can be read; one that cannot is collected again."""
        for batch in sorted(_in_force(self.record, self._folder), reverse=True):
            try:
                contents = read_contents(batch)
            except WarehouseError as error:
                self._landing.set_aside(batch.path, str(error))
                continue
            self._last, self.cursor = batch, contents.cursor
            return


def _in_force(record: str, folder: Path) -> list[LandedBatch]:
    """The batches of one source, without those that a compacted file has replaced."""
    named = (landed(record, folder.name, path) for path in folder.glob("*/*.parquet"))
    found = [batch for batch in named if batch is not None]
    merged = [batch for batch in found if batch.merged]
    return [
        batch
        for batch in found
        if not any(
            other != batch and other.first <= batch.first and batch.last <= other.last
            for other in merged
        )
    ]


def _later_ulid(now: datetime, previous: str) -> str:
    fresh = ULID.from_datetime(now)
    if previous and fresh <= ULID.from_str(previous):
        fresh = ULID.from_int(int(ULID.from_str(previous)) + 1)
    return str(fresh)
