"""What the yard holds of one member: all of it to take along, and all of it to be forgotten."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from community.belts.facts import write_facts
from community.discussion.models import Comment
from community.discussion.queries import THREADS, thread
from community.ideas.heat import weight
from community.ideas.models import Idea, Vote
from community.notices.models import Notice
from community.reviews.models import HelpfulMark, Review
from community.yard.models import RemovedBy
from community.yard.posts import PostId
from community.yard.removal import close_thread

_OF_POST = ("text", "language", "created_at", "edited_at", "removed_at")


def yard_data(member_id: int) -> dict[str, list[dict[str, Any]]]:
    """Everything of the member's own: posts, votes, marks and notices; times are UTC."""
    reviews = Review.objects.filter(author_id=member_id)
    ideas = Idea.objects.filter(author_id=member_id)
    comments = Comment.objects.filter(author_id=member_id)
    votes = Vote.objects.filter(member_id=member_id)
    marks = HelpfulMark.objects.filter(member_id=member_id)
    notices = Notice.objects.filter(member_id=member_id)
    of_review = ("id", "product__name", "rating", "title", *_OF_POST, "purchase_verified")
    told = ("kind", "subject", "data", "created_at", "read_at")
    return {
        "reviews": _rows(reviews, (*of_review, "purchase_reason", "purchase_ordered_on")),
        "ideas": _rows(ideas, ("id", "title", "status", *_OF_POST)),
        "comments": _rows(comments, ("id", "review_id", "idea_id", "answers", *_OF_POST)),
        "votes": _rows(votes, ("idea_id", "at")),
        "helpful_marks": _rows(marks, ("review_id", "at")),
        "notices": _rows(notices, told),
    }


@transaction.atomic
def forget_in_yard(member_id: int) -> int:
    """Empty and remove all posts of a member, and drop their votes, marks and notices.

    Returns the number of posts removed. What others wrote below the member's reviews and ideas goes
    too, as with any removal; the company's own answers stay, without a name. The caller deletes the
    account in the same transaction and writes its fact.
    """
    _forget_votes(member_id)
    Notice.objects.filter(member_id=member_id).delete()
    removed = 0
    for kind, model in (("review", Review), ("idea", Idea)):
        for post in model.objects.select_for_update(no_key=True).filter(author_id=member_id):
            standing, name = post.removed_at is None, PostId(kind, post.pk)
            post.title = post.text = post.removed_reason = ""
            post.removed_at = post.removed_at or timezone.now()
            post.removed_by = post.removed_by or RemovedBy.AUTHOR
            post.save()
            if standing:
                close_thread(post, name)
                removed += 1
            post.author = None
            post.save(update_fields=["author"])
    return removed + _forget_comments(member_id)


def _forget_votes(member_id: int) -> None:
    votes = Vote.objects.filter(member_id=member_id)
    for idea_id, at in votes.values_list("idea_id", "at"):
        cooler = Greatest(F("heat") - weight(at), Value(0.0))
        Idea.objects.filter(pk=idea_id).update(votes=F("votes") - 1, heat=cooler)
    votes.delete()
    marks = HelpfulMark.objects.filter(member_id=member_id)
    Review.objects.filter(pk__in=marks.values("review")).update(helpful=F("helpful") - 1)
    marks.delete()


def _forget_comments(member_id: int) -> int:
    """Official answers are the company's and stay; only who wrote them is forgotten."""
    own = Comment.objects.filter(author_id=member_id)
    own.filter(is_official=True).update(author=None)
    standing = list(own.filter(removed_at__isnull=True).select_related("author"))
    for comment in standing:
        below = thread(comment)
        posts = THREADS[below.kind].objects.filter(pk=below.number)
        posts.update(comments=F("comments") - 1)
    facts = [
        ("post_removed", f"comment-{row.pk}", {"author": row.author.public_id})
        for row in standing
        if row.author is not None
    ]
    own.filter(removed_at__isnull=True).update(
        removed_at=timezone.now(), removed_by=RemovedBy.AUTHOR
    )
    own.update(text="", removed_reason="", author=None)
    if facts:
        write_facts(facts)
    return len(standing)


def _rows(rows: QuerySet[Any], columns: Iterable[str]) -> list[dict[str, Any]]:
    return list(rows.order_by("id").values(*columns))
