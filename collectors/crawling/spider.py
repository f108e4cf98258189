"""The spider of the crawl: walks lists and sitemaps, and hands over the pages they name.

It reads listing pages, as it must know what is new there to go on; review pages it hands over as
they came. Only a few requests are with Scrapy at a time, so that a list of a million pages takes
no more memory than one of a hundred.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure
from w3lib.url import canonicalize_url

from collectors.crawling.gone import SAID_GONE, is_gone, standing
from collectors.crawling.guard import BUSY
from collectors.crawling.pages import Page, read_page
from collectors.crawling.reviews import Found, reviews_on, short_digest
from collectors.crawling.site_memory import unpacked
from collectors.crawling.sitemaps import (
    DEEPEST,
    LARGEST,
    Entry,
    SitemapRefused,
    read_sitemap,
    sitemaps_in,
)
from collectors.crawling.sites import PATIENCE, Site
from collectors.crawling.walk import MOST_SITEMAPS, Turn, Walk, is_of

_GONE: Final = (404, 410)
IN_ROBOTS: Final = "robots.txt"  # among `sitemaps`: those that robots.txt names
Say = Callable[..., None]


class SiteSpider(Spider):
    """Walks each site of the order; `say` takes a frame's head and body."""

    name = "sites"

    def __init__(self, order: dict[str, Any], say: Say, browser: Any = None) -> None:
        super().__init__()
        self.walks = [_walk(entry, order) for entry in order["sites"]]
        self._say = say
        self._browser = browser
        self._largest: int = order["max_bytes"]

    async def start(self) -> AsyncIterator[Request]:
        if self._browser is not None:
            await self._browser.start()
        for walk in self.walks:
            walk.held.extend(self._first(walk))
            for request in self._more(walk):
                yield request

    def end_list(self, site: str, start: str) -> None:
        """Walk a list no further: whoever reads the pages has seen enough of it."""
        for walk in self.walks:
            if walk.site.name == site:
                walk.end(start)

    def _first(self, walk: Walk) -> Iterator[Request]:
        for url in walk.site.start:
            meta = self._drawn(walk.site)
            yield self._ask(url, self.parse_listing, walk, meta, turn=Turn(url))
        for url in walk.site.sitemaps:
            if url != IN_ROBOTS:
                yield self._sitemap(url, walk, 0)
                continue
            for home in dict.fromkeys(urljoin(start, "/robots.txt") for start in walk.site.start):
                meta = {"dont_obey_robotstxt": True}
                yield self._ask(home, self.parse_robots, walk, meta, turn=Turn(home))

    def _ask(
        self,
        url: str,
        callback: Callable[..., Iterator[Request]],
        walk: Walk,
        meta: dict[str, Any] | None = None,
        **said: Any,
    ) -> Request:
        """A request for `callback`. Scrapy's filter is off: a page may redirect to a known one."""
        given = {"walk": walk} | said
        return Request(
            url, callback, errback=self.report, cb_kwargs=given, meta=meta, dont_filter=True
        )

    def _sitemap(self, url: str, walk: Walk, depth: int) -> Request:
        walk.met.add(_of_sitemap(url))
        meta = {"download_maxsize": LARGEST}
        return self._ask(url, self.parse_sitemap, walk, meta, turn=Turn(url), depth=depth)

    def _drawn(self, site: Site) -> dict[str, Any]:
        """What a request for a page of this site says to the browser, if it needs one."""
        return self._browser.meta(site) if site.javascript and self._browser else {}

    def _more(self, walk: Walk) -> Iterator[Request]:
        """The next requests of a walk, as many as there is room for."""
        while walk.running < walk.at_once and (request := self._next(walk)) is not None:
            walk.running += 1
            yield request

    def _next(self, walk: Walk) -> Request | None:
        if walk.held and walk.may_look_ahead:
            return walk.held.popleft()
        revisit = not walk.waiting
        if revisit:
            # Last of all, when it is known what the lists still show.
            if not walk.revisits or (walk.running and not walk.revisiting):
                return None
            walk.revisiting = True
            link, turn = walk.revisits.pop(0), Turn("")
        else:
            link, turn = walk.waiting.popleft()
        meta = self._drawn(walk.site)
        return self._ask(link, self.parse_page, walk, meta, turn=turn, revisit=revisit)

    def parse_listing(self, response: Response, walk: Walk, turn: Turn) -> Iterator[Request]:
        """Hand over what a listing page says itself, queue its links, and go on to the next."""
        walk.running -= 1
        try:
            self._refuse(response, walk)
            page = _page(response)
            self._look_at(page, walk, turn)
        except Exception as error:  # whatever a page holds, the others are still to be had
            walk.failed = True
            self._failed(walk, _asked(response.request), turn, _unreadable(error))
        yield from self._more(walk)

    def _look_at(self, page: Page, walk: Walk, turn: Turn) -> None:
        site = walk.site
        read = reviews_on(page, site, turn.start) if site.kind == "reviews" else []
        found = standing(read, site)
        shown = list(dict.fromkeys(_links(page, site.follow)))
        links = [link for link in shown if walk.is_of_site(link)]
        told = [review.digest for review in found]
        new = any(not walk.is_known(d) for d in (*told, *map(short_digest, links)))
        met = {*told, *map(short_digest, shown)}
        turn = replace(
            turn,
            nothing_new=0 if new else turn.nothing_new + 1,
            repeating=0 if met - walk.met else turn.repeating + 1,
        )
        self._say_found(page.url, found, walk, turn)
        walk.take(links, turn)
        walk.met |= met
        following = self._following(page, walk, turn)
        if following:
            turn = replace(turn, number=turn.number + 1)
            meta = self._drawn(site)
            walk.held.append(self._ask(following, self.parse_listing, walk, meta, turn=turn))
        elif not (found or links) and is_gone(page, read, site):
            self._failed(walk, page.url, turn, SAID_GONE)

    def _say_found(self, url: str, found: list[Found], walk: Walk, turn: Turn) -> None:
        fresh = [asdict(review) for review in found if not walk.is_known(review.digest)]
        if fresh:
            said = {"reviews": fresh, "url": url, "list": [turn.start, turn.number]}
            self._say({"what": "found", "site": walk.site.name} | said)

    def _following(self, page: Page, walk: Walk, turn: Turn) -> str | None:
        """The next listing page, unless this one was the last that could bring anything."""
        site = walk.site
        enough = walk.since is None and walk.was_complete and turn.nothing_new >= PATIENCE
        if not site.next_page or enough or turn.repeating >= PATIENCE or turn.start in walk.ended:
            return None
        link = next(page.links(site.next_page), None)
        if link and turn.number >= site.max_pages:
            walk.cut = f"max_pages ({site.max_pages:,}) listing pages were walked"
            return None
        return urljoin(page.url, link) if link else None

    def parse_page(
        self, response: Response, walk: Walk, turn: Turn, revisit: bool
    ) -> Iterator[Request]:
        """Hand a page over as it came."""
        walk.running -= 1
        asked = _asked(response.request)
        try:
            self._refuse(response, walk)
        except IgnoreRequest as error:
            self._failed(walk, asked, turn, str(error))
        else:
            said = {"asked": asked, "url": response.url, "revisit": revisit}
            said |= {"type": _declared(response), "list": [turn.start, turn.number]}
            self._say({"what": "page", "site": walk.site.name} | said, response.body)
        yield from self._more(walk)

    def _refuse(self, response: Response, walk: Walk) -> None:
        """A browser follows redirects and draws pages where no middleware looks at them."""
        if "playwright" not in response.flags:
            return
        if not is_of(response.url, (*walk.site.start, *walk.site.sitemaps)):
            raise IgnoreRequest(f"{response.url} leads away from the site.")
        if len(response.body) > self._largest:
            raise IgnoreRequest(f"The page is larger than {self._largest:,} bytes.")

    def parse_robots(self, response: Response, walk: Walk, turn: Turn) -> Iterator[Request]:
        """Queue the sitemaps that robots.txt names."""
        walk.running -= 1
        named = sitemaps_in(response.body, response.url)
        if not named:
            self._failed(walk, response.url, turn, "robots.txt names no sitemap")
        for url in named[:MOST_SITEMAPS]:
            if is_of(url, walk.site.start):
                walk.held.append(self._sitemap(url, walk, 0))
        yield from self._more(walk)

    def parse_sitemap(
        self, response: Response, walk: Walk, turn: Turn, depth: int
    ) -> Iterator[Request]:
        """Queue the pages that a sitemap names and that are new or changed, or its sitemaps."""
        walk.running -= 1
        walk.sitemaps += 1
        try:
            read = read_sitemap(response.body, response.url)
        except SitemapRefused as error:
            self._failed(walk, response.url, turn, str(error))
        else:
            for entry in read.entries:
                if read.is_index:
                    self._queue_sitemap(entry, walk, depth + 1)
                elif walk.is_of_site(entry.url):
                    link = canonicalize_url(entry.url)
                    if walk.changed(entry, link):
                        walk.take([link], turn)
                    else:
                        walk.met.add(short_digest(link))
        yield from self._more(walk)

    def _queue_sitemap(self, entry: Entry, walk: Walk, depth: int) -> None:
        asked = walk.sitemaps + len(walk.held)
        if depth > DEEPEST or asked >= MOST_SITEMAPS or _of_sitemap(entry.url) in walk.met:
            return
        if is_of(entry.url, (*walk.site.start, *walk.site.sitemaps)):
            walk.held.append(self._sitemap(entry.url, walk, depth))

    def report(self, failure: Failure) -> Iterator[Request]:
        """Say why a page could not be had."""
        request: Request = failure.request  # type: ignore[attr-defined]
        said = request.cb_kwargs
        walk: Walk = said["walk"]
        walk.running -= 1
        error = failure.value
        status = error.response.status if isinstance(error, HttpError) else None
        refused = isinstance(error, IgnoreRequest | DownloadCancelledError)
        walk.failed |= not (status in _GONE or refused)
        if status in BUSY:  # it was asked again already, as often and as late as it said
            walk.stop(f"the site asks for a pause (status {status})")
        self._failed(
            walk, _asked(request), said["turn"], _reason(failure, status),
            status=status, revisit=said.get("revisit", False),
        )  # fmt: skip
        yield from self._more(walk)

    def _failed(
        self, walk: Walk, asked: str, turn: Turn, reason: str,
        status: int | None = None, revisit: bool = False,
    ) -> None:  # fmt: skip
        self._say({
            "what": "failed", "site": walk.site.name, "asked": asked, "reason": reason,
            "gone": status in _GONE, "revisit": revisit,
            "for_good": status == 410 and short_digest(asked) not in walk.met,
        })  # fmt: skip

    def closed(self, reason: str) -> None:
        for walk in self.walks:
            ended = reason == "finished" and not walk.running
            complete = ended and not walk.failed
            cut = walk.cut or (None if complete else "some of its pages could not be had")
            self._say({"what": "end", "site": walk.site.name, "complete": complete, "cut": cut})


def _walk(entry: dict[str, Any], order: dict[str, Any]) -> Walk:
    state = order["states"][entry["name"]]
    walked, since = state["walked"], order["since"]
    return Walk(
        site=site_of(entry),
        seen=set(unpacked(state["seen"])),
        was_complete=state["complete"],
        walked=datetime.fromtimestamp(walked, UTC) if walked is not None else None,
        since=datetime.fromisoformat(since) if since is not None else None,
        revisits=list(state["revisits"]),
    )


def site_of(entry: dict[str, Any]) -> Site:
    """A site as JSON carries it."""
    lists = {name: tuple(entry[name]) for name in ("start", "sitemaps", "gone_words")}
    return Site(**entry | lists)


def _of_sitemap(url: str) -> bytes:
    return short_digest(f"sitemap {url}")


def _links(page: Page, css: str) -> Iterator[str]:
    """The addresses that `css` points at, other than the page's own."""
    here = canonicalize_url(page.url)
    for link in page.links(css) if css else ():
        try:
            address = canonicalize_url(urljoin(page.url, link))
        except ValueError:  # such as http://[
            continue
        if address != here:
            yield address


def _page(response: Response) -> Page:
    return read_page(response.url, response.body, _declared(response))


def _declared(response: Response) -> str:
    return (response.headers.get("Content-Type") or b"").decode("latin-1")


def _asked(request: Request | None) -> str:
    """The address first asked for, before redirects."""
    if request is None:
        return ""
    return str(request.meta.get("redirect_urls", [request.url])[0])


def _reason(failure: Failure, status: int | None) -> str:
    if status is not None:
        return f"the status {status}"
    kind, said = type(failure.value).__name__, str(failure.value)
    return f"{kind}: {said}"[:300] if said else kind


def _unreadable(error: Exception) -> str:
    if isinstance(error, IgnoreRequest):
        return str(error)
    return f"the page could not be read: {type(error).__name__}: {error}"[:300]
