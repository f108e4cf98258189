"""Putting the inbox's pages together: the list, one conversation beside it, what was just done."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.alerts.queries import raised_alerts
from community.inbox.access import may_answer
from community.inbox.forms import ReplyForm
from community.inbox.models import CaseMention
from community.inbox.queries import (
    ConversationPage,
    colleagues,
    conversation,
    conversations_page,
)
from community.inbox.reading import Wanted, wanted
from community.inbox.ways import measured, way_of
from community.members.models import Member

# What a page may say after something was done; the address names it, and nothing else is shown.
SAID: Final[dict[str, Promise]] = {
    "sent": _("The answer is sent. The customer is told."),
    "waiting": _("The answer is kept. It goes out as soon as this source can carry answers."),
    "carried": _("The answer is on its way. Here you see when it has arrived."),
    "retried": _("It is tried again now. Here you see when it has arrived."),
    "known": _("This answer had been sent already. It went out once."),
    "other": _("This answer had been sent already. What you typed since is kept as a draft."),
    "draft": _("Your draft is kept."),
    "assigned": _("It has somebody to look after it now."),
    "released": _("It belongs to nobody now."),
    "closed": _("Closed."),
    "reopened": _("Open again."),
    "noted": _("The alert is noted."),
    "unnoted": _("The alert is back."),
}


@dataclass(frozen=True)
class Typed:
    """What a form held when it was refused, so that the page can show it again."""

    form: ReplyForm | None = None
    text: str = ""
    mention_id: str = ""
    overtaken_since: int | None = None
    wrong: str = ""


def address(conversation_id: int | None, choice: Wanted, **more: str) -> str:
    """The address of the list, or of one conversation in it."""
    path = (
        reverse("inbox_case", args=[conversation_id])
        if conversation_id is not None
        else reverse("inbox")
    )
    query = "&".join(part for part in (choice.query(), urlencode(more)) if part)
    return f"{path}?{query}" if query else path


def inbox_page(
    request: HttpRequest,
    member: Member,
    page: ConversationPage | None = None,
    typed: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    """The three panes: the list of the chosen conversations, and `page` where one is open."""
    context = {
        "room": "inbox",
        **(
            list_context(request, member, page.line.conversation_id, page.line.version)
            if page is not None
            else list_context(request, member)
        ),
        "alerts": raised_alerts(),
        "said": SAID.get(request.GET.get("said", "")),
        "undo": _undo(request),
        **(_case_context(page, typed or Typed()) if page is not None else {}),
    }
    context["rows"], context["digest"] = rendered_rows(request, context)
    return render(request, "inbox/inbox.html", context, status=status)


def list_context(
    request: HttpRequest, member: Member, open_id: int = 0, open_version: int = 0
) -> dict[str, Any]:
    """What the list shows; the conversation that is open beside it is marked."""
    choice = wanted(request.GET)
    found = conversations_page(choice, member.pk)
    return {
        "member": member,
        "may_answer": may_answer(member),
        "choice": choice,
        "query": choice.query(),
        "list": found,
        "first_query": choice.turned().query(),
        "next_query": choice.turned(after=found.after).query() if found.after else "",
        "states": [(state, choice.turned(state=state).query()) for state in found.counts],
        "whoses": [(w, choice.turned(whose=w).query()) for w in ("all", "mine", "unassigned")],
        "open_id": open_id,
        "open_version": open_version,
    }


def rendered_rows(request: HttpRequest, context: dict[str, Any]) -> tuple[str, str]:
    """The list's rows as HTML, and a digest by which a browser learns that nothing has changed."""
    html = render_to_string("inbox/rows.html", context, request)
    return html, hashlib.sha256(html.encode()).hexdigest()[:16]


def case_page(
    request: HttpRequest,
    member: Member,
    conversation_id: int,
    typed: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page with this conversation open; 404 where there is none."""
    page = conversation(conversation_id, member.pk)
    if page is None:
        return render(request, "inbox/not_found.html", {"member": member}, status=404)
    return inbox_page(request, member, page, typed, status)


def _case_context(page: ConversationPage, typed: Typed) -> dict[str, Any]:
    answerable = page.answerable
    ids = [said.mention_id for said in answerable]
    chosen = typed.mention_id if typed.mention_id in ids else (ids[0] if ids else "")
    text = typed.text or page.draft.text
    return {
        "case": page,
        "answerable": answerable,
        "chosen": chosen,
        "form": typed.form,
        "wrong": typed.wrong,
        "text": text,
        **way_context(page.line.conversation_id, chosen, text),
        "overtaken": page.since(typed.overtaken_since)
        if typed.overtaken_since is not None
        else None,
        "colleagues": colleagues(),
        "person_query": urlencode(
            {
                "source": page.line.source,
                "author_id": page.author_id,
                "author_handle": page.line.handle,
            }
        ),
    }


def way_context(
    conversation_id: int, mention_id: str, text: str, replace: bool = False
) -> dict[str, Any]:
    """How an answer to the chosen post would travel, and how long it is so far.

    `replace`: whether the box is ticked by which it takes the place of an earlier one.
    """
    rows = CaseMention.objects.filter(conversation_id=conversation_id, removed_at=None)
    mention = rows.filter(mention_id=mention_id).first()
    if mention is None:
        return {}
    way = way_of(mention)
    return {"way": way, "measure": measured(way, text), "replace": replace}


def _undo(request: HttpRequest) -> dict[str, str]:
    """The way back from what was just done, where there is one."""
    said = request.GET.get("said", "")
    if said == "closed" and request.GET.get("was") in ("open", "answered"):
        return {"state": request.GET["was"]}
    if said == "noted":
        return {"alert_id": request.GET.get("alert", "")[:96]}
    return {}
