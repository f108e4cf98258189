"""Addresses and numbers that a letter or a call came with, as keyed hashes before anything lands.

A source may put `email` and `phone` into `extra`. What lands is their hash under the instance's
key, by which customers are recognised, and never the address itself.
"""

import json
from collections.abc import Callable
from typing import Any, Final

import pyarrow as pa

from collectors.rows.arrow import pc
from nlp.identifiers import email_key, phone_key

_HASHES: Final[dict[str, tuple[str, Callable[[str, bytes], str | None]]]] = {
    "email": ("email_key", email_key),
    "phone": ("phone_key", phone_key),
}


def keyed(table: pa.Table, key: bytes | None) -> pa.Table:
    """`table` (of mentions) with hashes in the place of contacts; without a key, without either.

    Who has no `author_id` is named by the first of them: the same person writes under it again.
    """
    extra = table.column("extra").combine_chunks()
    holds = pc.match_substring_regex(extra, r'"(email|phone)"').fill_null(False)
    if not pc.any(holds).as_py():
        return table
    extras, authors = extra.to_pylist(), table.column("author_id").to_pylist()
    for place, has in enumerate(holds.to_pylist()):
        if has:
            extras[place], found = _row(str(extras[place]), key)
            authors[place] = authors[place] or found
    for name, values in (("extra", extras), ("author_id", authors)):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(values, pa.string()))
    return table


def _row(written: str, key: bytes | None) -> tuple[str | None, str | None]:
    """`extra` without contacts, and the hash that may name the author."""
    try:
        said: Any = json.loads(written)
    except ValueError:
        return written, None
    if not isinstance(said, dict):
        return written, None
    first = None
    for name, (hashed, make) in _HASHES.items():
        contact = said.pop(name, None)
        made = make(contact, key) if key and isinstance(contact, str) else None
        if made:
            said[hashed] = made
            first = first or made
    return json.dumps(said, ensure_ascii=False) if said else None, first
