"""The sentences a screen begins with: what changed against the period before, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dashboard import changes, formats
from dashboard.changes import Change, Direction
from dashboard.charts import Days
from dashboard.i18n import Words
from warehouse.queries import Alert, Compared, Totals

_VOLUME: Final[dict[Direction, str]] = {
    "up": "said.volume_up",
    "down": "said.volume_down",
    "same": "said.volume_same",
    "few": "said.volume_few",
}
_MOOD: Final[dict[Direction, str]] = {
    "up": "said.mood_up",
    "down": "said.mood_down",
    "same": "said.mood_same",
    "few": "said.mood_few",
}


_SPEAKABLE: Final = 0.5  # usual mentions from which "so many times as many" says something
_WORDS: Final = 3
_MANY_COPIES: Final = 0.2
_BUCKETS: Final = {"week": "chart.week", "month": "chart.month"}


@dataclass(frozen=True)
class Voice:
    """One product's part in what was said; `product` is None for all the others together."""

    product: str | None
    mentions: int
    share: float
    net_sentiment: float | None


@dataclass(frozen=True)
class Mover:
    """A product's mentions in a period and in the one before it."""

    product: str
    mentions: int
    before: int
    net_sentiment: float | None


def of_volume(compared: Compared, days: int, say: Words) -> str:
    """How much was said, and how that compares."""
    now, then = compared.now.mentions, compared.before.mentions
    change = changes.of_counts(now, then)
    return say(
        _VOLUME[change.direction], count=now, n=formats.number(now), days=days,
        share=formats.percent(abs(change.amount)), before=formats.number(then),
    )  # fmt: skip


def of_mood(compared: Compared, say: Words) -> str:
    """How it was meant, and how that compares."""
    change = changes.of_net_sentiment(compared.now, compared.before)
    return say(
        _MOOD[change.direction], net=formats.net(compared.now.net_sentiment),
        points=f"{abs(change.amount) * 100:.0f}", before=formats.net(compared.before.net_sentiment),
    )  # fmt: skip


def of_products(voices: Sequence[Voice], movers: Sequence[Mover], say: Words) -> str | None:
    """The product that moved most, if one moved more than chance would; else the leading one."""
    for mover in movers:
        change = changes.of_counts(mover.mentions, mover.before)
        if change.told:
            return say(
                "said.product_up" if change.direction == "up" else "said.product_down",
                product=mover.product, before=formats.number(mover.before),
                n=formats.number(mover.mentions), net=formats.net(mover.net_sentiment),
            )  # fmt: skip
    first = next((voice for voice in voices if voice.product), None)
    if first is None:
        return None
    return say(
        "said.product_first", product=first.product, share=formats.percent(first.share),
        net=formats.net(first.net_sentiment),
    )  # fmt: skip


def of_whole(totals: Totals, first_day: str, voices: Sequence[Voice], say: Words) -> list[str]:
    """What may be said of all there is, which has no period before it."""
    lines = [
        say("said.whole", count=totals.mentions, n=formats.number(totals.mentions), day=first_day),
        say("said.mood_whole", net=formats.net(totals.net_sentiment)),
    ]
    product = of_products(voices, (), say)
    return [*lines, product] if product else lines


def in_words(change: Change, say: Words, relative: bool) -> tuple[str, str]:
    """A figure's change as words, and the mark that warns of a small sample ("" without need).

    A relative change is told in percent, an absolute one in points of a hundred.
    """
    if change.direction == "few":
        return "", say("change.few")
    if change.direction == "same":
        return say("change.same"), ""
    up = change.direction == "up"
    if relative:
        size = formats.percent(abs(change.amount))
        return say("change.up" if up else "change.down", size=size), ""
    points = abs(change.amount) * 100
    size = say("change.points", n=f"{points:.1f}" if points < 1 else f"{points:.0f}")
    return say("change.risen" if up else "change.fallen", size=size), ""


def of_peak(days: Days, say: Words) -> str | None:
    """When the negative mentions were most; None where there were none."""
    frame = days.frame
    if not frame["negative"].max() > 0:
        return None
    most = frame["day"].iloc[int(frame["negative"].fillna(0).to_numpy().argmax())]
    day = formats.day(most.date(), say.language)
    if days.bucket == "day":
        return say("said.peak_day", day=day)
    return say("said.peak", day=day, bucket=say(_BUCKETS[days.bucket]))


def of_range(days: Days, say: Words) -> str | None:
    """Between what net sentiment moved; None where fewer than two points of it are known."""
    known = days.frame["net"].dropna()
    if len(known) < 2:
        return None
    return say("said.range", low=formats.signed(known.min()), high=formats.signed(known.max()))


def of_alert(alert: Alert, now: datetime, zone: str, say: Words) -> list[str]:
    """What an alert says: since when, how much against what is usual, of what, from where."""
    since = formats.hour(alert.window_start, now, zone, say)
    seen, usual = formats.number(alert.seen), f"{alert.expected:,.1f}"
    times = alert.seen / alert.expected if alert.expected >= _SPEAKABLE else None
    key = "alert.said" if times else "alert.said_from_none"
    lines = [
        say(
            key, count=alert.seen, product=alert.product, since=since, seen=seen, usual=usual,
            times=f"{times:.1f}" if times else "",
        )
    ]  # fmt: skip
    if alert.terms:
        words = ", ".join(f"'{term}'" for term in alert.terms[:_WORDS])
        lines.append(say("alert.terms", words=words))
    if alert.share_of_copies is not None and alert.share_of_copies >= _MANY_COPIES:
        lines.append(say("alert.copies", share=formats.percent(alert.share_of_copies)))
    return lines
