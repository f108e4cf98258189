"""How many rows a second come from a file through the landing zone into the warehouse.

    python benchmarks/import_reviews.py [--rows 638622] [--sample 2000]

Two baselines in the same run: DuckDB alone reading the file into a table (no landing, no masks, no
checks), which is the least it could cost; and a plain import row by row into DuckDB, as is usual.
Real reviews where they are, else made-up ones.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from collectors.imports.files import import_file
from warehouse.landing import Landing
from warehouse.load import load
from warehouse.records import mention_id
from warehouse.store import open_warehouse

REVIEWS = Path(__file__).parents[2] / "shared" / "data" / "naver_movie_reviews.parquet"
MAPPING = {
    "review_id": "native_id",
    "movie_id": "product",
    "author": "author_handle",
    "review": "text",
    "rating": "rating",
    "date": "created_at",
}


def made_up(rows: int) -> pa.Table:
    """Reviews of the shape of the real ones."""
    dice = random.Random(1)
    openings = ["배우들 연기가", "이야기가", "화면이", "음악이", "마지막 장면이", "감독의 솜씨가"]
    verdicts = ["정말 좋았어요", "조금 지루했다", "기대보다 별로", "오래 남는다", "그저 그래요"]
    first = date(2003, 11, 21)
    return pa.table(
        {
            "review_id": [str(n) for n in range(rows)],
            "movie_id": [str(dice.randint(10_000, 23_000)) for _ in range(rows)],
            "author": [f"user{dice.randint(0, 9999):04}****" for _ in range(rows)],
            "review": [f"{dice.choice(openings)} {dice.choice(verdicts)} {n}" for n in range(rows)],
            "rating": pa.array([dice.randint(1, 10) for _ in range(rows)], pa.int8()),
            "date": [first + timedelta(dice.randint(0, 4000)) for _ in range(rows)],
        }
    )


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    clock = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - clock


def ours(path: Path, folder: Path) -> dict[str, float]:
    """Seconds of landing and of loading one file."""
    seconds: dict[str, float] = {}
    landing = Landing(folder / "landing")
    with timed(seconds, "land"):
        import_file(
            path, "mentions", landing, source="reviews", mapping=MAPPING, rating_scale=(1, 10)
        )
    warehouse = open_warehouse(
        folder / "warehouse.duckdb", landing.folder, folder / "jobs", "Asia/Seoul"
    )
    with timed(seconds, "load"):
        loaded = load(warehouse, landing)
    warehouse.close()
    print(json.dumps({"loaded": asdict(loaded)["loaded"]}))
    return seconds


def bare_duckdb(path: Path, folder: Path) -> None:
    with duckdb.connect(str(folder / "bare.duckdb")) as store:
        store.execute("CREATE TABLE reviews AS SELECT * FROM read_parquet(?)", [str(path)])


def row_by_row(path: Path, folder: Path, sample: int) -> None:
    rows = pq.read_table(path).slice(0, sample).to_pylist()
    with duckdb.connect(str(folder / "rows.duckdb")) as store:
        store.execute(
            "CREATE TABLE mentions (mention_id UUID PRIMARY KEY, product VARCHAR, author VARCHAR,"
            " text VARCHAR, rating FLOAT, created_at TIMESTAMP)"
        )
        for row in rows:
            store.execute(
                "INSERT INTO mentions VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [mention_id("reviews", row["review_id"]), row["movie_id"], row["author"],
                 row["review"], (row["rating"] - 1) / 9, row["date"]],
            )  # fmt: skip


def measured(work: Callable[[], object]) -> float:
    clock = time.perf_counter()
    work()
    return time.perf_counter() - clock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=638_622)
    parser.add_argument("--sample", type=int, default=2_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = pq.read_table(REVIEWS) if REVIEWS.exists() else made_up(options.rows)
        table = table.slice(0, options.rows)
        path, as_csv = folder / "reviews.parquet", folder / "reviews.csv"
        pq.write_table(table, path)
        arrow_csv.write_csv(table, as_csv)
        rows = table.num_rows
        bare = measured(lambda: bare_duckdb(path, folder))
        slow = measured(lambda: row_by_row(path, folder, options.sample))
        parquet = ours(path, folder / "parquet")
        csv = ours(as_csv, folder / "csv")
    whole = rows / sum(parquet.values())
    report = {
        "rows": rows,
        "real_reviews": REVIEWS.exists(),
        "rows_per_second": round(whole),
        "landing_rows_per_second": round(rows / parquet["land"]),
        "loading_rows_per_second": round(rows / parquet["load"]),
        "csv_rows_per_second": round(rows / sum(csv.values())),
        "csv_landing_rows_per_second": round(rows / csv["land"]),
        "bare_duckdb_rows_per_second": round(rows / bare),
        "row_by_row_rows_per_second": round(options.sample / slow),
        "ratio_to_bare_duckdb": round(whole * bare / rows, 3),
        "ratio_to_row_by_row": round(whole * slow / options.sample, 1),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
