"""The public yard's pages, ordered by who may enter."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def health(request: HttpRequest) -> HttpResponse:
    """Answer that the process serves pages."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [path("healthz", health)]
