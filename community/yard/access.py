"""Who may enter the yard's pages, and how often one may write."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRedirect

from community.members.models import Member
from community.yard.answers import SeeOther, by_htmx
from community.yard.frame import reader_of, sign_in_address

Rest = ParamSpec("Rest")
MemberView = Callable[Concatenate[HttpRequest, Member, Rest], HttpResponse]
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]

_POST_PAGE: Final = re.compile(r"/(?:reviews|ideas)/[0-9]+(?=/)")


def members_only(view: MemberView[Rest]) -> View[Rest]:
    """Let members through; others sign in first and come back."""

    @wraps(view)
    def entered(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        member = reader_of(request)
        if member is not None:
            return view(request, member, *args, **kwargs)
        door = sign_in_address(_page_to_come_back_to(request))
        if by_htmx(request):
            return HttpResponseClientRedirect(door)
        return SeeOther(door)

    return entered


def viewer_of(request: HttpRequest) -> int | None:
    """The number of the member who looks on, for what a page says about their own acts."""
    member = reader_of(request)
    return None if member is None else member.pk


def _page_to_come_back_to(request: HttpRequest) -> str:
    """The page that was asked for; for what was sent, the page of the post that it is about."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    post = _POST_PAGE.match(request.path)
    return post[0] if post else "/"
