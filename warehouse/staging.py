"""The SQL of a load: stage the rows of some batches, keep the last word on each, and store it.

Loading batches one by one or all at once gives the same tables. Hence, of several states of a
record in one load, the one kept is the first of the last run of equal states: a state that only
repeats what is known is never stored, so it must not be stored when both come together either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from warehouse import ask
from warehouse.batches import Contents, LandedBatch
from warehouse.records import KEYS, SCHEMAS

_TABLES: Final = {"customers": "person.customers"}
# When it was fetched is no news about the record itself.
# But removed_at is: it tells removals apart.
_NO_NEWS: Final = ("collected_at", "rejected_at", "recorded_at")
_TEXT_HASH: Final = "md5_number_lower(concat_ws(chr(31), coalesce(title, ''), text))"


@dataclass(frozen=True)
class Sound:
    """A batch whose file was checked, and what is in it."""

    batch: LandedBatch
    contents: Contents


def keep_batches(cursor: duckdb.DuckDBPyConnection, group: Sequence[Sound]) -> int:
    """Note the batches as loaded; returns how many were not noted before."""
    rows = [
        {
            "batch_id": member.batch_id,
            "record": sound.batch.record,
            "source": sound.batch.source,
            "sequence": member.sequence,
            "rows": member.rows,
            "landed_at": member.landed_at,
        }
        for sound in group
        for member in sound.contents.members
    ]
    cursor.register("these_batches", pa.Table.from_pylist(rows))
    done = ask.number(
        cursor,
        "INSERT INTO loaded_batches SELECT *, now() FROM these_batches ON CONFLICT DO NOTHING",
    )
    cursor.unregister("these_batches")
    return done


def stage(cursor: duckdb.DuckDBPyConnection, group: Sequence[Sound]) -> None:
    """Make the temporary table `staged`: the last word of some batches on each record."""
    record = group[0].batch.record
    cursor.register(
        "these_files",
        pa.table(
            {
                "filename": [str(sound.batch.path) for sound in group],
                "of_batch": [sound.batch.batch_id for sound in group],
            }
        ),
    )
    columns = ", ".join(_column(name) for name in SCHEMAS[record].names)
    batch_id = "batch_id" if group[0].batch.merged else "of_batch"
    cursor.execute(
        f"""
        CREATE TEMP TABLE staged AS
        WITH landed AS (
            SELECT *, {_TEXT_HASH if record == "mentions" else "NULL"} AS text_hash
            FROM read_parquet(?, filename = true, file_row_number = true)
            JOIN these_files USING (filename)
        )
        SELECT {_identity(record)} {columns}, {_hashes(record)}, {batch_id} AS batch_id,
            file_row_number, false AS changed_within
        FROM landed
        """,
        [[str(sound.batch.path) for sound in group]],
    )
    cursor.unregister("these_files")
    if record == "mentions":
        _drop_removed(cursor)
    _keep_last(cursor, record)


def compare(cursor: duckdb.DuckDBPyConnection, record: str) -> int:
    """Drop from `staged` what is known; returns how many of its rows change a stored one.

    The keys of those stand in the temporary table `changed` afterwards.
    """
    keys = ", ".join(identity(record))
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE met AS
        SELECT {keys}, stored.batch_id >= staged.batch_id
            OR (stored.content_hash = staged.content_hash AND NOT changed_within) AS known
        FROM {table_of(record)} AS stored JOIN staged USING ({keys})
        """
    )
    cursor.execute(f"DELETE FROM staged WHERE ({keys}) IN (SELECT ({keys}) FROM met WHERE known)")
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS SELECT {keys} FROM met WHERE NOT known"
    )
    return ask.number(cursor, "SELECT count(*) FROM changed")


def store(cursor: duckdb.DuckDBPyConnection, record: str, changed: int) -> int:
    """Put the rows of `staged` into their table, in place of those in `changed`; counts them."""
    table, keys = table_of(record), ", ".join(identity(record))
    if changed:
        cursor.execute(f"DELETE FROM {table} WHERE ({keys}) IN (SELECT ({keys}) FROM changed)")
    rows = "SELECT * EXCLUDE (file_row_number, changed_within) FROM staged"
    return ask.number(cursor, f"INSERT INTO {table} BY NAME {rows}")


def table_of(record: str) -> str:
    """The table that holds a record."""
    return _TABLES.get(record, record)


def identity(record: str) -> tuple[str, ...]:
    """The columns that tell one row of a record's table from another."""
    return ("mention_id",) if record == "mentions" else KEYS[record]


def mark_removed(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `gone`: the mentions that the removals in `staged` take away.

    One that landed after its removal stands: its source has brought it back.
    """
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE gone AS
        SELECT mention_id FROM mentions JOIN staged USING (source, native_id)
        WHERE mentions.batch_id < staged.batch_id
        """
    )


def _drop_removed(cursor: duckdb.DuckDBPyConnection) -> None:
    """A state that landed before its removal must not be weighed against one that landed after."""
    cursor.execute(
        """
        DELETE FROM staged USING removals
        WHERE staged.source = removals.source AND staged.native_id = removals.native_id
            AND staged.batch_id < removals.batch_id
        """
    )


def _keep_last(cursor: duckdb.DuckDBPyConnection, record: str) -> None:
    keys = ", ".join(identity(record))
    if ask.row(cursor, f"SELECT count(*) = count(DISTINCT ({keys})) FROM staged") == (True,):
        return
    cursor.execute(
        f"""
        CREATE TEMP TABLE repeated AS
        WITH placed AS (
            SELECT {keys}, rowid AS place, content_hash,
                row_number() OVER (PARTITION BY {keys} ORDER BY batch_id, file_row_number) AS turn,
                count(*) OVER (PARTITION BY {keys}) AS turns
            FROM staged
        ),
        judged AS (
            SELECT {keys}, list(place ORDER BY turn) AS places,
                list(content_hash ORDER BY turn) AS contents
            FROM placed WHERE turns > 1 GROUP BY {keys}
        )
        SELECT places, coalesce(list_max([
            i FOR i IN range(1, len(contents) + 1) IF contents[i] != contents[-1]
        ]), 0) AS last_other
        FROM judged
        """
    )
    cursor.execute(
        """
        UPDATE staged SET changed_within = true
        WHERE rowid IN (SELECT places[last_other + 1] FROM repeated WHERE last_other > 0)
        """
    )
    cursor.execute(
        """
        DELETE FROM staged WHERE rowid IN (
            SELECT unnest([place FOR place IN places IF place != places[last_other + 1]])
            FROM repeated
        )
        """
    )
    cursor.execute("DROP TABLE repeated")


def _identity(record: str) -> str:
    if record != "mentions":
        return ""
    return "md5(source || chr(31) || native_id)::UUID AS mention_id,"


def content_hash(record: str) -> str:
    """The expression of what a record says, for all but mentions: has it changed?"""
    told = [name for name in SCHEMAS[record].names if name not in _NO_NEWS]
    return f"hash({', '.join(map(_column, told))})"


def _hashes(record: str) -> str:
    """MD5 for the text, as annotations hang on it and DuckDB's own hash may differ from version to
    version; the quicker one for the rest, where that would only count some rows as updated."""
    told = [name for name in SCHEMAS[record].names if name not in _NO_NEWS]
    if record != "mentions":
        return f"{content_hash(record)} AS content_hash"
    rest = ", ".join(_column(name) for name in told if name not in ("title", "text"))
    return f"text_hash, hash(text_hash, {rest}) AS content_hash"


def _column(name: str) -> str:
    return f'"{name}"'
