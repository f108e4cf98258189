"""Orders about trackers. Each makes a new version, with its audit row and its fact.

Whoever gives one says which version they have `seen`: where a colleague was faster, nothing is
written, and the answer says so. That a query can be read is for the caller to see to, before: the
language of queries belongs to the warehouse.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from django.db import IntegrityError, transaction
from ulid import ULID

from community.belts.facts import write_fact
from community.decisions.actions import Actor, record
from community.errors import CommunityError
from community.trackers.access import allow
from community.trackers.models import LONGEST_NAME, LONGEST_WHY, Tracker, TrackerVersion

LONGEST_QUERY: Final = 8000  # characters
Act = TrackerVersion.Act


@dataclass(frozen=True)
class SavedTracker:
    """What became of an order. Only the first of these has written anything:

    `saved` as `version`; `same`, for so it stood already; `overtaken`, for a colleague made
    `version` since; `named_twice`, for another tracker in use has that name.
    """

    tracker_id: str
    version: int
    outcome: Literal["saved", "same", "overtaken", "named_twice"]


def create_tracker(name: str, query: str, by: Actor, *, why: str = "") -> SavedTracker:
    """Keep a new query under a name; it is in use at once.

    Raises CommunityError where name or query is empty or too long, and for those who may not change
    trackers.
    """
    allow(by)
    fresh = Tracker(
        tracker_id=str(ULID()), name=_name(name), query=_query(query), active=True, version=1
    )
    return _keep(fresh, Act.CREATED, by, why)


@transaction.atomic
def save_tracker(
    tracker_id: str, name: str, query: str, by: Actor, *, seen: int, why: str = ""
) -> SavedTracker:
    """Give a tracker another query, or name, or both. Raises as `create_tracker`, and for a tracker
    that does not exist or is retired."""
    kept = _locked(tracker_id, by)
    if kept.version != seen:
        return SavedTracker(tracker_id, kept.version, "overtaken")
    if not kept.active:
        raise CommunityError(
            f"The tracker {kept.name!r} is retired. Restore a version of it first."
        )
    before = kept.query
    wanted = (_name(name), _query(query))
    if wanted == (kept.name, kept.query):
        return SavedTracker(tracker_id, kept.version, "same")
    kept.name, kept.query = wanted
    return _change(kept, Act.EDITED if kept.query != before else Act.RENAMED, by, why)


@transaction.atomic
def rename_tracker(
    tracker_id: str, name: str, by: Actor, *, seen: int, why: str = ""
) -> SavedTracker:
    """Give a tracker another name. Raises as `save_tracker`."""
    return save_tracker(tracker_id, name, _locked(tracker_id, by).query, by, seen=seen, why=why)


@transaction.atomic
def retire_tracker(tracker_id: str, by: Actor, *, seen: int, why: str = "") -> SavedTracker:
    """Use a tracker no longer; it and its versions stay, and any of them can be restored."""
    kept = _locked(tracker_id, by)
    if kept.version != seen:
        return SavedTracker(tracker_id, kept.version, "overtaken")
    if not kept.active:
        return SavedTracker(tracker_id, kept.version, "same")
    kept.active = False
    return _change(kept, Act.RETIRED, by, why)


@transaction.atomic
def restore_version(
    tracker_id: str, number: int, by: Actor, *, seen: int, why: str = ""
) -> SavedTracker:
    """Let name and query be again what they were in version `number`, and the tracker in use.

    Raises CommunityError where there is no such version.
    """
    kept = _locked(tracker_id, by)
    if kept.version != seen:
        return SavedTracker(tracker_id, kept.version, "overtaken")
    wanted = kept.versions.filter(number=number).first()
    if wanted is None:
        raise CommunityError(f"The tracker {kept.name!r} has no version {number}.")
    if (kept.name, kept.query, kept.active) == (wanted.name, wanted.query, True):
        return SavedTracker(tracker_id, kept.version, "same")
    kept.name, kept.query, kept.active = wanted.name, wanted.query, True
    return _change(kept, Act.RESTORED, by, why, of=number)


def _locked(tracker_id: str, by: Actor) -> Tracker:
    allow(by)
    kept = Tracker.objects.select_for_update().filter(tracker_id=tracker_id).first()
    if kept is None:
        raise CommunityError(f"There is no tracker {tracker_id!r}. Look at the list of trackers.")
    return kept


def _change(kept: Tracker, act: Act, by: Actor, why: str, of: int | None = None) -> SavedTracker:
    kept.version += 1
    return _keep(kept, act, by, why, of)


@transaction.atomic
def _keep(kept: Tracker, act: Act, by: Actor, why: str, of: int | None = None) -> SavedTracker:
    """Write the tracker as it is now, its version, its audit row and its fact."""
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:  # the one thing that the database holds trackers to: their names
        return SavedTracker(kept.tracker_id, kept.version - 1, "named_twice")
    reason = _plain(why)[:LONGEST_WHY]
    TrackerVersion.objects.create(
        tracker=kept, number=kept.version, act=act, name=kept.name, query=kept.query,
        active=kept.active, why=reason, by_id=by.member_id,
    )  # fmt: skip
    # The audit is never changed, and a query may name an author: it tells of versions alone.
    detail = {"version": kept.version} | ({} if of is None else {"of": of})
    record(by, f"{_VERBS[act]}_tracker", "tracker", kept.tracker_id, why=reason, detail=detail)
    write_fact(
        "tracker_saved" if kept.active else "tracker_retired",
        kept.tracker_id,
        {
            "tracker": kept.tracker_id, "version": kept.version, "name": kept.name,
            "query": kept.query, "active": kept.active,
        },
    )  # fmt: skip
    return SavedTracker(kept.tracker_id, kept.version, "saved")


_VERBS: Final = {
    Act.CREATED: "create",
    Act.EDITED: "save",
    Act.RENAMED: "rename",
    Act.RETIRED: "retire",
    Act.RESTORED: "restore",
}


def _name(name: str) -> str:
    cleaned = " ".join(_plain(name).split())
    if not 0 < len(cleaned) <= LONGEST_NAME:
        raise CommunityError(
            f"A tracker's name has 1 to {LONGEST_NAME} characters, not {len(cleaned)}."
        )
    return cleaned


def _query(query: str) -> str:
    cleaned = _plain(query)
    if not 0 < len(cleaned) <= LONGEST_QUERY:
        raise CommunityError(
            f"A tracker's query has 1 to {LONGEST_QUERY} characters, not {len(cleaned)}."
        )
    return cleaned


def _plain(text: str) -> str:
    """The text as it is stored: composed Hangul, one kind of line end, and no NUL, which
    PostgreSQL refuses."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return unicodedata.normalize("NFC", lines).strip()
