"""Facts up: written in the transaction of the act itself, read in the order of their numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from community.belts.models import Fact as FactRow
from community.belts.models import FactCounter
from community.errors import CommunityError

# What the warehouse is told, and what the body of each says beside the subject.
KINDS: Final = {
    "member_joined": "subject: the member's public id; language, email_key",
    "member_keys": "subject: the member's public id; email_key, phone_key: null where unverified",
    "member_left": "subject: the member's public id; the person is erased everywhere",
    "person_suppressed": "subject: empty; keys: hashes of whom no collection may bring back",
    "post_written": "subject: the post's native id; author",
    "post_edited": "subject: the post's native id; author",
    "post_removed": "subject: the post's native id; author",
    "vote_cast": "subject: the idea's native id; member",
    "vote_withdrawn": "subject: the idea's native id; member",
    "idea_status": "subject: the idea's native id; status, before, reason",
    "conversation_opened": "subject: the conversation's number; mention_id, turn",
    "conversation_closed": "subject: the conversation's number; by",
    "conversation_reopened": "subject: the conversation's number; by",
    "reply_sent": "subject: the mention's id; conversation, by",
    "thanks_given": "subject: the mention's id; member",
    "alert_acknowledged": "subject: the alert's id; by",
    "alert_reopened": "subject: the alert's id; by",
    "label_corrected": "subject: the mention's id; text_hash, sentiment, by",
    "correction_withdrawn": "subject: the mention's id; by",
    "sample_drawn": "subject: the sample's id; version, seed, population, items: lists of "
    "mention_id, text_hash, source, lang, week, predicted, probability",
    "sample_labelled": "subject: sample|mention; label: null where it was taken back, by",
    "tracker_saved": "subject: the tracker's id; tracker, version, name, query, active: true",
    "tracker_retired": "subject: the tracker's id; tracker, version, name, query, active: false",
    "match_decided": "subject: source|author_id; customer_id, verdict, by",
}


@dataclass(frozen=True)
class Fact:
    """One fact. `sequence` grows without gaps; `happened_at` is UTC."""

    sequence: int
    kind: str
    subject: str
    body: dict[str, Any]
    happened_at: datetime


def write_fact(kind: str, subject: object, body: Mapping[str, Any] | None = None) -> None:
    """Add a fact to the transaction under way; call it last, for it holds others up until commit.

    `body` holds plain JSON values; a member is named by public id and never by name or address.
    Raises CommunityError for a kind that nobody listed, and outside of a transaction.
    """
    if kind not in KINDS:
        raise CommunityError(f"No fact is called {kind!r}. Known: {', '.join(KINDS)}.")
    write_facts([(kind, str(subject), dict(body or {}))])


def write_facts(
    facts: Sequence[tuple[str, str, dict[str, Any]]], happened: Sequence[datetime] | None = None
) -> None:
    """Add many facts at once, as (kind, subject, body), in their order.

    `happened` says when each was so, for what is told later than it happened.
    """
    if not connection.in_atomic_block:
        raise CommunityError(
            f"A fact {facts[0][0] if facts else ''!r} would stand outside the transaction of the "
            "act. Call write_fact() inside transaction.atomic()."
        )
    FactCounter.objects.get_or_create(pk=1)
    counter = FactCounter.objects.select_for_update().get(pk=1)
    rows = [
        FactRow(sequence=counter.last + number, kind=kind, subject=subject, body=body)
        for number, (kind, subject, body) in enumerate(facts, start=1)
    ]
    for row, at in zip(rows, happened or (), strict=happened is not None):
        row.at = at
    FactRow.objects.bulk_create(rows, batch_size=1000)
    counter.last += len(facts)
    counter.save(update_fields=["last"])


def facts_since(sequence: int, limit: int = 10_000) -> tuple[Fact, ...]:
    """The facts after `sequence`, in order, at most `limit` of them."""
    rows = FactRow.objects.filter(sequence__gt=sequence).order_by("sequence")[:limit]
    return tuple(Fact(row.sequence, row.kind, row.subject, row.body, row.at) for row in rows)


def last_fact() -> int:
    """The number of the newest fact; 0 before there is any."""
    counter = FactCounter.objects.filter(pk=1).first()
    return counter.last if counter else 0
