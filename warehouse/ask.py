"""Asks DuckDB for one row or for a table, always to the end: a result left half read blocks its
cursor. Times come as Arrow, since as Python objects DuckDB wants a zone library we do not have."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

Parameters = Sequence[Any] | Mapping[str, Any]


def row(
    cursor: duckdb.DuckDBPyConnection, query: str, parameters: Parameters = ()
) -> tuple[Any, ...] | None:
    """The first row of the answer, or None."""
    rows = cursor.execute(query, parameters).fetchall()
    return rows[0] if rows else None


def number(cursor: duckdb.DuckDBPyConnection, query: str, parameters: Parameters = ()) -> int:
    """The one number of the answer; of an INSERT, UPDATE or DELETE the rows it touched."""
    answer = row(cursor, query, parameters)
    return int(answer[0]) if answer and answer[0] is not None else 0


def table(cursor: duckdb.DuckDBPyConnection, query: str, parameters: Parameters = ()) -> pa.Table:
    """The whole answer."""
    answer: pa.Table = cursor.sql(query, params=parameters or None).to_arrow_table()
    return answer
