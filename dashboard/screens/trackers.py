"""Trackers: the queries that people keep; one of them with its hits and versions; the editor."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import streamlit as st

from dashboard import (
    cards,
    charts,
    drafting,
    filters,
    findings,
    formats,
    gaps,
    honesty,
    previews,
    searching,
    trackers,
)
from dashboard.context import Visit, current
from dashboard.filters import Period
from dashboard.tracking import Saved, Tracker, Version
from dashboard.understanding import MENTIONS
from warehouse import queries
from warehouse.queries import Compared, Filter

SCREEN: Final = "screens/trackers.py"
HITS: Final = 8
_SAID: Final = "tracker-said"  # the key of what the next run says of an order
_OUTCOMES: Final = {
    "saved": "tracker.saved",
    "named_twice": "tracker.name_taken",
    "overtaken": "tracker.overtaken",
}


def show(here: Visit) -> None:
    """Draw the list, or as the address asks the editor or one tracker."""
    editing, wanted = st.query_params.get("edit", ""), st.query_params.get("tracker", "")
    if editing and here.desk.tracking.may_save(here.staff):
        _edit(here, None if editing == drafting.NEW else editing)
    elif wanted or editing:
        _one(here, wanted or editing)
    else:
        _list(here)


def _list(here: Visit) -> None:
    say, tracking = here.say, here.desk.tracking
    st.html(cards.title(say("nav.trackers"), say("trackers.line")))
    may_save = tracking.may_save(here.staff)
    found = tracking.trackers(False)
    if not found:
        _none(here, may_save)
    elif may_save and st.button(
        say("trackers.new"), key="new-tracker", type="primary", icon=":material/add:"
    ):
        _go(edit=drafting.NEW)
    if not may_save:
        st.html(cards.note(say("trackers.readers")))
    until = filters.last_day(queries.extent(here.warehouse), filters.today(here))
    ids = [tracker.tracker_id for tracker in found]
    courses = queries.tracker_courses(here.warehouse, ids, until, previews.DAYS)
    since = until - timedelta(days=previews.DAYS - 1)
    both = Filter(since=since - timedelta(days=previews.DAYS), until=until)
    unheard = queries.unheard(here.warehouse, both, here.now)
    with st.container(key="trackers"):
        for tracker in found:
            with st.container(key=f"mention-{tracker.tracker_id}"):
                st.html(trackers.card(here, tracker, courses[tracker.tracker_id], since, unheard))
                st.page_link(
                    SCREEN, label=say("mentions.open"),
                    query_params={"tracker": tracker.tracker_id},
                )  # fmt: skip
    _retired(here, tracking.trackers(True))


def _none(here: Visit, may_save: bool) -> None:
    """No tracker yet: what one is good for, and an example to begin with."""
    say = here.say
    st.html(cards.notice(say("trackers.none_title"), say("trackers.none_body")))
    example = say("trackers.example_query")
    st.html(trackers.query(example))
    if not may_save:
        return
    with st.container(horizontal=True):
        if st.button(say("trackers.try"), key="try-example", type="primary"):
            drafting.begin(say("trackers.example_name"), example)
            _go(edit=drafting.NEW)
        if st.button(say("trackers.new"), key="new-tracker"):
            _go(edit=drafting.NEW)


def _retired(here: Visit, found: Sequence[Tracker]) -> None:
    if not found:
        return
    title = here.say("trackers.retired", count=len(found), n=formats.number(len(found)))
    with st.expander(title):
        for tracker in found:
            st.page_link(SCREEN, label=tracker.name, query_params={"tracker": tracker.tracker_id})


def _edit(here: Visit, tracker_id: str | None) -> None:
    tracker = here.desk.tracking.tracker(tracker_id) if tracker_id else None
    if tracker_id and (tracker is None or not tracker.active):
        _one(here, tracker_id)
        return
    done = drafting.edit(here, tracker)
    if done is None:
        return
    if done.saved:
        st.session_state[_SAID] = _OUTCOMES["saved"]
    _go(tracker=done.tracker_id)


def _one(here: Visit, tracker_id: str) -> None:
    say, tracking = here.say, here.desk.tracking
    st.page_link(SCREEN, label=say("trackers.back"), icon=":material/arrow_back:")
    tracker = tracking.tracker(tracker_id)
    if tracker is None:
        st.html(cards.notice(say("trackers.gone_title"), say("trackers.gone_body")))
        return
    head = st.container()
    period = filters.pick_period(here, queries.extent(here.warehouse))
    head.html(cards.title(tracker.name, filters.said(period, here)))
    with head:
        st.html(trackers.query(tracker.query))
        _orders(here, tracker)
        if said := st.session_state.pop(_SAID, None):
            st.html(cards.note(say(said)))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _hits(here, tracker, period)
    with right:
        _versions(here, tracker, tracking.versions(tracker_id))


def _orders(here: Visit, tracker: Tracker) -> None:
    """What can be done with it: see all it found, change it, let it go, or take it up again."""
    say, tracking = here.say, here.desk.tracking
    may_save = tracking.may_save(here.staff)
    if not tracker.active:
        st.html(cards.note(say("tracker.is_retired")))
        if may_save and st.button(say("tracker.use_again"), key="use-again"):
            last = next(each for each in tracking.versions(tracker.tracker_id) if each.active)
            _said(tracking.restore(tracker.tracker_id, last.number, tracker.version, here.staff))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            MENTIONS, label=say("tracker.to_mentions"), icon=":material/forum:",
            query_params={"tracker": tracker.tracker_id},
        )  # fmt: skip
        if may_save:
            if st.button(say("tracker.edit"), key="edit-tracker", icon=":material/edit:"):
                _go(edit=tracker.tracker_id)
            if st.button(say("tracker.retire"), key="retire-tracker", type="tertiary"):
                _said(tracking.retire(tracker.tracker_id, tracker.version, here.staff))


def _hits(here: Visit, tracker: Tracker, period: Period) -> None:
    say = here.say
    query = searching.read(here, tracker.query)
    if query is None:
        return
    chosen = Filter(since=period.since, until=period.until, query=query)
    compared = queries.compared(here.warehouse, chosen)
    if not compared.now.mentions:
        st.html(cards.notice(say("tracker.no_hits_title"), say("tracker.no_hits_body")))
        return
    st.html(cards.sentences(_sentences(here, period, compared)))
    st.html(honesty.accuracy_line(here, chosen))
    days = charts.days_of(
        queries.mentions_per_day(here.warehouse, chosen), period.since, period.until,
        queries.unheard(here.warehouse, chosen, here.now),
    )  # fmt: skip
    missing = gaps.sentence(days.unheard, say)
    peak = findings.of_peak(days, say) or say("chart.sentiment")
    n = formats.number(compared.now.mentions)
    span = filters.span(period, here.language)
    bucket = say(charts.BUCKETS[days.bucket])
    st.html(cards.heading(peak, say("define.by_day", bucket=bucket, n=n, span=span)))
    if missing:
        st.html(cards.note(missing))
    lines = charts.mentions_by_sentiment(days, say, here.theme)
    st.altair_chart(lines, theme=None, alt=f"{peak} {missing}".strip())
    st.html(cards.heading(say("tracker.hits")))
    found = queries.newest_mentions(here.warehouse, chosen, limit=HITS)
    trackers.hits(here, found.to_pylist(), searching.marks([query]))


def _sentences(here: Visit, period: Period, compared: Compared) -> list[str]:
    if period.whole:
        return []
    return [
        findings.of_volume(compared, period.days, here.say),
        findings.of_mood(compared, here.say),
    ]


def _versions(here: Visit, tracker: Tracker, versions: Sequence[Version]) -> None:
    """Every version, the newest first, with a way back to each of the others."""
    say, tracking = here.say, here.desk.tracking
    may_save = tracking.may_save(here.staff)
    st.html(cards.heading(say("tracker.versions"), say("define.versions")))
    for each in versions:
        is_current = each.number == tracker.version
        st.html(trackers.version(here, each, is_current))
        if (
            may_save
            and each.active
            and not is_current
            and st.button(
                say("tracker.restore", n=each.number), key=f"restore-{each.number}", type="tertiary"
            )
        ):
            _said(tracking.restore(tracker.tracker_id, each.number, tracker.version, here.staff))


def _said(saved: Saved) -> None:
    """Let the next run say what became of an order."""
    if saved.outcome in _OUTCOMES:
        st.session_state[_SAID] = _OUTCOMES[saved.outcome]
    st.rerun()


def _go(**query: str) -> None:
    """To another page of this screen."""
    for name in ("edit", "tracker"):
        st.query_params.pop(name, None)
    st.query_params.update({name: value for name, value in query.items() if value})
    st.rerun()


if __name__ == "__main__":
    show(current())
