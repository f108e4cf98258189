"""The yard's template words: the page's frame, times, counts, stars and the text of posts."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from community.ideas.models import Status
from community.yard import markup
from community.yard.frame import Frame, frame_of
from community.yard.words import day, exact_time, short_count, time_ago

register = template.Library()


@register.simple_tag(takes_context=True)
def frame(context: dict[str, Any]) -> Frame:
    """What stands around every page: who reads it, in which room, and what waits for them."""
    return frame_of(context["request"])


@register.filter
def when(moment: datetime) -> SafeString:
    """How long ago, and on hover exactly when in the instance's zone."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        exact_time(moment),
        time_ago(moment),
    )


@register.filter
def day_of(moment: datetime) -> str:
    """The day alone."""
    return day(moment)


@register.filter
def status_name(status: str) -> str:
    """How far an idea has come, in the reader's language."""
    return str(Status(status).label) if status in Status.values else status


@register.filter
def count(number: int) -> SafeString:
    """A number as people read it, with the exact one on hover where it was shortened."""
    short, exact = short_count(number), f"{number:,}"
    if short == exact:
        return format_html("{}", exact)
    return format_html('<span title="{}">{}</span>', exact, short)


@register.filter
def marked_up(text: str) -> SafeString:
    """The text of a post as safe HTML."""
    return markup.to_html(text)


@register.filter
def excerpt(text: str, length: int = 160) -> str:
    """The beginning of a post as one plain line."""
    return markup.to_line(text, length)


@register.inclusion_tag("yard/stars.html")
def stars(rating: int) -> dict[str, Any]:
    """Five stars, so many of them filled; said in words for those who do not see them."""
    return {"rating": rating, "filled": range(rating), "hollow": range(5 - rating)}
