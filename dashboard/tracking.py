"""What people may do with trackers from the desk: the questions and orders of kept queries.

Given by the process that mounts the screens; without it there is no tracker and none can be saved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from dashboard.judging import Judge


class Tracker(Protocol):
    """A kept query as it stands."""

    @property
    def tracker_id(self) -> str:
        """Which; the warehouse names its hits by it."""

    @property
    def name(self) -> str:
        """What colleagues call it."""

    @property
    def query(self) -> str:
        """As it was written."""

    @property
    def active(self) -> bool:
        """Whether it is in use."""

    @property
    def version(self) -> int:
        """The number of the version that it is now, from 1."""

    @property
    def by(self) -> str:
        """Who made this version; empty for the command line."""

    @property
    def at(self) -> datetime:
        """When, in UTC."""


class Version(Protocol):
    """What a tracker was for a time."""

    @property
    def number(self) -> int:
        """Its place among the versions, from 1."""

    @property
    def act(self) -> str:
        """created, edited, renamed, retired or restored."""

    @property
    def name(self) -> str:
        """What the tracker was called."""

    @property
    def query(self) -> str:
        """Its query."""

    @property
    def active(self) -> bool:
        """Whether it was in use."""

    @property
    def why(self) -> str:
        """What was written to it."""

    @property
    def by(self) -> str:
        """Who made it; empty for the command line."""

    @property
    def at(self) -> datetime:
        """When, in UTC."""


class Saved(Protocol):
    """What became of an order; see `community.trackers.actions.SavedTracker`."""

    @property
    def tracker_id(self) -> str:
        """Of which tracker."""

    @property
    def version(self) -> int:
        """The version that stands now."""

    @property
    def outcome(self) -> Literal["saved", "same", "overtaken", "named_twice"]:
        """Only `saved` has changed anything."""


@dataclass(frozen=True)
class Draft:
    """A tracker to be saved: `tracker_id` is None for a new one, `seen` the version changed."""

    name: str
    query: str
    why: str = ""
    tracker_id: str | None = None
    seen: int = 0


def _unkept(*order: object) -> Saved:
    raise RuntimeError("This desk keeps no trackers. Start it with `madang up`.")


@dataclass(frozen=True)
class Tracking:
    """`trackers` in use, or retired ones; one `tracker` by id and its `versions`, newest first;
    `may_save`, who may order; `save` a draft; `retire` (tracker, version seen); `restore` (tracker,
    version to restore, version seen)."""

    trackers: Callable[[bool], Sequence[Tracker]] = lambda retired: ()
    tracker: Callable[[str], Tracker | None] = lambda tracker_id: None
    versions: Callable[[str], Sequence[Version]] = lambda tracker_id: ()
    may_save: Callable[[Judge], bool] = lambda by: False
    save: Callable[[Draft, Judge], Saved] = _unkept
    retire: Callable[[str, int, Judge], Saved] = _unkept
    restore: Callable[[str, int, int, Judge], Saved] = _unkept
