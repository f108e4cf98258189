"""A listing walked from its newest entry down to what is known already.

Services that search by words or list reviews show the newest first, in pages, and no more than so
many; they know no "since". What was seen last time tells where to stop, and when the pages end
before that, the time between is a gap.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

import pyarrow as pa

from collectors.base import Cursor, covered, removals
from collectors.rows.mentions import failed_page, mentions_of
from collectors.services.api import ApiError
from warehouse.landing import Batch

Row = dict[str, Any]

KNOWN: Final = 300  # entries remembered of a listing
_ASKED: Final = 50  # entries asked for by their identity in one walk
_SURE: Final = 5  # entries at a page's end that tell where it is: one alone may be odd


@dataclass(frozen=True)
class Page:
    """Entries as rows of mentions, the newest first.

    `last`: the service shows no more; `hidden`: though it has more, which are older.
    """

    rows: list[Row]
    last: bool
    hidden: bool = False


@dataclass(frozen=True)
class Listing:
    """What is walked: `page` gives the page of a number from 0 on, of which there are `most`.

    `part` names it in COVERAGE. `times` says how far the entries' times can be relied on: to the
    second, to the day, or that there are none, when the moment an entry was first seen stands for
    it. `siblings` are parts that may show the same entries, each with another excerpt. `is_gone`
    tells of a native id whether the service has it no more; it is asked of entries that are not
    where they were.
    """

    part: str
    page: Callable[[int], Page]
    most: int
    times: Literal["exact", "day", "none"] = "exact"
    siblings: tuple[str, ...] = ()
    is_gone: Callable[[str], bool] | None = None


@dataclass
class NewestFirst:
    """The listings of one source. Its cursor: {"parts": {part: {known, fresh, asked_at}}}.

    `known` holds digests of the newest entries of the last whole walk, `fresh` of those that a
    walk not yet at its end has landed: after a crash it begins again and lands none of them twice.
    Many queries seldom bring something new: walks that brought nothing are told of together, with
    the next batch or the last one.
    """

    source: str
    cursor: Cursor
    _parts: dict[str, dict[str, Any]] = field(init=False)
    _seen: dict[str, set[str]] = field(init=False, default_factory=dict)  # by part, in this run
    _told: list[pa.Table] = field(init=False, default_factory=list)  # not yet in a batch

    def __post_init__(self) -> None:
        self._parts = dict(self.cursor.get("parts", {}))

    def catch_up(self, listings: Iterable[Listing]) -> Iterator[Batch]:
        """What is new or edited in each listing, and that it was listened to."""
        for listing in listings:
            yield from self._walk(listing)
        if self._told:
            yield self._batch([], datetime.now(UTC))

    def look_back(
        self, listings: Iterable[Listing], since: datetime, until: datetime
    ) -> Iterator[Batch]:
        """What each listing holds from `since` on and before `until`, as far as its pages go."""
        for listing in listings:
            yield from self._between(listing, since, until)

    def _walk(self, listing: Listing) -> Iterator[Batch]:
        """What is new or edited in `listing`; a page that cannot be had ends the walk."""
        began = datetime.now(UTC)
        state = self._parts.get(listing.part, {})
        known: dict[str, str] = state.get("known", {})
        fresh: dict[str, str] = dict(state.get("fresh", {}))
        shown: dict[str, str] = {}
        self._seen[listing.part] = set(known) | set(fresh)
        oldest = began
        for number in range(listing.most):
            try:
                page = listing.page(number)
            except ApiError as error:
                yield self._failed(listing, state, began, error)
                return
            news = self._news(listing, page.rows, known, fresh, shown, began)
            oldest = _down_to(page.rows, oldest)
            reached = _reached(page.rows, known, listing)
            if not (page.last or reached or number == listing.most - 1):
                self._parts[listing.part] = {**state, "fresh": dict(fresh)}
                yield self._batch(news, began)
                continue
            whole = page.last and not page.hidden
            gone = _gone(listing, known, shown, whole)
            kept = [each for each in known.items() if each[0] not in {*shown, *gone}]
            newest = dict([*shown.items(), *kept][:KNOWN])
            self._parts[listing.part] = {"known": newest, "asked_at": began.isoformat()}
            cut_off = "asked_at" in state and not reached and not whole
            told = self._covered(listing, state, began, oldest, cut_off)
            self._told.append(told)
            if news or gone:
                yield self._batch(news, began, gone=gone)
            return

    def _between(self, listing: Listing, since: datetime, until: datetime) -> Iterator[Batch]:
        """Entries written from `since` on and before `until`, as far as the pages go."""
        now = datetime.now(UTC)
        if listing.times == "none":
            reason = "The service does not say when these entries were written."
            gap = covered(self.source, "gap", since, until, part=listing.part, reason=reason)
            self._told.append(gap)
            yield self._batch([], now)
            return
        for number in range(listing.most):
            try:
                page = listing.page(number)
            except ApiError as error:
                yield self._failed(listing, {"asked_at": since.isoformat()}, until, error)
                return
            oldest = _down_to(page.rows, now)
            passed = oldest < since
            ended = page.last or passed or number == listing.most - 1
            wanted = [row for row in page.rows if _within(row, since, until)]
            if ended:
                state = {"asked_at": since.isoformat()}
                cut_off = not passed and (page.hidden or not page.last)
                self._told.append(self._covered(listing, state, until, min(oldest, until), cut_off))
            yield self._batch(wanted, now)
            if ended:
                return

    def _news(
        self,
        listing: Listing,
        rows: Iterable[Row],
        known: Mapping[str, str],
        fresh: dict[str, str],
        shown: dict[str, str],
        now: datetime,
    ) -> list[Row]:
        """The rows to land; `fresh` and `shown` get what the page adds to them."""
        news = []
        for row in rows:
            key = _key(row, listing)
            before = fresh.get(key) or known.get(key)
            row, mark = _marked(row, before, now, listing.times)
            shown[key] = mark
            self._seen[listing.part].add(key)
            if mark == before:
                continue
            fresh[key] = mark
            if before is None and self._has(listing.siblings, key):
                continue  # it came by another query, with an excerpt of its own
            news.append(row)
        return news

    def _has(self, parts: Iterable[str], key: str) -> bool:
        """Whether another query has found an entry, in this run or in one before."""
        for part in parts:
            state = self._parts.get(part, {})
            places = (self._seen.get(part, ()), state.get("known", {}), state.get("fresh", {}))
            if any(key in place for place in places):
                return True
        return False

    def _covered(
        self,
        listing: Listing,
        state: Mapping[str, Any],
        until: datetime,
        oldest: datetime,
        cut_off: bool,
    ) -> pa.Table:
        asked = state.get("asked_at")
        begin = datetime.fromisoformat(asked) if asked else oldest
        begin = min(begin, until)
        exact = listing.times == "exact"
        if not cut_off or (exact and oldest <= begin):
            return covered(self.source, "collected", begin, until, part=listing.part)
        reached = min(oldest, until) if exact else until
        reason = "More was written than the service shows."
        gap = covered(self.source, "gap", begin, reached, part=listing.part, reason=reason)
        had = covered(self.source, "collected", reached, until, part=listing.part)
        return pa.concat_tables([gap, had])

    def _failed(
        self, listing: Listing, state: Mapping[str, Any], until: datetime, error: ApiError
    ) -> Batch:
        asked = state.get("asked_at")
        begin = datetime.fromisoformat(asked) if asked else until
        self._told.append(
            covered(self.source, "failed", begin, until, part=listing.part, reason=str(error))
        )
        page = failed_page(listing.part, str(error), source=self.source, now=datetime.now(UTC))
        return self._batch([], until, page)

    def _batch(
        self,
        rows: list[Row],
        now: datetime,
        failed: pa.Table | None = None,
        gone: list[str] | None = None,
    ) -> Batch:
        table, rejected = mentions_of(rows, source=self.source, now=now)
        refused = rejected if failed is None else failed
        removed = removals(self.source, gone) if gone else None
        told = pa.concat_tables(self._told) if self._told else None
        self._told.clear()
        return Batch(table, {**self.cursor, "parts": dict(self._parts)}, refused, removed, told)


def _reached(rows: list[Row], known: Mapping[str, str], listing: Listing) -> bool:
    """Whether the page ends with entries of the last walk: one alone may be out of its order."""
    return bool(rows) and all(_key(row, listing) in known for row in rows[-_SURE:])


def _gone(
    listing: Listing, known: Mapping[str, str], shown: Mapping[str, str], whole: bool
) -> list[str]:
    """Entries of the last walk that should have come again, and that the service has no more.

    Those are the ones above the last that came again, or all when the `whole` listing was walked.
    """
    if listing.is_gone is None:
        return []
    order = list(known)
    last = max((place for place, key in enumerate(order) if key in shown), default=-1)
    missing = [key for key in (order if whole else order[:last]) if key not in shown]
    return [key for key in missing[:_ASKED] if listing.is_gone(key)]


def _marked(
    row: Row, before: str | None, now: datetime, times: Literal["exact", "day", "none"]
) -> tuple[Row, str]:
    """The row with its time, and what is remembered of it: a digest, and when it was first seen."""
    mark = _digest(*(str(row.get(name)) for name in ("title", "text", "rating_raw")))
    if times != "none":
        return row, mark
    seconds = before.partition("@")[2] if before else str(int(now.timestamp()))
    return row | {"created_at": datetime.fromtimestamp(int(seconds), UTC)}, f"{mark}@{seconds}"


def _down_to(rows: list[Row], before: datetime) -> datetime:
    """The time that a page reaches down to: the middle one of its last entries."""
    times = sorted(row["created_at"] for row in rows[-_SURE:] if row.get("created_at"))
    return min(before, times[len(times) // 2]) if times else before


def _within(row: Row, since: datetime, until: datetime) -> bool:
    return row["created_at"] is None or since <= row["created_at"] < until


def _key(row: Row, listing: Listing) -> str:
    """By what an entry is remembered: in short, unless it is to be asked for again."""
    native_id = str(row["native_id"])
    return _digest(native_id) if listing.is_gone is None else native_id


def _digest(*parts: str) -> str:
    said = "\x1f".join(parts).encode("utf-8", "replace")
    return base64.urlsafe_b64encode(hashlib.blake2b(said, digest_size=6).digest()).decode()
