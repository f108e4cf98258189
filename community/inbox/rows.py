"""Finding the rows that an order is about."""

from community.decisions.actions import Actor
from community.errors import CommunityError
from community.inbox.models import Conversation
from community.members.models import Member


def locked(conversation_id: int) -> Conversation:
    """The conversation, held until the transaction ends; raises CommunityError for none."""
    row = Conversation.objects.select_for_update().filter(pk=conversation_id).first()
    if row is None:
        raise CommunityError(
            f"There is no conversation {conversation_id}. It may have been erased; see the list."
        )
    return row


def public_id(by: Actor) -> str | None:
    """How facts name who acted; None for the command line."""
    if by.member_id is None:
        return None
    return Member.objects.filter(pk=by.member_id).values_list("public_id", flat=True).first()
