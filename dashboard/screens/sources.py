"""The sources: what came from where and when, and what could not be taken in."""

from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st
from markupsafe import Markup

from dashboard import cards, charts, filters, formats, gaps
from dashboard.context import Visit, current
from dashboard.i18n import Words
from warehouse import annotations, queries
from warehouse.queries import Extent, Filter, Frontier

REJECTED: Final = 100
CHARTS: Final = 8  # the sources drawn, largest first
LISTENED: Final = 30  # days of which is shown whether a source was heard


def show(here: Visit) -> None:
    """Draw the screen."""
    say = here.say
    st.html(cards.title(say("nav.sources"), say("sources.line", zone=here.desk.zone)))
    rows = queries.sources_overview(here.warehouse).to_pylist()
    if not rows:
        st.html(cards.nothing_heard(say))
    else:
        extent = queries.extent(here.warehouse)
        st.html(cards.sources([_row(here, row) for row in rows]) + _reading(here, extent))
        _listening(here)
        _arrivals(here, rows, extent)
    _quarantine(here)


def _reading(here: Visit, extent: Extent) -> Markup:
    """Who reads the mentions, and how many are read; nothing before the first reading."""
    version = annotations.current_version(here.warehouse)
    if version is None:
        return Markup("")
    annotated, mentions = (formats.number(n) for n in (extent.annotated, extent.mentions))
    return cards.note(here.say("sources.annotator", version=version, n=annotated, all=mentions))


def _row(here: Visit, row: dict[str, Any]) -> cards.Source:
    say, zone, language = here.say, here.desk.zone, here.language
    last = row["last_batch_at"]
    said = "–"
    if row["first_mention"] is not None:
        first, newest = (
            formats.day(row[key], language) for key in ("first_mention", "last_mention")
        )
        said = f"{first} – {newest}"
    return cards.Source(
        name=row["source"],
        facts=(
            (say("sources.mentions"), cards.count(row["mentions"], language)),
            (say("sources.last"), "–" if last is None else cards.moment(last, here.now, zone, say)),
            (say("sources.quarantined"), cards.count(row["quarantined"], language)),
            (say("sources.said"), said),
        ),
    )


def _listening(here: Visit) -> None:
    """Whether each source was heard: thirty days as small bars, its lag, why it fails, what mends
    it. Sources that say nothing of it, such as imports, have no row."""
    say, zone = here.say, ZoneInfo(here.desk.zone)
    found = queries.frontiers(here.warehouse, here.now)
    if not found:
        return
    days = gaps.days_until(here.now.astimezone(zone), LISTENED)
    table = queries.unheard_days(here.warehouse, days[0], days[-1], now=here.now).to_pylist()
    rows = []
    for front in found:
        missed = [row for row in table if row["source"] == front.source]
        since = front.since.astimezone(zone).date()
        rows.append(
            cards.Source(
                front.source,
                (
                    (say("gap.last_days", n=LISTENED), gaps.month(missed, since, days, say)),
                    (say("gap.lag"), _lag(here, front)),
                    (say("gap.why"), _why(front, missed, say)),
                ),
            )
        )
    st.html(cards.heading(say("gap.listening"), say("gap.listening_line", n=LISTENED)))
    st.html(cards.sources(rows))


def _lag(here: Visit, front: Frontier) -> str:
    return here.say("gap.never") if front.lag is None else gaps.lag(front.lag, here.say)


def _why(front: Frontier, missed: list[dict[str, Any]], say: Words) -> Markup | str:
    """Why a source fails or was not heard, and the command that mends it."""
    if front.failing_since is not None:
        reason, command = front.reason, "madang doctor"
    elif (span := gaps.span_to_mend(missed)) is not None:
        reason = gaps.last_reason(missed)
        command = f"madang collect {front.source} --since {span[0]} --until {span[1]}"
    else:
        return say("gap.well")
    return Markup("{}<br>{} <code>{}</code>").format(reason or "–", say("gap.mend"), command)


def _arrivals(here: Visit, rows: list[dict[str, Any]], extent: Extent) -> None:
    """A small chart a source, on one calendar, so that a source gone quiet is seen."""
    say = here.say
    if extent.first is None or extent.last is None:
        return
    until = filters.last_day(extent, filters.today(here))
    since = max(extent.first, until - timedelta(days=364))
    span = f"{formats.day(since, here.language)} – {formats.day(until, here.language)}"
    st.html(cards.heading(say("sources.arrivals"), say("define.arrivals", span=span)))
    heard = [row for row in rows if row["mentions"]]
    for row in sorted(heard, key=lambda row: -row["mentions"])[:CHARTS]:
        chosen = Filter(since=since, until=until, sources=(row["source"],))
        table = queries.mentions_per_day(here.warehouse, chosen)
        days = charts.days_of(
            table, since, until, queries.unheard(here.warehouse, chosen, here.now)
        )
        missing = gaps.sentence(days.unheard, say)
        st.html(cards.note(f"{row['source']} {missing}".strip()))
        told = say("sources.arrivals_of", source=row["source"])
        st.altair_chart(
            charts.arrivals(days, say, here.theme), theme=None, alt=f"{told} {missing}".strip()
        )


def _quarantine(here: Visit) -> None:
    say = here.say
    rejected = queries.quarantined(here.warehouse, limit=REJECTED).to_pylist()
    st.html(cards.heading(say("quarantine.title"), say("quarantine.line", n=REJECTED)))
    if not rejected:
        st.html(cards.notice(say("quarantine.none_title"), say("quarantine.none_body")))
        return
    st.html(cards.rejected(rejected, say, here.now, here.desk.zone))


if __name__ == "__main__":
    show(current())
