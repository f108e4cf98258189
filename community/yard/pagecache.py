"""Whole pages kept for a few seconds for those who are not signed in.

Visitors without a session all see the same page, so one rendering serves everybody who comes within
a few seconds. Nobody with a session is ever answered from here, and no page that sets a cookie (a
form's token would) or that forbids keeping is ever kept.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from community.language import known_language

SECONDS: Final = 5
ENTRIES: Final = 512  # some 20 kB each
LONGEST_ADDRESS: Final = 512
LARGEST_PAGE: Final = 256 * 1024

Kept = tuple[bytes, dict[str, str]]


class AnonymousPages:
    """Middleware: answer from the memory of this process, or render and remember."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        options = {"TIMEOUT": SECONDS, "MAX_ENTRIES": ENTRIES}
        self._pages = LocMemCache("yard pages", options)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = key_of(request)
        if key is None:
            return _private(self._get_response(request))
        kept: Kept | None = self._pages.get(key)
        if kept is not None:
            return HttpResponse(kept[0], headers=kept[1])
        response = _private(self._get_response(request))
        if isinstance(response, HttpResponse) and may_keep(response):
            self._pages.set(key, (response.content, dict(response.items())))
        return response


def key_of(request: HttpRequest) -> str | None:
    """What names the page of an anonymous visitor; None where nothing may be shared."""
    address = request.get_full_path()
    if (
        request.method != "GET"
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or "HTTP_AUTHORIZATION" in request.META
        or len(address) > LONGEST_ADDRESS
    ):
        return None
    language = known_language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
    part = request.headers.get("HX-Request", "")[:4]
    host = request.META.get("HTTP_HOST", "")
    whole = "\n".join((language or "", part, request.scheme or "", host, address))
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def may_keep(response: HttpResponse) -> bool:
    """Whether a page is the same for all who are not signed in."""
    forbidden = response.headers.get("Cache-Control", "")
    return (
        response.status_code == 200
        and not response.cookies
        and "no-store" not in forbidden
        and len(response.content) <= LARGEST_PAGE
    )


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """Ask browsers to ask again: the same address looks different once one has signed in."""
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
