"""Processes of an instance as tests start and kill them, scripts in its store, and waiting."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

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
