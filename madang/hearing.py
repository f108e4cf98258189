"""How each source is: ready or not, since when, how far it has heard; what its terms ask for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from collectors import SOURCES
from collectors.base import SourceKind, SourceUnavailable
from madang.loop import House
from madang.streams import StreamState
from warehouse import queries
from warehouse.queries import Frontier

State = Literal["ready", "absent", "warning", "failed"]
LOOKED_BACK: Final = timedelta(days=30)  # for gaps


@dataclass(frozen=True)
class Health:
    """How one source is; `details` holds the figures by name, times in UTC."""

    source: str
    state: State
    says: str
    mend: str = ""
    notes: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Heard:
    """What the warehouse knows of a source."""

    last_batch_at: datetime | None
    frontier: Frontier | None
    gaps: int


def examined(house: House) -> Iterator[Health]:
    """Every source there is, configured or not."""
    now = datetime.now(UTC)
    lately = {
        row["source"]: row["last_batch_at"]
        for row in queries.sources_overview(house.warehouse).to_pylist()
    }
    frontiers = {each.source: each for each in queries.frontiers(house.warehouse, now)}
    missed = queries.gaps(house.warehouse, now - LOOKED_BACK, now).to_pylist()
    streams = {stream.source: stream for stream in house.streams.states()}
    for name, kind in SOURCES.items():
        gaps = sum(1 for row in missed if row["source"] == name and row["state"] == "gap")
        heard = _Heard(lately.get(name), frontiers.get(name), gaps)
        yield _health(house, kind, heard, streams.get(name))


def availability(kind: SourceKind, chosen: Any) -> str:
    """Why the source cannot run by these settings; empty where it can."""
    try:
        kind.open(chosen)
    except SourceUnavailable as reason:
        return str(reason)
    return ""


def _health(house: House, kind: SourceKind, heard: _Heard, stream: StreamState | None) -> Health:
    name, chosen = kind.name, house.settings.sources.get(kind.name)
    if chosen is None:
        return Health(name, "absent", f"not in use. {kind.summary}", f"Run: madang add {name}")
    details = _details(kind, heard, stream)
    if missing := availability(kind, chosen):
        mend = f"Run: madang add {name}, or mend [{name}] in madang.toml."
        return Health(name, "failed", missing, mend, _asked(kind), details)
    state, says = _told(heard, kind, stream)
    mend = "" if state == "ready" else f"Look at var/logs, then run: madang collect {name}"
    return Health(name, state, "; ".join(says), mend, _asked(kind), details)


def _told(heard: _Heard, kind: SourceKind, stream: StreamState | None) -> tuple[State, list[str]]:
    """The state of a source that is available, and what there is to say of it."""
    state: State = "ready"
    last, front = heard.last_batch_at, heard.frontier
    says = [f"last batch {last:%F %R} UTC" if last else "nothing has come yet"]
    if front is not None and front.lag is not None:
        says.append(f"heard up to {shown(front.lag)} ago")
    if front is not None and front.failing_since is not None:
        state = "warning" if front.parts else "failed"
        what = f" ({', '.join(front.parts)})" if front.parts else ""
        says.insert(0, f"failing since {front.failing_since:%F %R} UTC{what}: {front.reason}")
    if heard.gaps:
        says.append(f"{heard.gaps} gaps in {LOOKED_BACK.days} days")
    if kind.streams and stream is None:
        says.append("not listened to now; it is while madang up runs")
    elif stream is not None and stream.up:
        says.append(f"listened to since {stream.since:%F %R} UTC")
    elif stream is not None:
        state = "warning" if state == "ready" else state
        says.append(f"not listened to since {stream.since:%F %R} UTC: {stream.reason}")
    says.append(f"shown to work with a {kind.verified}")
    return state, says


def _asked(kind: SourceKind) -> tuple[str, ...]:
    """What the terms of the service ask for."""
    terms = kind.terms
    if terms is None:
        return ()
    return (
        f"{terms.document}: {terms.url}",
        f"To keep: {terms.retention}",
        f"To show: {terms.display}",
    )


def _details(kind: SourceKind, heard: _Heard, stream: StreamState | None) -> dict[str, Any]:
    front, terms = heard.frontier, kind.terms
    lag = front.lag if front is not None else None
    return {
        "verified": kind.verified,
        "last_batch_at": _iso(heard.last_batch_at),
        "heard_until": _iso(front.frontier if front else None),
        "lag_seconds": None if lag is None else round(lag.total_seconds()),
        "failing_since": _iso(front.failing_since if front else None),
        "reason": front.reason if front else None,
        "gaps": heard.gaps,
        "streams": kind.streams,
        "stream": None if stream is None else _stream(stream),
        "replies": kind.replies is not None,
        "terms": None if terms is None else {
            "document": terms.document,
            "url": terms.url,
            "retention": terms.retention,
            "display": terms.display,
        },
    }  # fmt: skip


def _stream(stream: StreamState) -> dict[str, Any]:
    return {
        "up": stream.up,
        "since": _iso(stream.since),
        "rows": stream.rows,
        "restarts": stream.restarts,
        "reason": stream.reason,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def shown(span: timedelta) -> str:
    """A span of time in the largest unit that says enough."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
