"""The loop turning by itself while the desk runs: by the clock, and when a stream has landed."""

import importlib
import threading
import time
from typing import TYPE_CHECKING

from madang.loop import House, turn

if TYPE_CHECKING:
    from madang.schedule import Schedule


class Turning:
    """Begun after the first page can be had, for it is in no hurry."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._schedule: Schedule | None = None
        self._ended = False
        self._one = threading.Lock()

    def begin(self) -> None:
        """Load what the schedule and the screens' charts need, start turning, and listen."""
        from madang.schedule import Schedule

        settings = self._house.settings
        path, minutes = settings.var / "schedule.sqlite", settings.schedule.minutes
        schedule = Schedule(path, minutes, self._go_round)
        with self._one:
            if not self._ended:
                schedule.start()
                self._schedule = schedule
                if minutes:
                    self._house.streams.begin(schedule.soon)
        importlib.import_module("dashboard.charts")

    def _go_round(self, is_due: bool) -> None:
        """One turn, in which sources are asked when that is due; on while history is read again."""
        every = self._house.settings.schedule.minutes * 60
        asked = time.monotonic()
        turned = turn(self._house, collect=is_due)
        while turned["rereading"] is not None and turned["annotated"] and not self._ended:
            due = time.monotonic() - asked >= every
            asked = time.monotonic() if due else asked
            turned = turn(self._house, collect=due)

    def end(self) -> None:
        """Start no further turn, and listen no more."""
        with self._one:
            self._ended = True
            if self._schedule is not None:
                self._schedule.stop()
        self._house.streams.end()
