"""When the loop turns by itself while the desk runs.

The scheduler keeps its next run in a file, so that a run missed while the desk was down is made up
for, once, at the next start. It only says that a turn is due: the work is done in one thread of the
desk's own, so that nothing that is pickled needs to reach the open warehouse.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

TURN: Final = "turn"
GATHERED: Final = 5.0  # seconds in which several that ask for a turn ask for the same one
BETWEEN: Final = 15.0  # seconds at least between the end of a turn and the next that was asked for
log = structlog.get_logger()


def due(what: str) -> str:
    """What the scheduler runs: it says the name of what is due, and the desk hears it."""
    return what


class Schedule:
    """Runs `work` in a thread every `minutes` (never for 0), the last run remembered at `path`.

    `work` is told whether its time has come: else it was asked for between times, by `soon`.
    """

    def __init__(self, path: Path, minutes: int, work: Callable[[bool], object]) -> None:
        self._minutes = minutes
        self._work = work
        self._wanted = threading.Event()
        self._due = threading.Event()
        self._rested_at = 0.0
        self._stopping = False
        self._worker = threading.Thread(target=self._turn_when_due, name="turns", daemon=True)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": SQLAlchemyJobStore(url=f"sqlite:///{path}")},
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone=UTC,
        )
        self._scheduler.add_listener(self._heard, EVENT_JOB_EXECUTED)

    def start(self) -> None:
        """Begin; a run that was missed is due at once, and so is the very first."""
        self._worker.start()
        self._scheduler.start(paused=True)
        job = self._scheduler.get_job(TURN)
        if self._minutes == 0:
            if job is not None:
                job.remove()
        elif job is None:
            self._add(datetime.now(UTC))
        elif job.trigger.interval != timedelta(minutes=self._minutes):
            soon = datetime.now(UTC) + timedelta(minutes=self._minutes)
            self._add(min(job.next_run_time, soon))
        self._scheduler.resume()

    def stop(self) -> None:
        """Start no further run; one that is under way is not waited for."""
        self._stopping = True
        self._scheduler.shutdown(wait=False)
        self._due.set()
        self._wanted.set()

    def soon(self) -> None:
        """Ask for a run between times: it begins within seconds, unless one has just ended."""
        self._wanted.set()

    def _add(self, first: datetime) -> None:
        self._scheduler.add_job(
            due,
            IntervalTrigger(minutes=self._minutes, timezone=UTC),
            args=[TURN],
            id=TURN,
            next_run_time=first,
            replace_existing=True,
        )

    def _heard(self, event: Any) -> None:
        if event.retval == TURN:
            self._due.set()
            self._wanted.set()

    def _turn_when_due(self) -> None:
        while True:
            self._wanted.wait()
            if not self._due.is_set():
                self._due.wait(max(GATHERED, self._rested_at - time.monotonic()))
            is_due = self._due.is_set()
            self._wanted.clear()
            self._due.clear()
            if self._stopping:
                return
            began = time.monotonic()
            try:
                self._work(is_due)
            except Exception:
                # Said in the log and tried again at the next time; the desk goes on.
                if not self._stopping:
                    log.exception("scheduled_turn_failed")
            ended = time.monotonic()
            # A turn that takes long must not take every moment.
            self._rested_at = ended + max(BETWEEN, ended - began)
