"""Batches that landed, written anew without what must not be kept.

A batch is never changed but for this: somebody asked to be forgotten, or a source has taken a post
away and its terms ask that nobody keep it. The file keeps its name, id, sequence and cursor, so
that a crash leaves the old batch or the new one, and a load takes neither twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from warehouse.batches import LandedBatch, Member, write_file
from warehouse.compaction import remove_replaced
from warehouse.durable import published
from warehouse.errors import WarehouseError
from warehouse.landing import Landing
from warehouse.records import schema_of
from warehouse.store import Warehouse

# The stubs do not know that columns of text may be compared.
pc: Final[Any] = pyarrow.compute
_DONE: Final = ".dropped"  # beside the removals of a source: the last one carried out here


@dataclass(frozen=True)
class Dropped:
    """How many rows went, of how many batches."""

    mentions: int = 0
    batches: int = 0


def drop_removed(warehouse: Warehouse, landing: Landing) -> Dropped:
    """Take what sources have removed out of the batches it came with.

    What landed after its removal stays: its source has brought it back. Only sources with news are
    looked at, and one that is being written is left for the next time.
    """
    dropped, looked = Dropped(), False
    for source in sorted({batch.source for batch in landing.batches("removals")}):
        removed = _removed(landing, source)
        marker = landing.folder / "removals" / source / _DONE
        newest = pc.max(removed["removed_by"]).as_py()
        if newest is None or (marker.exists() and marker.read_text() >= newest):
            continue
        try:
            found = _drop(landing, source, removed)
        except WarehouseError:
            continue  # the name of the source is good, so another run holds it
        dropped = Dropped(dropped.mentions + found.mentions, dropped.batches + found.batches)
        looked = True
        with warehouse.writing() as cursor:
            recount(cursor, landing, ("mentions",))
        _note(marker, newest)
    if looked:
        with warehouse.reading() as cursor:
            cursor.execute("CHECKPOINT")
    return dropped


def rewrite(
    landing: Landing,
    batch: LandedBatch,
    columns: Sequence[str],
    touches: Callable[[pa.Table], bool],
    passing: Callable[[pa.Table], pa.Table],
) -> int | None:
    """Write a batch anew as `passing` leaves it; how many rows it lost, or None if left alone.

    `touches` is shown `columns` and says whether it is worth it. The caller holds the source. A
    file that cannot be read is set aside.
    """
    try:
        contents = landing.contents(batch, every_page=True)
    except WarehouseError as error:
        landing.set_aside(batch.path, str(error))
        return None
    if not touches(pq.read_table(batch.path, columns=list(columns))):
        return None
    whole = pq.ParquetFile(batch.path).read()
    table = passing(whole)
    left = _rows_by_batch(_with_batch(table, batch))
    members = tuple(
        Member(each.batch_id, each.sequence, left.get(each.batch_id, 0), each.cursor)
        for each in contents.members
    )
    with published(batch.path) as file:
        write_file(file, table, batch.record, batch.source, members)
    return int(whole.num_rows - table.num_rows)


def recount(cursor: duckdb.DuckDBPyConnection, landing: Landing, records: Sequence[str]) -> None:
    """Bring the rows noted of each batch in line with what its file holds now."""
    members = [
        {"batch_id": member.batch_id, "rows": member.rows}
        for record in records
        for batch in landing.batches(record)
        for member in landing.contents(batch).members
    ]
    schema = schema_of(pa.field("batch_id", pa.string()), pa.field("rows", pa.int64()))
    cursor.register("files", pa.Table.from_pylist(members, schema=schema))
    cursor.execute(
        "UPDATE loaded_batches SET rows = files.rows FROM files "
        "WHERE loaded_batches.batch_id = files.batch_id AND loaded_batches.rows <> files.rows"
    )
    cursor.unregister("files")


def _removed(landing: Landing, source: str) -> pa.Table:
    """native_id, removed_by: the last removal of each mention of `source`, as its batch's id."""
    parts = [
        _with_batch(pq.ParquetFile(batch.path).read(), batch).select(["native_id", "batch_id"])
        for batch in landing.batches("removals")
        if batch.source == source
    ]
    last = pa.concat_tables(parts).group_by("native_id").aggregate([("batch_id", "max")])
    return last.rename_columns(["native_id", "removed_by"])


def _drop(landing: Landing, source: str, removed: pa.Table) -> Dropped:
    rows = batches = 0
    with landing.open_source("mentions", source):
        remove_replaced(landing, "mentions", source)
        for batch in landing.batches("mentions"):
            if batch.source == source:
                lost = _drop_of(landing, batch, removed)
                rows, batches = rows + (lost or 0), batches + (lost is not None)
    return Dropped(rows, batches)


def _drop_of(landing: Landing, batch: LandedBatch, removed: pa.Table) -> int | None:
    def stays(table: pa.Table) -> Any:
        at = pc.index_in(table["native_id"], removed["native_id"])
        gone = pc.less(_with_batch(table, batch)["batch_id"], removed["removed_by"].take(at))
        return pc.invert(pc.fill_null(gone, False))

    columns = ("native_id", "batch_id") if batch.merged else ("native_id",)
    return rewrite(
        landing,
        batch,
        columns,
        lambda table: not pc.all(stays(table), min_count=0).as_py(),
        lambda table: table.filter(stays(table)),
    )


def _with_batch(table: pa.Table, batch: LandedBatch) -> pa.Table:
    """`table` with the id of the batch that each row came with; merged files have it already."""
    if batch.merged:
        return table
    return table.append_column("batch_id", pa.array([batch.batch_id] * table.num_rows, pa.string()))


def _rows_by_batch(table: pa.Table) -> dict[str, int]:
    column: Any = table.column("batch_id")
    counted = column.value_counts().to_pylist()
    return {each["values"]: each["counts"] for each in counted}


def _note(marker: Path, newest: str) -> None:
    with published(marker) as file:
        file.write(newest.encode())
