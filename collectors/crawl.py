"""The child process of `collectors.web`: a Scrapy crawl that writes pages as lines of JSON.

The first line of standard input is the order. The input then stays open as a lifeline: when it
ends, the parent has ended, and so does the crawl.
"""

import json
import os
import re
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from parsel import Selector
from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure
from w3lib.url import canonicalize_url

from collectors.encodings import decode_page
from collectors.guard import same_site
from collectors.reviews import Found, reviews_on, short_digest
from collectors.sites import Site

_PATIENCE: Final = 2  # listing pages in a row without anything new before a walk ends
_GONE: Final = (404, 410)


@dataclass
class _Walk:
    """One site in this run."""

    site: Site
    seen: set[str]
    was_complete: bool
    met: set[str] = field(default_factory=set)
    review_pages: int = 0
    failed: bool = False

    def is_known(self, digest: str) -> bool:
        return digest in self.seen or digest in self.met


@dataclass(frozen=True)
class _Turn:
    """Where in a list a listing page stands."""

    start: str
    number: int = 1
    nothing_new: int = 0  # pages in a row, up to this one, of what is landed already
    repeating: int = 0  # pages in a row with only what this run has met before


class ReviewSpider(Spider):
    """Walks listing pages and fetches the review pages they link to, once each."""

    name = "reviews"

    def __init__(self, order: dict[str, Any]) -> None:
        super().__init__()
        self.walks = [
            _Walk(site, set(state["seen"]), state["complete"])
            for site in (_site(entry) for entry in order["sites"])
            for state in (order["states"][site.name],)
        ]

    async def start(self) -> AsyncIterator[Request]:
        for walk in self.walks:
            for url in walk.site.start:
                yield self._listing(url, walk, _Turn(url))

    def _listing(self, url: str, walk: _Walk, turn: _Turn) -> Request:
        return Request(
            url,
            callback=self.parse_listing,
            errback=self.report,
            cb_kwargs={"walk": walk, "turn": turn},
            dont_filter=True,
            priority=1,  # before review pages, so that what is new is known early
        )

    def parse_listing(self, response: Response, walk: _Walk, turn: _Turn) -> Iterator[Request]:
        text, page = _read(response)
        reviews = reviews_on(page, text, response.url, walk.site, turn.start)
        shown = self._links(page, response, walk.site)
        links = [link for link in shown if _may_follow(link, walk.site)]
        told = [review.digest for review in reviews]
        new = any(not walk.is_known(d) for d in [*told, *map(short_digest, links)])
        met = {*told, *map(short_digest, shown)}
        turn = replace(
            turn,
            nothing_new=0 if new else turn.nothing_new + 1,
            repeating=0 if met - walk.met else turn.repeating + 1,
        )
        self._say_page(walk, response.url, reviews)
        for link in links:
            if not walk.is_known(short_digest(link)) and self._has_room(walk):
                yield Request(
                    link,
                    callback=self.parse_review,
                    errback=self.report,
                    cb_kwargs={"walk": walk},
                    dont_filter=True,  # `met` sees to it; a redirect to a known page must come back
                )
        walk.met |= met
        following = self._next(page, response, walk, turn)
        if following:
            yield self._listing(following, walk, replace(turn, number=turn.number + 1))

    def _links(self, page: Selector, response: Response, site: Site) -> list[str]:
        if not site.follow:
            return []
        found = page.css(_as_link(site.follow)).getall()
        links = (canonicalize_url(response.urljoin(link.strip())) for link in found)
        return list(dict.fromkeys(links))

    def _has_room(self, walk: _Walk) -> bool:
        if walk.review_pages >= walk.site.max_reviews:
            walk.failed = True  # the rest is for the next run
            return False
        walk.review_pages += 1
        return True

    def _next(self, page: Selector, response: Response, walk: _Walk, turn: _Turn) -> str | None:
        known = walk.was_complete and turn.nothing_new >= _PATIENCE
        if not walk.site.next_page or known or turn.repeating >= _PATIENCE:
            return None
        link = page.css(_as_link(walk.site.next_page)).get()
        if not link or turn.number >= walk.site.max_pages:
            return None
        return str(response.urljoin(link.strip()))

    def parse_review(self, response: Response, walk: _Walk) -> None:
        text, page = _read(response)
        reviews = reviews_on(page, text, response.url, walk.site, None)
        asked = _asked(response.request)
        if reviews:
            self._say_page(walk, response.url, reviews, asked)
        else:
            _say(site=walk.site.name, page=asked, failed="no review on the page",
                 seen=[short_digest(asked)])  # fmt: skip

    def _say_page(
        self, walk: _Walk, url: str, reviews: list[Found], asked: str | None = None
    ) -> None:
        fresh = [review for review in reviews if not walk.is_known(review.digest)]
        seen = [review.digest for review in fresh]
        walk.met.update(seen)
        if asked:
            seen.append(short_digest(asked))
        if seen:
            _say(site=walk.site.name, page=url, reviews=[asdict(r) for r in fresh], seen=seen)

    def report(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: _Walk = request.cb_kwargs["walk"]
        error = failure.value
        status = error.response.status if isinstance(error, HttpError) else None
        asked = _asked(request)
        lasting = status in _GONE or isinstance(error, IgnoreRequest)
        walk.failed |= not lasting
        seen = [short_digest(asked)] if status in _GONE else []
        _say(site=walk.site.name, page=asked, failed=_reason(failure, status), seen=seen)

    def closed(self, reason: str) -> None:
        for walk in self.walks:
            complete = reason == "finished" and not walk.failed
            _say(site=walk.site.name, page="", complete=complete)


def _site(entry: dict[str, Any]) -> Site:
    return Site(**{**entry, "start": tuple(entry["start"])})


def _may_follow(link: str, site: Site) -> bool:
    """Whether a link leads to a review page of this site."""
    parts = urlsplit(link)
    host = parts.hostname or ""
    known = (urlsplit(start).hostname or "" for start in site.start)
    of_site = parts.scheme in ("http", "https") and any(same_site(host, name) for name in known)
    return of_site and re.search(site.follow_pattern, link) is not None


def _as_link(css: str) -> str:
    return css if "::" in css else f"{css}::attr(href)"


def _asked(request: Request | None) -> str:
    """The address first asked for, before redirects."""
    if request is None:
        return ""
    return str(request.meta.get("redirect_urls", [request.url])[0])


def _read(response: Response) -> tuple[str, Selector]:
    declared = (response.headers.get("Content-Type") or b"").decode("latin-1")
    text = decode_page(response.body, declared)
    return text, Selector(text=text or "<html></html>", type="html")


def _reason(failure: Failure, status: int | None) -> str:
    if status is not None:
        return f"the status {status}"
    return f"{type(failure.value).__name__}: {failure.value}"[:300]


def _say(**event: Any) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def settings_for(order: dict[str, Any]) -> dict[str, Any]:
    """Scrapy's settings: polite, bounded, and blind to our own network."""
    guard = {} if order["allow_private_addresses"] else {"collectors.guard.PublicOnly": 50}
    resolver = (
        {} if order["allow_private_addresses"]
        else {"TWISTED_DNS_RESOLVER": "collectors.guard.PublicResolver"}
    )  # fmt: skip
    return {
        "USER_AGENT": order["agent"],
        "ROBOTSTXT_OBEY": True,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": order["delay_seconds"],
        "DOWNLOAD_DELAY": order["delay_seconds"],
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
        "DOWNLOAD_TIMEOUT": order["timeout_seconds"],
        "DOWNLOAD_MAXSIZE": order["max_bytes"],
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "collectors.guard.SiteOnly": 40,
            "collectors.guard.PatientRetry": 550,
            **guard,
        },
        "MADANG_HOSTS": [
            urlsplit(url).hostname for site in order["sites"] for url in site["start"]
        ],
        "HTTPPROXY_ENABLED": False,  # a proxy would look names up where nobody checks them
        "RETRY_TIMES": 2,
        "REDIRECT_MAX_TIMES": 5,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        **resolver,
    }


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    process = AsyncCrawlerProcess(settings_for(order))
    failures: list[Failure] = []
    crawler = process.create_crawler(ReviewSpider)
    crawler.signals.connect(
        lambda failure: failures.append(failure), signals.spider_error, weak=False
    )
    process.crawl(crawler, order=order)
    process.start()
    if failures:
        sys.exit(f"A page could not be understood: {failures[0].getTraceback()}")


if __name__ == "__main__":
    main()
