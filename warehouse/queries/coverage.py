"""What was listened to, and what was not: how far each source has heard, and its gaps.

Sources that say nothing of it, such as imports, have neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pyarrow as pa

from warehouse import ask, coverage
from warehouse.queries.choice import Filter
from warehouse.store import Warehouse

_MOMENT: Final = 0.01  # of a day


@dataclass(frozen=True)
class Frontier:
    """How far a source has heard: to `frontier`, `lag` ago; None where it never has.

    `since` is the begin of all that is known of its listening, `failing_since` that of the first
    run that has failed since it was last heard (None while all is well), with the `reason` of the
    last one; `parts` are those that fail (empty: the whole source).
    """

    source: str
    since: datetime
    frontier: datetime | None
    lag: timedelta | None
    failing_since: datetime | None
    reason: str | None
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Unheard:
    """A day of which `sources`, by name, missed more than a moment (a hundredth).

    `missed` is the share of it that the most of them missed, `by_all` the least that any of the
    sources asked about did: 1 where nobody at all listened. `reason` is that of the deafest.
    """

    day: date
    sources: tuple[str, ...]
    missed: float
    by_all: float
    reason: str | None


def frontiers(warehouse: Warehouse, now: datetime | None = None) -> tuple[Frontier, ...]:
    """How far each source has heard, by name; `now` (aware) is the present unless given."""
    now = now or datetime.now(UTC)
    with warehouse.reading() as cursor:
        rows = ask.table(
            cursor,
            f"""
            WITH heard AS (
                SELECT source, min(since) AS since, max(frontier) AS frontier
                FROM heard_until GROUP BY source
            ),
            failing AS (
                SELECT source, min(failing_since) AS failing_since,
                    arg_max(reason, failing_since) AS reason,
                    list_sort(list(part) FILTER (part <> '')) AS parts
                FROM ({coverage.FAILING}) GROUP BY source
            )
            SELECT source, since, frontier, failing_since, reason, parts
            FROM heard LEFT JOIN failing USING (source) ORDER BY source
            """,
        ).to_pylist()
    return tuple(
        Frontier(
            row["source"],
            row["since"],
            row["frontier"],
            None if row["frontier"] is None else max(now - row["frontier"], timedelta()),
            row["failing_since"],
            row["reason"],
            tuple(row["parts"] or ()),
        )
        for row in rows
    )


def gaps(
    warehouse: Warehouse, since: datetime, until: datetime, sources: Sequence[str] = ()
) -> pa.Table:
    """What was not heard between two aware times: source, part (empty: the whole source), state,
    begin_at, end_at, reason.

    `gap` is time that was missed and not made up for since; `failed` is the time since a source
    that fails was last heard. No sources: of every one.
    """
    with warehouse.reading() as cursor:
        return coverage.gaps(cursor, since, until, sources)


def unheard_days(
    warehouse: Warehouse, since: date, until: date, sources: Sequence[str] = (), *, now: datetime
) -> pa.Table:
    """day, source, state, missed (0..1), reason: the days, both ends included and none after `now`,
    that a source did not hear in full."""
    begin, end = _between(warehouse, since, until, now)
    with warehouse.reading() as cursor:
        return coverage.unheard_days(cursor, begin, end, sources)


def unheard(warehouse: Warehouse, chosen: Filter, now: datetime) -> tuple[Unheard, ...]:
    """The days of a filter (which has both) that its sources did not hear in full, in order."""
    if chosen.since is None or chosen.until is None:
        raise ValueError("what was not heard is asked for between two days")
    table = unheard_days(warehouse, chosen.since, chosen.until, chosen.sources, now=now)
    if table.num_rows == 0:
        return ()
    with warehouse.reading() as cursor:
        known = ask.table(cursor, "SELECT source FROM daily UNION SELECT source FROM heard_until")
    listening = chosen.sources or known.column("source").to_pylist()
    days: dict[date, list[dict[str, object]]] = {}
    for row in table.to_pylist():
        if row["missed"] >= _MOMENT:
            days.setdefault(row["day"], []).append(row)
    return tuple(_day(day, rows, len(set(listening))) for day, rows in days.items())


def _day(day: date, rows: Sequence[dict[str, object]], listening: int) -> Unheard:
    shares = [float(str(row["missed"])) for row in rows]
    deafest = rows[shares.index(max(shares))]
    return Unheard(
        day,
        tuple(str(row["source"]) for row in rows),
        max(shares),
        min(shares) if len(rows) >= listening else 0.0,
        None if deafest["reason"] is None else str(deafest["reason"]),
    )


def _between(
    warehouse: Warehouse, since: date, until: date, now: datetime
) -> tuple[datetime, datetime]:
    zone = ZoneInfo(warehouse.zone)
    begin = datetime.combine(since, time(), zone)
    end = datetime.combine(until + timedelta(days=1), time(), zone)
    return begin, max(begin, min(end, now))
