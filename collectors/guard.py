"""What keeps the crawler polite and out of our own network: a resolver and three middlewares.

The resolver looks at the address that is then connected to, so a name cannot change between the
look and the call. Its refusal reaches the spider as "no such name", and addresses written as
numbers never reach it; so a middleware looks at every request first, and says why.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from community.fetch import FetchRefused, refuse_private

_LONGEST_WAIT: Final = 60.0  # seconds


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

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SiteOnly":
        return cls(crawler.settings.getlist("MADANG_HOSTS"))

    def process_request(self, request: Request) -> None:
        host = urlparse_cached(request).hostname or ""
        if not any(same_site(host, known) for known in self._hosts):
            raise IgnoreRequest(f"{request.url} leads away from the site.")


def same_site(host: str, known: str) -> bool:
    """Whether two hosts are one, or one is a part of the other; www and m aside."""
    host, known = (re.sub(r"^(www|m)\.", "", name) for name in (host, known))
    return host == known or host.endswith(f".{known}") or known.endswith(f".{host}")


class PublicOnly:
    """Refuses requests, also after a redirect, that lead to private addresses."""

    async def process_request(self, request: Request) -> None:
        parsed = urlparse_cached(request)
        if parsed.scheme not in ("http", "https"):
            raise IgnoreRequest(f"{request.url} is no http or https address.")
        host = parsed.hostname or ""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None)
        except (OSError, UnicodeError):
            return  # the download will say that there is no such name
        try:
            refuse_private(host, [str(entry[4][0]) for entry in found])
        except FetchRefused as error:
            raise IgnoreRequest(str(error)) from error


class PatientRetry(RetryMiddleware):
    """Scrapy's retry, after the pause that a busy server asks for (Retry-After, up to a minute)."""

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response, spider: Any = None
    ) -> Request | Response:
        said = (response.headers.get("Retry-After") or b"").decode("latin-1")
        if response.status in (429, 503) and said.isdigit():
            if float(said) > _LONGEST_WAIT:
                return response
            await asyncio.sleep(float(said))
        answer: Request | Response = super().process_response(request, response)
        return answer
