"""Erases people everywhere, and keeps them from coming back.

The sequence makes a crash harmless: an order that says whom, the suppression, the landing zone
batch by batch, the warehouse in one transaction, and the order goes last. Until it is gone,
`finish_erasures` does again whatever may be missing; every step can be done twice.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
from ulid import ULID

from warehouse import ask, revisions, serving, staging
from warehouse.batches import LandedBatch
from warehouse.compaction import remove_replaced
from warehouse.durable import make_folder, published, sync_folder
from warehouse.errors import WarehouseError
from warehouse.landing import Landing
from warehouse.people.find import KnownPerson
from warehouse.rewriting import recount, rewrite
from warehouse.store import Warehouse
from warehouse.suppression import (
    IDENTIFYING,
    VISITOR,
    YARD,
    Gate,
    author_hash,
    customer_hash,
    gate,
    handle_hash,
    made_up_names,
    suppress,
)

_JOURNAL: Final = "erasing-*.json"
_KEPT: Final = {"orders": ("extra",), "interactions": ("note", "extra")}  # and what of it goes


@dataclass(frozen=True)
class Erased:
    """Counts of what went. Orders and interactions stay, under a made-up name and without notes.

    `batches` were rewritten. `aside` files in the landing zone cannot be read, so nobody knows
    whom they hold: look at them by hand.
    """

    people: int = 0
    mentions: int = 0
    customers: int = 0
    orders: int = 0
    interactions: int = 0
    batches: int = 0
    aside: int = 0

    def __add__(self, other: "Erased") -> "Erased":
        return Erased(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class _Order:
    """Whom to erase: customers with the names made up for them, accounts, hashes of contacts."""

    customers: dict[str, str]
    authors: list[list[str]]
    handles: list[list[str]]
    contacts: list[str]
    people: int = 0

    def hashes(self, key: bytes) -> dict[str, str]:
        found = {customer_hash(each, key): name for each, name in self.customers.items()}
        found |= {author_hash(source, author, key): "" for source, author in self.authors}
        found |= {handle_hash(source, handle, key): "" for source, handle in self.handles}
        return found | dict.fromkeys(self.contacts, "")


@dataclass(frozen=True)
class Ordered:
    """An erasure that was ordered and is not finished: whom other stores must forget too."""

    customers: tuple[str, ...]
    authors: tuple[tuple[str, str], ...]


def erase(
    warehouse: Warehouse, landing: Landing, people: Sequence[KnownPerson], key: bytes
) -> Erased:
    """Order the erasure of `people` and finish it; see `order_erasure` and `finish_erasures`."""
    order_erasure(warehouse, landing, people, key)
    return finish_erasures(warehouse, landing, key)


def order_erasure(
    warehouse: Warehouse, landing: Landing, people: Sequence[KnownPerson], key: bytes
) -> None:
    """Write down whom to erase (`warehouse.people.find.find_people`), durably; `key` is the
    instance's. From here it will be done, whatever crashes.

    A contact that somebody else shares is not suppressed, or it would keep them out too.
    """
    order = _order(warehouse, people, key)
    make_folder(landing.folder)
    with published(landing.folder / _JOURNAL.replace("*", str(ULID()))) as file:
        file.write(json.dumps(order.__dict__).encode())


def ordered_erasures(landing: Landing) -> tuple[Ordered, ...]:
    """What was ordered and is not finished."""
    orders = (_read(journal) for journal in sorted(landing.folder.glob(_JOURNAL)))
    return tuple(
        Ordered(tuple(order.customers), tuple((source, author) for source, author in order.authors))
        for order in orders
    )


def finish_erasures(warehouse: Warehouse, landing: Landing, key: bytes) -> Erased:
    """Carry out what was ordered, suppress the people, and forget the order itself.

    Call it before a turn and before a rebuild. Waits for runs that are writing to the landing
    zone. Backups of the warehouse are removed, as they hold the person; a rebuild can make what
    they hold.
    """
    erased = Erased()
    for journal in sorted(landing.folder.glob(_JOURNAL)):
        erased = erased + _carry_out(warehouse, landing, journal, _read(journal), key)
    return replace(erased, aside=len(landing.aside()))


def leavers(warehouse: Warehouse, key: bytes) -> tuple[KnownPerson, ...]:
    """Members who have left the yard and are not erased here yet, as accounts alone: who else they
    are to us is not theirs to leave by leaving the yard."""
    with warehouse.reading() as cursor:
        rows = cursor.execute("SELECT member_id FROM members WHERE left_at IS NOT NULL").fetchall()
    known = gate(warehouse.landing, key).hashes
    return tuple(
        KnownPerson(None, authors=(("community", member),))
        for (member,) in rows
        if author_hash("community", member, key) not in known
    )


def _order(warehouse: Warehouse, people: Sequence[KnownPerson], key: bytes) -> _Order:
    customers = [person.customer_id for person in people if person.customer_id is not None]
    authors = [list(each) for person in people for each in person.authors]
    with warehouse.reading() as cursor:
        rows = cursor.execute(
            """
            SELECT key FROM person.identifiers WHERE kind <> 'none' GROUP BY kind, key
            HAVING bool_and(list_contains($customers::VARCHAR[], customer_id))
            """,
            {"customers": customers},
        ).fetchall()
        rows += cursor.execute(
            """
            SELECT key FROM person.member_keys
            WHERE list_contains($members::VARCHAR[], member_id)
                AND $customers::VARCHAR[] <> [] AND key NOT IN
                    (SELECT key FROM person.identifiers
                     WHERE NOT list_contains($customers::VARCHAR[], customer_id))
            """,
            {
                "members": [author for source, author in authors if source == YARD],
                "customers": customers,
            },
        ).fetchall()
        visitors = cursor.execute(
            "SELECT DISTINCT visitor_id FROM web_events "
            "WHERE list_contains(?::VARCHAR[], member_id)",
            [[author for source, author in authors if source == YARD]],
        ).fetchall()
    return _Order(
        made_up_names(customers, warehouse.landing, key),
        authors,
        # A masked handle is many people's.
        [list(each) for person in people for each in person.handles if "*" not in each[1]]
        + [[VISITOR, visitor] for (visitor,) in visitors],
        sorted({each for (each,) in rows}),
        len(people),
    )


def _read(journal: Path) -> _Order:
    try:
        return _Order(**json.loads(journal.read_text()))
    except (TypeError, ValueError) as error:
        raise WarehouseError(
            f"{journal} cannot be read: {error!r}. Erase the person again, then remove the file."
        ) from error


def _carry_out(
    warehouse: Warehouse, landing: Landing, journal: Path, order: _Order, key: bytes
) -> Erased:
    suppress(landing.folder, order.hashes(key))
    batches = sum(1 for _ in _rewritten(landing, gate(landing.folder, key)))
    with warehouse.writing() as cursor:
        counts = _erase_rows(cursor, order)
        recount(cursor, landing, tuple(IDENTIFYING))
    with warehouse.reading() as cursor:
        cursor.execute("CHECKPOINT")
    for backup in (warehouse.path.parent / "backups").glob("*"):
        backup.unlink()
    journal.unlink()
    sync_folder(landing.folder)
    return Erased(people=order.people, batches=batches, **counts)


def _rewritten(landing: Landing, passing: Gate) -> Iterator[LandedBatch]:
    """Pass every batch through the gate, under the locks of their sources; those that change."""
    for record, source in sorted({(each.record, each.source) for each in landing.batches()}):
        if record not in IDENTIFYING:
            continue
        with landing.open_source(record, source, wait=True):
            remove_replaced(landing, record, source)
            for batch in landing.batches(record):
                if batch.source == source and _rewrite(landing, batch, passing):
                    yield batch


def _rewrite(landing: Landing, batch: LandedBatch, passing: Gate) -> bool:
    """Write a batch anew without those suppressed."""
    record = batch.record
    lost = rewrite(
        landing,
        batch,
        IDENTIFYING[record],
        lambda table: passing.touches(table, record),
        lambda table: passing.passing(table, record),
    )
    return lost is not None


def _erase_rows(cursor: duckdb.DuckDBPyConnection, order: _Order) -> dict[str, int]:
    """Take the person out of every table; the counts of Erased."""
    accounts = {
        "authors": [f"{source}\x1f{author}" for source, author in order.authors],
        "handles": [f"{source}\x1f{handle}" for source, handle in order.handles],
        "contacts": order.contacts,
    }
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE gone AS
        SELECT mention_id FROM mentions
        WHERE list_contains($authors::VARCHAR[], source || chr(31) || author_id)
            OR author_id IS NULL
                AND list_contains($handles::VARCHAR[], source || chr(31) || author_handle)
            OR contains(extra, '_key"') AND (
                list_contains($contacts::VARCHAR[], try(extra ->> '$.email_key'))
                OR list_contains($contacts::VARCHAR[], try(extra ->> '$.phone_key')))
        """,
        accounts,
    )
    counts = {"mentions": serving.mentions_removed(cursor)}
    cursor.execute(
        "UPDATE alerts SET first_mention = NULL "
        "WHERE first_mention IN (SELECT mention_id FROM gone)"
    )
    customers = pa.table(
        {
            "customer_id": pa.array(order.customers.keys(), pa.string()),
            "made_up": pa.array(order.customers.values(), pa.string()),
        }
    )
    cursor.register("erased_customers", customers)
    for record in _KEPT:
        counts[record] = _rename(cursor, record)
    of_them = "customer_id IN (SELECT customer_id FROM erased_customers)"
    theirs = "list_contains($authors::VARCHAR[], source || chr(31) || author_id)"
    counts["customers"] = ask.number(cursor, f"DELETE FROM person.customers WHERE {of_them}")
    cursor.execute(f"DELETE FROM person.identifiers WHERE {of_them}")
    for table in ("identities", "match_decisions"):
        cursor.execute(
            f"DELETE FROM {table} WHERE {of_them} OR {theirs}", {"authors": accounts["authors"]}
        )
    cursor.execute(
        """
        DELETE FROM accounts_scored
        WHERE list_contains($authors::VARCHAR[], source || chr(31) || author)
            OR list_contains($handles::VARCHAR[], source || chr(31) || author)
        """,
        {"authors": accounts["authors"], "handles": accounts["handles"]},
    )
    cursor.execute(
        "DELETE FROM person.member_keys "
        "WHERE list_contains($authors::VARCHAR[], 'community' || chr(31) || member_id)",
        {"authors": accounts["authors"]},
    )
    _erase_visits(cursor, accounts)
    cursor.unregister("erased_customers")
    for room in ("customers", "orders", "interactions", "identifiers", "identities", "facts"):
        revisions.changed(cursor, room)
    return counts


def _erase_visits(cursor: duckdb.DuckDBPyConnection, accounts: dict[str, list[str]]) -> None:
    """Take away what the members, and the browsers that were theirs, did on the company's pages."""
    cursor.execute(
        """
        DELETE FROM web_events
        WHERE list_contains($authors::VARCHAR[], $yard || chr(31) || member_id)
            OR list_contains($handles::VARCHAR[], $visitor || chr(31) || visitor_id)
        """,
        {
            "authors": accounts["authors"],
            "handles": accounts["handles"],
            "yard": YARD,
            "visitor": VISITOR,
        },
    )


def _rename(cursor: duckdb.DuckDBPyConnection, record: str) -> int:
    """Put made-up names in place of customers, as a load of the rewritten batches would."""
    nothing = ", ".join(f"NULL::VARCHAR AS {name}" for name in _KEPT[record])
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE renamed AS
        SELECT r.* REPLACE (e.made_up AS customer_id, {nothing})
        FROM {record} r JOIN erased_customers e USING (customer_id)
        """
    )
    cursor.execute(
        f"DELETE FROM {record} WHERE customer_id IN (SELECT customer_id FROM erased_customers)"
    )
    return ask.number(
        cursor,
        f"INSERT INTO {record} BY NAME "
        f"SELECT * REPLACE ({staging.content_hash(record)} AS content_hash) FROM renamed",
    )
