"""The hours of an alert: what was seen as bars, against a line and a band of what is usual."""

from typing import Final

import altair as alt
import pandas as pd
import pyarrow as pa

from dashboard.charts import Drawing, finished
from dashboard.i18n import Words
from dashboard.tokens import TOKENS, Theme

_HEIGHT: Final = 220
_UTC: Final = alt.X("at:T", scale=alt.Scale(type="utc"))


def alert_hours(series: pa.Table, say: Words, theme: Theme) -> Drawing:
    """The series of `warehouse.queries.AlertPage`: the hours of the alert in the negative colour,
    the others grey, over the band in which 95 of 100 ordinary hours lie."""
    colours = TOKENS[theme]
    frame = _frame(series)
    form = "%-m. %-d." if say.language == "ko" else "%-d %b"
    axis = alt.Axis(format=form, tickCount=6, grid=False, labelOverlap="greedy")
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=axis)
    count = alt.Axis(format=",~r", tickCount=4, tickMinStep=1)
    band = (
        alt.Chart(frame)
        .mark_area(interpolate="step-after", color=colours["neutral"], opacity=0.35)
        .encode(x=x, y=alt.Y("low:Q", title=None, axis=count), y2="high:Q")
    )
    bars = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=3)
        .encode(
            x=_UTC,
            y=alt.Y("seen:Q", scale=alt.Scale(zero=True)),
            y2=alt.datum(0),
            color=alt.condition(
                "datum.in_window", alt.value(colours["negative"]), alt.value(colours["ink-soft"])
            ),
        )
    )
    usual = (
        alt.Chart(frame)
        .mark_line(interpolate="step-after", strokeWidth=1.5, color=colours["ink"])
        .encode(x=_UTC, y="expected:Q")
    )
    tips = [
        alt.Tooltip("at:T", title=say("chart.when"), format="%Y-%m-%d %H:%M"),
        alt.Tooltip("seen:Q", title=say("alert.seen")),
        alt.Tooltip("expected:Q", title=say("alert.expected"), format=",.1f"),
        alt.Tooltip("high:Q", title=say("alert.high"), format=",.0f"),
    ]
    hover = (
        alt.Chart(frame.dropna(subset=["seen"]))
        .mark_rule(strokeWidth=8, opacity=0)
        .encode(x=_UTC, tooltip=tips)
    )
    layers = [*_unheard(frame, say, theme), band, usual, bars, hover]
    return finished(alt.layer(*layers), theme, height=_HEIGHT)


def _unheard(frame: pd.DataFrame, say: Words, theme: Theme) -> list[alt.Chart]:
    """A grey band over the hours that were not collected, if there are any."""
    deaf = frame.loc[frame["seen"].isna(), ["at"]]
    if deaf.empty:
        return []
    rows = deaf.assign(ends=deaf["at"] + pd.Timedelta(hours=1), told=say("gap.band"))
    band: alt.Chart = (
        alt.Chart(rows)
        .mark_rect(color=TOKENS[theme]["neutral"], opacity=0.35)
        .encode(x=_UTC, x2="ends:T", tooltip=alt.Tooltip("told:N", title=say("chart.when")))
    )
    return [band]


def _frame(series: pa.Table) -> pd.DataFrame:
    """Hours as they stand on a clock of the instance's zone, which the chart takes for UTC."""
    frame = series.rename_columns(
        ["at" if name == "hour" else name for name in series.column_names]
    ).to_pandas()
    frame["at"] = frame["at"].dt.tz_localize(None)
    return frame
