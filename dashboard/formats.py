"""How the desk writes numbers and times, in Korean and in English."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, get_currency_precision

from dashboard.i18n import Words

_WEEK: Final = 7 * 86_400
_UNITS: Final = ((86_400, "time.days"), (3_600, "time.hours"), (60, "time.minutes"))
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def number(value: int) -> str:
    """A count in full, with commas: 638,622."""
    return f"{value:,}"


def short(value: int, language: str) -> str:
    """A count at a glance: in Korean 63.9만 and 3.4억 from ten thousand up, else in full."""
    if language != "ko" or abs(value) < 10_000:
        return number(value)
    unit, sign = (100_000_000, "억") if abs(value) >= 99_995_000 else (10_000, "만")
    return f"{value / unit:,.1f}".removesuffix(".0") + sign


def money(minor: int, currency: str, language: str) -> str:
    """An amount in minor units of its currency (ISO 4217): ₩1,260,000, US$12.50."""
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale="ko_KR" if language == "ko" else "en_US")


def percent(share: float) -> str:
    """A share of one as a percentage, with a decimal below ten: 0.034 is `3.4 %`."""
    points = share * 100
    return f"{points:.1f} %" if 0 < abs(points) < 9.95 else f"{points:.0f} %"


def signed(points: float) -> str:
    """A whole number with its sign, and a true minus: +12, −3, 0."""
    rounded = round(points)
    return "0" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded):,}"


def net(score: float | None) -> str:
    """Net sentiment (-1..1) as signed points of a hundred; a dash where nothing was read."""
    return "–" if score is None else signed(score * 100)


def day(value: date, language: str) -> str:
    """A calendar day: `2026. 11. 21.` or `21 Nov 2026`."""
    if language == "ko":
        return f"{value.year}. {value.month}. {value.day}."
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def exact(moment: datetime, zone: str, language: str) -> str:
    """A moment to the minute in the named zone, with the zone's name."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day(local.date(), language)} {local:%H:%M} ({zone})"


def hour(moment: datetime, now: datetime, zone: str, words: Words) -> str:
    """An hour of today or yesterday as it is said, in the zone; an earlier one with its day."""
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = (today - local.date()).days
    if days in (0, 1):
        return words("time.today" if days == 0 else "time.yesterday", time=f"{local:%H:%M}")
    return f"{day(local.date(), words.language)} {local:%H:%M}"


def when(moment: datetime, now: datetime, zone: str, words: Words) -> str:
    """How long ago, up to a week; then the day."""
    seconds = (now - moment).total_seconds()
    if not 0 <= seconds < _WEEK:
        return day(moment.astimezone(ZoneInfo(zone)).date(), words.language)
    if seconds < 60:
        return words("time.now")
    unit, key = next(pair for pair in _UNITS if seconds >= pair[0])
    ago = int(seconds // unit)
    return words(key, count=ago, n=ago)
