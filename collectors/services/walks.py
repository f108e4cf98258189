"""Walks back through lists that show the newest first, page by page to where the last one began.

Such a list grows at its head while it is read. So a walk notes when it began, goes on below the
last row it had, also after a crash, and only when it has reached its floor is the time between
told as collected. Where a service does not go back far enough, the rest is told as a gap. What
speaks HTTP is imported when it is needed, as every command reads the list of sources.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from collectors.base import Cursor, covered, removals
from collectors.rows.mentions import failed_page, mentions_of
from collectors.services.again import Watched
from warehouse.landing import Batch

ENDS_THE_RUN: Final = frozenset({401, 402, 403, 429})  # statuses that other parts would meet too


@dataclass(frozen=True)
class Walk:
    """Where a walk stands: what was written from `floor` on and before `ceiling` is wanted.

    `after` is the identity of the newest row of the walk before, `newest` that of this one, and
    `below` what the last page said to ask the next one with.
    """

    floor: datetime
    ceiling: datetime
    after: str | None = None
    newest: str | None = None
    below: Any = None

    def stored(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "floor": self.floor.isoformat(),
            "ceiling": self.ceiling.isoformat(),
            "after": self.after,
            "newest": self.newest,
            "below": self.below,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Walk":
        """The walk that was stored."""
        return cls(
            datetime.fromisoformat(stored["floor"]),
            datetime.fromisoformat(stored["ceiling"]),
            stored["after"],
            stored["newest"],
            stored["below"],
        )


@dataclass(frozen=True)
class Page:
    """One page: its rows (columns of MENTION), and what to ask the next one with, None at the end.

    `newest` is the identity of its newest row, for services that search by identity. `removed` are
    native ids that the page shows as deleted. `cut_at`: the service ended its list here although
    older rows were wanted; all written before is not to be had.
    """

    rows: Sequence[Mapping[str, Any]]
    below: Any = None
    newest: str | None = None
    removed: Sequence[str] = ()
    cut_at: datetime | None = None


@dataclass(frozen=True)
class Listing:
    """One list of a source: a query, a tag, a forum.

    `read` gives the next page of a walk, or raises ApiError. A first walk goes back by `first`,
    none further than `window`; `limit` says in a sentence what the service shows.
    """

    part: str
    read: Callable[[Walk], Page]
    first: timedelta
    window: timedelta | None = None
    limit: str = "The service does not go back further."


@dataclass
class Walker:
    """Walks all lists of one source and makes batches of their pages.

    The cursor is {"parts": {part: {"until", "newest", "walk"}}, "watched": …} and what else was in
    it. `most` is the number of rows after which a run ends; the next one goes on from there.
    `ends_the_run`: statuses that every list would meet; others are a list's own failure.
    """

    source: str
    cursor: Cursor
    watched: Watched
    most: int = 5000
    ends_the_run: frozenset[int] = ENDS_THE_RUN
    _taken: int = field(default=0, init=False)

    def catch_up(self, listings: Sequence[Listing]) -> Iterator[Batch]:
        """What is new in each list. Raises ApiError for what would meet every list alike."""
        for listing in listings:
            if self._taken < self.most:
                yield from self._guarded(listing, self._new(listing))

    def look_back(
        self, listings: Sequence[Listing], since: datetime, until: datetime
    ) -> Iterator[Batch]:
        """What each list holds from `since` on and before `until`, without end of `most`."""
        name = f"{since.isoformat()}/{until.isoformat()}"
        done: list[str] = list(self.cursor.get("backfill", {}).get(name, {}).get("done", []))
        for listing in listings:
            if listing.part not in done:
                yield from self._guarded(listing, self._old(listing, name, done, since, until))
                done.append(listing.part)
        self.cursor = {key: value for key, value in self.cursor.items() if key != "backfill"}
        yield self.batch([])

    def batch(
        self,
        rows: Sequence[Mapping[str, Any]],
        *,
        removed: Sequence[str] = (),
        told: pa.Table | None = None,
        failed: pa.Table | None = None,
    ) -> Batch:
        """These rows with the cursor as it stands."""
        now = datetime.now(UTC)
        table, rejected = mentions_of(rows, source=self.source, now=now)
        self._taken += len(rows)
        for row in rows:
            self.watched.add(row["native_id"], row.get("created_at"), now)
        for native_id in removed:
            self.watched.forget(native_id)
        self.cursor = {**self.cursor, "watched": self.watched.stored()}
        return Batch(
            table,
            dict(self.cursor),
            rejected if failed is None else pa.concat_tables([rejected, failed]),
            removals(self.source, removed) if removed else None,
            told,
        )

    def state(self, part: str) -> dict[str, Any]:
        """What the cursor holds of a part."""
        return dict(self.cursor.get("parts", {}).get(part, {}))

    def set_state(self, part: str, state: Mapping[str, Any]) -> None:
        """Hold `state` for a part from the next batch on."""
        self.cursor = {
            **self.cursor,
            "parts": {**self.cursor.get("parts", {}), part: dict(state)},
        }

    def is_behind(self, part: str, moment: datetime) -> bool:
        """Whether a part has not been caught up with up to `moment`."""
        state = self.state(part)
        until = state.get("until")
        return until is None or "walk" in state or datetime.fromisoformat(until) < moment

    def listened(self, parts: Sequence[str], since: datetime, now: datetime) -> pa.Table | None:
        """Note and tell that parts were listened to until now, by a stream open since `since`.

        A part that had not been caught up with by then stays where it was, until it is.
        """
        told = []
        for part in parts:
            if not self.is_behind(part, since):
                state = self.state(part)
                begin = datetime.fromisoformat(state["until"])
                if now > begin:
                    self.set_state(part, {**state, "until": now.isoformat()})
                    told.append(covered(self.source, "collected", begin, now, part=part))
        return _joined(told)

    def _guarded(self, listing: Listing, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The batches of a list, whose failure leaves the other lists alone."""
        from collectors.services.api import ApiError

        begun = datetime.now(UTC)
        try:
            yield from batches
        except ApiError as error:
            if error.status in self.ends_the_run:
                raise
            now = datetime.now(UTC)
            told = covered(self.source, "failed", begun, now, part=listing.part, reason=str(error))
            failed = failed_page(listing.part, str(error), source=self.source, now=now)
            yield self.batch([], told=told, failed=failed)

    def _new(self, listing: Listing) -> Iterator[Batch]:
        was_cut_short = "walk" in self.state(listing.part)
        yield from self._once(listing)
        if was_cut_short and self._taken < self.most:
            yield from self._once(listing)

    def _once(self, listing: Listing) -> Iterator[Batch]:
        state, now = self.state(listing.part), datetime.now(UTC)
        if "walk" in state:
            walk = Walk.of(state["walk"])
        else:
            until = state.get("until")
            floor = datetime.fromisoformat(until) if until else now - listing.first
            walk = Walk(floor, now, state.get("newest"))
        walk, gap = self._within(listing, walk, now)
        told = [gap] if gap is not None else []
        for page, walk in _pages(listing, walk):  # noqa: B020 - the walk as the page left it
            if page.below is not None:
                self.set_state(listing.part, {**state, "walk": walk.stored()})
                yield self.batch(page.rows, removed=page.removed, told=_joined(told))
                told = []
                if self._taken >= self.most:
                    return
                continue
            done = {"until": walk.ceiling.isoformat(), "newest": walk.newest or walk.after}
            self.set_state(listing.part, done)
            told += self._collected(listing, walk, page)
            yield self.batch(page.rows, removed=page.removed, told=_joined(told))

    def _old(
        self, listing: Listing, name: str, done: list[str], since: datetime, until: datetime
    ) -> Iterator[Batch]:
        stored = self.cursor.get("backfill", {}).get(name, {}).get("walks", {}).get(listing.part)
        begun = Walk.of(stored) if stored else Walk(since, until)
        walk, gap = self._within(listing, begun, datetime.now(UTC))
        told = [gap] if gap is not None else []
        for page, walk in _pages(listing, walk):  # noqa: B020 - the walk as the page left it
            at = {"done": done, "walks": {listing.part: walk.stored()}}
            if page.below is None:
                at = {"done": [*done, listing.part]}
                told += self._collected(listing, walk, page)
            self.cursor = {**self.cursor, "backfill": {name: at}}
            yield self.batch(page.rows, removed=page.removed, told=_joined(told))
            told = []

    def _within(self, listing: Listing, walk: Walk, now: datetime) -> tuple[Walk, pa.Table | None]:
        """The walk as far as the service goes back, and the gap before that."""
        if listing.window is None or walk.floor >= (floor := now - listing.window):
            return walk, None
        floor = min(floor, walk.ceiling)
        gap = covered(
            self.source, "gap", walk.floor, floor, part=listing.part, reason=listing.limit
        )
        return replace(walk, floor=floor), gap

    def _collected(self, listing: Listing, walk: Walk, page: Page) -> list[pa.Table]:
        floor, part = walk.floor, listing.part
        told = []
        if page.cut_at is not None and page.cut_at > floor:
            told.append(
                covered(self.source, "gap", floor, page.cut_at, part=part, reason=listing.limit)
            )
            floor = page.cut_at
        return [*told, covered(self.source, "collected", floor, walk.ceiling, part=part)]


def _pages(listing: Listing, walk: Walk) -> Iterator[tuple[Page, Walk]]:
    """The pages of a walk, each with the walk after it; the last one has nothing below."""
    from collectors.services.api import ApiError

    if walk.floor >= walk.ceiling:
        yield Page([]), walk
        return
    while True:
        page = listing.read(walk)
        if page.below is not None and page.below == walk.below:
            raise ApiError(f"{listing.part}: one page leads to itself; the list has no end.", 508)
        walk = replace(walk, below=page.below, newest=walk.newest or page.newest)
        yield page, walk
        if page.below is None:
            return


def _joined(tables: list[pa.Table]) -> pa.Table | None:
    return pa.concat_tables(tables) if tables else None
