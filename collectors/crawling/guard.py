"""What keeps the crawler polite and out of our own network.

The resolver looks at the address that is then connected to, so a name cannot change between the
look and the call. Its refusal reaches the spider as "no such name", and addresses written as
numbers never reach it; so a middleware looks at every request first, and says why.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from community.fetch import FetchRefused, refuse_private

BUSY: Final = (429, 503)  # statuses by which a site asks for a pause
_LONGEST_WAIT: Final = 60.0  # seconds
_LOOKS_LAST: Final = 30.0  # seconds; the resolver looks at the address of every connection


class PublicResolver(CachingThreadedResolver):
    """Resolves names, and refuses those of private addresses."""

    def getHostByName(self, name: str, timeout: Any = ()) -> "Deferred[str]":  # noqa: N802
        def look(address: str) -> str:
            refuse_private(name, [address])
            return address

        found: Deferred[str] = super().getHostByName(name, timeout)
        return found.addCallback(look)


class SiteOnly:
    """Refuses requests that a redirect has led away from the sites of the order."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = hosts
        self._known: set[str] = set()  # hosts that were looked at and are of the sites

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SiteOnly":
        return cls(crawler.settings.getlist("MADANG_HOSTS"))

    def process_request(self, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        if host in self._known:
            return
        if not any(same_site(host, known) for known in self._hosts):
            raise IgnoreRequest(f"{request.url} leads away from the site.")
        self._known.add(host)


def same_site(host: str, known: str) -> bool:
    """Whether two hosts are one, or one is a part of the other; www and m aside."""
    host, known = (re.sub(r"^(www|m)\.", "", name) for name in (host, known))
    return host == known or host.endswith(f".{known}") or known.endswith(f".{host}")


class PublicOnly:
    """Refuses requests, also after a redirect, that lead to private addresses."""

    def __init__(self) -> None:
        self._looked: dict[str, float] = {}  # until when a host need not be looked at again

    async def process_request(self, request: Request) -> None:
        parsed = urlparse_cached(request)
        if parsed.scheme not in ("http", "https"):
            raise IgnoreRequest(f"{request.url} is no http or https address.")
        host = parsed.hostname or ""
        if time.monotonic() < self._looked.get(host, 0.0):
            return
        try:
            await look_up(host)
        except (OSError, UnicodeError):
            return  # the download will say that there is no such name
        except FetchRefused as error:
            raise IgnoreRequest(str(error)) from error
        self._looked[host] = time.monotonic() + _LOOKS_LAST


async def look_up(host: str) -> list[str]:
    """The addresses of a host. Raises FetchRefused when one is private, OSError without any."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None)
    addresses = [str(entry[4][0]) for entry in found]
    refuse_private(host, addresses)
    return list(dict.fromkeys(addresses))


class CrawlDelay:
    """Keeps the Crawl-delay of robots.txt, up to a minute, whatever AutoThrottle thinks of it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._asked: dict[str, float] = {}  # seconds, by the name of a downloader's slot

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "CrawlDelay":
        extension = cls(crawler)
        crawler.signals.connect(extension.robots_parsed, signals.robots_parsed)
        crawler.signals.connect(extension.response_downloaded, signals.response_downloaded)
        return extension

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        delay = robotparser.crawl_delay(self._crawler.settings["USER_AGENT"])
        if delay:
            name = self._crawler.engine.downloader.get_slot_key(request)
            self._asked[name] = min(delay, _LONGEST_WAIT)
            self._apply(name)

    def response_downloaded(self, request: Request) -> None:
        self._apply(request.meta.get("download_slot", ""))

    def _apply(self, name: str) -> None:
        downloader = self._crawler.engine.downloader
        delay = self._asked.get(name)
        if delay is None:
            return
        downloader.per_slot_settings[name] = {"delay": delay, "jitter": 0.0}
        if (slot := downloader.slots.get(name)) is not None:
            slot.delay, slot.jitter = max(slot.delay, delay), 0.0


class PatientRetry(RetryMiddleware):
    """Scrapy's retry, after the pause that a busy server asks for (Retry-After, up to a minute)."""

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response, spider: Any = None
    ) -> Request | Response:
        pause = _pause((response.headers.get("Retry-After") or b"").decode("latin-1").strip())
        if response.status in BUSY and pause is not None:
            if pause > _LONGEST_WAIT:
                return response
            await asyncio.sleep(pause)
        answer: Request | Response = super().process_response(request, response)
        return answer


def _pause(said: str) -> float | None:
    """The seconds that a Retry-After asks for, as a number or as a date (RFC 9110, 10.2.3)."""
    if said.isdecimal():
        return float(said)
    try:
        return max(parsedate_to_datetime(said).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return None
