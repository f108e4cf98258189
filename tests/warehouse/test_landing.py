"""Batches land whole or not at all, in order, for the owner's eyes alone."""

import os
import random
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ulid import ULID

from warehouse.batches import LandedBatch, file_name
from warehouse.errors import WarehouseError
from warehouse.landing import Batch


def test_rows_and_cursor_come_back_together(house, row):
    landed = house.land([row(1), row(2)], cursor={"page": 3, "etag": '"가나"'})
    contents = house.landing.contents(landed, every_page=True)
    assert (contents.rows, contents.cursor) == (2, {"page": 3, "etag": '"가나"'})
    with house.landing.open_source("mentions", "shop-reviews") as writer:
        assert writer.cursor == {"page": 3, "etag": '"가나"'}


def test_an_empty_batch_may_carry_a_cursor(house, row):
    house.land([row(1)], cursor={"page": 1})
    house.land([], cursor={"page": 2})
    with house.landing.open_source("mentions", "shop-reviews") as writer:
        assert writer.cursor == {"page": 2}


def test_a_new_source_has_an_empty_cursor(house):
    with house.landing.open_source("orders", "shop") as writer:
        assert writer.cursor == {}


def test_sequence_and_id_rise_though_the_clock_was_set_back(house, row):
    """A batch landed by a clock a year ahead is still followed by the next one."""
    landed = house.land([row(1)])
    ahead = ULID.from_datetime(datetime(2036, 1, 1, tzinfo=UTC))
    with house.landing.open_source("mentions", "shop-reviews") as writer:
        writer._last = LandedBatch(str(ahead), "mentions", "shop-reviews", 1, 1, landed.path)
        following = writer.write(Batch(pq.read_table(landed.path), {}))
        last = writer.write(Batch(pq.read_table(landed.path), {}))
    assert [following.first, last.first] == [2, 3]
    assert str(ahead) < following.batch_id < last.batch_id


def test_one_run_a_source_across_processes(house):
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from warehouse.errors import WarehouseError
        from warehouse.landing import Landing
        try:
            with Landing(Path(sys.argv[1])).open_source("mentions", "shop-reviews"):
                print("taken")
        except WarehouseError as error:
            print("refused", error)
        """
    )
    command = [sys.executable, "-c", script, str(house.landing.folder)]
    with house.landing.open_source("mentions", "shop-reviews"):
        held = subprocess.run(command, capture_output=True, text=True, check=True)
    free = subprocess.run(command, capture_output=True, text=True, check=True)
    assert held.stdout.startswith("refused Another run is writing mentions of shop-reviews")
    assert free.stdout == "taken\n"


@pytest.mark.parametrize("name", ["..", "a/b", "/etc", "Shop", "", "네이버", "a" * 65, "-a", ".a"])
def test_a_source_cannot_leave_its_folder(house, name):
    with (
        pytest.raises(WarehouseError, match="cannot name a source"),
        house.landing.open_source("mentions", name),
    ):
        raise AssertionError("it was opened")


def test_an_unknown_record_is_named(house):
    with (
        pytest.raises(WarehouseError, match="no record 'people'; there are mentions"),
        house.landing.open_source("people", "crm"),
    ):
        raise AssertionError("it was opened")


def test_files_and_folders_are_the_owners_alone(house, row):
    before = os.umask(0)
    try:
        landed = house.land([row(1)])
    finally:
        os.umask(before)
    folders = [path for path in landed.path.parents if house.folder in path.parents]
    assert {oct(path.stat().st_mode & 0o777) for path in folders} == {"0o700"}
    files = [path for path in house.landing.folder.rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}


def test_a_table_of_another_shape_is_refused(house, row, table):
    good = table("mentions", [row(1)])
    empty_text = good.set_column(
        good.schema.get_field_index("text"), "text", pa.nulls(1, pa.string())
    )
    with house.landing.open_source("mentions", "shop-reviews") as writer:
        with pytest.raises(WarehouseError, match=r"lacks the columns \['text'\]"):
            writer.write(Batch(good.drop_columns(["text"]), {}))
        with pytest.raises(WarehouseError, match="1 nulls in text"):
            writer.write(Batch(empty_text, {}))
    assert house.landing.batches() == []


def test_rejected_rows_land_before_the_others(house, row, table):
    refused = {
        "record": "mentions",
        "source": "shop-reviews",
        "origin": "reviews.csv",
        "row": 7,
        "reason": "the date 2026-13-40 is impossible",
        "rejected_at": datetime(2026, 11, 22, tzinfo=UTC),
    }
    house.land([row(1)], rejected=table("quarantined", [refused]))
    assert [batch.record for batch in house.landing.batches()] == ["quarantined", "mentions"]
    assert house.load().quarantined == 1
    house.land([row(1)], rejected=table("quarantined", [refused]))
    assert house.load().quarantined == 0


def test_leftovers_of_a_crash_are_cleared(house, row):
    landed = house.land([row(1)])
    leftover = landed.path.with_name(landed.path.name + ".part")
    leftover.write_bytes(b"PAR1 half of it")
    assert house.landing.batches() == [landed]
    with house.landing.open_source("mentions", "shop-reviews"):
        assert not leftover.exists()


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_cut_short_is_set_aside_and_told(house, row, seed):
    """As a full disk leaves it; the sound ones load, and the cursor is that of a sound one."""
    house.land([row(number) for number in range(50)], cursor={"page": 1})
    cut = house.land([row(number) for number in range(50, 90)], cursor={"page": 2})
    whole = cut.path.read_bytes()
    cut.path.write_bytes(whole[: random.Random(seed).randrange(len(whole))])
    loaded = house.load()
    assert (loaded.loaded, loaded.batches) == (50, 1)
    assert [aside.path.name for aside in loaded.set_aside] == [cut.path.name]
    assert [aside.reason for aside in house.landing.aside()] == [loaded.set_aside[0].reason]
    assert "cannot be read" in loaded.set_aside[0].reason
    assert house.load().set_aside == ()
    with house.landing.open_source("mentions", "shop-reviews") as writer:
        assert writer.cursor == {"page": 1}


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_damaged_inside_is_set_aside(house, row, seed):
    """The footer is whole, so only reading the pages tells."""
    house.land([row(number) for number in range(50)])
    damaged = house.land([row(number) for number in range(50, 400)])
    data = bytearray(damaged.path.read_bytes())
    start = random.Random(seed).randrange(8, 1_000)
    data[start : start + 64] = bytes(64)
    damaged.path.write_bytes(data)
    loaded = house.load()
    assert [aside.path.name for aside in loaded.set_aside] == [damaged.path.name]
    assert house.value("SELECT count(*) FROM mentions") == 50


def test_a_file_that_says_otherwise_than_its_path_is_set_aside(house, row):
    landed = house.land([row(1)])
    folder = house.landing.folder / "mentions" / "other" / landed.day
    folder.mkdir(parents=True)
    moved = folder / file_name(1, 1, landed.batch_id)
    landed.path.rename(moved)
    assert "says that it holds" in house.load().set_aside[0].reason


def test_opening_a_source_sets_aside_what_it_cannot_read(house, row):
    house.land([row(1)], cursor={"page": 1})
    cut = house.land([row(2)], cursor={"page": 2})
    cut.path.write_bytes(b"")
    with house.landing.open_source("mentions", "shop-reviews") as writer:
        assert writer.cursor == {"page": 1}
    assert [aside.path.name for aside in house.landing.aside()] == [cut.path.name]
    assert not Path(cut.path).exists()
