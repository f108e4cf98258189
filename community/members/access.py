"""Who may enter which page, and where a visitor may be sent on."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from community.members.models import Member

P = ParamSpec("P")
StaffView = Callable[Concatenate[HttpRequest, Member, P], HttpResponse]
HOME = "/"


def signed_in_staff(request: HttpRequest) -> Member | None:
    """The member of staff whose session this is."""
    member = request.user
    return member if isinstance(member, Member) and member.is_staff else None


def staff_only(view: StaffView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let staff through and send everyone else to the sign-in page.

    A part of a page that is fetched by a script is refused and not sent on: the sign-in page would
    be put in its place.
    """

    @wraps(view)
    def entered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        member = signed_in_staff(request)
        if member is None and request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        if member is None:
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('sign_in')}?{query}")
        return view(request, member, *args, **kwargs)

    return entered


def safe_next(request: HttpRequest, wanted: str | None) -> str:
    """`wanted` if it is a path of this very site, else the front page."""
    return wanted if wanted and is_own_path(wanted) else HOME


def is_own_path(wanted: str | None) -> bool:
    """Whether this leads to a page of this very site.

    Only an absolute path is taken, never an address, so that no scheme, host or browser's reading
    of backslashes and control characters can lead elsewhere.
    """
    return bool(
        wanted
        and wanted.startswith("/")
        and wanted.isprintable()
        and "\\" not in wanted
        and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    )
