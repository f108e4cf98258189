"""Feeds: RSS, Atom and their relatives, several under one source.

A feed is asked with the etag and date of its last answer, and only entries that are new or have
changed are yielded. A feed that fails is reported and leaves the others alone. feedparser and
httpx are imported when a feed is fetched, as every command reads the list of sources.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from collectors.base import Cursor, SourceKind, SourceUnavailable, covered
from collectors.crawling.feeds import Rows, Untold, digest_of, entries_of
from collectors.rows.mentions import failed_page, mentions_of
from warehouse.landing import Batch

if TYPE_CHECKING:
    from community.fetch import Fetched, Fetcher


@dataclass(frozen=True)
class RssSettings:
    """The section `[rss]` of madang.toml."""

    feeds: tuple[str, ...] = field(
        default=(), metadata={"help": "Addresses of RSS or Atom feeds.", "ask": True}
    )
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


_GONE: Final = (
    "The feed is gone for good (status 410). Take it out of `feeds` in the section [rss], or put "
    "the address it moved to in its place."
)
_KEPT: Final = 1000  # entries remembered of a feed beyond those it shows now
_HEADERS: Final = {
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
}


def open_rss(settings: RssSettings) -> "Rss":
    """Raises SourceUnavailable when no feed is set."""
    if not settings.feeds:
        raise SourceUnavailable("No feed is set. Add addresses to feeds in the section [rss].")
    return Rss(settings)


KIND: Final = SourceKind(
    name="rss",
    summary="RSS and Atom feeds of news sites, blogs and boards.",
    settings=RssSettings,
    open=open_rss,
    verified="local server",
)


@dataclass(frozen=True)
class _Look:
    """What one look at a feed brought: rows, what was refused, its state after it, what it heard.

    `quiet`: nothing new, so that it may land with the other quiet feeds.
    """

    table: pa.Table
    rejected: pa.Table
    state: dict[str, Any]
    heard: pa.Table
    quiet: bool = False


@dataclass(frozen=True)
class Rss:
    """The source `rss`. Its cursor: {"feeds": {address: {etag, modified, seen, shown, looked}}}."""

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
        quiet: dict[str, _Look] = {}
        with Fetcher(limits) as fetcher:
            for address in self.settings.feeds:
                look = self._look(fetcher, address, states.get(address, {}), datetime.now(UTC))
                if look.quiet:
                    quiet[address] = look
                    continue
                states[address] = look.state
                yield Batch(look.table, {"feeds": dict(states)}, look.rejected, covered=look.heard)
        if quiet:
            states |= {address: look.state for address, look in quiet.items()}
            nothing = next(iter(quiet.values())).table
            heard = pa.concat_tables([look.heard for look in quiet.values()])
            yield Batch(nothing, {"feeds": states}, covered=heard)

    def _look(
        self, fetcher: "Fetcher", address: str, state: dict[str, Any], now: datetime
    ) -> _Look:
        from collectors.services.patience import patiently
        from community.fetch import FetchError

        try:
            answer = patiently(
                lambda: fetcher.get(address, _conditions(state)), self.settings.retry_seconds
            )
        except FetchError as error:
            reason = _GONE if error.status == 410 else str(error)
            return self._failed(address, reason, state, now)
        if answer.status == 304:
            looked = datetime.fromisoformat(state["looked"]) if "looked" in state else now
            return self._quiet(
                state | {"looked": now.isoformat()}, _heard(self.name, address, looked, now)
            )
        entries = entries_of(
            answer.content,
            answer.headers.get("content-type", ""),
            address=address,
            base=answer.url,
            untold=Untold(self.settings.product, self.settings.lang, self.settings.zone),
            now=now,
        )
        if entries is None:
            return self._failed(address, "The answer is no feed.", state, now)
        seen: dict[str, str] = state.get("seen", {})
        fresh = {i: row for i, row in entries.items() if seen.get(i) != digest_of(row)}
        heard = _heard_of(self.name, address, state, entries, now)
        after = _next_state(answer, entries, seen, now)
        if not fresh:
            return self._quiet(after, heard)
        table, rejected = mentions_of(
            [row | {"native_id": i} for i, row in fresh.items()], source=self.name, now=now
        )
        return _Look(table, rejected, after, heard)

    def _quiet(self, state: dict[str, Any], heard: pa.Table) -> _Look:
        nothing, rejected = mentions_of([], source=self.name, now=datetime.now(UTC))
        return _Look(nothing, rejected, state, heard, quiet=True)

    def _failed(self, address: str, reason: str, state: dict[str, Any], now: datetime) -> _Look:
        nothing, _ = mentions_of([], source=self.name, now=now)
        began = datetime.fromisoformat(state["looked"]) if "looked" in state else now
        heard = covered(self.name, "failed", began, now, part=address, reason=reason)
        return _Look(nothing, failed_page(address, reason, source=self.name, now=now), state, heard)


def _heard(source: str, address: str, begin: datetime, end: datetime) -> pa.Table:
    return covered(source, "collected", begin, end, part=address)


def _heard_of(
    source: str, address: str, state: dict[str, Any], entries: Rows, now: datetime
) -> pa.Table:
    """What a feed's entries say of the time since the last look.

    A feed shows its newest entries. If it shows as many as before and none of those is known, some
    may have come and gone between the last look and its oldest entry: that is a gap.
    """
    dated = [row["created_at"] for row in entries.values() if row["created_at"] < now]
    oldest = min(dated, default=now)
    if "looked" not in state:
        return _heard(source, address, oldest, now)
    looked = datetime.fromisoformat(state["looked"])
    rolled = len(entries) >= max(state.get("shown", 1), 1) and not entries.keys() & state["seen"]
    if not rolled or oldest <= looked:
        return _heard(source, address, looked, now)
    reason = f"The feed shows only its newest {len(entries)} entries, and none of them was known."
    gap = covered(source, "gap", looked, oldest, part=address, reason=reason)
    return pa.concat_tables([gap, _heard(source, address, oldest, now)])


def _conditions(state: dict[str, Any]) -> dict[str, str]:
    said = {"If-None-Match": state.get("etag"), "If-Modified-Since": state.get("modified")}
    return _HEADERS | {name: value for name, value in said.items() if value}


def _next_state(
    answer: "Fetched", entries: Rows, seen: dict[str, str], now: datetime
) -> dict[str, Any]:
    # An entry dated days ahead is refused now and offered again until its day has come.
    shown = {
        i: digest_of(row)
        for i, row in entries.items()
        if row["created_at"] < now + timedelta(days=1)
    }
    earlier = [(i, digest) for i, digest in seen.items() if i not in entries]
    state: dict[str, Any] = {
        "seen": dict(earlier[-_KEPT:]) | shown, "shown": len(entries), "looked": now.isoformat(),
    }  # fmt: skip
    for name, header in (("etag", "etag"), ("modified", "last-modified")):
        if value := answer.headers.get(header):
            state[name] = value
    return state
