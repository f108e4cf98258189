"""The period picker and the filters above a screen, and the warehouse's Filter they amount to."""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import cards, formats, meanings, searching
from dashboard.context import Visit
from warehouse import queries
from warehouse.queries import Extent, Filter

PERIODS: Final[dict[str, str]] = {
    "7": "period.7",
    "30": "period.30",
    "90": "period.90",
    "all": "period.all",
    "custom": "period.custom",
}
SENTIMENTS: Final[dict[str, str]] = {
    "positive": "sentiment.positive",
    "neutral": "sentiment.neutral",
    "negative": "sentiment.negative",
    "unread": "sentiment.unread",
}
LANGUAGES: Final[dict[str, str]] = {"ko": "language.ko", "en": "language.en"}
EITHER: Final[dict[str, str]] = {"without": "filter.without", "only": "filter.only"}
# The keys of what is understood, by their names in an address that leads to the mentions.
ADDRESSED: Final[dict[str, str]] = {
    "aspect": "aspects",
    "polarity": "polarity",
    "intent": "intents",
    "emotion": "emotions",
    "sponsored": "sponsored",
    "spam": "spam",
}
UNDERSTOOD: Final = tuple(ADDRESSED.values())
TRACKER, TRACKERS = "tracker", "trackers"  # in an address, and the key of the choice
ASPECTS: Final = 60  # offered in the list; any other may be typed
PRODUCTS: Final = 200  # offered in the list; any other may be typed
FRESH: Final = timedelta(days=7)


@dataclass(frozen=True)
class Period:
    """The days a screen speaks of, both included.

    `anchored` is true when they end with the data rather than today; `whole` for all of it.
    """

    since: date
    until: date
    whole: bool
    anchored: bool

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1


def today(visit: Visit) -> date:
    """This day in the desk's zone."""
    return visit.now.astimezone(ZoneInfo(visit.desk.zone)).date()


def last_day(extent: Extent, today: date) -> date:
    """The day a period ends with: today, or the newest mention's when that is over a week old."""
    newest = extent.last
    return today if newest is None or today - newest <= FRESH else newest


def period_of(choice: str, chosen: tuple[date, date] | None, extent: Extent, today: date) -> Period:
    """The days of a choice: the last 7, 30 or 90, all there are, or the two days chosen."""
    end = last_day(extent, today)
    anchored = end != today
    if choice == "all":
        return Period(extent.first or end, extent.last or end, True, anchored)
    if choice == "custom":
        since, until = chosen or (end - timedelta(days=29), end)
        return Period(since, until, False, False)
    return Period(end - timedelta(days=int(choice) - 1), end, False, anchored)


def pick_period(visit: Visit, extent: Extent) -> Period:
    """Draw the period picker and give what it says; the choice lasts for the session."""
    say, day = visit.say, today(visit)
    choice = st.segmented_control(
        say("filter.period"), list(PERIODS), default="30", required=True, key="period",
        format_func=_named(visit, PERIODS), label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    chosen: tuple[date, date] | None = None
    if choice == "custom":
        end = last_day(extent, day)
        days = st.date_input(
            say("filter.days"), (max(extent.first or end, end - timedelta(days=29)), end),
            min_value=extent.first, max_value=max(day, end), key="days", persist_state="session",
        )  # fmt: skip
        if not isinstance(days, tuple) or len(days) != 2:
            st.html(cards.note(say("filter.second_day")))
            st.stop()
        chosen = days
    return period_of(choice or "30", chosen, extent, day)


def pick_filter(
    visit: Visit, period: Period, mentions: bool = False, trackers: bool = True
) -> Filter:
    """Draw the filters behind one button and give the Filter they and the period amount to.

    With `mentions` also those that choose single mentions: sentiment, and what is understood;
    without `trackers` not these: a screen that reads figures by day alone cannot be narrowed so.
    """
    say = visit.say
    offered = queries.choices(visit.warehouse, products=PRODUCTS)
    chosen = st.session_state
    keys = ["sources", "products", "langs"]
    keys += [TRACKERS] * trackers + [*UNDERSTOOD] * mentions
    active = sum(bool(chosen.get(key)) for key in keys)
    understood = Filter()
    label = say("filter.some", n=active) if active else say("filter.none")
    with st.popover(label, icon=":material/tune:"):
        of_sources = st.multiselect(
            say("filter.source"), list(offered.sources), key="sources", persist_state="session",
            placeholder=say("filter.any"),
        )  # fmt: skip
        of_products = st.multiselect(
            say("filter.product"), list(offered.products), key="products",
            persist_state="session", accept_new_options=True, placeholder=say("filter.any"),
        )  # fmt: skip
        of_langs = st.multiselect(
            say("filter.language"), list(offered.langs), key="langs", persist_state="session",
            format_func=_named(visit, LANGUAGES), placeholder=say("filter.any"),
        )  # fmt: skip
        tracked = _pick_trackers(visit) if trackers else Filter()
        if mentions:
            understood = _pick_understood(visit, period)
    of_sentiments: list[str] = []
    if mentions:
        of_sentiments = st.pills(
            say("filter.sentiment"), list(SENTIMENTS), selection_mode="multi", key="sentiments",
            format_func=_named(visit, SENTIMENTS), label_visibility="collapsed",
            persist_state="session",
        ) or []  # fmt: skip
    return replace(
        understood,
        since=period.since,
        until=period.until,
        sources=tuple(of_sources),
        products=tuple(of_products),
        langs=tuple(of_langs),
        trackers=tracked.trackers,
        query=tracked.query,
        sentiments=tuple(of_sentiments),
    )


def _pick_trackers(visit: Visit) -> Filter:
    """The trackers one of which must have found a mention; no choice where there is no tracker.

    One that was saved a moment ago has no hits yet: while it has none, the queries are asked.
    """
    names = {each.tracker_id: each.name for each in visit.desk.tracking.trackers(False)}
    # One that a colleague retired since is no longer a choice, and would be an error.
    kept = [each for each in st.session_state.get(TRACKERS) or [] if each in names]
    st.session_state[TRACKERS] = kept
    if not names:
        return Filter()
    chosen = st.multiselect(
        visit.say("filter.tracker"), list(names), key=TRACKERS, persist_state="session",
        format_func=names.__getitem__, placeholder=visit.say("filter.any"),
    )  # fmt: skip
    if set(chosen) <= queries.counted_trackers(visit.warehouse):
        return Filter(trackers=tuple(chosen))
    return Filter(query=searching.any_of(searching.of_trackers(visit, chosen)))


def take_address() -> None:
    """Choose what the address asks for, in place of what was chosen before of these filters."""
    several = {"aspects", "intents", "emotions", TRACKERS}
    addressed = {**ADDRESSED, TRACKER: TRACKERS}
    if not any(name in st.query_params for name in addressed):
        return
    known: dict[str, Container[str]] = {
        "intents": {**meanings.INTENTS, **meanings.LIFE_EVENTS}, "emotions": meanings.EMOTIONS,
        "polarity": meanings.POLARITIES, "sponsored": EITHER, "spam": EITHER,
    }  # fmt: skip
    for name, key in addressed.items():
        asked = [v for v in st.query_params.get_all(name) if key not in known or v in known[key]]
        one = asked[-1] if asked else None
        st.session_state[key] = asked if key in several else one
        if name in st.query_params:
            del st.query_params[name]


def _pick_understood(visit: Visit, period: Period) -> Filter:
    say = visit.say
    common = queries.aspects(
        visit.warehouse, Filter(since=period.since, until=period.until), ASPECTS
    )
    offered = common.column("aspect").to_pylist()
    chosen = [a for a in st.session_state.get("aspects") or [] if a not in offered]
    aspects = st.multiselect(
        say("filter.aspect"), [*offered, *chosen], key="aspects", persist_state="session",
        accept_new_options=True, placeholder=say("filter.any"),
        format_func=lambda a: meanings.aspect_name(a, visit.desk.aspect_names, visit.language),
    )  # fmt: skip
    polarity = st.segmented_control(
        say("filter.polarity"), list(meanings.POLARITIES)[::-1], key="polarity",
        persist_state="session", format_func=_named(visit, meanings.POLARITIES),
    )  # fmt: skip
    wants = {**meanings.INTENTS, **meanings.LIFE_EVENTS}
    intents = st.multiselect(
        say("filter.intent"), list(wants), key="intents", persist_state="session",
        format_func=_named(visit, wants), placeholder=say("filter.any"),
    )  # fmt: skip
    emotions = st.multiselect(
        say("filter.emotion"), list(meanings.EMOTIONS), key="emotions", persist_state="session",
        format_func=_named(visit, meanings.EMOTIONS), placeholder=say("filter.any"),
    )  # fmt: skip
    return Filter(
        aspects=tuple(aspects),
        polarity=polarity,
        intents=tuple(intents),
        emotions=tuple(emotions),
        sponsored=_either(visit, "sponsored"),
        spam=_either(visit, "spam"),
    )


def _either(visit: Visit, mark: str) -> bool | None:
    """Only mentions of a mark, all but these, or (None) both."""
    chosen = st.segmented_control(
        visit.say(meanings.MARKS[mark]), list(EITHER), key=mark, persist_state="session",
        format_func=_named(visit, EITHER),
    )  # fmt: skip
    return None if chosen is None else chosen == "only"


def said(period: Period, here: Visit) -> str:
    """The period in words, and plainly so when it ends with the data and not today."""
    days = span(period, here.language)
    if not period.anchored:
        return days
    return here.say("period.anchored", span=days, day=formats.day(period.until, here.language))


def span(period: Period, language: str) -> str:
    """The period as its two days."""
    return f"{formats.day(period.since, language)} – {formats.day(period.until, language)}"


def _named(visit: Visit, names: dict[str, str]) -> Callable[[str], str]:
    return lambda value: visit.say(names[value]) if value in names else value
