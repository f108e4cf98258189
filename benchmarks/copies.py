"""How long finding near copies takes, and how many it misses against comparing each with each.

    python benchmarks/copies.py [--rows 638622] [--sample 2000]

The real reviews where they are, else made-up ones of which a tenth are copies with a word changed.
First all of them at once, then the last two thousand as a day's news. The baseline, in the same
run, compares a sample of mentions with every one in the window before; `recall` is the share of
mentions with a near one before them that were found, and `same_first` those named with the very
same earliest one.
"""

import argparse
import hashlib
import json
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nlp.fingerprint import NEAR_COPY_BITS, distance, fingerprints
from warehouse import revisions, serving
from warehouse.signals.copies import WINDOW_DAYS, refresh_copies
from warehouse.store import Warehouse, open_warehouse

REVIEWS = Path(__file__).parents[2] / "shared" / "data" / "naver_movie_reviews.parquet"
NEWS = 2_000
WORDS = (
    "배송",
    "포장",
    "색상",
    "화면",
    "가격",
    "소음",
    "마감",
    "정말",
    "아주",
    "조금",
    "너무",
    "별로",
    "최고",
)


def told(rows: int) -> tuple[list[str], np.ndarray]:
    """Texts and the seconds since 1970 when they were written."""
    if REVIEWS.exists():
        table = pq.read_table(REVIEWS, columns=["review", "date"]).slice(0, rows)
        days = table["date"].to_numpy().astype("datetime64[s]").astype(np.int64)
        return table["review"].to_pylist(), days
    dice = random.Random(1)
    texts = [" ".join(dice.choices(WORDS, k=12)) for _ in range(rows)]
    for at in range(10, rows, 10):
        texts[at] = texts[dice.randrange(max(0, at - 1000), at)] + " " + dice.choice(WORDS)
    return texts, 1_790_000_000 + np.arange(rows) * 60


@contextmanager
def filled(rows: int) -> Iterator[tuple[Warehouse, pa.Table]]:
    """A warehouse whose `heard` holds the texts' times and fingerprints, and these as a table."""
    texts, seconds = told(rows)
    hashes = fingerprints(texts)
    # A place to tell those of one day apart, as real times of day would.
    times = seconds * 1_000_000 + np.arange(len(texts))
    table = pa.table({"place": np.arange(len(texts)), "time": times, "fingerprint": hashes}).filter(
        pa.array(hashes != 0)
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        house = open_warehouse(place / "w.duckdb", place / "landing", place / "jobs", "Asia/Seoul")
        try:
            yield house, table
        finally:
            house.close()


def hear(house: Warehouse, table: pa.Table) -> None:
    with house.writing() as cursor:
        cursor.register("told", table)
        cursor.execute(
            """
            INSERT INTO heard BY NAME
            SELECT md5(place::VARCHAR)::UUID AS mention_id, 'reviews' AS source, 'review' AS kind,
                make_timestamp(time)::TIMESTAMPTZ AS created_at, created_at::DATE AS day,
                0 AS text_hash, 'neutral' AS sentiment, fingerprint
            FROM told
            """
        )
        cursor.unregister("told")
        revisions.changed(cursor, serving.HEARD)


def timed(house: Warehouse) -> tuple[int, dict[str, float]]:
    clock, processor = time.perf_counter(), time.process_time()
    copies = refresh_copies(house)
    return copies, {
        "seconds": round(time.perf_counter() - clock, 2),
        "processor_seconds": round(time.process_time() - processor, 2),
    }


def each_with_each(table: pa.Table, sample: int) -> tuple[dict[int, int], float]:
    """For mentions of a sample the place of the earliest near one in the window, or -1."""
    order = np.argsort(table["time"].to_numpy(), kind="stable")
    times, hashes, places = (
        table[name].to_numpy()[order] for name in ("time", "fingerprint", "place")
    )
    asked = np.random.default_rng(3).choice(len(times), min(sample, len(times)), replace=False)
    began = time.process_time()
    found: dict[int, int] = {}
    for at in asked:
        since = np.searchsorted(times, times[at] - WINDOW_DAYS * 86_400_000_000)
        near = np.flatnonzero(distance(hashes[since:at], hashes[at]) <= NEAR_COPY_BITS)
        found[int(places[at])] = int(places[since + near[0]]) if len(near) else -1
    return found, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=638_622)
    parser.add_argument("--sample", type=int, default=2_000)
    options = parser.parse_args()
    with filled(options.rows) as (house, table):
        hear(house, table.slice(0, table.num_rows - NEWS))
        _, whole = timed(house)
        hear(house, table.slice(table.num_rows - NEWS))
        copies, news = timed(house)
        expected, spent = each_with_each(table, options.sample)
        with house.reading() as cursor:
            groups = cursor.sql("SELECT count(DISTINCT first_id) FROM copies").fetchall()[0][0]
            largest = cursor.sql(
                "SELECT count(*) + 1 AS n FROM copies GROUP BY first_id ORDER BY n DESC LIMIT 1"
            ).fetchall()[0][0]
            rows = cursor.sql("SELECT mention_id::VARCHAR, copy_of::VARCHAR FROM copies").fetchall()
    pointed = dict(rows)
    named = {place: md5_uuid(place) for each in expected.items() for place in each if place >= 0}
    copied = {place: first for place, first in expected.items() if first >= 0}
    report = {
        "mentions": table.num_rows,
        "real_reviews": REVIEWS.exists(),
        "all_at_once": whole,
        "two_thousand_new": news,
        "copies": copies,
        "groups": groups,
        "largest_group": largest,
        "recall": share(named[place] in pointed for place in copied),
        "same_first": share(pointed.get(named[p]) == named[first] for p, first in copied.items()),
        "false": sum(named[p] in pointed for p, first in expected.items() if first < 0),
        "ratio_to_each_with_each": round(
            (spent / len(expected) * table.num_rows) / whole["processor_seconds"], 1
        ),
    }
    print(json.dumps(report, indent=2))


def md5_uuid(place: int) -> str:
    return str(UUID(hashlib.md5(str(place).encode(), usedforsecurity=False).hexdigest()))


def share(right: Iterator[bool]) -> float:
    answers = list(right)
    return round(sum(answers) / max(1, len(answers)), 4)


if __name__ == "__main__":
    main()
