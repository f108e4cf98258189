"""The shapes in which facts enter the house: one Arrow schema for each kind of record.

Collectors and imports yield tables of these schemas; the landing zone stores them unchanged. All
times are UTC. A column that a source does not know is null, never an empty string.
"""

import hashlib
import uuid
from typing import Any, Final

import pyarrow as pa


def schema_of(*fields: "pa.Field[Any]") -> pa.Schema:
    """A schema of these fields."""
    return pa.schema(list(fields))


TIME: Final = pa.timestamp("us", tz="UTC")

MENTION_KINDS: Final = (
    "post", "comment", "review", "question", "idea",
    "ticket", "email", "chat", "call", "survey",
)  # fmt: skip

MENTION: Final = schema_of(
    pa.field("source", pa.string(), nullable=False),
    pa.field("native_id", pa.string(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),  # one of MENTION_KINDS
    pa.field("url", pa.string()),
    pa.field("thread_id", pa.string()),
    pa.field("parent_id", pa.string()),
    pa.field("author_id", pa.string()),
    pa.field("author_handle", pa.string()),
    pa.field("author_name", pa.string()),
    pa.field("author_followers", pa.int64()),
    pa.field("title", pa.string()),
    pa.field("text", pa.string(), nullable=False),
    pa.field("lang", pa.string()),  # as the source says; the annotation has what was detected
    pa.field("rating", pa.float32()),  # 0 (worst) to 1 (best); stars are 1 + 4 x rating
    pa.field("rating_raw", pa.string()),  # as the source wrote it
    pa.field("product", pa.string()),
    pa.field("created_at", TIME, nullable=False),
    pa.field("collected_at", TIME, nullable=False),
    pa.field("likes", pa.int64()),
    pa.field("replies", pa.int64()),
    pa.field("shares", pa.int64()),
    pa.field("views", pa.int64()),
    pa.field("country", pa.string()),
    pa.field("city", pa.string()),
    pa.field("extra", pa.string()),  # a JSON object of what no column holds
)

CUSTOMER: Final = schema_of(
    pa.field("customer_id", pa.string(), nullable=False),
    pa.field("name", pa.string()),
    pa.field("email", pa.string()),
    pa.field("phone", pa.string()),
    pa.field("address", pa.string()),
    pa.field("city", pa.string()),
    pa.field("country", pa.string()),
    pa.field("birth_date", pa.date32()),
    pa.field("gender", pa.string()),
    pa.field("joined_at", TIME),
    pa.field("extra", pa.string()),
)

ORDER: Final = schema_of(
    pa.field("order_id", pa.string(), nullable=False),
    pa.field("customer_id", pa.string(), nullable=False),
    pa.field("product", pa.string()),
    pa.field("quantity", pa.int64()),
    pa.field("amount", pa.int64(), nullable=False),  # minor units of `currency`
    pa.field("currency", pa.string(), nullable=False),  # ISO 4217
    pa.field("channel", pa.string()),
    pa.field("ordered_at", TIME, nullable=False),
    pa.field("extra", pa.string()),
)

INTERACTION: Final = schema_of(
    pa.field("interaction_id", pa.string(), nullable=False),
    pa.field("customer_id", pa.string(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),  # call, visit, delivery, repair, return …
    pa.field("product", pa.string()),
    pa.field("note", pa.string()),
    pa.field("happened_at", TIME, nullable=False),
    pa.field("extra", pa.string()),
)

# A row that could not be taken in: where it stood, why, and what of it can be shown.
QUARANTINED: Final = schema_of(
    pa.field("record", pa.string(), nullable=False),  # mentions, customers, orders, …
    pa.field("source", pa.string(), nullable=False),
    pa.field("origin", pa.string(), nullable=False),  # the file or address it came from
    pa.field("row", pa.int64(), nullable=False),  # 1 for the first record; 0 where none applies
    pa.field("reason", pa.string(), nullable=False),
    pa.field("excerpt", pa.string()),  # masked, at most 200 characters
    pa.field("rejected_at", TIME, nullable=False),
)

# A mention that its source has taken away.
REMOVAL: Final = schema_of(
    pa.field("source", pa.string(), nullable=False),
    pa.field("native_id", pa.string(), nullable=False),
    pa.field("removed_at", TIME, nullable=False),
)

# When a source was listened to, and when not: no chart may show silence where nobody listened.
COVERAGE_STATES: Final = (
    "collected",  # all that the source offers between the two times has been had
    "gap",  # something written between them may have been missed; a later `collected` closes it
    "failed",  # a run between them ended in an error
)
COVERAGE: Final = schema_of(
    pa.field("source", pa.string(), nullable=False),
    pa.field("part", pa.string(), nullable=False),  # a feed, an account …; empty for the whole
    pa.field("state", pa.string(), nullable=False),  # one of COVERAGE_STATES
    pa.field("begin_at", TIME, nullable=False),
    pa.field("end_at", TIME, nullable=False),
    pa.field("reason", pa.string()),
    pa.field("recorded_at", TIME, nullable=False),
)

# Something somebody did on one of the company's own pages, having agreed to be counted.
WEB_EVENT_KINDS: Final = ("view", "search", "catalogue")
WEB_EVENT: Final = schema_of(
    pa.field("event_id", pa.string(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),  # one of WEB_EVENT_KINDS
    pa.field("site", pa.string(), nullable=False),  # the host of the page
    pa.field("path", pa.string(), nullable=False),  # without what follows a question mark
    pa.field("words", pa.string()),  # of a search, masked
    pa.field("product", pa.string()),
    pa.field("referrer", pa.string()),  # the host that the visitor came from
    pa.field("visitor_id", pa.string(), nullable=False),  # random, kept by their browser
    pa.field("member_id", pa.string()),  # public id; null until they signed in at the yard
    pa.field("happened_at", TIME, nullable=False),
    pa.field("collected_at", TIME, nullable=False),
)

SCHEMAS: Final[dict[str, pa.Schema]] = {
    "mentions": MENTION,
    "customers": CUSTOMER,
    "orders": ORDER,
    "interactions": INTERACTION,
    "quarantined": QUARANTINED,
    "removals": REMOVAL,
    "coverage": COVERAGE,
    "web_events": WEB_EVENT,
}

# What makes a record the same record when it is seen again.
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "mentions": ("source", "native_id"),
    "customers": ("customer_id",),
    "orders": ("order_id",),
    "interactions": ("interaction_id",),
    "quarantined": ("record", "source", "origin", "row", "reason"),
    "removals": ("source", "native_id"),
    "coverage": ("source", "part", "state", "begin_at", "end_at"),
    "web_events": ("event_id",),
}


def mention_id(source: str, native_id: str) -> uuid.UUID:
    """The identity of a mention, in SQL `md5(source || chr(31) || native_id)::UUID`."""
    digest = hashlib.md5(f"{source}\x1f{native_id}".encode(), usedforsecurity=False).digest()
    return uuid.UUID(bytes=digest)
