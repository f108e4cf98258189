"""A form whose token is too old, for a new sign-in came between: nothing typed is lost with it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from community.inbox.drafts import LONGEST_TEXT
from community.members.access import signed_in_staff


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, with what was typed for copying. It is not kept: who sent the form is not certain."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403)
    typed = request.POST.get("text") or request.POST.get("reason") or ""
    context = {"member": signed_in_staff(request), "typed": typed[:LONGEST_TEXT]}
    response = render(request, "inbox/old_page.html", context, status=403)
    response["Cache-Control"] = "no-store"
    return response
