"""SIGKILL again and again to what collects, and what must be true of what it has landed."""

import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from tests.collectors.collecting import Task, working
from warehouse.landing import Landing

Trouble = Callable[[random.Random | None], None]


def kill_often(
    begun: Callable[[Path], Task],
    home: Path,
    rounds: int,
    seconds: float,
    trouble: Trouble = lambda chance: None,
) -> list[Path]:
    """Kill a task so often, each time within `seconds` of a batch that it has landed.

    A task that was done before it could be killed is begun anew, in a folder of its own: `begun`
    prepares one. `trouble` is what befalls the service in each round, and takes None for none. The
    landing folders; in each of them the task was brought to its end.
    """
    chance = random.Random(20261122)
    landings: list[Path] = []
    interrupted, done = 0, True
    for turn in range(rounds):
        if done:
            place = home / str(turn)
            place.mkdir()
            task = begun(place)
            landings.append(place / "landing")
        trouble(chance)
        done = not killed(task, landings[-1], chance.uniform(0, seconds))
        interrupted += not done
        if done or turn == rounds - 1:
            trouble(None)
            finish(task, landings[-1])
    assert interrupted > 0 or rounds == 1, "it was always done before it could be killed"
    return landings


def killed(task: Task, folder: Path, seconds: float) -> bool:
    """Let it work for `seconds` after its next batch; whether it had to be killed then."""
    before = _batches(folder)
    with working(task, folder) as process:
        while process.is_alive() and _batches(folder) == before:
            time.sleep(0.002)
        process.join(seconds)
        return process.is_alive()


def finish(task: Task, folder: Path) -> None:
    with working(task, folder) as process:
        process.join(120)
        assert process.exitcode == 0


def landed_keys(folder: Path) -> Counter[str]:
    """How often each mention was landed. Nothing may lie aside as broken."""
    landing = Landing(folder)
    assert not landing.aside()
    tables = [
        pq.ParquetFile(batch.path).read(["native_id"]) for batch in landing.batches("mentions")
    ]
    return Counter(key for table in tables for key in table["native_id"].to_pylist())


def assert_whole(folders: list[Path], expected: set[str] | int) -> None:
    """All that is `expected`, or so many mentions, are in each of the folders, and once."""
    for folder in folders:
        keys = landed_keys(folder)
        assert (len(keys) if isinstance(expected, int) else set(keys)) == expected, folder
        assert set(keys.values()) == {1}, folder


def _batches(folder: Path) -> int:
    return sum(1 for _ in folder.glob("mentions/*/*/*.parquet"))
