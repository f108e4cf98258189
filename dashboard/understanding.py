"""The parts of screens that show what is understood, each row a way to the mentions behind it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st
from markupsafe import Markup

from dashboard import cards, changes, formats, meanings
from dashboard.context import Visit
from warehouse import queries
from warehouse.queries import Filter

MENTIONS: Final = "screens/mentions.py"
ASPECTS: Final = "screens/aspects.py"
LABELS: Final = 8
_MOURNING: Final = "life_event:bereavement"
_FEWEST: Final = 3  # mentions of an aspect from which it has a row


def way(key: str, row: Markup, page: str, label: str, asked: Mapping[str, str]) -> None:
    """A row that is a link as a whole, to `page` with what is asked of it."""
    with st.container(key=f"way-{key}"):
        st.html(row)
        st.page_link(page, label=label, query_params=dict(asked))


def aspect_rows(here: Visit, rows: Sequence[Mapping[str, Any]], page: str) -> None:
    """Aspects as bars to both sides, the most spoken of first; each leads to `page`."""
    say = here.say
    most = max((max(row["negative"], row["positive"]) for row in rows), default=0)
    for number, row in enumerate(rows):
        name = meanings.aspect_name(row["aspect"], here.desk.aspect_names, here.language)
        note = say("aspect.row", count=row["n"], n=formats.number(row["n"]))
        if change := blamed_more(row, here):
            note = f"{note} · {change}"
        way(
            f"aspect-{number}", meanings.diverging(name, row, most, note, say), page,
            say("aspect.see", name=name), {"aspect": row["aspect"]},
        )  # fmt: skip


def blamed_more(row: Mapping[str, Any], here: Visit) -> str:
    """How blame of an aspect moved, where it moved more than chance would; else nothing."""
    change = changes.of_counts(row["negative"], row["negative_before"])
    if not change.told:
        return ""
    key = "aspect.blamed_more" if change.direction == "up" else "aspect.blamed_less"
    return here.say(key, share=formats.percent(abs(change.amount)))


def of_aspects(rows: Sequence[Mapping[str, Any]], here: Visit) -> str:
    """What is praised most and what is blamed most, in a sentence."""
    say = here.say
    praised = max(rows, key=lambda row: (row["positive"], -row["negative"]))
    blamed = max(rows, key=lambda row: (row["negative"], -row["positive"]))
    named = [
        meanings.aspect_name(row["aspect"], here.desk.aspect_names, here.language)
        for row in (praised, blamed)
    ]
    if praised["aspect"] == blamed["aspect"]:
        return say("aspects.title")
    if praised["positive"] and blamed["negative"]:
        return say("aspects.both", praised=named[0], blamed=named[1])
    if praised["positive"]:
        return say("aspects.praised", name=named[0])
    return say("aspects.blamed", name=named[1])


def praised_and_blamed(here: Visit, chosen: Filter, definition: str, top: int = 8) -> None:
    """What is praised and blamed, each row a way to its mentions."""
    rows = enough(queries.aspects(here.warehouse, chosen, top).to_pylist())
    if not rows:
        return
    st.html(cards.heading(of_aspects(rows, here), definition))
    aspect_rows(here, rows, MENTIONS)
    st.page_link(ASPECTS, label=here.say("aspects.all"), icon=":material/arrow_forward:")


def enough(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The aspects that were spoken of more than now and then."""
    return [row for row in rows if row["n"] >= _FEWEST]


def wants_and_feelings(here: Visit, chosen: Filter, definition: str) -> None:
    """What people want and how they feel, side by side."""
    wants = [
        row
        for row in queries.intents(here.warehouse, chosen).to_pylist()
        if row["label"] in meanings.INTENTS and row["label"] != "life_event" and row["n"]
    ]
    feelings = [row for row in queries.emotions(here.warehouse, chosen).to_pylist() if row["n"]]
    if not wants and not feelings:
        return
    left, right = st.columns(2, gap="large")
    with left:
        _labels(here, wants, "intent", "intents.title", definition)
    with right:
        _labels(here, feelings, "emotion", "emotions.title", definition)


def _labels(
    here: Visit, rows: Sequence[Mapping[str, Any]], kind: str, title: str, definition: str
) -> None:
    if not rows:
        return
    say = here.say
    st.html(cards.heading(say(title), definition))
    most = max(row["n"] for row in rows)
    for number, row in enumerate(rows[:LABELS]):
        name = meanings.label_name(row["label"], say)
        change = changes.of_counts(row["n"], row["n_before"])
        note = ""
        if change.told:
            key = "label.more" if change.direction == "up" else "label.less"
            note = say(key, share=formats.percent(abs(change.amount)))
        way(
            f"{kind}-{number}", meanings.lying(name, row["n"], most, note), MENTIONS,
            say("aspect.see", name=name), {kind: row["label"]},
        )  # fmt: skip


def life_events(here: Visit, chosen: Filter) -> None:
    """Customers whose life changes just now: a reason to write to them, not a number to watch.

    Those who mourn are left in peace.
    """
    say = here.say
    events = [
        row
        for row in queries.life_events(here.warehouse, chosen).to_pylist()
        if row["label"] in meanings.LIFE_EVENTS and row["label"] != _MOURNING
    ]
    if not events:
        return
    st.html(cards.heading(say("life.title"), say("define.life")))
    with st.container(horizontal=True, key="life-events"):
        for number, row in enumerate(events):
            _life_event(here, number, row)


def _life_event(here: Visit, number: int, row: Mapping[str, Any]) -> None:
    say, known = here.say, row["customers"]
    name = meanings.label_name(row["label"], say)
    line = say("life.people", count=row["people"], n=formats.number(row["people"]), event=name)
    note = say("life.known", count=known, n=formats.number(known)) if known else ""
    card = Markup("<div class='m-life'><b>{}</b> <span>{}</span></div>").format(line, note)
    way(f"life-{number}", card, MENTIONS, say("aspect.see", name=name), {"intent": row["label"]})
