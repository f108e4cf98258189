"""Taking a post away: one's own at will, another's as staff with a reason that is written down."""

from typing import Final

from django.utils import timezone
from django.utils.translation import gettext

from community.belts.facts import write_facts
from community.decisions.actions import Actor, record
from community.errors import CommunityError
from community.members.models import Member
from community.notices.actions import notify
from community.yard.models import PublicPost, RemovedBy
from community.yard.posts import PostId
from community.yard.writing import public_text

LONGEST_REASON: Final = 500
REMOVAL_FIELDS: Final = ["text", "removed_at", "removed_by", "removed_reason"]


def remove(post: PublicPost, name: PostId, remover: Member, reason: str) -> bool:
    """Mark a locked post as removed, inside of the caller's transaction; False if it was already.

    What its author removes is emptied at once; what staff remove is kept, hidden, so that their
    decision can be looked at again. Raises CommunityError for somebody else's post.
    """
    if post.removed_at is not None:
        return False
    own = post.author_id is not None and post.author_id == remover.pk
    if not own and not remover.is_staff:
        raise CommunityError(gettext("Only its author can remove this post."))
    post.removed_at = timezone.now()
    if own:
        post.removed_by, post.text = RemovedBy.AUTHOR, ""
    else:
        post.removed_by = RemovedBy.STAFF
        post.removed_reason = public_text(reason, LONGEST_REASON, gettext("The reason"))
        record(
            Actor(remover.pk),
            "remove_post",
            name.kind,
            name.number,
            why=post.removed_reason,
        )
    return True


def close_thread(post: PublicPost, name: PostId) -> None:
    """What follows from the removal of a review or an idea: what stands below it goes with it.

    The last step of the caller's transaction: it tells the author, and the warehouse of each post.
    """
    from community.discussion.models import Comment  # stands below both, and knows them

    below = Comment.objects.filter(**{f"{name.kind}_id": name.number}, removed_at__isnull=True)
    comments = below.filter(is_official=False).order_by("id")
    gone = list(comments.values_list("id", "author__public_id"))
    below.update(removed_at=post.removed_at, removed_by=RemovedBy.THREAD)
    tell_removed(post, name)
    author = None if post.author is None else post.author.public_id
    facts = [("post_removed", str(name), {"author": author})]
    facts += [("post_removed", f"comment-{number}", {"author": who}) for number, who in gone]
    write_facts(facts)


def tell_removed(post: PublicPost, thread: PostId) -> None:
    """Let the author know that staff took their post away, and why."""
    if post.removed_by == RemovedBy.STAFF and post.author_id is not None:
        notify([post.author_id], "removed", str(thread), {"reason": post.removed_reason})
