"""Our own yard is one more source: its posts are mentions, and a removed post is a removed mention.

It stands in no settings and not among SOURCES: it is always there, and the loop runs it in its own
process, where the community is configured.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from collectors.base import Cursor
from collectors.mentions import mentions_of
from warehouse.landing import Batch
from warehouse.records import REMOVAL

if TYPE_CHECKING:
    from community.yard.queries import Post

NAME: Final = "community"
PAGE: Final = 1000  # facts asked for at once
SKIPPED: Final = 1000  # facts of other kinds, after which the cursor moves on without a post


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

        The cursor holds the number of the last fact that was read. Official answers are the
        company's own words and no mentions. Needs a configured community.
        """
        from community.yard.queries import posts_since

        sequence = int(cursor.get("sequence", 0))
        while True:
            page = posts_since(sequence, self.page)
            now = datetime.now(UTC)
            rows = [self._row(post) for post in page.posts if not post.is_official]
            says_something = bool(page.posts or page.removed)
            if says_something or page.sequence - sequence >= SKIPPED:
                table, rejected = mentions_of(rows, source=NAME, now=now)
                removed = _removals(page.removed, now)
                yield Batch(table, {"sequence": page.sequence}, rejected, removed)
            if not says_something:
                return
            sequence = page.sequence

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
