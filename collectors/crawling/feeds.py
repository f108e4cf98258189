"""The entries of a feed, whatever feed it is, as rows of mentions.

Feeds are written by strangers: charsets are wrong, dates impossible, identities come twice.
feedparser reads what can be read, and what it trips over is no feed.
"""

import hashlib
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin

import pyarrow as pa

from collectors.rows.dates import instants
from collectors.rows.encodings import decode_page
from collectors.rows.markup import plain, without_traps

Rows = dict[str, dict[str, Any]]

_WITHOUT_ZONE: Final = re.compile(r"^\d{4}\s?[-./년].*\d\s?[.일]?$", re.DOTALL)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?![a-z])", re.IGNORECASE)
_OFFSET_AT_END: Final = re.compile(r"[+-]\d{2}:?\d{2}$")
_ENTITIES: Final = re.compile(r"<!DOCTYPE[^>\[]*\[.*?\]\s*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Untold:
    """What holds for the entries of a feed that do not say it themselves."""

    product: str | None
    lang: str | None
    zone: str


def entries_of(
    content: bytes, content_type: str, *, address: str, base: str, untold: Untold, now: datetime
) -> Rows | None:
    """The entries of a feed by native id, oldest first; None for what is no feed.

    `address` is where the feed was asked for, `base` where the answer came from. An entry that
    comes twice counts once, in its first form. An entry without an id goes by its link, or else by
    a digest of what it says.
    """
    import feedparser

    # No feed needs entities of its own: they are bombs, or names of files.
    text = _ENTITIES.sub("", without_traps(decode_page(content, content_type)), count=1)
    try:
        feed = feedparser.parse(
            text.encode("utf-8", "replace"),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,  # it becomes plain text
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, AssertionError):
        return None
    if not feed.version and not feed.entries:
        return None
    read = [(entry, _row(entry, feed.feed, base, untold, now)) for entry in feed.entries]
    shared = _shared(read)
    rows: Rows = {}
    for entry, row in read:
        given = _text(entry.get("id")).strip()
        rows.setdefault(_native_id("" if given in shared else given, address, row), row)
    return dict(sorted(rows.items(), key=lambda item: item[1]["created_at"]))


def _row(entry: Any, feed: Any, base: str, untold: Untold, now: datetime) -> dict[str, Any]:
    title = plain(_text(entry.get("title")))
    contents = [_text(part.get("value")) for part in entry.get("content") or ()]
    text = plain(max([*contents, _text(entry.get("summary"))], key=len))
    author = (entry.get("author_detail") or {}).get("name") or _text(entry.get("author"))
    return {
        "kind": "post",
        "url": _address(entry, base),
        "author_name": author,
        "author_handle": author,
        "title": title,
        "text": text or title,
        "lang": _language(entry, feed, untold),
        "product": untold.product,
        "created_at": _when(entry, untold.zone) or now,
    }


def _text(value: Any) -> str:
    """Broken feeds hold nothing, or something else, where a text should be."""
    return value if isinstance(value, str) else ""


def _language(entry: Any, feed: Any, untold: Untold) -> str | None:
    said = entry.get("language") or feed.get("language") or untold.lang
    found = _LANGUAGE.match(_text(said))
    return found[0].lower() if found else None


def _address(entry: Any, base: str) -> str | None:
    """Where an entry leads: its page, or the recording of a podcast's episode."""
    recordings = (each.get("href") for each in entry.get("enclosures", ()))
    link = _text(entry.get("link")) or _text(next(recordings, None))
    try:
        return urljoin(base, link) if link else None
    except ValueError:  # such as http://[
        return None


def _when(entry: Any, zone: str) -> datetime | None:
    for name in ("published", "created", "updated"):
        # Of the dictionary itself: feedparser would give another date in the place of none.
        said, parsed = dict.get(entry, name), dict.get(entry, f"{name}_parsed")
        if said and _WITHOUT_ZONE.match(said.strip()) and not _OFFSET_AT_END.search(said.strip()):
            local = _local(said.strip(), zone)
            if local is not None:
                return local
        if parsed:
            try:
                return datetime.fromtimestamp(timegm(parsed), UTC)
            except (ValueError, OverflowError):
                continue
    return None


def _local(said: str, zone: str) -> datetime | None:
    try:
        found: datetime | None = instants(pa.array([said]), zone).values[0].as_py()
        return None if found is None else found.astimezone(UTC)
    except (ValueError, OverflowError, UnicodeError):  # no datetime reaches that far
        return None


def _shared(read: list[tuple[Any, dict[str, Any]]]) -> set[str]:
    """The ids that a careless feed gives to several pages: they name none of them."""
    pages: dict[str, set[str | None]] = {}
    for entry, row in read:
        pages.setdefault(_text(entry.get("id")).strip(), set()).add(row["url"])
    return {given for given, urls in pages.items() if len(urls) > 1}


def _native_id(given: str, address: str, row: dict[str, Any]) -> str:
    if ":" in given:  # a tag or an address, the same in every feed of the site
        return given
    if given:
        return f"{address} {given}"
    if row["url"]:
        return str(row["url"])
    return f"{address} {digest_of(row)}"


def digest_of(row: dict[str, Any]) -> str:
    """What an entry says, in a few letters; one that was edited has another."""
    said = "\x1f".join(str(row[name]) for name in ("title", "text", "url", "author_name"))
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=6).hexdigest()
