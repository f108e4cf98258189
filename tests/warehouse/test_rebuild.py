"""A warehouse made anew from the landing zone holds the same tables."""

import random
import threading

import pytest

from warehouse import annotations
from warehouse.errors import WarehouseError
from warehouse.rebuild import digest, rebuild


@pytest.fixture
def lived_in(house, row, annotated):
    """A house with a past: updates, changed texts, customers, two annotator versions."""
    chance = random.Random(3)
    for turn in range(5):
        house.land([row(chance.randrange(80), likes=turn % 2) for _ in range(30)])
        house.land(
            [{"customer_id": f"c{turn % 2}", "name": "이서준", "city": "서울"}], "customers", "crm"
        )
        house.load()
        pending = annotations.pending(house.warehouse, "v1", 20)
        annotations.record(house.warehouse, annotated(pending, "v1", lambda _: "negative"))
    house.land([row(5, text="다시 써 봤는데 역시 좋아요")])
    house.load()
    pending = annotations.pending(house.warehouse, "v2", 4)
    annotations.record(house.warehouse, annotated(pending, "v2", lambda _: "positive"))
    return house


def test_a_rebuilt_warehouse_has_equal_tables(lived_in):
    before = digest(lived_in.warehouse)
    assert before["main.annotations"][0] > 20
    told: list[tuple[int, int]] = []
    done = rebuild(lived_in.warehouse, lived_in.landing, lambda *at: told.append(at))
    assert digest(lived_in.warehouse) == before
    assert (done.mentions, done.annotations) == (
        before["main.mentions"][0],
        before["main.annotations"][0],
    )
    assert told[-1][0] == told[-1][1] > 0
    assert sorted(path.name for path in lived_in.folder.iterdir()) == [
        "jobs",
        "landing",
        "warehouse.duckdb",
    ]


def test_a_difference_shows_in_the_digest(lived_in):
    before = digest(lived_in.warehouse)
    with lived_in.warehouse.writing() as cursor:
        cursor.execute(
            "UPDATE mentions SET likes = 77 WHERE native_id = (SELECT min(native_id) FROM mentions)"
        )
    after = digest(lived_in.warehouse)
    assert {name for name in before if before[name] != after[name]} == {"main.mentions"}


def test_a_rebuild_mends_what_was_damaged(lived_in):
    before = digest(lived_in.warehouse)
    with lived_in.warehouse.writing() as cursor:
        cursor.execute("DELETE FROM heard WHERE sentiment = 'negative'")
        cursor.execute("DELETE FROM loaded_batches")
        cursor.execute("UPDATE daily SET n = n + 1")
    rebuild(lived_in.warehouse, lived_in.landing)
    assert digest(lived_in.warehouse) == before


def test_questions_are_answered_while_it_is_rebuilt(lived_in):
    expected = lived_in.value("SELECT count(*) FROM mentions")
    answers, done = set(), threading.Event()

    def ask():
        while not done.is_set():
            answers.add(lived_in.value("SELECT count(*) FROM mentions"))

    asking = threading.Thread(target=ask)
    asking.start()
    rebuild(lived_in.warehouse, lived_in.landing)
    done.set()
    asking.join()
    assert answers == {expected}


def test_a_rebuild_that_fails_leaves_the_old_one(lived_in):
    before = digest(lived_in.warehouse)

    def out_of_patience(done: int, rows: int) -> None:
        raise WarehouseError(f"stopped at {done} of {rows}")

    with pytest.raises(WarehouseError, match="stopped at"):
        rebuild(lived_in.warehouse, lived_in.landing, out_of_patience)
    assert digest(lived_in.warehouse) == before
    assert not list(lived_in.folder.glob("*.rebuilding*"))
