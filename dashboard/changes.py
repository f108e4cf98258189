"""What changed between a period and the one before it, and whether enough was said to tell."""

from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

from warehouse.queries import Totals

FEWEST: Final = 30  # below this many in either period a difference is not worth a sentence
SURE: Final = 1.96  # the two-sided 5 % point of the normal distribution

Direction = Literal["up", "down", "same", "few"]


@dataclass(frozen=True)
class Change:
    """A difference and what may be said of it.

    `amount` is relative for counts (0.12 is 12 % more) and absolute for shares and net sentiment.
    `few` means that the sample is too small; `same` that chance alone would often give as much.
    """

    amount: float
    direction: Direction

    @property
    def told(self) -> bool:
        """Whether the difference is one to report."""
        return self.direction in ("up", "down")


def _change(amount: float, z: float, fewest: int) -> Change:
    if fewest < FEWEST:
        return Change(amount, "few")
    if abs(z) < SURE:
        return Change(amount, "same")
    return Change(amount, "up" if amount > 0 else "down")


def of_counts(now: int, before: int) -> Change:
    """How a count moved; the normal form of the test of two Poisson counts.

    Przyborowski and Wilenski (1940): given their sum, equal rates make z = (a - b) / sqrt(a + b)
    about standard normal.
    """
    if not before:
        return Change(0.0, "few")
    return _change(now / before - 1, (now - before) / sqrt(now + before), min(now, before))


def of_net_sentiment(now: Totals, before: Totals) -> Change:
    """How net sentiment moved, in -2..2: a z test of two means of -1, 0 and 1."""
    here, there = _read(now), _read(before)
    if not here or not there or now.net_sentiment is None or before.net_sentiment is None:
        return Change(0.0, "few")
    amount = now.net_sentiment - before.net_sentiment
    error = sqrt(_variance(now) / here + _variance(before) / there)
    return _change(amount, amount / error if error else 0.0, min(here, there))


def of_negative_share(now: Totals, before: Totals) -> Change:
    """How the share of negative mentions moved, in -1..1: the pooled z test of two proportions."""
    here, there = _read(now), _read(before)
    if not here or not there:
        return Change(0.0, "few")
    amount = now.negative / here - before.negative / there
    pooled = (now.negative + before.negative) / (here + there)
    error = sqrt(pooled * (1 - pooled) * (1 / here + 1 / there))
    return _change(amount, amount / error if error else 0.0, min(here, there))


def negative_share(totals: Totals) -> float | None:
    """The share of negative among the mentions read; None where none was."""
    read = _read(totals)
    return totals.negative / read if read else None


def _read(totals: Totals) -> int:
    return totals.negative + totals.neutral + totals.positive


def _variance(totals: Totals) -> float:
    read = _read(totals)
    mean = (totals.positive - totals.negative) / read
    return (totals.positive + totals.negative) / read - mean * mean
