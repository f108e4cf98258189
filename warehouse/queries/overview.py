"""What there is: the span of days, the sources, what can be chosen, what was quarantined."""

from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from warehouse import ask
from warehouse.store import Warehouse


@dataclass(frozen=True)
class Extent:
    """The first and last day with a mention, how many there are, and how many were annotated."""

    first: date | None
    last: date | None
    mentions: int
    annotated: int


@dataclass(frozen=True)
class Choices:
    """What a filter can choose among; sources and languages by name, products by volume."""

    sources: tuple[str, ...]
    products: tuple[str, ...]
    langs: tuple[str, ...]


def extent(warehouse: Warehouse) -> Extent:
    """How far what is known reaches."""
    with warehouse.reading() as cursor:
        first, last, mentions = ask.row(
            cursor, "SELECT min(day), max(day), coalesce(sum(n), 0) FROM daily"
        ) or (None, None, 0)
        annotated = ask.number(cursor, "SELECT count(*) FROM heard WHERE sentiment <> 'unread'")
    return Extent(first, last, int(mentions), annotated)


def choices(warehouse: Warehouse, products: int = 1_000) -> Choices:
    """The sources, languages and loudest products there are mentions of."""
    with warehouse.reading() as cursor:
        return Choices(
            _texts(cursor, "SELECT DISTINCT source FROM daily ORDER BY source"),
            _texts(
                cursor,
                "SELECT product FROM daily WHERE product IS NOT NULL "
                "GROUP BY product ORDER BY sum(n) DESC, product LIMIT ?",
                [products],
            ),
            _texts(cursor, "SELECT DISTINCT lang FROM daily WHERE lang IS NOT NULL ORDER BY lang"),
        )


def _texts(
    cursor: duckdb.DuckDBPyConnection, query: str, parameters: ask.Parameters = ()
) -> tuple[str, ...]:
    return tuple(map(str, ask.table(cursor, query, parameters).column(0).to_pylist()))


def sources_overview(warehouse: Warehouse) -> pa.Table:
    """A row a source: source, records, batches, mentions, last_batch_at, first_mention,
    last_mention (days), quarantined (rows); the latest heard from first.
    """
    with warehouse.reading() as cursor:
        return ask.table(
            cursor,
            """
            WITH landed AS (
                SELECT source,
                    list_sort(list(DISTINCT record) FILTER (of_rows)) AS records,
                    count(*) FILTER (of_rows) AS batches,
                    max(landed_at) FILTER (record <> 'coverage') AS last_batch_at
                FROM (
                    SELECT *, record NOT IN ('quarantined', 'removals', 'coverage') AS of_rows
                    FROM loaded_batches
                ) GROUP BY source
            ),
            heard_of AS (
                SELECT source, sum(n)::BIGINT AS mentions, min(day) AS first_mention,
                    max(day) AS last_mention
                FROM daily GROUP BY source
            ),
            refused AS (SELECT source, count(*) AS quarantined FROM quarantined GROUP BY source)
            SELECT source, records, batches, coalesce(mentions, 0) AS mentions, last_batch_at,
                first_mention, last_mention, coalesce(quarantined, 0) AS quarantined
            FROM landed LEFT JOIN heard_of USING (source) LEFT JOIN refused USING (source)
            ORDER BY last_batch_at DESC NULLS LAST, source
            """,
        )


def quarantined(warehouse: Warehouse, source: str | None = None, limit: int = 100) -> pa.Table:
    """The rows last refused: record, source, origin, row, reason, excerpt, rejected_at."""
    with warehouse.reading() as cursor:
        return ask.table(
            cursor,
            """
            SELECT * EXCLUDE (content_hash, batch_id) FROM quarantined
            WHERE $source::VARCHAR IS NULL OR source = $source
            ORDER BY rejected_at DESC, origin, row, reason LIMIT $limit
            """,
            {"source": source, "limit": limit},
        )
