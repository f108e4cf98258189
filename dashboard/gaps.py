"""What was not collected, as the desk says it: bands behind a chart, a sentence, thirty small days.

A line breaks where nobody listened; it never shows the silence of a source as that of its people.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import pandas as pd
from markupsafe import Markup

from dashboard import formats
from dashboard.i18n import Words
from warehouse.queries import Unheard

State = Literal["heard", "gap", "failed", "none"]

_HALF: Final = 0.5  # of a day, from which on its count is no count
_NAMED: Final = 3  # runs of days, and sources, named one by one
_SLIGHT: Final = 0.01  # of a day: a break of a moment is not shown
_STATES: Final[dict[State, str]] = {
    "heard": "gap.state_heard",
    "gap": "gap.state_gap",
    "failed": "gap.state_failed",
    "none": "gap.state_none",
}


def breaks(counts: "pd.Series[float]", unheard: Sequence[Unheard]) -> "pd.Index[Any]":
    """The days (of the index of `counts`) at which a line must break: half of the day or more was
    missed by all its sources, or nothing came while at least one of them was not heard."""
    days = [pd.Timestamp(each.day) for each in unheard]
    return pd.Index(
        [
            day
            for day, each in zip(days, unheard, strict=True)
            if day in counts.index and (each.by_all >= _HALF or not counts[day])
        ]
    )


def bands(unheard: Sequence[Unheard], say: Words) -> pd.DataFrame:
    """begin, end (UTC), told: a band from noon to noon around each day, whose point is midnight."""
    noon = timedelta(hours=12)
    rows = []
    for each in unheard:
        middle = pd.Timestamp(each.day)
        rows.append({"begin": middle - noon, "end": middle + noon, "told": of_day(each, say)})
    return pd.DataFrame(rows)


def of_day(unheard: Unheard, say: Words) -> str:
    """What was missed of a day: by whom, how much, and why."""
    told = say(
        "gap.day", day=formats.day(unheard.day, say.language), sources=_list(unheard.sources, say),
        share=formats.percent(unheard.missed),
    )  # fmt: skip
    return f"{told} {unheard.reason}" if unheard.reason else told


def sentence(unheard: Sequence[Unheard], say: Words) -> str:
    """What was missed of a period, in a sentence; empty where nothing was."""
    if not unheard:
        return ""
    runs = list(_runs([each.day for each in unheard]))
    spans = ", ".join(_span(first, last, say) for first, last in runs[:_NAMED])
    if len(runs) > _NAMED:
        spans = say("gap.and_more", spans=spans, n=len(runs) - _NAMED)
    sources = sorted({name for each in unheard for name in each.sources})
    return say(
        "gap.sentence", count=len(unheard), n=len(unheard), sources=_list(sources, say), days=spans
    )


def of_comparison(unheard: Sequence[Unheard], since: date, say: Words) -> str:
    """What a comparison of the days from `since` on with those before must not be taken for."""
    now = [each for each in unheard if each.day >= since]
    before = [each for each in unheard if each.day < since]
    if not now and not before:
        return ""
    key = "gap.compared_both" if now and before else "gap.compared_now" if now else (
        "gap.compared_before"
    )  # fmt: skip
    sources = sorted({name for each in unheard for name in each.sources})
    return say(key, sources=_list(sources, say), n=len(now), before=len(before))


def month(
    rows: Sequence[Mapping[str, Any]], known_since: date, days: Sequence[date], say: Words
) -> Markup:
    """A small bar a day: heard, missed in part or whole, failing. `rows` are those of one source,
    as `queries.unheard_days` gives them."""
    missed = {row["day"]: row for row in rows if row["missed"] >= _SLIGHT}
    states = [_state(day, missed.get(day), known_since) for day in days]
    bars = Markup("").join(
        Markup("<i class='m-day m-day-{}' title='{}'></i>").format(
            state, _title(day, state, missed.get(day), say)
        )
        for day, state in zip(days, states, strict=True)
    )
    counted = {state: states.count(state) for state in ("heard", "gap", "failed")}
    label = say("gap.month", **counted)
    return Markup("<div class='m-month' role='img' aria-label='{}'>{}</div>").format(label, bars)


def lag(behind: timedelta, say: Words) -> str:
    """How far behind a source is: in minutes, hours or days."""
    minutes = int(behind.total_seconds() // 60)
    if minutes < 120:
        return say("gap.minutes", count=minutes, n=minutes)
    if minutes < 48 * 60:
        return say("gap.hours", count=minutes // 60, n=minutes // 60)
    return say("gap.days", count=minutes // 1440, n=minutes // 1440)


def span_to_mend(rows: Sequence[Mapping[str, Any]]) -> tuple[date, date] | None:
    """The first day with a gap that can be asked for again, and the day after the last, before
    which a look back ends; None without a gap."""
    days = [row["day"] for row in rows if row["state"] == "gap" and row["missed"] >= _SLIGHT]
    return (min(days), max(days) + timedelta(days=1)) if days else None


def last_reason(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Why the last of what was missed was missed."""
    return next((str(row["reason"]) for row in reversed(rows) if row["reason"]), None)


def days_until(until: datetime, many: int) -> list[date]:
    """The last so many days, the last of them that of `until`."""
    return [until.date() - timedelta(days=back) for back in range(many - 1, -1, -1)]


def _state(day: date, row: Mapping[str, Any] | None, known_since: date) -> State:
    if day < known_since:
        return "none"
    if row is None:
        return "heard"
    return "failed" if row["state"] == "failed" else "gap"


def _title(day: date, state: State, row: Mapping[str, Any] | None, say: Words) -> str:
    told = f"{formats.day(day, say.language)} · {say(_STATES[state])}"
    if row is None:
        return told
    return f"{told} · {formats.percent(row['missed'])}" + (
        f" · {row['reason']}" if row["reason"] else ""
    )


def _list(sources: Sequence[str], say: Words) -> str:
    named = ", ".join(sources[:_NAMED])
    more = len(sources) - _NAMED
    return say("gap.and_sources", spans=named, n=more) if more > 0 else named


def _runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """The first and last day of each run of days without a pause."""
    first = last = days[0]
    for day in days[1:]:
        if day - last > timedelta(days=1):
            yield first, last
            first = day
        last = day
    yield first, last


def _span(first: date, last: date, say: Words) -> str:
    begin = formats.day(first, say.language)
    return begin if first == last else f"{begin} – {formats.day(last, say.language)}"
