"""SIGKILL to a collecting process at random moments: afterwards everything is landed, once by key.

Batches are landed by rename, so nothing is half; what was fetched and not landed comes again.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.fakes.feeds import Entry, Feed, FeedServer
from warehouse.landing import Landing

PROGRAM = Path(__file__).with_name("collecting.py")
ROUNDS = [5, pytest.param(200, marks=pytest.mark.soak)]
FEEDS, ENTRIES, ROWS = 40, 5, 20_000


def run(what: str, folder: Path, origin: str, seconds: float | None) -> bool:
    """Let it work for `seconds` after the first batch and kill it; whether it ended by itself."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), what, str(folder), origin],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        if seconds is None:
            assert process.wait(timeout=120) == 0
            return True
        before = batches(folder)
        while process.poll() is None and batches(folder) == before:
            time.sleep(0.002)
        time.sleep(seconds)
        return process.poll() is not None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def batches(folder: Path) -> int:
    return sum(1 for _ in folder.glob("mentions/*/*/*.parquet"))


def landed_keys(folder: Path) -> Counter[str]:
    tables = [
        pq.ParquetFile(b.path).read(["native_id"]) for b in Landing(folder).batches("mentions")
    ]
    return Counter(key for table in tables for key in table["native_id"].to_pylist())


@pytest.fixture
def server() -> Iterator[FeedServer]:
    when = datetime(2026, 11, 1, tzinfo=UTC)
    with FeedServer() as running:
        for feed in range(FEEDS):
            running.feeds[f"/feed/{feed}"] = Feed(
                [
                    Entry(f"{feed}번 소식 {n}", "가을 신제품을 미리 만나 보세요",
                          f"tag:example.com,2026:{feed}/{n}", when + timedelta(minutes=n))
                    for n in range(ENTRIES)
                ]
            )  # fmt: skip
        yield running


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_killed_collector_loses_and_doubles_nothing(
    rounds: int, server: FeedServer, tmp_path: Path
) -> None:
    chance = random.Random(20261122)
    interrupted = 0
    folder = tmp_path / "0"
    for turn in range(rounds):
        ended = run("rss", folder, server.url, chance.uniform(0, 0.08))
        interrupted += not ended
        if ended:
            folder = tmp_path / str(turn + 1)
    run("rss", folder, server.url, None)
    keys = landed_keys(folder)
    assert len(keys) == FEEDS * ENTRIES
    assert set(keys.values()) == {1}
    assert interrupted > 0, "every run ended before it was killed"
    assert not Landing(folder).aside()


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_killed_import_goes_on_where_it_was(rounds: int, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    texts = ("배송이 빨라요", "색이 사진과 달라요", "")
    lines = (f"{texts[n % 3]},2026-11-{1 + n % 20:02}" for n in range(ROWS))
    path.write_text("text,created_at\n" + "\n".join(lines) + "\n")
    whole = tmp_path / "whole"
    run("import", whole, str(path), None)
    chance = random.Random(20261122)
    interrupted = 0
    folder = tmp_path / "0"
    for turn in range(rounds):
        ended = run("import", folder, str(path), chance.uniform(0, 0.08))
        interrupted += not ended
        if ended:
            folder = tmp_path / str(turn + 1)
    run("import", folder, str(path), None)
    assert landed_keys(folder) == landed_keys(whole)
    assert set(landed_keys(folder).values()) == {1}
    refused = [
        row
        for batch in Landing(folder).batches("quarantined")
        for row in pq.ParquetFile(batch.path).read(["row"])["row"].to_pylist()
    ]
    # A batch of refused rows may be landed twice around a kill; its key makes it one when loaded.
    assert set(refused) == {n + 1 for n in range(ROWS) if n % 3 == 2}
    assert interrupted > 0, "every run ended before it was killed"
