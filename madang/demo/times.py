"""When things happen in the demo market: by day of the week, by hour, as Koreans live."""

from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

KOREA: Final = timedelta(hours=9)
# How much is written in each local hour: little at night, most in the evening; and what reaches an
# office that opens from nine to six.
PUBLIC_HOURS: Final = (
    3, 2, 1, 1, 1, 2, 4, 7, 9, 9, 9, 10, 12, 10, 9, 9, 9, 10, 12, 14, 16, 17, 14, 8,
)  # fmt: skip
OFFICE_HOURS: Final = (
    0, 0, 0, 0, 0, 0, 0, 1, 3, 14, 16, 14, 9, 12, 14, 13, 11, 7, 3, 2, 1, 1, 0, 0,
)  # fmt: skip
PUBLIC_WEEK: Final = (1.06, 1.04, 1.0, 0.98, 0.95, 0.92, 1.05)  # from Monday
OFFICE_WEEK: Final = (1.5, 1.25, 1.1, 1.05, 1.1, 0.25, 0.1)
GROWTH: Final = 0.25  # more is said on the last day than on the first, by this share
UNREST: Final = 0.08  # the spread of one day's volume around its due (log-normal)


@dataclass(frozen=True)
class Calendar:
    """Moments of the `days` local days that end with the one of `until` (aware, UTC)."""

    until: datetime
    days: int

    @property
    def midnight(self) -> datetime:
        """When the last local day began."""
        local = self.until.astimezone(UTC) + KOREA
        return local.replace(hour=0, minute=0, second=0, microsecond=0) - KOREA

    def hours_before(self, hours: float) -> datetime:
        return self.until - timedelta(hours=hours)

    def sampler(self, rng: Random, office: bool) -> "Sampler":
        """A source of moments with the shape of public talk, or of an office's hours."""
        week = OFFICE_WEEK if office else PUBLIC_WEEK
        hours = OFFICE_HOURS if office else PUBLIC_HOURS
        today = (self.midnight + KOREA).weekday()
        passed = (self.until - self.midnight) / timedelta(hours=1)
        weights = []
        for before in range(self.days):
            due = week[(today - before) % 7] * (1 + GROWTH * (1 - before / self.days))
            weights.append(due * rng.lognormvariate(0, UNREST))
        weights[0] *= sum(hours[: int(passed)]) / sum(hours)
        return Sampler(self, tuple(accumulate(weights)), tuple(accumulate(hours)))


@dataclass(frozen=True)
class Sampler:
    """Moments by chance; `days` and `hours` are cumulative weights."""

    calendar: Calendar
    days: tuple[float, ...]
    hours: tuple[float, ...]

    def draw(self, rng: Random) -> datetime:
        return self.on(rng, bisect(self.days, rng.random() * self.days[-1]))

    def on(self, rng: Random, before: int) -> datetime:
        """A moment of the day that was `before` days before the last."""
        day = self.calendar.midnight - timedelta(days=before)
        for _ in range(50):
            hour = bisect(self.hours, rng.random() * self.hours[-1])
            at = day + timedelta(hours=hour, seconds=rng.randrange(3600))
            if at <= self.calendar.until:
                return at
        return self.calendar.until - timedelta(seconds=rng.randrange(60))
