"""Who somebody is: the customer, what was bought, what was said, what is done in the yard.

Names and contacts come from the schema `person`; these questions are for staff who look at one
person, never for charts or exports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import duckdb

from nlp.identifiers import email_key, phone_key
from warehouse import ask
from warehouse.store import Warehouse

_COMMUNITY: Final = "community"


@dataclass(frozen=True)
class Purchase:
    """One order; `amount` is in minor units of `currency`."""

    order_id: str
    product: str | None
    quantity: int | None
    amount: int
    currency: str
    channel: str | None
    ordered_at: datetime


@dataclass(frozen=True)
class Spent:
    """What was ordered in one currency; `amount` in its minor units."""

    currency: str
    orders: int
    amount: int


@dataclass(frozen=True)
class Said:
    """One mention of theirs; `sentiment` is unread until it is annotated."""

    mention_id: str
    source: str
    kind: str
    product: str | None
    created_at: datetime
    sentiment: str
    score: float | None
    title: str | None
    text: str
    url: str | None


@dataclass(frozen=True)
class Contact:
    """A call, visit, delivery, repair or return."""

    kind: str
    product: str | None
    note: str | None
    happened_at: datetime


@dataclass(frozen=True)
class Account:
    """A name under which they write: `reason` and `probability` tell why it is this customer."""

    source: str
    author_id: str | None
    author_handle: str | None
    reason: str | None
    probability: float | None


@dataclass(frozen=True)
class Customer:
    """A customer's card. `reason` and `probability` say why the author asked for is this one; they
    are None where the customer was asked for by id."""

    customer_id: str
    name: str | None
    email: str | None
    phone: str | None
    city: str | None
    country: str | None
    since: datetime | None
    reason: str | None
    probability: float | None


@dataclass(frozen=True)
class Person:
    """All that is known of one person; `customer` is None for somebody who matches nobody.

    `name` is the customer's or, without one, the name under which they last wrote. Lists are newest
    first and cut at `limit`; the counts are of all.
    """

    customer: Customer | None
    name: str | None
    accounts: tuple[Account, ...]
    orders: tuple[Purchase, ...]
    totals: tuple[Spent, ...]
    contacts: tuple[Contact, ...]
    mentions: tuple[Said, ...]
    mentions_count: int
    negative: int
    neutral: int
    positive: int
    posts: int  # in the yard
    votes: int  # in the yard
    member_since: datetime | None


@dataclass(frozen=True)
class CustomerLine:
    """A customer in a list of those found."""

    customer_id: str
    name: str | None
    city: str | None
    email: str | None
    phone: str | None
    orders: int
    last_order_at: datetime | None


def person(
    warehouse: Warehouse,
    source: str,
    author_id: str | None = None,
    author_handle: str | None = None,
    limit: int = 20,
) -> Person | None:
    """Who writes in `source` under this id or, without one, this handle; None when nobody does.

    A masked handle (`love****`) may be several people, and a handle is never matched.
    """
    if author_id is None and author_handle is None:
        return None
    with warehouse.reading() as cursor:
        found = ask.row(
            cursor,
            "SELECT customer_id, reason, probability FROM identities "
            "WHERE source = ? AND author_id = ?",
            [source, author_id],
        )
        if found is not None:
            return _of_customer(cursor, *found, limit=limit)
        account = Account(source, author_id, author_handle, None, None)
        told = _told(cursor, [account], limit)
        if not told["mentions_count"] and told["member_since"] is None:
            return None
        return Person(customer=None, orders=(), totals=(), contacts=(), **told)


def customer(warehouse: Warehouse, customer_id: str, limit: int = 20) -> Person | None:
    """All that is known of a customer; None for an id that no record has."""
    with warehouse.reading() as cursor:
        return _of_customer(cursor, customer_id, None, None, limit=limit)


def find_customers(
    warehouse: Warehouse, words: str, key: bytes, limit: int = 50
) -> tuple[CustomerLine, ...]:
    """The customers with this id, e-mail address or phone number, or with these words in their
    name; those who bought last first. `key` is the instance's.
    """
    sought = words.strip()
    if not sought:
        return ()
    keys = [each for each in (email_key(sought, key), phone_key(sought, key)) if each]
    with warehouse.reading() as cursor:
        rows = ask.table(
            cursor,
            """
            WITH found AS (
                SELECT customer_id, name, city, email, phone FROM person.customers
                WHERE customer_id = $sought OR contains(lower(name), lower($sought))
                    OR customer_id IN (
                        SELECT customer_id FROM person.identifiers
                        WHERE list_contains($keys::VARCHAR[], key)
                    )
            )
            SELECT found.*, count(order_id) AS orders, max(ordered_at) AS last_order_at
            FROM found LEFT JOIN orders USING (customer_id)
            GROUP BY ALL
            ORDER BY last_order_at DESC NULLS LAST, found.customer_id
            LIMIT $limit
            """,
            {"sought": sought, "keys": keys, "limit": limit},
        )
    return tuple(CustomerLine(**row) for row in rows.to_pylist())


def _of_customer(
    cursor: duckdb.DuckDBPyConnection,
    customer_id: str,
    reason: str | None,
    probability: float | None,
    *,
    limit: int,
) -> Person | None:
    wanted = {"customer_id": customer_id}
    cards = ask.table(
        cursor,
        "SELECT name, email, phone, city, country, joined_at AS since FROM person.customers "
        "WHERE customer_id = $customer_id",
        wanted,
    ).to_pylist()
    totals = tuple(
        Spent(**row)
        for row in ask.table(
            cursor,
            "SELECT currency, count(*) AS orders, sum(amount)::BIGINT AS amount FROM orders "
            "WHERE customer_id = $customer_id GROUP BY currency ORDER BY orders DESC, currency",
            wanted,
        ).to_pylist()
    )
    accounts = _accounts(cursor, customer_id)
    if not (cards or totals or accounts):
        return None
    card = cards[0] if cards else dict.fromkeys(_CARD)
    told = _told(cursor, accounts, limit)
    told["name"] = card["name"] or told["name"]
    return Person(
        customer=Customer(customer_id, **card, reason=reason, probability=probability),
        orders=tuple(Purchase(**row) for row in _newest(cursor, _ORDERS, customer_id, limit)),
        totals=totals,
        contacts=tuple(Contact(**row) for row in _newest(cursor, _CONTACTS, customer_id, limit)),
        **told,
    )


_CARD: Final = ("name", "email", "phone", "city", "country", "since")
_ORDERS: Final = """
    SELECT order_id, product, quantity, amount, currency, channel, ordered_at FROM orders
    WHERE customer_id = $customer_id ORDER BY ordered_at DESC, order_id LIMIT $limit
"""
_CONTACTS: Final = """
    SELECT kind, product, note, happened_at FROM interactions
    WHERE customer_id = $customer_id ORDER BY happened_at DESC, interaction_id LIMIT $limit
"""


def _newest(
    cursor: duckdb.DuckDBPyConnection, query: str, customer_id: str, limit: int
) -> list[dict[str, Any]]:
    return ask.table(cursor, query, {"customer_id": customer_id, "limit": limit}).to_pylist()


def _accounts(cursor: duckdb.DuckDBPyConnection, customer_id: str) -> list[Account]:
    rows = ask.table(
        cursor,
        "SELECT source, author_id, NULL::VARCHAR AS author_handle, reason, probability "
        "FROM identities WHERE customer_id = ? ORDER BY source, author_id",
        [customer_id],
    ).to_pylist()
    return [Account(**row) for row in rows]


def _told(
    cursor: duckdb.DuckDBPyConnection, accounts: Sequence[Account], limit: int
) -> dict[str, Any]:
    """What was said under some accounts, and what they do in the yard, as fields of Person.

    Chosen in the narrow `heard`; the few texts that are shown are fetched after.
    """
    where, names = _written_by(accounts)
    counts = ask.table(
        cursor,
        f"""
        SELECT count(*) AS mentions_count,
            count(*) FILTER (sentiment = 'negative') AS negative,
            count(*) FILTER (sentiment = 'neutral') AS neutral,
            count(*) FILTER (sentiment = 'positive') AS positive,
            count(*) FILTER (source = '{_COMMUNITY}') AS posts
        FROM heard WHERE {where}
        """,
        names,
    ).to_pylist()[0]
    said, name = _said(cursor, where, names, limit)
    members = [each.author_id for each in accounts if each.source == _COMMUNITY and each.author_id]
    yard = ask.table(
        cursor,
        """
        SELECT
            (SELECT count(*) FROM votes WHERE list_contains($ids::VARCHAR[], member_id)) AS votes,
            (SELECT min(joined_at) FROM members WHERE list_contains($ids::VARCHAR[], member_id))
                AS member_since
        """,
        {"ids": members},
    ).to_pylist()[0]
    return {**counts, **yard, "accounts": tuple(accounts), "mentions": said, "name": name}


def _written_by(accounts: Sequence[Account]) -> tuple[str, dict[str, Any]]:
    """The condition on `heard` that a mention is of one of these accounts."""
    tests: list[str] = []
    names: dict[str, Any] = {}
    for place, account in enumerate(accounts):
        column = "author_handle" if account.author_id is None else "author_id"
        tests.append(f"(source = $source_{place} AND {column} = $author_{place})")
        names[f"source_{place}"] = account.source
        names[f"author_{place}"] = account.author_id or account.author_handle
    return " OR ".join(tests) or "false", names


def _said(
    cursor: duckdb.DuckDBPyConnection, where: str, names: Mapping[str, Any], limit: int
) -> tuple[tuple[Said, ...], str | None]:
    """The newest mentions, and the name under which the newest with one was written."""
    chosen = ask.table(
        cursor,
        f"SELECT mention_id, created_at, sentiment, score FROM heard WHERE {where} "
        "ORDER BY created_at DESC, mention_id LIMIT $limit",
        {**names, "limit": limit},
    )
    if chosen.num_rows == 0:
        return (), None
    cursor.register("said", chosen)
    times = chosen.column("created_at").to_pylist()
    rows = ask.table(
        cursor,
        """
        SELECT m.mention_id::VARCHAR AS mention_id, m.source, m.kind, m.product, m.created_at,
            said.sentiment, said.score, m.title, m.text, m.url, m.author_name
        FROM said JOIN mentions m USING (mention_id)
        WHERE m.created_at BETWEEN $first AND $last
        ORDER BY m.created_at DESC, mention_id
        """,
        {"first": times[-1], "last": times[0]},
    ).to_pylist()
    cursor.unregister("said")
    written_as = [row.pop("author_name") for row in rows]
    return tuple(Said(**row) for row in rows), next((name for name in written_as if name), None)
