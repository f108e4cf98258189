"""The words of what leaves: templates by the reader's language, as text and as simple HTML.

`community/templates/mail/NAME.txt` holds the subject in its first line and the text below it;
`NAME.html` is the same for mail programs that show pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from community.configure import instance
from community.outbox.actions import Refused

URLS = "community.urls_web"  # links lead to the yard, whichever process writes the letter


@dataclass(frozen=True)
class Letter:
    """What a mail says. `leave` is where its reader can say that they want no more of them."""

    subject: str
    text: str
    html: str
    leave: str | None = None


def letter(payload: Mapping[str, Any]) -> Letter:
    """The mail of a payload; raises Refused for one that is not to be sent."""
    name = str(payload["template"])
    with translation.override(payload.get("language") or instance().language):
        context = {
            "house": house_name(),
            "yard": instance().yard_url,
            "leave": leave_address(payload),
            **_looked_up(name, payload.get("context", {})),
        }
        try:
            get_template(f"mail/{name}.txt")
        except TemplateDoesNotExist as error:
            raise Refused(f"There is no mail called {name!r}.") from error
        subject, _, text = render_to_string(f"mail/{name}.txt", context).partition("\n")
        html = render_to_string(f"mail/{name}.html", {**context, "subject": subject})
    return Letter(" ".join(subject.split()), text.strip() + "\n", html, context["leave"])


def text_message(payload: Mapping[str, Any]) -> str:
    """The words of a text message."""
    with translation.override(payload.get("language") or instance().language):
        context = {"house": house_name(), **payload.get("context", {})}
        return " ".join(render_to_string(f"mail/{payload['template']}.txt", context).split())


def alert_message(payload: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text of an alert, in the instance's language and its zone."""
    with translation.override(instance().language):
        begin, end = (parse_datetime(str(payload.get(key, ""))) for key in _WINDOW)
        product = payload.get("product") or gettext("All products")
        title = gettext("More complaints than usual: %(product)s") % {"product": product}
        lines = [
            gettext("%(seen)s negative mentions; %(expected)s would be usual.")
            % {"seen": _figure(payload.get("seen")), "expected": _figure(payload.get("expected"))}
        ]
        if begin and end:
            first, last = timezone.localtime(begin), timezone.localtime(end)
            lines.append(f"{first:%Y-%m-%d %H:%M} – {last:%H:%M} {last.tzname()}")
        terms = payload.get("terms") or ()
        if terms:
            words = ", ".join(str(term) for term in list(terms)[:5])
            lines.append(gettext("People write about: %(words)s") % {"words": words})
    return title, "\n".join(lines)


def house_name() -> str:
    """The yard's name, with the brand's before it."""
    return f"{instance().brand} {gettext('Madang')}".strip()


def leave_address(payload: Mapping[str, Any]) -> str | None:
    """Where mails of this kind can be stopped with one press; None for mail an account needs."""
    from community.accounts.wishes import leave_token

    member, name = payload.get("member"), str(payload["template"])
    token = leave_token(str(member), name) if member else None
    if token is None:
        return None
    path = reverse("account_stop_mail", args=[token], urlconf=URLS)
    return f"{instance().yard_url.rstrip('/')}{path}"


_WINDOW = ("window_start", "window_end")


def _figure(number: Any) -> str:
    return f"{number:,.4g}" if isinstance(number, float) else str(number)


def _looked_up(name: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """What a mail says of something that lives here is read when the mail leaves."""
    if name == "idea_status":
        return {**context, **_idea_status(context)}
    if name == "official_answer":
        return {**context, **_official_answer(context)}
    return dict(context)


def _idea_status(context: Mapping[str, Any]) -> dict[str, Any]:
    from community.ideas.queries import idea, status_change

    page, step = idea(context["idea"]), status_change(context["change"])
    if page is None or page.removal is not None or step is None:
        raise Refused("The idea is not there any more.")
    return {
        "title": page.idea.title or page.idea.text[:80],
        "status": step.after_name,
        "reason": step.reason,
        "url": f"{instance().yard_url.rstrip('/')}/ideas/{context['idea']}",
    }


def _official_answer(context: Mapping[str, Any]) -> dict[str, Any]:
    from community.discussion.queries import comment_line, thread_of
    from community.yard.posts import post_id

    answer, thread = comment_line(context["comment"]), thread_of(context["comment"])
    if answer is None or thread is None:
        raise Refused("The answer is not there any more.")
    url = f"{instance().yard_url.rstrip('/')}{post_id(thread).path}"
    return {"answer": answer.text, "url": url}
