"""Search all that was said: words in any form, filters, the newest first."""

import re
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from dashboard import cards, drafting, filters, formats, honesty, meanings, searching
from dashboard.context import Visit, current
from warehouse import queries
from warehouse.queries import Filter, Place
from warehouse.trackers.tree import Query

PAGE: Final = 50
MENTION: Final = "screens/mention.py"
TRACKERS: Final = "screens/trackers.py"


def show(here: Visit) -> None:
    """Draw the screen."""
    say = here.say
    extent = queries.extent(here.warehouse)
    if not extent.mentions:
        st.html(cards.title(say("nav.mentions")))
        st.html(cards.nothing_heard(say))
        return
    filters.take_address()
    head = st.container()
    words = st.text_input(
        say("search.label"), key="search", placeholder=say("search.placeholder"),
        icon=":material/search:", label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        period = filters.pick_period(here, extent)
        chosen = filters.pick_filter(here, period, mentions=True)
    head.html(cards.title(say("nav.mentions"), filters.said(period, here)))
    if not words.strip():
        _found(here, chosen)
    elif query := searching.read(here, words):
        _keep(here, query)
        _found(here, replace(chosen, query=searching.all_of([query, *_asked(chosen)])))


def _found(here: Visit, chosen: Filter) -> None:
    say = here.say
    n = queries.count_mentions(here.warehouse, chosen)
    if not n:
        st.html(cards.notice(say("none.title"), say("none.body")))
        return
    st.html(cards.note(say("mentions.found", count=n, n=formats.number(n))))
    st.html(honesty.accuracy_line(here, chosen))
    tracked = searching.of_trackers(here, chosen.trackers)
    found = searching.marks([*_asked(chosen), *tracked])
    places, shown, end = _places(chosen), 0, None
    for place in places:
        page = queries.newest_mentions(here.warehouse, chosen, limit=PAGE, before=place)
        for mention in page.to_pylist():
            _card(here, mention, found)
        shown, end = shown + page.num_rows, queries.last_place(page)
    if shown < n and end and st.button(say("mentions.more", n=PAGE), width="stretch"):
        places.append(end)
        st.rerun()


def _asked(chosen: Filter) -> list[Query]:
    return [chosen.query] if chosen.query else []


def _keep(here: Visit, query: Query) -> None:
    """What was searched for can be kept as a tracker, by those who may."""
    if here.desk.tracking.may_save(here.staff) and st.button(
        here.say("search.keep"), key="keep-search", type="tertiary", icon=":material/add:"
    ):
        drafting.begin("", query.text)
        st.switch_page(TRACKERS, query_params={"edit": drafting.NEW})


def _card(here: Visit, mention: dict[str, Any], found: re.Pattern[str] | None) -> None:
    identity = str(mention["mention_id"])
    with st.container(key=f"mention-{identity}"):
        chips = meanings.chips_of(mention, here.desk.aspect_names, here.say)
        st.html(cards.mention_card(mention, here.say, here.now, here.desk.zone, found, chips))
        st.page_link(MENTION, label=here.say("mentions.open"), query_params={"id": identity})


def _places(chosen: Filter) -> list[Place | None]:
    """After which place each page shown begins; a list that lasts until the filter changes."""
    kept: tuple[Filter, list[Place | None]] | None = st.session_state.get("places")
    if kept is None or kept[0] != chosen:
        kept = (chosen, [None])
        st.session_state["places"] = kept
    return kept[1]


if __name__ == "__main__":
    show(current())
