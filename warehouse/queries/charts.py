"""Counts over time, by sentiment and by product: from `daily`, or from `heard` for words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from warehouse import ask
from warehouse.queries.choice import Filter, on_daily, on_heard
from warehouse.store import Warehouse


@dataclass(frozen=True)
class Totals:
    """Counts of mentions; `unread` ones have no known sentiment.

    `net_sentiment` is (positive - negative) / (positive + neutral + negative), -1 to 1, as in
    net sentiment scores of the field; None where nothing was read.
    """

    mentions: int
    negative: int
    neutral: int
    positive: int
    unread: int
    net_sentiment: float | None


@dataclass(frozen=True)
class Compared:
    """A period, and the one of equal length just before it; days are included at both ends."""

    now: Totals
    before: Totals
    since: date | None
    until: date | None
    before_since: date | None
    before_until: date | None


Counted = Callable[[duckdb.DuckDBPyConnection, Filter], tuple[str, dict[str, object]]]

# How many mentions have a known sentiment, and of these the balance.
NET = "(sum(positive) - sum(negative)) / nullif(sum(positive + neutral + negative), 0)"
_SUMS = f"""
    coalesce(sum(n), 0)::BIGINT AS mentions,
    coalesce(sum(negative), 0)::BIGINT AS negative,
    coalesce(sum(neutral), 0)::BIGINT AS neutral,
    coalesce(sum(positive), 0)::BIGINT AS positive,
    coalesce(sum(unread), 0)::BIGINT AS unread,
    ({NET})::DOUBLE AS net_sentiment
"""


def mentions_per_day(warehouse: Warehouse, chosen: Filter) -> pa.Table:
    """day, negative, neutral, positive, unread: every day of the period, also those of none.

    Where the filter has no first or last day, the period is from the first to the last mention.
    """
    with warehouse.reading() as cursor:
        return per_day(cursor, *_counted(cursor, chosen), chosen)


def per_day(
    cursor: duckdb.DuckDBPyConnection, counted: str, parameters: dict[str, object], chosen: Filter
) -> pa.Table:
    """The answer of `mentions_per_day` from `counted`: a query of day, n and each sentiment."""
    return ask.table(
        cursor,
        f"""
        WITH seen AS (
            SELECT day, sum(negative)::BIGINT AS negative, sum(neutral)::BIGINT AS neutral,
                sum(positive)::BIGINT AS positive, sum(unread)::BIGINT AS unread
            FROM ({counted}) GROUP BY day HAVING sum(n) > 0
        ),
        days AS (
            SELECT unnest(generate_series(
                coalesce($first::DATE, min(day)),
                coalesce($last::DATE, max(day)),
                INTERVAL 1 DAY
            ))::DATE AS day
            FROM seen
        )
        SELECT day, coalesce(negative, 0) AS negative, coalesce(neutral, 0) AS neutral,
            coalesce(positive, 0) AS positive, coalesce(unread, 0) AS unread
        FROM days LEFT JOIN seen USING (day) ORDER BY day
        """,
        {**parameters, "first": chosen.since, "last": chosen.until},
    )


def totals(warehouse: Warehouse, chosen: Filter) -> Totals:
    """How many mentions in all, and of what sentiment."""
    with warehouse.reading() as cursor:
        return _sums(cursor, *_counted(cursor, chosen))


def compared(warehouse: Warehouse, chosen: Filter) -> Compared:
    """The period of the filter against the one of equal length before it.

    An open start or end is the first or last day of all that is known.
    """
    with warehouse.reading() as cursor:
        return compared_by(cursor, chosen, _counted)


def share_of_voice(warehouse: Warehouse, chosen: Filter, top: int = 8) -> pa.Table:
    """product, products, mentions, share (0..1), net_sentiment: the loudest first.

    Products past `top` are one last row, with a null product and their number in `products`;
    mentions of no product are left out.
    """
    with warehouse.reading() as cursor:
        counted, parameters = _counted(cursor, chosen)
        return ask.table(
            cursor,
            f"""
            WITH by_product AS (
                SELECT product, sum(n) AS n, sum(positive) AS positive, sum(neutral) AS neutral,
                    sum(negative) AS negative
                FROM ({counted}) WHERE product IS NOT NULL GROUP BY product HAVING sum(n) > 0
            ),
            ranked AS (
                SELECT *, least(row_number() OVER (ORDER BY n DESC, product), $top + 1) AS place
                FROM by_product
            )
            SELECT CASE WHEN place <= $top THEN min(product) END AS product, count(*) AS products,
                sum(n)::BIGINT AS mentions, (sum(n) / sum(sum(n)) OVER ())::DOUBLE AS share,
                ({NET})::DOUBLE AS net_sentiment
            FROM ranked GROUP BY place ORDER BY place
            """,
            {**parameters, "top": top},
        )


def movers(warehouse: Warehouse, chosen: Filter, top: int = 8) -> pa.Table:
    """What changed by product: product, mentions, before, negative, negative_before, net_sentiment,
    net_before; those whose number of mentions moved most first.

    "Before" is the period of equal length just before; without both days there is none to compare.
    """
    with warehouse.reading() as cursor:
        since, both = with_period_before(cursor, chosen)
        counted, parameters = _counted(cursor, both)
        return ask.table(
            cursor,
            f"""
            WITH summed AS (
                SELECT product, day >= $start AS late, sum(n)::BIGINT AS n,
                    sum(negative)::BIGINT AS negative, ({NET})::DOUBLE AS net
                FROM ({counted}) WHERE product IS NOT NULL GROUP BY ALL HAVING sum(n) > 0
            )
            SELECT product,
                coalesce(sum(n) FILTER (late), 0)::BIGINT AS mentions,
                coalesce(sum(n) FILTER (NOT late), 0)::BIGINT AS before,
                coalesce(sum(negative) FILTER (late), 0)::BIGINT AS negative,
                coalesce(sum(negative) FILTER (NOT late), 0)::BIGINT AS negative_before,
                any_value(net) FILTER (late) AS net_sentiment,
                any_value(net) FILTER (NOT late) AS net_before
            FROM summed GROUP BY product
            ORDER BY abs(mentions - before) DESC, product LIMIT $top
            """,
            {**parameters, "start": since, "top": top},
        )


_NONE = Totals(0, 0, 0, 0, 0, None)


def compared_by(cursor: duckdb.DuckDBPyConnection, chosen: Filter, counted: Counted) -> Compared:
    """The answer of `compared` from whatever counts a filter."""
    period = _period(cursor, chosen)
    if period is None:
        return Compared(_NONE, _NONE, None, None, None, None)
    since, until = period
    now = replace(chosen, since=since, until=until)
    before = _before(now, since, until)
    sums = [_sums(cursor, *counted(cursor, each)) for each in (now, before)]
    return Compared(sums[0], sums[1], since, until, before.since, before.until)


def with_period_before(cursor: duckdb.DuckDBPyConnection, chosen: Filter) -> tuple[date, Filter]:
    """The first day of a filter, and the filter begun as much earlier as it is long."""
    period = _period(cursor, chosen)
    since, until = period if period else (date(2000, 1, 1), date(2000, 1, 1))
    return since, replace(chosen, since=_before(chosen, since, until).since, until=until)


def _period(cursor: duckdb.DuckDBPyConnection, chosen: Filter) -> tuple[date, date] | None:
    """The days of a filter, open ends filled in; None while nothing is known."""
    first, last = ask.row(cursor, "SELECT min(day), max(day) FROM daily") or (None, None)
    if first is None:
        return None
    return chosen.since or first, chosen.until or last


def _before(chosen: Filter, since: date, until: date) -> Filter:
    length = until - since + timedelta(days=1)
    return replace(chosen, since=since - length, until=since - timedelta(days=1))


def _sums(cursor: duckdb.DuckDBPyConnection, counted: str, parameters: dict[str, object]) -> Totals:
    found = ask.row(cursor, f"SELECT {_SUMS} FROM ({counted})", parameters)
    return Totals(*found) if found else _NONE


def _counted(cursor: duckdb.DuckDBPyConnection, chosen: Filter) -> tuple[str, dict[str, object]]:
    """A query of day, product, n, negative, neutral, positive, unread for a filter."""
    if chosen.rolled_up:
        conditions = on_daily(chosen)
        return f"{_from_daily(chosen)} WHERE {conditions.where}", conditions.parameters
    conditions = on_heard(cursor, chosen)
    return f"{_FROM_HEARD} WHERE {conditions.where}", conditions.parameters


def _from_daily(chosen: Filter) -> str:
    if not chosen.sentiments:
        return "SELECT day, product, n, negative, neutral, positive, unread FROM daily"
    kept = [
        name if name in chosen.sentiments else f"0 AS {name}"
        for name in ("negative", "neutral", "positive", "unread")
    ]
    return (
        f"SELECT day, product, {' + '.join(chosen.sentiments)} AS n, {', '.join(kept)} FROM daily"
    )


_FROM_HEARD = """
    SELECT day, product, 1 AS n, (sentiment = 'negative')::INT AS negative,
        (sentiment = 'neutral')::INT AS neutral, (sentiment = 'positive')::INT AS positive,
        (sentiment NOT IN ('negative', 'neutral', 'positive'))::INT AS unread
    FROM heard
"""
