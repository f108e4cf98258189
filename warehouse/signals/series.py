"""Negative mentions by product and local hour, as arrays to compute on.

Hours are those of the warehouse's zone; where clocks are set back, the doubled hour is counted as
one. A mention counts when it was written, not when it was collected. An hour of a source that was
not heard does not count at all: neither its mentions nor, in its source's part, as time.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt

from warehouse import ask, coverage

Counts = npt.NDArray[np.float64]

_NOT_HEARD: Final = 0.01  # of what would have been said: less is nothing to be judged by


@dataclass(frozen=True)
class Series:
    """`counts`: negative mentions by product, day from `first` on, and hour: (P, D, 24).

    `pooled`: those of all products together, whether listed here or not: (D, 24). `known`: for each
    product the place of the day of its first mention, negative where that is before `first`: (P,).
    `house`: the same of every product there is, in order. `heard`: the part of its mentions that
    would have been heard in an hour, 1 where all its sources listened (P, D, 24); `pooled_heard`:
    that of all products together (D, 24).
    """

    products: tuple[str, ...]
    first: date
    counts: Counts
    pooled: Counts
    known: npt.NDArray[np.int64]
    house: npt.NDArray[np.int64]
    heard: Counts
    pooled_heard: Counts

    def day(self, place: int) -> date:
        return self.first + timedelta(days=place)

    def place(self, day: date) -> int:
        return (day - self.first).days


def read_series(
    cursor: duckdb.DuckDBPyConnection,
    products: tuple[str, ...],
    first: date,
    last: date,
    now: datetime,
) -> Series:
    """The series of `products` from `first` to `last`, both included, as known at `now`."""
    days = (last - first).days + 1
    coverage.unheard_hours(cursor, now, first)
    wanted = {"products": list(products), "first": first, "last": last}
    rows = ask.table(
        cursor,
        f"""
        SELECT list_position($products::VARCHAR[], product) - 1 AS place, day - $first AS day,
            hour, count(*) AS n
        FROM ({_COUNTED}) ANTI JOIN unheard_hours USING (source, day, hour)
        GROUP BY ALL
        """,
        wanted,
    )
    day, hour, n = (rows.column(name).to_numpy() for name in ("day", "hour", "n"))
    pooled = np.zeros((days, 24))
    np.add.at(pooled, (day, hour), n)
    listed = rows.column("place").is_valid().to_numpy()
    places: Any = rows.column("place")
    place = places.fill_null(0).to_numpy()
    counts = np.zeros((len(products), days, 24))
    np.add.at(counts, (place[listed], day[listed], hour[listed]), n[listed])
    known = _known(cursor, first)
    return Series(
        products,
        first,
        counts,
        pooled,
        np.array([known[product] for product in products], np.int64),
        np.array(sorted(known.values()), np.int64),
        *_heard(cursor, wanted, days, len(products)),
    )


_COUNTED: Final = """
    SELECT source, product, day, hour(created_at) AS hour FROM heard
    WHERE sentiment = 'negative' AND product IS NOT NULL AND day BETWEEN $first AND $last
"""
# What each source brought of the products listed, and (null) of all others; in how many hours.
_BROUGHT: Final = f"""
    WITH counted AS (
        SELECT source, list_position($products::VARCHAR[], product) - 1 AS place, count(*) AS n
        FROM ({_COUNTED}) ANTI JOIN unheard_hours USING (source, day, hour) GROUP BY ALL
    ),
    began AS (SELECT source, greatest(min(day), $first) AS began FROM daily GROUP BY source),
    deaf AS (
        SELECT source, count(*) AS hours FROM unheard_hours JOIN began USING (source)
        WHERE day BETWEEN began AND $last GROUP BY source
    )
    SELECT source, place, n,
        greatest(24 * ($last - began + 1) - coalesce(hours, 0), 1)::DOUBLE AS hours
    FROM counted JOIN began USING (source) LEFT JOIN deaf USING (source)
"""


def _heard(
    cursor: duckdb.DuckDBPyConnection, wanted: dict[str, Any], days: int, products: int
) -> tuple[Counts, Counts]:
    """The part of the mentions heard in each hour, of each product and of all together."""
    if ask.number(cursor, "SELECT count(*) FROM unheard_hours") == 0:
        return np.broadcast_to(np.float64(1), (products, days, 24)), np.ones((days, 24))
    shares = _shares(cursor, wanted, products)
    rows = ask.table(
        cursor,
        "SELECT source, day - $first AS day, hour FROM unheard_hours "
        "WHERE day BETWEEN $first AND $last",
        {"first": wanted["first"], "last": wanted["last"]},
    )
    heard = np.ones((products + 1, days, 24))
    for source, day, hour in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        if source in shares:
            heard[:, day, hour] -= shares[source]
    heard[heard < _NOT_HEARD] = 0
    return heard[:products], heard[products]


def _shares(
    cursor: duckdb.DuckDBPyConnection, wanted: dict[str, Any], products: int
) -> dict[str, Counts]:
    """The part of each product's mentions that a source brings, and last of all together, as it was
    in the hours in which each was heard: (P + 1,) by source."""
    rates: dict[str, Counts] = {}
    for row in ask.table(cursor, _BROUGHT, wanted).to_pylist():
        rate = rates.setdefault(row["source"], np.zeros(products + 1))
        if row["place"] is not None:
            rate[row["place"]] += row["n"] / row["hours"]
        rate[products] += row["n"] / row["hours"]
    total = np.maximum(np.sum(list(rates.values()), axis=0), 1e-12) if rates else np.ones(1)
    return {source: rate / total for source, rate in rates.items()}


def _known(cursor: duckdb.DuckDBPyConnection, first: date) -> dict[str, int]:
    """The place of the day on which each product was first mentioned."""
    rows = ask.table(
        cursor,
        "SELECT product, (min(day) - $first)::BIGINT AS place FROM daily "
        "WHERE product IS NOT NULL GROUP BY product",
        {"first": first},
    )
    return dict(zip(*(column.to_pylist() for column in rows.columns), strict=True))
