"""Answers: each sent once, and never over the head of a colleague.

The key says which intention to answer this is: a second click, a request sent anew after a crash
or from the browser's history finds the answer that went out. The version says what the writer had
seen: whoever was overtaken is told and has lost nothing.
"""

from dataclasses import dataclass
from typing import Literal

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
from community.inbox.ways import OURS, Way, check_way, way_of
from community.outbox.actions import enqueue, try_again
from community.outbox.models import Delivery


@dataclass(frozen=True)
class Sent:
    """What became of an answer.

    `sent`: it went out (or waits, see `state`, and `is_carried` for whether its source takes
    answers); `known`: it had gone out before, under this key; `overtaken`: nothing was sent, for
    the conversation has moved on to `version`.
    """

    outcome: Literal["sent", "known", "overtaken"]
    version: int
    reply_id: int | None = None
    state: str = ""
    text: str = ""
    is_carried: bool = False


def send_reply(
    conversation_id: int,
    mention_id: str,
    text: str,
    key: str,
    seen_version: int,
    by: Actor,
    *,
    replace: bool = False,
) -> Sent:
    """Answer a mention of the conversation officially; see `Sent` for what may come of it.

    At home the answer stands under the post when this returns; for another source it waits in the
    outbox, in the same transaction. Raises CommunityError for an empty or too long text, a mention
    of another conversation, a removed post, a key that belongs to another answer, and what the
    source would not take: with `replace` an answer goes in the place of an earlier one.
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
        way = way_of(mention)
        check_way(way, words, replace)
        return _send(conversation, mention, words, key, by, way)


@transaction.atomic
def retry_reply(conversation_id: int, reply_id: int, by: Actor) -> bool:
    """Send an answer that did not arrive once more, under its own key; False where it is under way.

    Raises CommunityError for an answer of another conversation, and for what `send_reply` refuses.
    """
    conversation = locked(conversation_id)
    reply = conversation.replies.select_related("mention").filter(pk=reply_id).first()
    if reply is None:
        raise CommunityError(gettext("This form is out of date. Open the conversation anew."))
    if reply.state != Reply.State.FAILED:
        return False
    mention = _mention(conversation, reply.mention.mention_id)
    way = way_of(mention)
    check_way(way, reply.text, replace=True)
    try_again("answer", reply.key, _payload(mention, reply.text, way))
    reply.state, reply.reason = Reply.State.WAITING, ""
    reply.save(update_fields=["state", "reason"])
    conversation.state, conversation.changed_at = State.ANSWERED, timezone.now()
    conversation.save(update_fields=["state", "changed_at"])
    record(by, "retry_reply", "conversation", conversation.pk, detail={"reply": reply.pk})
    return True


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

    The conversation of an answer that did not arrive is open again: somebody must look at it.
    Idempotent, so that the worker may call it after every round, whatever died before.
    """
    waiting = Reply.objects.filter(state=Reply.State.WAITING)
    answers = Delivery.objects.filter(
        channel=Delivery.Channel.ANSWER, key__in=waiting.values("key")
    )
    for delivery in answers.filter(state=Delivery.State.WAITING).exclude(reason=""):
        waiting.filter(key=delivery.key).exclude(reason=delivery.reason).update(
            reason=delivery.reason
        )
    ended = answers.filter(state__in=(Delivery.State.SENT, Delivery.State.FAILED))
    for delivery in ended:
        _settle(waiting.get(key=delivery.key), delivery)
    return len(ended)


def _settle(reply: Reply, delivery: Delivery) -> None:
    is_sent = delivery.state == Delivery.State.SENT
    reply.state = Reply.State.SENT if is_sent else Reply.State.FAILED
    reply.sent_at = delivery.ended_at if is_sent else None
    reply.reason, reply.receipt = delivery.reason, delivery.receipt
    reply.save(update_fields=["state", "sent_at", "reason", "receipt"])
    if is_sent:
        return
    conversation = locked(reply.conversation_id)
    conversation.state, conversation.changed_at = State.OPEN, timezone.now()
    conversation.save(update_fields=["state", "changed_at"])


def _known(reply: Reply, conversation: Conversation, by: Actor) -> Sent:
    if reply.conversation_id != conversation.pk or reply.by_id != by.member_id:
        raise CommunityError(gettext("This form is out of date. Open the conversation anew."))
    return Sent("known", conversation.version, reply.pk, reply.state, reply.text)


def _mention(conversation: Conversation, mention_id: str) -> CaseMention:
    mention = conversation.mentions.filter(mention_id=mention_id).first()
    if mention is None or mention.removed_at is not None:
        raise CommunityError(gettext("This post is not here any more. Choose another one."))
    return mention


def _send(
    conversation: Conversation, mention: CaseMention, text: str, key: str, by: Actor, way: Way
) -> Sent:
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
    _carry(mention, text, key, by, way)
    Draft.objects.filter(conversation=conversation, author_id=by.member_id).delete()
    detail = {"reply": reply.pk, "mention": mention.mention_id, "version": conversation.version}
    record(by, "send_reply", "conversation", conversation.pk, detail=detail)
    body = {"conversation": conversation.pk, "by": public_id(by)}
    write_fact("reply_sent", mention.mention_id, body)
    is_carried = way.kind == "carried"
    return Sent("sent", conversation.version, reply.pk, reply.state, text, is_carried)


def _carry(mention: CaseMention, text: str, key: str, by: Actor, way: Way) -> None:
    """Hand the answer on: to the post it belongs under, or to the outbox."""
    if mention.source == OURS:
        post_official_answer(mention.native_id, text, by, key)
        return
    enqueue("answer", key, _payload(mention, text, way))


def _payload(mention: CaseMention, text: str, way: Way) -> dict[str, str]:
    payload = {
        "source": mention.source,
        "native_id": mention.native_id,
        "mention_id": mention.mention_id,
        "url": mention.url,
        "text": text,
    }
    return payload if way.until is None else {**payload, "until": way.until.isoformat()}
