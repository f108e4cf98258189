"""Jetstream: every post of Bluesky as it is written, of which those that answer a query are kept.

Jetstream plays back what it still has from a moment on, so a break is made up for by connecting
again at the moment of the last event; a break longer than that is searched for first.
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

import structlog
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from collectors.base import Cursor
from collectors.bluesky_posts import COLLECTION, Said, Wanted, removed_by, row_of, row_of_record
from collectors.rows.mentions import failed_page
from collectors.services.api import ApiError
from collectors.services.streams import BESIDE, HANDFUL, LINGER, Clock, Pauses, at_leisure
from collectors.services.walks import ENDS_THE_RUN, Walker
from warehouse.landing import Batch

if TYPE_CHECKING:
    from collectors.bluesky import Bluesky, SignedIn

_REWIND: Final = timedelta(seconds=5)  # what came around the break comes twice, and counts once
_TOLD: Final = timedelta(minutes=1)  # how often listening is told without a post
_SILENCE: Final = 60.0  # seconds without an event, after which the connection is dead
_LONGEST: Final = 2**20  # bytes of one event

Event = dict[str, Any]
_log = structlog.get_logger(__name__)


def listen(source: "Bluesky", cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
    """Batches for ever; raises ApiError when the account is refused."""
    pauses = Pauses(source.settings.retry_seconds)
    walker = source.walker(cursor)
    walker.most = 2**62  # what is missed is made up for
    wanted = [Wanted.of(query) for query in source.settings.queries]
    yield from _untold(source, walker, wanted)
    with ExitStack() as signed_in:  # once: a server counts how often an account signs in
        client: SignedIn | None = None
        while not stopping.is_set():
            asked: float | None = None
            try:
                if client is None:
                    client = signed_in.enter_context(source.client())
                yield from _connection(source, client, walker, wanted, stopping, pauses)
            except ApiError as error:
                if error.status in ENDS_THE_RUN - {429}:
                    raise
                asked = error.again_in
            except (WebSocketException, OSError) as error:
                _log.info("the connection broke", reason=type(error).__name__)
            pauses.wait(stopping, asked)


def _connection(
    source: "Bluesky",
    client: "SignedIn",
    walker: Walker,
    wanted: list[Wanted],
    stopping: threading.Event,
    pauses: Pauses,
) -> Iterator[Batch]:
    """What one connection brings, after what was missed before it."""
    begin, beside = _begin(source, walker, wanted), Clock(BESIDE)
    if begin is None:
        begin = datetime.now(UTC)
        yield from at_leisure(walker.catch_up(source.listings(client, walker)))
    with _connected(source, begin) as connection:
        pauses.begin()
        for events in _handfuls(connection, stopping):
            yield from _landed(source, client, walker, wanted, events, begin)
            if beside.strikes():
                yield from at_leisure(_beside(source, client, walker, wanted, begin))


def _beside(
    source: "Bluesky",
    client: "SignedIn",
    walker: Walker,
    wanted: list[Wanted],
    begin: datetime,
) -> Iterator[Batch]:
    """What the stream does not bring: queries it cannot tell, and deletions it has not said."""
    told = _told(wanted)
    listings = [
        each
        for each in source.listings(client, walker)
        if each.part not in told or walker.is_behind(each.part, begin)
    ]
    yield from walker.catch_up(listings)
    yield from source.look_again(client, walker)


def _told(wanted: list[Wanted]) -> list[str]:
    """The queries that the stream answers."""
    return [query.query for query in wanted if not query.untold]


def _untold(source: "Bluesky", walker: Walker, wanted: list[Wanted]) -> Iterator[Batch]:
    for query in wanted:
        if query.untold:
            names = ", ".join(f"{name}:" for name in query.untold)
            reason = f"The stream cannot tell {names}; this query is left to the search."
            failed = failed_page(query.query, reason, source=source.name, now=datetime.now(UTC))
            yield walker.batch([], failed=failed)


def _begin(source: "Bluesky", walker: Walker, wanted: list[Wanted]) -> datetime | None:
    """The moment up to which every query was listened to, if Jetstream goes back to it."""
    states = [walker.state(query) for query in _told(wanted)]
    if not states or any("until" not in state or "walk" in state for state in states):
        return None
    earliest = min(datetime.fromisoformat(state["until"]) for state in states)
    reach = datetime.now(UTC) - timedelta(hours=source.settings.replay_hours)
    return earliest if earliest > reach else None


def _connected(source: "Bluesky", begin: datetime) -> ClientConnection:
    """A connection that begins at a moment. Jetstream's redirects to other hosts are refused."""
    cursor = int((begin - _REWIND).timestamp() * 1_000_000)
    asked = urlencode({"wantedCollections": COLLECTION, "cursor": cursor})
    seconds = source.settings.timeout_seconds
    url = urlsplit(source.settings.stream_url)
    port = url.port or (443 if url.scheme == "wss" else 80)
    connection = socket.create_connection((url.hostname or "", port), timeout=seconds)
    try:
        opened: ClientConnection = connect(
            f"{source.settings.stream_url}?{asked}",
            sock=connection,
            open_timeout=seconds,
            close_timeout=1,
            max_size=_LONGEST,
            proxy=None,
        )
    except BaseException:
        connection.close()
        raise
    return opened


def _handfuls(connection: ClientConnection, stopping: threading.Event) -> Iterator[list[Event]]:
    """The events of a connection, some at a time; ends with silence, breaks with the connection."""
    heard = time.monotonic()
    while not stopping.is_set() and time.monotonic() - heard < _SILENCE:
        taken: list[Event] = []
        until = time.monotonic() + LINGER
        try:
            while len(taken) < HANDFUL and not stopping.is_set():
                left = until - time.monotonic()
                if left <= 0:
                    break
                try:
                    taken.append(_parsed(connection.recv(timeout=min(left, 0.2))))
                    heard = time.monotonic()
                except TimeoutError:
                    continue
        except WebSocketException:
            yield taken
            raise
        yield taken


def _parsed(message: str | bytes) -> Event:
    try:
        event = json.loads(message)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _landed(
    source: "Bluesky",
    client: "SignedIn",
    walker: Walker,
    wanted: list[Wanted],
    events: list[Event],
    begin: datetime,
) -> Iterator[Batch]:
    times = [event["time_us"] for event in events if isinstance(event.get("time_us"), int)]
    if not times:
        return
    now = datetime.fromtimestamp(max(times) / 1_000_000, UTC)
    known = walker.watched.ids()
    found = _found(events, wanted, known)
    removed = {uri for event in events for uri in removed_by(event, {*known, *found})}
    rows = _shown(source, client, {u: row for u, row in found.items() if u not in removed})
    states = [walker.state(query) for query in _told(wanted)]
    since = min((datetime.fromisoformat(s["until"]) for s in states if "until" in s), default=now)
    if rows or removed or now - since >= _TOLD:
        told = walker.listened(_told(wanted), begin, now)
        yield walker.batch(rows, removed=sorted(removed & known), told=told)


def _found(events: list[Event], wanted: list[Wanted], known: set[str]) -> dict[str, dict[str, Any]]:
    """Posts that answer a query, and known ones that were edited, each as it was last."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        commit = event.get("commit") or {}
        record = commit.get("record")
        if commit.get("collection") != COLLECTION or not isinstance(record, dict):
            continue
        uri = f"at://{event.get('did')}/{COLLECTION}/{commit.get('rkey')}"
        if uri in known and commit.get("operation") != "update":
            continue  # it is played back
        said = Said.of(record)
        if uri in known or any(query.answered_by(said) for query in wanted if not query.untold):
            at = datetime.fromtimestamp(int(event.get("time_us", 0)) / 1_000_000, UTC)
            found[uri] = row_of_record(uri, record, at.isoformat())
    return found


def _shown(
    source: "Bluesky", client: "SignedIn", found: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The posts with what the service adds: their authors' names, and how often they were liked.

    What it does not know yet, or cannot say now, comes when the post is looked up again.
    """
    uris = list(found)
    shown: dict[str, dict[str, Any]] = {}
    for start in range(0, len(uris), 25):
        try:
            views = source.posts(client, uris[start : start + 25])
        except ApiError as error:
            _log.warning("posts without their authors' names", reason=str(error))
            break
        shown |= {str(view["uri"]): row_of(view) for view in views}
    return [{**row, **shown.get(uri, {}), "text": row["text"]} for uri, row in found.items()]
