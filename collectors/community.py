"""Our own yard is one more source: its posts are mentions, and a removed post is a removed mention.

It stands in no settings and not among SOURCES: it is always there, and the loop runs it in its own
process, where the community is configured.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from collectors.base import Cursor, covered
from collectors.rows.mentions import mentions_of
from warehouse.landing import Batch
from warehouse.records import REMOVAL

if TYPE_CHECKING:
    from community.yard.queries import Post

NAME: Final = "community"
PAGE: Final = 1000  # facts asked for at once
SKIPPED: Final = 1000  # facts of other kinds, after which the cursor moves on without a post
SAID_EVERY: Final = timedelta(minutes=10)  # that the yard was heard though nothing was new


@dataclass(frozen=True)
class YardSource:
    """Reads the yard of this instance; `yard_url` is where customers reach it, for links."""

    yard_url: str
    page: int = PAGE

    @property
    def name(self) -> str:
        return NAME

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        """Posts written, changed or removed since `cursor`, each as it stands now.

        The cursor holds the number of the last fact that was read, and until when the yard was
        heard, which is said with what is new and every ten minutes. Official answers are the
        company's own words and no mentions. Needs a configured community.
        """
        from community.yard.queries import posts_since

        sequence, now = int(cursor.get("sequence", 0)), datetime.now(UTC)
        heard = datetime.fromisoformat(cursor["heard"]) if "heard" in cursor else None
        said = {} if heard is None else {"heard": heard.isoformat()}
        waiting: Batch | None = None  # the last one says until when the yard was heard
        while (page := posts_since(sequence, self.page)).posts or page.removed:
            if waiting is not None:
                yield waiting
            rows = [self._row(post) for post in page.posts if not post.is_official]
            if heard is None and rows:  # all that the yard has ever said is being read
                heard = min(row["created_at"] for row in rows)
            table, rejected = mentions_of(rows, source=NAME, now=datetime.now(UTC))
            removed = _removals(page.removed, datetime.now(UTC))
            sequence = page.sequence
            waiting = Batch(table, {"sequence": sequence, **said}, rejected, removed)
        skipped = page.sequence - sequence >= SKIPPED
        if waiting is not None or not said or skipped or now - (heard or now) >= SAID_EVERY:
            batch = waiting or Batch(mentions_of([], source=NAME, now=now)[0], {})
            told = covered(NAME, "collected", heard or now, now)
            after = {"sequence": page.sequence, "heard": now.isoformat()}
            yield replace(batch, cursor=after, covered=told)

    def _row(self, post: "Post") -> dict[str, Any]:
        return {
            "native_id": post.native_id,
            "kind": post.kind,
            "url": f"{self.yard_url}{post.path}",
            "thread_id": post.thread_id,
            "parent_id": post.parent_id,
            "author_id": post.author_id,
            "author_name": post.author_name,
            "title": post.title,
            "text": post.text,
            "rating": None if post.rating is None else (post.rating - 1) / 4,
            "rating_raw": None if post.rating is None else str(post.rating),
            "product": post.product,
            "created_at": post.created_at,
            "likes": post.likes,
            "replies": post.replies,
        }


def _removals(native_ids: tuple[str, ...], now: datetime) -> pa.Table:
    rows = [{"source": NAME, "native_id": each, "removed_at": now} for each in native_ids]
    return pa.Table.from_pylist(rows, schema=REMOVAL)
