"""The yard's template words: the page's frame, times, counts, stars and the text of posts."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django import template
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from community.ideas.models import Status
from community.ideas.queries import IdeaLine
from community.reviews.queries import ReviewLine
from community.yard import markup
from community.yard.frame import Frame, frame_of
from community.yard.memory import Memory
from community.yard.words import day, exact_time, short_count, time_ago

register = template.Library()
_ROWS: Final = Memory(2048)


@register.simple_tag(takes_context=True)
def frame(context: dict[str, Any]) -> Frame:
    """What stands around every page: who reads it, in which room, and what waits for them."""
    return frame_of(context["request"])


@register.simple_tag
def idea_row(idea: IdeaLine, brief: object, yard: Frame) -> SafeString:
    """An idea in a list. Its vote button belongs to the form around the list."""
    door = "" if yard.member else yard.sign_in
    same = replace(idea, is_mine=False)
    return _kept("ideas/row.html", {"idea": same, "brief": bool(brief), "door": door})


@register.simple_tag
def review_words(review: ReviewLine, brief: object, alone: object) -> SafeString:
    """What a list says of a review; without the product's name on a product's own page."""
    same = replace(review, my_mark=False, is_mine=False)
    return _kept("reviews/what.html", {"review": same, "brief": bool(brief), "alone": bool(alone)})


def _kept(template: str, values: dict[str, Any]) -> SafeString:
    """A rendering of values that hold all it says; for a minute, as times are told by minutes."""
    minute = int(timezone.now().timestamp() // 60)
    key = (template, translation.get_language(), minute, *values.values())
    return mark_safe(_ROWS.of(key, lambda: render_to_string(template, values)))  # noqa: S308


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
