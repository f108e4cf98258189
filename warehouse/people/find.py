"""Finds what is known of a person before it is erased: their customer records and accounts."""

from dataclasses import dataclass
from typing import Any

import duckdb

from nlp.identifiers import email_key, phone_key
from warehouse import ask
from warehouse.store import Warehouse


@dataclass(frozen=True)
class KnownPerson:
    """A person, for somebody to confirm and `warehouse.erase` to erase.

    `authors` are (source, author_id), `handles` (source, handle) of sources that tell no ids;
    `name`, `mentions` and `orders` are for the eyes of who confirms.
    """

    customer_id: str | None
    authors: tuple[tuple[str, str], ...] = ()
    handles: tuple[tuple[str, str], ...] = ()
    name: str | None = None
    mentions: int = 0
    orders: int = 0


def find_people(warehouse: Warehouse, who: str, key: bytes) -> tuple[KnownPerson, ...]:
    """Whom `who` means: a customer's id, an e-mail address or phone number, `source|author_id`, or
    `source|@handle`. An address or number that several customers share finds each of them.

    `key` is the instance's. Names find nobody: too many people share one.
    """
    sought = who.strip()
    source, bar, author = sought.partition("|")
    with warehouse.reading() as cursor:
        if bar and author.startswith("@"):
            return _counted(cursor, [KnownPerson(None, handles=((source, author[1:]),))])
        if bar:
            return _counted(cursor, _of_author(cursor, source, author))
        keys = [made for made in (email_key(sought, key), phone_key(sought, key)) if made]
        return _counted(cursor, _of_contact(cursor, sought, keys))


def _of_author(cursor: duckdb.DuckDBPyConnection, source: str, author_id: str) -> list[KnownPerson]:
    found = ask.row(
        cursor,
        "SELECT customer_id FROM identities WHERE source = ? AND author_id = ?",
        [source, author_id],
    )
    if found is None:
        return [KnownPerson(None, authors=((source, author_id),))]
    return [KnownPerson(found[0], authors=_accounts(cursor, found[0]))]


def _of_contact(
    cursor: duckdb.DuckDBPyConnection, sought: str, keys: list[str]
) -> list[KnownPerson]:
    wanted: dict[str, Any] = {"sought": sought, "keys": keys}
    customers = cursor.execute(
        """
        SELECT customer_id FROM person.customers WHERE customer_id = $sought
        UNION SELECT customer_id FROM orders WHERE customer_id = $sought
        UNION SELECT customer_id FROM person.identifiers
            WHERE list_contains($keys::VARCHAR[], key)
        ORDER BY customer_id
        """,
        wanted,
    ).fetchall()
    people = [KnownPerson(each, authors=_accounts(cursor, each)) for (each,) in customers]
    known = {account for person in people for account in person.authors}
    alone = cursor.execute(
        """
        SELECT 'community', member_id FROM person.member_keys
        WHERE list_contains($keys::VARCHAR[], key)
        UNION
        SELECT source, author_id FROM mentions
        WHERE author_id IS NOT NULL AND contains(extra, '_key"') AND (
            list_contains($keys::VARCHAR[], try(extra ->> '$.email_key'))
            OR list_contains($keys::VARCHAR[], try(extra ->> '$.phone_key'))
        )
        """,
        {"keys": keys},
    ).fetchall()
    others = tuple(sorted({(source, author) for source, author in alone} - known))
    return [*people, *([KnownPerson(None, authors=others)] if others else [])]


def _accounts(cursor: duckdb.DuckDBPyConnection, customer_id: str) -> tuple[tuple[str, str], ...]:
    rows = cursor.execute(
        "SELECT source, author_id FROM identities WHERE customer_id = ? ORDER BY ALL",
        [customer_id],
    ).fetchall()
    return tuple((source, author_id) for source, author_id in rows)


def _counted(
    cursor: duckdb.DuckDBPyConnection, people: list[KnownPerson]
) -> tuple[KnownPerson, ...]:
    """Those of `people` of whom something is known, with its counts."""
    counted = []
    for person in people:
        name = ask.row(
            cursor, "SELECT name FROM person.customers WHERE customer_id = ?", [person.customer_id]
        )
        mentions = ask.number(
            cursor,
            """
            SELECT count(*) FROM heard
            WHERE list_contains($authors::VARCHAR[], source || chr(31) || author_id)
                OR author_id IS NULL
                    AND list_contains($handles::VARCHAR[], source || chr(31) || author_handle)
            """,
            {
                "authors": [f"{source}\x1f{author}" for source, author in person.authors],
                "handles": [f"{source}\x1f{handle}" for source, handle in person.handles],
            },
        )
        orders = ask.number(
            cursor, "SELECT count(*) FROM orders WHERE customer_id = ?", [person.customer_id]
        )
        is_member = any(source == "community" for source, _ in person.authors)
        if person.customer_id is not None or is_member or mentions:
            counted.append(
                KnownPerson(
                    person.customer_id, person.authors, person.handles,
                    name[0] if name else None, mentions, orders,
                )
            )  # fmt: skip
    return tuple(counted)
