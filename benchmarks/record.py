"""How many annotations a second are recorded, without a model: the warehouse's share of reading.

    python benchmarks/record.py [--rows 50000]

Recorded in parts as the annotating job hands them over, newest first, with two aspects and two
labels in three of four texts. The baseline, in the same run, is DuckDB's bare `INSERT` of the same
tables into one: no child tables, no rows for the screens, no roll-up.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from load import SOURCE, mentions, reviews, timed

from warehouse import annotations
from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.store import Warehouse, open_warehouse

PART = 2_048
WORDS = ("영화", "배우", "연기", "재미", "감동", "시간", "돈", "보다", "좋다", "아깝다")
READ = """
    SELECT mention_id, text_hash, $version AS version, 'ko' AS lang,
        0.2::FLOAT AS p_negative, 0.3::FLOAT AS p_neutral, 0.5::FLOAT AS p_positive,
        ['negative', 'neutral', 'positive'][1 + (text_hash % 3)::INT] AS sentiment,
        0.3::FLOAT AS score, text_hash AS fingerprint,
        [{'lemma': w, 'tag': 'NNG'} FOR w IN $words] AS terms,
        CASE WHEN text_hash % 4 > 0 THEN [
            {'aspect': ['story', 'acting', 'music', 'price'][1 + (text_hash % 11 % 4)::INT],
                'lemma': '연기', 'start': 0, 'end': 2, 'polarity': 'positive',
                'score': 0.8::FLOAT},
            {'aspect': 'value', 'lemma': '돈', 'start': 3, 'end': 4, 'polarity': 'negative',
                'score': -0.6::FLOAT}
        ] ELSE [] END AS aspects,
        CASE WHEN text_hash % 4 = 1 THEN [
            {'label': 'product', 'name': '영화', 'start': 0, 'end': 2}
        ] ELSE [] END AS entities,
        CASE WHEN text_hash % 4 > 0 THEN ['complaint', 'comparison'] ELSE [] END AS intents,
        CASE WHEN text_hash % 4 > 0 THEN ['joy', 'anger'] ELSE [] END AS emotions,
        0.1::FLOAT AS toxicity, 0.1::FLOAT AS spam, false AS sponsored
    FROM waiting
"""


def parts(warehouse: Warehouse) -> list[pa.Table]:
    """Everything that waits, as annotations in parts of the size that the job makes them in."""
    waiting = annotations.pending(warehouse, "bench-1", 10_000_000)
    with duckdb.connect() as maker:
        maker.register("waiting", waiting)
        read = maker.sql(READ, params={"version": "bench-1", "words": list(WORDS)}).to_arrow_table()
    return [read.slice(start, PART) for start in range(0, read.num_rows, PART)]


def measure(rows: int, folder: Path) -> dict[str, Any]:
    landing = Landing(folder / "landing")
    with landing.open_source("mentions", SOURCE) as writer:
        writer.write(Batch(mentions(reviews(rows)), {}))
    warehouse = open_warehouse(
        folder / "warehouse.duckdb", landing.folder, folder / "jobs", "Asia/Seoul"
    )
    load(warehouse, landing)
    read = parts(warehouse)

    def record() -> None:
        for part in read:
            annotations.record(warehouse, part)

    recorded = timed(record)
    again = timed(record)
    warehouse.close()
    bare = duckdb.connect(str(folder / "bare.duckdb"), config={"threads": 2})
    bare.register("given", read[0])
    bare.execute("CREATE TABLE annotations AS SELECT * FROM given LIMIT 0")

    def insert() -> None:
        for part in read:
            bare.register("given", part)
            bare.execute("INSERT INTO annotations SELECT * FROM given").fetchall()

    baseline = timed(insert)
    return {
        "rows": rows,
        "record_seconds": round(recorded[0], 2),
        "rows_per_second": round(rows / recorded[0]),
        "record_again_seconds": round(again[0], 2),
        "baseline_seconds": round(baseline[0], 2),
        "record_to_baseline": round(recorded[0] / baseline[0], 2),
        "cpu_seconds": {"record": round(recorded[1], 2), "baseline": round(baseline[1], 2)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(asked.rows, Path(folder)), indent=2))


if __name__ == "__main__":
    main()
