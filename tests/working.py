"""Processes of an instance as tests start and kill them, scripts in its store, and waiting."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

# How a script comes to the community's store, which it makes where there is none.
OPEN_STORE: Final = """
import sys
from madang.people import community_settings
from madang.settings import load_settings
from community.configure import configure
configure(community_settings(load_settings()), "command")
from community.actions import prepare_store
prepare_store()
"""


def play(environment: Mapping[str, str], script: str, *words: str) -> list[str]:
    """Carry out a script in a process of its own; the lines that it printed."""
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def in_store(home: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the community's store in this home answers, without the start of a process."""
    path = home / "var" / "community.sqlite"
    with closing(sqlite3.connect(path, timeout=30)) as store, store:
        return store.execute(sql, values).fetchall()


def hurry(home: Path) -> None:
    """Every lease of what leaves has run out, and every wait is over."""
    past = "2026-01-01 00:00:00"
    in_store(home, "UPDATE outbox_delivery SET due_at = ? WHERE state = 'waiting'", past)
    in_store(home, "UPDATE outbox_delivery SET leased_until = ? WHERE state = 'leased'", past)


@contextmanager
def worker(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The worker as `madang up` starts it, killed at the end unless it has ended."""
    command = [sys.executable, "-m", "madang.worker"]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def until(met: Callable[[], bool], seconds: float = 60, every: float = 0.02) -> None:
    """Wait until it is so; `every` so many seconds it is asked."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, f"it did not come to pass within {seconds:g} seconds"
        time.sleep(every)
