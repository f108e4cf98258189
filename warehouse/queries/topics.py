"""What people speak about: topics with their days, quotes and history, and terms that burst.

Counts come from the roll-ups by day; the few texts quoted are fetched by id.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import duckdb
import pyarrow as pa

from warehouse import ask
from warehouse.queries.choice import Filter, on_daily
from warehouse.store import Warehouse

WEEKS: Final = 8  # of a term's own past
LEAST_TIMES: Final = 5
LEAST_RATIO: Final = 2.0
_SHRUNK: Final = 4.0  # texts added to a word's past: a new word must not soar from nothing
_NET: Final = "(sum(positive) - sum(negative)) / nullif(sum(positive + neutral + negative), 0)"


@dataclass(frozen=True)
class TopicLine:
    """A topic in a period. `before` counts its mentions in the period of equal length just before,
    None where there is none; `net_sentiment` is -1..1, None where nothing was read."""

    topic_id: int
    name: str
    mentions: int
    share: float
    negative: int
    neutral: int
    positive: int
    net_sentiment: float | None
    before: int | None


@dataclass(frozen=True)
class TopicsOverview:
    """Topics of a period, the largest first, and how many mentions read have no topic."""

    topics: tuple[TopicLine, ...]
    assigned: int
    unassigned: int
    agreement: float | None
    fitted_at: datetime | None


@dataclass(frozen=True)
class TopicEvent:
    """What became of a topic, with the names of those it concerns."""

    happened_at: datetime
    kind: str
    name: str
    other_id: int | None
    other_name: str | None
    before: str | None


@dataclass(frozen=True)
class TopicQuote:
    """A mention that speaks of the topic and of little else."""

    mention_id: str
    source: str
    product: str | None
    author_handle: str | None
    author_name: str | None
    created_at: datetime
    sentiment: str
    title: str | None
    text: str
    rating: float | None
    rating_raw: str | None


@dataclass(frozen=True)
class TopicPage:
    """A topic with what a person needs to judge it. `series`: day, negative, neutral, positive,
    unread; `sources` and `products`: (name, mentions), the loudest first."""

    topic_id: int
    name: str
    words: tuple[str, ...]
    found_at: datetime
    ended_at: datetime | None
    line: TopicLine | None
    series: pa.Table
    sources: tuple[tuple[str, int], ...]
    products: tuple[tuple[str, int], ...]
    quotes: tuple[TopicQuote, ...]
    events: tuple[TopicEvent, ...]


@dataclass(frozen=True)
class TrendingTerm:
    """A word said more than its own past explains. `seen` and `expected` count different texts of
    the window, copies once; `weight` is the signed root of the likelihood ratio."""

    term: str
    seen: int
    expected: float
    negative: int
    weight: float


def topics(warehouse: Warehouse, chosen: Filter) -> TopicsOverview:
    """The living topics in a period; words and sentiments of the filter are not looked at."""
    with warehouse.reading() as cursor:
        lines = _lines(cursor, chosen)
        conditions = on_daily(chosen)
        read = ask.number(
            cursor,
            f"SELECT sum(negative + neutral + positive) FROM daily WHERE {conditions.where}",
            conditions.parameters,
        )
        assigned = ask.number(
            cursor,
            f"SELECT sum(negative + neutral + positive) FROM daily_topics WHERE {conditions.where}",
            conditions.parameters,
        )
        fits = ask.table(
            cursor, "SELECT agreement, fitted_at FROM topic_fits ORDER BY fit DESC LIMIT 1"
        ).to_pylist()
    last = fits[0] if fits else {"agreement": None, "fitted_at": None}
    return TopicsOverview(lines, assigned, max(read - assigned, 0), **last)


def topic(
    warehouse: Warehouse, topic_id: int, chosen: Filter | None = None, quotes: int = 6
) -> TopicPage | None:
    """One topic, its days in the period of the filter, quotes and history; None if there is none.

    Quotes are of the last ninety days that were heard, whatever the period.
    """
    chosen = chosen or Filter()
    with warehouse.reading() as cursor:
        found = ask.table(
            cursor,
            "SELECT topic_id, name, words, found_at, ended_at FROM topics WHERE topic_id = $id",
            {"id": topic_id},
        ).to_pylist()
        if not found:
            return None
        about = found[0]
        lines = {line.topic_id: line for line in _lines(cursor, chosen)}
        return TopicPage(
            **{**about, "words": tuple(about["words"])},
            line=lines.get(topic_id),
            series=_series(cursor, topic_id, chosen),
            sources=_parts(cursor, topic_id, chosen, "source"),
            products=_parts(cursor, topic_id, chosen, "product"),
            quotes=_quotes(cursor, topic_id, quotes),
            events=_events(cursor, topic_id),
        )


def trending_terms(
    warehouse: Warehouse, chosen: Filter, days: int = 7, top: int = 10
) -> tuple[TrendingTerm, ...]:
    """Words that burst in the `days` before `chosen.until` (the last day heard, if none is named).

    A word is held against its share of texts on the same weekdays of the eight weeks before,
    to which four texts are added, by the root of Dunning's log-likelihood ratio (1993, "Accurate
    Methods for the Statistics of Surprise and Coincidence") of a Poisson count; 3.3 is one chance
    in a thousand. What rises with
    the day of the week, or because all is louder, does not burst. Only sources and products of the
    filter are looked at.
    """
    with warehouse.reading() as cursor:
        last = chosen.until or (ask.row(cursor, "SELECT max(day) FROM daily_terms") or (None,))[0]
        if last is None:
            return ()
        conditions = on_daily(replace(chosen, since=None, until=None, langs=()))
        conditions.add("source IS NOT NULL" if conditions.parts else "source IS NULL")
        rows = ask.table(
            cursor,
            _TRENDING.format(where=conditions.where),
            {
                **conditions.parameters, "first": last - timedelta(days=days - 1), "last": last,
                "past": last - timedelta(days=days - 1 + 7 * WEEKS), "shrunk": _SHRUNK,
                "least": LEAST_TIMES, "ratio": LEAST_RATIO, "top": top,
            },
        )  # fmt: skip
    return tuple(TrendingTerm(**row) for row in rows.to_pylist())


_TRENDING: Final = """
    WITH said AS (
        SELECT lemma, day >= $first AS is_now, sum(n) AS n, sum(negative) AS negative
        FROM daily_terms
        WHERE {where} AND day BETWEEN $past AND $last
            AND (day >= $first OR dayofweek(day) IN (
                SELECT dayofweek($first::DATE + r.range::INTEGER)
                FROM range(datediff('day', $first::DATE, $last::DATE) + 1) r))
        GROUP BY ALL
    ),
    sizes AS (
        SELECT sum(n) FILTER (is_now) AS now, coalesce(sum(n) FILTER (NOT is_now), 0) AS past
        FROM said WHERE lemma = ''
    ),
    words AS (
        SELECT lemma, coalesce(sum(n) FILTER (is_now), 0) AS seen,
            coalesce(sum(n) FILTER (NOT is_now), 0) AS before,
            coalesce(sum(negative) FILTER (is_now), 0) AS negative
        FROM said WHERE lemma <> '' GROUP BY lemma HAVING seen >= $least
    ),
    expected AS (
        SELECT words.*, (before + $shrunk) * now / past AS expected
        FROM words, sizes WHERE past >= now
    )
    SELECT lemma AS term, seen::BIGINT AS seen, expected::DOUBLE AS expected,
        negative::BIGINT AS negative,
        sqrt(2 * (seen * ln(seen / expected) - (seen - expected)))::DOUBLE AS weight
    FROM expected WHERE seen >= $ratio * expected AND weight > 3.3
    ORDER BY weight DESC, term LIMIT $top
"""


def _lines(cursor: duckdb.DuckDBPyConnection, chosen: Filter) -> tuple[TopicLine, ...]:
    first, last = ask.row(cursor, "SELECT min(day), max(day) FROM daily") or (None, None)
    since, until = chosen.since or first, chosen.until or last
    if since is None or until is None:
        return ()
    start = since - (until - since) - timedelta(days=1)
    conditions = on_daily(replace(chosen, since=start, until=until))
    rows = ask.table(
        cursor,
        f"""
        WITH counted AS (
            SELECT topic_id, day >= $start AS is_now, sum(n) AS n, sum(negative) AS negative,
                sum(neutral) AS neutral, sum(positive) AS positive
            FROM daily_topics WHERE {conditions.where} GROUP BY ALL
        ),
        lines AS (
            SELECT topic_id, coalesce(sum(n) FILTER (is_now), 0)::BIGINT AS mentions,
                coalesce(sum(negative) FILTER (is_now), 0)::BIGINT AS negative,
                coalesce(sum(neutral) FILTER (is_now), 0)::BIGINT AS neutral,
                coalesce(sum(positive) FILTER (is_now), 0)::BIGINT AS positive,
                coalesce(sum(n) FILTER (NOT is_now), 0)::BIGINT AS before
            FROM counted GROUP BY topic_id
        )
        SELECT topic_id, name, mentions, negative, neutral, positive,
            (mentions / nullif(sum(mentions) OVER (), 0))::DOUBLE AS share,
            ((positive - negative) / nullif(positive + neutral + negative, 0))::DOUBLE
                AS net_sentiment,
            CASE WHEN $compares THEN before END AS before
        FROM lines JOIN topics USING (topic_id)
        WHERE ended_at IS NULL AND mentions + before > 0
        ORDER BY mentions DESC, topic_id
        """,
        {**conditions.parameters, "start": since, "compares": _compares(first, start)},
    ).to_pylist()
    return tuple(TopicLine(**{**row, "share": row["share"] or 0.0}) for row in rows)


def _compares(first: date | None, start: date) -> bool:
    """Whether the whole of the period before was listened to."""
    return first is not None and first <= start


def _series(cursor: duckdb.DuckDBPyConnection, topic_id: int, chosen: Filter) -> pa.Table:
    conditions = on_daily(chosen)
    return ask.table(
        cursor,
        f"""
        SELECT day, sum(negative)::BIGINT AS negative, sum(neutral)::BIGINT AS neutral,
            sum(positive)::BIGINT AS positive, sum(unread)::BIGINT AS unread
        FROM daily_topics WHERE topic_id = $id AND {conditions.where} GROUP BY day ORDER BY day
        """,
        {**conditions.parameters, "id": topic_id},
    )


def _parts(
    cursor: duckdb.DuckDBPyConnection, topic_id: int, chosen: Filter, column: str
) -> tuple[tuple[str, int], ...]:
    conditions = on_daily(chosen)
    rows = ask.table(
        cursor,
        f"""
        SELECT {column}, sum(n)::BIGINT AS n FROM daily_topics
        WHERE topic_id = $id AND {column} IS NOT NULL AND {conditions.where}
        GROUP BY {column} ORDER BY n DESC, {column} LIMIT 8
        """,
        {**conditions.parameters, "id": topic_id},
    )
    return tuple(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def _quotes(cursor: duckdb.DuckDBPyConnection, topic_id: int, limit: int) -> tuple[TopicQuote, ...]:
    chosen = ask.table(
        cursor,
        "SELECT mention_id, created_at, place FROM topic_quotes WHERE topic_id = $id "
        "ORDER BY place LIMIT $limit",
        {"id": topic_id, "limit": limit},
    )
    if not chosen.num_rows:
        return ()
    cursor.register("quoted", chosen)
    times: list[Any] = chosen.column("created_at").to_pylist()
    rows: list[dict[str, Any]] = ask.table(
        cursor,
        """
        SELECT m.mention_id::VARCHAR AS mention_id, m.source, m.product, m.author_handle,
            m.author_name, m.created_at, h.sentiment, m.title, m.text, m.rating, m.rating_raw
        FROM quoted q
        JOIN mentions m ON m.mention_id = q.mention_id
        JOIN heard h ON h.mention_id = q.mention_id
        WHERE m.created_at BETWEEN $first AND $last AND h.created_at BETWEEN $first AND $last
        ORDER BY q.place
        """,
        {"first": min(times), "last": max(times)},
    ).to_pylist()
    cursor.unregister("quoted")
    return tuple(TopicQuote(**row) for row in rows)


def _events(cursor: duckdb.DuckDBPyConnection, topic_id: int) -> tuple[TopicEvent, ...]:
    """What happened to the topic, and what split from it or went into it; the last first."""
    rows = ask.table(
        cursor,
        """
        SELECT e.happened_at,
            CASE WHEN e.topic_id = $id THEN e.kind ELSE e.kind || '_here' END AS kind,
            e.name, CASE WHEN e.topic_id = $id THEN e.other_id ELSE e.topic_id END AS other_id,
            CASE WHEN e.topic_id = $id THEN t.name ELSE e.name END AS other_name, e.before
        FROM topic_events e LEFT JOIN topics t ON t.topic_id = e.other_id
        WHERE e.topic_id = $id OR e.other_id = $id
        ORDER BY e.happened_at DESC, kind, other_id
        """,
        {"id": topic_id},
    )
    return tuple(TopicEvent(**row) for row in rows.to_pylist())
