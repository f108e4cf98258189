"""Posts of Bluesky as rows of mentions, and whether a post answers a query, as the stream asks."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

COLLECTION: Final = "app.bsky.feed.post"
_PIECE: Final = re.compile(r'(-?)(?:(\w+):)?("[^"]*"|\S+)')
_NAMED: Final = frozenset({"lang", "domain"})  # what a post itself tells
_UNTOLD: Final = frozenset({"from", "to", "mentions", "since", "until"})

Post = Mapping[str, Any]


def row_of(view: Post) -> dict[str, Any]:
    """A row of MENTION of a post as the service shows it (`app.bsky.feed.defs#postView`)."""
    author = view.get("author", {})
    record = view.get("record", {})
    row = row_of_record(str(view["uri"]), record, view.get("indexedAt"))
    return row | {
        "author_handle": author.get("handle"),
        "author_name": author.get("displayName") or author.get("handle"),
        "likes": view.get("likeCount"),
        "replies": view.get("replyCount"),
        "shares": view.get("repostCount"),
    }


def row_of_record(uri: str, record: Post, indexed_at: Any) -> dict[str, Any]:
    """A row of MENTION of a post as its author stored it (`app.bsky.feed.post`)."""
    did, _, key = uri.removeprefix("at://").partition(f"/{COLLECTION}/")
    reply = record.get("reply") or {}
    langs = record.get("langs") or []
    return {
        "native_id": uri,
        "kind": "comment" if reply else "post",
        "url": f"https://bsky.app/profile/{did}/post/{key}",
        "thread_id": reply.get("root", {}).get("uri") or uri,
        "parent_id": reply.get("parent", {}).get("uri"),
        "author_id": did,
        "text": whole_text(record),
        "lang": str(langs[0]).split("-")[0].lower() if langs else None,
        "created_at": _written(record.get("createdAt"), indexed_at),
        "extra": _extra(record),
    }


def whole_text(record: Post) -> str:
    """The text with its links written out, which show only their beginnings."""
    text = str(record.get("text", "")).encode()
    links = []
    for facet in record.get("facets") or []:
        for feature in facet.get("features", []):
            if str(feature.get("$type")).endswith("#link"):
                index = facet.get("index", {})
                links.append((index.get("byteStart"), index.get("byteEnd"), feature.get("uri")))
    for begin, end, uri in sorted(links, key=lambda link: -int(link[0] or 0)):
        if isinstance(begin, int) and isinstance(end, int) and 0 <= begin <= end <= len(text):
            text = text[:begin] + str(uri).encode() + text[end:]
    return text.decode("utf-8", "replace")


def _extra(record: Post) -> str | None:
    embed = record.get("embed") or {}
    said = {
        "link": (embed.get("external") or {}).get("uri"),
        "alt": [image["alt"] for image in embed.get("images") or [] if image.get("alt")],
        "tags": _tags(record),
    }
    kept = {name: value for name, value in said.items() if value}
    return json.dumps(kept, ensure_ascii=False) if kept else None


def _tags(record: Post) -> list[str]:
    marked = [
        str(feature.get("tag"))
        for facet in record.get("facets") or []
        for feature in facet.get("features", [])
        if str(feature.get("$type")).endswith("#tag")
    ]
    return [*marked, *(str(tag) for tag in record.get("tags") or [])]


def _written(said: Any, indexed_at: Any) -> datetime | None:
    """When it was written; an author's clock that is ahead is put right by the service's."""
    moments = [found for found in (_moment(said), _moment(indexed_at)) if found is not None]
    return min(moments, default=None)


def _moment(said: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Wanted:
    """A query as the stream understands it: all pieces must hold, those with a minus must not.

    `untold` are operators that a post alone cannot answer; such a query is left to the search.
    """

    query: str
    pieces: tuple[tuple[bool, str, str], ...]  # (wanted, operator or empty, value)
    untold: tuple[str, ...]

    @classmethod
    def of(cls, query: str) -> "Wanted":
        """Read a query of Bluesky's search: words, "phrases", #tags, lang: and domain:."""
        pieces = []
        untold = []
        for minus, name, value in _PIECE.findall(query):
            if name in _UNTOLD:
                untold.append(name)
            elif name and name not in _NAMED:  # a word with a colon in it
                name, value = "", f"{name}:{value}"
            pieces.append((not minus, name, value.strip('"').casefold()))
        return cls(query, tuple(pieces), tuple(untold))

    def answered_by(self, said: "Said") -> bool:
        """Whether a post has all that is wanted and nothing that is not."""
        return all(wanted is said.holds(name, value) for wanted, name, value in self.pieces)


@dataclass(frozen=True)
class Said:
    """What a post says, as queries ask for it; read once for all of them."""

    text: str
    tags: frozenset[str]
    langs: frozenset[str]

    @classmethod
    def of(cls, record: Post) -> "Said":
        """Read a post as its author stored it."""
        return cls(
            whole_text(record).casefold(),
            frozenset(tag.casefold() for tag in _tags(record)),
            frozenset(str(lang).split("-")[0].lower() for lang in record.get("langs") or []),
        )

    def holds(self, name: str, value: str) -> bool:
        """Whether one piece of a query holds: a word or phrase, or an operator and its value."""
        if name == "lang":
            return value in self.langs
        if name == "domain":
            site = rf"https?://([\w.-]+\.)?{re.escape(value)}(/|\s|$)"
            return re.search(site, self.text) is not None
        if value.startswith("#"):
            return value[1:] in self.tags or value in self.text
        return value in self.text


def removed_by(event: Post, known: Collection[str]) -> list[str]:
    """Which known posts an event of the stream takes away: one deleted, or a whole account."""
    did = str(event.get("did"))
    account = event.get("account")
    if isinstance(account, Mapping):
        gone = account.get("active") is False
        return [uri for uri in known if gone and uri.startswith(f"at://{did}/")]
    commit = event.get("commit") or {}
    uri = f"at://{did}/{COLLECTION}/{commit.get('rkey')}"
    return [uri] if commit.get("operation") == "delete" and uri in known else []
