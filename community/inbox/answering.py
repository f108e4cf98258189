"""Answers: each sent once, and never over the head of a colleague.

The key says which intention to answer this is: a second click, a request sent anew after a crash
or from the browser's history finds the answer that went out. The version says what the writer had
seen: whoever was overtaken is told and has lost nothing.
"""

from dataclasses import dataclass
from typing import Final, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from community.belts.facts import write_fact
from community.decisions.actions import Actor, record
from community.discussion.actions import post_official_answer
from community.errors import CommunityError
from community.inbox.drafts import check_key, check_length
from community.inbox.models import CaseMention, Conversation, Draft, Reply, State
from community.inbox.rows import locked, public_id
from community.outbox.actions import enqueue
from community.outbox.models import Delivery

OURS: Final = "community"  # the source that carries an answer at once


@dataclass(frozen=True)
class Sent:
    """What became of an answer.

    `sent`: it went out (or waits, see `state`); `known`: it had gone out before, under this key;
    `overtaken`: nothing was sent, for the conversation has moved on to `version`.
    """

    outcome: Literal["sent", "known", "overtaken"]
    version: int
    reply_id: int | None = None
    state: str = ""
    text: str = ""


def send_reply(
    conversation_id: int, mention_id: str, text: str, key: str, seen_version: int, by: Actor
) -> Sent:
    """Answer a mention of the conversation officially; see `Sent` for what may come of it.

    At home the answer stands under the post when this returns; for another source it waits in the
    outbox, in the same transaction. Raises CommunityError for an empty or too long text, a mention
    of another conversation, a removed post, and a key that belongs to another answer.
    """
    words = text.strip()
    check_key(key)
    check_length(words)
    if not words:
        raise CommunityError(gettext("An answer needs words. Write what the customer should know."))
    with transaction.atomic():
        conversation = locked(conversation_id)
        known = Reply.objects.filter(key=key).first()
        if known is not None:
            return _known(known, conversation, by)
        if conversation.version != seen_version:
            return Sent("overtaken", conversation.version)
        mention = _mention(conversation, mention_id)
        return _send(conversation, mention, words, key, by)


@transaction.atomic
def note_thanks(mention_id: str) -> bool:
    """The customer has thanked for the newest answer to this mention; False where none waits."""
    reply = Reply.objects.filter(mention__mention_id=mention_id).order_by("-pk").first()
    if reply is None or reply.thanked_at is not None:
        return False
    reply.thanked_at = timezone.now()
    reply.save(update_fields=["thanked_at"])
    return True


@transaction.atomic
def settle_answers() -> int:
    """Take over from the outbox what became of the answers that waited; how many were settled.

    Idempotent, so that the worker may call it after every round, whatever died before.
    """
    waiting = Reply.objects.filter(state=Reply.State.WAITING)
    ended = Delivery.objects.filter(
        channel=Delivery.Channel.ANSWER,
        state__in=(Delivery.State.SENT, Delivery.State.FAILED),
        key__in=waiting.values("key"),
    )
    for delivery in ended:
        is_sent = delivery.state == Delivery.State.SENT
        waiting.filter(key=delivery.key).update(
            state=Reply.State.SENT if is_sent else Reply.State.FAILED,
            sent_at=delivery.ended_at if is_sent else None,
            reason=delivery.reason,
        )
    return len(ended)


def _known(reply: Reply, conversation: Conversation, by: Actor) -> Sent:
    if reply.conversation_id != conversation.pk or reply.by_id != by.member_id:
        raise CommunityError(gettext("This form is out of date. Open the conversation anew."))
    return Sent("known", conversation.version, reply.pk, reply.state, reply.text)


def _mention(conversation: Conversation, mention_id: str) -> CaseMention:
    mention = conversation.mentions.filter(mention_id=mention_id).first()
    if mention is None or mention.removed_at is not None:
        raise CommunityError(gettext("This post is not here any more. Choose another one."))
    return mention


def _send(conversation: Conversation, mention: CaseMention, text: str, key: str, by: Actor) -> Sent:
    now = timezone.now()
    is_ours = mention.source == OURS
    conversation.version += 1
    conversation.state, conversation.changed_at = State.ANSWERED, now
    if conversation.assignee_id is None:
        conversation.assignee_id = by.member_id
    conversation.save(update_fields=["version", "state", "changed_at", "assignee"])
    reply = Reply.objects.create(
        conversation=conversation,
        mention=mention,
        text=text,
        by_id=by.member_id,
        key=key,
        state=Reply.State.SENT if is_ours else Reply.State.WAITING,
        written_at=now,
        sent_at=now if is_ours else None,
        turn=conversation.version,
    )
    _carry(mention, text, key, by)
    Draft.objects.filter(conversation=conversation, author_id=by.member_id).delete()
    detail = {"reply": reply.pk, "mention": mention.mention_id, "version": conversation.version}
    record(by, "send_reply", "conversation", conversation.pk, detail=detail)
    body = {"conversation": conversation.pk, "by": public_id(by)}
    write_fact("reply_sent", mention.mention_id, body)
    return Sent("sent", conversation.version, reply.pk, reply.state, text)


def _carry(mention: CaseMention, text: str, key: str, by: Actor) -> None:
    """Hand the answer on: to the post it belongs under, or to the outbox."""
    if mention.source == OURS:
        post_official_answer(mention.native_id, text, by, key)
        return
    payload = {
        "source": mention.source,
        "native_id": mention.native_id,
        "mention_id": mention.mention_id,
        "url": mention.url,
        "text": text,
    }
    enqueue("answer", key, payload)
