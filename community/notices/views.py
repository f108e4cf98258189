"""A member's notices: read, opened, marked as read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from community.members.models import Member
from community.notices.actions import mark_read
from community.notices.queries import notice, notices_page
from community.yard import limits
from community.yard.access import members_only
from community.yard.answers import SeeOther, done
from community.yard.pager import next_page
from community.yard.throttle import limited


@require_safe
@members_only
def notice_list(request: HttpRequest, member: Member) -> HttpResponse:
    """What the member was told, newest first."""
    page = notices_page(member.pk, request.GET.get("after"))
    context = {"page": page, "next_page": next_page(request, page.after)}
    return render(request, "notices/list.html", context)


@require_POST
@members_only
@limited(limits.VOTE)
def read_all(request: HttpRequest, member: Member) -> HttpResponse:
    """Mark all as read."""
    mark_read(member)
    return done("/notices", "read")


@require_POST
@members_only
@limited(limits.VOTE)
def open_notice(request: HttpRequest, member: Member, notice_id: int) -> HttpResponse:
    """Mark one's own notice as read and go on to what it is about."""
    found = notice(member.pk, notice_id)
    if found is None:
        raise Http404
    mark_read(member, [notice_id])
    return SeeOther(found.path)
