"""How often alerts are false, and how often they are raised, on series whose truth is known.

    python benchmarks/alerts.py [--products 6] [--days 180] [--rounds 5]

Quiet series: counts of Poisson (scatter 1) and negative binomial (scatter 2 and 5: variance by
mean), low to high in volume, shaped by the hours of the day and the days of the week; every alert
on them is false. Bursts: on the same series, three times as many for six hours in the middle of a
day; a burst is found when an alert overlaps it. The baseline, on the same series: a window of six
hours beyond the mean of all such windows in the eight weeks before by three standard deviations,
and of no fewer than five mentions. `--products` is the size of a house, on which the threshold
depends; a house is drawn `--rounds` times.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from warehouse.signals.baseline import DAYS, GUARD
from warehouse.signals.episodes import LEAST_SEEN, QUIET, find_episodes
from warehouse.signals.series import Series

ZONE = ZoneInfo("Asia/Seoul")
# When people write, in Korean local hours, and on which weekdays.
HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 10, 12, 10, 9, 9, 9, 10, 12, 14, 16, 17, 14, 8])
WEEK = np.array([1.0, 0.95, 0.95, 1.0, 1.1, 1.2, 0.9])
MEANS = (0.05, 0.2, 1.0, 5.0, 20.0)  # negative mentions an hour
SCATTERS = (1, 2, 5)
FIRST = DAYS + GUARD
BURST_HOURS, BURST_TIMES, BURST_START = 6, 3, 11
BETWEEN = 12  # days from one burst to the next


@dataclass(frozen=True)
class Houses:
    """How much is drawn; the same rounds for every kind of series."""

    products: int
    days: int
    rounds: int

    def each(self) -> Iterator[tuple[np.random.Generator, tuple[int, int, int]]]:
        for number in range(self.rounds):
            yield np.random.default_rng(number), (self.products, FIRST + self.days, 24)


def usual(mean: float, days: int) -> npt.NDArray[np.float64]:
    """What is to be expected of each hour: (days, 24)."""
    shape: npt.NDArray[np.float64] = WEEK[np.arange(days) % 7][:, None] * (HOURS / HOURS.mean())
    return mean * shape


def drawn(
    chance: np.random.Generator, mean: npt.NDArray[np.float64], scatter: int
) -> npt.NDArray[np.float64]:
    if scatter == 1:
        return chance.poisson(mean).astype(float)
    return chance.negative_binomial(mean / (scatter - 1), 1 / scatter).astype(float)


def series_of(counts: npt.NDArray[np.float64]) -> Series:
    products = len(counts)
    known = np.full(products, -DAYS)
    names = tuple(f"product {number}" for number in range(products))
    return Series(
        names,
        date(2026, 1, 5),
        counts,
        counts.sum(0),
        known,
        known,
        np.ones(counts.shape),
        np.ones(counts.shape[1:]),
    )  # a Monday


def ours(counts: npt.NDArray[np.float64]) -> list[tuple[int, int, int]]:
    """(product, first hour, hour after the last) of each alert."""
    series = series_of(counts)
    start = datetime.combine(series.first, datetime.min.time(), ZONE)
    places = {name: place for place, name in enumerate(series.products)}
    hour = timedelta(hours=1)
    return [
        (places[each.product], (each.start - start) // hour, (each.end - start) // hour)
        for each in find_episodes(series, FIRST, (counts.shape[1] - 1, 23), ZONE)
    ]


def three_sigma(counts: npt.NDArray[np.float64]) -> list[tuple[int, int, int]]:
    """The same of the baseline."""
    flat = counts.reshape(len(counts), -1)
    summed = np.concatenate([np.zeros((len(flat), 1)), flat.cumsum(1)], axis=1)
    windows = summed[:, BURST_HOURS:] - summed[:, :-BURST_HOURS]
    found = []
    for day in range(FIRST, counts.shape[1]):
        before = windows[:, (day - FIRST) * 24 : (day - GUARD) * 24 - BURST_HOURS]
        limit = before.mean(1) + 3 * before.std(1)
        now = windows[:, day * 24 - BURST_HOURS + 1 : (day + 1) * 24 - BURST_HOURS + 1]
        for product, hour in zip(
            *np.nonzero((now > limit[:, None]) & (now >= LEAST_SEEN)), strict=True
        ):
            end = day * 24 + int(hour) + 1
            found.append((int(product), end - BURST_HOURS, end))
    return joined(found)


def joined(windows: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Windows of a product less than a quiet day apart are one alert."""
    alerts: list[tuple[int, int, int]] = []
    for product, start, end in sorted(windows):
        if alerts and alerts[-1][0] == product and start <= alerts[-1][2] + QUIET:
            alerts[-1] = (product, alerts[-1][1], max(end, alerts[-1][2]))
        else:
            alerts.append((product, start, end))
    return alerts


def false_alerts(mean: float, scatter: int, houses: Houses) -> dict[str, Any]:
    counts = [
        drawn(chance, np.broadcast_to(usual(mean, FIRST + houses.days), shape), scatter)
        for chance, shape in houses.each()
    ]
    years = houses.products * houses.days * houses.rounds / 365
    return {
        "mean_an_hour": mean,
        "scatter": scatter,
        "false_a_product_year": round(sum(len(ours(each)) for each in counts) / years, 2),
        "three_sigma": round(sum(len(three_sigma(each)) for each in counts) / years, 2),
    }


def power(mean: float, scatter: int, houses: Houses) -> dict[str, Any]:
    raised = usual(mean, FIRST + houses.days)
    bursts = list(range(FIRST + 3, FIRST + houses.days, BETWEEN))
    # Three times the average hour's rate, over what the hour has anyway.
    raised[bursts, BURST_START : BURST_START + BURST_HOURS] += (BURST_TIMES - 1) * mean
    counts = [
        drawn(chance, np.broadcast_to(raised, shape), scatter) for chance, shape in houses.each()
    ]
    in_all = len(bursts) * houses.products * houses.rounds
    return {
        "mean_an_hour": mean,
        "scatter": scatter,
        "found": round(sum(_found(ours(each), bursts) for each in counts) / in_all, 3),
        "three_sigma": round(sum(_found(three_sigma(each), bursts) for each in counts) / in_all, 3),
    }


def _found(alerts: list[tuple[int, int, int]], bursts: list[int]) -> int:
    """How many bursts an alert overlaps."""
    return len(
        {
            (product, day)
            for product, start, end in alerts
            for day in bursts
            if start < day * 24 + BURST_START + BURST_HOURS and end > day * 24 + BURST_START
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--products", type=int, default=6)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--rounds", type=int, default=5)
    houses = Houses(**vars(parser.parse_args()))
    quiet = [false_alerts(mean, scatter, houses) for mean in MEANS for scatter in SCATTERS]
    bursts = [power(mean, scatter, houses) for mean in MEANS[2:] for scatter in SCATTERS]
    worst = max(each["false_a_product_year"] for each in quiet)
    print(json.dumps({"quiet": quiet, "worst": worst, "bursts": bursts}, indent=2))


if __name__ == "__main__":
    main()
