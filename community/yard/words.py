"""Times and counts as people say them: relative up to a week, large Korean counts in 만 and 억."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

WEEK: Final = timedelta(days=7)


def time_ago(moment: datetime, now: datetime | None = None) -> str:
    """'3시간 전' within a week, and then the day in the instance's zone."""
    passed = (now or timezone.now()) - moment
    if passed >= WEEK:
        return day(moment)
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return _spell(ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes), minutes)
    hours = minutes // 60
    if hours < 24:
        return _spell(ngettext("%(n)s hour ago", "%(n)s hours ago", hours), hours)
    days = hours // 24
    return _spell(ngettext("%(n)s day ago", "%(n)s days ago", days), days)


def day(moment: datetime) -> str:
    """A day in the instance's zone: '2026. 11. 21.' or '21 Nov 2026'."""
    local = timezone.localtime(moment)
    if translation.get_language() == "ko":
        return f"{local.year}. {local.month}. {local.day}."
    return f"{local.day} {local:%b %Y}"


def exact_time(moment: datetime) -> str:
    """The day, the minute and the zone, for those who hover."""
    local = timezone.localtime(moment)
    return f"{day(moment)} {local:%H:%M} {local.tzname()}"


def short_count(number: int) -> str:
    """1,234; in Korean 1.2만 and 3.4억 from ten thousand on."""
    if translation.get_language() == "ko":
        for unit, name in ((100_000_000, "억"), (10_000, "만")):
            if number >= unit:
                tenths = number * 10 // unit
                return f"{tenths // 10:,}{f'.{tenths % 10}' if tenths % 10 else ''}{name}"
    return f"{number:,}"


def _spell(sentence: str, n: int) -> str:
    return sentence % {"n": n}
