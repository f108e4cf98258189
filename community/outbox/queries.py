"""Questions about what leaves the house."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from community.outbox.models import Delivery


@dataclass(frozen=True)
class DeliveryLine:
    """One delivery without its content; `reason` says why it waits, is held or was given up."""

    key: str
    channel: str
    route: str
    state: str
    attempts: int
    made_at: datetime
    due_at: datetime
    ended_at: datetime | None
    receipt: str
    reason: str


def waiting_deliveries(limit: int = 100) -> tuple[DeliveryLine, ...]:
    """What has not left yet, oldest first: waiting, under way, or held."""
    waiting = Delivery.objects.filter(state__in=("waiting", "leased", "held"))
    return tuple(_line(row) for row in waiting.order_by("due_at", "id")[:limit])


def failed_deliveries(limit: int = 100) -> tuple[DeliveryLine, ...]:
    """What was given up, newest first."""
    failed = Delivery.objects.filter(state="failed").order_by("-id")[:limit]
    return tuple(_line(row) for row in failed)


def deliveries(keys: Iterable[str]) -> dict[str, DeliveryLine]:
    """Deliveries by key; those that were forgotten are missing."""
    rows = Delivery.objects.filter(key__in=list(keys))
    return {row.key: _line(row) for row in rows}


def in_doubt(keys: Collection[str]) -> set[str]:
    """Which of these were given up although they may have gone out; nothing is asked for none."""
    if not keys:
        return set()
    failed = Delivery.objects.filter(key__in=keys, state=Delivery.State.FAILED, begun=True)
    return set(failed.values_list("key", flat=True))


def _line(row: Delivery) -> DeliveryLine:
    return DeliveryLine(
        row.key,
        row.channel,
        row.route,
        row.state,
        row.attempts,
        row.made_at,
        row.due_at,
        row.ended_at,
        row.receipt,
        row.reason,
    )
