"""`madang demo` on an instance: filled once, killed or not, and recognised by the loop."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collectors.run import checked
from madang.demo.generate import generate
from madang.demo.market import INCIDENTS, PLACES, SIZES
from madang.settings import load_settings
from tests.instance import Instance
from tests.market import SEED, filled_demo
from warehouse.landing import Batch, Landing


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, str]]:
    instance, told = filled_demo(tmp_path_factory)
    yield instance, told
    instance.end()


def test_the_demo_is_filled_once(filled: tuple[Instance, str]) -> None:
    instance, first = filled
    counts = "SELECT (SELECT count(*) FROM mentions) AS said, (SELECT count(*) FROM orders) AS sold"
    before = instance.answer("sql", counts)
    second = instance.run("demo", "--no-up", "--size", "small", "--seed", str(SEED))
    assert instance.answer("sql", counts) == before and before[0]["said"] > SIZES["small"].mentions
    assert "The demo market is here already." in second
    assert "Read 0 texts that were new." in second
    for sign_in in ("at the desk as demo@", "at the yard as customer@"):
        assert first.partition(sign_in)[2] == second.partition(sign_in)[2] != ""
    assert 'brand = "해담"' in (instance.home / "madang.toml").read_text("utf-8")


def test_customers_are_recognised_as_the_truth_has_them(filled: tuple[Instance, str]) -> None:
    instance, _ = filled
    found = instance.answer("sql", "SELECT source, author_id, customer_id FROM identities",
                            "--limit", "10000")  # fmt: skip
    folder = instance.home / "var" / "demo" / f"truth-{SEED}"
    persons = {(row["source"], row["author_id"]): row["customer_id"]
               for row in pq.read_table(folder / "persons.parquet").to_pylist()}  # fmt: skip
    outside = [row for row in found if row["source"] != "community"]
    assert len(outside) > 50
    assert all(persons[row["source"], row["author_id"]] == row["customer_id"] for row in outside)
    members = pq.read_table(folder / "community.parquet").to_pylist()
    known = [row for row in members if row["customer_id"] is not None]
    assert len(found) - len(outside) == len(known) == 12


def test_the_burning_incident_has_raised_its_alert(filled: tuple[Instance, str]) -> None:
    instance, _ = filled
    (burning,) = [incident for incident in INCIDENTS if incident.ended == 0]
    found = instance.answer(
        "sql", "SELECT product, seen, high FROM alerts WHERE window_end > now() - INTERVAL 1 DAY"
    )
    (alert,) = [row for row in found if row["product"] == burning.product]
    assert alert["seen"] > 2 * alert["high"]
    raised = "SELECT count(*) AS n FROM findings WHERE kind = 'alert_raised'"
    assert instance.answer("sql", raised)[0]["n"] >= 1


def test_another_market_is_refused_where_one_stands(filled: tuple[Instance, str]) -> None:
    instance, _ = filled
    told = instance.fails("demo", "--no-up", "--size", "small", "--seed", "4")
    assert f"holds the small demo market of seed {SEED}" in told and f"--seed {SEED}" in told
    assert "Use small or full" in instance.fails("demo", "--no-up", "--size", "huge")


def test_killed_in_the_middle_it_ends_with_the_same_rows(instance: Instance) -> None:
    """The setting up is killed at four moments, then left alone: as if nothing had happened."""
    program = (
        "from madang.demo.run import set_up; from madang.progress import silent; "
        "from madang.settings import load_settings; "
        "set_up(load_settings(), 5, print, 'small', silent)"
    )
    command = [sys.executable, "-c", program]
    rng = Random(20261122)
    for _ in range(4):
        process = subprocess.Popen(command, env=instance.environment, stdout=subprocess.DEVNULL)
        try:
            process.wait(timeout=rng.uniform(0.8, 5))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    subprocess.run(command, env=instance.environment, check=True, stdout=subprocess.DEVNULL)
    note = json.loads((instance.home / "var" / "demo" / "market.json").read_text())
    assert note["done"] == ["landed", "community"]
    landing = Landing(instance.home / "var" / "landing")
    batches = landing.batches("mentions")
    assert sorted(batch.source for batch in batches) == sorted(place.name for place in PLACES)
    landed = pa.concat_tables(pq.ParquetFile(batch.path).read() for batch in batches)
    until = datetime.fromisoformat(note["until"])
    made = generate(5, until, SIZES["small"], load_settings(instance.home).identity_key).mentions
    order = [("source", "ascending"), ("native_id", "ascending")]
    meant = checked(Batch(made, {}), "all", until).table.sort_by(order)
    assert landed.sort_by(order).equals(meant.cast(landed.schema))
