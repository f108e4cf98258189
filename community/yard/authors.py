"""Who stands beside a post, and who may write one."""

from dataclasses import dataclass

from django.utils.translation import gettext

from community.decisions.actions import Actor
from community.errors import CommunityError
from community.members.models import Member
from community.yard.models import PublicPost


@dataclass(frozen=True)
class Author:
    """How a member is shown to everyone: by a name that they chose and an id that says nothing."""

    public_id: str
    name: str
    is_staff: bool


@dataclass(frozen=True)
class Removal:
    """Who took a post away (author or staff), and the reason that staff gave."""

    by: str
    reason: str


def author_of(post: PublicPost) -> Author | None:
    """The author of a post that was read together with its author; None for one who has left."""
    member = post.author
    return None if member is None else Author(member.public_id, member.name, post.by_staff)


def removal_of(post: PublicPost) -> Removal | None:
    """Who removed the post, if anybody did."""
    return None if post.removed_at is None else Removal(post.removed_by, post.removed_reason)


def active_member(member: Member, *, alone: bool = False) -> Member:
    """The member as the store has them now; raises CommunityError if the account is closed.

    `alone` lets one act of the same member wait for the other, so that a form sent twice finds
    what the first has written.
    """
    members = Member.objects.filter(pk=member.pk, is_active=True)
    if alone:
        members = members.select_for_update(no_key=True)
    found = members.first()
    if found is None:
        raise CommunityError(gettext("This account is closed. Sign in with another one."))
    return found


def staff_member(by: Actor) -> Member | None:
    """The active member of staff who gives an order; None for the command line.

    Raises CommunityError for anybody else.
    """
    if by.member_id is None:
        return None
    staff = Member.objects.filter(pk=by.member_id, is_active=True, is_staff=True).first()
    if staff is None:
        raise CommunityError(gettext("Only staff can do this."))
    return staff
