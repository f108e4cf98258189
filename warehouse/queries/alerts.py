"""Alerts as the desk shows them: what was seen and expected, what people say, who is hit."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa

from warehouse import ask
from warehouse.signals.baseline import DAYS, GUARD
from warehouse.signals.episodes import interval, usual_of
from warehouse.signals.series import read_series
from warehouse.store import Warehouse

_BEFORE: Final = timedelta(days=5)  # of the series shown beside an alert
_AFTER: Final = timedelta(days=1)
_COLUMNS: Final = """
    alert_id, product, window_start, window_end, seen, expected, low, high, p_value, terms,
    first_mention::VARCHAR AS first_mention, share_of_copies, raised_at, acknowledged_by,
    acknowledged_at
"""
# The negative mentions of one alert, as `a`.
_OF_ALERT: Final = """
    FROM heard h JOIN (SELECT * FROM alerts WHERE alert_id = $alert_id) a
        ON h.product = a.product AND h.sentiment = 'negative'
        AND h.created_at >= a.window_start AND h.created_at < a.window_end
"""


@dataclass(frozen=True)
class Alert:
    """Too many negative mentions of a product in a window, as stored (migrations/0005_alerts.sql).

    `acknowledged_at` is None until somebody has taken note.
    """

    alert_id: str
    product: str
    window_start: datetime
    window_end: datetime
    seen: int
    expected: float
    low: int
    high: int
    p_value: float
    terms: tuple[str, ...]
    first_mention: str | None
    share_of_copies: float | None
    raised_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class Quote:
    """One of its mentions, with `likes` and `replies` where the source tells them."""

    mention_id: str
    source: str
    author_id: str | None
    author_handle: str | None
    created_at: datetime
    score: float | None
    title: str | None
    text: str
    url: str | None
    likes: int | None
    replies: int | None


@dataclass(frozen=True)
class Hit:
    """A known customer who is among its authors; `amount` is of all orders, in minor units."""

    customer_id: str
    name: str | None
    mentions: int
    currency: str | None
    amount: int | None


@dataclass(frozen=True)
class AlertPage:
    """An alert with what a person needs to judge it.

    `series`: hour (aware), seen, expected, low, high (95 %; null without history), in_window: every
    hour from five days before to a day after; one that was not heard has nulls in seen to high.
    `sources`: (name, mentions), the loudest first.
    `quotes` and `customers` are the first by likes and by amount.
    """

    alert: Alert
    series: pa.Table
    sources: tuple[tuple[str, int], ...]
    quotes: tuple[Quote, ...]
    customers: tuple[Hit, ...]
    customers_count: int


def alerts(warehouse: Warehouse, limit: int = 50) -> tuple[Alert, ...]:
    """The alerts, those that began last first."""
    with warehouse.reading() as cursor:
        rows = ask.table(
            cursor,
            f"SELECT {_COLUMNS} FROM alerts LEFT JOIN alert_states USING (alert_id) "
            "ORDER BY window_start DESC, product LIMIT $limit",
            {"limit": limit},
        )
    return tuple(_alert(row) for row in rows.to_pylist())


def alert(warehouse: Warehouse, alert_id: str, quotes: int = 12) -> AlertPage | None:
    """One alert with its hours, sources, quotes and the known customers hit; None if there is none.

    Where a customer ordered in several currencies, the amount is of the one with most orders.
    """
    wanted = {"alert_id": alert_id}
    with warehouse.reading() as cursor:
        found = ask.table(
            cursor,
            f"SELECT {_COLUMNS} FROM alerts LEFT JOIN alert_states USING (alert_id) "
            "WHERE alert_id = $alert_id",
            wanted,
        ).to_pylist()
        if not found:
            return None
        told = _alert(found[0])
        sources = ask.table(
            cursor,
            f"SELECT h.source, count(*) AS n {_OF_ALERT} GROUP BY ALL ORDER BY n DESC, h.source",
            wanted,
        )
        hit = ask.table(cursor, _HIT, wanted).to_pylist()
        return AlertPage(
            told,
            _series(cursor, told, ZoneInfo(warehouse.zone)),
            tuple(zip(*(column.to_pylist() for column in sources.columns), strict=True)),
            _quotes(cursor, told, quotes),
            tuple(Hit(**row) for row in hit[:quotes]),
            len(hit),
        )


_HIT: Final = f"""
    WITH authors AS (
        SELECT i.customer_id, count(*) AS mentions
        {_OF_ALERT}
        JOIN identities i ON i.source = h.source AND i.author_id = h.author_id
        GROUP BY i.customer_id
    ),
    bought AS (
        SELECT customer_id, currency, sum(amount)::BIGINT AS amount FROM orders
        WHERE customer_id IN (SELECT customer_id FROM authors) GROUP BY customer_id, currency
        QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY count(*) DESC, currency) = 1
    )
    SELECT customer_id, any_value(name) AS name, any_value(mentions) AS mentions,
        any_value(currency) AS currency, any_value(amount) AS amount
    FROM authors LEFT JOIN bought USING (customer_id) LEFT JOIN person.customers USING (customer_id)
    GROUP BY customer_id ORDER BY any_value(amount) DESC NULLS LAST, customer_id
"""


def _alert(row: dict[str, Any]) -> Alert:
    return Alert(**{**row, "terms": tuple(row["terms"])})


def _quotes(cursor: duckdb.DuckDBPyConnection, told: Alert, limit: int) -> tuple[Quote, ...]:
    rows = ask.table(
        cursor,
        f"""
        SELECT m.mention_id::VARCHAR AS mention_id, m.source, m.author_id, m.author_handle,
            m.created_at, h.score, m.title, m.text, m.url, m.likes, m.replies
        {_OF_ALERT}
        JOIN mentions m ON m.mention_id = h.mention_id
        WHERE m.created_at >= $since AND m.created_at < $until
        ORDER BY coalesce(m.likes, 0) + coalesce(m.replies, 0) DESC, h.score, m.created_at
        LIMIT $limit
        """,
        {
            "alert_id": told.alert_id,
            "since": told.window_start,
            "until": told.window_end,
            "limit": limit,
        },
    )
    return tuple(Quote(**row) for row in rows.to_pylist())


def _series(cursor: duckdb.DuckDBPyConnection, told: Alert, zone: ZoneInfo) -> pa.Table:
    since: date = (told.window_start - _BEFORE).astimezone(zone).date()
    until: date = (told.window_end + _AFTER).astimezone(zone).date()
    first = since - timedelta(days=DAYS + GUARD)
    series = read_series(cursor, (told.product,), first, until, datetime.now(UTC))
    shown = slice(series.place(since), series.place(until) + 1)
    usual = usual_of(series, shown.start, shown.stop - 1)
    heard = series.heard[0, shown].reshape(-1) > 0
    mean = np.where(heard, usual.mean[0, shown].reshape(-1), np.nan)
    low, high = interval(mean, np.repeat(usual.scatter[0, shown], 24))
    midnights = [series.day(place) for place in range(shown.start, shown.stop)]
    hours = [
        datetime(day.year, day.month, day.day, hour, tzinfo=zone)
        for day in midnights
        for hour in range(24)
    ]
    return pa.table(
        {
            "hour": pa.array(hours, pa.timestamp("us", tz=str(zone))),
            "seen": pa.array(series.counts[0, shown].reshape(-1).astype(np.int64), mask=~heard),
            "expected": pa.array(mean, from_pandas=True),
            "low": pa.array(low, from_pandas=True),
            "high": pa.array(high, from_pandas=True),
            "in_window": [told.window_start <= hour < told.window_end for hour in hours],
        }
    )
