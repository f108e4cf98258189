"""The comment threads of one channel or video: what is new in them, edited or taken away."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from collectors.base import CollectorError, Cursor, covered, removals
from collectors.rows.mentions import failed_page, mentions_of
from collectors.services.api import ApiError
from collectors.services.google import QuotaUsedUp, reason_of
from collectors.services.wire import moment, objects, part, text, whole
from warehouse.landing import Batch

_PAGE: Final = 100  # threads of one page
_IDS: Final = 50  # threads asked for by their ids at once
_SURE: Final = 5  # known threads at a page's end, before which nothing new is looked for
_LATE: Final = timedelta(days=1)  # a comment held for review is shown later than it was written
_THREADS: Final = {"part": "snippet,replies", "textFormat": "plainText"}

State = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Listened:
    """A channel or a video: its name in COVERAGE, and how its threads are asked for."""

    name: str
    asked: dict[str, str]


@dataclass
class Listening:
    """One part of the source `youtube`. What is remembered of it in the cursor:

    threads: {id: [digest, number of replies, {the reply's own part of its id: digest}, when it was
    begun]}, the newest `watched` of them; floor: when the newest was begun; asked_at: when the last
    whole walk began; walk: {began, top, token} of a walk that is not yet at its end.
    """

    source: str
    service: Any
    ask: Callable[[Any], Any]
    part: Listened
    own: frozenset[str]
    days: int
    watched: int
    product: str | None
    cursor: Cursor
    states: dict[str, State]
    state: State = field(init=False)

    def __post_init__(self) -> None:
        self.state = dict(self.states.get(self.part.name, {}))
        self.state["threads"] = dict(self.state.get("threads", {}))

    @property
    def threads(self) -> dict[str, Any]:
        found: dict[str, Any] = self.state["threads"]
        return found

    def run(self) -> Iterator[Batch]:
        """What changed in the threads of late, then what is new."""
        began = datetime.now(UTC)
        try:
            yield from self._again()
            if "walk" in self.state:
                yield from self._walk(began, resumed=True)
            yield from self._walk(began, resumed=False)
        except QuotaUsedUp as error:
            yield self._failed(began, error)
            raise CollectorError(
                f"YouTube's quota of today is used up: {error} It begins anew at midnight in "
                "California; the run goes on from where it stopped."
            ) from error
        except ApiError as error:
            yield self._failed(began, error)

    def between(self, since: datetime, until: datetime) -> Iterator[Batch]:
        """Threads begun from `since` on and before `until`, with all of their replies."""
        token = None
        try:
            while True:
                said = self._page(token)
                items = objects(said, "items")
                within = [each for each in items if _between(_written(each), since, until)]
                token = said.get("nextPageToken")
                ended = not token or any((_written(each) or until) < since for each in items)
                rows = [row for each in within for row in self._rows(each, [], {})]
                told = None
                if ended:
                    told = covered(self.source, "collected", since, until, part=self.part.name)
                yield self._batch(rows, told=told)
                if ended:
                    return
        except ApiError as error:
            yield self._failed(until, error, since)

    def _again(self) -> Iterator[Batch]:
        """The threads of late by their ids; who is not found has been taken away."""
        known = list(self.threads)
        for start in range(0, len(known), _IDS):
            wanted = known[start : start + _IDS]
            found = {text(each.get("id")): each for each in self._by_id(wanted)}
            rows: list[Row] = []
            gone: list[str] = []
            for thread in wanted:
                if thread in found:
                    rows += self._rows(found[thread], gone, self.threads)
                else:
                    replies = self.threads.pop(thread)[2]
                    gone += [thread, *(f"{thread}.{reply}" for reply in replies)]
            yield self._batch(rows, gone)

    def _by_id(self, ids: list[str]) -> list[dict[str, Any]]:
        """The threads of `ids` that are there; a list with one that is not may be refused whole."""
        try:
            request = self.service.commentThreads().list(**_THREADS, id=",".join(ids))
            return objects(self.ask(request), "items")
        except ApiError as error:
            if error.status != 404:
                raise
        if len(ids) == 1:
            return []
        half = len(ids) // 2
        return self._by_id(ids[:half]) + self._by_id(ids[half:])

    def _walk(self, now: datetime, *, resumed: bool) -> Iterator[Batch]:
        """New threads, the newest first, down to those that are known."""
        walk: State = dict(self.state.get("walk") or {"began": now.isoformat()})
        floor = self._floor(now)
        stale = resumed  # whether the token is of an earlier run, and so may hold no more
        while True:
            try:
                said = self._page(walk.get("token"))
            except ApiError as error:
                if reason_of(error) != "invalidPageToken" or not stale:
                    raise
                walk["token"], resumed, stale = None, True, False
                continue
            items = objects(said, "items")
            # A walk that goes on after a break has its own first pages among the known threads.
            known = not resumed and _all_known(items, self.threads)
            times = [when for when in map(_written, items) if when is not None]
            walk["token"] = said.get("nextPageToken")
            walk["top"] = max([*times, datetime.fromisoformat(walk.get("top", floor.isoformat()))])
            walk["top"] = walk["top"].isoformat()
            gone: list[str] = []
            rows = [
                row
                for each in items
                if (_written(each) or now) >= floor - _LATE
                for row in self._rows(each, gone, self.threads)
            ]
            self._forget_older()
            ended = known or not walk["token"] or any(when < floor - _LATE for when in times)
            yield self._batch(rows, gone, self._after(walk, now, ended=ended))
            if ended:
                return

    def _after(self, walk: State, now: datetime, *, ended: bool) -> pa.Table | None:
        """Notes where the walk is; at its end, the time that has been listened to."""
        if not ended:
            self.state["walk"] = dict(walk)
            return None
        begin = self._begin(now)
        self.state.pop("walk", None)
        self.state |= {"floor": walk["top"], "asked_at": walk["began"]}
        until = datetime.fromisoformat(walk["began"])
        return covered(self.source, "collected", begin, until, part=self.part.name)

    def _page(self, token: str | None) -> Any:
        return self.ask(
            self.service.commentThreads().list(
                **_THREADS, **self.part.asked, order="time", maxResults=_PAGE, pageToken=token
            )
        )

    def _floor(self, now: datetime) -> datetime:
        said = self.state.get("floor")
        return datetime.fromisoformat(said) if said else now - timedelta(days=self.days)

    def _begin(self, now: datetime) -> datetime:
        said = self.state.get("asked_at")
        return datetime.fromisoformat(said) if said else self._floor(now)

    def _rows(self, thread: dict[str, Any], gone: list[str], memory: dict[str, Any]) -> list[Row]:
        """What is new or edited in a thread; `memory` gets what is known of it from now on."""
        snippet = part(thread, "snippet")
        key, total = text(thread.get("id")), whole(snippet.get("totalReplyCount")) or 0
        mark, count, known, _ = memory.get(key, (None, None, {}, ""))
        replies = objects(part(thread, "replies"), "comments")
        whole_thread = len(replies) >= total
        if not whole_thread and count != total:
            replies, whole_thread = self._replies(key), True
        top = self._row(part(snippet, "topLevelComment"), snippet, total)
        rows = [top] if mark != _digest(top) else []
        now_known: dict[str, str] = {}
        for reply in replies:
            row = self._row(reply, snippet, None)
            suffix = text(reply.get("id")).rpartition(".")[2]
            now_known[suffix] = _digest(row)
            if known.get(suffix) != now_known[suffix]:
                rows.append(row)
        if whole_thread:
            gone += [f"{key}.{each}" for each in known if each not in now_known]
        else:
            now_known = {**known, **now_known}
        memory[key] = [_digest(top), total, now_known, text(top["created_at"])]
        return [row for row in rows if row["author_id"] not in self.own]

    def _replies(self, thread: str) -> list[dict[str, Any]]:
        """All replies of a thread; with the thread itself come five at most."""
        found: list[dict[str, Any]] = []
        token = None
        while True:
            said = self.ask(
                self.service.comments().list(
                    part="snippet", parentId=thread, maxResults=100, textFormat="plainText",
                    pageToken=token,
                )
            )  # fmt: skip
            found += objects(said, "items")
            token = said.get("nextPageToken")
            if not token:
                return found

    def _row(self, comment: dict[str, Any], thread: dict[str, Any], total: int | None) -> Row:
        snippet = part(comment, "snippet")
        video = snippet.get("videoId") or thread.get("videoId")
        subject = video or thread.get("channelId")
        shown = text(snippet.get("authorDisplayName"))
        return {
            "native_id": comment.get("id"),
            "kind": "comment",
            "url": address(video, text(comment.get("id"))),
            "thread_id": subject,
            "parent_id": snippet.get("parentId") or subject,
            "author_id": part(snippet, "authorChannelId").get("value"),
            "author_handle": shown if shown.startswith("@") else None,
            "author_name": shown,
            "text": text(snippet.get("textOriginal") or snippet.get("textDisplay")),
            "product": self.product,
            "created_at": moment(snippet.get("publishedAt")),
            "likes": whole(snippet.get("likeCount")),
            "replies": total,
        }

    def _forget_older(self) -> None:
        """Keeps the newest threads only."""
        newest = sorted(self.threads.items(), key=lambda each: str(each[1][3]), reverse=True)
        self.state["threads"] = dict(newest[: self.watched])

    def _batch(
        self, rows: list[Row], gone: list[str] | None = None, told: pa.Table | None = None
    ) -> Batch:
        table, rejected = mentions_of(rows, source=self.source, now=datetime.now(UTC))
        self.states[self.part.name] = {**self.state, "threads": dict(self.threads)}
        removed = removals(self.source, gone) if gone else None
        return Batch(table, {**self.cursor, "parts": dict(self.states)}, rejected, removed, told)

    def _failed(self, until: datetime, error: ApiError, since: datetime | None = None) -> Batch:
        reason = str(error)
        if reason_of(error) == "commentsDisabled":
            reason = "The comments of this video are turned off."
        told = covered(
            self.source,
            "failed",
            since or self._begin(until),
            until,
            part=self.part.name,
            reason=reason,
        )
        now = datetime.now(UTC)
        nothing, _ = mentions_of([], source=self.source, now=now)
        page = failed_page(self.part.name, reason, source=self.source, now=now)
        # What was noted since the last batch has not been landed, and so is not remembered.
        cursor = {**self.cursor, "parts": dict(self.states)}
        return Batch(nothing, cursor, page, covered=told)


def address(video: Any, comment: str) -> str | None:
    """Where a comment is shown, if it stands under a video."""
    return f"https://www.youtube.com/watch?v={video}&lc={comment}" if video else None


def _written(thread: dict[str, Any]) -> datetime | None:
    return moment(part(thread, "snippet", "topLevelComment", "snippet").get("publishedAt"))


def _between(when: datetime | None, since: datetime, until: datetime) -> bool:
    return when is not None and since <= when < until


def _all_known(items: list[dict[str, Any]], threads: dict[str, Any]) -> bool:
    return bool(items) and all(text(each.get("id")) in threads for each in items[-_SURE:])


def _digest(row: Row) -> str:
    said = str(row["text"]).encode("utf-8", "replace")
    return hashlib.blake2b(said, digest_size=6).hexdigest()
