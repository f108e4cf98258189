"""Free SQL for staff: one SELECT over the tables of `main`, and nothing else.

What may be asked is listed, not what may not: DuckDB's own parser gives the statement as a tree,
and every table and table function in it must be on the list. So neither files (the landing zone
holds contacts) nor the schema `person` nor settings can be read, however they are spelled.
"""

import json
import re
import threading
from collections.abc import Iterator
from typing import Any, Final

import duckdb
import pyarrow as pa

from warehouse.errors import WarehouseError
from warehouse.store import Warehouse

_TABLE_FUNCTIONS: Final = {"range", "generate_series", "unnest", "repeat", "repeat_row"}
_REFERENCES: Final = {
    "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "SHOW_REF",
    "PIVOT", "COLUMN_DATA",
}  # fmt: skip
# Functions that tell of the machine or the session, change something, or only wait.
_FORBIDDEN: Final = re.compile(
    r"getenv|getvariable|current_setting|currval|nextval|setval|setseed|write_log|sleep_ms"
    r"|current_query|json_serialize_plan|stats|inet_.*|pg_(?!typeof$|size_pretty$).*"
)
_CLOSED: Final = "Files, settings and the catalogue are closed; ask the tables."
_BATCH: Final = 2_048


def select(warehouse: Warehouse, sql: str, limit: int = 10_000, seconds: float = 30.0) -> pa.Table:
    """The first `limit` rows of one SELECT.

    Raises WarehouseError, with DuckDB's message, the SQL and a hint, when the statement is not
    allowed, is wrong, or takes longer than `seconds`.
    """
    with warehouse.reading() as cursor:
        _check(cursor, sql)
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            cursor.interrupt()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            return _run(cursor, sql, limit)
        except duckdb.Error as error:
            if stopped.is_set():
                raise _refused(
                    f"It took longer than {seconds:g} seconds.",
                    sql,
                    "Narrow it by day, or ask the roll-up `daily`.",
                ) from error
            raise _refused(
                str(error), sql, "`SELECT * FROM mentions LIMIT 1` shows the columns of a table."
            ) from error
        finally:
            timer.cancel()
            timer.join()


def _run(cursor: duckdb.DuckDBPyConnection, sql: str, limit: int) -> pa.Table:
    reader = cursor.sql(sql).to_arrow_reader(_BATCH)
    batches: list[pa.RecordBatch] = []
    missing = limit
    while missing > 0 and (batch := next(reader, None)) is not None:
        batches.append(batch.slice(0, missing))
        missing -= batch.num_rows
    return pa.Table.from_batches(batches, reader.schema)


def _check(cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse a statement that is not one SELECT over what is allowed."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise _refused(str(error), sql, "See https://duckdb.org/docs/stable/sql.") from error
    kinds = [statement.type for statement in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "nothing"
        raise _refused(
            f"This is not one SELECT but {found}.",
            sql,
            "Ask one SELECT at a time; a PIVOT needs its values listed with IN (…).",
        )
    tree = _tree(cursor, sql)
    tables = _names(cursor, "FROM duckdb_tables() SELECT table_name WHERE NOT internal AND {}")
    tables |= _names(cursor, "FROM duckdb_views() SELECT view_name WHERE NOT internal AND {}")
    named = {str(node["key"]).lower() for node in _nodes(tree) if _is_cte(node)}
    elsewhere = _names(cursor, "FROM duckdb_views() SELECT view_name WHERE internal OR NOT ({})")
    elsewhere |= _names(cursor, "FROM duckdb_tables() SELECT table_name WHERE NOT ({})")
    if bad := [name for name in named if not re.fullmatch(r"\w+", name) or name in elsewhere]:
        raise _refused(f"A WITH query cannot be named {bad[0]}.", sql, "Give it another name.")
    functions = _names(
        cursor, "FROM duckdb_functions() SELECT function_name WHERE function_type LIKE 'table%'"
    )
    catalog = _names(cursor, "SELECT current_database()")
    for node in _nodes(tree):
        _check_table(node, sql, tables | named, catalog)
        _check_function(node, sql, functions - _TABLE_FUNCTIONS)


def _tree(cursor: duckdb.DuckDBPyConnection, sql: str) -> Any:
    told = cursor.execute("SELECT json_serialize_sql($sql::VARCHAR)", {"sql": sql}).fetchall()
    tree = json.loads(told[0][0])
    if tree["error"] or len(tree["statements"]) != 1:
        raise _refused(
            str(tree.get("error_message", "It cannot be examined.")), sql, "Write a plain SELECT."
        )
    return tree


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in the tree, wherever it stands."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _is_cte(node: dict[str, Any]) -> bool:
    return "key" in node and isinstance(node.get("value"), dict) and "query_node" in node["value"]


def _check_table(node: dict[str, Any], sql: str, tables: set[str], catalog: set[str]) -> None:
    kind = node.get("type")
    is_reference = "sample" in node and "class" not in node and "select_list" not in node
    if is_reference and kind not in _REFERENCES:
        raise _refused(f"{kind} is not allowed.", sql, "Select from tables by name.")
    if kind == "SHOW_REF":  # DESCRIBE and SUMMARIZE hold a query, which is checked as any other
        if not node.get("query"):
            raise _refused("SHOW is not allowed.", sql, f"There are {', '.join(sorted(tables))}.")
        return
    if kind == "TABLE_FUNCTION":
        called = str((node.get("function") or {}).get("function_name", "this")).lower()
        if called not in _TABLE_FUNCTIONS:
            raise _refused(f"The function {called} is not allowed here.", sql, _CLOSED)
    if "table_name" not in node or "schema_name" not in node:
        return
    name = ".".join(
        part for part in (node.get("catalog_name"), node["schema_name"], node["table_name"]) if part
    )
    if (
        str(node.get("catalog_name", "")).lower() not in {"", *catalog}
        or str(node["schema_name"]).lower() not in {"", "main"}
        or str(node["table_name"]).lower() not in tables
    ):
        raise _refused(
            f"There is no table {name} to select from.",
            sql,
            f"There are {', '.join(sorted(tables))}. People's names and contacts are not shown.",
        )


def _check_function(node: dict[str, Any], sql: str, forbidden: set[str]) -> None:
    if "function_name" not in node:
        return
    name = str(node["function_name"]).lower()
    if name in forbidden or _FORBIDDEN.fullmatch(name):
        raise _refused(f"The function {name} is not allowed here.", sql, _CLOSED)
    if node.get("schema") or node.get("catalog"):
        raise _refused(
            f"The function {name} is called with a dot.", sql, f"Write {name}(…) instead."
        )


def _names(cursor: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    here = "schema_name = 'main' AND database_name = current_database()"
    return {str(name).lower() for (name,) in cursor.execute(query.format(here)).fetchall()}


def _refused(message: str, sql: str, hint: str) -> WarehouseError:
    return WarehouseError(f"{message}\n\n{sql.strip()}\n\n{hint}")
