"""What the intake holds of one member: all of it to take along, and all of it to be forgotten."""

from typing import Any, Final

from django.db.models import Q

from community.intake.models import Visitor, WebEvent

COVERS: Final = frozenset({"intake.Visitor.member", "intake.WebEvent.member"})
_TOLD: Final = ("kind", "site", "path", "words", "product", "referrer", "happened_at")


def visits_data(member_id: int) -> dict[str, list[dict[str, Any]]]:
    """What they did on the company's pages, as far as it is known to be theirs; times are UTC."""
    events = WebEvent.objects.filter(_theirs(member_id)).order_by("sequence")
    browsers = Visitor.objects.filter(member_id=member_id).order_by("since")
    return {
        "web_events": list(events.values(*_TOLD)),
        "browsers": list(browsers.values("visitor", "since")),
    }


def forget_visits(member_id: int) -> int:
    """Drop their events and whose browser it was; returns how many events went."""
    gone = WebEvent.objects.filter(_theirs(member_id)).delete()[0]
    Visitor.objects.filter(member_id=member_id).delete()
    return int(gone)


def _theirs(member_id: int) -> Q:
    """Events with their name, and those of browsers that they joined."""
    browsers = Visitor.objects.filter(member_id=member_id).values("visitor")
    return Q(member_id=member_id) | Q(visitor__in=browsers)
