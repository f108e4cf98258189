"""Posts of the company's own accounts and what people write under them: new, edited, taken away.

For services that list the posts of an account and the comments of a post, but tell nobody what
changed. The posts of late are read again, each whole: when its number of comments is another than
before, and else once a day.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from collectors.base import CollectorError, Cursor, covered, removals
from collectors.rows.mentions import failed_page, mentions_of
from collectors.services.api import ApiError
from warehouse.landing import Batch

REMEMBERED: Final = 1000  # comments of one post; the cursor is written with every batch
_EVERY: Final = timedelta(days=1)  # after which a post is read again though its number stands
_LIMITED: Final = 429

Row = dict[str, Any]


@dataclass(frozen=True)
class Post:
    """A post of an account. `row`: as a mention, None for the company's own words.

    `comments` is how many it has, None where the service does not say so. Not `followed`: it stands
    elsewhere, where its comments may not be read.
    """

    native_id: str
    written: datetime | None
    comments: int | None
    row: Row | None
    followed: bool = True


@dataclass(frozen=True)
class Account:
    """What is read: lists of posts, each the newest first, and the comments of a post in pages.

    `own` are the author ids of the company itself, whose words are no mentions.
    """

    part: str
    lists: tuple[Callable[[], Iterator[Post]], ...]
    comments: Callable[[Post], Iterator[list[Row]]]
    own: frozenset[str]


@dataclass
class Threads:
    """The accounts of one source. Its cursor: {"parts": {part: {"asked_at", "posts": {id: post}}}}.

    Of a post: w, when it was written; n, its number of comments and r, when they were last read to
    the end; d, the digest of its own text; c, {comment: digest} of those that were landed.
    """

    source: str
    cursor: Cursor
    days: int
    _parts: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self._parts = dict(self.cursor.get("parts", {}))

    def listen(self, account: Account) -> Iterator[Batch]:
        """What changed under the posts of the last days.

        Raises CollectorError when the service's limit is reached; the next run goes on.
        """
        now = datetime.now(UTC)
        since = now - timedelta(days=self.days)
        state = self._parts.get(account.part, {})
        posts: dict[str, Any] = dict(state.get("posts", {}))
        begin = datetime.fromisoformat(state["asked_at"]) if "asked_at" in state else since
        listed: set[str] = set()
        failed = 0
        try:
            for post in _of_late(account, since):
                if post.native_id in listed:  # on two lists, or moved to the next page meanwhile
                    continue
                listed.add(post.native_id)
                try:
                    yield from self._read(account, post, posts, now)
                except ApiError as error:
                    if error.status == _LIMITED:
                        raise
                    # A post whose comments are closed to us stays so, and does not stand for all.
                    failed += error.may_pass
                    yield self._failed(account.part, begin, now, error, post=post.native_id)
        except ApiError as error:
            yield self._failed(account.part, begin, now, error)
            if error.status == _LIMITED:
                raise CollectorError(f"{error} The next run goes on from here.") from error
            return
        gone = self._forget(posts, listed, since)
        told = covered(self.source, "collected", begin, now, part=account.part)
        asked_at = state.get("asked_at") if failed else now.isoformat()
        self._parts[account.part] = {"posts": posts} | ({"asked_at": asked_at} if asked_at else {})
        yield self._batch([], gone, None if failed else told)

    def between(self, account: Account, since: datetime, until: datetime) -> Iterator[Batch]:
        """What was written from `since` on and before `until`, under posts of then or shortly
        before: no service tells which older posts were written under."""
        try:
            for post in _of_late(account, since - timedelta(days=self.days)):
                if post.written is not None and post.written >= until:
                    continue
                pages = [] if post.row is None else [[post.row]]
                for page in (*pages, *(account.comments(post) if post.followed else ())):
                    rows = [row for row in page if row["author_id"] not in account.own]
                    yield self._batch([row for row in rows if _within(row, since, until)])
        except ApiError as error:
            yield self._failed(account.part, since, until, error)
            return
        yield self._batch([], told=covered(self.source, "collected", since, until,
                                           part=account.part))  # fmt: skip

    def _read(
        self, account: Account, post: Post, posts: dict[str, Any], now: datetime
    ) -> Iterator[Batch]:
        """One post, and its comments if they are due."""
        before = posts.get(post.native_id, {})
        rows: list[Row] = []
        entry: dict[str, Any] = {"c": {}, **before, "w": _stamp(post.written or now)}
        if post.row is not None and entry.get("d") != _digest(post.row):
            entry["d"] = _digest(post.row)
            rows.append(post.row)
        if not _is_due(post, before, now):
            posts[post.native_id] = entry
            if rows:
                yield self._batch(rows, part=account.part, posts=posts)
            return
        known: dict[str, str] = dict(entry["c"])
        shown: dict[str, str] = {}
        pending: list[Row] | None = None
        for page in account.comments(post):
            if pending is not None:  # all but the last page: that one tells what is gone as well
                posts[post.native_id] = {**entry, "c": {**known, **shown}}
                yield self._batch(pending, part=account.part, posts=posts)
                rows = []
            pending = rows + _news(page, account.own, known, shown)
        gone = [comment for comment in known if comment not in shown]
        kept = dict(list(shown.items())[:REMEMBERED])
        posts[post.native_id] = {**entry, "c": kept, "n": post.comments, "r": _stamp(now)}
        yield self._batch(
            rows if pending is None else pending, gone, part=account.part, posts=posts
        )

    def _forget(self, posts: dict[str, Any], listed: set[str], since: datetime) -> list[str]:
        """Drops the posts that are no longer listed; what should be listed still has been taken
        away, with all that stood under it."""
        gone: list[str] = []
        for post in [each for each in posts if each not in listed]:
            entry = posts.pop(post)
            if datetime.fromtimestamp(entry["w"], UTC) > since:
                gone += [*([post] if "d" in entry else []), *entry["c"]]
        return gone

    def _failed(
        self, part: str, begin: datetime, until: datetime, error: ApiError, post: str = ""
    ) -> Batch:
        now = datetime.now(UTC)
        told = None
        if error.may_pass or not post:
            told = covered(self.source, "failed", begin, until, part=part, reason=str(error))
        page = failed_page(post or part, str(error), source=self.source, now=now)
        nothing, _ = mentions_of([], source=self.source, now=now)
        return Batch(nothing, {**self.cursor, "parts": dict(self._parts)}, page, covered=told)

    def _batch(
        self,
        rows: list[Row],
        gone: list[str] | None = None,
        told: pa.Table | None = None,
        *,
        part: str = "",
        posts: dict[str, Any] | None = None,
    ) -> Batch:
        if posts is not None:
            self._parts[part] = {**self._parts.get(part, {}), "posts": dict(posts)}
        table, rejected = mentions_of(rows, source=self.source, now=datetime.now(UTC))
        removed = removals(self.source, gone) if gone else None
        return Batch(table, {**self.cursor, "parts": dict(self._parts)}, rejected, removed, told)


def _of_late(account: Account, since: datetime) -> Iterator[Post]:
    for posts in account.lists:
        for post in posts():
            if post.written is not None and post.written < since:
                break
            yield post


def _is_due(post: Post, before: dict[str, Any], now: datetime) -> bool:
    if not post.followed:
        return False
    if "r" not in before:
        return True
    if post.comments is not None and post.comments != before["n"]:
        return True
    every = _EVERY if post.comments is not None else timedelta(0)
    return now - datetime.fromtimestamp(before["r"], UTC) >= every


def _news(
    page: list[Row], own: frozenset[str], known: dict[str, str], shown: dict[str, str]
) -> list[Row]:
    """The comments of a page that are new or edited; `shown` gets all of them."""
    news = []
    for row in page:
        key = str(row["native_id"])
        if row["author_id"] in own or key in shown:
            continue
        shown[key] = _digest(row)
        if known.get(key) != shown[key]:
            news.append(row)
    return news


def _within(row: Row, since: datetime, until: datetime) -> bool:
    return row["created_at"] is None or since <= row["created_at"] < until


def _stamp(when: datetime) -> int:
    return int(when.timestamp())


def _digest(row: Row) -> str:
    said = str(row["text"]).encode("utf-8", "replace")
    return hashlib.blake2b(said, digest_size=6).hexdigest()
