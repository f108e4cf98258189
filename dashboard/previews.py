"""What a query would have found lately, while it is being written: how much, which of its parts
brings what, and which brings noise."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import altair as alt
import pandas as pd
import pyarrow as pa
import streamlit as st
from markupsafe import Markup

from dashboard import cards, filters, formats, gaps, searching, trackers
from dashboard.charts import Drawing, finished
from dashboard.context import Visit
from dashboard.i18n import Words
from dashboard.tokens import TOKENS, Theme
from warehouse import queries
from warehouse.queries import Filter, Unheard
from warehouse.trackers.preview import ENOUGH, Clause, Preview, preview
from warehouse.trackers.tree import Query

DAYS: Final = 30
HEIGHT: Final = 160  # pixels of the chart
_COUNT: Final = alt.Axis(format=",~r", tickCount=3, tickMinStep=1)
_KEPT: Final = "draft-preview"  # (the query's text, the last day, what it found)
_REASONS: Final = {
    "sentiment": "noise.sentiment",
    "lang": "noise.lang",
    "topic": "noise.topic",
    "spam": "noise.spam",
    "sponsored": "noise.sponsored",
    "copy": "noise.copy",
}


def show(here: Visit, query: Query | None) -> None:
    """Draw what `query` would have found in the last 30 days; None while there is none to try."""
    say = here.say
    if query is None:
        st.html(cards.note(say("preview.waiting")))
        return
    extent = queries.extent(here.warehouse)
    found = _found(here, query, filters.last_day(extent, filters.today(here)))
    if not found.count:
        st.html(cards.notice(say("preview.none_title"), say("preview.none_body")))
        return
    _volume(here, found)
    _clauses(here, found)
    st.html(cards.heading(
        say("preview.samples"),
        say("define.samples", count=found.count, n=formats.number(found.count)),
    ))  # fmt: skip
    trackers.hits(here, found.samples.to_pylist(), searching.marks([query]))


def forget() -> None:
    """Ask anew at the next look: more may have been heard since."""
    st.session_state.pop(_KEPT, None)


def _found(here: Visit, query: Query, until: date) -> Preview:
    """The preview, asked once for a text: what is typed in other fields does not ask again."""
    kept: tuple[str, date, Preview] | None = st.session_state.get(_KEPT)
    if kept is None or kept[:2] != (query.text, until):
        found = preview(here.warehouse, query, DAYS, here.desk.analyser, until=until)
        kept = (query.text, until, found)
        st.session_state[_KEPT] = kept
    return kept[2]


def _volume(here: Visit, found: Preview) -> None:
    say, n = here.say, formats.number(found.count)
    title = say("preview.title", count=found.count, n=n)
    span = (formats.day(day, here.language) for day in (found.since, found.until))
    mean = f"{found.count / DAYS:,.1f}"
    st.html(cards.heading(title, say("define.preview", span=" – ".join(span), mean=mean)))
    chosen = Filter(since=found.since, until=found.until)
    unheard = queries.unheard(here.warehouse, chosen, here.now)
    missing = gaps.sentence(unheard, say)
    if missing:
        st.html(cards.note(missing))
    bars = _bars(found.days, unheard, say, here.theme)
    st.altair_chart(bars, theme=None, alt=f"{title} {missing}".strip())


def _clauses(here: Visit, found: Preview) -> None:
    """The alternatives of the query: a sentence for each that brings noise, then all as bars."""
    if not found.clauses:
        return
    say = here.say
    st.html(cards.heading(_finding(here, found.clauses), say("define.clauses")))
    lines = [_noise(here, clause) for clause in found.clauses if clause.noisy]
    if lines:
        st.html(cards.sentences([*lines, say("noise.mend")]))
    most = max(clause.hits for clause in found.clauses)
    rows = [trackers.clause(each, most, _note(here, each)) for each in found.clauses]
    st.html(Markup("<div class='m-clauses'>{}</div>").format(Markup("").join(rows)))


def _finding(here: Visit, clauses: Sequence[Clause]) -> str:
    """The part that brings noise, else the one that brings most, where enough was found to say."""
    say = here.say
    noisy = [clause for clause in clauses if clause.noisy]
    if noisy:
        return say("clauses.noisy", clause=f"‘{noisy[0].text}’")
    first = max(clauses, key=lambda clause: clause.hits)
    if first.hits < ENOUGH or first.lost < first.hits / 2:
        return say("clauses.title")
    return say("clauses.most", clause=f"‘{first.text}’", share=formats.percent(first.share))


def _noise(here: Visit, clause: Clause) -> str:
    reasons = ", ".join(here.say(_REASONS[name]) for name, _ in clause.reasons)
    return here.say("noise.line", clause=f"‘{clause.text}’", reasons=reasons)


def _note(here: Visit, clause: Clause) -> str:
    say = here.say
    if not clause.hits:
        return say("clause.nothing")
    parts = [
        say("clause.alone", count=clause.lost, n=formats.number(clause.lost)),
        say("clause.negative", share=formats.percent(clause.negative))
        if clause.negative is not None
        else "",
        say("clause.junk", share=formats.percent(clause.junk)) if clause.junk else "",
    ]
    return " · ".join(part for part in parts if part)


def _bars(table: pa.Table, unheard: Sequence[Unheard], say: Words, theme: Theme) -> Drawing:
    """Mentions a day as bars from zero, over a band where not all was collected."""
    frame = table.to_pandas()
    frame["day"] = pd.to_datetime(frame["day"])
    frame["label"] = [formats.day(moment.date(), say.language) for moment in frame["day"]]
    form = "%-m. %-d." if say.language == "ko" else "%-d %b"
    frame["short"] = [moment.strftime(form) for moment in frame["day"]]
    base = alt.Chart(frame).encode(
        x=alt.X(
            "short:O", sort=None, title=None,
            axis=alt.Axis(
                values=list(frame["short"].iloc[::-7]), labelAngle=0, ticks=False, grid=False
            ),
        ),
        tooltip=[
            alt.Tooltip("label:N", title=say("chart.when")),
            alt.Tooltip("mentions:Q", title=say("figure.mentions"), format=","),
        ],
    )  # fmt: skip
    bars = base.mark_bar(color=TOKENS[theme]["madang"], cornerRadiusEnd=2).encode(
        y=alt.Y("mentions:Q", title=None, scale=alt.Scale(zero=True), axis=_COUNT)
    )
    missed = frame["day"].dt.date.isin([each.day for each in unheard])
    bands = (
        alt.Chart(frame[missed])
        .mark_bar(color=TOKENS[theme]["neutral"], opacity=0.35)
        .encode(x=alt.X("short:O", sort=None), y=alt.value(0), y2=alt.value(HEIGHT))
    )
    return finished(
        alt.layer(bands, bars) if missed.any() else alt.layer(bars), theme, height=HEIGHT
    )
