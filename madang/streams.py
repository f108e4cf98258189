"""The sources that are listened to all the time, each by a child process of the desk.

A child that dies is started again after a pause that grows, so that a crash, a leak or a service
that is down costs its own stream alone. What it landed stays, and it goes on from there.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog

from collectors import SOURCES
from collectors.run import record_failure
from madang.jobs import Job, JobDied
from madang.settings import MadangError, Settings
from warehouse.landing import Landing

FIRST_PAUSE: Final = 2.0  # seconds before a stream that ended is taken up again
LONGEST_PAUSE: Final = 600.0
STEADY: Final = 300.0  # seconds after which a stream that stood is no longer in trouble
ENDED_WITHIN: Final = 4.0  # seconds for a child to land what it has heard
log = structlog.get_logger()


@dataclass(frozen=True)
class StreamState:
    """How one stream is: up or not since `since`; `reason` says why it last ended."""

    source: str
    up: bool
    since: datetime
    rows: int
    restarts: int
    reason: str


def streamed(settings: Settings) -> tuple[str, ...]:
    """The configured sources that are listened to all the time."""
    return tuple(name for name in settings.sources if SOURCES[name].streams)


@dataclass
class Streams:
    """The streams of an instance. Nothing is listened to before `begin`."""

    settings: Settings
    _running: dict[str, "_Stream"] = field(default_factory=dict)

    def begin(self, on_landed: Callable[[], None]) -> None:
        """Listen to every source that can be; `on_landed` is called when something has landed."""
        for name in streamed(self.settings):
            self._running[name] = _Stream(name, self.settings, on_landed)

    def end(self) -> None:
        """Stop listening; what was heard is landed first, within a few seconds."""
        running, self._running = list(self._running.values()), {}
        for stream in running:
            stream.stop()
        deadline = time.monotonic() + ENDED_WITHIN
        for stream in running:
            stream.thread.join(max(0.0, deadline - time.monotonic()))

    def names(self) -> frozenset[str]:
        """The sources that need not be asked: not those whose stream has ended and waits."""
        return frozenset(
            name
            for name, stream in self._running.items()
            if stream.state.up or not stream.state.reason
        )

    def states(self) -> tuple[StreamState, ...]:
        """How each of them is."""
        return tuple(stream.state for stream in self._running.values())

    @contextmanager
    def paused(self, *sources: str) -> Iterator[None]:
        """Leave some sources (none named: all) to another run; their streams go on afterwards."""
        names = [name for name in sources or self._running if name in self._running]
        streams = [self._running[name] for name in names]
        for stream in streams:
            stream.stop()
        for stream in streams:
            stream.thread.join(ENDED_WITHIN)
        try:
            yield
        finally:
            for name, stream in zip(names, streams, strict=True):
                if name in self._running:  # else all has ended meanwhile
                    self._running[name] = stream.again()


class _Stream:
    """One child after the other, watched by a thread."""

    def __init__(
        self,
        source: str,
        settings: Settings,
        on_landed: Callable[[], None],
        state: StreamState | None = None,
    ) -> None:
        self.state = state or StreamState(source, False, datetime.now(UTC), 0, 0, "")
        self._on_landed = on_landed
        self._source = source
        self._settings = settings
        self._job: Job | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.thread = threading.Thread(target=self._keep_up, name=f"stream-{source}", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Tell the child to end, and start no other."""
        self._stopping.set()
        with self._lock:
            if self._job is not None:
                self._job.end()

    def again(self) -> "_Stream":
        """The same stream, begun anew after it was stopped."""
        return _Stream(self._source, self._settings, self._on_landed, self.state)

    def _keep_up(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began, begun = datetime.now(UTC), time.monotonic()
            try:
                self._listen()
                reason = "The stream ended."
            except JobDied as error:
                reason = str(error)
                if not self._stopping.is_set():
                    landing = Landing(self._settings.landing, self._settings.identity_key)
                    record_failure(landing, self._source, began, reason)
            except MadangError as error:
                reason = str(error).removeprefix("The listen job failed: ")
            if self._stopping.is_set():
                break
            stood = time.monotonic() - begun >= STEADY
            pause = FIRST_PAUSE if stood else pause
            self._is(False, reason, restarts=self.state.restarts + 1)
            log.warning("stream_ended", source=self._source, reason=reason, again_in=pause)
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self._is(False, "")

    def _listen(self) -> None:
        with Job("listen", self._settings, about=self._source) as job:
            with self._lock:
                self._job = job
            try:
                if self._stopping.is_set():
                    return
                before = self.state.rows
                for answer in job.ask({"source": self._source}):
                    if "rows" in answer:
                        self._is(True, rows=before + answer["rows"])
                        self._on_landed()
                    else:
                        self._is(True)
                        log.info("stream_begun", source=self._source)
            finally:
                with self._lock:
                    self._job = None

    def _is(
        self, up: bool, reason: str = "", rows: int | None = None, restarts: int | None = None
    ) -> None:
        """Say how the stream is; the reason of its last end stands until it lands again."""
        known = self.state
        self.state = StreamState(
            known.source,
            up,
            known.since if up == known.up else datetime.now(UTC),
            known.rows if rows is None else rows,
            known.restarts if restarts is None else restarts,
            reason or ("" if rows is not None else known.reason),
        )
