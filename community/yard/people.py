"""A member as everybody may see them: a name, since when, and what they posted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from community.ideas.queries import IdeaLine, idea_lines, shown_ideas
from community.members.models import Member
from community.reviews.queries import ReviewLine, review_lines, shown_reviews

SHOWN: Final = 20


@dataclass(frozen=True)
class Person:
    """The newest reviews and ideas of one member."""

    public_id: str
    name: str
    joined_at: datetime
    is_staff: bool
    reviews: tuple[ReviewLine, ...]
    ideas: tuple[IdeaLine, ...]


def person(public_id: str, viewer: int | None = None) -> Person | None:
    """The member of this public id; None for one who is not there any more."""
    member = Member.objects.filter(public_id=public_id, is_active=True).first()
    if member is None:
        return None
    reviews = shown_reviews().filter(author_id=member.pk).order_by("-id")[:SHOWN]
    ideas = shown_ideas().filter(author_id=member.pk).order_by("-id")[:SHOWN]
    return Person(
        member.public_id,
        member.name,
        member.joined_at,
        member.is_staff,
        review_lines(tuple(reviews), viewer),
        idea_lines(tuple(ideas), viewer),
    )
