"""SIGKILL to what walks through X and to what listens to Bluesky: nothing is lost or doubled."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.collectors.test_killed import PROGRAM, landed_keys, run
from tests.fakes.bluesky import BlueskyServer
from tests.fakes.bluesky import Post as BlueskyPost
from tests.fakes.x import Author, Post, XServer
from warehouse.landing import Landing


@pytest.mark.parametrize("rounds", [3, pytest.param(200, marks=pytest.mark.soak)])
def test_a_killed_walk_goes_on_where_it_was(rounds: int, tmp_path: Path) -> None:
    author = Author("501", "minji_kim", "김민지")
    now = datetime.now(UTC)
    chance = random.Random(20261122)
    interrupted = 0
    folder = tmp_path / "0"
    with XServer() as server:
        server.page = 3
        server.posts = [
            Post(f"해담 후기 {n}", now - timedelta(minutes=200 - n), author) for n in range(120)
        ]
        for turn in range(rounds):
            ended = run("x", folder, server.url, chance.uniform(0, 0.3))
            interrupted += not ended
            if ended:
                folder = tmp_path / str(turn + 1)
        run("x", folder, server.url, None)
    keys = landed_keys(folder)
    assert set(keys) == {post.id for post in server.posts}
    assert set(keys.values()) == {1}
    assert interrupted > 0, "every run ended before it was killed"
    assert not Landing(folder).aside()


@pytest.mark.parametrize("rounds", [2, pytest.param(60, marks=pytest.mark.soak)])
def test_a_killed_stream_is_played_back_from_where_it_was(rounds: int, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    with BlueskyServer() as server, _spoken(server) as spoken:
        origin = f"{server.url} {server.jetstream.url}"
        for _ in range(rounds):
            assert not run("jetstream", tmp_path, origin, chance.uniform(0, 0.5))
        spoken.set()
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), "jetstream", str(tmp_path), origin],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while len(landed_keys(tmp_path)) < len(server.posts) and time.monotonic() < deadline:
            time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        said = {post.uri for post in server.posts}
    keys = landed_keys(tmp_path)
    assert set(keys) == said
    assert set(keys.values()) == {1}
    assert not Landing(tmp_path).aside()


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
