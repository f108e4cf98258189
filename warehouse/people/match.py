"""Finds authors among the customers by equal keys; who is not certain is not matched, but counted.

Keys are of verified contacts alone: members' from the facts, and those that a ticket, an e-mail or
a call carries in `extra` as `email_key` and `phone_key`.
"""

from dataclasses import dataclass
from typing import Final

from warehouse import ask, revisions, serving
from warehouse.store import Warehouse

_STEP: Final = "match"


@dataclass(frozen=True)
class Matched:
    """Counts of authors: with a customer; whose every key several customers have; whose keys point
    to different customers."""

    matched: int
    ambiguous: int
    conflicting: int


def match_known(warehouse: Warehouse) -> Matched:
    """Bring `identities` up to date with members, mentions, customers and decisions."""
    with warehouse.reading() as cursor:
        state = revisions.seen(cursor, "facts", "identifiers", serving.HEARD)
        if revisions.is_done(cursor, _STEP, state):
            return _counts(ask.row(cursor, "SELECT stamp FROM revisions WHERE name = 'matched'"))
    with warehouse.writing() as cursor:
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {serving.model('identities')}")
        told = ask.row(
            cursor,
            """
            SELECT count(customer_id) || ' '
                || count(*) FILTER (customer_id IS NULL AND candidates = 0) || ' '
                || count(*) FILTER (customer_id IS NULL AND candidates > 1)
            FROM judged
            """,
        )
        found = "SELECT * EXCLUDE (candidates) FROM judged WHERE customer_id IS NOT NULL"
        differing = ask.number(
            cursor,
            f"SELECT count(*) FROM (({found} EXCEPT FROM identities) UNION ALL "
            f"(FROM identities EXCEPT {found}))",
        )
        if differing:
            cursor.execute("TRUNCATE identities")
            cursor.execute(f"INSERT INTO identities BY NAME {found}")
            revisions.changed(cursor, "identities")
        cursor.execute("INSERT OR REPLACE INTO revisions VALUES ('matched', ?)", told)
        revisions.done(cursor, _STEP, state)
    return _counts(told)


def _counts(told: tuple[str, ...] | None) -> Matched:
    return Matched(*(int(number) for number in told[0].split())) if told else Matched(0, 0, 0)
