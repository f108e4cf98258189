"""The sources of a turn: each asked in a child process of its own, several at once.

A source that is listened to all the time is not asked beside that, unless its stream is in trouble;
one with a schedule of its own is asked when it is due.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import structlog

from collectors.run import Collected, record_failure
from madang.asked import Asked
from madang.jobs import Job, JobDied
from madang.progress import Progress, silent
from madang.settings import MadangError, Settings
from warehouse import queries

if TYPE_CHECKING:
    from madang.loop import House

MOST_AGAIN: Final = 10_000  # mentions looked up by one order, so that a service is not flooded
AT_ONCE: Final = 3  # children; most of their time they wait for somebody's answer
log = structlog.get_logger()


def collect_source(
    house: "House",
    name: str,
    progress: Progress = silent,
    since: str = "",
    until: str = "",
) -> dict[str, Any]:
    """Run one source in a child process and land what it brings; raises MadangError by name.

    With `since` (an ISO day or moment; a day begins at midnight in the instance's zone) it looks
    back at what was written from then on and before `until`, or now. A stream of the same source
    pauses meanwhile.
    """
    settings = house.settings
    _known(settings, name)
    if until and not since:
        raise MadangError("Say since when, as in --since 2026-11-01.")
    request = {"source": name}
    if since:
        end = moment(until, settings) if until else datetime.now(UTC)
        request |= {"since": moment(since, settings).isoformat(), "until": end.isoformat()}
    with house.streams.paused(name):
        return _collected(house, request, progress)


def look_again(house: "House", name: str, days: int, progress: Progress = silent) -> dict[str, Any]:
    """Look up what is known of a source and was written in the last `days`, the newest first, at
    most MOST_AGAIN mentions: what was edited comes anew, what is gone is removed."""
    _known(house.settings, name)
    if days < 1:
        raise MadangError(f"{days} days are none. Say how far back to look, as in --again 30.")
    since = datetime.now(UTC) - timedelta(days=days)
    native_ids = queries.native_ids(house.warehouse, name, since, MOST_AGAIN)
    if not native_ids:
        return asdict(Collected(0, 0, 0))
    with house.streams.paused(name):
        return _collected(house, {"source": name, "again": native_ids}, progress)


def collect_due(house: "House", progress: Progress = silent) -> dict[str, Any]:
    """Ask every source that is due and is not listened to; the counts, or the error, of each."""
    asked, now = Asked(house.settings.var / "asked.json"), datetime.now(UTC)
    listened, minutes = house.streams.names(), house.settings.schedule.sources
    results: dict[str, Any] = {}
    due: list[str] = []
    for name in house.settings.sources:
        later = asked.due_at(name, minutes)
        if name in listened:
            results[name] = {"listened_to": "all the time"}
        elif later is not None and now < later:
            results[name] = {"asked_again_at": later.isoformat(timespec="seconds")}
        else:
            asked.note(name, now)
            due.append(name)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="collect") as pool:
        return results | dict(pool.map(lambda name: (name, _tried(house, name, progress)), due))


def moment(written: str, settings: Settings) -> datetime:
    """A day or a moment in ISO 8601; without a zone it is the instance's."""
    zone = ZoneInfo(settings.zone)
    try:
        said = datetime.fromisoformat(written)
    except ValueError as error:
        raise MadangError(
            f"{written!r} is no day. Write it as in 2026-11-01, or 2026-11-01T09:00."
        ) from error
    if len(written) == len("2026-11-01"):
        return datetime.combine(said, time(), zone)
    return said if said.tzinfo else said.replace(tzinfo=zone)


def _known(settings: Settings, name: str) -> None:
    if name not in settings.sources:
        named = ", ".join(settings.sources) or "none"
        raise MadangError(
            f"The source {name!r} is not in madang.toml (named there: {named}). "
            f"Add a section [{name}] and try again, or run: madang add {name}"
        )


def _tried(house: "House", name: str, progress: Progress) -> dict[str, Any]:
    try:
        with house.streams.paused(name):  # one that has ended and waits for another try
            return _collected(house, {"source": name}, progress)
    except MadangError as error:
        log.warning("source_failed", source=name, reason=str(error))
        return {"error": str(error)}


def _collected(house: "House", request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    name, began = request["source"], datetime.now(UTC)
    result: dict[str, Any] = {}
    try:
        with Job("collect", house.settings) as job:
            for answer in job.ask(dict(request)):
                if "rows" in answer:
                    progress(f"collect {name}", answer["rows"], 0)
                else:
                    result = answer["collected"]
    except JobDied as error:
        # Any other failure the child has kept itself.
        record_failure(house.landing, name, began, str(error))
        raise
    return result
