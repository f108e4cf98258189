"""The pages of ideas: list, one idea, propose, edit, remove, vote, and what is similar."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from community.discussion.pages import thread_context
from community.errors import CommunityError
from community.ideas import actions
from community.ideas.forms import IdeaForm, NewIdeaForm
from community.ideas.models import Status
from community.ideas.queries import ORDERS, IdeaLine, idea, ideas_page
from community.ideas.similar import similar_ideas
from community.members.models import Member
from community.yard import limits
from community.yard.access import members_only, viewer_of
from community.yard.answers import ANY_FORM, by_htmx, done, form_page
from community.yard.errors import refused
from community.yard.forms import carried_out
from community.yard.numbers import word_in
from community.yard.pager import next_page
from community.yard.throttle import limited
from community.yard.writing import holds_personal_data

ORDER_NAMES: Final = {
    "trending": _("Gathering votes"),
    "votes": _("Most votes"),
    "newest": _("Newest"),
}


@require_safe
def idea_list(request: HttpRequest) -> HttpResponse:
    """Ideas in one of the orders, of one status or all."""
    order = word_in(request, "order", tuple(ORDERS)) or "trending"
    status = word_in(request, "status", tuple(Status.values))
    page = ideas_page(order, status, request.GET.get("after"), viewer_of(request))
    context = {
        "page": page,
        "order": order,
        "status": status,
        "statuses": Status.choices,
        "orders": [(key, ORDER_NAMES[key]) for key in ORDERS],
        "next_page": next_page(request, page.after),
    }
    return render(request, "ideas/list.html", context)


@require_safe
def idea_page(request: HttpRequest, idea_id: int) -> HttpResponse:
    """One idea: what became of it, and what was said below it."""
    found = idea(idea_id, viewer_of(request))
    if found is None:
        raise Http404
    context: dict[str, Any] = {"idea": found.idea, "removal": found.removal}
    if found.removal is not None:
        return render(request, "ideas/removed.html", context, status=410)
    context |= {"history": found.history, "answers": found.answers}
    context |= thread_context(request, found.idea.native_id)
    return render(request, "ideas/page.html", context)


@require_safe
def similar(request: HttpRequest) -> HttpResponse:
    """Ideas like what is being typed; a page of its own where there is no script."""
    typed = request.GET.get("title") or request.GET.get("text") or ""
    context = {"similar": similar_ideas(typed), "typed": typed[:200]}
    part = "ideas/similar_list.html" if by_htmx(request) else "ideas/similar.html"
    return render(request, part, context)


@ANY_FORM
@members_only
@limited(limits.PROPOSE_IDEA)
def propose(request: HttpRequest, member: Member) -> HttpResponse:
    """Propose an idea. Where similar ones stand, they are shown once before it is posted."""
    if request.method != "POST":
        typed = request.GET.get("text", "")[:120]
        context = {"form": NewIdeaForm(initial={"title": typed}), "similar": similar_ideas(typed)}
        return form_page(request, "ideas/propose.html", context)
    form = NewIdeaForm(request.POST)
    if form.is_valid() and not request.POST.get("seen"):
        alike = similar_ideas(form.cleaned_data["title"])
        if alike:
            context = {"form": form, "similar": alike, "ask_again": True}
            return form_page(request, "ideas/propose.html", context)

    def order() -> int:
        return actions.propose_idea(member, form.cleaned_data["title"], form.cleaned_data["text"])

    written = carried_out(form, order)
    if written is None:
        return form_page(request, "ideas/propose.html", {"form": form})
    return done(f"/ideas/{written}", _said(form, "idea"))


@ANY_FORM
@members_only
@limited(limits.EDIT)
def edit(request: HttpRequest, member: Member, idea_id: int) -> HttpResponse:
    """Change one's own idea while nobody works on it yet."""
    line = _own_idea(member, idea_id)
    form = IdeaForm(request.POST or None, initial={"title": line.title, "text": line.text})
    if request.method == "POST":

        def order() -> bool:
            actions.edit_idea(
                member, idea_id, form.cleaned_data["title"], form.cleaned_data["text"]
            )
            return True

        if carried_out(form, order):
            return done(f"/ideas/{idea_id}", _said(form, "idea_edited"))
    return form_page(request, "ideas/edit.html", {"form": form, "idea": line})


@ANY_FORM
@members_only
@limited(limits.EDIT)
def remove(request: HttpRequest, member: Member, idea_id: int) -> HttpResponse:
    """Name what will be lost, and then take one's own idea away."""
    line = _own_idea(member, idea_id)
    if request.method == "POST":
        actions.remove_idea(member, idea_id)
        return done("/ideas", "idea_removed")
    return render(request, "ideas/remove.html", {"idea": line})


@require_POST
@members_only
@limited(limits.VOTE)
def vote(request: HttpRequest, member: Member, idea_id: int) -> HttpResponse:
    """Vote, or take the vote back; htmx gets the button alone."""
    order = actions.withdraw_vote if request.POST.get("back") else actions.vote_idea
    try:
        order(member, idea_id)
    except CommunityError as refusal:
        return refused(request, refusal)
    if by_htmx(request):
        found = idea(idea_id, member.pk)
        return render(request, "ideas/vote.html", {"idea": found and found.idea})
    return done(f"/ideas/{idea_id}")


def _own_idea(member: Member, idea_id: int) -> IdeaLine:
    """The member's own idea; 404 where there is none, 403 where it is somebody else's."""
    found = idea(idea_id, member.pk)
    if found is None or found.removal is not None:
        raise Http404
    if not found.idea.is_mine:
        raise PermissionDenied
    return found.idea


def _said(form: IdeaForm, said: str) -> str:
    """What the page says next; whoever typed something personal is told that it was covered."""
    typed = form.cleaned_data
    return "masked" if holds_personal_data(typed["title"], typed["text"]) else said
