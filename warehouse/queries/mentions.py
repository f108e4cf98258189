"""The mentions themselves: the newest of a filter, one with all that is known, those of an author.

A page is chosen in the narrow `heard` and its few texts fetched after, so that no scan reads texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import duckdb
import pyarrow as pa

from warehouse import ask
from warehouse.queries.choice import (
    BEGINNING,
    REACHED,
    Conditions,
    Filter,
    on_daily,
    on_heard,
)
from warehouse.store import Warehouse

# The newest mentions of a query are looked for among so many first, then among so much more.
FIRST_REACH: Final = 50_000
FURTHER: Final = 8


@dataclass(frozen=True)
class Place:
    """Where a page ended; the next one begins after it."""

    created_at: datetime
    mention_id: str


@dataclass(frozen=True)
class Spoken:
    """An aspect where a mention speaks of it: code points of `whole`, the end not included."""

    aspect: str
    lemma: str | None
    start: int
    end: int
    polarity: str
    score: float | None


@dataclass(frozen=True)
class Named:
    """A brand, a product, a person … where a mention names it."""

    label: str
    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """What the current annotator read in a mention. `terms` are (lemma, tag) in order.

    `intents` and `emotions` are None where its annotator did not read them yet; `toxicity` and
    `spam` are from 0 to 1.
    """

    version: str
    lang: str | None
    sentiment: str
    p_negative: float | None
    p_neutral: float | None
    p_positive: float | None
    score: float | None
    fingerprint: int | None
    terms: tuple[tuple[str, str], ...]
    aspects: tuple[Spoken, ...]
    entities: tuple[Named, ...]
    intents: tuple[str, ...] | None
    emotions: tuple[str, ...] | None
    toxicity: float | None
    spam: float | None
    sponsored: bool | None


@dataclass(frozen=True)
class MentionPage:
    """One mention with its annotation; the fields are those of warehouse.records.MENTION.

    `text_hash` is of title and text: what a person says of the mention holds for this text.
    """

    mention_id: str
    source: str
    native_id: str
    kind: str
    url: str | None
    thread_id: str | None
    parent_id: str | None
    author_id: str | None
    author_handle: str | None
    author_name: str | None
    author_followers: int | None
    title: str | None
    text: str
    lang: str | None
    rating: float | None
    rating_raw: str | None
    product: str | None
    created_at: datetime
    collected_at: datetime
    likes: int | None
    replies: int | None
    shares: int | None
    views: int | None
    country: str | None
    city: str | None
    extra: str | None
    text_hash: str
    annotation: Reading | None

    @property
    def whole(self) -> str:
        """Title and text with a line break between, or the text: what was read as one."""
        return f"{self.title}\n{self.text}" if self.title else self.text


_CURRENT = """
    WHERE mention_id = $id::UUID AND text_hash = $text_hash
        AND version = (SELECT value FROM state WHERE name = 'annotator_version')
"""


def newest_mentions(
    warehouse: Warehouse, chosen: Filter, limit: int = 50, before: Place | None = None
) -> pa.Table:
    """A page of mentions, the newest first, those after `before` where it is given.

    Columns: mention_id (string), created_at, day, source, kind, product, lang, author_id,
    author_handle, author_name, rating, sentiment, score, title, text, url, and, as `heard` has
    them, aspects, intents, emotions, toxic, spam, sponsored.
    """
    with warehouse.reading() as cursor:
        conditions = on_heard(cursor, chosen)
        if before is not None:
            conditions.add(
                "created_at <= $at AND (created_at < $at OR mention_id < $id::UUID)",
                at=before.created_at,
                id=before.mention_id,
            )
        for reached in _reaches(cursor, chosen, before) if conditions.reach else ():
            conditions.parameters[REACHED] = reached
            page = _page(cursor, conditions, limit)
            if page.num_rows == limit:
                return page
            conditions.parameters[REACHED] = BEGINNING
        return _page(cursor, conditions, limit)


def last_place(page: pa.Table) -> Place | None:
    """Where a page of `newest_mentions` ended; None for an empty one."""
    if page.num_rows == 0:
        return None
    last = page.slice(page.num_rows - 1).to_pylist()[0]
    return Place(last["created_at"], last["mention_id"])


def count_mentions(warehouse: Warehouse, chosen: Filter) -> int:
    """How many mentions a filter has."""
    with warehouse.reading() as cursor:
        if chosen.rolled_up and not chosen.sentiments:
            daily = on_daily(chosen)
            query = f"SELECT sum(n) FROM daily WHERE {daily.where}"
            return ask.number(cursor, query, daily.parameters)
        heard = on_heard(cursor, chosen)
        return ask.number(
            cursor, f"SELECT count(*) FROM heard WHERE {heard.where}", heard.parameters
        )


def mention(warehouse: Warehouse, mention_id: str) -> MentionPage | None:
    """All that is known of one mention; None when there is none of this id, or it is no id."""
    try:
        wanted: dict[str, Any] = {"id": str(UUID(mention_id))}
    except ValueError:
        return None
    with warehouse.reading() as cursor:
        found = ask.table(
            cursor,
            """
            SELECT * EXCLUDE (content_hash, batch_id)
                REPLACE (mention_id::VARCHAR AS mention_id)
            FROM mentions WHERE mention_id = $id::UUID
            """,
            wanted,
        ).to_pylist()
        if not found:
            return None
        wanted["text_hash"] = found[0]["text_hash"]
        found[0]["text_hash"] = str(found[0]["text_hash"])
        return MentionPage(**found[0], annotation=_reading(cursor, wanted))


def mentions_by_author(
    warehouse: Warehouse, source: str, author_handle: str, limit: int = 50
) -> pa.Table:
    """The newest mentions under a handle of a source; columns as in `newest_mentions`.

    A masked handle (`love****`) may be several people.
    """
    return newest_mentions(warehouse, Filter(sources=(source,), author_handle=author_handle), limit)


def native_ids(warehouse: Warehouse, source: str, since: datetime, limit: int) -> list[str]:
    """The identities, at their source, of its mentions written from `since` (aware) on, the newest
    first."""
    with warehouse.reading() as cursor:
        rows = ask.table(
            cursor,
            "SELECT native_id FROM mentions WHERE source = $source AND created_at >= $since "
            "ORDER BY created_at DESC, native_id LIMIT $limit",
            {"source": source, "since": since, "limit": limit},
        )
    return [str(native_id) for native_id in rows["native_id"].to_pylist()]


def _reaches(
    cursor: duckdb.DuckDBPyConnection, chosen: Filter, before: Place | None
) -> Iterator[str]:
    """Times at which days begin, ever further back: since each there are some times as many
    mentions as since the one before. What is asked often has its newest page in the first."""
    last = chosen.until or date.max
    if before is not None:  # a day later, as its time may be told in another zone
        last = min(last, before.created_at.date() + timedelta(days=1))
    days = cursor.execute(
        "SELECT day::TIMESTAMPTZ::VARCHAR, sum(n)::BIGINT FROM daily "
        "WHERE day <= $last GROUP BY day ORDER BY day DESC",
        {"last": last},
    ).fetchall()
    seen, wanted = 0, FIRST_REACH
    for begins, mentions in days:
        seen += mentions
        if seen >= wanted:
            yield begins
            wanted = seen * FURTHER


def _page(cursor: duckdb.DuckDBPyConnection, conditions: Conditions, limit: int) -> pa.Table:
    chosen = ask.table(
        cursor,
        f"""
        SELECT mention_id, created_at, day, lang, sentiment, score, aspects, intents, emotions,
            toxic, spam, sponsored
        FROM heard
        WHERE {conditions.where} ORDER BY created_at DESC, mention_id DESC LIMIT $limit
        """,
        {**conditions.parameters, "limit": limit},
    )
    cursor.register("page", chosen)
    times = chosen.column("created_at").to_pylist()
    return ask.table(
        cursor,
        """
        SELECT page.mention_id::VARCHAR AS mention_id, page.created_at, page.day, m.source, m.kind,
            m.product, page.lang, m.author_id, m.author_handle, m.author_name, m.rating,
            page.sentiment, page.score, m.title, m.text, m.url, page.aspects, page.intents,
            page.emotions, page.toxic, page.spam, page.sponsored
        FROM page JOIN mentions m ON m.mention_id = page.mention_id
        WHERE m.created_at BETWEEN $first AND $last
        ORDER BY page.created_at DESC, page.mention_id DESC
        """,
        {"first": times[-1] if times else None, "last": times[0] if times else None},
    )


def _reading(cursor: duckdb.DuckDBPyConnection, wanted: dict[str, Any]) -> Reading | None:
    found = ask.table(
        cursor,
        f"SELECT * EXCLUDE (mention_id, text_hash, aspect_signs) FROM annotations {_CURRENT}",
        wanted,
    ).to_pylist()
    if not found:
        return None
    told = found[0]
    terms = tuple((term["lemma"], term["tag"]) for term in told.pop("terms") or ())
    intents, emotions = told.pop("intents"), told.pop("emotions")
    return Reading(
        **told,
        terms=terms,
        aspects=tuple(Spoken(**row) for row in _children(cursor, "aspects", wanted)),
        entities=tuple(Named(**row) for row in _children(cursor, "entities", wanted)),
        intents=None if intents is None else tuple(intents),
        emotions=None if emotions is None else tuple(emotions),
    )


def _children(
    cursor: duckdb.DuckDBPyConnection, table: str, wanted: dict[str, Any]
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ask.table(
        cursor,
        "SELECT * EXCLUDE (mention_id, text_hash, version, position) "
        f'RENAME (start_at AS "start", end_at AS "end") FROM {table} {_CURRENT} ORDER BY position',
        wanted,
    ).to_pylist()
    return rows
