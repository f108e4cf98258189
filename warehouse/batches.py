"""The Parquet file of a batch: its name, its metadata, and the check that it is whole.

A batch and its cursor are one file, so that rows and cursor cannot part. The identity of a batch
is a ULID that is later than those of all earlier batches of its source, whatever the clock says.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq
from ulid import ULID

from warehouse.errors import WarehouseError
from warehouse.records import SCHEMAS

# Columns that repeat their values; free text would only fill the dictionary in vain.
_REPEATING: Final[tuple[str, ...]] = (
    "source", "kind", "thread_id", "author_id", "author_handle", "author_name", "lang", "rating",
    "rating_raw", "product", "created_at", "collected_at", "country", "city", "customer_id",
    "gender", "currency", "channel", "record", "origin", "reason", "batch_id",
)  # fmt: skip
_ROWS_A_GROUP: Final = 122_880  # one DuckDB row group
_NAME: Final = re.compile(
    r"(?P<first>\d{10})(-(?P<last>\d{10}))?-(?P<batch_id>[0-9A-HJKMNP-TV-Z]{26})\.parquet"
)


@dataclass(frozen=True)
class Batch:
    """What a source yields: rows, where to go on from, and the rows that could not be taken.

    `table` has the schema of its record (`warehouse.records.SCHEMAS`), `rejected` that of
    QUARANTINED, `removed` (mentions that the source has taken away) that of REMOVAL, `covered` (the
    time that has been listened to, and the gaps in it) that of COVERAGE. An empty table may carry a
    cursor.
    """

    table: pa.Table
    cursor: dict[str, Any]
    rejected: pa.Table | None = None
    removed: pa.Table | None = None
    covered: pa.Table | None = None


@dataclass(frozen=True, order=True)
class LandedBatch:
    """A batch in the landing zone, as its path tells it. Sorted by `batch_id`: the order landed.

    `first` and `last` are sequences; they differ in a file that compaction made of several.
    """

    batch_id: str
    record: str
    source: str
    first: int
    last: int
    path: Path

    @property
    def merged(self) -> bool:
        return self.first != self.last

    @property
    def day(self) -> str:
        """The day it landed (UTC), YYYY-MM-DD."""
        return self.path.parent.name


@dataclass(frozen=True)
class Member:
    """One batch as it was written; a compacted file holds several."""

    batch_id: str
    sequence: int
    rows: int
    cursor: dict[str, Any]

    @property
    def landed_at(self) -> datetime:
        return ULID.from_str(self.batch_id).datetime


@dataclass(frozen=True)
class Contents:
    """What a sound file holds: its number of rows and its batches in order."""

    rows: int
    members: tuple[Member, ...]

    @property
    def cursor(self) -> dict[str, Any]:
        return self.members[-1].cursor


def file_name(first: int, last: int, batch_id: str) -> str:
    """`0000000007-<ulid>.parquet`, or `0000000001-0000000007-<ulid>.parquet` when merged."""
    middle = "" if first == last else f"-{last:010d}"
    return f"{first:010d}{middle}-{batch_id}.parquet"


def landed(record: str, source: str, path: Path) -> LandedBatch | None:
    """The batch whose file this is, or None for a file of another name."""
    name = _NAME.fullmatch(path.name)
    if name is None:
        return None
    first = int(name["first"])
    return LandedBatch(name["batch_id"], record, source, first, int(name["last"] or first), path)


def conform(table: pa.Table, record: str) -> pa.Table:
    """`table` with exactly the columns and types of `record`.

    Raises WarehouseError when a column is missing, unknown or of another type, or when a column
    that must hold a value has a null.
    """
    schema = SCHEMAS[record]
    missing = [name for name in schema.names if name not in table.column_names]
    unknown = [name for name in table.column_names if name not in schema.names]
    if missing or unknown or len(table.column_names) != len(schema.names):
        raise WarehouseError(
            f"A batch of {record} lacks the columns {missing} and has the unknown columns "
            f"{unknown}. Yield tables of warehouse.records.SCHEMAS[{record!r}]."
        )
    ordered = table.select(schema.names)
    for field in schema:
        if not field.nullable and (nulls := ordered.column(field.name).null_count):
            raise WarehouseError(
                f"A batch of {record} has {nulls} nulls in {field.name}, which must hold a value. "
                "Put such rows into Batch.rejected."
            )
    try:
        return ordered.cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise WarehouseError(
            f"A batch of {record} does not fit its schema: {error}. "
            f"Yield tables of warehouse.records.SCHEMAS[{record!r}]."
        ) from error


def write_file(
    file: BinaryIO, table: pa.Table, record: str, source: str, members: tuple[Member, ...]
) -> None:
    """Write `table` and what it is into an open file."""
    described = [
        {"batch_id": m.batch_id, "sequence": m.sequence, "rows": m.rows, "cursor": m.cursor}
        for m in members
    ]
    metadata = {
        b"madang.record": record.encode(),
        b"madang.source": source.encode(),
        b"madang.sequence": str(members[-1].sequence).encode(),
        b"madang.cursor": json.dumps(members[-1].cursor).encode(),
        b"madang.batches": json.dumps(described).encode(),
    }
    pq.write_table(
        table.replace_schema_metadata(metadata),
        file,
        row_group_size=_ROWS_A_GROUP,
        compression="zstd",
        use_dictionary=[n for n in _REPEATING if n in table.column_names],  # type: ignore[arg-type]
        write_page_checksum=True,
    )


def read_contents(batch: LandedBatch, *, every_page: bool = False) -> Contents:
    """Check that a file is whole and is what its path says; with `every_page`, read it all.

    Raises WarehouseError with the reason when it is not: cut short, damaged, or misplaced.
    """
    try:
        with pq.ParquetFile(batch.path, page_checksum_verification=every_page) as file:
            if every_page:
                for group in range(file.num_row_groups):
                    file.read_row_group(group)
            rows = file.metadata.num_rows
            schema = file.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise WarehouseError(f"{batch.path} cannot be read: {error}") from error
    metadata = schema.metadata or {}
    found = (metadata.get(b"madang.record"), metadata.get(b"madang.source"))
    if found != (batch.record.encode(), batch.source.encode()):
        raise WarehouseError(
            f"{batch.path} says that it holds {found}, not {batch.record} of {batch.source}."
        )
    columns = [name for name in schema.names if name != "batch_id" or not batch.merged]
    if columns != SCHEMAS[batch.record].names:
        raise WarehouseError(f"{batch.path} has the columns {schema.names}.")
    return Contents(rows, _members(batch, metadata, rows))


def _members(batch: LandedBatch, metadata: dict[bytes, bytes], rows: int) -> tuple[Member, ...]:
    try:
        members = tuple(Member(**entry) for entry in json.loads(metadata[b"madang.batches"]))
    except (KeyError, TypeError, ValueError) as error:
        raise WarehouseError(f"{batch.path} does not say what it holds: {error!r}.") from error
    sequences = (batch.first, batch.last)
    if (
        not members
        or (members[0].sequence, members[-1].sequence) != sequences
        or members[-1].batch_id != batch.batch_id
        or sum(member.rows for member in members) != rows
    ):
        raise WarehouseError(f"{batch.path} says otherwise inside than by its name.")
    return members
