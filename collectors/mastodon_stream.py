"""Mastodon's streams of server-sent events, one for each hashtag and one for the instance itself.

Mastodon.py reads each in a thread of ours. The streams are opened first, and then what was missed
is read from the timelines, so that no post falls between the two. Searches have no stream and are
asked again now and then.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mastodon import Mastodon as Client
from mastodon import MastodonError, StreamListener

from collectors.base import Cursor
from collectors.services.api import ApiError
from collectors.services.streams import BESIDE, Clock, Pauses, at_leisure, handfuls
from collectors.services.walks import ENDS_THE_RUN, Walker
from warehouse.landing import Batch

if TYPE_CHECKING:
    from collectors.mastodon import Mastodon

_TOLD: Final = timedelta(minutes=1)  # how often listening is told without a post
_SILENCE: Final = 60.0  # seconds; an instance sends a sign of life every fifteen


class _Stopped(Exception):  # noqa: N818 - the way out of a library that reads for ever
    """The stream is not wanted any more."""


class _Ear(StreamListener):
    """Hands over what one stream says."""

    def __init__(self, events: "queue.Queue[Any]", wanted: threading.Event) -> None:
        self.events = events
        self.wanted = wanted
        self.connected = threading.Event()

    def on_update(self, status: Any) -> None:
        self.events.put(("post", status))

    def on_status_update(self, status: Any) -> None:
        self.events.put(("post", status))

    def on_delete(self, status_id: Any) -> None:
        self.events.put(("delete", status_id))

    def on_any_event(
        self, name: str, data: Any | None = None, for_stream: str | None = None
    ) -> None:
        self.handle_heartbeat()

    def handle_heartbeat(self) -> None:
        self.connected.set()
        if not self.wanted.is_set():
            raise _Stopped


def _tag(tag: str, client: Client, ear: _Ear) -> None:
    client.stream_hashtag(tag, ear, timeout=_SILENCE)


def _local(client: Client, ear: _Ear) -> None:
    client.stream_public(ear, timeout=_SILENCE, local=True)


class _Ears:
    """The streams of one connection; when one breaks, all are opened again."""

    def __init__(self, source: "Mastodon") -> None:
        self.events: queue.Queue[Any] = queue.Queue()
        self.alive = threading.Event()
        self.alive.set()
        self.failure: ApiError | None = None
        self._source = source
        self._ears: list[_Ear] = []
        for tag in source.settings.tags:
            self._open(partial(_tag, tag))
        if source.settings.local:
            self._open(_local)

    def _open(self, stream: Callable[[Client, _Ear], None]) -> None:
        ear = _Ear(self.events, self.alive)
        self._ears.append(ear)
        threading.Thread(target=self._listen, args=(stream, ear), daemon=True).start()

    def _listen(self, stream: Callable[[Client, _Ear], None], ear: _Ear) -> None:
        client: Any = self._source.client()
        try:
            stream(client, ear)
        except (MastodonError, _Stopped, AttributeError):
            # Mastodon.py reads on in an answer that has ended, and meets an AttributeError.
            status = client.session.status_said
            if status in ENDS_THE_RUN or status is None or status >= 500:
                reason = f"The instance answers the stream with the status {status}."
                self.failure = ApiError(reason, status)
        finally:
            self.alive.clear()
            ear.connected.set()
            client.session.close()

    def wait(self, seconds: float) -> None:
        """Wait until all streams are open, or one is not to be had."""
        until = time.monotonic() + seconds
        for ear in self._ears:
            ear.connected.wait(max(until - time.monotonic(), 0))


def listen(source: "Mastodon", cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
    """Batches for ever; raises ApiError when the instance will not let us listen at all."""
    pauses = Pauses(source.settings.retry_seconds)
    walker = source.walker(cursor)
    walker.most = 2**62  # what is missed is made up for
    while not stopping.is_set():
        ears = _Ears(source)
        try:
            ears.wait(source.settings.timeout_seconds)
            connected_at = datetime.now(UTC)
            if ears.alive.is_set():
                client = source.client()
                yield from at_leisure(walker.catch_up(source.listings(client, walker)))
                pauses.begin()
                yield from _heard(source, walker, ears, stopping, connected_at)
        except ApiError as error:
            ears.failure = error
        finally:
            ears.alive.clear()
        failure = ears.failure
        if failure is not None and failure.status in ENDS_THE_RUN - {429}:
            raise failure
        pauses.wait(stopping, None if failure is None else failure.again_in)


def _heard(
    source: "Mastodon",
    walker: Walker,
    ears: _Ears,
    stopping: threading.Event,
    connected_at: datetime,
) -> Iterator[Batch]:
    told_at, beside = connected_at, Clock(BESIDE)
    for handful in handfuls(ears.events, ears.alive, stopping):
        now = datetime.now(UTC)
        gone = {source.native_id(said) for kind, said in handful if kind == "delete"}
        told_of = [source.row(said) for kind, said in handful if kind == "post"]
        rows = [row for row in told_of if row is not None and row["native_id"] not in gone]
        known = sorted(native_id for native_id in gone if walker.watched.knows(native_id))
        if rows or known or now - told_at >= _TOLD:
            told_at = now
            told = walker.listened(_streamed(source), connected_at, now)
            yield walker.batch(rows, removed=known, told=told)
        if beside.strikes():
            yield from at_leisure(_beside(source, walker, connected_at))


def _beside(source: "Mastodon", walker: Walker, connected_at: datetime) -> Iterator[Batch]:
    """What the streams do not bring: searches, what could not be made up for, and second looks."""
    client, streamed = source.client(), _streamed(source)
    listings = [
        each
        for each in source.listings(client, walker)
        if each.part not in streamed or walker.is_behind(each.part, connected_at)
    ]
    yield from walker.catch_up(listings)
    yield from source.look_again(client, walker)


def _streamed(source: "Mastodon") -> list[str]:
    """The parts that have a stream."""
    local = ["local"] if source.settings.local else []
    return [*(f"#{tag}" for tag in source.settings.tags), *local]
