"""People who asked to be forgotten, as keyed hashes: what no collection or import may bring back.

The file stands in the landing zone and is asked at the one gate into it. Mentions and cards of a
suppressed person are left out; orders and interactions, whose figures the law asks to keep, pass
under a name made up for that person, without notes. A landed batch is erased by the same gate.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute

from nlp.identifiers import email_key, keyed, phone_key
from warehouse.durable import make_folder, published
from warehouse.errors import WarehouseError

pc: Final[Any] = pyarrow.compute  # its stubs know fewer kernels and types than there are
_FILE: Final = "suppressed.json"
_CONTACT_KEYS: Final = ("email_key", "phone_key")  # in `extra` of tickets, e-mails and calls
_FREE: Final = ("note", "extra")  # of orders and interactions: words that may name a person
# The columns by which a person is known, for each record that passes the gate.
IDENTIFYING: Final[dict[str, tuple[str, ...]]] = {
    "mentions": ("source", "author_id", "author_handle", "extra"),
    "customers": ("customer_id", "email", "phone"),
    "orders": ("customer_id",),
    "interactions": ("customer_id",),
    "web_events": ("member_id", "visitor_id"),
}
YARD: Final = "community"  # the source of members, by which they are suppressed
VISITOR: Final = "visitor"  # as a source of handles: the random ids of browsers


def author_hash(source: str, author_id: str, key: bytes) -> str:
    """The hash of an author's id in a source."""
    return keyed("author", f"{source}\x1f{author_id}", key)


def handle_hash(source: str, handle: str, key: bytes) -> str:
    """The hash of a handle, for sources that tell no author's id."""
    return keyed("handle", f"{source}\x1f{handle}", key)


def customer_hash(customer_id: str, key: bytes) -> str:
    """The hash of a customer's id."""
    return keyed("customer", customer_id, key)


def suppressed(folder: Path) -> dict[str, str]:
    """The hashes kept in the landing zone at `folder`; a customer's comes with the name made up."""
    path = folder / _FILE
    if not path.exists():
        return {}
    try:
        kept: dict[str, str] = json.loads(path.read_text())
    except ValueError as error:
        raise WarehouseError(
            f"{path} cannot be read: {error}. Nothing lands until it can, for people named in it "
            "would come back. Restore it from a backup."
        ) from error
    return kept


def suppress(folder: Path, hashes: Mapping[str, str]) -> int:
    """Add hashes, durably; one that is known keeps its name. Returns how many were new."""
    make_folder(folder)
    descriptor = os.open(folder / f".{_FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        known = suppressed(folder)
        new = {each: name for each, name in hashes.items() if each not in known}
        if new:
            with published(folder / _FILE) as file:
                file.write(json.dumps(known | new, sort_keys=True).encode())
        return len(new)
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Gate:
    """Lets rows pass that are of nobody who is suppressed. `key` is the instance's."""

    hashes: Mapping[str, str]
    key: bytes

    def passing(self, table: pa.Table, record: str) -> pa.Table:
        """`table` without the suppressed people in it; itself where there are none."""
        if not self.hashes or record not in IDENTIFYING:
            return table
        if record in ("orders", "interactions"):
            return self._renamed(table)
        tests = {"mentions": self._authors, "web_events": self._visits}
        refused = tests.get(record, self._cards)(table)
        return table.filter(pc.invert(refused)) if pc.any(refused).as_py() else table

    def touches(self, table: pa.Table, record: str) -> bool:
        """Whether a table of the columns IDENTIFYING holds somebody who is suppressed."""
        return self.passing(table, record) is not table

    def _cards(self, table: pa.Table) -> Any:
        tests: dict[str, Callable[[str], str | None]] = {
            "customer_id": lambda value: customer_hash(value, self.key),
            "email": lambda value: email_key(value, self.key),
            "phone": lambda value: phone_key(value, self.key),
        }
        found = [self._among(table.column(name), make) for name, make in tests.items()]
        return pc.or_(pc.or_(found[0], found[1]), found[2])

    def _visits(self, table: pa.Table) -> Any:
        """Events of a member, and those of their browser from before it was known as theirs."""
        by_member = self._among(table.column("member_id"), partial(author_hash, YARD, key=self.key))
        by_browser = self._among(
            table.column("visitor_id"), partial(handle_hash, VISITOR, key=self.key)
        )
        return pc.or_(by_member, by_browser)

    def _authors(self, table: pa.Table) -> Any:
        refused = pc.is_in(table.column("extra"), pa.array(self._extras(table), pa.string()))
        sources: list[Any] = table.column("source").unique().to_pylist()
        for source in sources:
            here = pc.equal(table.column("source"), source)
            by_id = self._among(
                table.column("author_id"), partial(author_hash, source, key=self.key)
            )
            by_handle = self._among(
                table.column("author_handle"), partial(handle_hash, source, key=self.key)
            )
            without_id = pc.and_(pc.is_null(table.column("author_id")), by_handle)
            refused = pc.or_(refused, pc.and_(here, pc.or_(by_id, without_id)))
        return refused

    def _extras(self, table: pa.Table) -> list[str]:
        """The values of `extra` that carry the key of a suppressed contact."""
        extra: Any = table.column("extra")
        carrying = extra.filter(pc.match_substring(extra, '_key"').fill_null(False)).unique()
        return [
            text
            for text in carrying.to_pylist()
            if any(json.loads(text).get(name) in self.hashes for name in _CONTACT_KEYS)
        ]

    def _among(self, column: Any, make: Callable[[str], str | None]) -> Any:
        """Which values have a suppressed hash; each distinct one is hashed once."""
        values = column.unique().drop_null().to_pylist()
        bad = [value for value in values if make(value) in self.hashes]
        return pc.is_in(column, pa.array(bad, pa.string()))

    def _renamed(self, table: pa.Table) -> pa.Table:
        ids: list[Any] = table.column("customer_id").unique().to_pylist()
        names = {each: self.hashes.get(customer_hash(each, self.key)) for each in ids}
        bad = [each for each, name in names.items() if name]
        if not bad:
            return table
        column = table.column("customer_id")
        index = pc.index_in(column, pa.array(bad, pa.string()))
        touched = pc.is_valid(index)
        renamed = pc.take(pa.array([names[each] for each in bad], pa.string()), index)
        table = _set(table, "customer_id", pc.if_else(touched, renamed, column))
        for name in _FREE:
            if name in table.column_names:
                nothing = pa.scalar(None, pa.string())
                table = _set(table, name, pc.if_else(touched, nothing, table.column(name)))
        return table


def gate(folder: Path, key: bytes | None) -> Gate:
    """The gate of a landing zone as it stands now.

    Raises WarehouseError when somebody is suppressed and there is no key to know them by.
    """
    hashes = suppressed(folder)
    if hashes and key is None:
        raise WarehouseError(
            f"People are suppressed in {folder}, and without the instance's key nobody can tell "
            "whether they would come back. Open it as Landing(folder, key)."
        )
    return Gate(hashes, key or b"")


def made_up_names(customer_ids: Iterable[str], folder: Path, key: bytes) -> dict[str, str]:
    """For each customer the name under which orders are kept: the one known, or a random one."""
    known = suppressed(folder)
    return {
        each: known.get(customer_hash(each, key)) or f"erased-{os.urandom(8).hex()}"
        for each in customer_ids
    }


def _set(table: pa.Table, name: str, values: Any) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(name), values)
