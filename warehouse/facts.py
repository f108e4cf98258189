"""Facts up: what the community did, taken in by number and projected into tables.

A projection is one query in `models/` over all facts of the subjects touched, so that facts taken
twice, in any portions, or replayed after a rebuild leave the same tables.
"""

import json
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from warehouse import ask, revisions, serving
from warehouse.errors import WarehouseError
from warehouse.records import TIME, schema_of
from warehouse.store import Warehouse
from warehouse.suppression import suppress

FACTS: Final = schema_of(
    pa.field("sequence", pa.int64(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),
    pa.field("subject", pa.string(), nullable=False),
    pa.field("body", pa.string(), nullable=False),  # a JSON object
    pa.field("happened_at", TIME, nullable=False),
)


@dataclass(frozen=True)
class Projection:
    """A table made of facts: of which kinds, and which of its columns is their subject."""

    table: str
    subject: str
    kinds: tuple[str, ...]

    @property
    def model(self) -> str:
        return self.table.removeprefix("person.")


_CORRECTIONS: Final = ("label_corrected", "correction_withdrawn")
_MEMBERS: Final = ("member_joined", "member_keys", "member_left")
PROJECTIONS: Final = (
    Projection("members", "member_id", _MEMBERS),
    Projection("person.member_keys", "member_id", _MEMBERS),
    Projection("votes", "idea", ("vote_cast", "vote_withdrawn")),
    Projection("idea_statuses", "idea", ("idea_status",)),
    Projection(
        "conversations",
        "conversation",
        ("conversation_opened", "conversation_closed", "conversation_reopened"),
    ),
    Projection("replies", "mention_id", ("reply_sent",)),
    Projection("thanks", "mention_id", ("thanks_given",)),
    Projection("alert_states", "alert_id", ("alert_acknowledged", "alert_reopened")),
    Projection("corrections", "mention_id", _CORRECTIONS),
    Projection("samples", "sample_id", ("sample_drawn",)),
    Projection("sample_items", "sample_id", ("sample_drawn",)),
    Projection("sample_labels", "labelled", ("sample_labelled",)),
    Projection("match_decisions", "author", ("match_decided",)),
    Projection("trackers", "tracker", ("tracker_saved", "tracker_retired")),
)


def facts_cursor(warehouse: Warehouse) -> int:
    """The number of the last fact taken; 0 before the first. Ask the community for those after."""
    with warehouse.reading() as cursor:
        return ask.number(cursor, "SELECT max(sequence) FROM person.facts")


def take_facts(warehouse: Warehouse, facts: pa.Table) -> int:
    """Take in facts (the columns of FACTS) and project them, in one transaction.

    Returns how many were new. Give them in the order of their numbers, without gaps between calls:
    the highest number taken is the cursor. Raises WarehouseError when a column is missing or of
    another type.
    """
    if facts.num_rows == 0:
        return 0
    given = _conform(facts)
    _suppress(warehouse, given)
    with warehouse.writing() as cursor:
        cursor.register("given_facts", given)
        cursor.execute(
            """
            CREATE OR REPLACE TEMP TABLE new_facts AS
            SELECT * FROM given_facts ANTI JOIN person.facts USING (sequence)
            QUALIFY row_number() OVER (PARTITION BY sequence) = 1
            """
        )
        cursor.unregister("given_facts")
        taken = ask.number(cursor, "INSERT INTO person.facts SELECT * FROM new_facts")
        if taken:
            for projection in PROJECTIONS:
                _project(cursor, projection)
            _show_corrections(cursor)
            revisions.changed(cursor, "facts")
    return taken


def _suppress(warehouse: Warehouse, facts: pa.Table) -> None:
    """Shut the landing zone to those the community named, before their facts count as taken."""
    told = zip(facts.column("kind").to_pylist(), facts.column("body").to_pylist(), strict=True)
    bodies = [str(body) for kind, body in told if kind == "person_suppressed"]
    keys = [str(key) for body in bodies for key in json.loads(body)["keys"]]
    if keys:
        suppress(warehouse.landing, dict.fromkeys(keys, ""))


def _conform(facts: pa.Table) -> pa.Table:
    try:
        return facts.select(FACTS.names).cast(FACTS)
    except (KeyError, ValueError) as error:  # Arrow's own errors are among these two
        raise WarehouseError(
            f"These facts have not the columns {FACTS.names}: {error}. "
            "Make their table by warehouse.facts.FACTS."
        ) from error


def _project(cursor: duckdb.DuckDBPyConnection, projection: Projection) -> None:
    kinds = ", ".join(f"'{kind}'" for kind in projection.kinds)
    touched = f"SELECT subject FROM new_facts WHERE kind IN ({kinds})"
    if ask.number(cursor, f"SELECT count(*) FROM ({touched})") == 0:
        return
    table, subject = projection.table, projection.subject
    cursor.execute(f"DELETE FROM {table} WHERE {subject}::VARCHAR IN ({touched})")
    serving.view(
        cursor,
        "these_facts",
        f"SELECT * FROM person.facts WHERE kind IN ({kinds}) AND subject IN ({touched})",
    )
    cursor.execute(f"INSERT INTO {table} BY NAME {serving.model(projection.model)}")


def _show_corrections(cursor: duckdb.DuckDBPyConnection) -> None:
    """Let the screens follow what the new facts say of the meaning of texts."""
    kinds = ", ".join(f"'{kind}'" for kind in _CORRECTIONS)
    touched = ask.number(
        cursor,
        f"""
        CREATE OR REPLACE TEMP TABLE corrected AS
        SELECT DISTINCT try_cast(subject AS UUID) AS mention_id FROM new_facts
        WHERE kind IN ({kinds})
        """,
    )
    if touched:
        serving.corrections_changed(cursor)
