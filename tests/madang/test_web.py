"""The yard's server as a process: it serves, it stops when told, and it leaves nobody behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from madang.process import CANNOT_START
from tests.instance import free_port


@contextmanager
def started(home: Path, port: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ, "MADANG_HOME": str(home), "MADANG__YARD__PORT": str(port), **more,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "madang.web"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def serves(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).text == "ok\n"
    except httpx.HTTPError:
        return False


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not met():
        assert time.monotonic() < deadline, "it did not come to pass within half a minute"
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    with started(tmp_path, port) as process:
        until(lambda: serves(port))
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")
    assert not serves(port)


def test_it_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as process:
        until(lambda: serves(port))
        assert process.stdin is not None
        process.stdin.close()  # what the supervisor held, and a killed supervisor holds no more
        process.wait(timeout=20)
    assert not serves(port)


def test_a_killed_server_leaves_no_process_on_the_port(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port, MADANG__YARD__PROCESSES="2") as process:
        until(lambda: serves(port))
        process.kill()
        process.wait()
        until(lambda: not serves(port))
    with started(tmp_path, port):
        until(lambda: serves(port))


def test_a_taken_port_is_one_sentence_and_no_second_try(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port):
        until(lambda: serves(port))
        with started(tmp_path, port) as second:
            assert second.stderr is not None
            errors = second.stderr.read()  # to its end; what it has as standard input stays open
            second.wait(timeout=30)
            assert second.returncode == CANNOT_START
            assert errors.count("\n") == 1 and "yard.port" in errors, errors
