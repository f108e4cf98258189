"""What the annotator read in each mention: one row a mention and version, the newest asked first.

An annotation holds for the text it was made of: when the text changes it is dropped. The
screens show one version at a time; a new one reads history again, the newest first, and takes over
once it has read all that the old one had read. Then the old one's readings are let go.
"""

from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute

from warehouse import ask, serving
from warehouse.errors import WarehouseError
from warehouse.store import Warehouse

# The stubs know no minimum of times.
pc: Final[Any] = pyarrow.compute
COLUMNS: Final = (
    "mention_id", "version", "lang", "p_negative", "p_neutral", "p_positive", "sentiment",
    "score", "fingerprint", "terms", "aspects", "entities", "intents", "emotions", "toxicity",
    "spam", "sponsored",
)  # fmt: skip
# The tables of what an annotation has several of, and how a row is made of each.
_CHILDREN: Final = {
    "aspects": "child.aspect, child.lemma, child.start AS start_at, child.end AS end_at, "
    "child.polarity, child.score",
    "entities": "child.label, child.name, child.start AS start_at, child.end AS end_at",
}


def current_version(warehouse: Warehouse) -> str | None:
    """The annotator version the screens show; None before anything was annotated."""
    with warehouse.reading() as cursor:
        return serving.current_version(cursor)


def set_current_version(warehouse: Warehouse, version: str) -> None:
    """Show the readings of `version` now, though it may not have read everything yet."""
    with warehouse.writing() as cursor:
        serving.set_current_version(cursor, version)


@dataclass(frozen=True)
class Rereading:
    """History being read again: the screens show `shown` until `version` has read it all."""

    shown: str
    version: str
    read: int
    total: int

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return self.read / self.total if self.total else 1.0


def begin(warehouse: Warehouse, version: str) -> None:
    """Let go of what neither the version on the screens nor `version`, about to read, has read."""
    with warehouse.reading() as cursor:
        kept = [version, serving.current_version(cursor) or version]
        if not ask.number(cursor, f"SELECT count(*) FROM annotations {_NOT_OF}", [kept]):
            return
    with warehouse.writing() as cursor:
        _prune(cursor, kept)


def rereading(warehouse: Warehouse) -> Rereading | None:
    """How far a newer version has come with what the screens show; None where there is none."""
    with warehouse.reading() as cursor:
        shown = serving.current_version(cursor)
        newer = ask.row(
            cursor,
            "SELECT version, count(*) AS n FROM annotations WHERE version <> ? "
            "GROUP BY version ORDER BY n DESC, version LIMIT 1",
            [shown],
        )
        if shown is None or newer is None:
            return None
        total = ask.number(cursor, "SELECT count(*) FROM heard")
        return Rereading(shown, str(newer[0]), int(newer[1]), total)


def pending(warehouse: Warehouse, version: str, limit: int, *, fresh: bool = False) -> pa.Table:
    """Mentions `version` has not read: mention_id, title, text, text_hash.

    First come those that nobody has read, or with `fresh` these alone; among them the newest. Give
    `text_hash` back to `record` beside the annotation: should the text change in between, the
    annotation is then known to be of the old one.
    """
    with warehouse.reading() as cursor:
        ids = ask.table(
            cursor,
            f"SELECT mention_id, created_at FROM heard WHERE {_unread(cursor, version, fresh)} "
            "ORDER BY lemmas IS NOT NULL, created_at DESC, mention_id LIMIT $limit",
            {"version": version, "limit": limit},
        )
        return _texts(cursor, ids)


def count_pending(warehouse: Warehouse, version: str, *, fresh: bool = False) -> int:
    """How many mentions `version` has not read; with `fresh`, that nobody has read."""
    with warehouse.reading() as cursor:
        return ask.number(
            cursor,
            f"SELECT count(*) FROM heard WHERE {_unread(cursor, version, fresh)}",
            {"version": version},
        )


def record(warehouse: Warehouse, table: pa.Table) -> int:
    """Keep the annotations of one version, and show them; returns how many were kept.

    `table` has the columns COLUMNS and, better, `text_hash` (see `pending`). Annotations of
    mentions that are not known, or of texts that have changed, are left out. The same table twice
    leaves what it left once. Raises WarehouseError when columns are missing or versions mixed.
    """
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise WarehouseError(
            f"Annotations lack the columns {missing}. Give what nlp.annotate returns, with "
            "mention_id beside it."
        )
    if table.num_rows == 0:
        return 0
    versions = table.column("version").unique().to_pylist()
    if len(versions) != 1:
        raise WarehouseError(f"One table holds annotations of {versions}. Record each apart.")
    with warehouse.writing() as cursor:
        kept = _keep(cursor, table)
        _show(cursor, str(versions[0]))
    return kept


# A row of `heard` without lemmas: the version on the screens has not read it. Its sentiment may
# stand all the same, by a person's word.
_NOBODY: Final = "lemmas IS NULL"
_NOT_OF: Final = "WHERE NOT list_contains(?, version)"


def _unread(cursor: duckdb.DuckDBPyConnection, version: str, fresh: bool) -> str:
    """The rows of `heard` that `$version` has not read, or with `fresh` nobody has."""
    if serving.current_version(cursor) in (None, version):
        return f"{_NOBODY} AND $version IS NOT NULL"
    unread = (
        "(mention_id, text_hash) NOT IN "
        "(SELECT (mention_id, text_hash) FROM annotations WHERE version = $version)"
    )
    return f"{_NOBODY} AND {unread}" if fresh else unread


def _texts(cursor: duckdb.DuckDBPyConnection, ids: pa.Table) -> pa.Table:
    """The texts of `ids`, in their order. The bounds let DuckDB skip what is older or newer."""
    times = ids.column("created_at")
    cursor.register("asked", ids.append_column("turn", pa.array(range(ids.num_rows), pa.int64())))
    return ask.table(
        cursor,
        """
        SELECT m.mention_id::VARCHAR AS mention_id, m.title, m.text, m.text_hash
        FROM mentions m JOIN asked ON asked.mention_id = m.mention_id
        WHERE m.created_at BETWEEN $first AND $last
        ORDER BY turn
        """,
        {
            "first": pc.min(times).as_py(),
            "last": pc.max(times).as_py(),
        },
    )


def _keep(cursor: duckdb.DuckDBPyConnection, table: pa.Table) -> int:
    """Store the rows of `table`; they stand in the temporary table `these_readings` as well."""
    hashed = "text_hash" in table.column_names
    given = _each_once(table.select([*COLUMNS, *(["text_hash"] if hashed else [])]))
    cursor.register("given", given)
    serving.view(
        cursor,
        "given_readings",
        f"""
        SELECT heard.mention_id, heard.text_hash,
            given.* EXCLUDE (mention_id{", text_hash" if hashed else ""})
        FROM (
            SELECT * REPLACE (mention_id::UUID AS mention_id) FROM given
        ) AS given
        JOIN heard USING (mention_id{", text_hash" if hashed else ""})
        """,
    )
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE these_readings AS {serving.model('annotations')}")
    cursor.execute("DROP VIEW given_readings")
    cursor.unregister("given")
    known = _forget(cursor, "annotations")
    kept = ask.number(
        cursor,
        "INSERT INTO annotations BY NAME "
        f"SELECT * EXCLUDE ({', '.join(_CHILDREN)}) FROM these_readings",
    )
    for child in _CHILDREN:
        if known:
            _forget(cursor, child)
        _keep_children(cursor, child)
    return kept


def _each_once(table: pa.Table) -> pa.Table:
    """The first row of each mention; most often all of them, so that no query need look."""
    ids = table.column("mention_id")
    if len(ids.unique()) == len(ids):
        return table
    places = pa.Table.from_arrays([ids, pa.array(range(len(ids)))], ["id", "place"])
    firsts = places.group_by("id", use_threads=False).aggregate([("place", "min")])
    return table.take(firsts.column("place_min"))


def _forget(cursor: duckdb.DuckDBPyConnection, table: str) -> int:
    """Delete what `table` has of these mentions and this version."""
    return ask.number(
        cursor,
        f"""
        DELETE FROM {table}
        WHERE version = (SELECT any_value(version) FROM these_readings)
            AND mention_id IN (SELECT mention_id FROM these_readings)
        """,
    )


def _keep_children(cursor: duckdb.DuckDBPyConnection, child: str) -> None:
    cursor.execute(
        f"""
        INSERT INTO {child} BY NAME
        SELECT mention_id, version, text_hash, (place - 1)::INTEGER AS position, {_CHILDREN[child]}
        FROM (
            SELECT mention_id, version, text_hash, unnest({child}) AS child,
                generate_subscripts({child}, 1) AS place
            FROM these_readings WHERE len({child}) > 0
        )
        """
    )


def _show(cursor: duckdb.DuckDBPyConnection, version: str) -> None:
    current = serving.current_version(cursor)
    if current is None:
        serving.name_version(cursor, version)
    elif current != version:
        if _covers(cursor, version, current):
            serving.set_current_version(cursor, version)
            _prune(cursor, [version])
        return
    serving.annotations_changed(cursor)


def _covers(cursor: duckdb.DuckDBPyConnection, version: str, current: str) -> bool:
    """Whether `version` has read all that `current` has, as it is now; the counts say it sooner."""
    counts = ask.row(
        cursor,
        """
        SELECT count(*) FILTER (version = $version) >= count(*) FILTER (version = $current)
        FROM annotations
        """,
        {"version": version, "current": current},
    )
    if counts != (True,):
        return False
    missing = f"SELECT count(*) FROM heard WHERE NOT {_NOBODY} AND "
    left = ask.number(cursor, missing + _unread(cursor, version, False), {"version": version})
    return left == 0


def _prune(cursor: duckdb.DuckDBPyConnection, kept: list[str]) -> None:
    """Let go of the readings of all versions but these."""
    for table in ("annotations", *serving.CHILDREN):
        cursor.execute(f"DELETE FROM {table} {_NOT_OF}", [kept])
