"""Chance that a seed decides: the same draws on every machine and in every process."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def stream(seed: int, part: str) -> Random:
    """Chance for one part of the market, so that a change to one part leaves the others alone."""
    return Random(f"madang demo {seed} {part}")  # noqa: S311 - a simulation, not a secret


def drawn(rng: Random, shares: Sequence[tuple[T, float]]) -> T:
    """One of `shares`, which are things with their probabilities and sum to 1."""
    left = rng.random()
    for thing, share in shares:
        left -= share
        if left < 0:
            return thing
    return shares[-1][0]
