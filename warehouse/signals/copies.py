"""Which mentions are near copies, and which was the first.

A copy points to the earliest mention near to it in the window before it, and so on to the first of
all. What points where follows from the mentions alone, whatever the order in which they came, so
only new ones need be compared, with those in a window around them.
"""

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nlp.fingerprint import NEAR_COPY_BITS
from nlp.near import near_pairs
from warehouse import ask, revisions, serving
from warehouse.records import schema_of
from warehouse.store import Warehouse

WINDOW_DAYS: Final = 90
COPIES: Final = "copies"
_WINDOW: Final = "copies_window"
_AT_A_TIME: Final = 100_000  # mentions: bounds memory
_MICROSECONDS: Final = 86_400_000_000
_HEARD: Final = (
    "SELECT mention_id, created_at, fingerprint FROM heard WHERE fingerprint IS NOT NULL"
)
_Ranks = npt.NDArray[np.int64]
_ANSWER: Final = schema_of(pa.field("rank", pa.int64()), pa.field("copy_of", pa.int64()))


@dataclass(frozen=True)
class _Mentions:
    """Mentions in the order of their times (then of their ids); a rank is a place in it.

    `text` numbers the fingerprints by the first mention that has each; `since` is the rank at
    which the window before a mention begins; `fresh` those to be compared with all; `known` the
    rank of what a mention was a copy of, -1 where it was of nothing, -2 of something earlier yet.
    """

    hashes: npt.NDArray[np.uint64]
    text: _Ranks
    since: _Ranks
    fresh: npt.NDArray[np.bool_]
    known: _Ranks


def refresh_copies(warehouse: Warehouse, window_days: int = WINDOW_DAYS) -> int:
    """Bring `copies` in step with what is heard; returns how many mentions are copies.

    Mentions further apart than `window_days` are no copies of each other.
    """
    window = f"{window_days} days"
    with warehouse.reading() as cursor:
        state = revisions.seen(cursor, serving.HEARD, also=window)
        if revisions.is_done(cursor, COPIES, state):
            return ask.number(cursor, "SELECT count(*) FROM copies")
    with warehouse.writing() as cursor:
        state = revisions.seen(cursor, serving.HEARD, also=window)
        if not revisions.is_done(cursor, _WINDOW, window):
            cursor.execute("TRUNCATE copies")
            cursor.execute("TRUNCATE compared")
        _rank(cursor, window_days)
        _keep(cursor, _found(_read(cursor, window_days)))
        revisions.done(cursor, _WINDOW, window)
        revisions.done(cursor, COPIES, state)
        return ask.number(cursor, "SELECT count(*) FROM copies")


def _rank(cursor: duckdb.DuckDBPyConnection, window_days: int) -> None:
    """Rank, in `ranked`, what is to be compared and all in the window around it.

    `fresh` is what is new or has changed, and whatever was a copy of something changed or gone.
    """
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE news AS
        SELECT * FROM ({_HEARD}) ANTI JOIN compared USING (mention_id, created_at, fingerprint)
        """
    )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE fresh AS
        SELECT mention_id, created_at FROM news
        UNION
        SELECT mention_id, created_at FROM ({_HEARD}) SEMI JOIN (
            FROM copies ANTI JOIN (
                FROM heard ANTI JOIN news USING (mention_id) WHERE fingerprint IS NOT NULL
            ) AS same ON copies.copy_of = same.mention_id
        ) AS orphans USING (mention_id)
        """
    )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE ranked AS
        SELECT row_number() OVER (ORDER BY created_at, mention_id) - 1 AS rank, now.*,
            mention_id IN (SELECT mention_id FROM fresh) AS fresh
        FROM ({_HEARD}) AS now
        WHERE created_at BETWEEN (SELECT min(created_at) FROM fresh) - to_days($days)
            AND (SELECT max(created_at) FROM fresh) + to_days($days)
        """,
        {"days": window_days},
    )


def _read(cursor: duckdb.DuckDBPyConnection, window_days: int) -> _Mentions:
    table = ask.table(
        cursor,
        """
        SELECT r.fingerprint, epoch_us(r.created_at) AS time, r.fresh,
            CASE WHEN r.fresh OR c.copy_of IS NULL THEN -1 ELSE coalesce(f.rank, -2) END AS known
        FROM ranked r
        LEFT JOIN copies c ON c.mention_id = r.mention_id
        LEFT JOIN ranked f ON f.mention_id = c.copy_of
        ORDER BY r.rank
        """,
    )
    columns = {name: table.column(name).to_numpy() for name in table.column_names}
    hashes, firsts, text = np.unique(columns["fingerprint"], return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    times = columns["time"]
    return _Mentions(
        hashes=hashes[order],
        text=number[text],
        since=np.searchsorted(times, times - window_days * _MICROSECONDS),
        fresh=columns["fresh"],
        known=columns["known"],
    )


def _found(mentions: _Mentions) -> pa.Table:
    """The rank of what each mention is now a copy of, for those where that is news."""
    fresh = np.flatnonzero(mentions.fresh)
    texts = np.unique(mentions.text[fresh])
    left, right = near_pairs(mentions.hashes[texts], mentions.hashes, NEAR_COPY_BITS)
    left = texts[left]
    best = np.where(mentions.known == -1, len(mentions.text), mentions.known)
    everyone = np.arange(len(mentions.text))
    _point(best, mentions, (left, right), fresh, everyone)
    others = np.flatnonzero(~mentions.fresh)
    _point(best, mentions, (right, left), others, fresh)
    news = np.flatnonzero((best < len(best)) & (best != mentions.known))
    return pa.table({"rank": pa.array(news), "copy_of": pa.array(best[news])}, schema=_ANSWER)


def _point(
    best: _Ranks, mentions: _Mentions, near: tuple[_Ranks, _Ranks], asking: _Ranks, among: _Ranks
) -> None:
    """Let `best` of each of `asking` be the earliest of `among` in its window that is near to it.

    `near` are pairs of texts: of the one who asks, and of what is near.
    """
    size = len(mentions.text)
    # All of one text stand together, in the order of their ranks.
    keys = np.sort(mentions.text[among] * size + among)
    order = np.argsort(near[0], kind="stable")
    texts, nears = near[0][order], near[1][order]
    begins = np.searchsorted(texts, mentions.text[asking])
    ends = np.searchsorted(texts, mentions.text[asking], side="right")
    counts = ends - begins
    for at in range(0, len(asking), _AT_A_TIME):
        part = slice(at, at + _AT_A_TIME)
        owner = np.repeat(asking[part], counts[part])
        within = np.arange(len(owner)) - np.repeat(
            np.cumsum(counts[part]) - counts[part], counts[part]
        )
        text = nears[np.repeat(begins[part], counts[part]) + within]
        place = np.searchsorted(keys, text * size + mentions.since[owner])
        place = np.minimum(place, len(keys) - 1)
        rank = keys[place] - text * size
        earlier = (rank >= mentions.since[owner]) & (rank < owner)
        np.minimum.at(best, owner[earlier], rank[earlier])


def _keep(cursor: duckdb.DuckDBPyConnection, found: pa.Table) -> None:
    """Store what was found, let go of what is no copy any more, and name the firsts anew."""
    cursor.register("found_copies", found)
    cursor.execute(
        """
        DELETE FROM copies
        WHERE mention_id NOT IN (SELECT mention_id FROM heard WHERE fingerprint IS NOT NULL)
            OR mention_id IN (SELECT mention_id FROM ranked
                WHERE fresh OR rank IN (SELECT rank FROM found_copies))
        """
    )
    cursor.execute(
        """
        INSERT INTO copies
        SELECT m.mention_id, f.mention_id, f.mention_id, 0
        FROM found_copies c
        JOIN ranked m ON m.rank = c.rank
        JOIN ranked f ON f.rank = c.copy_of
        """
    )
    cursor.unregister("found_copies")
    cursor.execute("TRUNCATE compared")
    cursor.execute(f"INSERT INTO compared {_HEARD}")
    _name_firsts(cursor)


def _name_firsts(cursor: duckdb.DuckDBPyConnection) -> None:
    """Follow every copy to the first; each round doubles the steps gone."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE leads AS SELECT mention_id, copy_of AS first_id FROM copies"
    )
    moved = 1
    while moved:
        moved = ask.number(
            cursor,
            "UPDATE leads SET first_id = further.first_id FROM leads AS further "
            "WHERE leads.first_id = further.mention_id",
        )
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE named AS
        SELECT c.mention_id, c.copy_of, l.first_id,
            bit_count(xor(m.fingerprint, f.fingerprint))::UTINYINT AS distance
        FROM copies c
        JOIN leads l USING (mention_id)
        JOIN compared m ON m.mention_id = c.mention_id
        JOIN compared f ON f.mention_id = l.first_id
        """
    )
    cursor.execute("TRUNCATE copies")
    cursor.execute("INSERT INTO copies SELECT mention_id, copy_of, first_id, distance FROM named")
