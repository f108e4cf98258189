"""`madang up`: starts the processes of an instance, keeps them up, and stops them cleanly.

Each process is a child that ends when this one does, even when this one is killed: it watches the
pipe that it was given as standard input.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from madang.access import running_desk
from madang.settings import MadangError, Settings

STARTED_WITHIN_SECONDS = 60
STOPPED_WITHIN_SECONDS = 10
RESTARTS_ALLOWED = 5
RESTART_WINDOW_SECONDS = 300
PORT_TAKEN = 2  # the exit code of a process that could not start as it was told to


@dataclass
class _Process:
    name: str
    child: subprocess.Popen[bytes]
    restarts: list[float]


def up(settings: Settings, ready: Callable[[str], None]) -> int:
    """Run the desk until it is told to stop; returns the exit code for the command line.

    `ready` is called with the desk's address once it answers. Raises MadangError when a desk of
    this instance is running already, or when a process cannot be kept up.
    """
    already = running_desk(settings)
    if already is not None:
        raise MadangError(
            f"This instance is up already, at {already[0]}. "
            "Stop that one first, or set MADANG_HOME to another folder."
        )
    stopping = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    process = _Process("desk", _started("desk", settings), [])
    try:
        return _watch(process, settings, ready, stopping)
    finally:
        _stop(process.child)


def _watch(
    process: _Process, settings: Settings, ready: Callable[[str], None], stopping: threading.Event
) -> int:
    told = False
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while not stopping.wait(0.1):
        code = process.child.poll()
        if code is not None:
            if code == PORT_TAKEN:
                return PORT_TAKEN
            _restart(process, settings, code)
        elif not told:
            desk = running_desk(settings)
            if desk is not None:
                ready(desk[0])
                told = True
            elif time.monotonic() > deadline:
                raise MadangError(
                    f"The desk did not answer within {STARTED_WITHIN_SECONDS} s. "
                    f"See {settings.var / 'logs' / 'desk.log'}."
                )
    return 0


def _restart(process: _Process, settings: Settings, code: int) -> None:
    now = time.monotonic()
    process.restarts = [at for at in process.restarts if now - at < RESTART_WINDOW_SECONDS]
    if len(process.restarts) >= RESTARTS_ALLOWED:
        raise MadangError(
            f"The {process.name} ended {RESTARTS_ALLOWED + 1} times in five minutes (last exit "
            f"code {code}). See {settings.var / 'logs' / 'desk.log'}, then run: madang doctor"
        )
    process.restarts.append(now)
    time.sleep(min(2 ** (len(process.restarts) - 1), 8))
    process.child = _started(process.name, settings)


def _started(name: str, settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"madang.{name}"],
        stdin=subprocess.PIPE,
        env={**os.environ, "MADANG_HOME": str(settings.home)},
        # Ctrl-C reaches the whole foreground group; the order to stop comes from us alone.
        start_new_session=True,
    )


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=STOPPED_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child.stdin is not None:
        child.stdin.close()
