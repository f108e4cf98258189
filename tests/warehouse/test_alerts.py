"""An alert is raised for a burst, once, and for quiet series hardly ever."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from warehouse import annotations
from warehouse.facts import take_facts
from warehouse.queries import alert, alerts
from warehouse.rebuild import rebuild
from warehouse.signals.baseline import DAYS, GUARD
from warehouse.signals.detect import raise_alerts
from warehouse.signals.episodes import find_episodes, threshold
from warehouse.signals.series import Series

SEOUL = ZoneInfo("Asia/Seoul")
HOURS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 10, 12, 10, 9, 9, 9, 10, 12, 14, 16, 17, 14, 8])
WEEK = np.array([1.0, 0.95, 0.95, 1.0, 1.1, 1.2, 0.9])
TESTED = 60  # days after the first baseline


def series_of(mean, scatter, products, seed, days=DAYS + GUARD + TESTED):
    """Quiet counts with the shape of days and weeks, of `mean` an hour and variance / mean."""
    chance = np.random.default_rng(seed)
    first = date(2026, 1, 5)  # a Monday
    usual = mean * WEEK[np.arange(days) % 7][:, None] * (HOURS / HOURS.mean())
    usual = np.broadcast_to(usual, (products, days, 24))
    if scatter == 1:
        counts = chance.poisson(usual).astype(float)
    else:
        counts = chance.negative_binomial(usual / (scatter - 1), 1 / scatter).astype(float)
    known = np.full(products, -100)
    names = tuple(f"제품 {number}" for number in range(products))
    return Series(
        names,
        first,
        counts,
        counts.sum(0),
        known,
        known,
        np.ones(counts.shape),
        np.ones((days, 24)),
    )


def found(series):
    days = series.counts.shape[1]
    return find_episodes(series, DAYS + GUARD, (days - 1, 23), SEOUL)


@pytest.mark.parametrize("scatter", [1, 2, 5])
@pytest.mark.parametrize("mean", [0.2, 1, 5])
def test_quiet_series_hardly_ever_alert(mean, scatter):
    """At most one false alert a product and month; 12 products, 2 months."""
    assert len(found(series_of(mean, scatter, products=12, seed=4))) <= 24 / 4


def test_a_burst_is_found_where_it_is():
    series = series_of(1, 2, products=5, seed=1)
    day = DAYS + GUARD + 40
    series.counts[2, day, 10:16] += 8
    (burst,) = [each for each in found(series) if each.product == "제품 2"]
    start = datetime.combine(series.day(day), datetime.min.time(), SEOUL) + timedelta(hours=10)
    assert abs(burst.start - start) <= timedelta(hours=2)
    assert abs(burst.end - (start + timedelta(hours=6))) <= timedelta(hours=2)
    assert start < burst.noticed <= start + timedelta(hours=3)
    assert burst.seen > burst.high >= burst.expected >= burst.low
    assert burst.p_value < threshold(5)


def test_an_earlier_incident_does_not_hide_the_next():
    series = series_of(1, 1, products=1, seed=2)
    for day in (DAYS + GUARD + 20, DAYS + GUARD + 41):
        series.counts[0, day : day + 3, 8:20] += 6
    assert len(found(series)) == 2


def test_without_three_weeks_of_history_it_is_silent():
    series = series_of(0.5, 1, products=1, seed=2)
    start = DAYS + GUARD + 30
    series.counts[0, :start] = 0
    series.known[0] = start
    series.counts[0, start + 10, 8:20] += 9
    assert found(series) == []
    series.counts[0, start + 25, 8:20] += 9
    assert len(found(series)) == 1


def test_more_products_need_more_certainty():
    assert threshold(1) == pytest.approx(threshold(6)) == pytest.approx(1e-4)
    assert threshold(60) == pytest.approx(1e-5)


@pytest.fixture
def talk(house, row, now, annotated):
    """Seventy days of a product with four complaints a day; `burst` adds some about leaking."""

    def told(number, at, text):
        return row(number, product="해담 숨", created_at=at, text=text, author_id=f"u{number % 9}")

    rows = [
        told(number, now - timedelta(hours=6 * number + 3), f"소음이 조금 있어요 {number}")
        for number in range(280)
    ]

    def hear(said):
        house.land(said)
        house.load()
        waiting = annotations.pending(house.warehouse, "v1", 10_000)
        annotations.record(house.warehouse, annotated(waiting, "v1", lambda _: "negative"))

    def burst(first, hours):
        """Five an hour, beginning `first` hours ago."""
        hear(
            [
                told(
                    1000 * (first - hour) + minute,
                    now - timedelta(hours=first - hour, minutes=minute),
                    "물이 샙니다 누수 심해요",
                )
                for hour in range(hours)
                for minute in range(5)
            ]
        )

    hear(rows)
    return burst


def test_one_alert_an_episode_brought_up_to_date(house, now, talk):
    assert raise_alerts(house.warehouse, now) == 0
    talk(5, 2)
    assert raise_alerts(house.warehouse, now) == 1
    assert raise_alerts(house.warehouse, now) == 0
    (before,) = alerts(house.warehouse)
    talk(2, 2)
    assert raise_alerts(house.warehouse, now) == 0
    (after,) = alerts(house.warehouse)
    assert (after.alert_id, after.raised_at) == (before.alert_id, before.raised_at)
    assert after.window_end > before.window_end
    assert after.seen > before.seen > before.high


def test_an_alert_says_what_is_said_and_who_is_hit(house, now, talk, facts):
    house.land([{"customer_id": "c1", "name": "김하나"}], "customers", "crm")
    talk(4, 3)
    raise_alerts(house.warehouse, now)
    with house.warehouse.writing() as cursor:
        cursor.execute("INSERT INTO identities VALUES ('shop-reviews', 'u4', 'c1', 1.0, 'email')")
    (told,) = alerts(house.warehouse)
    assert set(told.terms) >= {"누수", "심해요"}
    assert "조금" not in told.terms
    assert told.share_of_copies > 0.9
    page = alert(house.warehouse, told.alert_id)
    assert page.sources == (("shop-reviews", told.seen),)
    assert [hit.customer_id for hit in page.customers] == ["c1"]
    assert all(told.window_start <= quote.created_at < told.window_end for quote in page.quotes)
    inside = page.series.filter(page.series["in_window"])
    assert sum(inside["seen"].to_pylist()) == told.seen
    assert sum(inside["expected"].to_pylist()) == pytest.approx(told.expected, rel=0.2)
    assert alert(house.warehouse, "none") is None
    take_facts(house.warehouse, facts(("alert_acknowledged", told.alert_id, {"by": "mina"})))
    assert alerts(house.warehouse)[0].acknowledged_by == "mina"


def test_a_rebuild_keeps_alerts_and_a_fresh_look_finds_the_same(house, now, talk):
    talk(4, 3)
    raise_alerts(house.warehouse, now)
    before = alerts(house.warehouse)
    rebuild(house.warehouse, house.landing)
    assert alerts(house.warehouse) == before
    assert raise_alerts(house.warehouse, now) == 0
    with house.warehouse.writing() as cursor:
        cursor.execute("TRUNCATE alerts")
        cursor.execute("TRUNCATE tested_days")
        cursor.execute("TRUNCATE revisions")
    assert raise_alerts(house.warehouse, now) == 1
    assert alerts(house.warehouse) == before
