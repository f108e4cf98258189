"""Which language a page is in: the reader's choice, else the instance's own.

What the browser prefers is not asked: a Korean company's desk is Korean, whatever its computers
prefer.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponse]


def known_language(code: str | None) -> str | None:
    """The code, if pages can be had in it."""
    return code if code in dict(settings.LANGUAGES) else None


def language_middleware(get_response: GetResponse) -> GetResponse:
    """Set the page's language from the language cookie, and say so in the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = known_language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
        with translation.override(chosen or settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            return response

    return middleware


def remember_language(response: HttpResponse, code: str) -> None:
    """Keep the reader's choice in a cookie."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
