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
from dataclasses import dataclass, field
from types import FrameType

import httpx

from madang.access import running_desk
from madang.process import CANNOT_START, hold, running_as
from madang.settings import MadangError, Settings, load_settings

STARTED_WITHIN_SECONDS = 60
STOPPED_WITHIN_SECONDS = 10
RESTARTS_ALLOWED = 5
RESTART_WINDOW_SECONDS = 300
RENEW = signal.SIGUSR1


@dataclass
class _Process:
    """A part of the instance that runs on its own: `python -m madang.NAME`."""

    name: str
    child: subprocess.Popen[bytes]
    restarts: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Addresses:
    """Where the two sites are reached from this machine."""

    desk: str
    yard: str


def up(settings: Settings, ready: Callable[[Addresses], None]) -> int:
    """Run yard, desk and worker until told to stop; returns the command line's exit code.

    `ready` is called once with both addresses, when both sites answer. Raises MadangError when a
    desk of this instance is running already, or when a process cannot be kept up.
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
    renewing = threading.Event()
    signal.signal(RENEW, lambda signum, frame: renewing.set())
    hold(settings, "up")
    processes = [_started(name, settings) for name in ("desk", "web")]
    try:
        return _watch(processes, settings, ready, stopping, renewing)
    finally:
        _stop(processes)


def renew(settings: Settings) -> bool:
    """Let the `madang up` of this instance start its parts anew, with the settings as they are now.

    False where none runs, or where it is not ours to tell.
    """
    running = running_as(settings, "up")
    if running is None:
        return False
    try:
        os.kill(running, RENEW)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _watch(
    processes: list[_Process],
    settings: Settings,
    ready: Callable[[Addresses], None],
    stopping: threading.Event,
    renewing: threading.Event,
) -> int:
    told = False
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while not stopping.wait(0.1):
        if renewing.is_set():
            renewing.clear()
            settings = _renewed(processes, settings)
        for process in processes:
            code = process.child.poll()
            if code == CANNOT_START:
                return CANNOT_START
            if code is not None:
                _restart(process, settings, code)
        if not told:
            addresses = _answering(settings)
            if addresses is not None:
                # Nobody waits for mail to leave: the worker does not take from the sites' start.
                processes.append(_started("worker", settings))
                ready(addresses)
                told = True
            elif time.monotonic() > deadline:
                raise MadangError(
                    f"The desk and the yard did not both answer within {STARTED_WITHIN_SECONDS} s. "
                    f"See desk.log and web.log in {settings.var / 'logs'}."
                )
    return 0


def _answering(settings: Settings) -> Addresses | None:
    """Where both sites are, once both answer."""
    desk = running_desk(settings)
    if desk is None or not yard_answers(settings):
        return None
    return Addresses(desk[0], _yard(settings))


def yard_answers(settings: Settings) -> bool:
    """Whether the yard of this instance can be reached from this machine."""
    try:
        return httpx.get(f"{_yard(settings)}/healthz", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _yard(settings: Settings) -> str:
    return f"http://{_reached_at(settings.yard.host)}:{settings.yard.port}"


def _reached_at(host: str) -> str:
    """A listening address as this machine calls on it."""
    named = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (read, not bound)
    return f"[{named}]" if ":" in named else named


def _restart(process: _Process, settings: Settings, code: int) -> None:
    now = time.monotonic()
    process.restarts = [at for at in process.restarts if now - at < RESTART_WINDOW_SECONDS]
    if len(process.restarts) >= RESTARTS_ALLOWED:
        raise MadangError(
            f"The {process.name} ended {RESTARTS_ALLOWED + 1} times in five minutes (last exit "
            f"code {code}). See {settings.var / 'logs' / process.name}.log, then run: madang doctor"
        )
    process.restarts.append(now)
    time.sleep(min(2 ** (len(process.restarts) - 1), 8))
    process.child = _started(process.name, settings).child


def _renewed(processes: list[_Process], settings: Settings) -> Settings:
    """Start one part after the other anew; the settings that they have now."""
    try:
        changed = load_settings(settings.home)
    except MadangError as error:
        print(f"madang: {error} What runs goes on as it was.", file=sys.stderr)  # noqa: T201
        return settings
    for process in processes:
        _stop([process])
        process.child = _started(process.name, changed).child
    return changed


def _started(name: str, settings: Settings) -> _Process:
    child = subprocess.Popen(
        [sys.executable, "-m", f"madang.{name}"],
        stdin=subprocess.PIPE,
        env={**os.environ, "MADANG_HOME": str(settings.home)},
        # Ctrl-C reaches the whole foreground group; the order to stop comes from us alone.
        start_new_session=True,
    )
    return _Process(name, child)


def _stop(processes: list[_Process]) -> None:
    """Tell all to stop at once, and wait for each no longer than for one."""
    for process in processes:
        if process.child.poll() is None:
            process.child.terminate()
    deadline = time.monotonic() + STOPPED_WITHIN_SECONDS
    for process in processes:
        try:
            process.child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.child.kill()
            process.child.wait()
        if process.child.stdin is not None:
            process.child.stdin.close()
