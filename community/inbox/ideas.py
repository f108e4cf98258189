"""The staff's page of ideas: what is wanted most, and telling the voters what became of it."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from community.decisions.actions import Actor
from community.errors import CommunityError
from community.ideas.models import Status
from community.ideas.queries import ORDERS, concerned, idea, idea_counts, ideas_page
from community.inbox.access import act, may_answer, reader_page
from community.inbox.forms import LARGEST, StatusForm
from community.members.models import Member
from community.yard.answers import SeeOther

FIRST: Final = "votes"  # the order in which the page opens


@reader_page
def idea_list(request: HttpRequest, member: Member) -> HttpResponse:
    """Ideas by votes, newness or heat, of one status or all."""
    order, status = request.GET.get("order", FIRST), request.GET.get("status", "")
    order = order if order in ORDERS else FIRST
    status = status if status in Status.values else ""
    page = ideas_page(order, status or None, request.GET.get("after"))
    counts = idea_counts()
    context = {
        "room": "ideas",
        "member": member,
        "page": page,
        "order": order,
        "orders": tuple(ORDERS),
        "status": status,
        "statuses": [(value, label, counts.get(value, 0)) for value, label in Status.choices],
        "total": sum(counts.values()),
    }
    return render(request, "inbox/ideas.html", context)


@reader_page
def idea_page(request: HttpRequest, member: Member, idea_id: int) -> HttpResponse:
    """One idea, what became of it so far, and the form that changes its status."""
    return _page(request, member, idea_id, None, 200)


@act
def change_status(request: HttpRequest, member: Member, idea_id: int) -> HttpResponse:
    """Give the idea another status; the page then says how many were told."""
    from community.ideas.actions import change_status as change

    form = StatusForm(request.POST)
    if not form.is_valid():
        return _page(request, member, idea_id, form, 422)
    status, reason = form.cleaned_data["status"], form.cleaned_data["reason"]
    try:
        told = change(idea_id, status, reason, Actor(member.pk))
    except CommunityError as error:
        form.add_error(None, str(error))
        return _page(request, member, idea_id, form, 422)
    return SeeOther(f"{reverse('inbox_idea', args=[idea_id])}?told={told}")


@reader_page
def back_to_idea(request: HttpRequest, member: Member, idea_id: int) -> HttpResponse:
    """Where the act's address leads when it is opened as a page, after a sign-in for example."""
    return SeeOther(reverse("inbox_idea", args=[idea_id]))


def _page(
    request: HttpRequest, member: Member, idea_id: int, form: StatusForm | None, status: int
) -> HttpResponse:
    found = idea(idea_id)
    if found is None:
        return render(request, "inbox/not_found.html", {"member": member}, status=404)
    context: dict[str, Any] = {
        "room": "ideas",
        "member": member,
        "may_answer": may_answer(member),
        "page": found,
        "form": form or StatusForm(initial={"status": found.idea.status}),
        "concerned": concerned(idea_id).count(),
        "told": _told(request),
    }
    return render(request, "inbox/idea.html", context, status=status)


def _told(request: HttpRequest) -> str:
    """What the page says after a change of status; nothing for an address that was made up."""
    told = request.GET.get("told", "")
    if not (told.isascii() and told.isdigit()) or int(told[:10]) > LARGEST:
        return ""
    return gettext("The status is changed. People told: %(count)s.") % {"count": int(told[:10])}
