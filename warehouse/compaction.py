"""Merges a past day's small batches of a source into one file, so that listing stays quick.

The merged file says which batches it stands for, and each row which of them it came with. Its name
spans their sequences: from the moment it appears the old files are ignored, so a crash before they
are removed changes nothing, and a load takes each batch once, from wherever it stands.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.batches import LandedBatch, file_name, landed, read_contents, write_file
from warehouse.durable import published, sync_folder
from warehouse.errors import WarehouseError
from warehouse.landing import Landing
from warehouse.records import SCHEMAS

_ROWS_A_FILE: Final = 1_000_000


@dataclass(frozen=True)
class Compacted:
    """How many files were merged, and into how many."""

    merged: int
    into: int


def compact(landing: Landing, today: date | None = None) -> Compacted:
    """Merge what landed before `today` (UTC). A source that is being written is left for later.

    Files that cannot be read are left as they are; the next load sets them aside and tells.
    """
    before = (today or datetime.now(UTC).date()).isoformat()
    merged = into = 0
    for record, source in sorted({(b.record, b.source) for b in landing.batches()}):
        with ExitStack() as held:
            try:
                held.enter_context(landing.open_source(record, source))
            except WarehouseError:
                continue  # the record and the source are good, so another run holds it
            remove_replaced(landing, record, source)
            for run in _runs(landing, record, source, before):
                _merge(run)
                merged += len(run)
                into += 1
    return Compacted(merged, into)


def _runs(landing: Landing, record: str, source: str, before: str) -> Iterator[list[LandedBatch]]:
    """Batches of one day and of consecutive sequences, two or more, that can be read."""
    run: list[LandedBatch] = []
    rows = 0
    for batch in landing.batches(record):
        if batch.source != source or batch.merged or batch.day >= before:
            continue
        try:
            size = read_contents(batch, every_page=True).rows
        except WarehouseError:
            continue
        follows = run and batch.first == run[-1].last + 1 and batch.day == run[-1].day
        if not follows or rows + size > _ROWS_A_FILE:
            if len(run) > 1:
                yield run
            run, rows = [], 0
        run.append(batch)
        rows += size
    if len(run) > 1:
        yield run


def _merge(run: Sequence[LandedBatch]) -> None:
    record, source, last = run[0].record, run[0].source, run[-1]
    members = tuple(member for batch in run for member in read_contents(batch).members)
    tables = [
        pq.read_table(batch.path, schema=SCHEMAS[record]).append_column(
            "batch_id", pa.array([batch.batch_id]).take(pa.repeat(0, member.rows))
        )
        for batch, member in zip(run, members, strict=True)
    ]
    path = last.path.with_name(file_name(run[0].first, last.last, last.batch_id))
    with published(path) as file:
        write_file(file, pa.concat_tables(tables), record, source, members)
    _remove(path, record, source, [batch.path for batch in run])


def remove_replaced(landing: Landing, record: str, source: str) -> None:
    """Finish what a crash left: the old files beside a merged one."""
    kept = {batch.path for batch in landing.batches(record) if batch.source == source}
    for path in sorted(kept):
        merged = landed(record, source, path)
        if merged is None or not merged.merged:
            continue
        replaced = [
            other.path
            for name in sorted(path.parent.glob("*.parquet"))
            if name not in kept and (other := landed(record, source, name)) is not None
            and merged.first <= other.first and other.last <= merged.last
        ]  # fmt: skip
        _remove(path, record, source, replaced)


def _remove(path: Path, record: str, source: str, replaced: Sequence[Path]) -> None:
    """Remove the files that `path` stands for, once every page of it was read back."""
    merged = landed(record, source, path)
    if merged is None:
        raise WarehouseError(f"{path} is not named as a batch. Leave the landing zone to Madang.")
    read_contents(merged, every_page=True)
    for old in replaced:
        old.unlink()
    sync_folder(path.parent)
