"""Accuracy: how right the sentiments are, and the texts by whose labels that is known.

Whoever labels sees the text alone and not the model's verdict, which would lead them.
"""

from datetime import date
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboard import cards, formats, honesty
from dashboard.context import Visit, current
from dashboard.filters import LANGUAGES
from dashboard.judging import Item, Sample
from warehouse import meter
from warehouse.meter import Accuracy

SIZE: Final = 200
LOOKED_AHEAD: Final = 50  # texts fetched to find the next one that is still there
WEEKS: Final = 12
LABELS: Final = {
    "negative": ("sentiment.negative", "−", "1"),
    "neutral": ("sentiment.neutral", "·", "2"),
    "positive": ("sentiment.positive", "+", "3"),
    "unclear": ("meter.unclear", "?", "4"),
}
_LAST: Final = "meter-last"  # what was labelled last on this page: (sample, mention)


def show(here: Visit) -> None:
    """Draw the screen: the text to be labelled, if one waits, and the report."""
    say = here.say
    st.html(cards.title(say("nav.meter"), say("meter.line")))
    sample = here.desk.judging.sample()
    if sample is None or not _labelling(here, sample):
        _nothing_waits(here, sample)
    _report(here)


def _labelling(here: Visit, sample: Sample) -> bool:
    """The next text and its keys; False where none waits."""
    waiting = [item for item in sample.items if not item.label]
    found = _next(here, waiting)
    if found is None:
        return False
    item, text = found
    done = len(sample.items) - len(waiting)
    say = here.say
    place = say("meter.place", n=formats.number(done + 1), all=formats.number(len(sample.items)))
    st.progress(done / len(sample.items), text=place)
    st.html(_text(here, item, text))
    with st.container(horizontal=True, key="meter-keys"):
        for label, (name, sign, key) in LABELS.items():
            if st.button(
                f"{sign} {say(name)}", key=f"label-{label}", shortcut=key, width="stretch"
            ):
                here.desk.judging.label(sample.sample_id, item.mention_id, label, here.staff)
                st.session_state[_LAST] = (sample.sample_id, item.mention_id)
                st.rerun()
    _undo(here)
    return True


def _next(here: Visit, waiting: list[Item]) -> tuple[Item, str] | None:
    """The first of these whose text is still as it was drawn, and the text."""
    for at in range(0, len(waiting), LOOKED_AHEAD):
        part = waiting[at : at + LOOKED_AHEAD]
        texts = meter.texts_of(here.warehouse, [(item.mention_id, item.text_hash) for item in part])
        for item in part:
            if item.mention_id in texts:
                return item, texts[item.mention_id]
    return None


def _text(here: Visit, item: Item, text: str) -> Markup:
    language = LANGUAGES.get(item.lang)
    return Markup(
        "<article class='m-card m-whole'><p class='m-meta'>{} · {}</p><p class='m-text'>{}</p>"
        "</article>"
    ).format(item.source, here.say(language) if language else item.lang, text)


def _undo(here: Visit) -> None:
    """Back to the text before: its label is taken back and it is asked again."""
    last: tuple[str, str] | None = st.session_state.get(_LAST)
    if last and st.button(here.say("meter.undo"), key="undo", type="tertiary", shortcut="0"):
        here.desk.judging.label(*last, None, here.staff)
        del st.session_state[_LAST]
        st.rerun()


def _nothing_waits(here: Visit, sample: Sample | None) -> None:
    """All is labelled, or nothing was drawn yet: another sample can be."""
    say = here.say
    _undo(here)
    if sample is None:
        st.html(cards.notice(say("meter.none_title"), say("meter.none_body", n=SIZE)))
    else:
        st.html(cards.notice(say("meter.done_title"), say("meter.done_body")))
    if st.button(say("meter.draw", n=SIZE), key="draw", type="primary"):
        st.session_state.pop(_LAST, None)
        here.desk.judging.draw(SIZE, here.staff)
        st.rerun()


def _report(here: Visit) -> None:
    say = here.say
    if going := honesty.rereading_line(here):
        st.html(going)
    found = meter.report(here.warehouse)
    for accuracy in found.versions:
        if accuracy.is_current:
            _current(here, accuracy)
    older = [accuracy for accuracy in found.versions if not accuracy.is_current]
    if older:
        st.html(cards.heading(say("meter.older"), say("define.older")))
        st.html(honesty.intervals({each.version: each.right for each in older}, here))


def _current(here: Visit, accuracy: Accuracy) -> None:
    say, right = here.say, accuracy.right
    if right.value is None or right.n < honesty.ENOUGH:
        few = say("honesty.few", count=right.n, n=formats.number(right.n))
        st.html(cards.note(few))
        return
    st.html(
        cards.heading(
            say("meter.right", share=formats.percent(right.value)),
            say(
                "define.right", interval=honesty.interval(right), n=formats.number(right.n),
                all=formats.number(accuracy.population),
                day=formats.day(accuracy.drawn_at.date(), here.language),
            ),
        )
    )  # fmt: skip
    lines = [line for line in (_confused(here, accuracy), _unclear(here, accuracy)) if line]
    if lines:
        st.html(cards.sentences(lines))
    languages = {
        say(LANGUAGES[code]) if code in LANGUAGES else code: share
        for code, share in accuracy.by_language.items()
    }
    weeks = {
        formats.day(date.fromisoformat(monday), here.language): share
        for monday, share in sorted(accuracy.by_week.items(), reverse=True)[:WEEKS]
    }
    for title, rows in (
        ("meter.by_source", accuracy.by_source), ("meter.by_language", languages),
        ("meter.by_week", weeks),
    ):  # fmt: skip
        st.html(cards.heading(say(title)) + honesty.intervals(rows, here))


def _confused(here: Visit, accuracy: Accuracy) -> str:
    """The commonest mistake in a sentence; empty where there is none."""
    wrong = {
        (said, label): share
        for said, row in accuracy.confusion.items()
        for label, share in row.items()
        if label not in (said, "unclear") and share > 0
    }
    if not wrong:
        return ""
    (said, label), share = max(wrong.items(), key=lambda pair: pair[1])
    return here.say(
        "meter.confused", truth=here.say(LABELS[label][0]), said=here.say(LABELS[said][0]),
        share=formats.percent(share),
    )  # fmt: skip


def _unclear(here: Visit, accuracy: Accuracy) -> str:
    value = accuracy.unclear.value
    return here.say("meter.unclear_share", share=formats.percent(value)) if value else ""


if __name__ == "__main__":
    show(current())
