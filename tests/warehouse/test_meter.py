"""The meter: drawn by chance and repeatable, of everything something, with an honest interval."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from tests.warehouse.conftest import FIRST
from warehouse.errors import WarehouseError
from warehouse.facts import take_facts
from warehouse.meter import accuracy_of, draw, labelled_texts, report, texts_of
from warehouse.meter.accuracy import interval
from warehouse.queries import Filter


def mood(text: str) -> str:
    return "positive" if "Love" in text or "좋" in text else "negative"


@pytest.fixture
def market(house, row, read):
    """600 mentions of a large source over five weeks, and 12 of a small one."""
    for source, count in (("shop-reviews", 600), ("forum", 12)):
        rows = [
            row(n, source=source, created_at=FIRST + timedelta(hours=n * 840 / count))
            for n in range(count)
        ]
        house.land(rows, source=source)
    house.load()
    read(house, mood)
    return house


def drawn_facts(facts, sample, labels, first=1, sample_id="S"):
    """What the community tells of a sample and of the label `labels(item)` of each mention."""
    items = [
        [i.mention_id, i.text_hash, i.source, i.lang, i.week.isoformat(), i.predicted,
         i.probability]
        for i in sample.items
    ]  # fmt: skip
    body = {
        "version": sample.version, "seed": 1, "population": sample.population, "items": items,
    }  # fmt: skip
    told = [("sample_labelled", f"{sample_id}|{i.mention_id}", {"label": labels(i)})
            for i in sample.items]  # fmt: skip
    return facts(("sample_drawn", sample_id, body), *told, first=first)


def test_the_same_seed_draws_the_same_and_another_others(market):
    first = draw(market.warehouse, 100, seed=7)
    assert first == draw(market.warehouse, 100, seed=7)
    assert len(first.items) == 100 and first.population == 612
    assert len({item.mention_id for item in first.items}) == 100
    other = {item.mention_id for item in draw(market.warehouse, 100, seed=8).items}
    assert len(other & {item.mention_id for item in first.items}) < 50


def test_small_sources_weeks_and_languages_have_their_part(market):
    items = draw(market.warehouse, 100, seed=7).items
    sources = Counter(item.source for item in items)
    assert sources["forum"] >= 7, "a fiftieth of the mentions, two by proportion"
    weeks = Counter(item.week for item in items)
    assert len(weeks) >= 5 and min(weeks.values()) >= 2
    assert all(item.week.weekday() == 0 for item in items)
    assert {item.lang for item in items} == {"ko", "en"}


def test_probabilities_are_what_they_say(market):
    """Over many draws each mention is taken as often as its probability says: what is weighted by
    it is right on average, however unequal the probabilities are."""
    rounds = 300
    estimates, sizes = [], []
    for seed in range(rounds):
        items = draw(market.warehouse, 60, seed=seed).items
        sizes.append(len(items))
        weights = np.array([1 / item.probability for item in items])
        hits = np.array([item.source == "forum" for item in items])
        estimates.append(float(weights @ hits))
    assert set(sizes) == {60}
    assert abs(np.mean(estimates) - 12) < 4 * np.std(estimates) / np.sqrt(rounds) + 0.05


def test_all_are_taken_where_there_are_fewer(market):
    sample = draw(market.warehouse, 5000, seed=1)
    assert len(sample.items) == 612
    assert {item.probability for item in sample.items} == {1.0}
    day = FIRST.date() + timedelta(days=3)
    few = draw(market.warehouse, 5000, seed=1, since=day, until=day)
    assert 0 < few.population < 40


def test_nothing_to_draw_says_what_to_do(house, row):
    with pytest.raises(WarehouseError, match=r"nothing to draw.*madang run"):
        draw(house.warehouse, 10, seed=1)
    house.land([row(1)])
    house.load()
    with pytest.raises(WarehouseError, match="nothing to draw"):
        draw(house.warehouse, 10, seed=1)


def test_what_a_person_judged_is_not_drawn_again(market, facts):
    sample = draw(market.warehouse, 50, seed=1)
    take_facts(market.warehouse, drawn_facts(facts, sample, lambda item: item.predicted))
    again = draw(market.warehouse, 5000, seed=1)
    assert again.population == 562
    assert not {i.mention_id for i in again.items} & {i.mention_id for i in sample.items}


def test_the_report_finds_how_often_the_annotator_is_right(market, facts):
    """English is read wrongly here, Korean rightly: the truth is known, and so is the report's."""
    sample = draw(market.warehouse, 200, seed=3)
    truth = {"ko": lambda said: said, "en": lambda said: "neutral"}
    told = drawn_facts(facts, sample, lambda item: truth[item.lang](item.predicted))
    take_facts(market.warehouse, told)
    (found,) = report(market.warehouse).versions
    assert found.is_current and found.version == "v1" and found.population == 612
    right = market.value("SELECT count(*) FILTER (lang = 'ko') / count(*) FROM heard")
    assert found.right.low < right < found.right.high
    assert abs(found.right.value - right) < 0.05 and found.right.n == 200
    assert found.by_language["ko"].value == 1.0 and found.by_language["en"].value == 0.0
    assert set(found.by_source) == {"shop-reviews", "forum"}
    assert len(found.by_week) >= 5
    assert found.confusion["positive"]["neutral"] == pytest.approx(1 - right, abs=0.05)
    assert sum(sum(row.values()) for row in found.confusion.values()) == pytest.approx(1, abs=1e-3)


def test_what_people_cannot_tell_is_counted_apart(market, facts):
    sample = draw(market.warehouse, 100, seed=3)
    chosen = {item.mention_id for item in sample.items[:25]}
    told = drawn_facts(
        facts, sample, lambda i: "unclear" if i.mention_id in chosen else i.predicted
    )
    take_facts(market.warehouse, told)
    (found,) = report(market.warehouse).versions
    assert (found.right.value, found.right.n) == (1.0, 75)
    assert 0.1 < found.unclear.value < 0.4 and found.unclear.n == 100


def test_a_half_labelled_sample_still_speaks_of_all(market, facts):
    sample = draw(market.warehouse, 200, seed=3)
    done = {item.mention_id for item in sample.items[:80]}
    told = drawn_facts(facts, sample, lambda i: i.predicted if i.mention_id in done else None)
    take_facts(market.warehouse, told)
    (found,) = report(market.warehouse).versions
    assert (found.right.n, found.right.value) == (80, 1.0)
    assert 0.9 < found.right.low < 0.98


def test_versions_are_told_apart(market, facts, annotated):
    from warehouse import annotations

    sample = draw(market.warehouse, 40, seed=3)
    take_facts(market.warehouse, drawn_facts(facts, sample, lambda i: "neutral"))
    assert accuracy_of(market.warehouse).value == 0.0
    waiting = annotations.pending(market.warehouse, "v2", 9999)
    annotations.record(market.warehouse, annotated(waiting, "v2", mood))
    assert accuracy_of(market.warehouse).n == 0, "nobody has looked at the new version yet"
    second = draw(market.warehouse, 40, seed=3)
    told = drawn_facts(facts, second, lambda i: i.predicted, first=42, sample_id="T")
    take_facts(market.warehouse, told)
    found = report(market.warehouse)
    assert [(each.version, each.right.value) for each in found.versions] == [
        ("v2", 1.0), ("v1", 0.0),
    ]  # fmt: skip


def test_a_filter_asks_of_its_own_mentions(market, facts):
    sample = draw(market.warehouse, 200, seed=3)
    told = drawn_facts(facts, sample, lambda i: i.predicted if i.source == "forum" else "neutral")
    take_facts(market.warehouse, told)
    forum = accuracy_of(market.warehouse, Filter(sources=("forum",)))
    assert (forum.value, forum.n) == (1.0, sum(i.source == "forum" for i in sample.items))
    assert accuracy_of(market.warehouse, Filter(sources=("nonesuch",))).value is None
    cream = accuracy_of(market.warehouse, Filter(products=("수분크림",)))
    assert 0 < cream.n < 200


def test_the_interval_keeps_its_promise():
    """Of many samples of a known population at least nineteen in twenty intervals hold the truth,
    with equal weights and with weights of one to nine."""
    chance = np.random.default_rng(5)
    for weights in (np.full(120, 50.0), np.repeat([10.0, 90.0], 60)):
        held = 0
        for _ in range(2000):
            share = interval(chance.random(120) < 0.87, weights)
            held += share.low <= 0.87 <= share.high
        assert held >= 1880


def test_an_interval_says_nothing_of_nothing_and_all_of_all():
    nothing = interval(np.zeros(0, bool), np.zeros(0))
    assert (nothing.value, nothing.low, nothing.high) == (None, 0.0, 1.0)
    every = interval(np.array([True, False]), np.array([1.0, 1.0]))
    assert (every.value, every.low, every.high) == (0.5, 0.5, 0.5)
    one = interval(np.array([True]), np.array([500.0]))
    assert one.value == 1.0 and one.low < 0.3


def test_texts_are_given_as_they_were_judged(market, row, facts):
    sample = draw(market.warehouse, 10, seed=3)
    one = sample.items[0]
    found = texts_of(market.warehouse, [(i.mention_id, i.text_hash) for i in sample.items])
    assert set(found) == {i.mention_id for i in sample.items}
    assert texts_of(market.warehouse, [(one.mention_id, "7")]) == {}
    neutral = {"sentiment": "neutral"}
    take_facts(
        market.warehouse,
        facts(
            ("label_corrected", one.mention_id, {"text_hash": one.text_hash, **neutral}),
            ("label_corrected", sample.items[1].mention_id, {"text_hash": "7", **neutral}),
        ),
    )
    take_facts(
        market.warehouse,
        drawn_facts(
            facts, sample, lambda i: "unclear" if i is sample.items[2] else "positive", first=3
        ),
    )
    told = labelled_texts(market.warehouse)
    assert told.column_names == ["text", "label", "lang", "source", "by_chance", "weight"]
    assert told.num_rows == 9, "each text once; the unclear one teaches nothing"
    assert set(told["by_chance"].to_pylist()) == {True}
    assert found[one.mention_id] in told["text"].to_pylist()
