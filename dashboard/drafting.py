"""The editor of a tracker: what is typed, where it is wrong, and what it would have found.

What was typed lasts for the session: nothing is lost by looking at another page, by a mistake, or
by a colleague who was faster.
"""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard import cards, previews, searching, trackers
from dashboard.context import Visit
from dashboard.tracking import Draft, Tracker
from warehouse.trackers.tree import Query

NEW: Final = "new"  # in the address, in place of a tracker's id
LONGEST_NAME: Final = 80  # characters, as the community keeps them
LONGEST_QUERY: Final = 8000
LONGEST_WHY: Final = 500
QUERY_HEIGHT: Final = 140  # pixels
_NAME, _QUERY, _WHY = "draft-name", "draft-query", "draft-why"
_OF: Final = "draft-of"  # (the tracker's id, empty for a new one; the version that is changed)
_BEGAN: Final = "draft-began"  # (name, query) as the editor was opened
_TROUBLE: Final = "draft-trouble"  # why the last attempt to save came to nothing
# What is written, and what it finds.
SYNTAX: Final = {
    "syntax.and_example": "syntax.and",
    "syntax.or_example": "syntax.or",
    "syntax.not_example": "syntax.not",
    "syntax.phrase_example": "syntax.phrase",
    "syntax.near_example": "syntax.near",
    "syntax.wildcard_example": "syntax.wildcard",
    "syntax.raw_example": "syntax.raw",
    "syntax.tags_example": "syntax.tags",
}
FIELDS: Final = "rating:<=2 source:shop lang:ko is:question"


@dataclass(frozen=True)
class Done:
    """The editor is left, for a tracker or (empty) for the list, with a new version or without."""

    tracker_id: str
    saved: bool


def begin(name: str, query: str, of: str = "", seen: int = 0) -> None:
    """Put this into the editor, in place of what was there; before the editor is drawn."""
    st.session_state.update({_NAME: name, _QUERY: query, _WHY: "", _OF: (of, seen)})
    st.session_state[_BEGAN] = (name, query)
    st.session_state.pop(_TROUBLE, None)


def edit(here: Visit, tracker: Tracker | None) -> Done | None:
    """Draw the editor of a tracker, or of a new one; None while it is being edited."""
    _open(tracker)
    say = here.say
    st.html(cards.title(say("draft.edit", name=tracker.name) if tracker else say("draft.new")))
    done = None
    if tracker and st.session_state.get(_TROUBLE) == "overtaken":
        done = _overtaken(here, tracker)
    left, right = st.columns(2, gap="large")
    with left:
        query = _typed(here)
        done = _orders(here, query) or done
        _syntax(here)
    with right:
        previews.show(here, query)
    return done


def _open(tracker: Tracker | None) -> None:
    """Begin with the tracker as it stands, unless something was typed into the editor of it."""
    of: tuple[str, int] | None = st.session_state.get(_OF)
    typed = (st.session_state.get(_NAME), st.session_state.get(_QUERY))
    is_here = of is not None and of[0] == (tracker.tracker_id if tracker else "")
    if is_here and (tracker is None or typed != st.session_state.get(_BEGAN)):
        return
    if tracker:
        begin(tracker.name, tracker.query, tracker.tracker_id, tracker.version)
    else:
        begin("", "")


def _typed(here: Visit) -> Query | None:
    """The fields, what is wrong below each, and the query if it can be read."""
    say, trouble = here.say, st.session_state.get(_TROUBLE)
    name = st.text_input(
        say("draft.name"), key=_NAME, max_chars=LONGEST_NAME, persist_state="session",
        placeholder=say("trackers.example_name"),
    )  # fmt: skip
    if trouble == "named_twice":
        st.html(trackers.trouble(say("draft.named_twice", name=f"‘{name.strip()}’")))
    elif trouble == "incomplete" and not name.strip():
        st.html(trackers.trouble(say("draft.nameless")))
    text = st.text_area(
        say("draft.query"), key=_QUERY, max_chars=LONGEST_QUERY, height=QUERY_HEIGHT,
        persist_state="session", placeholder=say("trackers.example_query"),
    )  # fmt: skip
    found = searching.read(here, text) if text.strip() or trouble == "incomplete" else None
    st.text_input(say("draft.why"), key=_WHY, max_chars=LONGEST_WHY, persist_state="session")
    return found


def _orders(here: Visit, query: Query | None) -> Done | None:
    say = here.say
    with st.container(horizontal=True):
        if st.button(say("draft.save"), key="save-draft", type="primary"):
            return _save(here, query)
        # Whoever presses it has left the field, which sends what was typed.
        if st.button(say("draft.preview"), key="preview-draft"):
            previews.forget()
        if st.button(say("draft.cancel"), key="cancel-draft", type="tertiary"):
            return Done(st.session_state.pop(_OF)[0], False)
    return None


def _save(here: Visit, query: Query | None) -> Done:
    """Keep it; what cannot be kept stays in the editor, and the next run says why."""
    of, seen = st.session_state[_OF]
    name, why = st.session_state[_NAME], st.session_state[_WHY]
    if query is None or not name.strip():
        st.session_state[_TROUBLE] = "incomplete"
        st.rerun()
    draft = Draft(name, query.text, why, of or None, seen)
    saved = here.desk.tracking.save(draft, here.staff)
    if saved.outcome in ("overtaken", "named_twice"):
        st.session_state[_TROUBLE] = saved.outcome
        st.rerun()
    del st.session_state[_OF]
    return Done(saved.tracker_id, saved.outcome == "saved")


def _overtaken(here: Visit, theirs: Tracker) -> Done | None:
    """A colleague saved first: what they wrote, and the choice between it and one's own."""
    say = here.say
    by = theirs.by or say("tracker.by_command")
    st.html(
        trackers.theirs(say("draft.overtaken_title", by=by), say("draft.overtaken_body"), theirs)
    )
    with st.container(horizontal=True):
        if st.button(say("draft.take_theirs"), key="take-theirs"):
            begin(theirs.name, theirs.query, theirs.tracker_id, theirs.version)
        if st.button(say("draft.keep_mine"), key="keep-mine"):
            st.session_state[_OF] = (theirs.tracker_id, theirs.version)
            return _save(here, searching.read(here, st.session_state[_QUERY]))
    return None


def _syntax(here: Visit) -> None:
    """The language in ten lines, folded away."""
    say = here.say
    rows = [(say(example), say(meaning)) for example, meaning in SYNTAX.items()]
    with st.expander(say("syntax.title")):
        st.html(trackers.syntax([*rows, (FIELDS, say("syntax.fields"))]))
