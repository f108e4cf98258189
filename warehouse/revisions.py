"""How often each room of the warehouse has changed, so that a step with nothing new does nothing.

A change and its number are committed together. A step keeps the numbers that it saw; while they
stand, its work is done.
"""

from typing import Final

import duckdb

from warehouse import ask

_STEP: Final = "step: "
_MARK: Final = "mark: "


def changed(cursor: duckdb.DuckDBPyConnection, room: str) -> None:
    """Count a change of `room`, within the transaction that makes it."""
    number = int(_stamp(cursor, room) or 0) + 1
    _keep(cursor, room, str(number))


def seen(cursor: duckdb.DuckDBPyConnection, *rooms: str, also: str = "") -> str:
    """The state of `rooms`, and of whatever else a step depends on, in one text."""
    return " ".join([*(f"{room}={_stamp(cursor, room) or 0}" for room in rooms), also])


def is_done(cursor: duckdb.DuckDBPyConnection, step: str, state: str) -> bool:
    """Whether `step` last ran on just this state."""
    return _stamp(cursor, _STEP + step) == state


def done(cursor: duckdb.DuckDBPyConnection, step: str, state: str) -> None:
    """Remember the state on which `step` ran."""
    _keep(cursor, _STEP + step, state)


def mark(cursor: duckdb.DuckDBPyConnection, name: str) -> int:
    """The highest number that was given out under `name`; 0 before the first."""
    return int(_stamp(cursor, _MARK + name) or 0)


def keep_mark(cursor: duckdb.DuckDBPyConnection, name: str, number: int) -> None:
    """Remember the highest number given out, whatever becomes of what has it."""
    _keep(cursor, _MARK + name, str(number))


def _stamp(cursor: duckdb.DuckDBPyConnection, name: str) -> str | None:
    found = ask.row(cursor, "SELECT stamp FROM revisions WHERE name = ?", [name])
    return None if found is None else str(found[0])


def _keep(cursor: duckdb.DuckDBPyConnection, name: str, stamp: str) -> None:
    cursor.execute("INSERT OR REPLACE INTO revisions VALUES (?, ?)", [name, stamp])
