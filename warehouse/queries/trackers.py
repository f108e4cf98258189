"""How trackers go: what each found lately, and whether its query is one that can be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from warehouse import ask
from warehouse.queries.charts import Totals
from warehouse.store import Warehouse


@dataclass(frozen=True)
class TrackerCourse:
    """What a tracker found in a period and in the one of equal length before it.

    `days` are its mentions of each day of the period, in order. `last_at` is when the newest of
    both periods was written, None where there is none. `is_counted` is false for a tracker whose
    hits were not looked for yet; `error` says why its query can find nothing.
    """

    now: Totals
    before: Totals
    days: tuple[int, ...]
    last_at: datetime | None
    is_counted: bool
    error: str | None


def tracker_courses(
    warehouse: Warehouse, trackers: Sequence[str], until: date, days: int = 30
) -> dict[str, TrackerCourse]:
    """The courses of these trackers in the `days` up to `until`, by their ids; two questions."""
    since = until - timedelta(days=days - 1)
    asked = {"trackers": list(trackers)}
    with warehouse.reading() as cursor:
        rows = ask.table(
            cursor,
            """
            SELECT t.tracker, h.day, count(*) AS mentions,
                count(*) FILTER (h.sentiment = 'negative') AS negative,
                count(*) FILTER (h.sentiment = 'neutral') AS neutral,
                count(*) FILTER (h.sentiment = 'positive') AS positive,
                max(h.created_at) AS last_at
            FROM tracker_hits t JOIN heard h USING (mention_id)
            WHERE t.tracker IN (SELECT unnest($trackers::VARCHAR[]))
                AND h.day BETWEEN $first AND $until
            GROUP BY ALL
            """,
            {**asked, "first": since - timedelta(days=days), "until": until},
        ).to_pylist()
        tracked = ask.table(
            cursor,
            "SELECT tracker, error FROM tracked "
            "WHERE tracker IN (SELECT unnest($trackers::VARCHAR[]))",
            asked,
        ).to_pylist()
    errors = {row["tracker"]: row["error"] for row in tracked}
    return {
        tracker: TrackerCourse(
            now=_totals([row for row in of if row["day"] >= since]),
            before=_totals([row for row in of if row["day"] < since]),
            days=_by_day(of, since, days),
            last_at=max((row["last_at"] for row in of), default=None),
            is_counted=tracker in errors,
            error=errors.get(tracker),
        )
        for tracker in trackers
        for of in [[row for row in rows if row["tracker"] == tracker]]
    }


def counted_trackers(warehouse: Warehouse) -> frozenset[str]:
    """The trackers whose hits were looked for, also in vain; a new one has none until they were."""
    with warehouse.reading() as cursor:
        found = ask.table(cursor, "SELECT tracker FROM tracked")
    return frozenset(str(tracker) for tracker in found.column("tracker").to_pylist())


def _by_day(rows: Sequence[Mapping[str, Any]], since: date, days: int) -> tuple[int, ...]:
    counts = {row["day"]: row["mentions"] for row in rows}
    return tuple(counts.get(since + timedelta(days=place), 0) for place in range(days))


def _totals(rows: Sequence[Mapping[str, Any]]) -> Totals:
    mentions, negative, neutral, positive = (
        sum(row[name] for row in rows) for name in ("mentions", "negative", "neutral", "positive")
    )
    read = negative + neutral + positive
    net = (positive - negative) / read if read else None
    return Totals(mentions, negative, neutral, positive, mentions - read, net)
