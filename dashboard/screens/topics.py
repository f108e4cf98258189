"""Topics: what people speak about, what rises, and all of one: its course, quotes and story."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import streamlit as st
from markupsafe import Markup

from dashboard import cards, changes, charts, filters, findings, formats, meanings
from dashboard.context import Visit, current
from dashboard.filters import Period
from dashboard.understanding import way
from warehouse import queries
from warehouse.queries import Filter, TopicPage, TrendingTerm
from warehouse.queries.topics import TopicEvent, TopicLine

SCREEN: Final = "screens/topics.py"
TRENDING: Final = 8
TRENDING_DAYS: Final = 7
_STORY: Final = {
    "born": "topic.born",
    "split": "topic.split",
    "merged": "topic.merged",
    "died": "topic.died",
    "renamed": "topic.renamed",
    "split_here": "topic.split_here",
    "merged_here": "topic.merged_here",
}


def show(here: Visit) -> None:
    """Draw the screen: all topics, or the one that `topic` in the address names."""
    say = here.say
    extent = queries.extent(here.warehouse)
    if not extent.mentions:
        st.html(cards.title(say("nav.topics")))
        st.html(cards.nothing_heard(say))
        return
    wanted = st.query_params.get("topic", "")
    if wanted:
        st.page_link(SCREEN, label=say("topics.back"), icon=":material/arrow_back:")
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        period = filters.pick_period(here, extent)
        chosen = filters.pick_filter(here, period, trackers=False)
    page = queries.topic(here.warehouse, int(wanted), chosen) if wanted.isdecimal() else None
    head.html(cards.title(page.name if page else say("nav.topics"), filters.said(period, here)))
    if page is not None:
        _one(here, period, chosen, page)
    elif wanted:
        st.html(cards.notice(say("topics.gone_title"), say("topics.gone_body")))
    else:
        _all(here, period, chosen)


def _all(here: Visit, period: Period, chosen: Filter) -> None:
    say = here.say
    found = queries.topics(here.warehouse, chosen)
    spoken = [line for line in found.topics if line.mentions]
    if not spoken:
        st.html(cards.notice(say("topics.none_title"), say("topics.none_body")))
        return
    _trending(here, queries.trending_terms(here.warehouse, chosen, TRENDING_DAYS, TRENDING))
    share = found.unassigned / max(found.assigned + found.unassigned, 1)
    definition = say(
        "define.topics", span=filters.span(period, here.language),
        n=formats.number(found.assigned + found.unassigned), share=formats.percent(share),
    )  # fmt: skip
    rising = [line for line in spoken if _rises(line)]
    st.html(cards.heading(_headline(spoken, rising, here), definition))
    most = max(line.mentions for line in spoken)
    rest = [line for line in spoken if line not in rising]
    for line in [*sorted(rising, key=_growth, reverse=True), *rest]:
        _row(here, line, most)


def _headline(spoken: Sequence[TopicLine], rising: Sequence[TopicLine], here: Visit) -> str:
    """What rose most, or else what is spoken of most."""
    if rising:
        first = max(rising, key=_growth)
        return here.say("topics.rose", name=first.name)
    return here.say("topics.led", name=spoken[0].name, share=formats.percent(spoken[0].share))


def _rises(line: TopicLine) -> bool:
    change = changes.of_counts(line.mentions, line.before or 0)
    return line.before is not None and change.told and change.direction == "up"


def _growth(line: TopicLine) -> float:
    return line.mentions / max(line.before or 0, 1)


def _row(here: Visit, line: TopicLine, most: int) -> None:
    say = here.say
    counts = [line.negative, line.neutral, line.positive]
    parts = Markup("").join(
        Markup("<i class='m-fill m-{}' style='width:{}%'></i>").format(name, share)
        for name, share in zip(
            ("negative", "neutral", "positive"), meanings.scale(most, counts), strict=True
        )
    )
    note = say("topic.net", net=formats.net(line.net_sentiment))
    if change := _changed(line, here):
        note = f"{change} · {note}"
    row = Markup(
        "<div class='m-lie m-topic'><span class='m-div-name'>{}</span>"
        "<span class='m-track m-parts'>{}</span><b class='m-num'>{}</b>"
        "<span class='m-div-note'>{}</span></div>"
    ).format(line.name, parts, formats.number(line.mentions), note)
    way(
        f"topic-{line.topic_id}", row, SCREEN, say("topic.see", name=line.name),
        {"topic": str(line.topic_id)},
    )  # fmt: skip


def _changed(line: TopicLine, here: Visit) -> str:
    """How the number of mentions moved, where it moved more than chance would; else nothing."""
    if line.before is None:
        return ""
    change = changes.of_counts(line.mentions, line.before)
    if not change.told:
        return ""
    key = "label.more" if change.direction == "up" else "label.less"
    return here.say(key, share=formats.percent(abs(change.amount)))


def _trending(here: Visit, found: Sequence[TrendingTerm]) -> None:
    say = here.say
    if not found:
        return
    st.html(cards.heading(
        say("trending.title", term=found[0].term), say("define.trending", days=TRENDING_DAYS)
    ))  # fmt: skip
    most = max(term.seen for term in found)
    lines = [meanings.lying(term.term, term.seen, most, _usual(here, term)) for term in found]
    st.html(Markup("<div class='m-bursts'>{}</div>").format(Markup("").join(lines)))


def _usual(here: Visit, term: TrendingTerm) -> str:
    negative = formats.number(term.negative)
    return here.say("trending.row", usual=f"{term.expected:.1f}", negative=negative)


def _one(here: Visit, period: Period, chosen: Filter, page: TopicPage) -> None:
    say = here.say
    st.html(cards.sentences(_sentences(here, page)))
    if page.words:
        st.html(cards.terms([(word, "") for word in page.words]))
    if page.series.num_rows:
        unheard = queries.unheard(here.warehouse, chosen, here.now)
        days = charts.days_of(page.series, period.since, period.until, unheard)
        n = formats.number(page.line.mentions if page.line else 0)
        st.html(cards.heading(
            findings.of_peak(days, say) or say("chart.sentiment"),
            say("define.by_day", bucket=say(charts.BUCKETS[days.bucket]), n=n,
                span=filters.span(period, here.language)),
        ))  # fmt: skip
        st.altair_chart(
            charts.mentions_by_sentiment(days, say, here.theme), theme=None, alt=page.name
        )
    left, right = st.columns([3, 2], gap="large")
    with left:
        _quotes(here, page)
    with right:
        _parts(here, page.sources, "alert.sources")
        _parts(here, page.products, "filter.product")
        _story(here, page)


def _sentences(here: Visit, page: TopicPage) -> list[str]:
    say, line = here.say, page.line
    if page.ended_at is not None:
        return [say("topic.ended", day=_day(here, page.ended_at.date()))]
    if line is None or not line.mentions:
        return [say("topic.silent")]
    lines = [
        say("aspect.said", count=line.mentions, name=page.name, n=formats.number(line.mentions),
            negative=formats.number(line.negative), positive=formats.number(line.positive))
    ]  # fmt: skip
    if change := _changed(line, here):
        lines.append(say("topic.changed", change=change))
    return lines


def _parts(here: Visit, rows: Sequence[tuple[str, int]], title: str) -> None:
    if not rows:
        return
    whole = sum(n for _, n in rows)
    st.html(cards.heading(here.say(title)))
    shares = [(name, n, n / whole) for name, n in rows]
    st.altair_chart(charts.parts(shares, here.say, here.theme), theme=None, alt=here.say(title))


def _quotes(here: Visit, page: TopicPage) -> None:
    say = here.say
    if not page.quotes:
        return
    st.html(cards.heading(say("topic.quotes"), say("define.topic_quotes")))
    for quote in page.quotes:
        with st.container(key=f"mention-{quote.mention_id}"):
            st.html(cards.mention_card(vars(quote), say, here.now, here.desk.zone))
            st.page_link(
                "screens/mention.py", label=say("mentions.open"),
                query_params={"id": quote.mention_id},
            )  # fmt: skip


def _story(here: Visit, page: TopicPage) -> None:
    """What became of the topic: so that its curve can be trusted, or not."""
    st.html(cards.heading(here.say("topic.story"), here.say("define.topic_story")))
    told = [(_day(here, event.happened_at.date()), _told(here, event)) for event in page.events]
    st.html(cards.facts(told))


def _told(here: Visit, event: TopicEvent) -> str:
    other = event.other_name or "–"
    before = event.before or "–"
    return here.say(_STORY[event.kind], name=event.name, other=other, before=before)


def _day(here: Visit, day: date) -> str:
    return formats.day(day, here.language)


if __name__ == "__main__":
    show(current())
