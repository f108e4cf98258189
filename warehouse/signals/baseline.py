"""What is usual: the expected number of negative mentions in an hour, and how much it scatters.

After Noufaily et al. 2013, "An improved algorithm for outbreak detection in multiple surveillance
systems", Statistics in Medicine 32(7), which improves Farrington et al. 1996: a level fitted to
the time before, days of earlier outbreaks weighted down, and counts that are negative binomial
with mean m and variance f m. Their seasons of a year are here those of a week: the same hours of
the eight weeks before, the day left out that precedes the one under test. Time that was not heard
is no time without mentions: every rate is of what was heard (as exposure, an offset of the model).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from warehouse.signals.series import Counts

DAYS: Final = 56  # of the baseline
GUARD: Final = 1  # days between the baseline and the day under test
LEAST_DAYS: Final = 21  # of history, below which nothing is said
WINDOWS: Final = (1, 3, 6, 24)  # hours, each a divisor of 24

_OUTLIER: Final = 2.58  # residual beyond which a day weighs less (Noufaily et al., section 3.4)
# Pseudo-counts, in negative mentions: a product with as many of its own follows its own rhythm by
# half, and the rhythm of all products by half.
_WEEK_PRIOR: Final = 50.0
_HOUR_PRIOR: Final = 200.0
# A product of few mentions is taken to scatter as mentions commonly do.
_SCATTER_PRIOR: Final = 1.5
_SCATTER_WEIGHT: Final = 20.0
_LEAST_SCATTER: Final = 1.05
_ENOUGH: Final = 0.25  # of a day, from which what was heard of it tells of the whole

Weekdays = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Baseline:
    """What is usual for each of P products.

    `level`: mentions on an average day (P,). `week`: the factor of each weekday (P, 7). `hours`:
    the shares of the hours of a working day and of a weekend day (P, 2, 24). `scatter`: variance
    divided by mean of counts over each of WINDOWS (P, 4), the uncertainty of the fit included.
    `days`: of history (P,).
    """

    level: Counts
    week: Counts
    hours: Counts
    scatter: Counts
    days: npt.NDArray[np.int64]

    def expected(self, weekday: int) -> Counts:
        """Mentions expected in each hour of a day: (P, 24)."""
        of_day = self.level * self.week[:, weekday]
        return of_day[:, None] * self.hours[:, int(weekday >= 5)]


@dataclass(frozen=True)
class History:
    """The days before the one under test, of P products.

    `counts` (P, DAYS, 24), `pooled` (DAYS, 24) those of all products together, `known` (P, DAYS)
    the days since a product was first mentioned, `week` (DAYS,) their weekdays; `heard` and
    `pooled_heard`, of the shape of the counts, the part of each hour that was heard (0 to 1).
    """

    counts: Counts
    pooled: Counts
    known: npt.NDArray[np.bool_]
    week: Weekdays
    heard: Counts
    pooled_heard: Counts


def fit(history: History) -> Baseline:
    """Fit what is usual to the days before."""
    week, known = history.week, history.known
    totals = history.counts.sum(axis=2)
    weekly, hourly = _rhythm(history)
    # Of a day's mentions, those that were heard.
    part = known * np.einsum("pdh,dh->pd", history.heard, hourly[(week >= 5).astype(int)])
    usual = part * weekly[week]
    capped = np.where(known, np.minimum(totals, _cap(totals, part)[:, None] * part), 0.0)
    level = (capped.sum(1) + 1) / np.maximum(usual.sum(1), 1e-9)
    weight = known * _weights(totals, capped, level[:, None] * usual)
    own_week = _own_week(totals, weight, part, weekly, level, week)
    usual = part * own_week[:, week]
    # One mention is added: a product that never had any is still expected to have one some day.
    level = ((weight * totals).sum(1) + 1) / np.maximum((weight * usual).sum(1), 1e-9)
    own_hours = _own_hours(history, weight, hourly)
    hours = own_hours[:, (week >= 5).astype(int)] * history.heard
    scatter = _scatter(
        history.counts, (level[:, None] * own_week[:, week])[:, :, None] * hours, weight
    )
    days = part.sum(1) + 1e-6
    weekend_days = np.maximum(days * 2 / 7, 1)
    return Baseline(
        level, own_week, own_hours, scatter * (1 + 1 / weekend_days)[:, None], days.astype(np.int64)
    )


def _cap(totals: Counts, part: Counts) -> Counts:
    """A day's total beyond which it is no ordinary day, by median and median deviation: (P,).

    Days of which little was heard say little of it.
    """
    days = np.where(part >= _ENOUGH, totals / np.maximum(part, _ENOUGH), np.nan)
    days[np.isnan(days).all(1)] = 0
    middle = np.nanmedian(days, axis=1)
    deviation = 1.4826 * np.nanmedian(np.abs(days - middle[:, None]), axis=1)
    return np.asarray(middle + 3 * np.maximum(deviation, np.sqrt(middle + 1)) + 2)


def _weights(totals: Counts, capped: Counts, usual: Counts) -> Counts:
    """The weight of each day: less than 1 for days of an outbreak. (P, DAYS)"""
    scatter = ((capped - usual) ** 2).sum(1) / np.maximum(usual.sum(1), 1e-9)
    spread = np.sqrt(np.maximum(scatter, 1.0)[:, None] * usual + 1e-9)
    residual = np.maximum((totals - usual) / spread, 1e-9)
    return np.asarray(np.where(residual > _OUTLIER, (_OUTLIER / residual) ** 2, 1.0))


def _rhythm(history: History) -> tuple[Counts, Counts]:
    """Of all products together: the factor of each weekday (7,), the shares of hours (2, 24)."""
    week, pooled, heard = history.week, history.pooled, history.pooled_heard
    hourly = np.ones((2, 24)) / 2.4  # ten mentions spread over the day
    for kind in (0, 1):
        days = (week >= 5) == bool(kind)
        hourly[kind] += _as_if_heard(pooled[days].sum(0), heard[days].sum(0), days.sum())
    hourly /= hourly.sum(1, keepdims=True)
    part = (heard * hourly[(week >= 5).astype(int)]).sum(1)
    totals = pooled.sum(1)
    days = totals / np.maximum(part, _ENOUGH)
    usual = 3 * np.median(days[part >= _ENOUGH]) + 3 if (part >= _ENOUGH).any() else np.inf
    totals = np.minimum(totals, usual * part)
    mean = totals.sum() / max(part.sum(), 1e-9) + 1e-9
    of_week = np.bincount(week, totals, 7)
    weekly = (of_week + mean) / (np.bincount(week, part, 7) * mean + mean)
    return weekly, hourly


def _as_if_heard(seen: Counts, heard: Counts, full: float) -> Counts:
    """Counts by hour as they would be had each been heard `full` times; where one never was, the
    mean of the others stands for it."""
    counts = seen * full / np.maximum(heard, 1e-9)
    if (heard > 0).any():
        counts = np.where(heard > 0, counts, counts[heard > 0].mean())
    return np.asarray(counts)


def _own_week(
    totals: Counts, weight: Counts, part: Counts, weekly: Counts, level: Counts, week: Weekdays
) -> Counts:
    is_day = np.eye(7)[week]  # (DAYS, 7)
    seen = (weight * totals) @ is_day
    usual = (weight * part) @ is_day * level[:, None]
    own: Counts = (seen + _WEEK_PRIOR * weekly) / (usual + _WEEK_PRIOR)
    return own


def _own_hours(history: History, weight: Counts, hourly: Counts) -> Counts:
    """Shares of the hours: what was seen in each by how often it was heard, towards `hourly`."""
    shares = np.empty((len(weight), 2, 24))
    for kind in (0, 1):
        days = (history.week >= 5) == bool(kind)
        seen = np.einsum("pd,pdh->ph", weight[:, days], history.counts[:, days])
        heard = np.einsum("pd,pdh->ph", weight[:, days], history.heard[:, days])
        heard = heard / np.maximum(weight[:, days].sum(1), 1e-9)[:, None]
        total = seen.sum(1) / np.maximum((heard * hourly[kind]).sum(1), 1e-9)
        prior = _HOUR_PRIOR * hourly[kind]
        shares[:, kind] = (seen + prior) / (total[:, None] * heard + _HOUR_PRIOR)
    own: Counts = shares / shares.sum(2, keepdims=True)
    return own


def _scatter(history: Counts, usual: Counts, weight: Counts) -> Counts:
    """Variance by mean over windows of each length, by moments; longer windows scatter no less."""
    found = np.empty((len(history), len(WINDOWS)))
    for place, hours in enumerate(WINDOWS):
        cut = (*history.shape[:2], 24 // hours, hours)
        squares = (history.reshape(cut).sum(3) - usual.reshape(cut).sum(3)) ** 2
        seen = (weight * squares.sum(2)).sum(1) + _SCATTER_WEIGHT * _SCATTER_PRIOR
        found[:, place] = seen / ((weight * usual.sum(2)).sum(1) + _SCATTER_WEIGHT)
    return np.maximum.accumulate(np.maximum(found, _LEAST_SCATTER), axis=1)
