"""Every landed row is in the warehouse once, and the later word on it counts."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest

from warehouse import annotations, serving
from warehouse.load import load
from warehouse.rebuild import digest
from warehouse.records import mention_id
from warehouse.store import open_warehouse


def test_a_batch_is_loaded_once(house, row):
    house.land([row(number) for number in range(10)])
    first, second = house.load(), house.load()
    assert (first.loaded, first.batches) == (10, 1)
    assert (second.loaded, second.known, second.batches) == (0, 0, 0)
    assert house.value("SELECT count(*) FROM mentions") == 10


def test_the_id_is_that_of_python(house, row):
    house.land([row(1, native_id="글-1")])
    house.load()
    found = house.value("SELECT mention_id::VARCHAR FROM mentions")
    assert found == str(mention_id("shop-reviews", "글-1"))


def test_the_same_again_is_known_and_a_change_is_an_update(house, row):
    house.land([row(1), row(2), row(3)])
    house.load()
    later = datetime(2027, 1, 1, tzinfo=UTC)
    house.land([row(1, collected_at=later), row(2, likes=5), row(4)])
    loaded = house.load()
    assert (loaded.loaded, loaded.updated, loaded.known) == (1, 1, 1)
    likes = house.rows("SELECT native_id, likes FROM mentions ORDER BY native_id")
    assert [(each["native_id"], each["likes"]) for each in likes] == [
        ("r1", None),
        ("r2", 5),
        ("r3", None),
        ("r4", None),
    ]


def test_of_two_in_one_load_the_later_batch_wins(house, row):
    house.land([row(1, likes=1)])
    house.land([row(1, likes=2), row(1, likes=3)])
    loaded = house.load()
    assert (loaded.loaded, loaded.known) == (1, 2)
    assert house.value("SELECT likes FROM mentions") == 3


def test_an_updated_mention_leaves_the_day_it_was_on(house, row):
    house.land([row(1), row(2)])
    house.load()
    house.land([row(1, created_at=datetime(2026, 12, 24, 16, 0, tzinfo=UTC), product="립밤")])
    house.load()
    days = house.rows("SELECT day::VARCHAR AS day, product, n FROM daily ORDER BY day")
    assert [(d["day"], d["product"], d["n"]) for d in days] == [
        ("2026-11-01", "립밤", 1),
        ("2026-12-25", "립밤", 1),  # one in the morning in Seoul
    ]


def test_customers_orders_and_interactions_load(house, row):
    at = datetime(2026, 11, 1, tzinfo=UTC)
    house.land(
        [{"customer_id": "c1", "name": "김하늘", "email": "haneul@example.com", "city": "부산"}],
        record="customers",
        source="crm",
    )
    house.land(
        [
            {
                "order_id": "o1",
                "customer_id": "c1",
                "amount": 32000,
                "currency": "KRW",
                "ordered_at": at,
            }
        ],
        record="orders",
        source="shop",
    )
    house.land(
        [{"interaction_id": "i1", "customer_id": "c1", "kind": "call", "happened_at": at}],
        record="interactions",
        source="callcentre",
    )
    assert house.load().loaded == 3
    assert house.rows("SELECT * FROM customers") == [
        {"customer_id": "c1", "city": "부산", "country": None, "gender": None, "joined_at": None}
    ]
    assert house.value("SELECT name FROM person.customers") == "김하늘"
    house.land([{"customer_id": "c1", "name": "김하늘", "city": "서울"}], "customers", "crm")
    assert house.load().updated == 1
    assert house.value("SELECT city FROM customers") == "서울"


@pytest.mark.parametrize("seed", range(8))
def test_loading_one_by_one_or_at_once_gives_equal_tables(house, row, tmp_path, seed):
    """Random states of a few mentions in random batches, loaded at random moments."""
    chance = random.Random(seed)
    for _ in range(12):
        count = chance.randrange(1, 6)
        house.land(
            [
                row(
                    chance.randrange(5),
                    likes=chance.randrange(2),
                    collected_at=datetime(2027, 1, 1, tzinfo=UTC)
                    + timedelta(seconds=chance.randrange(10**6)),
                )
                for _ in range(count)
            ]
        )
        if chance.random() < 0.4:
            house.load()
    house.load()
    other = open_warehouse(
        tmp_path / "other" / "w.duckdb", house.landing.folder, tmp_path / "jobs", "Asia/Seoul"
    )
    load(other, house.landing)
    assert digest(other) == digest(house.warehouse)
    other.close()


def test_what_the_screens_read_follows_from_the_facts(house, row, annotated):
    """The rows kept in step, change by change, are those made anew from everything."""
    chance = random.Random(7)
    for turn in range(6):
        house.land(
            [
                row(chance.randrange(60), likes=turn, text=f"{turn % 3}번째 배송 문의입니다")
                for _ in range(20)
            ]
        )
        house.load()
        pending = annotations.pending(house.warehouse, "v1", 9)
        annotations.record(
            house.warehouse,
            annotated(pending, sentiment=lambda _: chance.choice(["negative", "positive"])),
        )
    kept = digest(house.warehouse)
    with house.warehouse.writing() as cursor:
        serving.refresh_all(cursor)
    assert digest(house.warehouse) == kept
    assert house.value("SELECT sum(n) FROM daily") == house.value("SELECT count(*) FROM mentions")


def test_progress_is_told_in_rows(house, row):
    house.land([row(number) for number in range(10)])
    house.land([row(number) for number in range(10, 15)])
    told: list[tuple[int, int]] = []
    load(house.warehouse, house.landing, lambda done, rows: told.append((done, rows)))
    assert told[-1] == (15, 15)


def test_one_reads_while_another_loads(house, row):
    """A reader sees all of a load or nothing of it, in the facts and in what is made of them."""
    seen: set[tuple[int, int, int]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            (found,) = house.rows(
                "SELECT (SELECT count(*) FROM mentions) AS a, (SELECT count(*) FROM heard) AS b, "
                "(SELECT coalesce(sum(n), 0)::BIGINT FROM daily) AS c"
            )
            seen.add((found["a"], found["b"], found["c"]))

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(5):
        house.land([row(number) for number in range(turn * 100, turn * 100 + 100)])
        house.load()
    done.set()
    reader.join()
    assert seen <= {(n, n, n) for n in range(0, 600, 100)}
    assert len(seen) > 1
