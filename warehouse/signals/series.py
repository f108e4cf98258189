"""Negative mentions by product and local hour, as arrays to compute on.

Hours are those of the warehouse's zone; where clocks are set back, the doubled hour is counted as
one. A mention counts when it was written, not when it was collected.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from warehouse import ask

Counts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """`counts`: negative mentions by product, day from `first` on, and hour: (P, D, 24).

    `pooled`: those of all products together, whether listed here or not: (D, 24). `known`: for each
    product the place of the day of its first mention, negative where that is before `first`: (P,).
    `house`: the same of every product there is, in order.
    """

    products: tuple[str, ...]
    first: date
    counts: Counts
    pooled: Counts
    known: npt.NDArray[np.int64]
    house: npt.NDArray[np.int64]

    def day(self, place: int) -> date:
        return self.first + timedelta(days=place)

    def place(self, day: date) -> int:
        return (day - self.first).days


def read_series(
    cursor: duckdb.DuckDBPyConnection, products: tuple[str, ...], first: date, last: date
) -> Series:
    """The series of `products` from `first` to `last`, both included."""
    days = (last - first).days + 1
    wanted = {"products": list(products), "first": first, "last": last}
    rows = ask.table(
        cursor,
        """
        SELECT list_position($products::VARCHAR[], product) - 1 AS place, day - $first AS day,
            hour(created_at) AS hour, count(*) AS n
        FROM heard
        WHERE sentiment = 'negative' AND product IS NOT NULL AND day BETWEEN $first AND $last
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
    )


def _known(cursor: duckdb.DuckDBPyConnection, first: date) -> dict[str, int]:
    """The place of the day on which each product was first mentioned."""
    rows = ask.table(
        cursor,
        "SELECT product, (min(day) - $first)::BIGINT AS place FROM daily "
        "WHERE product IS NOT NULL GROUP BY product",
        {"first": first},
    )
    return dict(zip(*(column.to_pylist() for column in rows.columns), strict=True))
