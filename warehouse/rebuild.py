"""Makes the warehouse anew from the landing zone, beside the old one, and then puts it in place.

Everything in it follows from the landing zone and the facts, which the caller replays. Carried over
are annotations, which would take hours to make again and depend on text and version alone, the
alerts: what was raised, and perhaps acted on, stays raised; and topics, whose names and ids people
have come to know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from warehouse import ask, serving, topics
from warehouse.landing import Landing, SetAside
from warehouse.load import load
from warehouse.store import Warehouse, open_warehouse

# When it was done is all that may differ between a warehouse and its rebuilt self.
_NOT_COMPARED: Final = {"loaded_batches": ("loaded_at",), "alerts": ("raised_at",)}
_CARRIED: Final = ("annotations", *serving.CHILDREN, "alerts", *topics.CARRIED)
# What was done and told, and when; it does not follow from anything.
_JOURNALS: Final = (
    "migrations",
    "revisions",
    "incarnation",
    "findings",
    "tested_days",
    "stale_topic_days",
    "tracked",
    "untracked_mentions",
)


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild took in, and the files it had to set aside."""

    batches: int
    mentions: int
    annotations: int
    set_aside: tuple[SetAside, ...]


def rebuild(
    warehouse: Warehouse,
    landing: Landing,
    on_progress: Callable[[int, int], None] | None = None,
    complete: Callable[[Warehouse], None] | None = None,
) -> Rebuilt:
    """Rebuild an open warehouse; it answers questions all the while, with a short pause at the end.

    `on_progress` gets the rows done and the rows in all. `complete` is given the new warehouse
    before it takes the old one's place, to replay the facts and to match, detect and find anew; who
    gives none does so after. A crash leaves the old file in place.
    """
    beside = warehouse.path.with_name(f"{warehouse.path.name}.rebuilding")
    carried = {name: warehouse.jobs / f"rebuild-{name}.parquet" for name in _CARRIED}
    _remove(beside, *carried.values())
    fresh = open_warehouse(
        beside,
        warehouse.landing,
        warehouse.jobs,
        warehouse.zone,
        memory_limit=warehouse.memory_limit,
    )
    try:
        loaded = load(fresh, landing, on_progress)
        # From here no annotation may be recorded in the old file: it would be lost.
        with warehouse.undisturbed():
            version = _export(warehouse, carried)
            annotations, mentions = _import(fresh, carried, version)
            if complete is not None:
                complete(fresh)
            fresh.close()
            warehouse.replace_with(beside)
    finally:
        fresh.close()
        _remove(beside, *carried.values())
    return Rebuilt(loaded.batches, mentions, annotations, loaded.set_aside)


def digest(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    """For each table its number of rows and a sum over the hashes of its rows.

    Two warehouses of equal digests hold equal tables, whatever the order of rows. Compare only
    what the same version of DuckDB has answered, as its hash may change.
    """
    with warehouse.reading() as cursor:
        tables = cursor.execute(
            "SELECT schema_name || '.' || table_name, table_name FROM duckdb_tables() "
            "WHERE NOT internal AND NOT temporary AND NOT list_contains(?, table_name)",
            [list(_JOURNALS)],
        ).fetchall()
        return {name: _digest(cursor, name, _NOT_COMPARED.get(table, ())) for name, table in tables}


def _digest(
    cursor: duckdb.DuckDBPyConnection, table: str, without: tuple[str, ...]
) -> tuple[int, int]:
    columns = f"* EXCLUDE ({', '.join(without)})" if without else "*"
    rows = f"SELECT {columns} FROM {table}"
    found = ask.row(cursor, f"SELECT count(*), sum(hash(r)::HUGEINT) FROM ({rows}) r")
    return (int(found[0]), int(found[1] or 0)) if found else (0, 0)


def _export(warehouse: Warehouse, carried: Mapping[str, Path]) -> str | None:
    with warehouse.reading() as cursor:
        for name, path in carried.items():
            cursor.execute(f"COPY {name} TO $path (FORMAT parquet)", {"path": str(path)})
        return serving.current_version(cursor)


def _import(fresh: Warehouse, carried: Mapping[str, Path], version: str | None) -> tuple[int, int]:
    """Take in alerts, and annotations of texts that are the same; counts these and mentions."""
    with fresh.writing() as cursor:
        for name in ("alerts", *topics.HISTORY):
            cursor.execute(f"INSERT INTO {name} BY NAME FROM read_parquet(?)", [str(carried[name])])
        taken = {
            name: ask.number(
                cursor,
                f"INSERT INTO {name} BY NAME SELECT * FROM read_parquet(?) "
                "SEMI JOIN mentions USING (mention_id, text_hash)",
                [str(carried[name])],
            )
            for name in ("annotations", *serving.CHILDREN, topics.TOLD)
        }
        if version is not None:
            serving.set_current_version(cursor, version)
        return taken["annotations"], ask.number(cursor, "SELECT count(*) FROM mentions")


def _remove(beside: Path, *carried: Path) -> None:
    for path in (beside, beside.with_name(beside.name + ".wal"), *carried):
        path.unlink(missing_ok=True)
