"""The inbox's template words: names for states, sources and reasons, and what is due when."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from babel.numbers import format_currency, get_currency_precision
from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from community.alerts.queries import AlertStateLine
from community.inbox.queries import Settled
from community.members.views import role_name as role_in_words
from community.yard import words

register = template.Library()

NAMES: Final[dict[str, Promise]] = {
    "open": _("To answer"),
    "answered": _("Answered"),
    "closed": _("Closed"),
    "all": _("Everyone's"),
    "mine": _("Mine"),
    "unassigned": _("Nobody's"),
    "negative": _("Sharp words"),
    "rating": _("Low rating"),
    "alert": _("Part of an alert"),
    "customer": _("Known customer"),
    "repeated": _("Wrote again"),
    "votes": _("Most votes"),
    "newest": _("Newest"),
    "trending": _("Trending"),
    "call": _("Call"),
    "visit": _("Visit"),
    "delivery": _("Delivery"),
    "repair": _("Repair"),
    "return": _("Return"),
}
SENTIMENTS: Final[dict[str, Promise]] = {
    "negative": _("Negative"),
    "neutral": _("Neutral"),
    "positive": _("Positive"),
}
REASONS: Final[dict[str, Promise]] = {
    "email": _("the same e-mail address"),
    "phone": _("the same phone number"),
    "email and phone": _("the same e-mail address and phone number"),
}


@register.filter
def named(word: str) -> str:
    """A state, a choice or a reason in the reader's language."""
    return str(NAMES.get(word, word))


@register.filter
def sentiment_name(sentiment: str) -> str:
    """A sentiment in the reader's language; empty for one that was not read."""
    return str(SENTIMENTS.get(sentiment, ""))


@register.filter
def reason_name(reason: str) -> str:
    """Why two accounts are taken for one person."""
    return str(REASONS.get(reason, reason))


@register.filter
def source_name(source: str) -> str:
    """A source as people call it: our own yard by its name, others by theirs."""
    return gettext("Madang") if source == "community" else source


@register.filter
def role_name(role: str) -> str:
    """A role in the reader's language."""
    return role_in_words(role)


@register.filter
def glyph(source: str) -> SafeString:
    """Two letters that stand for a source, its full name on hover."""
    name = source_name(source)
    letters = re.sub(r"[\W_]+", "", name)[:2].upper() or "?"
    return format_html('<span class="glyph" title="{}" aria-hidden="true">{}</span>', name, letters)


@register.filter
def due(moment: datetime) -> SafeString:
    """How long there is until a moment, or how long it is past; exactly on hover."""
    seconds = (moment - timezone.now()).total_seconds()
    sentence = gettext("%(time)s late") if seconds < 0 else gettext("%(time)s left")
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        "due late" if seconds < 0 else "due",
        moment.isoformat(timespec="seconds"),
        words.exact_time(moment),
        sentence % {"time": _long(abs(seconds))},
    )


@register.filter
def told(turn: Settled) -> str:
    """A sentence on who did what with the conversation."""
    by = turn.by or gettext("Somebody")
    if turn.action == "close_conversation":
        return gettext("%(by)s closed it.") % {"by": by}
    if turn.action == "reopen_conversation":
        return gettext("%(by)s opened it again.") % {"by": by}
    if not turn.to:
        return gettext("%(by)s gave it back to all.") % {"by": by}
    if turn.to == turn.by:
        return gettext("%(by)s took it.") % {"by": by}
    return gettext("%(by)s gave it to %(to)s.") % {"by": by, "to": turn.to}


@register.filter
def alert_sentence(alert: AlertStateLine) -> str:
    """The alert in one sentence: what, how much, and how much is usual."""
    product = alert.product or gettext("The brand")
    if alert.times is None:
        sentence = gettext("%(product)s: %(seen)s complaints, where there are next to none.")
        return sentence % {"product": product, "seen": f"{alert.seen:,}"}
    sentence = gettext(
        "%(product)s: %(times)s times the usual complaints (%(seen)s, not %(usual)s)."
    )
    return sentence % {
        "product": product,
        "times": f"{alert.times:.1f}",
        "seen": f"{alert.seen:,}",
        "usual": f"{alert.expected:.0f}" if alert.expected >= 10 else f"{alert.expected:.1f}",
    }


@register.filter
def money(order: Any) -> str:
    """An amount in minor units (ISO 4217), as people write it: ₩89,000 or $12.50."""
    amount = Decimal(order.amount).scaleb(-get_currency_precision(order.currency))
    locale = "ko_KR" if get_language() == "ko" else "en_US"
    return format_currency(amount, order.currency, locale=locale)


@register.filter
def day(moment: datetime) -> str:
    """A day in the instance's zone: '2026. 11. 21.' or '21 Nov 2026'."""
    return words.day(moment)


@register.filter
def percent(share: float) -> str:
    """A share of one in percent."""
    return f"{share * 100:.0f} %"


@register.filter
def kind(turn: object) -> str:
    """What sort of turn of a conversation it is: said, answered or settled."""
    return type(turn).__name__.lower()


def _long(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 60:
        return gettext("%(n)s min") % {"n": max(1, minutes)}
    if minutes < 48 * 60:
        return gettext("%(n)s h") % {"n": minutes // 60}
    return gettext("%(n)s days") % {"n": minutes // (24 * 60)}
