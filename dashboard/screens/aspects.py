"""Aspects: what is praised and blamed, and all of one: its course, its words, what people say."""

from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st
from markupsafe import Markup

from dashboard import cards, charts, filters, findings, formats, honesty, meanings, understanding
from dashboard.context import Visit, current
from dashboard.filters import Period
from dashboard.understanding import ASPECTS, MENTIONS
from warehouse import queries
from warehouse.queries import AspectPage, Compared, Filter

SHOWN: Final = 30
QUOTES: Final = 3  # of each polarity


def show(here: Visit) -> None:
    """Draw the screen: all aspects, or the one that `aspect` in the address names."""
    say = here.say
    extent = queries.extent(here.warehouse)
    if not extent.mentions:
        st.html(cards.title(say("nav.aspects")))
        st.html(cards.nothing_heard(say))
        return
    wanted = st.query_params.get("aspect", "")
    if wanted:
        st.page_link(ASPECTS, label=say("aspects.back"), icon=":material/arrow_back:")
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        period = filters.pick_period(here, extent)
        chosen = filters.pick_filter(here, period)
    name = meanings.aspect_name(wanted, here.desk.aspect_names, here.language)
    head.html(cards.title(name or say("nav.aspects"), filters.said(period, here)))
    if wanted:
        _one(here, period, chosen, wanted, name)
    else:
        _all(here, period, chosen)


def _all(here: Visit, period: Period, chosen: Filter) -> None:
    say = here.say
    rows = understanding.enough(queries.aspects(here.warehouse, chosen, SHOWN).to_pylist())
    if not rows:
        st.html(cards.notice(say("aspects.none_title"), say("aspects.none_body")))
        return
    definition = say("define.aspects", span=filters.span(period, here.language))
    st.html(cards.heading(understanding.of_aspects(rows, here), definition))
    understanding.aspect_rows(here, rows, ASPECTS)


def _one(here: Visit, period: Period, chosen: Filter, wanted: str, name: str) -> None:
    say = here.say
    page = queries.aspect(here.warehouse, chosen, wanted)
    now = page.compared.now
    if not now.mentions:
        st.html(cards.notice(say("none.title"), say("none.body")))
        return
    compared = page.compared
    if period.whole:
        compared = replace(compared, before=replace(now, mentions=0))
    st.html(cards.sentences(_sentences(here, period, compared, name)))
    days = charts.days_of(
        page.days, period.since, period.until, queries.unheard(here.warehouse, chosen, here.now)
    )
    span = filters.span(period, here.language)
    bucket, n = say(charts.BUCKETS[days.bucket]), formats.number(now.mentions)
    st.html(cards.heading(
        findings.of_peak(days, say) or say("chart.sentiment"),
        say("define.aspect_days", bucket=bucket, n=n, span=span, name=name),
    ))  # fmt: skip
    st.altair_chart(charts.mentions_by_sentiment(days, say, here.theme), theme=None, alt=name)
    st.html(honesty.accuracy_line(here, chosen))
    left, right = st.columns(2, gap="large")
    with left:
        _words(here, page, name)
    with right:
        _products(here, page)
    _quotes(here, chosen, wanted, name)


def _sentences(here: Visit, period: Period, compared: Compared, name: str) -> list[str]:
    say, now = here.say, compared.now
    lines = [
        say("aspect.said", count=now.mentions, name=name, n=formats.number(now.mentions),
            negative=formats.number(now.negative), positive=formats.number(now.positive))
    ]  # fmt: skip
    if not period.whole:
        lines.append(findings.of_mood(compared, say))
    return lines


def _words(here: Visit, page: AspectPage, name: str) -> None:
    """What is said together with it; a bar is all its mentions, in parts by how they speak."""
    say = here.say
    rows = [row for row in page.words.to_pylist() if row["word"] != name]
    if not rows:
        return
    st.html(cards.heading(say("aspect.words"), say("define.aspect_words")))
    most = max(row["n"] for row in rows)
    line = Markup(
        "<div class='m-lie'><span class='m-div-name'>{}</span>{}<b class='m-num'>{}</b></div>"
    )
    lines = [
        line.format(row["word"].replace("_", " "), _parts(row, most), formats.number(row["n"]))
        for row in rows
    ]
    st.html(Markup("<div class='m-lies'>{}</div>").format(Markup("").join(lines)))


def _parts(row: dict[str, int], most: int) -> Markup:
    rest = row["n"] - row["negative"] - row["positive"]
    shares = zip(
        ("negative", "neutral", "positive"),
        meanings.scale(most, [row["negative"], rest, row["positive"]]),
        strict=True,
    )
    return Markup("<span class='m-track m-parts'>{}</span>").format(
        Markup("").join(
            Markup("<i class='m-fill m-{}' style='width:{}%'></i>").format(tone, share)
            for tone, share in shares
        )
    )


def _products(here: Visit, page: AspectPage) -> None:
    say = here.say
    rows = page.products.to_pylist()
    if not rows:
        return
    st.html(cards.heading(say("aspect.products"), say("define.aspect_products")))
    most = max(max(row["negative"], row["positive"]) for row in rows)
    st.html(Markup("<div class='m-lies'>{}</div>").format(Markup("").join(
        meanings.diverging(
            row["product"], row, most,
            say("aspect.net", net=formats.net(None if pd.isna(row["net"]) else row["net"])), say,
        )
        for row in rows
    )))  # fmt: skip


def _quotes(here: Visit, chosen: Filter, wanted: str, name: str) -> None:
    """The newest that blame it and the newest that praise it."""
    say = here.say
    for polarity, key in (("negative", "aspect.blame"), ("positive", "aspect.praise")):
        found = queries.newest_mentions(
            here.warehouse, replace(chosen, aspects=(wanted,), polarity=polarity), limit=QUOTES
        ).to_pylist()
        if not found:
            continue
        st.html(cards.heading(say(key, name=name)))
        for mention in found:
            chips = meanings.chips_of(mention, here.desk.aspect_names, say)
            with st.container(key=f"mention-{mention['mention_id']}"):
                st.html(cards.mention_card(mention, say, here.now, here.desk.zone, chips=chips))
                st.page_link(
                    "screens/mention.py", label=say("mentions.open"),
                    query_params={"id": mention["mention_id"]},
                )  # fmt: skip
        st.page_link(
            MENTIONS, label=say("aspect.see", name=name), icon=":material/arrow_forward:",
            query_params={"aspect": wanted, "polarity": polarity},
        )  # fmt: skip


if __name__ == "__main__":
    show(current())
