"""Feeds: RSS, Atom and their relatives, several under one source.

A feed is asked with the etag and date of its last answer, and only entries that are new or have
changed are yielded. A feed that fails is reported and leaves the others alone. feedparser and
httpx are imported when a feed is fetched, as every command reads the list of sources.
"""

import hashlib
import re
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

import pyarrow as pa

from collectors.base import Cursor, SourceUnavailable
from collectors.dates import instants
from collectors.encodings import decode_page
from collectors.markup import plain
from collectors.mentions import failed_page, mentions_of
from warehouse.landing import Batch

if TYPE_CHECKING:
    from community.fetch import Fetched, Fetcher


@dataclass(frozen=True)
class RssSettings:
    """The section `[rss]` of madang.toml."""

    feeds: tuple[str, ...] = field(default=(), metadata={"help": "Addresses of RSS or Atom feeds."})
    product: str | None = field(
        default=None, metadata={"help": "The product that all entries of these feeds are about."}
    )
    lang: str | None = field(
        default=None, metadata={"help": "The language of feeds that do not say theirs, as in ko."}
    )
    zone: str = field(
        default="Asia/Seoul", metadata={"help": "The zone of entry times that do not say theirs."}
    )
    max_bytes: int = field(
        default=10_000_000, metadata={"help": "The largest feed to accept, in bytes."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one feed may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when a server is busy."}
    )
    allow_private_addresses: bool = field(
        default=False, metadata={"help": "Whether feeds inside your own network may be fetched."}
    )


_KEPT: Final = 1000  # entries remembered of a feed beyond those it shows now
_HEADERS: Final = {
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
}
_WITHOUT_ZONE: Final = re.compile(r"^\d{4}\s?[-./년].*\d\s?[.일]?$", re.DOTALL)
_OFFSET_AT_END: Final = re.compile(r"[+-]\d{2}:?\d{2}$")


def open_rss(settings: RssSettings) -> "Rss":
    """Raises SourceUnavailable when no feed is set."""
    if not settings.feeds:
        raise SourceUnavailable("No feed is set. Add addresses to feeds in the section [rss].")
    return Rss(settings)


@dataclass(frozen=True)
class Rss:
    """The source `rss`. Its cursor: {"feeds": {address: {etag, modified, seen}}}."""

    settings: RssSettings
    name: str = "rss"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        from community.fetch import Fetcher, FetchLimits

        limits = FetchLimits(
            max_bytes=self.settings.max_bytes,
            seconds=self.settings.timeout_seconds,
            allow_private_addresses=self.settings.allow_private_addresses,
        )
        states: dict[str, Any] = dict(cursor.get("feeds", {}))
        with Fetcher(limits) as fetcher:
            for address in self.settings.feeds:
                table, rejected, states[address] = self._read(
                    fetcher, address, states.get(address, {})
                )
                yield Batch(table, {"feeds": dict(states)}, rejected)

    def _read(
        self, fetcher: "Fetcher", address: str, state: dict[str, Any]
    ) -> tuple[pa.Table, pa.Table, dict[str, Any]]:
        from collectors import http
        from community.fetch import FetchError

        now = datetime.now(UTC)
        nothing, _ = mentions_of([], source=self.name, now=now)
        try:
            answer = http.get(fetcher, address, _conditions(state), self.settings.retry_seconds)
        except FetchError as error:
            return nothing, failed_page(address, str(error), source=self.name, now=now), state
        if answer.status == 304:
            return nothing, _none_failed(nothing, self.name, now), state
        entries = parse(answer, address, self.settings, now)
        if entries is None:
            reason = "The answer is no feed."
            return nothing, failed_page(address, reason, source=self.name, now=now), state
        seen: dict[str, str] = state.get("seen", {})
        fresh = {i: row for i, row in entries.items() if seen.get(i) != _digest(row)}
        table, rejected = mentions_of(
            [row | {"native_id": i} for i, row in fresh.items()], source=self.name, now=now
        )
        return table, rejected, _next_state(answer, entries, seen, now)


def _none_failed(nothing: pa.Table, source: str, now: datetime) -> pa.Table:
    return failed_page("", "", source=source, now=now).slice(0, 0)


def _conditions(state: dict[str, Any]) -> dict[str, str]:
    said = {"If-None-Match": state.get("etag"), "If-Modified-Since": state.get("modified")}
    return _HEADERS | {name: value for name, value in said.items() if value}


def _next_state(
    answer: "Fetched", entries: dict[str, dict[str, Any]], seen: dict[str, str], now: datetime
) -> dict[str, Any]:
    # An entry dated days ahead is refused now and offered again until its day has come.
    shown = {
        i: _digest(row) for i, row in entries.items() if row["created_at"] < now + timedelta(days=1)
    }
    earlier = [(i, digest) for i, digest in seen.items() if i not in entries]
    state: dict[str, Any] = {"seen": dict(earlier[-_KEPT:]) | shown}
    for name, header in (("etag", "etag"), ("modified", "last-modified")):
        if value := answer.headers.get(header):
            state[name] = value
    return state


def parse(
    answer: "Fetched", address: str, settings: RssSettings, now: datetime
) -> dict[str, dict[str, Any]] | None:
    """The entries of a feed as rows of mentions by native id, oldest first; None for no feed.

    An entry that comes twice counts once, in its first form. An entry without an id goes by its
    link, or else by a digest of what it says.
    """
    import feedparser

    text = decode_page(answer.content, answer.headers.get("content-type", ""))
    feed = feedparser.parse(
        text.encode("utf-8", "replace"),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,  # it becomes plain text
    )
    if not feed.version and not feed.entries:
        return None
    rows: dict[str, dict[str, Any]] = {}
    for entry in feed.entries:
        row = _row(entry, feed.feed, answer.url, settings, now)
        native_id = _native_id(entry, address, row)
        rows.setdefault(native_id, row)
    return dict(sorted(rows.items(), key=lambda item: item[1]["created_at"]))


def _row(entry: Any, feed: Any, base: str, settings: RssSettings, now: datetime) -> dict[str, Any]:
    title = plain(entry.get("title", ""))
    contents = [part.get("value", "") for part in entry.get("content", [])]
    text = plain(max([*contents, entry.get("summary", "")], key=len))
    author = entry.get("author_detail", {}).get("name") or entry.get("author")
    link = entry.get("link")
    return {
        "kind": "post",
        "url": urljoin(base, link) if link else None,
        "author_name": author,
        "author_handle": author,
        "title": title,
        "text": text or title,
        "lang": _language(entry, feed, settings),
        "product": settings.product,
        "created_at": _when(entry, settings.zone) or now,
    }


def _language(entry: Any, feed: Any, settings: RssSettings) -> str | None:
    said = entry.get("language") or feed.get("language") or settings.lang
    return said.split("-")[0].lower() if said else None


def _when(entry: Any, zone: str) -> datetime | None:
    for name in ("published", "created", "updated"):
        said, parsed = entry.get(name), entry.get(f"{name}_parsed")
        if said and _WITHOUT_ZONE.match(said.strip()) and not _OFFSET_AT_END.search(said.strip()):
            local = instants(pa.array([said.strip()]), zone).values[0].as_py()
            if local is not None:
                return _aware(local)
        if parsed:
            try:
                return datetime.fromtimestamp(timegm(parsed), UTC)
            except (ValueError, OverflowError):
                continue
    return None


def _aware(moment: Any) -> datetime:
    found: datetime = moment.astimezone(UTC)
    return found


def _native_id(entry: Any, address: str, row: dict[str, Any]) -> str:
    given = (entry.get("id") or "").strip()
    if ":" in given:  # a tag or an address, the same in every feed of the site
        return given
    if given:
        return f"{address} {given}"
    if row["url"]:
        return str(row["url"])
    return f"{address} {_digest(row)}"


def _digest(row: dict[str, Any]) -> str:
    said = "\x1f".join(str(row[name]) for name in ("title", "text", "url", "author_name"))
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=6).hexdigest()
