"""How far the sentiments on a screen can be trusted, said beside every chart of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from markupsafe import Markup

from dashboard import cards, formats
from dashboard.context import Visit
from warehouse import annotations, meter
from warehouse.meter import Share
from warehouse.queries import Filter

METER: Final = "/meter"
ENOUGH: Final = 30  # labels; fewer say too little to be said of a filter's mentions, or at all


def accuracy_line(here: Visit, chosen: Filter | None = None) -> Markup:
    """One quiet line: how often the sentiments were right when people looked, of the mentions of
    `chosen` or, where too few of these were looked at, of all. And while history is being read
    again, how far it is."""
    say = here.say
    share, of = meter.accuracy_of(here.warehouse), say("honesty.of_all")
    if chosen is not None and share.n:
        # People judged by the verdict of their day; a filter of today's sentiment is another thing.
        own = meter.accuracy_of(here.warehouse, replace(chosen, sentiments=()))
        if own.n >= ENOUGH:
            share, of = own, say("honesty.of_these")
    link = say("honesty.check")
    if share.value is None:
        words = say("honesty.nobody")
    elif share.n < ENOUGH:
        words = say("honesty.few", count=share.n, n=formats.number(share.n))
    else:
        link = say("honesty.more")
        words = say(
            "honesty.right", of=of, share=formats.percent(share.value), interval=interval(share),
            count=share.n, n=formats.number(share.n),
        )  # fmt: skip
    line = Markup("<p class='m-note m-honest'>{} {}</p>").format(words, cards.link(METER, link))
    return line + rereading_line(here)


def rereading_line(here: Visit) -> Markup:
    """How far a newer model has come with history; empty where none is reading."""
    going = annotations.rereading(here.warehouse)
    if going is None:
        return Markup("")
    return cards.note(
        here.say("honesty.rereading", share=formats.percent(going.share), version=going.shown)
    )


def interval(share: Share) -> str:
    """The two ends: 82–91 %."""
    low, high = (formats.percent(end).removesuffix(" %") for end in (share.low, share.high))
    return f"{low}–{high} %"


def intervals(rows: Mapping[str, Share], here: Visit) -> Markup:
    """A line for each name: the share as a dot, its interval as a band, both in words beside."""
    lines = Markup("").join(
        Markup(
            "<div class='m-interval'><dt>{}</dt><dd><span class='m-track'>"
            "<i style='left:{}%;width:{}%'></i><b style='left:{}%'></b></span>"
            "<span class='m-num'>{}</span></dd></div>"
        ).format(
            name, round(100 * share.low, 1), round(100 * (share.high - share.low), 1),
            round(100 * share.value, 1),
            here.say(
                "meter.interval", share=formats.percent(share.value), interval=interval(share),
                count=share.n, n=formats.number(share.n),
            ),
        )
        for name, share in rows.items()
        if share.value is not None
    )  # fmt: skip
    return Markup("<dl class='m-intervals'>{}</dl>").format(lines)
