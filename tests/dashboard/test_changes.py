"""When a difference is one to speak of; the tests of significance checked by simulation."""

import numpy as np
import pytest

from dashboard import changes
from warehouse.queries import Totals


def totals(negative: int, neutral: int, positive: int) -> Totals:
    read = negative + neutral + positive
    net = (positive - negative) / read if read else None
    return Totals(
        mentions=read, negative=negative, neutral=neutral, positive=positive, unread=0,
        net_sentiment=net,
    )  # fmt: skip


def test_counts() -> None:
    assert changes.of_counts(400, 300).direction == "up"
    assert changes.of_counts(400, 300).amount == pytest.approx(1 / 3)
    assert changes.of_counts(300, 400).direction == "down"
    assert changes.of_counts(310, 300).direction == "same"
    assert changes.of_counts(12, 3).direction == "few"
    assert changes.of_counts(12, 0).direction == "few"


def test_net_sentiment() -> None:
    assert changes.of_net_sentiment(totals(100, 100, 300), totals(200, 100, 200)).direction == "up"
    assert (
        changes.of_net_sentiment(totals(200, 100, 200), totals(100, 100, 300)).direction == "down"
    )
    assert changes.of_net_sentiment(totals(9, 5, 9), totals(5, 5, 9)).direction == "few"
    assert changes.of_net_sentiment(totals(0, 0, 0), totals(0, 0, 0)).direction == "few"
    assert changes.of_net_sentiment(totals(0, 0, 50), totals(0, 0, 50)).direction == "same"


def test_negative_share() -> None:
    change = changes.of_negative_share(totals(150, 100, 250), totals(50, 100, 350))
    assert (change.direction, round(change.amount, 3)) == ("up", 0.2)
    assert changes.negative_share(totals(1, 1, 2)) == 0.25
    assert changes.negative_share(totals(0, 0, 0)) is None


def test_two_equal_markets_are_called_different_one_time_in_twenty() -> None:
    """The second method: draw both periods from one distribution and count the false reports."""
    draw = np.random.default_rng(11)
    told = {"counts": 0, "net": 0, "share": 0}
    rounds = 2_000
    for _ in range(rounds):
        a, b = (draw.multinomial(400, (0.2, 0.3, 0.5)) for _ in range(2))
        now, then = (totals(*map(int, part)) for part in (a, b))
        told["net"] += changes.of_net_sentiment(now, then).told
        told["share"] += changes.of_negative_share(now, then).told
        counts = draw.poisson(200, 2)
        told["counts"] += changes.of_counts(int(counts[0]), int(counts[1])).told
    for name, times in told.items():
        assert 0.035 < times / rounds < 0.065, name
