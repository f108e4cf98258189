"""A mention from outside becomes part of its author's conversation."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from community.belts.facts import write_fact
from community.belts.findings import Finding
from community.configure import instance
from community.errors import CommunityError
from community.inbox.models import CaseMention, Conversation, State
from community.inbox.priority import priority_parts

EXCERPT: Final = 4000  # characters kept of a mention; the whole of it stands in the warehouse


@dataclass(frozen=True)
class Author:
    """Who wrote a mention, by every name that is known."""

    source: str
    author_id: str
    handle: str
    name: str
    customer_id: str

    def keys(self, mention_id: str) -> tuple[str, ...]:
        """The names of the person's conversation, the surest first.

        A masked handle (`love****`) is shared by many, so that it never joins two mentions.
        """
        keys = []
        if self.customer_id:
            keys.append(f"customer|{self.customer_id}")
        if self.author_id:
            keys.append(f"author|{self.source}|{self.author_id}")
        elif self.handle and "*" not in self.handle:
            keys.append(f"handle|{self.source}|{self.handle}")
        return tuple(key[:255] for key in keys) or (f"mention|{mention_id}",)


@transaction.atomic
def open_conversation(finding: Finding) -> None:
    """Put the finding's mention into the conversation of its author, opening it where need be.

    A mention that stands in a conversation already is brought up to date and opens nothing. Raises
    CommunityError for a finding that does not say what an answer needs.
    """
    mention = _mention(finding)
    author = _author(finding.body)
    known = CaseMention.objects.filter(mention_id=mention.mention_id).first()
    if known is not None:
        _bring_up_to_date(known, mention, author)
        return
    conversation, turn = _conversation(author, mention)
    mention.conversation, mention.turn = conversation, conversation.version
    mention.taken_at = conversation.changed_at
    mention.save(force_insert=True)
    _weigh(conversation)
    body = {"mention_id": mention.mention_id, "turn": turn}
    write_fact("conversation_opened", conversation.pk, body)


def _conversation(author: Author, mention: CaseMention) -> tuple[Conversation, str]:
    """The author's conversation, locked, and whether this mention opened, reopened or joined it."""
    keys = author.keys(mention.mention_id)
    found = {
        each.person_key: each
        for each in Conversation.objects.select_for_update().filter(person_key__in=keys)
    }
    now = timezone.now()
    due = now + timedelta(hours=instance().answer_hours)
    conversation = next((found[key] for key in keys if key in found), None)
    if conversation is None:
        conversation = Conversation.objects.create(
            person_key=keys[0],
            customer_id=author.customer_id,
            source=author.source,
            author_id=author.author_id,
            author_handle=author.handle,
            author_name=author.name,
            opened_at=now,
            due_at=due,
            changed_at=now,
        )
        return conversation, "opened"
    _recognise(conversation, author)
    conversation.changed_at = now
    conversation.version += 1
    if conversation.state == State.OPEN:
        return conversation, "joined"
    conversation.state, conversation.opened_at, conversation.due_at = State.OPEN, now, due
    return conversation, "reopened"


def _recognise(conversation: Conversation, author: Author) -> None:
    """Who was a stranger is a customer now: the conversation goes by the surer name.

    Where the customer has a conversation of their own already, the two stay apart.
    """
    key = f"customer|{author.customer_id}"[:255]
    if not author.customer_id or conversation.customer_id:
        return
    if not Conversation.objects.filter(person_key=key).exists():
        conversation.person_key, conversation.customer_id = key, author.customer_id


def _weigh(conversation: Conversation) -> None:
    """Write what follows from the conversation's mentions: its priority, newest mention, product.

    Only what was said since it last opened counts: an old anger that was answered does not press.
    """
    mentions = list(conversation.mentions.filter(taken_at__gte=conversation.opened_at))
    parts = priority_parts(mentions, bool(conversation.customer_id))
    conversation.priority_parts = parts
    conversation.priority = sum(parts.values())
    conversation.mention_count = conversation.mentions.count()
    newest = conversation.mentions.order_by("written_at", "pk").last()
    conversation.last_mention = newest
    conversation.product = (newest.product if newest else "") or conversation.product
    conversation.save()


def _bring_up_to_date(known: CaseMention, mention: CaseMention, author: Author) -> None:
    """The author has edited it, or more is known of it now."""
    fields = ("text", "url", "sentiment", "score", "rating", "alert_id", "product")
    changed = [name for name in fields if getattr(known, name) != getattr(mention, name)]
    conversation = Conversation.objects.select_for_update().get(pk=known.conversation_id)
    for name in changed:
        setattr(known, name, getattr(mention, name))
    if changed:
        known.save(update_fields=changed)
    _recognise(conversation, author)
    _weigh(conversation)


def _mention(finding: Finding) -> CaseMention:
    body = finding.body
    written = _moment(_text(body, "written_at", 64))
    if not 0 < len(finding.subject) <= 36 or written is None or not _text(body, "source", 32):
        raise CommunityError(
            f"The finding for mention {finding.subject!r} lacks its source or when it was written. "
            "Bring the warehouse up to date."
        )
    return CaseMention(
        mention_id=finding.subject,
        source=_text(body, "source", 32),
        native_id=_text(body, "native_id", 255),
        author_id=_text(body, "author_id", 160),
        kind=_text(body, "kind", 16),
        url=_address(_text(body, "url", 2000)),
        text=_text(body, "text", EXCERPT),
        product=_text(body, "product", 160),
        sentiment=_text(body, "sentiment", 16),
        score=_number(body, "score"),
        rating=_number(body, "rating"),
        alert_id=_text(body, "alert_id", 96),
        written_at=written,
    )


def _author(body: Mapping[str, Any]) -> Author:
    return Author(
        source=_text(body, "source", 32),
        author_id=_text(body, "author_id", 160),
        handle=_text(body, "author_handle", 160),
        name=_text(body, "author_name", 160),
        customer_id=_text(body, "customer_id", 64),
    )


def _text(body: Mapping[str, Any], name: str, most: int) -> str:
    """The value as text that every store takes: PostgreSQL refuses the zero character."""
    return str(body.get(name) or "").replace("\x00", "")[:most]


def _number(body: Mapping[str, Any], name: str) -> float | None:
    value = body.get(name)
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _address(url: str) -> str:
    """Only what a browser opens as a page: `javascript:` and its like are no addresses."""
    return url if url.startswith(("https://", "http://", "/")) and url.isprintable() else ""


def _moment(text: str) -> datetime | None:
    """A moment with its zone; one without is in the instance's own."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment
