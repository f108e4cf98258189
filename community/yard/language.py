"""The language switch of the yard: one press, signed in or not."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from community.decisions.actions import Actor
from community.language import known_language, remember_language
from community.members.access import safe_next
from community.members.actions import change_language
from community.yard.answers import SeeOther
from community.yard.errors import csrf_failure
from community.yard.frame import reader_of


@csrf_exempt
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language for this browser, and for the account that is signed in.

    A page that is cached for everybody can hold no token of one visitor, so here the browser's own
    word on where the form stood takes its place (OWASP: verifying origin with standard headers).
    """
    if not sent_from_here(request):
        return csrf_failure(request)
    response = SeeOther(safe_next(request, request.POST.get("next")))
    language = known_language(request.POST.get("language"))
    if language is not None:
        member = reader_of(request)
        if member is not None:
            change_language(member.pk, language, by=Actor(member.pk))
        remember_language(response, language)
    return response


def sent_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the form; silence is a no."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        parts = urlsplit(sender)
    except ValueError:
        return False
    here = (request.scheme, request.get_host())
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return (parts.scheme, parts.netloc) == here and site == "same-origin"
