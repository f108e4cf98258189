"""Posts and comments of Reddit as rows of mentions, and which of them were taken away."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

_GONE: Final = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})

Thing = Mapping[str, Any]


def row_of(thing: Thing) -> dict[str, Any]:
    """A row of MENTION of a post (t3) or a comment (t1)."""
    is_comment = str(thing["name"]).startswith("t1_")
    title = None if is_comment else thing.get("title")
    text = thing.get("body") if is_comment else thing.get("selftext")
    link = thing.get("url") if not is_comment and not thing.get("is_self") else None
    extra = {
        "subreddit": thing.get("subreddit"),
        "flair": thing.get("link_flair_text"),
        "link": link,
        "edited_at": thing.get("edited") or None,
    }
    return {
        "native_id": thing["name"],
        "kind": "comment" if is_comment else "post",
        "url": f"https://www.reddit.com{thing['permalink']}" if thing.get("permalink") else None,
        "thread_id": thing.get("link_id") or thing["name"],
        "parent_id": thing.get("parent_id"),
        "author_id": thing.get("author_fullname"),
        "author_handle": thing.get("author"),
        "author_name": thing.get("author"),
        "title": title,
        "text": text or title,
        "created_at": moment_of(thing.get("created_utc")),
        "likes": thing.get("score"),
        "replies": thing.get("num_comments"),
        "extra": json.dumps({k: v for k, v in extra.items() if v}, ensure_ascii=False),
    }


def is_gone(thing: Thing) -> bool:
    """Whether its author, or a moderator, has taken it away."""
    said = thing.get("body") or thing.get("selftext")
    return bool(
        thing.get("author") in (None, "[deleted]")
        or said in _GONE
        or thing.get("removed_by_category")
    )


def oldest_of(children: Sequence[Thing]) -> datetime | None:
    """When the oldest entry of a page was written."""
    times = [moment_of(child["data"].get("created_utc")) for child in children]
    return min((at for at in times if at is not None), default=None)


def moment_of(said: Any) -> datetime | None:
    """A time as Reddit gives it, in seconds since 1970; None for what is none."""
    try:
        return datetime.fromtimestamp(float(said), UTC)
    except (TypeError, ValueError, OverflowError):
        return None
