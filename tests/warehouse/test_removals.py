"""A mention that its source takes back goes everywhere, and stays away until it is told anew."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.compaction import compact
from warehouse.errors import WarehouseError
from warehouse.landing import Batch
from warehouse.load import load
from warehouse.rebuild import digest, rebuild
from warehouse.records import MENTION, ORDER, REMOVAL
from warehouse.rewriting import Dropped, drop_removed
from warehouse.store import open_warehouse


@pytest.fixture
def take_back(house, now):
    def land(*native_ids: str, rows: pa.Table | None = None, cursor=None) -> None:
        removed = [
            {"source": "shop-reviews", "native_id": each, "removed_at": now} for each in native_ids
        ]
        with house.landing.open_source("mentions", "shop-reviews") as writer:
            table = MENTION.empty_table() if rows is None else rows
            gone = pa.Table.from_pylist(removed, schema=REMOVAL)
            writer.write(Batch(table, cursor or {}, removed=gone))

    return land


def test_it_goes_everywhere(house, row, read, take_back):
    house.land([row(n) for n in range(6)])
    house.load()
    read(house)
    take_back("r1", "r4", "never-seen", cursor={"page": 2})
    loaded = house.load()
    assert (loaded.removed, loaded.loaded) == (2, 0)
    for table in ("mentions", "heard", "annotations"):
        assert house.value(f"SELECT count(*) FROM {table}") == 4
    assert house.value("SELECT sum(n) FROM daily") == 4
    assert house.load().batches == 0
    with house.landing.open_source("mentions", "shop-reviews") as writer:
        assert writer.cursor == {"page": 2}


def test_told_anew_it_stands_again(house, row, table, take_back):
    house.land([row(1)])
    take_back("r1", rows=table("mentions", [row(2)]))
    house.load()
    assert house.rows("SELECT native_id FROM mentions") == [{"native_id": "r2"}]
    house.land([row(1)])
    house.load()
    assert house.value("SELECT count(*) FROM mentions") == 2


@pytest.mark.parametrize("loads_between", [True, False])
def test_one_by_one_or_all_at_once(house, row, take_back, tmp_path, loads_between):
    steps = (
        lambda: house.land([row(1), row(2)]),
        lambda: house.land([row(1, likes=3)]),
        lambda: take_back("r1"),
        lambda: house.land([row(1), row(3)]),
        lambda: take_back("r2", "r3"),
        lambda: take_back("r2"),
    )
    for step in steps:
        step()
        if loads_between:
            house.load()
    house.load()
    assert house.rows("SELECT native_id, likes FROM mentions") == [
        {"native_id": "r1", "likes": None}
    ]
    before = digest(house.warehouse)
    fresh = open_warehouse(
        tmp_path / "fresh.duckdb", house.landing.folder, house.folder / "jobs", "Asia/Seoul"
    )
    load(fresh, house.landing)
    assert digest(fresh) == before
    fresh.close()
    rebuild(house.warehouse, house.landing)
    assert digest(house.warehouse) == before


def test_only_mentions_can_be_taken_back(house, now):
    gone = pa.Table.from_pylist(
        [{"source": "erp", "native_id": "1", "removed_at": now}], schema=REMOVAL
    )
    with (
        house.landing.open_source("orders", "erp") as writer,
        pytest.raises(WarehouseError, match="Removals of erp"),
    ):
        writer.write(Batch(ORDER.empty_table(), {}, removed=gone))


def texts_landed(house) -> list[str]:
    return sorted(
        text
        for batch in house.landing.batches("mentions")
        for text in pq.ParquetFile(batch.path).read()["text"].to_pylist()
    )


@pytest.mark.parametrize("merged", [False, True])
def test_what_is_taken_away_is_kept_nowhere(house, row, take_back, merged, tmp_path):
    house.land([row(1, text="지울 글이에요"), row(2, text="남을 글이에요")])
    house.land([row(1, text="고쳐 쓴, 지울 글이에요"), row(3, text="다시 온 글이에요")])
    take_back("r1", "r3", "never-seen")
    house.land([row(3, text="다시 온 글이에요, 두 번째")])
    house.load()
    if merged:
        compact(house.landing, today=datetime.now(UTC).date() + timedelta(days=1))
    assert drop_removed(house.warehouse, house.landing).mentions == 3
    assert texts_landed(house) == ["남을 글이에요", "다시 온 글이에요, 두 번째"]
    assert drop_removed(house.warehouse, house.landing) == Dropped(), "once is enough"
    assert house.load().batches == 0
    before = digest(house.warehouse)
    fresh = open_warehouse(
        tmp_path / "fresh.duckdb", house.landing.folder, house.folder / "jobs", "Asia/Seoul"
    )
    load(fresh, house.landing)
    assert digest(fresh) == before
    fresh.close()


def test_a_source_that_is_being_written_is_left_for_the_next_time(house, row, take_back):
    house.land([row(1, text="지울 글이에요")])
    take_back("r1")
    house.load()
    with house.landing.open_source("mentions", "shop-reviews"):
        assert drop_removed(house.warehouse, house.landing) == Dropped()
    assert drop_removed(house.warehouse, house.landing) == Dropped(1, 1)
    assert texts_landed(house) == []


def test_a_later_removal_is_carried_out_too(house, row, take_back):
    house.land([row(1), row(2)])
    take_back("r1")
    drop_removed(house.warehouse, house.landing)
    take_back("r2")
    assert drop_removed(house.warehouse, house.landing).mentions == 1
    assert texts_landed(house) == []
