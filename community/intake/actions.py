"""Orders of the intake: keep what was handed in, once, and let go of what has been collected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext

from community.errors import CommunityError
from community.intake.models import Counter, HookMessage, Visitor, WebEvent

RENUMBERED: Final = 10_000  # events of a browser that are told anew when it is known whose it is


@transaction.atomic
def keep_message(hook: str, message_id: str, body: str) -> bool:
    """Keep a webhook whose signature was right; False for one that is here already."""
    if HookMessage.objects.filter(hook=hook, message_id=message_id).exists():
        return False
    sequence = next_numbers("hooks", 1)
    # Another process may have kept the same one in between: then its row stands.
    if HookMessage.objects.filter(hook=hook, message_id=message_id).exists():
        return False
    HookMessage.objects.create(sequence=sequence, hook=hook, message_id=message_id, body=body)
    return True


def next_numbers(name: str, many: int) -> int:
    """The first of so many numbers, within the transaction that uses them; others wait for it."""
    Counter.objects.get_or_create(pk=name)
    counter = Counter.objects.select_for_update().get(pk=name)
    counter.last += many
    counter.save(update_fields=["last"])
    return counter.last - many + 1


def forget_messages(through: int, before: datetime) -> int:
    """Let go of webhooks that were collected (numbers up to `through`) and came before a time."""
    done = HookMessage.objects.filter(sequence__lte=through, received_at__lt=before)
    return int(done.delete()[0])


@dataclass(frozen=True)
class Happened:
    """One event, as a page has sent it; `event_id` is the same for every try."""

    event_id: str
    kind: str
    path: str
    words: str
    product: str
    referrer: str
    at: datetime


@transaction.atomic
def keep_events(site: str, visitor: str, events: Sequence[Happened]) -> int:
    """Keep what a browser has told, each event once; returns how many were new."""
    sent = {event.event_id: event for event in events}
    number = next_numbers("events", len(sent))
    known = set(WebEvent.objects.filter(event_id__in=sent).values_list("event_id", flat=True))
    owner = Visitor.objects.filter(pk=visitor).values_list("member_id", flat=True).first()
    rows = [
        WebEvent(
            sequence=number + place, event_id=event.event_id, kind=event.kind, site=site,
            path=event.path, words=event.words, product=event.product, referrer=event.referrer,
            visitor=visitor, member_id=owner, happened_at=event.at,
        )
        for place, event in enumerate(each for key, each in sent.items() if key not in known)
    ]  # fmt: skip
    WebEvent.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def join_visitor(member_id: int, visitor: str) -> int:
    """A member says that a browser is theirs: its events are told anew, with their name to them.

    Returns how many. Raises CommunityError when somebody else has said so before.
    """
    owner, _ = Visitor.objects.get_or_create(pk=visitor, defaults={"member_id": member_id})
    if owner.member_id != member_id:
        raise CommunityError(gettext("Another account is joined with this browser already."))
    found = WebEvent.objects.filter(visitor=visitor, member__isnull=True)
    rows = list(found.order_by("-sequence")[:RENUMBERED])[::-1]
    if not rows:
        return 0
    first = next_numbers("events", len(rows))
    WebEvent.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for place, row in enumerate(rows):
        row.sequence, row.member_id = first + place, member_id
    WebEvent.objects.bulk_create(rows)
    return len(rows)


def forget_events(through: int, before: datetime) -> int:
    """Let go of events that were collected (numbers up to `through`) and are older than a time."""
    done = WebEvent.objects.filter(sequence__lte=through, happened_at__lt=before)
    return int(done.delete()[0])
