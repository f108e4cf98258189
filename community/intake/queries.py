"""What was handed in since a number, for the collectors."""

from dataclasses import dataclass
from datetime import datetime

from community.intake.models import HookMessage, WebEvent


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


@dataclass(frozen=True)
class Event:
    """Something done on a page of the company; `member_id` is a public id."""

    sequence: int
    event_id: str
    kind: str
    site: str
    path: str
    words: str | None
    product: str | None
    referrer: str | None
    visitor_id: str
    member_id: str | None
    happened_at: datetime


def events_since(sequence: int, limit: int = 1000) -> tuple[Event, ...]:
    """At most `limit` events with a higher number, in order."""
    rows = WebEvent.objects.filter(sequence__gt=sequence).select_related("member")
    return tuple(
        Event(
            row.sequence, row.event_id, row.kind, row.site, row.path, row.words or None,
            row.product or None, row.referrer or None, row.visitor,
            None if row.member is None else row.member.public_id, row.happened_at,
        )
        for row in rows.order_by("sequence")[:limit]
    )  # fmt: skip
