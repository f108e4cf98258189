"""SIGKILL at random moments to a process that collects from services page by page.

Three ways of walking are tried: down to what is known (Naver), on from a token (YouTube), and all
comments of each post (Facebook). Whatever was landed stays, and nothing is landed twice.
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

from tests.fakes.graph import PAGE, GraphServer, Said
from tests.fakes.naver import NaverServer, Post
from tests.fakes.youtube import Comment, Thread, YoutubeServer
from warehouse.landing import Landing

PROGRAM = Path(__file__).with_name("collecting_services.py")
ROOT = Path(__file__).parents[2]
ROUNDS = [3, pytest.param(200, marks=pytest.mark.soak)]
NOW = datetime.now(UTC).replace(microsecond=0)
NEWS, THREADS, POSTS, COMMENTS = 700, 450, 12, 45
ALL = NEWS + 2 * THREADS + POSTS * COMMENTS


@pytest.fixture
def origins() -> Iterator[list[str]]:
    with NaverServer() as search, YoutubeServer() as videos, GraphServer() as pages:
        search.posts["news"] = [
            Post(f"https://news.example.com/{n}", f"마당 청소기 소식 {n}", "", ago(n))
            for n in range(NEWS)
        ]
        videos.quota = 10**9
        videos.threads = {
            f"Ug{n}": Thread("v1", Comment(f"의견 {n}", ago(n)), {"r": Comment("동감", ago(n))})
            for n in range(THREADS)
        }
        pages.page = 20
        for post in range(POSTS):
            pages.posts["feed"][f"{PAGE}_{post}"] = Said("새 소식", ago(post + 100), PAGE)
            pages.comments |= {
                f"{post}_{n}": Said(f"문의 {n}", ago(n), under=f"{PAGE}_{post}")
                for n in range(COMMENTS)
            }
        yield [search.url, videos.url, pages.url]


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def run(folder: Path, origins: list[str], seconds: float | None) -> bool:
    """Let it work for `seconds` after its first batch and kill it; whether it ended by itself."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder), *origins],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
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
        pq.ParquetFile(b.path).read(["source", "native_id"])
        for b in Landing(folder).batches("mentions")
    ]
    return Counter(
        f"{row['source']} {row['native_id']}" for table in tables for row in table.to_pylist()
    )


@pytest.mark.parametrize("rounds", ROUNDS)
def test_killed_collectors_lose_and_double_nothing(
    rounds: int, origins: list[str], tmp_path: Path
) -> None:
    chance = random.Random(20261122)
    interrupted = 0
    folder = tmp_path / "0"
    for turn in range(rounds):
        ended = run(folder, origins, chance.uniform(0, 1.5))
        interrupted += not ended
        if ended:
            check(folder, origins)
            folder = tmp_path / str(turn + 1)
    check(folder, origins)
    assert interrupted > 0, "every run ended before it was killed"


def check(folder: Path, origins: list[str]) -> None:
    """Lets it end, and looks whether all is there once."""
    run(folder, origins, None)
    keys = landed_keys(folder)
    assert len(keys) == ALL
    assert set(keys.values()) == {1}
    assert not Landing(folder).aside()
