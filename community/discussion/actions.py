"""Orders about what is said below reviews and ideas. Each is one transaction."""

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from community.belts.facts import write_fact
from community.decisions.actions import Actor, record
from community.discussion.models import Comment
from community.discussion.queries import MODELS, THREADS, thread
from community.errors import CommunityError
from community.members.models import Member
from community.notices.actions import notify
from community.outbox.actions import enqueue
from community.yard.authors import active_member, staff_member
from community.yard.models import TEXT_LENGTH, PublicPost
from community.yard.posts import PostId, post_id
from community.yard.removal import REMOVAL_FIELDS, remove, tell_removed
from community.yard.writing import language_of, official_text, public_text

LONGEST_KEY: Final = 64
SENT_TWICE: Final = timedelta(minutes=10)


@transaction.atomic
def comment(member: Member, post: str, text: str, *, now: datetime | None = None) -> int:
    """Say something below `review-12` or `idea-5`, or in answer to `comment-9` that stands there.

    The same words sent twice within minutes are one comment. Personal data is masked. Who wrote
    what is answered gets a notice.
    """
    author, moment = active_member(member, alone=True), now or timezone.now()
    body = public_text(text, TEXT_LENGTH, gettext("The comment"))
    answered = post_id(post)
    target, below = _standing(answered)
    row = Comment(
        author=author,
        by_staff=author.is_staff,
        text=body,
        answers=str(answered) if answered.kind == "comment" else "",
        language=language_of(body, author.language),
        created_at=moment,
        **_place(below),
    )
    twice = Comment.objects.filter(
        author_id=author.pk,
        text=body,
        answers=row.answers,
        created_at__gt=moment - SENT_TWICE,
        removed_at__isnull=True,
        **_place(below),
    ).first()
    if twice is not None:
        return twice.pk
    _add(row, below)
    told = {target.author_id} - {author.pk, None}
    notify([number for number in told if number], "comment", str(below), {"comment": row.pk})
    write_fact("post_written", _name(row), {"author": author.public_id})
    return row.pk


@transaction.atomic
def edit_comment(member: Member, comment_id: int, text: str) -> None:
    """Change one's own comment; the same words change nothing."""
    author = active_member(member)
    row = _locked(comment_id)
    if row.removed_at is not None:
        raise CommunityError(gettext("This comment is not there any more."))
    if row.author_id != author.pk or row.is_official:
        raise CommunityError(gettext("Only its author can change this comment."))
    body = public_text(text, TEXT_LENGTH, gettext("The comment"))
    if row.text == body:
        return
    row.text, row.edited_at = body, timezone.now()
    row.language = language_of(body, author.language)
    row.save(update_fields=["text", "language", "edited_at"])
    write_fact("post_edited", _name(row), {"author": author.public_id})


@transaction.atomic
def remove_comment(member: Member, comment_id: int, reason: str = "") -> None:
    """Take away one's own comment, or as staff anybody's with a reason."""
    remover = active_member(member)
    row = _locked(comment_id)
    if not remove(row, _name(row), remover, reason):
        return
    row.save(update_fields=REMOVAL_FIELDS)
    below = thread(row)
    THREADS[below.kind].objects.filter(pk=below.number).update(comments=F("comments") - 1)
    tell_removed(row, below)
    if not row.is_official:
        write_fact("post_removed", _name(row), {"author": _public_id(row)})


@transaction.atomic
def post_official_answer(post: str, text: str, by: Actor, key: str) -> int:
    """Answer `review-12`, `idea-5` or `comment-9` in the company's name; one answer a key.

    The author of the post gets a notice. Raises CommunityError for a post that is not there.
    """
    staff = staff_member(by)
    if not 0 < len(key) <= LONGEST_KEY:
        raise CommunityError(f"The key of an answer has 1 to {LONGEST_KEY} characters: {key!r}.")
    given = Comment.objects.filter(key=key).first()
    if given is not None:
        return given.pk
    body = official_text(text, TEXT_LENGTH, gettext("The answer"))
    answered = post_id(post)
    target, below = _standing(answered)
    row = Comment(
        author=staff,
        by_staff=True,
        is_official=True,
        text=body,
        answers=str(answered),
        key=key,
        language=language_of(body, target.language),
        **_place(below),
    )
    try:
        with transaction.atomic():
            _add(row, below)
    except IntegrityError:
        # Another process gave the same answer a moment ago.
        return Comment.objects.get(key=key).pk
    if target.author_id is not None:
        notify([target.author_id], "official_answer", str(below), {"comment": row.pk})
        payload = {"template": "official_answer", "comment": row.pk}
        enqueue("mail", f"official-answer-{row.pk}", payload)
    record(by, "post_official_answer", answered.kind, answered.number, detail={"comment": row.pk})
    return row.pk


@transaction.atomic
def give_thanks(member: Member, comment_id: int) -> None:
    """Thank for an official answer to one's own post; twice is once."""
    from community.inbox.actions import note_thanks  # answers by this module's own orders

    asker = active_member(member)
    row = _locked(comment_id)
    if row.removed_at is not None or not row.is_official:
        raise CommunityError(gettext("This answer is not there any more."))
    answered = post_id(row.answers)
    if not MODELS[answered.kind].objects.filter(pk=answered.number, author_id=asker.pk).exists():
        raise CommunityError(gettext("Only the one who was answered can give thanks."))
    if row.thanked_at is not None:
        return
    row.thanked_at = timezone.now()
    row.save(update_fields=["thanked_at"])
    if row.author_id is not None:
        notify([row.author_id], "thanks", str(thread(row)), {"comment": row.pk})
    note_thanks(answered.mention_id)
    write_fact("thanks_given", answered.mention_id, {"member": asker.public_id})


def _add(row: Comment, below: PostId) -> None:
    """Insert a comment and count it, unless the post was taken away in between."""
    row.save(force_insert=True)
    standing = THREADS[below.kind].objects.filter(pk=below.number, removed_at__isnull=True)
    if not standing.update(comments=F("comments") + 1):
        raise CommunityError(gettext("This post is not there any more."))


def _standing(answered: PostId) -> tuple[PublicPost, PostId]:
    """The post that is answered and the review or idea that it belongs to; both must stand."""
    target = (
        MODELS[answered.kind].objects.filter(pk=answered.number, removed_at__isnull=True).first()
    )
    if target is None:
        raise CommunityError(gettext("This post is not there any more."))
    return target, thread(target) if isinstance(target, Comment) else answered


def _place(below: PostId) -> dict[str, int]:
    return {f"{below.kind}_id": below.number}


def _name(row: Comment) -> PostId:
    return PostId("comment", row.pk)


def _public_id(row: Comment) -> str | None:
    return None if row.author is None else row.author.public_id


def _locked(comment_id: int) -> Comment:
    row = Comment.objects.select_for_update(no_key=True).filter(pk=comment_id).first()
    if row is None:
        raise CommunityError(gettext("This comment is not there any more."))
    return row
