"""What a query would have found, before it is saved; and what searches find in unread texts."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from nlp.korean import Term
from warehouse import queries
from warehouse.errors import WarehouseError
from warehouse.queries import Filter
from warehouse.trackers import preview as previews
from warehouse.trackers.language import parse
from warehouse.trackers.preview import Preview
from warehouse.trackers.sql import condition
from warehouse.trackers.words import lines, understood

House = Any
LAST = date(2026, 11, 28)


class PlainAnalyser:
    """Reads words as the annotator of these tests does: what is between spaces is a lemma."""

    def terms(self, texts: Sequence[str]) -> list[list[Term]]:
        return [[Term(word.strip(".!,").lower(), "NNG") for word in text.split()] for text in texts]


def shown(house: House, text: str, days: int = 30) -> Preview:
    return previews.preview(house.warehouse, parse(text), days, PlainAnalyser(), until=LAST)


@pytest.fixture
def spoken(house: House, row: Callable[..., Any], read: Callable[..., None]) -> House:
    """120 mentions, 20 of each text of the cast, in the 25 days from the 1st of November on."""
    house.land([row(n) for n in range(120)])
    house.load()
    read(house)
    return house


def test_volume_count_and_samples(spoken: House) -> None:
    found = shown(spoken, "cream OR 향이")
    assert (found.since, found.until, found.count) == (LAST - timedelta(days=29), LAST, 40)
    days = dict(zip(*(found.days.column(n).to_pylist() for n in ("day", "mentions")), strict=True))
    assert list(days) == [found.since + timedelta(days=n) for n in range(30)]
    assert sum(days.values()) == 40
    held = spoken.rows(
        "SELECT day, count(*) AS n FROM heard WHERE contains(lemmas, ' cream ') "
        "OR contains(lemmas, ' 향이 ') GROUP BY day"
    )
    assert {row["day"]: row["n"] for row in held} == {day: n for day, n in days.items() if n}
    times = found.samples.column("created_at").to_pylist()
    assert len(times) == previews.SAMPLES
    assert times == sorted(times, reverse=True)
    few = shown(spoken, "cream OR 향이", 10)
    assert 0 < few.count < 40
    assert few.days.num_rows == 10


def test_clauses_say_what_each_brings_and_what_would_go_without_it(spoken: House) -> None:
    found = shown(spoken, "(배송이 OR 너무 OR 향이) lang:ko")
    told = {clause.text: (clause.hits, clause.lost, clause.share) for clause in found.clauses}
    assert told == {"배송이": (20, 0, 0.5), "너무": (20, 0, 0.5), "향이": (20, 20, 0.5)}
    assert shown(spoken, "배송이 너무").clauses == ()


def test_clauses_of_spam_or_advertising_are_called_noise_and_stand_first(spoken: House) -> None:
    found = shown(spoken, "배송이 OR 향이 OR 포장이 OR 무난해요")
    told = {clause.text: [name for name, _ in clause.reasons] for clause in found.clauses}
    assert told == {"무난해요": ["spam"], "향이": ["sponsored"], "배송이": [], "포장이": []}
    assert [clause.noisy for clause in found.clauses] == [True, True, False, False]
    assert {clause.text: clause.junk for clause in found.clauses} == {
        "배송이": 0.0, "향이": 1.0, "포장이": 0.0, "무난해요": 1.0,
    }  # fmt: skip
    assert {clause.negative for clause in found.clauses} == {1.0}


def test_a_clause_in_another_language_is_noise(spoken: House) -> None:
    found = shown(spoken, "배송이 OR 포장이 OR 너무 OR cream")
    assert ("cream", ["lang"]) in [
        (clause.text, [name for name, _ in clause.reasons]) for clause in found.clauses
    ]


def test_very_many_alternatives_are_counted_as_one(spoken: House) -> None:
    words = [f"낱말{n}" for n in range(previews.MOST_CLAUSES)]
    found = shown(spoken, " OR ".join([*words, "cream", "향이"]))
    assert len(found.clauses) == previews.MOST_CLAUSES + 1
    assert [(c.text, c.hits, c.lost) for c in found.clauses if c.hits] == [("…", 40, 40)]


def test_nothing_found_is_an_answer(spoken: House) -> None:
    found = shown(spoken, "없는말 OR '; DROP")
    assert (found.count, found.samples.num_rows) == (0, 0)
    assert sum(found.days.column("mentions").to_pylist()) == 0
    assert {clause.hits for clause in found.clauses} == {0}


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("배송이", {0}),
        ("CREAM", {4}),
        ('"너무 늦어요"', {0}),
        ("배송* -늦어요", {5}),
        ("환불 NEAR/1 고객센터", {3}),
        ("고객센터 NEAR/1 배송", set()),
        ("(cream OR 향이) source:shop*", {1, 4}),
        ("cream rating:5", {4}),
        ('raw:"skin feels" OR 무난해요', {4, 5}),
        ("배송 -(가격 OR raw:일주일)", set()),
    ],
)
def test_what_nobody_has_read_is_searched_as_typed(
    house: House, row: Callable[..., Any], text: str, texts: set[int]
) -> None:
    house.land([row(n, rating=1.0) for n in range(6)])
    house.load()
    page = queries.newest_mentions(
        house.warehouse, Filter(query=understood(parse(text), PlainAnalyser()))
    )
    assert set(page.column("text").to_pylist()) == {row(n)["text"] for n in texts}


def test_a_page_goes_on_where_the_one_before_ended(spoken: House) -> None:
    chosen = Filter(query=understood(parse("lang:ko -배송이"), PlainAnalyser()))
    seen: list[str] = []
    page = queries.newest_mentions(spoken.warehouse, chosen, 7)
    while page.num_rows:
        seen += page.column("mention_id").to_pylist()
        page = queries.newest_mentions(spoken.warehouse, chosen, 7, queries.last_place(page))
    assert len(seen) == len(set(seen)) == queries.count_mentions(spoken.warehouse, chosen) == 80


def test_lines_of_texts_that_nobody_has_read_are_those_of_heard(spoken: House) -> None:
    held = spoken.rows("SELECT text, lemmas FROM heard JOIN mentions USING (mention_id)")
    made = lines(spoken.warehouse, [row["text"] for row in held], PlainAnalyser())
    assert made.column("lemmas").to_pylist() == [row["lemmas"] for row in held]


def test_words_must_be_read_before_they_are_asked(spoken: House) -> None:
    with pytest.raises(WarehouseError, match="understood"):
        condition(parse("환불"))
