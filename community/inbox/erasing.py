"""What leaves the inbox when a person leaves, or takes a post back."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from community.belts.findings import Finding
from community.inbox.models import CaseMention, Conversation, Reply, State
from community.outbox.models import Delivery


@transaction.atomic
def forget_person(authors: Sequence[tuple[str, str]] = (), customer_id: str | None = None) -> int:
    """Delete a person's conversations, with drafts and answers, sent or not; how many there were.

    `authors` are pairs of source and author id. The caller writes the audit row: it is one act over
    every room.
    """
    whose = Q(pk__in=[])
    for source, author_id in authors:
        if author_id:
            whose |= Q(source=source, author_id=author_id)
            whose |= Q(mentions__source=source, mentions__author_id=author_id)
    if customer_id:
        whose |= Q(customer_id=customer_id)
    ids = set(Conversation.objects.filter(whose).values_list("pk", flat=True))
    keys = Reply.objects.filter(conversation__in=ids).values("key")
    Delivery.objects.filter(channel=Delivery.Channel.ANSWER, key__in=keys).delete()
    Conversation.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def forget_post(source: str, native_id: str) -> bool:
    """Its author has taken the post back: its words go, and with the last of them the case closes.

    False where the inbox does not know the post.
    """
    mention = CaseMention.objects.filter(source=source, native_id=native_id).first()
    if mention is None or mention.removed_at is not None:
        return False
    conversation = Conversation.objects.select_for_update().get(pk=mention.conversation_id)
    mention.text, mention.url, mention.removed_at = "", "", timezone.now()
    mention.save(update_fields=["text", "url", "removed_at"])
    conversation.version += 1
    if not conversation.mentions.filter(removed_at=None).exists():
        conversation.state = State.CLOSED
    conversation.save(update_fields=["version", "state"])
    return True


def take_out(finding: Finding) -> None:
    """A source shows a post no more: here it goes too, if the inbox knows it at all."""
    source, native_id = (str(finding.body.get(name, "")) for name in ("source", "native_id"))
    forget_post(source, native_id[:255])
