"""An erased person is nowhere, stays away, and takes nobody else along, wherever a crash comes."""

import json
import random
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date

import pyarrow.parquet as pq
import pytest

from nlp.identifiers import email_key, phone_key
from warehouse.compaction import compact
from warehouse.erase import Erased, erase, finish_erasures, leavers
from warehouse.errors import WarehouseError
from warehouse.facts import take_facts
from warehouse.landing import Landing
from warehouse.load import load
from warehouse.people.find import find_people
from warehouse.people.keys import refresh_keys
from warehouse.people.match import match_known
from warehouse.rebuild import digest, rebuild
from warehouse.store import open_warehouse
from warehouse.suppression import suppressed

HANA = "hana@mail.kr"
SECRETS = ("김하나", HANA, "하나가 쓴 글")


def customers(turn=0):
    phone = "010-1234-5678"  # of a family
    return [
        {"customer_id": "c1", "name": "김하나", "email": HANA, "phone": phone},
        {"customer_id": "c2", "name": "김두리", "email": "duri@mail.kr", "phone": phone},
        {"customer_id": "c3", "name": f"이세찬{turn}"},
    ]


def fill(house, row, now, key):
    """Three turns of batches with customer c1, who is author m1 in the yard, in all of them."""
    house.landing = Landing(house.landing.folder, key)
    ticket = json.dumps({"email_key": email_key(HANA, key)})
    for turn in range(3):
        house.land(customers(turn), "customers", "crm")
        bought = {"product": "수분크림", "amount": 100 * turn, "currency": "KRW", "ordered_at": now}
        house.land(
            [{"order_id": f"o{turn}{c}", "customer_id": c, **bought} for c in ("c1", "c2")],
            "orders",
            "erp",
        )
        house.land(
            [
                {
                    "interaction_id": f"i{turn}",
                    "customer_id": "c1",
                    "kind": "call",
                    "note": "김하나 님과 통화",
                    "happened_at": now,
                }
            ],
            "interactions",
            "crm",
        )
        posts = [
            row(
                10 * turn + n,
                source="community",
                author_id=f"m{n}",
                author_handle=None,
                text=("하나가 쓴 글" if n == 1 else "다른 사람의 글") + f" {turn}",
            )
            for n in range(4)
        ]
        house.land(posts, source="community", cursor={"sequence": turn})
        told = row(500 + turn, source="helpdesk", author_handle=None, extra=ticket)
        house.land([{**told, "text": "하나가 쓴 글"}], source="helpdesk")


@pytest.fixture
def filled(house, row, now, key, facts):
    fill(house, row, now, key)
    compact(house.landing, date(2100, 1, 1))
    fill(house, row, now, key)
    house.load()
    take_facts(house.warehouse, facts(("member_keys", "m1", {"email_key": email_key(HANA, key)})))
    refresh_keys(house.warehouse, key)
    match_known(house.warehouse)
    return house


def traces(house):
    """Where in the landing zone and the warehouse something of the person is left."""
    left = [
        batch.path.name
        for batch in house.landing.batches()
        if any(secret in str(pq.read_table(batch.path).to_pylist()) for secret in SECRETS)
    ]
    tables = ("mentions", "orders", "interactions", "person.customers", "person.identifiers",
              "identities", "annotations", "heard")  # fmt: skip
    for table in tables:
        told = str(house.rows(f"FROM {table}"))
        left += [f"{table}: {each}" for each in (*SECRETS, "'c1'", "'m1'") if each in told]
    return left


def test_nothing_is_left_and_the_figures_stay(filled, key):
    assert traces(filled) != []
    spent = filled.value("SELECT sum(amount) FROM orders")
    cursors = {b.batch_id: filled.landing.contents(b).cursor for b in filled.landing.batches()}
    (person,) = find_people(filled.warehouse, HANA.upper(), key)
    assert (person.customer_id, person.authors, person.mentions) == (
        "c1",
        (("community", "m1"),),
        3,
    )
    done = erase(filled.warehouse, filled.landing, [person], key)
    assert (done.mentions, done.customers, done.orders, done.interactions) == (6, 1, 3, 3)
    assert traces(filled) == []
    assert filled.value("SELECT sum(amount) FROM orders") == spent
    assert filled.value("SELECT count(*) FROM mentions") == 9
    assert filled.value("SELECT sum(n) FROM daily") == 9
    assert {b.batch_id: filled.landing.contents(b).cursor for b in filled.landing.batches()} == (
        cursors
    )
    assert filled.load().batches == 0


def test_the_tables_are_those_of_a_rebuild(filled, key):
    erase(filled.warehouse, filled.landing, find_people(filled.warehouse, HANA, key), key)
    refresh_keys(filled.warehouse, key)
    match_known(filled.warehouse)
    before = digest(filled.warehouse)

    def complete(fresh):
        refresh_keys(fresh, key)
        match_known(fresh)

    rebuild(filled.warehouse, filled.landing, None, complete)
    after = digest(filled.warehouse)
    not_replayed = {"person.facts", "main.members"}
    assert {name for name in before if before[name] != after[name]} == not_replayed


def test_no_collection_brings_the_person_back(filled, row, now, key):
    erase(filled.warehouse, filled.landing, find_people(filled.warehouse, HANA, key), key)
    before = digest(filled.warehouse)
    fill(filled, row, now, key)
    filled.land([{"customer_id": "c77", "name": "김하나", "email": f" {HANA.upper()}"}],
                "customers", "shop")  # fmt: skip
    loaded = filled.load()
    assert traces(filled) == []
    assert loaded.loaded == 0
    after = digest(filled.warehouse)
    assert {name for name in before if before[name] != after[name]} == {
        "main.loaded_batches",
        "person.customers",  # the third was told by three names
    }
    assert {row["customer_id"] for row in filled.rows("FROM person.customers")} == {"c2", "c3"}


def test_a_contact_of_somebody_else_is_not_shut_out(filled, key):
    erase(filled.warehouse, filled.landing, find_people(filled.warehouse, "c1", key), key)
    known = suppressed(filled.landing.folder)
    assert email_key(HANA, key) in known
    assert phone_key("010-1234-5678", key) not in known


def test_without_the_key_nothing_lands_once_somebody_is_suppressed(filled, key):
    erase(filled.warehouse, filled.landing, find_people(filled.warehouse, "c1", key), key)
    filled.landing = Landing(filled.landing.folder)
    with pytest.raises(WarehouseError, match=r"Landing\(folder, key\)"):
        filled.land(customers(), "customers", "crm")


def test_who_cannot_be_found_is_nobody(filled, key):
    assert find_people(filled.warehouse, "nobody@mail.kr", key) == ()
    assert find_people(filled.warehouse, "김하나", key) == ()
    assert [p.customer_id for p in find_people(filled.warehouse, "01012345678", key)] == [
        "c1",
        "c2",
    ]


def test_a_handle_is_erased_where_there_are_no_ids(house, row, key):
    house.landing = Landing(house.landing.folder, key)
    house.land([row(1, author_handle="hana_01"), row(2, author_handle="other")])
    house.load()
    people = find_people(house.warehouse, "shop-reviews|@hana_01", key)
    assert erase(house.warehouse, house.landing, people, key).mentions == 1
    house.land([row(1, author_handle="hana_01"), row(3, author_handle="other")])
    house.load()
    assert house.rows("SELECT DISTINCT author_handle FROM mentions") == [{"author_handle": "other"}]


def test_who_leaves_the_yard_is_erased_as_an_account(filled, facts, key):
    assert leavers(filled.warehouse, key) == ()
    take_facts(filled.warehouse, facts(("member_left", "m1", {}), first=2))
    gone = leavers(filled.warehouse, key)
    assert [person.authors for person in gone] == [(("community", "m1"),)]
    erase(filled.warehouse, filled.landing, gone, key)
    assert leavers(filled.warehouse, key) == ()
    assert filled.value("SELECT count(*) FROM mentions WHERE author_id = 'm1'") == 0
    assert filled.value("SELECT count(*) FROM person.customers") == 3


WORKER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from warehouse.erase import erase
    from warehouse.landing import Landing
    from warehouse.people.find import find_people
    from warehouse.store import open_warehouse

    folder, key = Path(sys.argv[1]), sys.argv[2].encode()
    landing = Landing(folder / "landing", key)
    warehouse = open_warehouse(
        folder / "warehouse.duckdb", landing.folder, folder / "jobs", "Asia/Seoul"
    )
    people = find_people(warehouse, "c1", key)
    print("ready", flush=True)
    erase(warehouse, landing, people, key)
    """
)


@pytest.mark.parametrize(
    "seed", [*range(5), *(pytest.param(n, marks=pytest.mark.soak) for n in range(5, 60))]
)
def test_killed_at_random_it_is_finished_by_the_next(filled, tmp_path, key, seed):
    others = filled.value("SELECT sum(hash(text)) FROM mentions WHERE text LIKE '다른%'")
    filled.warehouse.close()
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(filled.folder), key.decode()],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).random() * 0.3)
    worker.send_signal(signal.SIGKILL)
    worker.stdout.close()
    worker.wait()
    filled.open()
    finish_erasures(filled.warehouse, filled.landing, key)
    if people := find_people(filled.warehouse, "c1", key):  # killed before it had begun
        erase(filled.warehouse, filled.landing, people, key)
    assert finish_erasures(filled.warehouse, filled.landing, key) == Erased()
    assert traces(filled) == []
    assert filled.load().batches == 0
    assert filled.value("SELECT sum(hash(text)) FROM mentions") == others
    fresh = open_warehouse(
        tmp_path / "fresh.duckdb", filled.landing.folder, filled.folder / "jobs", "Asia/Seoul"
    )
    load(fresh, filled.landing)
    ours, anew = digest(filled.warehouse), digest(fresh)
    told = ("main.mentions", "main.orders", "main.interactions", "person.customers",
            "main.loaded_batches", "main.heard", "main.daily")  # fmt: skip
    assert {name: ours[name] for name in told} == {name: anew[name] for name in told}
    fresh.close()
