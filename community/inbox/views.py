"""The pages of the inbox, and the acts on them. Every act works without JavaScript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from community.alerts.actions import acknowledge_alert, reopen_alert
from community.decisions.actions import Actor
from community.errors import CommunityError
from community.inbox import actions
from community.inbox.access import act, reader_page
from community.inbox.answering import Sent
from community.inbox.drafts import new_key
from community.inbox.forms import (
    LARGEST,
    AlertForm,
    AssignForm,
    CloseForm,
    DraftForm,
    ReopenForm,
    ReplyForm,
    RetryForm,
)
from community.inbox.pages import (
    Typed,
    address,
    case_page,
    inbox_page,
    list_context,
    rendered_rows,
    way_context,
)
from community.inbox.queries import conversation_version
from community.inbox.reading import wanted
from community.members.models import Member
from community.yard.answers import SeeOther, by_htmx


@reader_page
def inbox(request: HttpRequest, member: Member) -> HttpResponse:
    """The list, with nothing open."""
    return inbox_page(request, member)


@reader_page
def rows(request: HttpRequest, member: Member) -> HttpResponse:
    """The list anew, for a page that is open; 204 where nothing has changed since `seen`.

    It says too whether the open conversation has moved on since the version that the page shows.
    """
    open_id, version = _number(request, "open"), _number(request, "version")
    context = list_context(request, member, open_id, version)
    context["moved"] = bool(open_id) and conversation_version(open_id) != version
    context["rows"], context["digest"] = rendered_rows(request, context)
    if request.GET.get("seen") == context["digest"]:
        return HttpResponse(status=204)
    return render(request, "inbox/list.html", context)


@reader_page
def case(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """One conversation, beside the list it was chosen from."""
    return case_page(request, member, conversation_id)


@reader_page
def back_to_case(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """Where an act's address leads when it is opened as a page, after a sign-in for example."""
    return SeeOther(address(conversation_id, wanted(request.GET)))


@act
def save_draft(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """Keep what was typed: asked for by the page itself now and then, and by a button."""
    form = DraftForm(request.POST)
    text = request.POST.get("text", "")
    chosen, ticked = request.POST.get("mention", ""), "replace" in request.POST
    try:
        if not form.is_valid():
            raise CommunityError(str(next(iter(form.errors.values()))[0]))
        # The page itself yields to a window that saved later; the button was pressed by a person.
        seen = form.cleaned_data["draft_version"] or 0 if by_htmx(request) else None
        saved = actions.save_draft(
            conversation_id, text, Actor(member.pk), form.cleaned_data["key"], seen
        )
    except CommunityError as error:
        if by_htmx(request):
            way = way_context(conversation_id, chosen, text, ticked)
            return render(request, "inbox/draft.html", {"wrong": error, **way}, status=422)
        typed = Typed(_reply_form(request, error), text, chosen)
        return case_page(request, member, conversation_id, typed, 422)
    if by_htmx(request):
        way = way_context(conversation_id, chosen, text, ticked)
        return render(request, "inbox/draft.html", {"saved": saved, **way})
    return SeeOther(address(conversation_id, wanted(request.GET), said="draft"))


@act
def reply(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """Send an answer. Whatever comes of it, what was typed is kept."""
    form = ReplyForm(request.POST)
    typed = Typed(form, request.POST.get("text", ""), request.POST.get("mention", ""))
    if not form.is_valid():
        return case_page(request, member, conversation_id, typed, 422)
    by, sent = Actor(member.pk), form.cleaned_data
    try:
        actions.save_draft(conversation_id, sent["text"], by, sent["key"])
        outcome = actions.send_reply(
            conversation_id,
            sent["mention"],
            sent["text"],
            sent["key"],
            sent["version"],
            by,
            replace=sent["replace"],
        )
    except CommunityError as error:
        form.add_error(None, str(error))
        return case_page(request, member, conversation_id, typed, 422)
    if outcome.outcome == "overtaken":
        overtaken = Typed(form, sent["text"], sent["mention"], overtaken_since=sent["version"])
        return case_page(request, member, conversation_id, overtaken, 409)
    said = _said_of(outcome, conversation_id, sent["text"], by)
    place = f"{address(conversation_id, wanted(request.GET), said=said)}#answer-{outcome.reply_id}"
    return SeeOther(place)


@act
def retry(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """Try once more to send an answer that did not arrive."""
    form = RetryForm(request.POST)
    if not form.is_valid():
        return _refused(request, member, conversation_id)
    reply_id = form.cleaned_data["reply"]
    try:
        actions.retry_reply(conversation_id, reply_id, Actor(member.pk))
    except CommunityError as error:
        return case_page(request, member, conversation_id, Typed(wrong=str(error)), 422)
    place = address(conversation_id, wanted(request.GET), said="retried")
    return SeeOther(f"{place}#answer-{reply_id}")


@act
def assign(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """Give the conversation to somebody, or to nobody."""
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _refused(request, member, conversation_id)
    assignee = form.cleaned_data["assignee"]
    try:
        actions.assign(conversation_id, assignee, Actor(member.pk))
    except CommunityError:
        return _refused(request, member, conversation_id)
    said = "assigned" if assignee else "released"
    return SeeOther(address(conversation_id, wanted(request.GET), said=said))


@act
def close(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """Close the conversation; the page offers the way back."""
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _refused(request, member, conversation_id)
    try:
        before = actions.close_conversation(
            conversation_id, Actor(member.pk), form.cleaned_data["why"]
        )
    except CommunityError:
        return _refused(request, member, conversation_id)
    more = {"said": "closed", **({"was": before} if before else {})}
    return SeeOther(address(conversation_id, wanted(request.GET), **more))


@act
def reopen(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """Take a conversation up again."""
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _refused(request, member, conversation_id)
    try:
        actions.reopen(conversation_id, Actor(member.pk), form.cleaned_data["state"])
    except CommunityError:
        return _refused(request, member, conversation_id)
    return SeeOther(address(conversation_id, wanted(request.GET), said="reopened"))


@act
def acknowledge(request: HttpRequest, member: Member) -> HttpResponse:
    """Take note of an alert."""
    form = AlertForm(request.POST)
    if not form.is_valid():
        return inbox_page(request, member, status=422)
    alert_id = form.cleaned_data["alert_id"]
    try:
        acknowledge_alert(alert_id, Actor(member.pk), form.cleaned_data["note"])
    except CommunityError:
        return inbox_page(request, member, status=404)
    return SeeOther(address(None, wanted(request.GET), said="noted", alert=alert_id))


@act
def unacknowledge(request: HttpRequest, member: Member) -> HttpResponse:
    """Take an acknowledgement back."""
    form = AlertForm(request.POST)
    if not form.is_valid():
        return inbox_page(request, member, status=422)
    try:
        reopen_alert(form.cleaned_data["alert_id"], Actor(member.pk))
    except CommunityError:
        return inbox_page(request, member, status=404)
    return SeeOther(address(None, wanted(request.GET), said="unnoted"))


def _refused(request: HttpRequest, member: Member, conversation_id: int) -> HttpResponse:
    """An act that no button of ours asks for: the page as it stands, and nothing done."""
    typed = Typed(text=request.POST.get("text", ""))
    return case_page(request, member, conversation_id, typed, 422)


def _reply_form(request: HttpRequest, error: CommunityError) -> ReplyForm:
    form = ReplyForm(request.POST)
    if form.is_valid():
        form.add_error(None, str(error))
    return form


def _said_of(outcome: Sent, conversation_id: int, typed: str, by: Actor) -> str:
    """What to say of an answer; words that differ from what went out are kept as a new draft."""
    if outcome.outcome == "known" and typed.strip() != outcome.text:
        actions.save_draft(conversation_id, typed, by, new_key())
        return "other"
    if outcome.outcome == "known":
        return "known"
    if outcome.state == "waiting":
        return "carried" if outcome.is_carried else "waiting"
    return "sent"


def _number(request: HttpRequest, name: str) -> int:
    """A number from the address; 0 for what is none."""
    value = request.GET.get(name, "")
    return min(int(value), LARGEST) if value.isascii() and value.isdigit() else 0
