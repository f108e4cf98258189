"""Which language a page is in: the reader's choice, else the instance's own.

What the browser prefers is not asked: a Korean company's desk is Korean, whatever its computers
prefer.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin


def known_language(code: str | None) -> str | None:
    """The code, if pages can be had in it."""
    return code if code in dict(settings.LANGUAGES) else None


class LanguageMiddleware(MiddlewareMixin):
    """Set the page's language from the language cookie, and say so in the answer."""

    def process_request(self, request: HttpRequest) -> None:
        chosen = known_language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
        translation.activate(chosen or settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers.setdefault(
            "Content-Language", getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
        )
        return response


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
