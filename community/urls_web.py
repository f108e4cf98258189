"""The public yard's pages, ordered by who may enter."""

from importlib.util import find_spec

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from community.yard import errors
from community.yard.language import choose_language


def health(request: HttpRequest) -> HttpResponse:
    """Answer that the process serves pages."""
    return HttpResponse("ok\n", content_type="text/plain")


ACCOUNT_PAGES = (
    "community.accounts.urls" if find_spec("community.accounts.urls") else "allauth.account.urls"
)

urlpatterns = [
    # Everyone
    path("healthz", health),
    path("language", choose_language, name="choose_language"),
    path("account/", include(ACCOUNT_PAGES)),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
