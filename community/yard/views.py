"""The front page, the one door to writing, people, and what machines ask for."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from community.yard.access import viewer_of
from community.yard.answers import SeeOther
from community.yard.front import front as front_page
from community.yard.people import person

LONGEST_START = 500


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """What was asked, what was done, and a box to say something oneself."""
    return render(request, "yard/front.html", {"front": front_page(viewer_of(request))})


@require_safe
def write(request: HttpRequest) -> HttpResponse:
    """One door for all that can be written; what was begun in the front's box goes along."""
    typed = request.GET.get("text", "")[:LONGEST_START]
    doors = {"review": reverse("write_review"), "idea": reverse("propose_idea")}
    door = doors.get(request.GET.get("kind", ""))
    if door is not None:
        return SeeOther(f"{door}?{urlencode({'text': typed})}" if typed else door)
    query = f"?{urlencode({'text': typed})}" if typed else ""
    return render(request, "yard/write.html", {"query": query})


@require_safe
def person_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One member, by the id that pages show."""
    found = person(public_id, viewer_of(request))
    if found is None:
        raise Http404
    return render(request, "yard/person.html", {"person": found})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Searchers may read posts; forms and accounts hold nothing for them."""
    closed = ("/account/", "/write", "/reviews/new", "/ideas/new", "/ideas/similar", "/notices")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answer that the process serves pages; never from memory."""
    headers = {"Cache-Control": "no-store"}
    return HttpResponse("ok\n", content_type="text/plain", headers=headers)
