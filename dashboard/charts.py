"""The desk's charts, in altair: lines with their names at their ends, bars that lie, no legends.

A chart carries no title of its own: the page says the finding above it as text, which wraps on a
phone and is read aloud. Every chart's function takes tables as the warehouse's questions give them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import altair as alt
import pandas as pd
import pyarrow as pa

from dashboard import formats, gaps
from dashboard.i18n import Words
from dashboard.tokens import FONTS, TOKENS, Theme
from warehouse.queries import Unheard

Drawing = alt.LayerChart | alt.FacetChart
Bucket = Literal["day", "week", "month"]

SERIES: Final = ("positive", "neutral", "negative")
_SIGNS: Final = {"positive": "+", "neutral": "·", "negative": "−"}
_NAMES: Final = {
    "positive": "sentiment.positive",
    "neutral": "sentiment.neutral",
    "negative": "sentiment.negative",
}
_RULES: Final[dict[Bucket, str]] = {"day": "D", "week": "7D", "month": "MS"}
BUCKETS: Final[dict[Bucket, str]] = {
    "day": "chart.by_day",
    "week": "chart.by_week",
    "month": "chart.by_month",
}
_SIGNED: Final = "(datum.value > 0 ? '+' : datum.value < 0 ? '−' : '') + abs(datum.value)"
_HEIGHT: Final = 260
_UTC: Final = alt.X("day:T", scale=alt.Scale(type="utc"))


@dataclass(frozen=True)
class Days:
    """Mentions a day by sentiment, every day of the period present, put together into buckets.

    `frame` has the columns day (UTC midnight), positive, neutral, negative (means a day),
    mentions (a mean a day, unread ones included), net (-100..100, null where nothing was read). A
    day that was not heard is null, and counts in no mean; `unheard` are the days that were not, or
    not in full.
    """

    frame: pd.DataFrame
    bucket: Bucket
    unheard: tuple[Unheard, ...] = ()


def days_of(table: pa.Table, since: date, until: date, unheard: Sequence[Unheard] = ()) -> Days:
    """The answer of `mentions_per_day` on a full calendar: by day up to 120 days, by week up to
    three years, by month beyond. `unheard` is that of the same period and filter."""
    length = (until - since).days + 1
    bucket: Bucket = "day" if length <= 120 else "week" if length <= 1096 else "month"
    frame = table.select(["day", *SERIES, "unread"]).to_pandas()
    frame["day"] = pd.to_datetime(frame["day"])
    calendar = pd.date_range(since, until, freq="D", name="day")
    frame = frame.set_index("day").reindex(calendar, fill_value=0).astype("float64")
    frame["mentions"] = frame[[*SERIES, "unread"]].sum(axis=1)
    missed = tuple(each for each in unheard if since <= each.day <= until)
    frame.loc[gaps.breaks(frame["mentions"], missed)] = float("nan")
    means = frame.resample(_RULES[bucket]).mean()  # weeks count from the first day of the period
    read = means[list(SERIES)].sum(axis=1)
    means["net"] = ((means["positive"] - means["negative"]) / read.where(read > 0)) * 100
    return Days(means.reset_index(), bucket, missed)


def mentions_by_sentiment(days: Days, say: Words, theme: Theme) -> Drawing:
    """Mentions a day as three lines, from zero, each named at its end."""
    colours = TOKENS[theme]
    frame = _with_labels(days, say)
    long = frame.melt("day", list(SERIES), "sentiment", "many")
    lines = (
        alt.Chart(long)
        .mark_line(strokeWidth=2, point=_points(days))
        .encode(
            x=_time_axis(days, say),
            y=alt.Y("many:Q", title=None, scale=alt.Scale(zero=True), axis=_count_axis()),
            color=alt.Color(
                "sentiment:N",
                scale=alt.Scale(domain=list(SERIES), range=[colours[name] for name in SERIES]),
                legend=None,
            ),
        )
    )
    tips = [alt.Tooltip("label:N", title=say("chart.when"))] + [
        alt.Tooltip(f"{name}:Q", title=say(_NAMES[name]), format=",.1f") for name in SERIES
    ]
    ends = _end_labels(
        frame, {name: f"{_SIGNS[name]} {say(_NAMES[name])}" for name in SERIES}, theme
    )
    return finished(_over_gaps([lines, ends, _hover(frame, tips)], days, say, theme), theme)


def net_sentiment(days: Days, say: Words, theme: Theme) -> Drawing:
    """Net sentiment from -100 to 100 as one line, with a rule at zero."""
    colours = TOKENS[theme]
    frame = _with_labels(days, say)
    low = min(0.0, float(frame["net"].min()) if frame["net"].notna().any() else 0.0)
    high = max(0.0, float(frame["net"].max()) if frame["net"].notna().any() else 0.0)
    scale = alt.Scale(domain=[low - 5 if low < 0 else 0, high + 5], nice=True)
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(
        color=colours["ink-soft"], strokeWidth=1
    )
    line = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2, point=_points(days), color=colours["madang"])
        .encode(
            x=_time_axis(days, say),
            y=alt.Y(
                "net:Q", title=None, scale=scale, axis=alt.Axis(labelExpr=_SIGNED, tickCount=5)
            ),
        )
    )
    tips = [
        alt.Tooltip("label:N", title=say("chart.when")),
        alt.Tooltip("net:Q", title=say("figure.net_sentiment"), format="+.0f"),
        alt.Tooltip("mentions:Q", title=say("chart.mentions_a_day"), format=",.1f"),
    ]
    layers = [zero.encode(y="zero:Q"), line, _hover(frame, tips)]
    return finished(_over_gaps(layers, days, say, theme), theme)


def share_of_voice(
    rows: Sequence[tuple[str, int, float, float | None]], say: Words, theme: Theme
) -> Drawing:
    """Share of voice as lying bars; a row is a name, its mentions, share of one, net sentiment."""
    frame = pd.DataFrame(rows, columns=["name", "mentions", "share", "net"])
    frame["figure"] = [
        say("share.bar", share=formats.percent(share), net=formats.net(net))
        for _, _, share, net in rows
    ]
    frame["percent"] = frame["share"] * 100
    frame["full"] = [formats.number(mentions) for _, mentions, _, _ in rows]
    tips = {"name": "filter.product", "full": "figure.mentions", "figure": "chart.share"}
    return _lying(frame, "percent", tips, say, theme)


def parts(rows: Sequence[tuple[str, int, float]], say: Words, theme: Theme) -> Drawing:
    """Parts of a whole as lying bars; a row is a name, its mentions, and its share of one."""
    frame = pd.DataFrame(rows, columns=["name", "mentions", "share"])
    frame["figure"] = [f"{formats.number(n)} · {formats.percent(share)}" for _, n, share in rows]
    tips = {"name": "filter.source", "figure": "figure.mentions"}
    return _lying(frame, "mentions", tips, say, theme)


def arrivals(days: Days, say: Words, theme: Theme, height: int = 120) -> Drawing:
    """Mentions a day of one source, as one line from zero."""
    frame = _with_labels(days, say)
    line = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2, point=_points(days), color=TOKENS[theme]["madang"])
        .encode(
            x=_time_axis(days, say),
            y=alt.Y("mentions:Q", title=None, scale=alt.Scale(zero=True), axis=_count_axis(3)),
        )
    )
    tips = [
        alt.Tooltip("label:N", title=say("chart.when")),
        alt.Tooltip("mentions:Q", title=say("chart.mentions_a_day"), format=",.1f"),
    ]
    return finished(_over_gaps([line, _hover(frame, tips)], days, say, theme), theme, height=height)


def spread(values: Sequence[float], gap: float) -> list[float]:
    """Positions near `values`, in their order and at least `gap` apart: labels do not overlap."""
    placed = [0.0] * len(values)
    floor = float("-inf")
    for index in sorted(range(len(values)), key=lambda index: values[index]):
        floor = max(values[index], floor + gap)
        placed[index] = floor
    return placed


def _lying(
    frame: pd.DataFrame, length: str, tips: dict[str, str], say: Words, theme: Theme
) -> Drawing:
    """A bar a row of `frame`: its `name` before it, as long as `length`, its `figure` behind it.
    `tips` are the columns that a pointer shows, with the keys of their words."""
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "name:N",
            sort=None,
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=130, labelPadding=8),
        ),
        x=alt.X(
            f"{length}:Q",
            title=None,
            axis=None,
            scale=alt.Scale(domain=[0, float(frame[length].max()) * 1.6]),
        ),
        tooltip=[alt.Tooltip(f"{column}:N", title=say(key)) for column, key in tips.items()],
    )
    marks = base.mark_bar(cornerRadiusEnd=3, height=16, color=TOKENS[theme]["madang"])
    text = base.mark_text(align="left", dx=6, color=TOKENS[theme]["ink"], fontSize=13).encode(
        text="figure:N"
    )
    return finished(alt.layer(marks, text), theme, height=30 * len(frame) + 12)


def _with_labels(days: Days, say: Words) -> pd.DataFrame:
    frame = days.frame.copy()
    frame["label"] = [formats.day(moment.date(), say.language) for moment in frame["day"]]
    return frame


def _end_labels(frame: pd.DataFrame, names: dict[str, str], theme: Theme) -> alt.Chart:
    known = frame.dropna(subset=list(names))
    if known.empty:
        known = frame.fillna(0)
    top = float(known[list(names)].to_numpy().max()) or 1.0
    last = known.iloc[-1]
    at = spread([float(last[name]) for name in names], top * 0.09)
    labels = pd.DataFrame(
        {"day": [last["day"]] * len(names), "at": at, "text": list(names.values())}
    )
    mark: alt.Chart = alt.Chart(labels).mark_text(
        align="left", dx=6, fontSize=13, fontWeight=600, color=TOKENS[theme]["ink"]
    )
    named: alt.Chart = mark.encode(x=_UTC, y="at:Q", text="text:N")
    return named


def _points(days: Days) -> bool | alt.OverlayMarkDef:
    """Dots on a line that breaks: a day that was heard between two that were not is a dot alone."""
    return alt.OverlayMarkDef(size=12) if days.frame["mentions"].isna().any() else False


def _hover(frame: pd.DataFrame, tips: list[alt.Tooltip]) -> alt.Chart:
    """Broad, unseen rules that carry the tooltip of their moment, where there is one."""
    heard = frame.dropna(subset=["mentions"])
    rules: alt.Chart = alt.Chart(heard).mark_rule(strokeWidth=14, opacity=0)
    told: alt.Chart = rules.encode(x=_UTC, tooltip=tips)
    return told


def _over_gaps(layers: Sequence[alt.Chart], days: Days, say: Words, theme: Theme) -> Drawing:
    """The layers over bands where nothing, or not all, was collected; the hand that points at one
    is told what is missing."""
    if not days.unheard:
        return alt.layer(*layers)
    bands = (
        alt.Chart(gaps.bands(days.unheard, say))
        .mark_rect(color=TOKENS[theme]["neutral"], opacity=0.35)
        .encode(
            x=alt.X("begin:T", scale=alt.Scale(type="utc")),
            x2="end:T",
            tooltip=alt.Tooltip("told:N", title=say("gap.band")),
        )
    )
    return alt.layer(bands, *layers)


def _time_axis(days: Days, say: Words) -> alt.X:
    span = (days.frame["day"].iloc[-1] - days.frame["day"].iloc[0]).days
    if span > 1096:
        form = "%Y"
    elif span > 120:
        form = "%Y. %-m." if say.language == "ko" else "%b %Y"
    else:
        form = "%-m. %-d." if say.language == "ko" else "%-d %b"
    return alt.X(
        "day:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(format=form, tickCount=5, grid=False, labelFlush=True, labelOverlap="greedy"),
    )


def _count_axis(ticks: int = 4) -> alt.Axis:
    return alt.Axis(format=",~r", tickCount=ticks, tickMinStep=1)


def finished(chart: Drawing, theme: Theme, height: int = _HEIGHT) -> Drawing:
    """The chart with what all of them share: height, type, quiet axes."""
    colours = TOKENS[theme]
    finished: Drawing = (
        chart.properties(height=height)
        .configure(background="transparent", font=FONTS)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=colours["ink-soft"],
            labelFontSize=12,
            gridColor=colours["line"],
            domainColor=colours["line"],
            tickColor=colours["line"],
            domain=False,
        )
    )
    return finished
