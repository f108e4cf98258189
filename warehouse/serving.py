"""Keeps what the screens read, `heard` and its roll-ups by day, in step with the facts.

Each model is one query in `models/`; it runs over all rows or over those touched by a change, in
the transaction of that change, so a chart never shows half of it.
"""

from pathlib import Path
from typing import Final

import duckdb

from warehouse import ask, revisions

HEARD: Final = "heard"  # the room that changes with mentions and with their annotations
MODELS: Final = Path(__file__).parent / "models"
# What annotations are rolled up into by day; without them there is nothing in these.
UNDERSTOOD: Final = ("daily_aspects", "daily_labels")
CHILDREN: Final = ("aspects", "entities")  # of an annotation
# What follows from mentions one by one: by topic, copy and tracker.
_TOLD: Final = (
    "mention_topics", "topic_quotes", "copies", "compared", "tracker_hits", "untracked_mentions",
)  # fmt: skip
_ZONE: Final = "zone"
_VERSION: Final = "annotator_version"
CURRENT: Final = (
    "SELECT * FROM annotations "
    "WHERE version = (SELECT value FROM state WHERE name = 'annotator_version')"
)


def current_version(cursor: duckdb.DuckDBPyConnection) -> str | None:
    """The annotator whose readings the screens show; None before the first."""
    return _state(cursor, _VERSION)


def set_current_version(cursor: duckdb.DuckDBPyConnection, version: str) -> None:
    """Show the readings of `version` alone; what it has not read counts as unread."""
    name_version(cursor, version)
    refresh_all(cursor)


def name_version(cursor: duckdb.DuckDBPyConnection, version: str) -> None:
    """Make `version` the current one while it has no annotations to show yet."""
    _set_state(cursor, _VERSION, version)


def keep_zone(cursor: duckdb.DuckDBPyConnection, zone: str) -> None:
    """Count days in `zone`; when it differs from before, `heard` and `daily` are made anew."""
    before = _state(cursor, _ZONE)
    if before == zone:
        return
    cursor.begin()
    _set_state(cursor, _ZONE, zone)
    if before is not None:
        refresh_all(cursor)
    cursor.commit()


def refresh_all(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `heard` and `daily` anew from all mentions and the current annotations."""
    cursor.execute("TRUNCATE heard")
    view(cursor, "these_mentions", "SELECT * FROM mentions")
    view(cursor, "these_annotations", CURRENT)
    cursor.execute(f"INSERT INTO heard BY NAME {model('heard')}")
    cursor.execute("TRUNCATE tracked")  # every tracker is to look at history again
    refresh_all_days(cursor)
    revisions.changed(cursor, HEARD)


def mentions_changed(cursor: duckdb.DuckDBPyConnection, updated: int) -> None:
    """Follow a load: `staged` holds its mentions, `changed` the ids of the `updated` among them."""
    touched = "SELECT mention_id FROM changed"
    annotations = "SELECT * FROM annotations WHERE false"  # a new mention has none
    if updated:
        annotations = f"{CURRENT} AND mention_id IN ({touched})"
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE touched_days AS
        SELECT created_at::DATE AS day FROM staged
        UNION SELECT day FROM heard WHERE {updated > 0} AND mention_id IN ({touched})
        """
    )
    if updated:
        cursor.execute(f"DELETE FROM heard WHERE mention_id IN ({touched})")
        for table in ("annotations", *CHILDREN):
            cursor.execute(
                f"DELETE FROM {table} WHERE mention_id IN ({touched}) "
                "AND (mention_id, text_hash) NOT IN (SELECT (mention_id, text_hash) FROM staged)"
            )
    view(cursor, "these_mentions", "SELECT * FROM staged")
    view(cursor, "these_annotations", annotations)
    cursor.execute(f"INSERT INTO heard BY NAME {model('heard')}")
    cursor.execute("INSERT INTO untracked_mentions SELECT mention_id FROM staged")
    # What is new is not read yet, so that it changes nothing of what is understood.
    _refresh_touched_days(cursor, *(UNDERSTOOD if updated else ()))


def annotations_changed(cursor: duckdb.DuckDBPyConnection) -> None:
    """Follow new annotations of the current version, which stand in `these_readings`."""
    _hear_again(cursor, "SELECT mention_id FROM these_readings", "SELECT * FROM these_readings")


def corrections_changed(cursor: duckdb.DuckDBPyConnection) -> None:
    """Follow people's corrections of the mentions whose ids stand in the table `corrected`."""
    touched = "SELECT mention_id FROM corrected"
    _hear_again(cursor, touched, f"{CURRENT} AND mention_id IN ({touched})")


def _hear_again(cursor: duckdb.DuckDBPyConnection, touched: str, annotations: str) -> None:
    """Make the rows of `heard`, and the days, of the mentions that `touched` selects anew."""
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE touched_days AS "
        f"SELECT DISTINCT day FROM heard WHERE mention_id IN ({touched})"
    )
    cursor.execute(f"DELETE FROM heard WHERE mention_id IN ({touched})")
    view(cursor, "these_mentions", f"SELECT * FROM mentions WHERE mention_id IN ({touched})")
    view(cursor, "these_annotations", annotations)
    cursor.execute(f"INSERT INTO heard BY NAME {model('heard')}")
    cursor.execute(
        f"INSERT INTO untracked_mentions SELECT mention_id FROM mentions "
        f"WHERE mention_id IN ({touched})"
    )
    _refresh_touched_days(cursor, *UNDERSTOOD)


def mentions_removed(cursor: duckdb.DuckDBPyConnection) -> int:
    """Take the mentions whose ids stand in the temporary table `gone` away everywhere here."""
    gone = "SELECT mention_id FROM gone"
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE touched_days AS "
        f"SELECT DISTINCT day FROM heard WHERE mention_id IN ({gone})"
    )
    cursor.execute(f"DELETE FROM heard WHERE mention_id IN ({gone})")
    for table in ("annotations", *CHILDREN, *_TOLD):
        cursor.execute(f"DELETE FROM {table} WHERE mention_id IN ({gone})")
    cursor.execute(  # their bodies quote it
        "DELETE FROM findings WHERE kind = 'open_conversation' "
        "AND subject IN (SELECT mention_id::VARCHAR FROM gone)"
    )
    removed = ask.number(cursor, f"DELETE FROM mentions WHERE mention_id IN ({gone})")
    if removed:
        _refresh_touched_days(cursor, *UNDERSTOOD)
    return removed


def _refresh_touched_days(cursor: duckdb.DuckDBPyConnection, *understood: str) -> None:
    """Roll up the days in `touched_days` anew: mentions, and the tables of `understood`."""
    view(cursor, "these_heard", "SELECT * FROM heard SEMI JOIN touched_days USING (day)")
    for table in ("daily", *understood):
        cursor.execute(f"DELETE FROM {table} WHERE day IN (SELECT day FROM touched_days)")
        cursor.execute(f"INSERT INTO {table} BY NAME {model(table)}")
    cursor.execute("INSERT INTO stale_topic_days FROM touched_days")
    revisions.changed(cursor, HEARD)


def refresh_all_days(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the roll-ups anew from all of `heard`."""
    view(cursor, "these_heard", "SELECT * FROM heard")
    for table in ("daily", *UNDERSTOOD):
        cursor.execute(f"TRUNCATE {table}")
        cursor.execute(f"INSERT INTO {table} BY NAME {model(table)}")
    cursor.execute("TRUNCATE stale_topic_days")
    cursor.execute(
        "INSERT INTO stale_topic_days SELECT day FROM daily UNION SELECT day FROM daily_topics"
    )


def view(cursor: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """Name a query for the models to read, in this cursor alone."""
    cursor.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")


def model(name: str) -> str:
    """The query of a model."""
    return (MODELS / f"{name}.sql").read_text(encoding="utf-8")


def _state(cursor: duckdb.DuckDBPyConnection, name: str) -> str | None:
    row = ask.row(cursor, "SELECT value FROM state WHERE name = ?", [name])
    return None if row is None else str(row[0])


def _set_state(cursor: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    cursor.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", [name, value])
