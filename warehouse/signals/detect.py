"""Raises alerts: one for each episode of unusually many negative mentions of a product.

Only days of which the counts, or the hours not heard, have changed since they were tested, and
those after them, are tested again. An alert that was raised stays, under the id it was raised with:
an episode that goes on, or is counted anew, brings it up to date.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from warehouse import ask, coverage, revisions, serving
from warehouse.records import TIME, schema_of
from warehouse.signals.baseline import DAYS, GUARD
from warehouse.signals.episodes import LEAST_SEEN, QUIET, Episode, find_episodes
from warehouse.signals.series import read_series
from warehouse.store import Warehouse

REACH: Final = 400  # days back from now that are tested
_STEP: Final = "signals"
_COUNTED: Final = """
    SELECT day, negative, coalesce(unheard, 0) AS unheard
    FROM (
        SELECT day, sum(negative)::BIGINT AS negative FROM daily
        WHERE product IS NOT NULL AND day >= $horizon AND day <= $today GROUP BY day
    )
    LEFT JOIN (
        SELECT day, bit_xor(hash(source, hour)) AS unheard FROM unheard_hours GROUP BY day
    ) USING (day)
"""
_EPISODES: Final = schema_of(
    pa.field("episode", pa.int64()),
    pa.field("alert_id", pa.string()),
    pa.field("product", pa.string()),
    pa.field("window_start", TIME),
    pa.field("window_end", TIME),
    pa.field("seen", pa.int64()),
    pa.field("expected", pa.float64()),
    pa.field("low", pa.int64()),
    pa.field("high", pa.int64()),
    pa.field("p_value", pa.float64()),
    pa.field("raised_at", TIME),
)


@dataclass(frozen=True)
class _Raised:
    """An alert that stands."""

    alert_id: str
    product: str
    window_start: datetime
    window_end: datetime
    raised_at: datetime


def raise_alerts(warehouse: Warehouse, now: datetime) -> int:
    """Test what has changed up to `now` (aware); returns how many alerts were raised anew."""
    zone = ZoneInfo(warehouse.zone)
    local = now.astimezone(zone)
    with warehouse.reading() as cursor:
        state = revisions.seen(cursor, serving.HEARD, "coverage")
        if revisions.is_done(cursor, _STEP, state):
            return 0
        days = {"horizon": local.date() - timedelta(days=REACH), "today": local.date()}
        coverage.unheard_hours(cursor, now, days["horizon"])
        first = _first_to_test(cursor, days)
        episodes = [] if first is None else _episodes(cursor, first, local, zone)
        raised = _raised(cursor)
    rows, fresh = _named(episodes, raised, now)
    with warehouse.writing() as cursor:
        if rows:
            _keep(cursor, rows)
        coverage.unheard_hours(cursor, now, days["horizon"])
        cursor.execute("TRUNCATE tested_days")
        cursor.execute(f"INSERT INTO tested_days BY NAME {_COUNTED}", days)
        revisions.done(cursor, _STEP, state)
    return fresh


def alert_id(product: str, noticed: datetime) -> str:
    """The name of an alert: of its product and the end of the hour in which it first showed."""
    hour = int(noticed.timestamp()) // 3600
    return hashlib.sha256(f"{product}\x1f{hour}".encode()).hexdigest()[:32]


def _first_to_test(cursor: duckdb.DuckDBPyConnection, days: dict[str, date]) -> date | None:
    """The first day whose count has changed, or that on which an episode then open began."""
    changed = ask.row(
        cursor,
        f"""
        SELECT min(day) FROM ({_COUNTED}) AS counted FULL JOIN tested_days USING (day)
        WHERE day >= $horizon AND (counted.negative IS DISTINCT FROM tested_days.negative
            OR counted.unheard IS DISTINCT FROM tested_days.unheard)
        """,
        days,
    )
    if changed is None or changed[0] is None:
        return None
    first = ask.row(
        cursor,
        "SELECT min(window_start)::DATE FROM alerts "
        "WHERE window_end >= $since::DATE - INTERVAL 2 DAY AND window_start < $since::DATE",
        {"since": changed[0]},
    )
    days_back: list[date] = [changed[0], *(first or ())]
    return max(days["horizon"], min(day for day in days_back if day is not None))


def _episodes(
    cursor: duckdb.DuckDBPyConnection, first: date, now: datetime, zone: ZoneInfo
) -> list[Episode]:
    products = ask.table(
        cursor,
        "SELECT product FROM daily WHERE product IS NOT NULL AND day BETWEEN $since AND $until "
        "GROUP BY product HAVING sum(negative) >= $least ORDER BY product",
        {"since": first - timedelta(days=1), "until": now.date(), "least": LEAST_SEEN},
    )
    names = tuple(str(name) for name in products.column(0).to_pylist())
    if not names:
        return []
    series = read_series(cursor, names, first - timedelta(days=DAYS + GUARD), now.date(), now)
    until = (series.place(now.date()), now.hour)
    return find_episodes(series, series.place(first), until, zone)


def _raised(cursor: duckdb.DuckDBPyConnection) -> list[_Raised]:
    rows = ask.table(
        cursor,
        "SELECT alert_id, product, window_start, window_end, raised_at FROM alerts "
        "ORDER BY window_start",
    )
    return [_Raised(**row) for row in rows.to_pylist()]


def _named(
    episodes: Sequence[Episode], raised: Sequence[_Raised], now: datetime
) -> tuple[list[dict[str, Any]], int]:
    """The episodes as rows of alerts, each under the id of the alert it goes on with, if any."""
    rows: list[dict[str, Any]] = []
    taken: set[str] = set()
    quiet, fresh = timedelta(hours=QUIET), 0
    for place, episode in enumerate(episodes):
        name, since = alert_id(episode.product, episode.noticed), now
        known = next(
            (
                alert
                for alert in raised
                if alert.product == episode.product
                and alert.alert_id not in taken
                and alert.window_start <= episode.end + quiet
                and alert.window_end >= episode.start - quiet
            ),
            None,
        )
        if known is not None:
            name, since = known.alert_id, known.raised_at
        elif name in taken:
            continue
        else:
            fresh += 1
        taken.add(name)
        rows.append(
            {
                "episode": place,
                "alert_id": name,
                "product": episode.product,
                "window_start": episode.start,
                "window_end": episode.end,
                "seen": episode.seen,
                "expected": round(episode.expected, 3),
                "low": episode.low,
                "high": episode.high,
                "p_value": episode.p_value,
                "raised_at": since,
            }
        )
    return rows, fresh


def _keep(cursor: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """Write the alerts that are new or differ."""
    cursor.register("given_episodes", pa.Table.from_pylist(rows, schema=_EPISODES))
    cursor.execute("CREATE OR REPLACE TEMP TABLE episodes AS SELECT * FROM given_episodes")
    cursor.unregister("given_episodes")
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE judged AS
        SELECT alert_id, product, window_start, window_end, seen, expected, low, high, p_value,
            terms, first_mention, share_of_copies, raised_at
        FROM ({serving.model("alert_details")})
        """
    )
    differing = ask.number(cursor, "SELECT count(*) FROM (FROM judged EXCEPT FROM alerts)")
    if differing:
        cursor.execute("DELETE FROM alerts WHERE alert_id IN (SELECT alert_id FROM judged)")
        cursor.execute("INSERT INTO alerts BY NAME FROM judged")
        revisions.changed(cursor, "alerts")
