"""Who may answer: those who speak for the brand. Engineers read."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.members.access import StaffView, staff_only
from community.members.models import Member, Role

P = ParamSpec("P")
MAY_ANSWER: Final = frozenset({Role.BRAND_MANAGER.value, Role.COMMUNITY_MANAGER.value})


def may_answer(member: Member) -> bool:
    """Whether this member of staff may speak for the brand."""
    return member.is_active and member.is_staff and member.role in MAY_ANSWER


def reader_page(view: StaffView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page that all staff may read, never kept by a browser or a proxy."""
    return never_cache(require_http_methods(["GET", "HEAD"])(staff_only(view)))


def act(view: StaffView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """An act of those who may answer, by POST alone; others of the staff are refused with 403."""

    @wraps(view)
    def allowed(
        request: HttpRequest, member: Member, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if not may_answer(member):
            return render(request, "inbox/refused.html", {"member": member}, status=403)
        return view(request, member, *args, **kwargs)

    return never_cache(require_http_methods(["POST"])(staff_only(allowed)))
