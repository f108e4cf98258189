"""What keeps the crawler polite and out of our own network: a resolver and two middlewares.

The resolver looks at the address that is then connected to, so a name cannot change between the
look and the call; addresses written as numbers never reach it, so a middleware looks at those.
"""

import asyncio
import ipaddress
from typing import Any, Final

from scrapy import Request
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


class PublicOnly:
    """Refuses requests, also after a redirect, to private addresses written as numbers."""

    def process_request(self, request: Request) -> None:
        parsed = urlparse_cached(request)
        if parsed.scheme not in ("http", "https"):
            raise IgnoreRequest(f"{request.url} is no http or https address.")
        host = parsed.hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return
        try:
            refuse_private(host, [host])
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
