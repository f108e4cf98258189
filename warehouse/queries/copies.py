"""Questions about copies, and about accounts that post like machines."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warehouse import ask
from warehouse.signals.bots import LIKE_A_MACHINE
from warehouse.store import Warehouse


@dataclass(frozen=True)
class Copies:
    """The group of near copies that a mention is in, named by the one posted first.

    `copies` are those beside the first. `distance` is in bits of 64 from the mention to the first,
    0 for the first itself.
    """

    first_id: str
    first_source: str
    first_author: str | None
    first_at: datetime
    copies: int
    sources: int
    authors: int
    last_at: datetime
    distance: int


@dataclass(frozen=True)
class Account:
    """An account that was judged; `score` and `reasons` as in migrations/0009_copies.sql."""

    source: str
    author: str
    score: float
    reasons: tuple[str, ...]
    mentions: int
    products: int
    share_of_copies: float

    @property
    def like_a_machine(self) -> bool:
        return self.score >= LIKE_A_MACHINE


# The mentions of every group, the first among them.
_MEMBERS = """
    SELECT first_id, mention_id, distance FROM copies
    UNION ALL SELECT DISTINCT first_id, first_id, 0 FROM copies
"""


def copies_of(warehouse: Warehouse, mention_id: str) -> Copies | None:
    """The group of a mention; None where it stands alone, is not known, or the id is none."""
    try:
        wanted = {"id": str(UUID(mention_id))}
    except ValueError:
        return None
    with warehouse.reading() as cursor:
        found = ask.table(
            cursor,
            f"""
            WITH members AS ({_MEMBERS}),
            here AS (SELECT first_id, distance FROM members WHERE mention_id = $id::UUID)
            SELECT first_id::VARCHAR AS first_id, first.source AS first_source,
                coalesce(first.author_handle, first.author_id) AS first_author,
                first.created_at AS first_at, count(*) - 1 AS copies,
                count(DISTINCT h.source) AS sources,
                count(DISTINCT (h.source, coalesce(h.author_id, h.author_handle))) AS authors,
                max(h.created_at) AS last_at, any_value(here.distance) AS distance
            FROM here
            JOIN members USING (first_id)
            JOIN heard h ON h.mention_id = members.mention_id
            JOIN heard first ON first.mention_id = here.first_id
            GROUP BY ALL
            """,
            wanted,
        ).to_pylist()
    return Copies(**found[0]) if found else None


def account(warehouse: Warehouse, source: str, author: str) -> Account | None:
    """How an account (its author_id, or else its handle) was judged; None where it was not."""
    with warehouse.reading() as cursor:
        found = ask.table(
            cursor,
            """
            SELECT source, author, score, reasons, mentions, products, share_of_copies
            FROM accounts_scored WHERE source = $source AND author = $author
            """,
            {"source": source, "author": author},
        ).to_pylist()
    return Account(**found[0] | {"reasons": tuple(found[0]["reasons"])}) if found else None
