"""Orders of the inbox. Each runs in one transaction with its audit row and its fact.

The conversation's row is locked first and the facts are written last, so that orders given at the
same time come one after the other and never wait for each other in a circle.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from community.belts.facts import write_fact
from community.decisions.actions import Actor, record
from community.errors import CommunityError
from community.inbox.access import may_answer
from community.inbox.answering import (
    Sent,
    note_thanks,
    retry_reply,
    send_reply,
    settle_answers,
)
from community.inbox.drafts import SavedDraft, save_draft
from community.inbox.erasing import forget_person, forget_post, take_out
from community.inbox.models import Conversation, State
from community.inbox.opening import open_conversation
from community.inbox.rows import locked, public_id
from community.members.models import Member

__all__ = [
    "SavedDraft",
    "Sent",
    "assign",
    "close_conversation",
    "forget_person",
    "forget_post",
    "note_thanks",
    "open_conversation",
    "reopen",
    "retry_reply",
    "save_draft",
    "send_reply",
    "settle_answers",
    "take_out",
]


@transaction.atomic
def assign(conversation_id: int, assignee_id: int | None, by: Actor) -> bool:
    """Give the conversation to a member of staff, or to nobody; False where it is so already.

    Raises CommunityError for a conversation or an assignee that there is not.
    """
    conversation = locked(conversation_id)
    if conversation.assignee_id == assignee_id:
        return False
    if assignee_id is not None:
        assignee = Member.objects.filter(pk=assignee_id).first()
        if assignee is None or not may_answer(assignee):
            raise CommunityError(gettext("Only those who may answer can take a conversation."))
    before, conversation.assignee_id = conversation.assignee_id, assignee_id
    conversation.save(update_fields=["assignee"])
    detail = {"from": before, "to": assignee_id}
    record(by, "assign_conversation", "conversation", conversation_id, detail=detail)
    return True


def close_conversation(conversation_id: int, by: Actor, why: str = "") -> str:
    """There is nothing left to answer; the state it was in, or empty where it is closed already."""
    return _settle(conversation_id, State.CLOSED, by, why)


def reopen(conversation_id: int, by: Actor, state: str = State.OPEN) -> bool:
    """Take up a closed conversation again, as open or as answered; False where it is so already."""
    if state not in (State.OPEN, State.ANSWERED):
        raise CommunityError(f"A conversation is not reopened as {state!r}. Use open or answered.")
    return bool(_settle(conversation_id, State(state), by, ""))


@transaction.atomic
def _settle(conversation_id: int, state: State, by: Actor, why: str) -> str:
    conversation = locked(conversation_id)
    if conversation.state == state:
        return ""
    before = conversation.state
    _turn(conversation, state)
    is_closing = state == State.CLOSED
    detail = {"from": before, "to": str(state), "version": conversation.version}
    action = "close_conversation" if is_closing else "reopen_conversation"
    record(by, action, "conversation", conversation_id, why=why.strip(), detail=detail)
    fact = "conversation_closed" if is_closing else "conversation_reopened"
    write_fact(fact, conversation_id, {"by": public_id(by)})
    return before


def _turn(conversation: Conversation, state: State) -> None:
    conversation.state = state
    conversation.version += 1
    conversation.changed_at = timezone.now()
    conversation.save(update_fields=["state", "version", "changed_at"])
