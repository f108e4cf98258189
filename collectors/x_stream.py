"""X's filtered stream: its rules kept as the queries are, heartbeats watched, breaks made up for.

tweepy reads the stream in a thread of its own and hands over its lines. A connection is opened
first, and then what was missed is searched, so that no post falls between the two.
"""

import json
import queue
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tweepy import StreamingClient, StreamRule

from collectors.base import Cursor
from collectors.services.api import ApiError
from collectors.services.sessions import again_in, patiently
from collectors.services.streams import BESIDE, Clock, Pauses, at_leisure, handfuls
from collectors.services.walks import ENDS_THE_RUN, Walker
from collectors.x_errors import explained, meaning
from collectors.x_posts import FIELDS, rows_of
from warehouse.landing import Batch

if TYPE_CHECKING:
    from collectors.x import X

TAG: Final = "madang"  # rules without it are another program's and stay
_TOLD: Final = timedelta(minutes=1)  # how often listening is told without a post


class _Lines(StreamingClient):  # type: ignore[misc]
    """Hands over each line, and ends with the connection; connecting again is `listen`'s."""

    def __init__(self, bearer_token: str, session: Any) -> None:
        super().__init__(bearer_token, return_type=dict, daemon=True, max_retries=0)
        self.session = session
        self.events: queue.Queue[bytes | None] = queue.Queue()
        self.alive = threading.Event()
        self.settled = threading.Event()  # it is connected, or will not be
        self.failure: ApiError | None = None

    def on_connect(self) -> None:
        self.alive.set()
        self.settled.set()

    def on_data(self, raw_data: bytes) -> None:
        self.events.put(raw_data)

    def on_keep_alive(self) -> None:
        self.events.put(None)

    def on_request_error(self, status_code: int) -> None:
        said = self.session.headers_said
        self.failure = ApiError(meaning(status_code, ""), status_code, again_in(said))
        self.disconnect()

    def on_closed(self, response: Any) -> None:
        self.disconnect()

    def on_connection_error(self) -> None:
        self.disconnect()

    def on_exception(self, exception: Exception) -> None:
        self.failure = ApiError(f"X's stream cannot be read ({type(exception).__name__}).")

    def on_disconnect(self) -> None:
        self.alive.clear()
        self.settled.set()


def listen(source: "X", cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
    """Batches for ever; raises ApiError when X will not let us listen at all."""
    from collectors.x import session_of

    pauses = Pauses(source.settings.retry_seconds)
    walker = source.walker(cursor)
    walker.most = 2**62  # what is missed is made up for, whatever it costs
    while not stopping.is_set():
        lines = _Lines(source.settings.bearer_token, session_of(source.settings))
        try:
            yield from _with_rules(source, walker, lines)
            lines.filter(threaded=True, **FIELDS)
            lines.settled.wait(source.settings.timeout_seconds)
            connected_at = datetime.now(UTC)
            if lines.alive.is_set():
                pauses.begin()
                yield from at_leisure(walker.catch_up(source.listings(source.client())))
                yield from _heard(source, walker, lines, stopping, connected_at)
        except ApiError as error:
            lines.failure = error
        finally:
            lines.disconnect()
        failure = lines.failure
        if failure is not None and failure.status in ENDS_THE_RUN - {429}:
            raise failure
        pauses.wait(stopping, None if failure is None else failure.again_in)


def _heard(
    source: "X",
    walker: Walker,
    lines: _Lines,
    stopping: threading.Event,
    connected_at: datetime,
) -> Iterator[Batch]:
    told_at, beside = connected_at, Clock(BESIDE)
    for handful in handfuls(lines.events, lines.alive, stopping):
        rows: list[dict[str, Any]] = []
        for line in handful:
            if line is None:
                continue
            said = _parsed(line)
            if "data" in said:
                rows += rows_of([said["data"]], said.get("includes", {}))
            elif "errors" in said:  # X announces that it closes the stream
                lines.disconnect()
        if beside.strikes():
            yield from at_leisure(_beside(source, walker, connected_at))
        now = datetime.now(UTC)
        if not handful or not (rows or now - told_at >= _TOLD):
            continue
        told_at = now
        told = walker.listened(source.settings.queries, connected_at, now)
        yield walker.batch(rows, told=told)


def _beside(source: "X", walker: Walker, connected_at: datetime) -> Iterator[Batch]:
    """What the stream does not bring: what could not be made up for, and deletions."""
    client = source.client()
    listings = source.listings(client)
    yield from walker.catch_up([e for e in listings if walker.is_behind(e.part, connected_at)])
    yield from source.look_again(client, walker)


def _parsed(line: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _with_rules(source: "X", walker: Walker, lines: _Lines) -> Iterator[Batch]:
    """Make X's rules those of the settings; a query that X does not take is told."""
    from collectors.rows.mentions import failed_page

    def asked(call: Any) -> Mapping[str, Any]:
        return patiently(call, explained, source.settings.retry_seconds)

    stand = asked(lines.get_rules).get("data", [])
    ours = {rule["value"]: rule["id"] for rule in stand if rule.get("tag") == TAG}
    if old := [ours[value] for value in ours if value not in source.settings.queries]:
        asked(partial(lines.delete_rules, old))
    new = [StreamRule(query, TAG) for query in source.settings.queries if query not in ours]
    if not new:
        return
    for refused in asked(partial(lines.add_rules, new)).get("errors", []):
        value = str(refused.get("value", "a query"))
        reason = "; ".join(refused.get("details", [])) or str(refused.get("title"))
        if "duplicate" in reason.lower():
            continue
        now = datetime.now(UTC)
        failed = failed_page(value, f"X takes no such rule: {reason}", source="x", now=now)
        yield walker.batch([], failed=failed)
