"""Posts of X as rows of mentions: long texts whole, addresses as written, edits as one."""

import html
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH_MS: Final = 1_288_834_974_657  # 2010-11-04, from which X counts the time in its identities
FIELDS: Final = {
    "tweet_fields": [
        "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "entities", "lang",
        "in_reply_to_user_id", "note_tweet", "public_metrics", "referenced_tweets",
    ],
    "user_fields": ["id", "name", "username", "location", "public_metrics", "verified"],
    "expansions": ["author_id", "referenced_tweets.id", "referenced_tweets.id.author_id"],
}  # fmt: skip
_GONE: Final = ("resource-not-found", "not-authorized-for-resource", "suspended")

Post = Mapping[str, Any]


def moment_of(post_id: str | int) -> datetime:
    """When a post of this identity was written, to the millisecond."""
    return datetime.fromtimestamp(((int(post_id) >> 22) + _EPOCH_MS) / 1000, UTC)


def first_id(moment: datetime) -> int:
    """The smallest identity that a post written at `moment` can have."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return max(since // timedelta(milliseconds=1) - _EPOCH_MS, 0) << 22


def newest_of(posts: Sequence[Post]) -> str | None:
    """The largest identity on a page."""
    return max((str(post["id"]) for post in posts), key=int, default=None)


def oldest_of(posts: Sequence[Post]) -> str | None:
    """The smallest identity on a page."""
    return min((str(post["id"]) for post in posts), key=int, default=None)


def newest_version(post: Post) -> str:
    """The identity of what a post was edited to last; its own if it was not."""
    return str((post.get("edit_history_tweet_ids") or [post["id"]])[-1])


def rows_of(posts: Sequence[Post], includes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of MENTION; `includes` are the authors and the posts that are answered or shared."""
    users = {str(user.get("id")): user for user in includes.get("users", [])}
    others = {str(post.get("id")): post for post in includes.get("tweets", [])}
    return [_row(post, users, others) for post in posts]


def _row(post: Post, users: Mapping[str, Post], others: Mapping[str, Post]) -> dict[str, Any]:
    author = users.get(str(post.get("author_id")), {})
    handle = author.get("username")
    referred = {each.get("type"): str(each.get("id")) for each in post.get("referenced_tweets", [])}
    metrics = post.get("public_metrics", {})
    # A post that is edited gets a new identity; the first one stays in its history.
    history = [str(each) for each in post.get("edit_history_tweet_ids", [])] or [str(post["id"])]
    text = whole_text(post)
    if shared := others.get(referred.get("retweeted", "")):
        whose = users.get(str(shared.get("author_id")), {}).get("username", "")
        text = f"RT @{whose}: {whole_text(shared)}"
    extra: dict[str, Any] = {"quotes": metrics.get("quote_count")}
    if len(history) > 1:
        extra |= {"post_id": str(post["id"]), "edits": len(history) - 1}
    if "retweeted" in referred:
        extra["shared_id"] = referred["retweeted"]
    if "quoted" in referred:
        extra["quoted_id"] = referred["quoted"]
    return {
        "native_id": history[0],
        "kind": "comment" if "replied_to" in referred else "post",
        "url": f"https://x.com/{handle or 'i'}/status/{post['id']}",
        "thread_id": post.get("conversation_id"),
        "parent_id": referred.get("replied_to"),
        "author_id": post.get("author_id"),
        "author_handle": handle,
        "author_name": author.get("name"),
        "author_followers": author.get("public_metrics", {}).get("followers_count"),
        "text": text,
        "lang": _language(post.get("lang")),
        "created_at": _moment(post.get("created_at")),
        "likes": metrics.get("like_count"),
        "replies": metrics.get("reply_count"),
        "shares": metrics.get("retweet_count"),
        "views": metrics.get("impression_count"),
        "extra": _json(extra),
    }


def whole_text(post: Post) -> str:
    """The text as it was written; of a long one `text` has the beginning only."""
    note = post.get("note_tweet") or {}
    text = str(note.get("text") or post.get("text") or "")
    for entities in (note.get("entities") or {}, post.get("entities") or {}):
        for address in entities.get("urls", []):
            if address.get("url") and address.get("expanded_url"):
                text = text.replace(address["url"], address["expanded_url"])
    return html.unescape(text)


def _json(extra: Mapping[str, Any]) -> str | None:
    said = {key: value for key, value in extra.items() if value is not None}
    return json.dumps(said, ensure_ascii=False) if said else None


def _language(said: Any) -> str | None:
    """X says und, zxx, qme … for what is no language."""
    known = isinstance(said, str) and len(said) == 2
    return said if known else None


def _moment(said: Any) -> Any:
    """A time as X writes it; what is none is left for the quarantine."""
    try:
        return datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None


def gone_of(errors: Sequence[Mapping[str, Any]], asked: Sequence[str]) -> list[str]:
    """Which of the posts asked for are deleted, protected, or of a suspended author."""
    return [
        str(error["value"])
        for error in errors
        if str(error.get("value")) in asked
        and str(error.get("resource_type", "tweet")) == "tweet"
        and any(kind in str(error.get("type")) for kind in _GONE)
    ]
