"""The state of one site while it is crawled, and the decisions that follow from it alone."""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from scrapy import Request

from collectors.crawling.guard import same_site
from collectors.crawling.reviews import short_digest
from collectors.crawling.sitemaps import Entry
from collectors.crawling.sites import Site

_AT_ONCE: Final = 32  # requests of a site handed to Scrapy; the rest waits here as addresses
_AHEAD: Final = 200  # addresses of pages that wait before the next listing page is asked for
MOST_SITEMAPS: Final = 500
_MARGIN: Final = timedelta(days=1)  # by which a site's clock, or a bare date, may be off


@dataclass(frozen=True)
class Turn:
    """Where in a list a listing page stands."""

    start: str
    number: int = 1
    nothing_new: int = 0  # pages in a row, up to this one, of what is landed already
    repeating: int = 0  # pages in a row with only what this run has met before


@dataclass
class Walk:
    """One site in this run. `since` bounds a walk into the past; without it, what is new is had."""

    site: Site
    seen: set[bytes]
    was_complete: bool
    walked: datetime | None
    since: datetime | None
    revisits: list[str]
    met: set[bytes] = field(default_factory=set)
    waiting: deque[tuple[str, Turn]] = field(default_factory=deque)
    held: deque[Request] = field(default_factory=deque)  # listing pages that wait their turn
    ended: set[str] = field(default_factory=set)  # starts of lists that were walked far enough
    running: int = 0
    taken: int = 0
    sitemaps: int = 0
    revisiting: bool = False
    failed: bool = False
    cut: str | None = None  # why the walk ended before the list did

    @property
    def at_once(self) -> int:
        """How many requests may be with Scrapy; few where somebody is to say how far to go."""
        return _AT_ONCE if self.since is None else _AT_ONCE // 4

    @property
    def may_look_ahead(self) -> bool:
        """Whether the next listing page may be asked for."""
        return len(self.waiting) < (_AHEAD if self.since is None else 1)

    def is_known(self, digest: bytes) -> bool:
        return digest in self.seen or digest in self.met

    def take(self, links: Iterable[str], turn: Turn) -> None:
        """Queue the pages that are not known, as far as this run may go."""
        for link in links:
            digest = short_digest(link)
            if self.is_known(digest):
                self.met.add(digest)
                continue
            if self.taken >= self.site.max_reviews:
                self.failed = True  # the rest is for the next run
                self.cut = f"max_reviews ({self.site.max_reviews:,}) pages were fetched"
                return
            self.met.add(digest)
            self.taken += 1
            self.waiting.append((link, turn))

    def changed(self, entry: Entry, link: str) -> bool:
        """Whether the page of a sitemap's entry is to be fetched, by what the sitemap says.

        A known page is, when it changed since the last walk. One that is not known is, unless it
        is older than what is asked for, or than a walk that had everything.
        """
        if entry.changed is None:
            return True
        if self.since is not None:
            return entry.changed >= self.since
        if self.walked is None or not self.was_complete:
            return True
        if short_digest(link) in self.seen:
            if entry.changed > self.walked:
                self.seen.discard(short_digest(link))
                return True
            return False
        return entry.changed > self.walked - _MARGIN

    def end(self, start: str) -> None:
        """Walk a list no further."""
        self.ended.add(start)
        self.waiting = deque(each for each in self.waiting if each[1].start != start)
        self.held = deque(r for r in self.held if r.cb_kwargs["turn"].start != start)

    def stop(self, why: str) -> None:
        """Ask nothing more of this site in this run."""
        self.cut, self.failed = why, True
        self.ended.update(self.site.start)
        for pending in (self.waiting, self.held, self.revisits):
            pending.clear()

    def is_of_site(self, link: str) -> bool:
        """Whether an address is one of the site, and of the pages that are to be fetched."""
        return is_of(link, (*self.site.start, *self.site.sitemaps)) and (
            re.search(self.site.follow_pattern, link) is not None
        )


def is_of(link: str, addresses: Iterable[str]) -> bool:
    """Whether `link` leads to the site of one of `addresses`."""
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        return False
    known = filter(None, (urlsplit(address).hostname for address in addresses))
    return parts.scheme in ("http", "https") and any(same_site(host, name) for name in known)
