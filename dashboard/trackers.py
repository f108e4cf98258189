"""The pieces that show trackers: a query as it is written, where it is wrong, cards, versions.

Queries are written by staff, and still every value goes through Markup's `format`.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st
from markupsafe import Markup

from dashboard import cards, changes, formats, gaps, meanings
from dashboard.context import Visit
from dashboard.tracking import Tracker, Version
from warehouse.queries import TrackerCourse, Unheard
from warehouse.trackers.preview import Clause

MENTION: Final = "screens/mention.py"
_OPERATORS: Final = re.compile(r"(?<!\S)(AND|OR|NOT|NEARF?/\d+)(?!\S)")
_ACTS: Final = {
    "created": "tracker.act_created",
    "edited": "tracker.act_edited",
    "renamed": "tracker.act_renamed",
    "retired": "tracker.act_retired",
    "restored": "tracker.act_restored",
}


def query(text: str) -> Markup:
    """A query as it was written, its operators set off from what it looks for."""
    out, end = Markup(""), 0
    for found in _OPERATORS.finditer(text):
        out += Markup("{}<b>{}</b>").format(text[end : found.start()], found.group())
        end = found.end()
    return Markup("<code class='m-query'>{}{}</code>").format(out, text[end:])


def mistake(text: str, column: int, message: str, hint: str) -> Markup:
    """What is wrong with a query: the place with a caret below it, the reason, what to write.

    `column` counts letters from 1; the one after the last is the end of the text.
    """
    place = min(max(column, 1), len(text) + 1) - 1
    at = text[place : place + 1]
    # A space, a line break or the end has no width to stand under.
    shown = at if at.strip() else "\N{NO-BREAK SPACE}"
    rest = text[place + 1 :] if at != "\n" else text[place:]
    return Markup(
        "<section class='m-mistake' role='alert'><p><b>{}</b></p>"
        "<code class='m-query'>{}<span class='m-caret'>{}</span>{}</code><p>{}</p></section>"
    ).format(message, text[:place], shown, rest, hint)


def trouble(text: str) -> Markup:
    """What keeps a field from being saved, below it."""
    return Markup("<p class='m-trouble' role='alert'>{}</p>").format(text)


def theirs(title: str, body: str, kept: Tracker) -> Markup:
    """What a colleague saved while somebody else was writing."""
    return Markup(
        "<section class='m-notice m-mistake' role='alert'><h2>{}</h2><p>{}</p>"
        "<p><b>{}</b></p>{}</section>"
    ).format(title, body, kept.name, query(kept.query))


def syntax(rows: Sequence[tuple[str, str]]) -> Markup:
    """The language by examples: what is written, and what it finds."""
    lines = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(query(example), meaning)
        for example, meaning in rows
    )
    return Markup("<dl class='m-syntax'>{}</dl>").format(lines)


def card(
    here: Visit, tracker: Tracker, course: TrackerCourse, since: date, unheard: Sequence[Unheard]
) -> Markup:
    """A tracker for the list: name, query, how much it finds and how that changed, its mood.

    `since` is the first day of its course; `unheard` the days of it, and of the period before it,
    of which something was not collected.
    """
    return Markup(
        "<article class='m-card m-tracker'><p class='m-meta'><b>{}</b></p><p>{}</p>{}</article>"
    ).format(tracker.name, query(tracker.query), _figures(here, course, since, unheard))


def _figures(here: Visit, course: TrackerCourse, since: date, unheard: Sequence[Unheard]) -> Markup:
    say = here.say
    if course.error is not None:
        return trouble(say("tracker.unreadable", error=course.error))
    if not course.is_counted:
        return cards.note(say("tracker.uncounted"))
    last = say("tracker.silent")
    if course.last_at is not None:
        when = formats.when(course.last_at, here.now, here.desk.zone, say)
        last = say("tracker.last", when=when)
    counts = pd.Series(course.days, pd.date_range(since, periods=len(course.days)), "float64")
    counts.loc[gaps.breaks(counts, unheard)] = float("nan")
    points = [None if pd.isna(count) else float(count) for count in counts]
    change = gaps.of_comparison(unheard, since, say) or changed(here, course)
    return Markup(
        "<p class='m-tracked'><span class='m-value'>{}</span> <span>{}</span></p>"
        "<p class='m-change'>{}</p>{}<p class='m-foot'><span>{}</span><span>{}</span></p>"
    ).format(
        cards.count(course.now.mentions, here.language), say("tracker.in_days"),
        change, cards.sparkline(points, here.theme),
        say("topic.net", net=formats.net(course.now.net_sentiment)), last,
    )  # fmt: skip


def changed(here: Visit, course: TrackerCourse) -> str:
    """Thirty days against the thirty before, in words, where the difference is more than chance."""
    say, before = here.say, formats.number(course.before.mentions)
    change = changes.of_counts(course.now.mentions, course.before.mentions)
    if change.told:
        key = "tracker.more" if change.direction == "up" else "tracker.less"
        return say(key, share=formats.percent(abs(change.amount)), n=before)
    key = "tracker.few" if change.direction == "few" else "tracker.same"
    return say(key, n=before)


def clause(each: Clause, most: int, note: str) -> Markup:
    """A part of a query as a lying bar: dark what would go without it, pale what would stay."""
    alone, shared = meanings.scale(most, [each.lost, each.hits - each.lost])
    return Markup(
        "<div class='m-lie m-clause{}'><span class='m-div-name'>{}</span>"
        "<span class='m-track m-parts'><i class='m-fill' style='width:{}%'></i>"
        "<i class='m-fill m-shared' style='width:{}%'></i></span>"
        "<b class='m-num'>{}</b><span class='m-div-note'>{}</span></div>"
    ).format(
        " m-noisy" if each.noisy else "", query(each.text), alone, shared,
        formats.number(each.hits), note,
    )  # fmt: skip


def hits(here: Visit, found: Sequence[dict[str, Any]], marked: re.Pattern[str] | None) -> None:
    """Mentions that were found, their words marked, each with the way to its own page."""
    for mention in found:
        identity = str(mention["mention_id"])
        with st.container(key=f"mention-{identity}"):
            chips = meanings.chips_of(mention, here.desk.aspect_names, here.say)
            st.html(cards.mention_card(mention, here.say, here.now, here.desk.zone, marked, chips))
            st.page_link(MENTION, label=here.say("mentions.open"), query_params={"id": identity})


def version(here: Visit, each: Version, is_current: bool) -> Markup:
    """One version: what was done, by whom, when, why, and the query as it was then."""
    say = here.say
    by = each.by or say("tracker.by_command")
    why = Markup("<p>{}</p>").format(say("tracker.why", why=each.why)) if each.why else ""
    mark = Markup(" <span class='m-chip m-small'>{}</span>").format(say("tracker.current"))
    return Markup(
        "<article class='m-version'><p class='m-meta'><b>{}</b> {} {}{}</p><p>{}</p>{}</article>"
    ).format(
        say("tracker.version", n=each.number), say(_ACTS[each.act], by=by, name=f"‘{each.name}’"),
        cards.moment(each.at, here.now, here.desk.zone, say), mark if is_current else "",
        query(each.query), why,
    )  # fmt: skip
