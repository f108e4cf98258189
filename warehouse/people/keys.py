"""The contacts of customers as keyed hashes, kept in step with the customers.

Only what changed is hashed, in chunks, each value once; a chunk is one transaction, so that a run
that is killed goes on where it stopped. Hashing five million customers takes about a minute.
"""

from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from nlp.identifiers import email_key, keyed, phone_key
from warehouse import ask, revisions
from warehouse.store import Warehouse

_STEP: Final = "keys"
_CHUNK: Final = 100_000
_KEYS: Final = {"email": email_key, "phone": phone_key}
_PENDING: Final = """
    SELECT customer_id, email, phone, content_hash FROM person.customers
    ANTI JOIN person.identifiers USING (customer_id, content_hash)
    WHERE email IS NOT NULL OR phone IS NOT NULL
"""
_STALE: Final = """
    SELECT customer_id FROM person.identifiers
    ANTI JOIN person.customers USING (customer_id, content_hash)
"""


def refresh_keys(warehouse: Warehouse, key: bytes) -> int:
    """Hash the contacts of customers that are new or have changed; returns how many these were.

    `key` is the instance's. Another key than before makes all hashes anew.
    """
    with warehouse.reading() as reader:
        # A hash of the key, so that the key itself is stored nowhere.
        state = revisions.seen(reader, "customers", also=keyed("check", "", key))
        if revisions.is_done(reader, _STEP, state):
            return 0
        _drop_stale(warehouse, state)
        done = 0
        for chunk in reader.sql(_PENDING).to_arrow_reader(_CHUNK):
            done += _keep(warehouse, pa.Table.from_batches([chunk]), key)
    with warehouse.writing() as cursor:
        revisions.done(cursor, _STEP, state)
    return done


def _drop_stale(warehouse: Warehouse, state: str) -> None:
    """Drop the hashes of customers that are gone or have changed; all, if the key is another."""
    of_key = state.rpartition(" ")[2]
    with warehouse.writing() as cursor:
        if revisions.is_done(cursor, "key", of_key):
            dropped = ask.number(
                cursor, f"DELETE FROM person.identifiers WHERE customer_id IN ({_STALE})"
            )
        else:
            dropped = ask.number(cursor, "DELETE FROM person.identifiers")
            revisions.done(cursor, "key", of_key)
        if dropped:
            revisions.changed(cursor, "identifiers")


def _keep(warehouse: Warehouse, customers: pa.Table, key: bytes) -> int:
    """Store the hashes of some customers, and a row of kind none for one without any."""
    hashed = customers.select(["customer_id", "content_hash"])
    for kind, make in _KEYS.items():
        values = customers.column(kind).combine_chunks().dictionary_encode()
        distinct: list[Any] = values.dictionary.to_pylist()
        keys = [make(value, key) for value in distinct]
        hashed = hashed.append_column(kind, pc.take(pa.array(keys, pa.string()), values.indices))
    with warehouse.writing() as cursor:
        _insert(cursor, hashed)
        revisions.changed(cursor, "identifiers")
    return customers.num_rows


def _insert(cursor: duckdb.DuckDBPyConnection, hashed: pa.Table) -> None:
    cursor.register("hashed", hashed)
    cursor.execute(
        """
        INSERT INTO person.identifiers BY NAME
        SELECT customer_id, 'email' AS kind, email AS key, content_hash FROM hashed
        WHERE email IS NOT NULL
        UNION ALL BY NAME
        SELECT customer_id, 'phone' AS kind, phone AS key, content_hash FROM hashed
        WHERE phone IS NOT NULL
        UNION ALL BY NAME
        SELECT customer_id, 'none' AS kind, '' AS key, content_hash FROM hashed
        WHERE email IS NULL AND phone IS NULL
        """
    )
    cursor.unregister("hashed")
