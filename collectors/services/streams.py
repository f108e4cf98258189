"""What collectors that listen all the time share: pauses between tries, and events in handfuls."""

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from collectors.base import Cursor
from collectors.services.walks import ENDS_THE_RUN
from warehouse.landing import Batch

_log = structlog.get_logger(__name__)
HANDFUL: Final = 200  # events at most in one batch
LINGER: Final = 1.0  # seconds for which a batch waits to grow
BESIDE: Final = 900.0  # seconds between two rounds of what has no stream: searches, second looks


@dataclass
class Pauses:
    """The pause before each new connection: twice as long each time, with some chance in it.

    After a connection that stood for `steady` seconds the next pause is the first again.
    """

    first: float
    most: float = 300.0
    steady: float = 30.0
    _next: float = field(default=0.0, init=False)
    _begun: float | None = field(default=None, init=False)

    def begin(self) -> None:
        """A connection stands."""
        self._begun = time.monotonic()

    def wait(self, stopping: threading.Event, asked: float | None = None) -> None:
        """Wait, or less if `stopping` is set meanwhile; `asked` is what the service asks for."""
        if self._begun is not None and time.monotonic() - self._begun >= self.steady:
            self._next = 0.0
        pause, self._begun = self._next or self.first, None
        self._next = min(pause * 2, self.most)
        stopping.wait(max(pause * (0.5 + random.random() / 2), asked or 0.0))  # noqa: S311


@dataclass
class Clock:
    """Strikes every so many seconds: for what is asked beside a stream."""

    seconds: float
    _last: float = field(default_factory=time.monotonic, init=False)

    def strikes(self) -> bool:
        """Whether it is time again."""
        if time.monotonic() - self._last < self.seconds:
            return False
        self._last = time.monotonic()
        return True


def polled(
    fetch: Callable[[Cursor], Iterator[Batch]],
    cursor: Cursor,
    stopping: threading.Event,
    seconds: float,
) -> Iterator[Batch]:
    """A stream for a source that may only be asked: it is, every so many seconds."""
    while not stopping.is_set():
        for batch in fetch(cursor):
            cursor = batch.cursor
            yield batch
        stopping.wait(seconds)


def at_leisure(batches: Iterator[Batch]) -> Iterator[Batch]:
    """What is asked beside a stream: a service that is busy costs these batches, not the stream.

    They are asked for again when the clock strikes. Raises ApiError for a key that is refused.
    """
    from collectors.services.api import ApiError

    try:
        yield from batches
    except ApiError as error:
        if error.status in ENDS_THE_RUN - {429}:
            raise
        _log.warning("asked again later", reason=str(error))


def handfuls(
    events: "queue.Queue[Any]",
    alive: threading.Event,
    stopping: threading.Event,
    linger: float = LINGER,
) -> Iterator[list[Any]]:
    """What `events` brings, some at a time; an empty handful now and then.

    Ends when `stopping` is set, or when `alive` is no more and all events are handed over.
    """
    while not stopping.is_set():
        was_alive = alive.is_set()
        taken: list[Any] = []
        until = time.monotonic() + linger
        while len(taken) < HANDFUL and not stopping.is_set():
            left = until - time.monotonic()
            try:
                taken.append(events.get(timeout=min(max(left, 0.001), 0.1)))
            except queue.Empty:
                if left <= 0 or not alive.is_set():
                    break
        yield taken
        if not was_alive and not taken:
            return
