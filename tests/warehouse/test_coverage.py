"""What was not heard is told apart from what was not said, and raises no alert."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from warehouse import annotations
from warehouse.landing import Batch
from warehouse.queries import alert, alerts
from warehouse.queries.choice import Filter
from warehouse.queries.coverage import frontiers, gaps, unheard, unheard_days
from warehouse.rebuild import digest, rebuild
from warehouse.records import COVERAGE
from warehouse.signals.detect import raise_alerts

T0 = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)  # nine in the morning in Seoul
NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)


def at(hours):
    return T0 + timedelta(hours=hours)


@pytest.fixture
def say(house):
    """Land and load coverage: (state, from hour, to hour[, part]) in the order it was recorded."""
    told = iter(range(10_000))

    def record(*rows, source="naver", since=T0):
        landed = [
            {
                "source": source, "part": part[0] if part else "", "state": state,
                "begin_at": since + timedelta(hours=begin),
                "end_at": since + timedelta(hours=end),
                "reason": None if state == "collected" else f"{state} {begin}–{end}",
                "recorded_at": NOW + timedelta(seconds=next(told)),
            }
            for state, begin, end, *part in rows
        ]  # fmt: skip
        with house.landing.open_source("coverage", source) as writer:
            writer.write(Batch(pa.Table.from_pylist(landed, schema=COVERAGE), {}))
        house.load()

    return record


EARLY, LATE = at(-1000), at(1000)


def open_gaps(house, since=EARLY, until=LATE, sources=()):
    rows = gaps(house.warehouse, since, until, sources).to_pylist()
    return [
        (
            row["source"], row["part"], row["state"],
            (row["begin_at"] - T0) / timedelta(hours=1), (row["end_at"] - T0) / timedelta(hours=1),
        )
        for row in rows
    ]  # fmt: skip


def test_a_gap_stays_until_it_is_collected(house, say):
    say(("collected", 0, 10), ("gap", 10, 12))
    assert open_gaps(house) == [("naver", "", "gap", 10, 12)]
    say(("collected", 12, 20))
    assert open_gaps(house) == [("naver", "", "gap", 10, 12)]
    say(("collected", 9, 21))
    assert open_gaps(house) == []


def test_what_was_collected_before_does_not_close_a_gap(house, say):
    say(("collected", 0, 24), ("gap", 5, 6))
    assert open_gaps(house) == [("naver", "", "gap", 5, 6)]


def test_a_gap_is_cut_at_what_was_heard_of_it(house, say):
    say(("gap", 0, 10), ("collected", 1, 2), ("collected", 4, 6), ("collected", 5, 7))
    spans = [(begin, end) for _, _, _, begin, end in open_gaps(house)]
    assert spans == [(0, 1), (2, 4), (7, 10)]


def test_gaps_agree_with_counting_minutes(house, say):
    """Intervals by chance, against a slow second way: each tenth of an hour by itself."""
    import random

    chance = random.Random(3)
    rows = []
    for _ in range(120):
        begin = chance.randrange(0, 480) / 10
        state = chance.choice(["gap", "collected"])
        rows.append((state, begin, begin + chance.randrange(1, 60) / 10, chance.choice("ab")))
        if chance.random() < 0.1:
            rows.append(("collected", begin, begin + 3.0))
    say(*rows)
    for part in "ab":
        deaf = set()
        for state, begin, end, *of in rows:
            tenths = set(range(round(begin * 10), round(end * 10)))
            if state == "collected" and of in ([part], []):
                deaf -= tenths
            elif of == [part]:
                deaf |= tenths
        found = set()
        for _, of, _, begin, end in open_gaps(house):
            if of == part:
                found |= set(range(round(begin * 10), round(end * 10)))
        assert found == deaf


def test_all_at_once_gives_what_load_by_load_gave(house, say):
    """What is kept of coverage from load to load is what a rebuild makes of all of it."""
    say(("collected", 0, 5), ("gap", 5, 9), ("failed", 9, 10))
    say(("collected", 6, 7), ("gap", 1, 2, "a"), ("failed", 11, 12, "a"))
    say(("collected", 1, 1.5, "a"), ("collected", 10, 11), ("gap", 20, 21), source="x")
    say(("gap", 5, 9), ("failed", 11, 12, "a"))
    before, told = digest(house.warehouse), open_gaps(house)
    rebuild(house.warehouse, house.landing)
    assert open_gaps(house) == told
    assert digest(house.warehouse) == before


def test_a_gap_of_a_part_is_closed_by_the_part_or_by_the_whole(house, say):
    say(("gap", 0, 4, "a"), ("gap", 0, 4, "b"), ("collected", 0, 4, "a"))
    assert open_gaps(house) == [("naver", "b", "gap", 0, 4)]
    say(("collected", 0, 4))
    assert open_gaps(house) == []
    say(("gap", 5, 6), ("collected", 5, 6, "a"))
    assert open_gaps(house) == [("naver", "", "gap", 5, 6)]


def test_a_failing_source_is_deaf_since_it_was_last_heard(house, say):
    say(("collected", 0, 10), ("failed", 12, 12.1), ("failed", 13, 13.1))
    assert open_gaps(house, until=at(20)) == [("naver", "", "failed", 10, 20)]
    (front,) = frontiers(house.warehouse, at(20))
    assert (front.frontier, front.lag) == (at(10), timedelta(hours=10))
    assert (front.failing_since, front.reason) == (at(12), "failed 13–13.1")
    say(("collected", 10, 20))
    assert open_gaps(house, until=at(21)) == []
    (front,) = frontiers(house.warehouse, at(21))
    assert (front.failing_since, front.reason, front.parts) == (None, None, ())


def test_a_run_that_failed_is_over_once_a_part_is_heard_again(house, say):
    say(("collected", 0, 1, "a"), ("failed", 2, 3))
    assert open_gaps(house, until=at(4)) == [("naver", "", "failed", 1, 4)]
    say(("collected", 1, 5, "a"))
    assert open_gaps(house, until=at(6)) == []


def test_a_part_that_fails_leaves_the_others_heard(house, say):
    say(("collected", 0, 5, "a"), ("collected", 0, 2, "b"), ("failed", 2, 3, "b"))
    assert open_gaps(house, until=at(6)) == [("naver", "b", "failed", 2, 6)]
    (front,) = frontiers(house.warehouse, at(6))
    assert (front.frontier, front.parts) == (at(5), ("b",))


def test_a_source_that_never_ran_well_is_deaf_from_its_first_try(house, say):
    say(("failed", 3, 4), ("failed", 6, 7))
    assert open_gaps(house, until=at(8)) == [("naver", "", "failed", 3, 8)]
    (front,) = frontiers(house.warehouse, at(8))
    assert (front.frontier, front.lag, front.failing_since) == (None, None, at(3))


def test_only_the_sources_and_times_asked_for(house, say):
    say(("gap", 0, 4))
    say(("gap", 2, 9), source="x")
    assert open_gaps(house, at(1), at(3), ["naver"]) == [("naver", "", "gap", 1, 3)]
    assert open_gaps(house, at(5), at(6)) == [("x", "", "gap", 5, 6)]


def test_sources_that_say_nothing_have_no_gaps(house, row):
    house.land([row(1)])
    house.load()
    assert open_gaps(house) == []
    assert frontiers(house.warehouse) == ()


def test_days_are_those_of_the_zone_and_told_by_their_share(house, say):
    say(("gap", 9, 27))  # from six in the evening to noon of the next day
    rows = unheard_days(house.warehouse, date(2026, 11, 1), date(2026, 11, 30), now=NOW).to_pylist()
    assert [(row["day"], row["missed"]) for row in rows] == [
        (date(2026, 11, 20), pytest.approx(6 / 24)), (date(2026, 11, 21), pytest.approx(12 / 24)),
    ]  # fmt: skip


def test_a_day_is_missed_by_all_only_where_nobody_listened(house, say):
    say(("gap", 0, 10))
    say(("gap", 4, 6), ("collected", 30, 31), source="x")
    days = Filter(since=date(2026, 11, 20), until=date(2026, 11, 21))
    (day,) = unheard(house.warehouse, days, NOW)
    assert day.sources == ("naver", "x")
    assert (day.missed, day.by_all) == (pytest.approx(10 / 24), pytest.approx(2 / 24))
    one = Filter(since=days.since, until=days.until, sources=("naver",))
    (day,) = unheard(house.warehouse, one, NOW)
    assert day.by_all == day.missed == pytest.approx(10 / 24)
    say(("collected", 0, 1), source="rss")
    (day,) = unheard(house.warehouse, days, NOW)
    assert (day.sources, day.by_all) == (("naver", "x"), 0.0)


def test_nothing_after_now_is_missed(house, say):
    say(("collected", 0, 10), ("failed", 11, 12))
    rows = unheard_days(
        house.warehouse, date(2026, 11, 22), date(2026, 11, 30), now=NOW
    ).to_pylist()
    assert [row["day"] for row in rows] == [date(2026, 11, 22)]


@pytest.fixture
def hear(house, row, now, annotated):
    """Complaints about one product, each by how many hours ago, from a source."""
    numbers = iter(range(1_000_000))

    def heard(hours_ago, source="naver"):
        rows = [
            row(next(numbers), source=source, product="해담 숨", text="소음이 심해서 시끄러워요",
                created_at=now - timedelta(hours=each), author_id=f"u{place % 9}")
            for place, each in enumerate(hours_ago)
        ]  # fmt: skip
        house.land(rows, source=source)
        house.load()
        waiting = annotations.pending(house.warehouse, "v1", 100_000)
        annotations.record(house.warehouse, annotated(waiting, "v1", lambda _: "negative"))

    return heard


DAYS = 70
USUAL = 4  # complaints an hour


def usual(first=24 * DAYS, last=0):
    return [hour - place / USUAL for hour in range(first, last, -1) for place in range(USUAL)]


def ago(now, rows):
    """Rows of coverage by hours ago."""
    return [(state, -begin, -end, *part) for state, begin, end, *part in rows]


@pytest.mark.parametrize(
    ("gap", "raised"), [((), 1), (("gap", 24 * 52, 24 * 3), 0), (("gap", 24 * 52, 24 * 3, "b"), 0)]
)
def test_low_counts_of_a_gap_are_not_taken_for_usual(house, hear, say, now, gap, raised):
    """Seven weeks were not heard, then all is as ever: an alert if nothing is said of the gap."""
    if gap:
        say(*ago(now, [gap]), since=now)
    hear([*usual(last=24 * 52), *usual(first=24 * 3)])
    assert min(raise_alerts(house.warehouse, now), 1) == raised


def test_an_hour_not_heard_is_not_tested_until_it_is_closed(house, hear, say, now):
    """What seeped through while a source was deaf is judged when all of it is there."""
    say(*ago(now, [("gap", 30, 24)]), since=now)
    hear([*usual(), *[27 - place / 60 for place in range(60)]])
    assert raise_alerts(house.warehouse, now) == 0
    say(*ago(now, [("collected", 31, 23)]), since=now)
    assert raise_alerts(house.warehouse, now) == 1
    (raised,) = alerts(house.warehouse)
    assert abs(raised.window_start - (now - timedelta(hours=27))) <= timedelta(hours=2)


@pytest.mark.parametrize(("state", "raised"), [("collected", 1), ("failed", 0)])
def test_a_failing_source_is_not_tested(house, hear, say, now, state, raised):
    say(*ago(now, [("collected", 2000, 6), (state, 6, 0)]), since=now)
    hear([*usual(), *[3 - place / 60 for place in range(60)]])
    assert raise_alerts(house.warehouse, now) == raised


def test_what_comes_late_is_judged_by_its_own_hours(house, hear, say, now):
    """After a gap all that was said in it comes at once: by when it was written it is as usual."""
    hear([*usual(last=20), *usual(first=8)])
    say(*ago(now, [("gap", 20, 8)]), since=now)
    assert raise_alerts(house.warehouse, now) == 0
    hear(usual(first=20, last=8))
    say(*ago(now, [("collected", 20, 8)]), since=now)
    assert raise_alerts(house.warehouse, now) == 0


def test_an_hour_not_heard_is_no_zero_beside_an_alert(house, hear, say, now):
    say(*ago(now, [("gap", 20, 10)]), since=now)
    hear([*usual(last=20), *usual(first=10), *[3 - place / 60 for place in range(60)]])
    assert raise_alerts(house.warehouse, now) == 1
    (raised,) = alerts(house.warehouse)
    page = alert(house.warehouse, raised.alert_id)
    deaf = [row for row in page.series.to_pylist() if row["seen"] is None]
    assert 9 <= len(deaf) <= 11
    assert all(row["expected"] is row["low"] is row["high"] is None for row in deaf)


def test_what_others_heard_is_still_judged_while_a_source_is_deaf(house, hear, say, now):
    """One deaf source must not silence the house: the rest is held against what the rest says."""
    say(*ago(now, [("gap", 30, 24)]), since=now)
    hear(usual())
    hear(usual(), source="x")
    assert raise_alerts(house.warehouse, now) == 0
    hear([27 - place / 60 for place in range(60)], source="x")
    assert raise_alerts(house.warehouse, now) == 1


def test_recovering_of_one_source_of_two_is_no_alert(house, hear, say, now):
    say(*ago(now, [("gap", 24 * 55, 24 * 2)]), since=now)
    hear(usual(), source="x")
    hear([*usual(last=24 * 55), *usual(first=24 * 2)])
    assert raise_alerts(house.warehouse, now) == 0
