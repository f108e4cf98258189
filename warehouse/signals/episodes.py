"""When something is wrong: hours whose counts the usual does not explain, joined to episodes.

Each hour is the end of windows of 1, 3, 6 and 24 hours; a window's count is held against the upper
tail of a negative binomial with the mean and variance of `baseline` (r = m / (f - 1), p = 1 / f;
Hilbe 2011, "Negative Binomial Regression", chapter 8, its linear form NB1).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from warehouse.signals.baseline import DAYS, GUARD, LEAST_DAYS, WINDOWS, Baseline, History, fit
from warehouse.signals.series import Counts, Series
from warehouse.signals.tails import central, upper_tail

LEAST_SEEN: Final = 5  # negative mentions, below which no window is worth a person's attention
LEAST_RATIO: Final = 1.5  # to what was expected
# The chance at which a window alerts: so that a product has about two false alerts a year, and a
# house of many products, like one of six, about one a month (Bonferroni over products; over hours
# and windows, which depend on each other, by simulation: benchmarks/alerts.py measures it).
_PRODUCT: Final = 1e-4
_HOUSE: Final = 6e-4
_SHORT: Final = 3  # hours
QUIET: Final = 24  # hours without a sign after which the next one begins a new episode


@dataclass(frozen=True)
class Episode:
    """One stretch of too many negative mentions of a product.

    `noticed` is the end of the hour in which it first showed, `start` and `end` bound it; aware
    times. 95 of 100 ordinary stretches of these hours have `low` to `high` negative mentions.
    """

    product: str
    noticed: datetime
    start: datetime
    end: datetime
    seen: int
    expected: float
    low: int
    high: int
    p_value: float


@dataclass(frozen=True)
class Usual:
    """What was expected of each hour tested: `mean` (P, D, 24), and the scatter of a day (P, D).

    NaN where history is too short.
    """

    mean: Counts
    scatter: Counts


@dataclass(frozen=True)
class _Signs:
    """The windows that showed something: place of product, hours since the first day, length, p."""

    product: npt.NDArray[np.int64]
    hour: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    p_value: Counts


def threshold(products: int) -> float:
    """The chance under which a window of one of so many products shows something is wrong."""
    return min(_PRODUCT, _HOUSE / max(products, 1))


def find_episodes(
    series: Series, since: int, until: tuple[int, int], zone: ZoneInfo
) -> list[Episode]:
    """The episodes in the days from place `since` to the day and hour `until`, both included."""
    usual, signs = _test(series, since, until)
    episodes: list[Episode] = []
    for place in np.unique(signs.product):
        of_product = signs.product == place
        order = np.lexsort((signs.p_value[of_product], signs.hour[of_product]))
        hours, lengths, chances = (
            column[of_product][order] for column in (signs.hour, signs.length, signs.p_value)
        )
        breaks = np.flatnonzero(np.diff(hours) > QUIET) + 1
        episodes += [
            _episode(series, usual, int(place), hours[part], lengths[part], chances[part], zone)
            for part in np.split(np.arange(len(hours)), breaks)
        ]
    return episodes


def usual_of(series: Series, since: int, until: int) -> Usual:
    """What is expected in each hour of the days `since` to `until`, both included."""
    usual = Usual(np.full(series.counts.shape, np.nan), np.full(series.counts.shape[:2], np.nan))
    for day, baseline in _baselines(series, since, until):
        enough = baseline.days >= LEAST_DAYS
        mean = baseline.expected(_weekday(series, day)) * series.heard[:, day]
        usual.mean[enough, day] = mean[enough]
        usual.scatter[enough, day] = baseline.scatter[enough, -1]
    return usual


def interval(mean: Counts, scatter: Counts) -> tuple[Counts, Counts]:
    """The counts between which 95 of 100 ordinary ones are."""
    return central(mean, scatter, 0.95)


def _baselines(series: Series, since: int, until: int) -> Iterator[tuple[int, Baseline]]:
    """The baseline of each day, where there are days enough before it."""
    first = series.first.weekday()
    for day in range(max(since, DAYS + GUARD), until + 1):
        days = np.arange(day - GUARD - DAYS, day - GUARD)
        known = days[None, :] >= series.known[:, None]
        yield day, fit(
            History(
                series.counts[:, days], series.pooled[days], known, (first + days) % 7,
                series.heard[:, days], series.pooled_heard[days],
            )
        )  # fmt: skip


def _test(series: Series, since: int, until: tuple[int, int]) -> tuple[Usual, _Signs]:
    shape = series.counts.shape
    usual = Usual(np.full(shape, np.nan), np.full(shape[:2], np.nan))
    found: list[tuple[npt.NDArray[np.int64], ...]] = []
    chances: list[Counts] = []
    for day, baseline in _baselines(series, since, until[0]):
        weekday = _weekday(series, day)
        mean = baseline.expected(weekday) * series.heard[:, day]
        before = baseline.expected((weekday - 1) % 7) * series.heard[:, day - 1]
        usual.mean[:, day], usual.scatter[:, day] = mean, baseline.scatter[:, -1]
        means = np.concatenate([before, mean], axis=1)
        seen = series.counts[:, day - 1 : day + 1].reshape(len(series.products), 48)
        hours = until[1] + 1 if day == until[0] else 24
        # An hour that was not heard is not judged: it is when its gap is closed.
        judged = (series.heard[:, day] > 0) & (baseline.days >= LEAST_DAYS)[:, None]
        chance = threshold(int(np.searchsorted(series.house, day - LEAST_DAYS, "right")))
        for place, length in enumerate(WINDOWS):
            counted, expected = (
                _windows(seen, length)[:, :hours],
                _windows(means, length)[:, :hours],
            )
            worth = (counted >= LEAST_SEEN) & (counted >= LEAST_RATIO * expected)
            worth &= judged[:, :hours]
            product, hour = np.nonzero(worth)
            scatter = baseline.scatter[product, place]
            tail = upper_tail(counted[product, hour], expected[product, hour], scatter)
            low = tail < chance
            product, hour = product[low], hour[low]
            found.append((product, day * 24 + hour, np.full(len(hour), length)))
            chances.append(tail[low])
    if not found:
        none = np.zeros(0, np.int64)
        return usual, _Signs(none, none, none, np.zeros(0))
    products, hours_seen, lengths = (np.concatenate(each) for each in zip(*found, strict=True))
    return usual, _Signs(products, hours_seen, lengths, np.concatenate(chances))


def _windows(hourly: Counts, length: int) -> Counts:
    """Sums over the windows that end with each of the last 24 of 48 hours: (P, 24)."""
    summed = np.concatenate([np.zeros((len(hourly), 1)), hourly.cumsum(1)], axis=1)
    sums: Counts = summed[:, 25:49] - summed[:, 25 - length : 49 - length]
    return sums


def _episode(
    series: Series,
    usual: Usual,
    place: int,
    hours: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
    chances: Counts,
    zone: ZoneInfo,
) -> Episode:
    """Join signs, which are in the order of their hours.

    A long window goes on showing what has passed, so the episode is that stretch of all their hours
    which is least like the usual, and whatever windows of up to three hours show beside it.
    """
    noticed, day = int(hours[0]) + 1, int(hours[0]) // 24
    since = noticed - int(lengths[hours == hours[0]].max())
    seen = series.counts[place].reshape(-1)[since : int(hours[-1]) + 1]
    means = usual.mean[place].reshape(-1)
    # The first day tested may reach back into one that was not: there, as in the hour it showed.
    mean = np.nan_to_num(means[since : int(hours[-1]) + 1], nan=float(means[hours[0]]))
    start, end = _stretch(seen, mean)
    short = hours[lengths <= _SHORT] + 1 - since
    end = max(end, *short.tolist()) if len(short) else end
    while seen[end - 1] <= mean[end - 1]:  # a short window, too, outlasts what it shows
        end -= 1
    expected = float(mean[start:end].sum())
    low, high = interval(np.array(expected), np.array(usual.scatter[place, day]))
    return Episode(
        product=series.products[place],
        noticed=_time(series, noticed, zone),
        start=_time(series, since + start, zone),
        end=_time(series, since + end, zone),
        seen=int(seen[start:end].sum()),
        expected=expected,
        low=int(low),
        high=int(high),
        p_value=float(chances.min()),
    )


def _stretch(seen: Counts, mean: Counts) -> tuple[int, int]:
    """The hours, from and until, of the greatest likelihood ratio against the usual: of all
    stretches with more than expected, that with the largest S ln(S / E) - (S - E) (Kulldorff 1997,
    "A spatial scan statistic", Communications in Statistics 26(6), in time alone)."""
    summed, usual = (np.concatenate([[0.0], each.cumsum()]) for each in (seen, mean))
    counted = np.maximum(summed[None, :] - summed[:, None], 1e-9)
    expected = np.maximum(usual[None, :] - usual[:, None], 1e-9)
    ratio = np.where(
        counted > expected, counted * np.log(counted / expected) - (counted - expected), 0.0
    )
    start, end = np.unravel_index(int(ratio.argmax()), ratio.shape)
    return int(start), int(end)


def _time(series: Series, hour: int, zone: ZoneInfo) -> datetime:
    day = series.day(hour // 24)
    return datetime(day.year, day.month, day.day, hour % 24, tzinfo=zone)


def _weekday(series: Series, day: int) -> int:
    return (series.first + timedelta(days=day)).weekday()
