"""`madang doctor`: what is ready, what is not, and the one thing that mends it."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from madang import hearing
from madang.loop import House, annotator_version
from madang.process import running_as
from madang.supervisor import yard_answers
from nlp.errors import NlpError
from warehouse import annotations, queries

State = Literal["ready", "absent", "warning", "failed"]
LOW_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Check:
    """One thing examined; `mend` is empty where there is nothing to do.

    `notes` are sentences to know beside it, `details` its figures by name, for programs.
    """

    name: str
    state: State
    says: str
    mend: str = ""
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


def examined(house: House) -> list[Check]:
    """Every check of an open house, in the order a person would ask."""
    steps: tuple[Callable[[House], Iterator[Check]], ...] = (
        _instance,
        _processes,
        _annotator,
        _landing,
        _warehouse,
        _sources,
        _community,
    )
    return [check for step in steps for check in step(house)]


def _instance(house: House) -> Iterator[Check]:
    settings = house.settings
    written = (settings.home / "madang.toml").exists()
    yield Check(
        "instance",
        "ready",
        f"{settings.home}, days in {settings.zone}"
        + ("" if written else "; no madang.toml, so every setting is at its default"),
    )
    free = shutil.disk_usage(settings.var).free
    enough = free > LOW_DISK_BYTES
    yield Check(
        "disk",
        "ready" if enough else "warning",
        f"{free / 1e9:.1f} GB free",
        "" if enough else f"Make room on the disk that holds {settings.var}.",
    )


def _processes(house: House) -> Iterator[Check]:
    """The desk, the yard and the worker; a command of its own may be asked while none runs."""
    settings = house.settings
    up = running_as(settings, "desk") is not None
    for name, process in (("desk", "desk"), ("yard", "web"), ("worker", "worker")):
        runs = running_as(settings, process) is not None
        if not up:
            says = "running without the desk" if runs else "not running"
            yield Check(name, "absent", says, "Run: madang up")
        elif not runs or (name == "yard" and not yard_answers(settings)):
            says = "running, but it does not answer" if runs else "down, although the desk is up"
            log = settings.var / "logs" / f"{process}.log"
            yield Check(name, "failed", says, f"See {log}; it is started again by: madang up")
        else:
            yield Check(name, "ready", "running")


def _annotator(house: House) -> Iterator[Check]:
    try:
        yield Check("annotator", "ready", annotator_version(house.settings))
    except NlpError as error:
        yield Check("annotator", "failed", str(error), "Mend [annotator] in madang.toml.")


def _landing(house: House) -> Iterator[Check]:
    batches = house.landing.batches()
    yield Check("landing", "ready", f"{len(batches):,} batches")
    for aside in house.landing.aside():
        yield Check(
            f"set aside: {aside.path.name}",
            "warning",
            aside.reason,
            "Run the source or the import again, then delete the file.",
        )


def _warehouse(house: House) -> Iterator[Check]:
    known = queries.extent(house.warehouse)
    yield Check("warehouse", "ready", f"{known.mentions:,} mentions, {known.first} to {known.last}")
    try:
        waiting = annotations.count_pending(house.warehouse, annotator_version(house.settings))
    except NlpError:
        return  # said by the annotator's own check
    going = annotations.rereading(house.warehouse)
    if going is not None:
        yield Check(
            "reading again",
            "warning",
            f"{going.share:.0%} of {going.total:,} mentions are read by {going.version}; "
            f"until all are, screens show what {going.shown} read",
            "It goes on by itself while the desk runs; or run: madang run",
        )
    yield Check(
        "unread",
        "warning" if waiting else "ready",
        f"{waiting:,} mentions are not annotated by the current version",
        "Run: madang run" if waiting else "",
    )


def _sources(house: House) -> Iterator[Check]:
    for health in hearing.examined(house):
        yield Check(
            f"source {health.source}",
            health.state,
            health.says,
            health.mend,
            health.notes,
            health.details,
        )


def _community(house: House) -> Iterator[Check]:
    """What the community could not send, and what it could not make sense of."""
    with house.community():
        from community.queries import failed_deliveries, refused_findings, waiting_deliveries

        waiting, failed = waiting_deliveries(), failed_deliveries()
        refused = refused_findings()
    held = [line for line in waiting if line.state == "held"]
    says = f"{len(waiting) - len(held)} waiting, {len(held)} held, {len(failed)} given up"
    yield Check(
        "outbox",
        "warning" if held or failed else "ready",
        says + (f"; the last was given up because: {failed[0].reason}" if failed else ""),
        "Look at [mail] and [alerts] in madang.toml, and at var/logs/worker.log." if failed else "",
    )
    for reason in refused:
        yield Check("finding refused", "warning", reason, "It is kept; the rest went on.")


MARKS: dict[str, str] = {"ready": "✓", "absent": "·", "warning": "!", "failed": "✗"}


def print_checks(checks: Sequence[dict[str, Any]]) -> None:
    """One line a check, with a sign beside the word so that colour is never needed."""
    from madang.console import out

    for check in checks:
        line = f"{MARKS[check['state']]} {check['name']}: {check['says']}"
        out.print(line, highlight=False, markup=False, soft_wrap=True)
        for more in (check["mend"], *check["notes"]):
            if more:
                out.print(f"    {more}", highlight=False, markup=False, soft_wrap=True)
