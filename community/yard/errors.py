"""Pages for what went wrong, in the yard's look: what happened, and how to go on."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from community.errors import CommunityError


@dataclass(frozen=True)
class Trouble:
    """What an error page says: a sentence, and what to do."""

    title: str
    advice: str


def trouble_page(
    request: HttpRequest, status: int, trouble: Trouble, *, retry_after: int | None = None
) -> HttpResponse:
    """The page of one trouble, never kept by a cache."""
    response = render(request, "yard/error.html", {"trouble": trouble}, status=status)
    response["Cache-Control"] = "no-store"
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the browser sent what no form of ours sends."""
    advice = gettext("Go back, load the page again and send it once more.")
    return trouble_page(request, 400, Trouble(gettext("This could not be read."), advice))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: somebody else's, or not to be done."""
    advice = gettext("You may read it, but only its author may change it.")
    return trouble_page(request, 403, Trouble(gettext("This is not yours to change."), advice))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's token was missing or old; what was typed is a step back in the browser."""
    advice = gettext(
        "Go back, load the page again and send it once more. Your text is still there."
    )
    return trouble_page(request, 403, Trouble(gettext("The page was open for too long."), advice))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: never was here, or its author took it away."""
    advice = gettext("It may have been removed by its author. Look among the reviews or the ideas.")
    return trouble_page(request, 404, Trouble(gettext("There is nothing here."), advice))


def refused(request: HttpRequest, refusal: CommunityError) -> HttpResponse:
    """422: an order of one button that could not be carried out, with its reason."""
    advice = gettext("Go back and load the page again to see how things stand.")
    return trouble_page(request, 422, Trouble(str(refusal), advice))


def too_many(request: HttpRequest, retry_after: int) -> HttpResponse:
    """429: more writing than a person does."""
    advice = gettext("Wait a few minutes, go back and send it again. Your text is still there.")
    title = gettext("That was a lot in a short time.")
    return trouble_page(request, 429, Trouble(title, advice), retry_after=retry_after)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; the page asks the store for nothing, for that may be what failed."""
    title = gettext("Something broke on our side.")
    advice = gettext("We have a record of it. Try again in a minute.")
    response = render(request, "yard/broken.html", {"trouble": Trouble(title, advice)}, status=500)
    response["Cache-Control"] = "no-store"
    return response
