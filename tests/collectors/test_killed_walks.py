"""SIGKILL to a process that walks through X's pages: all posts are landed, each once."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.collectors.test_killed import ROUNDS, landed_keys, run
from tests.fakes.x import Author, Post, XServer
from warehouse.landing import Landing


@pytest.mark.parametrize("rounds", ROUNDS)
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
