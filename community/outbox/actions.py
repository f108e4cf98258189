"""Handing something to the outbox, and carrying out what is due.

`enqueue` belongs to the transaction of the act that causes it; `deliver_due` is the worker's. After
a crash what was under way is tried again and never lost: every sender is given the delivery's key,
so that the other side can tell a repeat, and `begun` where a try was cut short.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from community.configure import instance
from community.errors import CommunityError
from community.outbox.models import Delivery
from nlp.identifiers import email_key, phone_key

LEASE: Final = timedelta(minutes=2)  # longer than any sender takes for one delivery
BATCH: Final = 20  # leased at a time, so that several workers share what is due
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=4)
ATTEMPTS: Final = 10  # with the waits doubling: about twelve hours
NO_CARRIER: Final = "this source cannot carry replies yet"
log = logging.getLogger(__name__)

State = Delivery.State


class Retry(Exception):  # noqa: N818 (it is an answer, not an error)
    """It did not go, and may go later: `after` at the earliest, if the other side named a time."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Refused(Exception):  # noqa: N818 (it is an answer, not an error)
    """It did not go and never will: the reason is kept."""


class Uncertain(Refused):
    """It may have gone, and nobody can know: it is given up, and every later try is told."""


class Sender(Protocol):
    """Carries one delivery out and returns its receipt; raises Retry, Refused or Uncertain.

    The payload holds `made_at` besides, and `begun`: an earlier try began whose end nobody knows.
    """

    def __call__(self, payload: Mapping[str, Any], key: str) -> str: ...


@dataclass(frozen=True)
class Delivered:
    """Counts of one round; `waiting` were tried and wait for another try."""

    sent: int = 0
    failed: int = 0
    held: int = 0
    waiting: int = 0

    @property
    def handled(self) -> int:
        return self.sent + self.failed + self.held + self.waiting


def enqueue(channel: str, key: str, payload: Mapping[str, Any]) -> bool:
    """Add a delivery to the transaction under way; False where `key` was handed over before.

    `payload` holds plain JSON values; `to` is the address of a mail or the number of a text, and
    `source` says where an answer goes. Something with `until` (ISO 8601) is not sent after it.
    Raises CommunityError for an unknown channel, and outside of a transaction.
    """
    if not connection.in_atomic_block:
        raise CommunityError(
            f"The delivery {key!r} would stand outside the transaction of the act. "
            "Call enqueue() inside transaction.atomic()."
        )
    row = delivery_row(channel, key, payload)
    if Delivery.objects.filter(key=key).exists():
        return False
    # Two at once: the second insert meets the first one's key and adds nothing.
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
    return True


def try_again(channel: str, key: str, payload: Mapping[str, Any]) -> None:
    """Hand over once more what was given up, under the same key; what is under way is left alone.

    The other side can tell by the key if an earlier try did arrive, and a try whose end nobody
    knows stays one. As `enqueue` it belongs to a transaction under way.
    """
    given_up = Delivery.objects.filter(key=key, state=State.FAILED)
    fresh = delivery_row(channel, key, payload)
    values = {"route": fresh.route, "recipient": fresh.recipient, "payload": fresh.payload}
    now = timezone.now()
    again = given_up.update(
        **values, state=State.WAITING, attempts=0, due_at=now, ended_at=None, reason="", receipt=""
    )
    if not again:
        enqueue(channel, key, payload)  # its row may have been forgotten since


def delivery_row(channel: str, key: str, payload: Mapping[str, Any]) -> Delivery:
    """The row of a delivery, not yet saved; raises CommunityError for what does not fit."""
    if channel not in Delivery.Channel.values:
        raise CommunityError(
            f"Nothing leaves by {channel!r}. Use one of {Delivery.Channel.values}."
        )
    if not key or len(key) > 160:
        raise CommunityError(f"The delivery's key {key!r} must have 1 to 160 characters.")
    source = str(payload.get("source", ""))
    return Delivery(
        key=key,
        channel=channel,
        route=f"answer:{source}"[:80] if channel == "answer" else channel,
        recipient=_recipient(channel, str(payload.get("to", ""))),
        payload=dict(payload),
    )


def deliver_due(senders: Mapping[str, Sender], now: datetime, limit: int = BATCH) -> Delivered:
    """Carry out what is due at `now`, at most `limit` deliveries; call again while there are any.

    `senders` is keyed by route: `mail`, `text`, `alert` and `answer:SOURCE`. What has no sender is
    held until there is one.
    """
    clock = _Clock(now)
    _release_held(senders, now)
    lease = secrets.token_hex(16)
    outcomes = [_carry_out(delivery, senders, clock) for delivery in _leased(lease, now, limit)]
    counted = {state: outcomes.count(state) for state in State}
    return Delivered(
        counted[State.SENT], counted[State.FAILED], counted[State.HELD], counted[State.WAITING]
    )


def forget_ended(before: datetime, limit: int = 10_000) -> int:
    """Delete what was sent or given up before a time; how many. Their keys may be used again.

    An answer that may have gone is not forgotten, for `try_again` would send it a second time.
    """
    ended = Delivery.objects.filter(state__in=(State.SENT, State.FAILED), ended_at__lt=before)
    ended = ended.exclude(channel=Delivery.Channel.ANSWER, state=State.FAILED, begun=True)
    chosen = list(ended.order_by("id").values_list("pk", flat=True)[:limit])
    deleted, _ = Delivery.objects.filter(pk__in=chosen).delete()
    return deleted


class _Clock:
    """The time as it goes on from the moment given."""

    def __init__(self, begin: datetime) -> None:
        self._begin, self._started = begin, time.monotonic()

    def now(self) -> datetime:
        return self._begin + timedelta(seconds=time.monotonic() - self._started)


def _recipient(channel: str, to: str) -> str:
    key = instance().identity_key
    found = email_key(to, key) if channel == "mail" else phone_key(to, key) if to else None
    return found or ""


def _leased(lease: str, now: datetime, limit: int) -> list[Delivery]:
    due = Delivery.objects.filter(
        Q(state=State.WAITING, due_at__lte=now) | Q(state=State.LEASED, leased_until__lte=now)
    )
    if not due.exists():  # an idle worker takes no lock
        return []
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        chosen = [delivery.pk for delivery in due.order_by("due_at", "id")[:limit]]
        Delivery.objects.filter(pk__in=chosen).update(
            state=State.LEASED, lease=lease, leased_until=now + LEASE, attempts=F("attempts") + 1
        )
    return list(Delivery.objects.filter(pk__in=chosen, lease=lease).order_by("due_at", "id"))


def _release_held(senders: Mapping[str, Sender], now: datetime) -> None:
    """What was held for want of a sender is due as soon as there is one."""
    held = Delivery.objects.filter(state=State.HELD, route__in=list(senders))
    if held.exists():
        held.update(state=State.WAITING, due_at=now, reason="")


def _carry_out(delivery: Delivery, senders: Mapping[str, Sender], clock: _Clock) -> State | None:
    """Send one and mark it; None where another worker has it by now.

    `begun` is on the disk before the sender is asked. It stays there until the sender says that
    nothing went by this try, and so through a kill, an `Uncertain` and a fault of ours.
    """
    if not _mine(delivery).update(leased_until=clock.now() + LEASE, begun=True):
        return None
    if delivery.attempts > ATTEMPTS:  # each try was cut short before it could be marked
        return _ended(
            delivery, State.FAILED, clock, reason=delivery.reason or "cut short each time"
        )
    sender = senders.get(delivery.route)
    if sender is None:
        return _held(delivery)
    until = delivery.payload.get("until")
    if until and datetime.fromisoformat(until) < clock.now():
        return _ended(delivery, State.FAILED, clock, reason="It came too late to be of use.")
    try:
        receipt = _sent(delivery, sender, clock)
    except Uncertain as uncertain:
        delivery.begun = True
        return _ended(delivery, State.FAILED, clock, reason=str(uncertain))
    except Refused as refused:
        return _ended(delivery, State.FAILED, clock, reason=str(refused))
    except Retry as retry:
        return _later(delivery, clock, str(retry), retry.after)
    except Exception as error:
        log.exception("delivery_broke key=%s", delivery.key)
        delivery.begun = True
        return _later(delivery, clock, f"{type(error).__name__}: {error}", None)
    return _ended(delivery, State.SENT, clock, receipt=receipt)


def _sent(delivery: Delivery, sender: Sender, clock: _Clock) -> str:
    from community.outbox.batches import expand

    expanded = expand(delivery, clock.now)
    if expanded is not None:
        return f"made into {expanded} deliveries"
    told = {"made_at": delivery.made_at.isoformat(), "begun": delivery.begun}
    return sender({**delivery.payload, **told}, delivery.key)


def renew_lease(delivery: Delivery, now: datetime) -> bool:
    """Hold on to a leased delivery for longer; False where it is somebody else's by now."""
    return bool(_mine(delivery).update(leased_until=now + LEASE))


def _mine(delivery: Delivery) -> Any:
    return Delivery.objects.filter(pk=delivery.pk, state=State.LEASED, lease=delivery.lease)


def _ended(
    delivery: Delivery, state: State, clock: _Clock, *, receipt: str = "", reason: str = ""
) -> State:
    values: dict[str, Any] = {"state": state, "ended_at": clock.now(), "begun": delivery.begun}
    _mine(delivery).update(payload={}, lease="", receipt=receipt[:255], reason=reason, **values)
    return state


def _later(delivery: Delivery, clock: _Clock, reason: str, after: timedelta | None) -> State:
    """Another try later: each wait twice as long as the one before, until it is given up."""
    if delivery.attempts >= ATTEMPTS:
        return _ended(delivery, State.FAILED, clock, reason=reason)
    wait = min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
    due = clock.now() + max(wait, after or timedelta())
    values: dict[str, Any] = {"state": State.WAITING, "due_at": due, "begun": delivery.begun}
    _mine(delivery).update(reason=reason, lease="", **values)
    return State.WAITING


def _held(delivery: Delivery) -> State:
    """Nobody has tried, so nothing is counted as a try."""
    values: dict[str, Any] = {"attempts": 0, "begun": delivery.begun}
    _mine(delivery).update(state=State.HELD, reason=NO_CARRIER, lease="", **values)
    return State.HELD
