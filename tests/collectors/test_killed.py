"""SIGKILL at random moments to what reads feeds and files, walks through X, and hears Bluesky.

Afterwards everything is landed, and once: batches are landed by rename, so that nothing is half,
and what was fetched and not landed comes again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

from tests.collectors.collecting import Task, collects, imports, listens, working
from tests.collectors.killing import assert_whole, kill_often, killed, landed_keys
from tests.fakes.bluesky import BlueskyServer
from tests.fakes.bluesky import Post as BlueskyPost
from tests.fakes.feeds import Entry, Feed, FeedServer
from tests.fakes.x import Author, Post, XServer
from tests.working import until
from warehouse.landing import Landing

ROUNDS = [pytest.param(3, id="3"), pytest.param(200, id="200", marks=pytest.mark.soak)]
FEEDS, ENTRIES, ROWS, POSTS = 40, 5, 500_000, 120


@pytest.mark.parametrize("rounds", [pytest.param(5, id="5"), *ROUNDS[1:]])
def test_a_reader_of_feeds_loses_and_doubles_nothing(rounds: int, tmp_path: Path) -> None:
    when = datetime(2026, 11, 1, tzinfo=UTC)
    with FeedServer() as server:
        for feed in range(FEEDS):
            server.feeds[f"/feed/{feed}"] = Feed(
                [
                    Entry(f"{feed}번 소식 {n}", "가을 신제품을 미리 만나 보세요",
                          f"tag:example.com,2026:{feed}/{n}", when + timedelta(minutes=n))
                    for n in range(ENTRIES)
                ]
            )  # fmt: skip
        feeds = [f"{server.url}/feed/{n}" for n in range(FEEDS)]
        task = Task(collects, "rss", {"feeds": feeds, "allow_private_addresses": True})
        folders = kill_often(lambda place: task, tmp_path, rounds, 0.08)
    assert_whole(folders, FEEDS * ENTRIES)


@pytest.mark.parametrize("rounds", [pytest.param(2, id="2"), *ROUNDS[1:]])
def test_an_import_goes_on_where_it_was(rounds: int, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    said = "배송은 빨랐는데 색이 사진과 달라요. " * 2
    empty = range(0, ROWS, 900)
    lines = (f"{said if n % 900 else ''},2026-11-{1 + n % 20:02}" for n in range(ROWS))
    path.write_text("text,created_at\n" + "\n".join(lines) + "\n")
    task = Task(imports, "posts", {"path": str(path)})
    folders = kill_often(lambda place: task, tmp_path, rounds, 0.3)
    batches = [len(Landing(folder).batches("mentions")) for folder in folders]
    assert min(batches) > 3, "there are moments at which it is half done"
    assert_whole(folders, ROWS - len(empty))
    for folder in folders:
        refused = [
            row
            for batch in Landing(folder).batches("quarantined")
            for row in pq.ParquetFile(batch.path).read(["row"])["row"].to_pylist()
        ]
        # A batch of refused rows may land twice around a kill; its key makes it one when loaded.
        assert set(refused) == {n + 1 for n in empty}


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_walk_goes_on_where_it_was(rounds: int, tmp_path: Path) -> None:
    author, now = Author("501", "minji_kim", "김민지"), datetime.now(UTC)
    with XServer() as server:
        server.page = 3
        server.posts = [
            Post(f"해담 후기 {n}", now - timedelta(minutes=200 - n), author) for n in range(POSTS)
        ]
        keys = {"queries": ["해담"], "bearer_token": "good", "base_url": server.url}
        task = Task(collects, "x", keys)
        folders = kill_often(lambda place: task, tmp_path, rounds, 0.3)
        said = {post.id for post in server.posts}
    assert_whole(folders, said)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_stream_is_played_back_from_where_it_was(rounds: int, tmp_path: Path) -> None:
    chance = Random(20261122)
    with BlueskyServer() as server, _spoken(server) as spoken:
        keys = {
            "queries": ["해담"], "handle": "haedam.example", "app_password": "abcd-efgh",
            "base_url": server.url, "stream_url": server.jetstream.url,
        }  # fmt: skip
        task = Task(listens, "bluesky", keys)
        for _ in range(rounds):
            assert killed(task, tmp_path, chance.uniform(0, 0.5)), "it ended by itself"
        spoken.set()
        with working(task, tmp_path) as process:
            until(lambda: len(landed_keys(tmp_path)) == len(server.posts), every=0.5)
            process.terminate()
            process.join(30)
            assert process.exitcode == 0
        said = {post.uri for post in server.posts}
    assert_whole([tmp_path], said)


@contextmanager
def _spoken(server: BlueskyServer) -> Iterator[threading.Event]:
    """Posts without end, until the event is set."""
    enough = threading.Event()

    def speak() -> None:
        number = 0
        while not enough.wait(0.05):
            number += 1
            post = BlueskyPost(f"해담 후기 {number}", datetime.now(UTC), f"3m{number}")
            server.posts.append(post)
            server.jetstream.say(post)

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield enough
    finally:
        enough.set()
        thread.join()
