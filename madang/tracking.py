"""Orders of the desk's screens about trackers, each told to the warehouse at once."""

from typing import TYPE_CHECKING

from madang.judging import tell
from madang.words import analyser
from warehouse.trackers.hits import refresh

if TYPE_CHECKING:
    from dashboard.judging import Judge
    from dashboard.tracking import Draft, Saved, Tracking
    from madang.loop import House


def tracking(house: "House") -> "Tracking":
    """The questions and orders of `dashboard.tracking`, carried out in an open house."""
    from community.actions import (
        Actor,
        create_tracker,
        restore_version,
        retire_tracker,
        save_tracker,
    )
    from community.queries import may_track, tracker, tracker_list, tracker_versions
    from dashboard.tracking import Tracking

    def told(saved: "Saved") -> "Saved":
        if saved.outcome == "saved":
            tell(house, look_back)
        return saved

    def look_back() -> None:
        """Find in history what was saved; a turn under way, which does so too, is waited for."""
        with house.turning:
            refresh(house.warehouse, analyser(house.settings))

    def save(draft: "Draft", by: "Judge") -> "Saved":
        actor, text = Actor(by.member_id), (draft.name, draft.query)
        if draft.tracker_id is None:
            return told(create_tracker(*text, actor, why=draft.why))
        return told(save_tracker(draft.tracker_id, *text, actor, seen=draft.seen, why=draft.why))

    return Tracking(
        trackers=tracker_list,
        tracker=tracker,
        versions=tracker_versions,
        may_save=lambda by: may_track(by.member_id),
        save=save,
        retire=lambda name, seen, by: told(retire_tracker(name, Actor(by.member_id), seen=seen)),
        restore=lambda name, number, seen, by: told(
            restore_version(name, number, Actor(by.member_id), seen=seen)
        ),
    )
