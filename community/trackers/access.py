"""Who may change a tracker: its numbers are read by all, and alerts may follow from them."""

from typing import Final

from community.decisions.actions import Actor
from community.errors import CommunityError
from community.members.models import Member, Role

MAY_TRACK: Final = frozenset({Role.BRAND_MANAGER.value, Role.ENGINEER.value})


def may_track(member_id: int) -> bool:
    """Whether this member of staff may save and retire trackers."""
    return Member.objects.filter(
        pk=member_id, is_active=True, is_staff=True, role__in=MAY_TRACK
    ).exists()


def allow(by: Actor) -> None:
    """Raises CommunityError unless `by` may change trackers; the command line may."""
    if by.member_id is not None and not may_track(by.member_id):
        raise CommunityError(
            f"Member {by.member_id} may not change trackers. Ask a brand manager or an engineer."
        )
