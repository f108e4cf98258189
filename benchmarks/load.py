"""How many rows a second land and load, without a model: the warehouse's share of an import.

    python benchmarks/load.py [--rows 638622]

The whole import must reach 50,000 rows/s, so this part must reach 100,000 on two idle cores. The
baseline, in the same run, is DuckDB's bare `INSERT … SELECT * FROM read_parquet` of the same files
into one table: no ids, no hashes, no comparison, no roll-up. Real reviews where they are.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.records import MENTION
from warehouse.store import open_warehouse

REVIEWS = Path(__file__).parents[2] / "shared" / "data" / "naver_movie_reviews.parquet"
BATCH = 50_000
SOURCE = "naver-movies"


def reviews(rows: int) -> pa.Table:
    """The real reviews, or as many made-up ones, with the columns of the real ones."""
    if REVIEWS.exists():
        return pq.read_table(REVIEWS).slice(0, rows)
    return duckdb.sql(
        f"""
        SELECT i::VARCHAR AS review_id, (hash(i) % 13000)::VARCHAR AS movie_id,
            left(md5(i::VARCHAR), 4) || '****' AS author,
            '영상은 좋은데 이야기가 ' || (hash(i) % 977) || '번쯤 본 것 같아요 '
                || md5(i::VARCHAR) AS review,
            (1 + hash(i) % 10)::TINYINT AS rating, DATE '2003-11-21' + (i // 150)::INT AS date
        FROM range({rows}) t(i)
        """
    ).to_arrow_table()


def mentions(raw: pa.Table) -> pa.Table:
    """The reviews in the warehouse's schema, mapped in columns."""
    rows = raw.num_rows
    told: dict[str, Any] = {
        "source": pa.repeat(SOURCE, rows),
        "native_id": raw["review_id"],
        "kind": pa.repeat("review", rows),
        "author_handle": raw["author"],
        "text": raw["review"],
        "product": raw["movie_id"],
        "rating": pc.divide(pc.subtract(raw["rating"].cast(pa.float32()), 1), 9),
        "rating_raw": raw["rating"].cast(pa.string()),
        "created_at": pc.assume_timezone(raw["date"].cast(pa.timestamp("us")), "Asia/Seoul"),
        "collected_at": pa.repeat(pa.scalar(datetime.now(UTC), pa.timestamp("us", tz="UTC")), rows),
    }
    columns = {f.name: told.get(f.name, pa.nulls(rows, f.type)) for f in MENTION}
    return pa.table(columns).cast(MENTION)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and seconds of processor."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(table: pa.Table, folder: Path) -> dict[str, Any]:
    landing = Landing(folder / "landing")

    def land() -> None:
        with landing.open_source("mentions", SOURCE) as writer:
            for start in range(0, table.num_rows, BATCH):
                writer.write(Batch(table.slice(start, BATCH), {"row": start + BATCH}))

    landed = timed(land)
    files = [str(batch.path) for batch in landing.batches()]
    bare = duckdb.connect(str(folder / "bare.duckdb"), config={"threads": 2})
    bare.execute("CREATE TABLE mentions AS SELECT * FROM read_parquet(?) LIMIT 0", [files])

    def insert() -> None:
        bare.execute("INSERT INTO mentions SELECT * FROM read_parquet(?)", [files]).fetchall()
        bare.execute("CHECKPOINT")

    baseline = timed(insert)
    bare.close()
    warehouse = open_warehouse(
        folder / "warehouse.duckdb", landing.folder, folder / "jobs", "Asia/Seoul"
    )
    loaded = timed(lambda: load(warehouse, landing))
    again = timed(lambda: load(warehouse, landing))
    warehouse.close()
    ours = landed[0] + loaded[0]
    return {
        "rows": table.num_rows,
        "land_seconds": round(landed[0], 2),
        "load_seconds": round(loaded[0], 2),
        "rows_per_second": round(table.num_rows / ours),
        "load_again_seconds": round(again[0], 2),
        "baseline_seconds": round(baseline[0], 2),
        "load_to_baseline": round(loaded[0] / baseline[0], 2),
        "cpu_seconds": {
            "land": round(landed[1], 2),
            "load": round(loaded[1], 2),
            "baseline": round(baseline[1], 2),
        },
        "rows_per_second_of_two_cores": round(2 * table.num_rows / (landed[1] + loaded[1])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=638_622)
    table = mentions(reviews(parser.parse_args().rows))
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(table, Path(folder)), indent=2))


if __name__ == "__main__":
    main()
