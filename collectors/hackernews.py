"""Hacker News: stories and comments that a search finds, by the search interface of Algolia.

What stands today, and what was deleted, is asked of the official interface. Neither needs a key,
and neither carries replies.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from collectors.base import Cursor, SourceKind, SourceUnavailable, Terms
from collectors.rows.markup import plain
from collectors.services.again import Watched
from collectors.services.walks import Listing, Page, Walk, Walker
from warehouse.landing import Batch

if TYPE_CHECKING:
    from collectors.services.api import Api


@dataclass(frozen=True)
class HackerNewsSettings:
    """The section `[hackernews]` of madang.toml."""

    queries: tuple[str, ...] = field(
        default=(), metadata={"help": "Words to search stories and comments for.", "ask": True}
    )
    comments: bool = field(
        default=True, metadata={"help": "Whether comments are taken beside stories."}
    )
    first_days: int = field(default=30, metadata={"help": "How many days the first run goes back."})
    posts_a_run: int = field(default=5000, metadata={"help": "Posts to read in one run at most."})
    recheck_days: int = field(
        default=14, metadata={"help": "For how many days posts are looked up again, once a day."}
    )
    recheck_posts: int = field(
        default=50, metadata={"help": "Posts to look up again in one run at most; 0 for none."}
    )
    base_url: str = field(
        default="https://hn.algolia.com/api/v1", metadata={"help": "Where the search is reached."}
    )
    items_url: str = field(
        default="https://hacker-news.firebaseio.com/v0",
        metadata={"help": "Where the official interface is reached."},
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when a server is busy."}
    )


TERMS: Final = Terms(
    document="Y Combinator Terms of Use (Hacker News), and the Hacker News API's description",
    url="https://github.com/HackerNews/API",
    retention="Nothing is asked beyond the law; what is deleted there is deleted here too.",
    display="A post is shown with its author and a link to it on Hacker News.",
)
_PAGE: Final = 200
_LATE: Final = timedelta(minutes=10)  # the search knows a post so long after it was written


def open_hackernews(settings: HackerNewsSettings) -> "HackerNews":
    """Raises SourceUnavailable when no query is set."""
    if not settings.queries:
        raise SourceUnavailable("No query is set. Add queries to the section [hackernews].")
    return HackerNews(settings)


KIND: Final = SourceKind(
    name="hackernews",
    summary="Stories and comments on Hacker News that a search finds.",
    settings=HackerNewsSettings,
    open=open_hackernews,
    verified="local server",
    terms=TERMS,
)


@dataclass(frozen=True)
class HackerNews:
    """The source `hackernews`. Its cursor: {"parts": {query: {until, newest, walk}}, "watched"}."""

    settings: HackerNewsSettings
    name: str = "hackernews"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        walker = self._walker(cursor)
        with self._api(self.settings.base_url) as search:
            yield from walker.catch_up(self._listings(search, walker))
        due = walker.watched.due(datetime.now(UTC), self.settings.recheck_posts)
        yield from self._looked_up(walker, due)

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        walker = self._walker(cursor)
        with self._api(self.settings.base_url) as search:
            yield from walker.look_back(self._listings(search, walker), since, until)

    def recheck(self, native_ids: Sequence[str], cursor: Cursor) -> Iterator[Batch]:
        """Look posts up: those that are there come as they stand, the deleted are removed."""
        yield from self._looked_up(self._walker(cursor), native_ids)

    def _listings(self, search: "Api", walker: Walker) -> list[Listing]:
        return [
            Listing(
                query,
                partial(self._page, search, walker, query),
                first=timedelta(days=self.settings.first_days),
            )
            for query in self.settings.queries
        ]

    def _walker(self, cursor: Cursor) -> Walker:
        watched = Watched(cursor.get("watched", {}), self.settings.recheck_days)
        return Walker(self.name, cursor, watched, self.settings.posts_a_run)

    def _page(self, search: "Api", walker: Walker, query: str, walk: Walk) -> Page:
        floor = walk.floor - (_LATE if walk.after else timedelta(0))
        below = walk.below or _seconds(walk.ceiling) + 1
        said = search.get(
            "search_by_date",
            {
                "query": f'"{query}"' if " " in query else query,
                "tags": "(story,comment)" if self.settings.comments else "story",
                "numericFilters": f"created_at_i>={_seconds(floor)},created_at_i<{below}",
                "hitsPerPage": _PAGE,
                "typoTolerance": "false",
            },
        )
        hits = said["hits"]
        looking_back = walk.ceiling < datetime.now(UTC) - _LATE
        rows = [
            row
            for row in (_row_of_hit(hit) for hit in hits)
            if looking_back or not walker.watched.knows(str(row["native_id"]))
        ]
        times = [hit["created_at_i"] for hit in hits if isinstance(hit.get("created_at_i"), int)]
        more = said.get("nbHits", 0) > len(hits) and times
        # Posts of the last second of a page may stand on the next one too, and count once.
        lowest = min(times) + 1 if more else None
        if lowest is not None and lowest >= below:
            lowest = below - 1
        return Page(rows, below=lowest, newest=str(hits[0]["objectID"]) if hits else None)

    def _looked_up(self, walker: Walker, native_ids: Sequence[str]) -> Iterator[Batch]:
        if not native_ids:
            return
        rows, gone = [], []
        with self._api(self.settings.items_url) as items:
            for native_id in native_ids:
                item = items.get(f"item/{native_id}.json")
                if item is None or item.get("deleted") or item.get("dead"):
                    gone.append(native_id)
                else:
                    rows.append(_row_of_item(item))
        yield walker.batch(rows, removed=gone)

    def _api(self, base_url: str) -> "Api":
        from collectors.services.api import Api

        return Api(
            base_url, wait=self.settings.retry_seconds, seconds=self.settings.timeout_seconds
        )


def _row_of_hit(hit: Mapping[str, Any]) -> dict[str, Any]:
    """A row of MENTION of what the search found."""
    is_comment = hit.get("comment_text") is not None
    story = hit.get("story_id")
    return _row(
        hit.get("objectID"),
        is_comment,
        author=hit.get("author"),
        title=hit.get("title"),
        html=hit.get("comment_text") if is_comment else hit.get("story_text"),
        at=hit.get("created_at_i"),
        link=hit.get("url"),
    ) | {
        "thread_id": str(story if story is not None else hit.get("objectID")),
        "parent_id": str(hit["parent_id"]) if hit.get("parent_id") is not None else None,
        "likes": hit.get("points"),
        "replies": hit.get("num_comments"),
    }


def _row_of_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """A row of MENTION of a post as the official interface gives it."""
    is_comment = item.get("type") == "comment"
    parent = item.get("parent")
    return _row(
        item.get("id"),
        is_comment,
        author=item.get("by"),
        title=item.get("title"),
        html=item.get("text"),
        at=item.get("time"),
        link=item.get("url"),
    ) | {
        "thread_id": None if is_comment else str(item.get("id")),
        "parent_id": None if parent is None else str(parent),
        "likes": item.get("score"),
        "replies": item.get("descendants"),
    }


def _row(
    number: Any, is_comment: bool, *, author: Any, title: Any, html: Any, at: Any, link: Any
) -> dict[str, Any]:
    title = plain(str(title)) if title else None
    return {
        "native_id": None if number is None else str(number),
        "kind": "comment" if is_comment else "post",
        "url": f"https://news.ycombinator.com/item?id={number}",
        "author_id": author,
        "author_handle": author,
        "author_name": author,
        "title": title,
        "text": plain(str(html)) if html else title,
        "created_at": _moment(at),
        "extra": json.dumps({"link": link}, ensure_ascii=False) if link else None,
    }


def _moment(said: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(said), UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
