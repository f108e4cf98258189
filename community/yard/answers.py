"""How the yard answers a form: go elsewhere with GET, for browsers and for htmx alike."""

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

# A page with a form takes both, at one address: what comes back wrong can be loaded again.
ANY_FORM: Final = require_http_methods(["GET", "HEAD", "POST"])


class SeeOther(HttpResponseRedirect):
    """Go there with GET, whatever brought you here."""

    status_code = 303


def by_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page in place of the whole."""
    return request.headers.get("HX-Request") == "true"


def done(path: str, said: str = "", place: str = "") -> SeeOther:
    """Back to a page that says what was done; `place` is the part of it to go to."""
    query = f"?{urlencode({'said': said})}" if said else ""
    return SeeOther(f"{path}{query}{f'#{place}' if place else ''}")


def form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A form's page: 422 when what was sent did not fit, with all that was typed."""
    wrong = bool(context["form"].errors)
    return render(request, template, context, status=422 if wrong else 200)
