"""The desk's front: what changed, in sentences; then figures; then the charts behind them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pyarrow as pa
import streamlit as st
from markupsafe import Markup

from dashboard import (
    cards,
    changes,
    charts,
    filters,
    findings,
    formats,
    gaps,
    honesty,
    understanding,
)
from dashboard.changes import Change
from dashboard.context import AlertState, Visit, current
from dashboard.filters import Period
from dashboard.findings import Mover, Voice
from warehouse import queries
from warehouse.queries import Compared, Filter, Totals, Unheard

SPARK_DAYS = 30
VOICES = 8
ALARMS = 2
ALARMS_LOOKED_AT = 20


def show(here: Visit) -> None:
    """Draw the screen."""
    say = here.say
    extent = queries.extent(here.warehouse)
    if not extent.mentions:
        st.html(cards.title(say("nav.overview")))
        st.html(cards.nothing_heard(say))
        return
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        period = filters.pick_period(here, extent)
        chosen = filters.pick_filter(here, period)
    head.html(cards.title(say("nav.overview"), filters.said(period, here)))
    with head:
        _alarms(here)
    _findings(here, period, chosen)


def _alarms(here: Visit) -> None:
    """What somebody must decide now: the alerts that nobody has taken on."""
    recent = queries.alerts(here.warehouse, limit=ALARMS_LOOKED_AT)
    states = here.desk.alert_states([alert.alert_id for alert in recent])
    waiting = [alert for alert in recent if _is_waiting(states.get(alert.alert_id))]
    for alert in waiting[:ALARMS]:
        with st.container(key=f"mention-{alert.alert_id}"):
            lines = findings.of_alert(alert, here.now, here.desk.zone, here.say)
            st.html(cards.alarm(alert.product, " ".join(lines)))
            st.page_link(
                "screens/alerts.py", label=here.say("alerts.see"),
                query_params={"id": alert.alert_id},
            )  # fmt: skip


def _is_waiting(state: AlertState | None) -> bool:
    return state is not None and state.state == "raised"


def _findings(here: Visit, period: Period, chosen: Filter) -> None:
    say = here.say
    compared = None if period.whole else queries.compared(here.warehouse, chosen)
    now = compared.now if compared else queries.totals(here.warehouse, chosen)
    if not now.mentions:
        st.html(cards.notice(say("none.title"), say("none.body")))
        return
    voices = _voices(here, chosen)
    first = min(period.since, period.until - timedelta(days=SPARK_DAYS - 1))
    table = queries.mentions_per_day(here.warehouse, replace(chosen, since=first))
    before = compared.before_since if compared and compared.before_since else first
    unheard = queries.unheard(here.warehouse, replace(chosen, since=min(first, before)), here.now)
    st.html(cards.sentences(_sentences(here, period, chosen, now, compared, voices)))
    if compared and (missing := gaps.of_comparison(
        [each for each in unheard if each.day >= before], period.since, say
    )):  # fmt: skip
        st.html(cards.note(missing))
    st.html(cards.figures(_figures(here, _recent(table, period, unheard), now, compared)))
    if now.unread:
        st.html(cards.note(say("figure.unread", count=now.unread, n=formats.number(now.unread))))
    understanding.life_events(here, chosen)
    span = filters.span(period, here.language)
    read = say("define.understood", n=formats.number(now.mentions), span=span)
    understanding.praised_and_blamed(here, chosen, say("define.aspects", span=span))
    understanding.wants_and_feelings(here, chosen, read)
    st.html(honesty.accuracy_line(here, chosen))
    _charts(here, period, table, now, voices, unheard)


def _sentences(
    here: Visit,
    period: Period,
    chosen: Filter,
    now: Totals,
    compared: Compared | None,
    voices: Sequence[Voice],
) -> list[str]:
    if compared is None:
        return findings.of_whole(now, formats.day(period.since, here.language), voices, here.say)
    movers = [
        Mover(row["product"], row["mentions"], row["before"], row["net_sentiment"])
        for row in queries.movers(here.warehouse, chosen, top=VOICES).to_pylist()
    ]
    product = findings.of_products(voices, movers, here.say)
    lines = [
        findings.of_volume(compared, period.days, here.say),
        findings.of_mood(compared, here.say),
    ]
    return [*lines, product] if product else lines


def _recent(table: pa.Table, period: Period, unheard: Sequence[Unheard]) -> pd.DataFrame:
    """The last thirty days of a period, or of what came before it too when it is shorter."""
    since = period.until - timedelta(days=SPARK_DAYS - 1)
    return charts.days_of(table, since, period.until, unheard).frame


def _figures(
    here: Visit, spark: pd.DataFrame, now: Totals, compared: Compared | None
) -> list[Markup]:
    """Three figures, each with its change and thirty days of itself."""
    say, theme = here.say, here.theme
    read = spark[["negative", "neutral", "positive"]].sum(axis=1)
    share = spark["negative"] / read.where(read > 0)
    negative = changes.negative_share(now)
    moved = _moved(compared)
    words = [
        findings.in_words(change, say, relative=index == 0) if change else ("", "")
        for index, change in enumerate(moved)
    ]
    return [
        cards.figure(
            say("figure.mentions"), cards.count(now.mentions, here.language), words[0][0],
            _points(spark["mentions"]), theme, say("define.mentions"), words[0][1],
        ),
        cards.figure(
            say("figure.net_sentiment"), formats.net(now.net_sentiment), words[1][0],
            _points(spark["net"]), theme, say("define.net_sentiment"), words[1][1],
        ),
        cards.figure(
            say("figure.negative_share"), "–" if negative is None else formats.percent(negative),
            words[2][0], _points(share), theme, say("define.negative_share"), words[2][1],
        ),
    ]  # fmt: skip


def _moved(compared: Compared | None) -> tuple[Change | None, Change | None, Change | None]:
    if compared is None:
        return None, None, None
    now, then = compared.now, compared.before
    return (
        changes.of_counts(now.mentions, then.mentions),
        changes.of_net_sentiment(now, then),
        changes.of_negative_share(now, then),
    )


def _charts(
    here: Visit,
    period: Period,
    table: pa.Table,
    now: Totals,
    voices: Sequence[Voice],
    unheard: Sequence[Unheard],
) -> None:
    say, theme = here.say, here.theme
    days = charts.days_of(table, period.since, period.until, unheard)
    missing = gaps.sentence(days.unheard, say)
    bucket = say(charts.BUCKETS[days.bucket])
    n = formats.number(now.mentions)
    span = filters.span(period, here.language)
    peak = findings.of_peak(days, say) or say("chart.sentiment")
    st.html(cards.heading(peak, say("define.by_day", bucket=bucket, n=n, span=span)))
    if missing:
        st.html(cards.note(missing))
    lines = charts.mentions_by_sentiment(days, say, theme)
    st.altair_chart(lines, theme=None, alt=f"{peak} {missing}".strip())
    moved = findings.of_range(days, say) or say("chart.net")
    st.html(cards.heading(moved, say("define.net_line", bucket=bucket, n=n, span=span)))
    net = charts.net_sentiment(days, say, theme)
    st.altair_chart(net, theme=None, alt=f"{moved} {missing}".strip())
    _voice_chart(here, voices, say("define.voice", n=n, span=span))


def _voice_chart(here: Visit, voices: Sequence[Voice], definition: str) -> None:
    """The largest products as bars; all the others are one word in the line above them."""
    say = here.say
    named = [voice for voice in voices if voice.product]
    if not named:
        return
    rest = sum(voice.share for voice in voices if not voice.product)
    if rest:
        definition = f"{definition} · {say('share.rest', share=formats.percent(rest))}"
    finding = say(
        "chart.voice_led", product=named[0].product, share=formats.percent(named[0].share)
    )
    rows = [(str(v.product), v.mentions, v.share, v.net_sentiment) for v in named]
    st.html(cards.heading(finding, definition))
    st.altair_chart(charts.share_of_voice(rows, say, here.theme), theme=None, alt=finding)


def _voices(here: Visit, chosen: Filter) -> list[Voice]:
    table = queries.share_of_voice(here.warehouse, chosen, top=VOICES)
    return [
        Voice(row["product"], row["mentions"], row["share"], row["net_sentiment"])
        for row in table.to_pylist()
    ]


def _points(column: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in column]


if __name__ == "__main__":
    show(current())
