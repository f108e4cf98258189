"""Drafts: what was typed is kept, whatever happens to the window it was typed in."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from community.decisions.actions import Actor
from community.errors import CommunityError
from community.inbox.models import Draft, Reply
from community.inbox.rows import locked

LONGEST_TEXT: Final = 4000  # characters; of an answer as of its draft
KEY: Final = re.compile(r"[A-Za-z0-9-]{16,64}")


@dataclass(frozen=True)
class SavedDraft:
    """What became of a draft: `saved`, `sent` (its answer went out before), or `newer` (another
    window has saved since; `text` is what stands there)."""

    outcome: str
    text: str
    version: int
    saved_at: datetime


def new_key() -> str:
    """A key for an answer that is yet to be written."""
    return str(uuid.uuid4())


@transaction.atomic
def save_draft(
    conversation_id: int, text: str, by: Actor, key: str, seen_version: int | None = None
) -> SavedDraft:
    """Keep what has been typed so far.

    `seen_version` is the draft's version that the window knows (0: none); None overwrites whatever
    stands. No audit row is written: nobody has been told anything yet. Raises CommunityError for
    text that is too long, a key that is none, or a conversation that there is not.
    """
    check_key(key)
    check_length(text)
    if by.member_id is None:
        raise CommunityError("A draft belongs to a member of staff. Sign in to write one.")
    conversation = locked(conversation_id)
    now = timezone.now()
    if Reply.objects.filter(key=key).exists():
        return SavedDraft("sent", "", 0, now)
    draft = Draft.objects.filter(conversation=conversation, author_id=by.member_id).first()
    if draft is None:
        draft = Draft(conversation=conversation, author_id=by.member_id, key=key, version=0)
    elif seen_version is not None and draft.version > seen_version and draft.text != text:
        return SavedDraft("newer", draft.text, draft.version, draft.saved_at)
    draft.text, draft.saved_at = text, now
    draft.version += 1
    draft.save()
    return SavedDraft("saved", text, draft.version, now)


def check_key(key: str) -> None:
    """Raises CommunityError for what is no key."""
    if not KEY.fullmatch(key):
        raise CommunityError(gettext("This form is out of date. Open the conversation anew."))


def check_length(text: str) -> None:
    """Raises CommunityError for a text that no answer may have."""
    if "\x00" in text:
        raise CommunityError(gettext("The text holds a character that cannot be sent."))
    if len(text) > LONGEST_TEXT:
        sentence = gettext("The text has %(length)s characters; %(most)s are the most. Shorten it.")
        raise CommunityError(sentence % {"length": f"{len(text):,}", "most": f"{LONGEST_TEXT:,}"})
