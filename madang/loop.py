"""One turn of the loop: listen, understand, recognise, act. The only place that joins the rooms.

Every step is safe to repeat and safe to kill: what a step finished is kept, what it did not finish
is done again by the next turn.
"""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
import structlog
from ulid import ULID

from madang import belts, collecting, erasing, topics
from madang.jobs import Job, annotator_config
from madang.progress import Progress, silent
from madang.settings import MadangError, Settings
from madang.streams import Streams
from madang.words import analyser
from nlp.annotate import version_of
from warehouse import annotations
from warehouse.compaction import compact
from warehouse.landing import Landing
from warehouse.load import Loaded, load
from warehouse.people.keys import refresh_keys
from warehouse.people.match import Matched, match_known
from warehouse.rebuild import rebuild as rebuild_warehouse
from warehouse.rewriting import drop_removed
from warehouse.signals.bots import refresh_accounts
from warehouse.signals.copies import refresh_copies
from warehouse.signals.detect import raise_alerts
from warehouse.store import Warehouse, open_warehouse
from warehouse.topics import refresh as refresh_topics
from warehouse.trackers.hits import refresh as refresh_hits
from warehouse.web_events import forget_before

SNAPSHOT_ROWS: Final = 50_000
REREAD_SECONDS: Final = 30.0  # a turn; loading the models takes two of them

log = structlog.get_logger()


@dataclass(frozen=True)
class House:
    """An instance with its warehouse open, in the one process that holds it.

    `community` opens the other store for a block of work and hands its connection back after.
    `streams` are those that the desk listens to all the time; a command begins none.
    """

    settings: Settings
    warehouse: Warehouse
    community: Callable[[], AbstractContextManager[None]]
    streams: Streams
    turning: threading.Lock = field(default_factory=threading.Lock)

    @property
    def landing(self) -> Landing:
        return Landing(self.settings.landing, self.settings.identity_key)


def open_house(settings: Settings, community: Callable[[], AbstractContextManager[None]]) -> House:
    """Open the warehouse of the instance; the caller holds the writer's lock or is the desk."""
    settings.jobs.mkdir(parents=True, exist_ok=True)
    settings.landing.mkdir(parents=True, exist_ok=True)
    for leftover in settings.jobs.iterdir():
        shutil.rmtree(leftover, ignore_errors=True)
    return House(
        settings,
        open_warehouse(settings.warehouse_path, settings.landing, settings.jobs, settings.zone),
        community,
        Streams(settings),
    )


def turn(
    house: House,
    progress: Progress = silent,
    collect: bool = True,
    reread_seconds: float = REREAD_SECONDS,
) -> dict[str, Any]:
    """Go once round: what people did goes up, sources are asked, texts read, findings go down.

    Our own yard is always asked, the other sources with `collect` and when they are due. A source
    that fails is reported and does not stop the others. What nobody has read is read, all of it;
    history is read again for `reread_seconds` and at least by one part. Only one turn runs at a
    time in a process; a second caller waits.
    """
    with house.turning:
        erasing.finish(house)
        facts = belts.facts_up(house, progress)
        erasing.forget_leavers(house)
        sources = {"community": asdict(belts.collect_yard(house))}
        if collect:
            sources |= collecting.collect_due(house, progress)
        loaded = load_landed(house, progress)
        _tidy(house)
        annotated = _annotate(house, progress, reread_seconds)
        rereading = annotations.rereading(house.warehouse)
        copies = _watch(house.warehouse)
        told = _topics(house, progress)
        tracked = refresh_hits(house.warehouse, analyser(house.settings))
        matched = _recognise(house, house.warehouse)
        alerts = raise_alerts(house.warehouse, datetime.now(UTC))
        belts.find(house, house.warehouse)
        findings = belts.findings_down(house, progress)
    return {
        "sources": sources,
        "facts": facts,
        "loaded": asdict(loaded),
        "annotated": annotated,
        "rereading": None if rereading is None else asdict(rereading),
        "copies": copies,
        "topics": told,
        "tracked": asdict(tracked),
        "matched": asdict(matched),
        "alerts": alerts,
        "findings": findings,
    }


def turn_until_read(
    house: House, progress: Progress = silent, collect: bool = True
) -> dict[str, Any]:
    """Turn until no history is left to be read again; sources are asked the first time alone.

    The counts are those of the first turn, but for `annotated`, which is of all.
    """
    first = last = turn(house, progress, collect)
    while last["rereading"] is not None and last["annotated"] > 0:
        last = turn(house, progress, collect=False)
        first["annotated"] += last["annotated"]
    return {**first, "rereading": last["rereading"]}


def load_landed(house: House, progress: Progress = silent) -> Loaded:
    """Load every batch that landed and is not in the warehouse yet."""
    return load(house.warehouse, house.landing, lambda done, total: progress("load", done, total))


def rebuild(house: House, progress: Progress = silent) -> dict[str, Any]:
    """Make the warehouse anew from what landed and happened, keeping what was read of texts."""

    def complete(fresh: Warehouse) -> None:
        belts.facts_up(house, progress, fresh)
        _watch(fresh)
        refresh_topics(fresh)
        refresh_hits(fresh, analyser(house.settings))
        _recognise(house, fresh)
        belts.find(house, fresh)

    with house.turning:
        erasing.finish(house)
        rebuilt = rebuild_warehouse(
            house.warehouse,
            house.landing,
            lambda done, total: progress("rebuild", done, total),
            complete,
        )
    return asdict(rebuilt)


def annotator_version(settings: Settings) -> str:
    """The version that annotations of this instance's models carry, without loading them."""
    return version_of(annotator_config(settings))


def _watch(warehouse: Warehouse) -> int:
    """Say who copies whom, and who posts like a machine; returns how many mentions are copies."""
    copies = refresh_copies(warehouse)
    refresh_accounts(warehouse)
    return copies


def _recognise(house: House, warehouse: Warehouse) -> Matched:
    """Find the customers among those who spoke."""
    refresh_keys(warehouse, house.settings.identity_key)
    return match_known(warehouse)


def _topics(house: House, progress: Progress) -> dict[str, Any]:
    """Topics are a view of what was read: where they cannot be found, the turn goes on."""
    try:
        return topics.refresh(house.settings, house.warehouse, datetime.now(UTC), progress)
    except MadangError as error:
        log.warning("topics_failed", reason=str(error))
        return {"error": str(error)}


def _tidy(house: House) -> None:
    """Merge the small batches of past days, once a day and after they are loaded, and take out of
    them what its source has removed.

    A source that is being written cannot be merged, so that streams pause for the moment.
    """
    marker = house.settings.var / "tidied"
    today = datetime.now(UTC).date().isoformat()
    if not marker.exists() or marker.read_text() != today:
        with house.streams.paused():
            compact(house.landing)
            drop_removed(house.warehouse, house.landing)
            _let_go(house)
        marker.write_text(today)


def _let_go(house: House) -> None:
    """Forget visits to the company's pages that are older than they may be kept."""
    section = house.settings.sources.get("webevents")
    if section is not None:
        before = datetime.now(UTC) - timedelta(days=section.keep_days)
        forget_before(house.warehouse, house.landing, before)


def _annotate(house: House, progress: Progress, reread_seconds: float) -> int:
    """Annotate what lacks the current version; returns how many texts were read.

    What nobody has read comes first, all of it. Then a newer version reads history again for a
    while, so that sources, alerts and answers need not wait for the end of it.
    """
    version = annotator_version(house.settings)
    annotations.begin(house.warehouse, version)
    total = annotations.count_pending(house.warehouse, version)
    if total == 0:
        return 0
    done = 0
    folder = house.settings.jobs / f"annotate-{ULID()}"
    folder.mkdir()
    try:
        progress("annotate", done, total)
        with Job("annotate", house.settings) as job:
            for part in _read(house, job, folder, version, reread_seconds):
                done += _record(house, part)
                progress("annotate", done, max(total, done))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return done


def _read(
    house: House, job: Job, folder: Path, version: str, reread_seconds: float
) -> Iterator[Path]:
    """Files of annotations as the job finishes them: of the new, then for a while of the old."""
    while waiting := _snapshot(house, folder, version, fresh=True):
        for answer in job.ask({"input": str(waiting)}):
            yield Path(answer["output"])
        waiting.unlink()
    ends = time.monotonic() + reread_seconds
    while waiting := _snapshot(house, folder, version, fresh=False):
        for answer in job.ask({"input": str(waiting)}):
            yield Path(answer["output"])
            if time.monotonic() > ends:
                return
        waiting.unlink()


def _snapshot(house: House, folder: Path, version: str, *, fresh: bool) -> Path | None:
    """A file of texts to be read next; None where there are none left."""
    waiting = annotations.pending(house.warehouse, version, SNAPSHOT_ROWS, fresh=fresh)
    if waiting.num_rows == 0:
        return None
    path = folder / f"{ULID()}.parquet"
    pq.write_table(waiting, path)
    return path


def _record(house: House, part: Path) -> int:
    table = pq.read_table(part)
    annotations.record(house.warehouse, table)
    part.unlink()
    return int(table.num_rows)
