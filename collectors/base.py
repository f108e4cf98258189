"""What a source is: a name, its settings, and `fetch(cursor)`, which yields batches of mentions.

A new source is one file with its settings on top, and one line in `collectors/__init__.py`. What
else a source can do (listen all the time, look back, carry answers) it shows by the methods it has.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable

import pyarrow as pa

from warehouse.landing import Batch
from warehouse.records import COVERAGE, REMOVAL

Cursor = dict[str, Any]
Covered = Literal["collected", "gap", "failed"]


class CollectorError(Exception):
    """Something could not be collected or imported.

    The message says what happened, to which file or address, and what to do about it.
    """


class SourceUnavailable(CollectorError):  # noqa: N818 - it is a state of the source, not a mistake
    """A source removes itself: it lacks a setting or a credential. The message is the reason."""


class ReplyRefused(CollectorError):  # noqa: N818 - an answer of the channel, not a mistake
    """The channel will never take this answer; the message says why, for whoever wrote it."""


class ReplyUncertain(ReplyRefused):
    """Nobody can know if the answer went out, so that it does not go again by itself."""


class ReplyLater(CollectorError):  # noqa: N818 - an answer of the channel, not a mistake
    """The answer did not go and may go later, `after` so long at the earliest where it is known."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Source(Protocol):
    """Where mentions come from. It neither masks nor stores: `collectors.run.collect` does.

    A source of something else than mentions names its record (`warehouse.records`) as `record`.
    """

    @property
    def name(self) -> str:
        """The name of the source in the landing zone: small letters, digits, hyphens."""
        ...

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        """Yield what is new since `cursor` (empty at first), each batch with the cursor after it.

        The tables have the schema `warehouse.records.MENTION`. A page that failed is a rejected
        row number 0 of its address, never an exception; CollectorError is for what ends the run.
        What was edited is yielded again, what was deleted stands in `Batch.removed`, and what was
        listened to, or missed, in `Batch.covered`.
        """
        ...


@runtime_checkable
class Backfilling(Protocol):
    """A source that can look back."""

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        """Yield what was written from `since` on and before `until`, as far as can be had.

        The cursors are `cursor` with at most what it takes to go on after a crash.
        """
        ...


@runtime_checkable
class Rechecking(Protocol):
    """A source whose mentions can be looked up again, to see what was edited or deleted."""

    def recheck(self, native_ids: Sequence[str], cursor: Cursor) -> Iterator[Batch]:
        """Yield these mentions as they stand now, and as removed what is not there any more."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """A source that is listened to all the time."""

    def stream(self, cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
        """Yield batches until `stopping` is set, connecting again after every break.

        At the start and after a break what was missed is fetched first, where the source allows
        it; where it does not, the time is a gap in `Batch.covered`. An empty batch now and then
        tells that the source is listened to.
        """
        ...


@dataclass(frozen=True)
class Answer:
    """An answer of the company to a mention. `key` is the same for every try of the same answer.

    begun: an earlier try began whose end nobody knows, for the program was stopped in the middle
    of it. Where earlier tries are found at the service this may be left aside; where one may have
    gone out without a trace, the answer must not go again.
    """

    key: str
    source: str
    native_id: str
    mention_id: str
    url: str | None
    text: str
    made_at: datetime
    begun: bool = False


@dataclass(frozen=True)
class Receipt:
    """The answer as the channel has it: its identity there and its address, if it has one."""

    native_id: str
    url: str | None = None


@runtime_checkable
class Replying(Protocol):
    """A source that carries answers."""

    def reply(self, answer: Answer) -> Receipt:
        """Post `answer` under its mention, once: an earlier try may have gone through unnoticed.

        It therefore looks first for what is there already. Raises ReplyRefused for what the
        channel will never take, ReplyLater for what another try may mend.
        """
        ...


@dataclass(frozen=True)
class ReplyLimits:
    """What a channel takes, checked before an answer is handed over.

    characters: the longest answer, counted as `counted` says (`weighted`: X's rule, by which a
    Hangul syllable counts two and an address 23). `window`: for how long after a mention was
    written it may be answered. once: one answer a mention; a second one replaces it.
    """

    characters: int | None = None
    counted: Literal["characters", "graphemes", "utf8", "weighted"] = "characters"
    window: timedelta | None = None
    once: bool = False


@dataclass(frozen=True)
class Terms:
    """What the terms of a service ask of whoever keeps its posts, in a sentence each.

    `document` is the name by which they publish it, `url` where.
    """

    document: str
    url: str
    retention: str
    display: str


Verified = Literal["local server", "recorded answers", "live service"]


@dataclass(frozen=True)
class SourceKind:
    """An entry of the list of sources.

    `settings` is a frozen dataclass whose fields carry a sentence of `help` in their metadata. A
    credential has `secret` (and `repr=False`) and `where` it is had; what must be asked before the
    source can run has `ask`. `open` makes a source of such settings, or raises SourceUnavailable
    with the reason. `verified` says against what the source has been shown to work. `streams`: it
    is listened to all the time. `replies`: what its answers may be, None where it carries none.
    `in_store`: what it brings waits in the community's store, which must be open to it.
    """

    name: str
    summary: str
    settings: type[Any]
    open: Callable[[Any], Source]
    verified: Verified
    streams: bool = False
    replies: ReplyLimits | None = None
    terms: Terms | None = None
    in_store: bool = False


def covered(
    source: str,
    state: Covered,
    begin: datetime,
    end: datetime,
    *,
    part: str = "",
    reason: str | None = None,
) -> pa.Table:
    """One row of COVERAGE: what `source`, or a part of it, was in the time from `begin` to `end`.

    Join several with `pa.concat_tables`. A time that ends before it begins is taken as a moment.
    """
    row = {
        "source": source,
        "part": part,
        "state": state,
        "begin_at": begin,
        "end_at": max(begin, end),
        "reason": reason,
        "recorded_at": datetime.now(UTC),
    }
    return pa.Table.from_pylist([row], schema=COVERAGE)


def removals(source: str, native_ids: Sequence[str]) -> pa.Table:
    """Rows of REMOVAL for mentions whose source shows them no more."""
    now = datetime.now(UTC)
    rows = [{"source": source, "native_id": each, "removed_at": now} for each in native_ids]
    return pa.Table.from_pylist(rows, schema=REMOVAL)
