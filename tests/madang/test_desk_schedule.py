"""The desk's schedule: what was missed is made up for once, and a failing turn stops nothing."""

import pickle
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from madang.schedule import BETWEEN, Schedule

SOON = 20.0  # seconds within which what is due must have been done
QUIET = 1.0  # seconds in which nothing may happen that is not due


class Work:
    """Counts its runs, as the loop's turn would take place."""

    def __init__(self, failing: bool = False) -> None:
        self.runs = threading.Semaphore(0)
        self.failing = failing
        self.was_due: list[bool] = []

    def __call__(self, is_due: bool) -> None:
        self.was_due.append(is_due)
        self.runs.release()
        if self.failing:
            raise RuntimeError("a source is broken")

    def ran(self, within: float) -> bool:
        return self.runs.acquire(timeout=within)


def next_run(path: Path) -> float:
    with closing(sqlite3.connect(path)) as store:
        (when,) = store.execute("SELECT next_run_time FROM apscheduler_jobs").fetchone()
    return float(when)


def pretend_next_run(path: Path, when: datetime) -> None:
    """Write the next run as an older desk would have left it."""
    with closing(sqlite3.connect(path)) as store, store:
        (state,) = store.execute("SELECT job_state FROM apscheduler_jobs").fetchone()
        job = pickle.loads(state)
        job["next_run_time"] = when
        store.execute(
            "UPDATE apscheduler_jobs SET next_run_time = ?, job_state = ?",
            (when.timestamp(), pickle.dumps(job)),
        )


def test_the_first_run_is_at_once_and_the_next_is_kept(tmp_path: Path) -> None:
    path, work = tmp_path / "schedule.sqlite", Work()
    schedule = Schedule(path, 60, work)
    schedule.start()
    assert work.ran(SOON)
    schedule.stop()
    due = next_run(path)
    assert timedelta(minutes=55) < datetime.fromtimestamp(due, UTC) - datetime.now(UTC)
    again = Schedule(path, 60, work)
    again.start()
    assert not work.ran(QUIET), "nothing was missed"
    again.stop()
    assert next_run(path) == due, "starting again must not put the next run off"


def test_many_missed_runs_are_made_up_for_once(tmp_path: Path) -> None:
    path, work = tmp_path / "schedule.sqlite", Work()
    schedule = Schedule(path, 60, work)
    schedule.start()
    assert work.ran(SOON)
    schedule.stop()
    pretend_next_run(path, datetime.now(UTC) - timedelta(days=3))
    again = Schedule(path, 60, work)
    again.start()
    assert work.ran(SOON)
    assert not work.ran(QUIET)
    again.stop()
    assert next_run(path) > datetime.now(UTC).timestamp()


def test_a_shorter_interval_takes_effect(tmp_path: Path) -> None:
    path, work = tmp_path / "schedule.sqlite", Work()
    for minutes in (600, 5):
        schedule = Schedule(path, minutes, work)
        schedule.start()
        schedule.stop()
    assert next_run(path) <= (datetime.now(UTC) + timedelta(minutes=5)).timestamp()


def test_no_minutes_mean_no_turns(tmp_path: Path) -> None:
    path, work = tmp_path / "schedule.sqlite", Work()
    schedule = Schedule(path, 60, work)
    schedule.start()
    assert work.ran(SOON)
    schedule.stop()
    pretend_next_run(path, datetime.now(UTC) - timedelta(days=3))
    never = Schedule(path, 0, work)
    never.start()
    assert not work.ran(QUIET)
    never.stop()
    with closing(sqlite3.connect(path)) as store:
        assert store.execute("SELECT count(*) FROM apscheduler_jobs").fetchone() == (0,)


def test_a_turn_that_fails_does_not_stop_the_next(tmp_path: Path) -> None:
    path, work = tmp_path / "schedule.sqlite", Work(failing=True)
    schedule = Schedule(path, 60, work)
    schedule.start()
    assert work.ran(SOON)
    job = schedule._scheduler.get_job("turn")
    job.modify(next_run_time=datetime.now(UTC))
    assert work.ran(SOON)
    schedule.stop()


def test_what_is_asked_for_between_times_is_done_once_for_all(tmp_path: Path) -> None:
    work = Work()
    schedule = Schedule(tmp_path / "schedule.sqlite", 60, work)
    schedule.start()
    assert work.ran(SOON)
    for _ in range(20):
        schedule.soon()
    assert work.ran(BETWEEN + SOON)
    assert not work.ran(QUIET)
    assert work.was_due == [True, False]
    schedule.stop()
