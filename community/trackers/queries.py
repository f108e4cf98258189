"""Questions about trackers: which there are, and how each came to be what it is."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from community.trackers.models import TrackerVersion


@dataclass(frozen=True)
class TrackerVersionLine:
    """One version: what was done (created, edited, renamed, retired, restored), by whom and when.

    `by` is the colleague's name, empty for the command line; `at` is UTC.
    """

    number: int
    act: str
    name: str
    query: str
    active: bool
    why: str
    by: str
    at: datetime


@dataclass(frozen=True)
class TrackerLine:
    """One tracker as it stands. `version` counts from 1; `by` and `at` are of this version."""

    tracker_id: str
    name: str
    query: str
    active: bool
    version: int
    by: str
    at: datetime


def tracker_list(retired: bool = False) -> tuple[TrackerLine, ...]:
    """The trackers in use, by name; with `retired` those that were retired instead."""
    return _lines(active=not retired)


def tracker(tracker_id: str) -> TrackerLine | None:
    """One tracker, in use or retired; None where there is none of this id."""
    return next(iter(_lines(tracker_id=tracker_id)), None)


def tracker_versions(tracker_id: str) -> tuple[TrackerVersionLine, ...]:
    """All versions of a tracker, the newest first; none where there is no such tracker."""
    rows = TrackerVersion.objects.filter(tracker__tracker_id=tracker_id).select_related("by")
    return tuple(
        TrackerVersionLine(
            row.number, row.act, row.name, row.query, row.active, row.why,
            row.by.name if row.by else "", row.at,
        )
        for row in rows.order_by("-number")
    )  # fmt: skip


def _lines(**wanted: bool | str) -> tuple[TrackerLine, ...]:
    heads = TrackerVersion.objects.filter(
        number=F("tracker__version"),
        **{f"tracker__{name}": value for name, value in wanted.items()},
    ).select_related("tracker", "by")
    return tuple(
        TrackerLine(
            head.tracker.tracker_id, head.name, head.query, head.active, head.number,
            head.by.name if head.by else "", head.at,
        )
        for head in heads.order_by("name", "tracker_id")
    )  # fmt: skip
