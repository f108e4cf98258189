"""What was handed in since a number, for the collectors."""

from dataclasses import dataclass
from datetime import datetime

from community.intake.models import HookMessage


@dataclass(frozen=True)
class Message:
    """A webhook as it came: `body` is JSON in UTF-8, signed by whoever holds the hook's secret."""

    sequence: int
    hook: str
    message_id: str
    body: str
    received_at: datetime


def messages_since(sequence: int, limit: int = 200) -> tuple[Message, ...]:
    """At most `limit` webhooks with a higher number, in order."""
    rows = HookMessage.objects.filter(sequence__gt=sequence).order_by("sequence")[:limit]
    return tuple(
        Message(row.sequence, row.hook, row.message_id, row.body, row.received_at) for row in rows
    )
