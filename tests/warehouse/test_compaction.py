"""Merged files hold the same batches: loaded once, whenever the merging happened or was killed."""

import random
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pyarrow.parquet as pq
import pytest

from warehouse.compaction import Compacted, compact
from warehouse.load import load
from warehouse.rebuild import digest, rebuild
from warehouse.store import open_warehouse

TOMORROW = date(2100, 1, 1)


@pytest.fixture
def landed(house, row):
    """Eight small batches of two sources, with repeats and changes between them."""
    chance = random.Random(5)
    for turn in range(4):
        rows = [row(chance.randrange(12), likes=turn % 2) for _ in range(9)]
        house.land(rows, cursor={"page": turn})
        house.land([{**each, "source": "forum"} for each in rows], source="forum")
    return house


def all_rows(house, tmp_path, name):
    other = open_warehouse(
        tmp_path / f"{name}.duckdb", house.landing.folder, house.folder / "jobs", "Asia/Seoul"
    )
    load(other, house.landing)
    found = digest(other)
    other.close()
    return found


def test_merged_files_hold_the_same_tables(landed, tmp_path):
    before = all_rows(landed, tmp_path, "before")
    assert compact(landed.landing, TOMORROW) == Compacted(merged=8, into=2)
    batches = landed.landing.batches()
    assert [(b.source, b.first, b.last) for b in batches] == [
        ("shop-reviews", 1, 4),
        ("forum", 1, 4),
    ]
    assert len(list(landed.landing.folder.rglob("*.parquet"))) == 2
    assert all(b.path.stat().st_mode & 0o777 == 0o600 for b in batches)
    assert all_rows(landed, tmp_path, "after") == before
    assert compact(landed.landing, TOMORROW) == Compacted(merged=0, into=0)


def test_the_source_goes_on_after_a_merge(landed, row):
    compact(landed.landing, TOMORROW)
    with landed.landing.open_source("mentions", "shop-reviews") as writer:
        assert writer.cursor == {"page": 3}
    assert landed.land([row(99)]).first == 5
    assert compact(landed.landing, TOMORROW).merged == 0  # one alone is not worth merging


def test_what_was_loaded_before_a_merge_is_not_loaded_again(landed, row):
    landed.load()
    before = digest(landed.warehouse)
    compact(landed.landing, TOMORROW)
    assert landed.load().batches == 0
    rebuild(landed.warehouse, landed.landing)
    assert digest(landed.warehouse) == before


def test_a_merge_of_loaded_and_not_yet_loaded_batches(landed, row, tmp_path):
    landed.load()
    landed.land([row(1, likes=77), row(500)])
    compact(landed.landing, TOMORROW)
    loaded = landed.load()
    assert (loaded.batches, loaded.loaded, loaded.updated) == (1, 1, 1)
    assert digest(landed.warehouse) == all_rows(landed, tmp_path, "fresh")


def test_today_is_left_alone(landed):
    assert compact(landed.landing, datetime.now(UTC).date()) == Compacted(0, 0)


def test_a_source_being_written_is_left_for_later(landed):
    with landed.landing.open_source("mentions", "forum"):
        assert compact(landed.landing, TOMORROW) == Compacted(merged=4, into=1)


def test_a_file_that_cannot_be_read_breaks_the_run_and_is_kept(landed, tmp_path):
    third = [b for b in landed.landing.batches() if b.source == "forum"][2]
    third.path.write_bytes(third.path.read_bytes()[:100])
    assert compact(landed.landing, TOMORROW) == Compacted(merged=6, into=2)
    assert [a.path.name for a in landed.load().set_aside] == [third.path.name]


def test_old_files_beside_a_merged_one_count_for_nothing(landed, tmp_path):
    """As a crash between the rename and the removal leaves it."""
    before = all_rows(landed, tmp_path, "before")
    olds = {b.path: b.path.read_bytes() for b in landed.landing.batches()}
    compact(landed.landing, TOMORROW)
    for path, data in olds.items():
        path.write_bytes(data)
    assert len(landed.landing.batches()) == 2
    assert all_rows(landed, tmp_path, "after") == before
    assert compact(landed.landing, TOMORROW) == Compacted(0, 0)
    assert not any(path.exists() for path in olds)


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(n, marks=pytest.mark.soak) for n in range(3, 60))]
)
def test_killed_while_merging(landed, tmp_path, seed):
    before = all_rows(landed, tmp_path, "before")
    script = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from warehouse.compaction import compact; from warehouse.landing import Landing\n"
        "print('ready', flush=True)\n"
        "compact(Landing(Path(sys.argv[1])), date(2100, 1, 1))"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", script, str(landed.landing.folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).random() * 0.06)
    worker.send_signal(signal.SIGKILL)
    worker.stdout.close()
    worker.wait()
    assert all_rows(landed, tmp_path, "after") == before
    compact(landed.landing, TOMORROW)
    assert all_rows(landed, tmp_path, "finished") == before
    assert {len(pq.read_schema(b.path).names) for b in landed.landing.batches()} == {26}
