"""Hits follow trackers and mentions, whichever way they are looked for."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pytest

from nlp.korean import Term
from warehouse import annotations, ask, queries, rebuild, serving
from warehouse.facts import take_facts
from warehouse.queries import Filter
from warehouse.store import Warehouse
from warehouse.trackers import hits
from warehouse.trackers.language import parse
from warehouse.trackers.words import understood

House = Any


class PlainAnalyser:
    """Reads words as the annotator of these tests does: what is between spaces is a lemma."""

    def terms(self, texts: Sequence[str]) -> list[list[Term]]:
        return [[Term(word.strip(".!,").lower(), "NNG") for word in text.split()] for text in texts]


READER = PlainAnalyser()
QUERIES = {
    "late": "배송이 NEAR/3 늦어요",
    "cream": "cream OR 향이",
    "shops": "배송* -무난해요 source:shop*",
    "low": "rating:<=2 kind:review 부탁드려요",
    "asks": 'raw:"환불 부탁" OR intent:request',
}


@pytest.fixture
def told(facts: Callable[..., pa.Table]) -> Callable[..., None]:
    """Take in facts about trackers: (kind, id, query), numbered on."""
    taken = [0]

    def tell(house: House, *said: tuple[str, str, str]) -> None:
        rows = [
            (kind, name, {"tracker": name, "version": taken[0] + n, "name": name.upper(),
                          "query": query, "active": kind == "tracker_saved"})
            for n, (kind, name, query) in enumerate(said, start=1)
        ]  # fmt: skip
        take_facts(house.warehouse, facts(*rows, first=taken[0] + 1))
        taken[0] += len(said)

    return tell


def saved(told: Callable[..., None], house: House, given: dict[str, str]) -> None:
    told(house, *(("tracker_saved", name, query) for name, query in given.items()))


def stored(house: House) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in house.rows("SELECT tracker, mention_id::VARCHAR AS id FROM tracker_hits"):
        assert row["id"] not in found.setdefault(row["tracker"], set()), "a hit stands twice"
        found[row["tracker"]].add(row["id"])
    return found


def asked(house: House, text: str) -> set[str]:
    """What the query finds among the mentions that were read, asked by SQL now."""
    query = understood(parse(text), READER)
    page = queries.newest_mentions(house.warehouse, Filter(query=query), 10_000)
    read = {row["id"] for row in house.rows(
        "SELECT mention_id::VARCHAR AS id FROM heard WHERE lemmas IS NOT NULL")}  # fmt: skip
    return set(page.column("mention_id").to_pylist()) & read


def expected(house: House, given: dict[str, str]) -> dict[str, set[str]]:
    return {name: found for name, query in given.items() if (found := asked(house, query))}


def test_a_saved_tracker_finds_history_at_once_and_new_mentions_after(
    house: House, row: Callable[..., Any], read: Callable[..., None], told: Callable[..., None]
) -> None:
    house.land([row(n) for n in range(60)])
    house.load()
    read(house)
    saved(told, house, QUERIES)
    first = hits.refresh(house.warehouse, READER)
    assert (first.trackers, first.mentions) == (len(QUERIES), 0)
    assert stored(house) == expected(house, QUERIES)
    assert set(stored(house)) == set(QUERIES), "a query of this test finds nothing"
    house.land([row(n) for n in range(60, 100)])
    house.load()
    assert stored(house) == expected(house, QUERIES), "what nobody has read is no hit"
    read(house)
    then = hits.refresh(house.warehouse, READER)
    assert (then.trackers, then.mentions) == (0, 40)
    assert stored(house) == expected(house, QUERIES)
    assert hits.refresh(house.warehouse, READER) == hits.Tracked()


def test_stream_and_history_leave_the_same_hits(
    house: House, row: Callable[..., Any], read: Callable[..., None], told: Callable[..., None]
) -> None:
    saved(told, house, QUERIES)
    hits.refresh(house.warehouse, READER)
    for start in (0, 30, 60):
        house.land([row(n) for n in range(start, start + 30)])
        house.load()
        read(house)
        assert hits.refresh(house.warehouse, READER).trackers == 0
    streamed = stored(house)
    with house.warehouse.writing() as cursor:
        cursor.execute("TRUNCATE tracked")
        cursor.execute("TRUNCATE tracker_hits")
        cursor.execute("DELETE FROM revisions WHERE name LIKE 'step: trackers%'")
    assert hits.refresh(house.warehouse, READER).trackers == len(QUERIES)
    assert stored(house) == streamed != {}


def test_changed_removed_and_corrected_mentions_are_looked_at_again(
    house: House, row: Callable[..., Any], read: Callable[..., None], told: Callable[..., None],
) -> None:  # fmt: skip
    house.land([row(n) for n in range(30)])
    house.load()
    read(house)
    given = {"cream": "cream", "good": "cream sentiment:positive"}
    saved(told, house, given)
    hits.refresh(house.warehouse, READER)
    before = stored(house)["cream"]
    house.land([row(4, text="포장이 엉망이에요.")])
    house.land(
        [{"source": "shop-reviews", "native_id": "r10", "removed_at": row(0)["created_at"]}],
        record="removals",
    )
    house.load()
    read(house)
    hits.refresh(house.warehouse, READER)
    assert len(before - stored(house)["cream"]) == 2
    assert stored(house) == expected(house, given)
    (one,) = house.rows(
        "SELECT mention_id::VARCHAR AS id, text_hash::VARCHAR AS hash FROM heard "
        "WHERE contains(lemmas, ' cream ') ORDER BY id LIMIT 1"
    )
    with house.warehouse.writing() as cursor:
        cursor.execute(
            "INSERT INTO corrections VALUES (?, ?, 'positive', 'm1', now())",
            [one["id"], int(one["hash"])],
        )
        cursor.execute("CREATE TEMP TABLE corrected AS SELECT ?::UUID AS mention_id", [one["id"]])
        serving.corrections_changed(cursor)
    hits.refresh(house.warehouse, READER)
    assert stored(house)["good"] == {one["id"]}


def test_versions_retirement_and_queries_that_cannot_be_asked(
    house: House, row: Callable[..., Any], read: Callable[..., None], told: Callable[..., None]
) -> None:
    house.land([row(n) for n in range(30)])
    house.load()
    read(house)
    saved(told, house, {"one": "cream", "two": "향이", "bad": "(cream"})
    done = hits.refresh(house.warehouse, READER)
    assert done.trackers == 2
    assert [name for name, _ in done.errors] == ["bad"]
    assert "column 1" in house.value("SELECT error FROM tracked WHERE tracker = 'bad'")
    assert set(stored(house)) == {"one", "two"}
    told(house, ("tracker_saved", "one", "환불"), ("tracker_retired", "two", "향이"))
    assert hits.refresh(house.warehouse, READER).trackers == 1
    assert stored(house) == expected(house, {"one": "환불"})


def test_a_new_annotator_has_trackers_look_at_history_again(
    house: House, row: Callable[..., Any], read: Callable[..., None], told: Callable[..., None],
    annotated: Callable[..., pa.Table],
) -> None:  # fmt: skip
    house.land([row(n) for n in range(30)])
    house.load()
    read(house)
    saved(told, house, {"cream": "cream sentiment:negative"})
    hits.refresh(house.warehouse, READER)
    assert stored(house)["cream"]
    waiting = annotations.pending(house.warehouse, "v2", 100)
    annotations.record(house.warehouse, annotated(waiting, "v2", lambda _: "positive"))
    assert annotations.current_version(house.warehouse) == "v2"
    assert hits.refresh(house.warehouse, READER).trackers == 1
    assert stored(house) == {}


def test_a_rebuilt_warehouse_has_the_same_hits(
    house: House, row: Callable[..., Any], read: Callable[..., None], told: Callable[..., None]
) -> None:
    house.land([row(n) for n in range(30)])
    house.load()
    read(house)
    saved(told, house, QUERIES)
    hits.refresh(house.warehouse, READER)
    house.land([row(n) for n in range(30, 45)])
    house.load()
    read(house)
    hits.refresh(house.warehouse, READER)
    with house.warehouse.reading() as cursor:
        replayed = ask.table(cursor, "SELECT * FROM person.facts ORDER BY sequence")
    before = rebuild.digest(house.warehouse)

    def complete(fresh: Warehouse) -> None:
        take_facts(fresh, replayed)
        assert hits.refresh(fresh, READER).trackers == len(QUERIES)

    rebuild.rebuild(house.warehouse, house.landing, complete=complete)
    after = rebuild.digest(house.warehouse)
    assert {name for name in before if before[name] != after[name]} == set()
    assert before["main.tracker_hits"][0] > 0
    assert hits.refresh(house.warehouse, READER) == hits.Tracked()


def test_the_hits_of_trackers_are_a_filter(
    house: House, row: Callable[..., Any], read: Callable[..., None], told: Callable[..., None]
) -> None:
    house.land([row(n) for n in range(60)])
    house.load()
    read(house)
    saved(told, house, QUERIES)
    hits.refresh(house.warehouse, READER)
    kept = stored(house)
    chosen = Filter(trackers=("late", "cream"))
    assert queries.count_mentions(house.warehouse, chosen) == len(kept["late"] | kept["cream"])
    assert queries.count_mentions(house.warehouse, Filter(trackers=("'; --",))) == 0
