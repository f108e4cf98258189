"""Questions about what is said below reviews and ideas."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from community.discussion.models import Comment
from community.ideas.models import Idea
from community.members.models import Member
from community.reviews.models import Review
from community.yard.authors import Author, author_of
from community.yard.keyset import cut, id_order
from community.yard.posts import PostId, post_id

PAGE: Final = 50
THREADS: Final[dict[str, type[Review] | type[Idea]]] = {"review": Review, "idea": Idea}
MODELS: Final[dict[str, type[Review] | type[Idea] | type[Comment]]] = {
    "review": Review,
    "idea": Idea,
    "comment": Comment,
}
_OLDEST: Final = id_order("comments", descending=False)


@dataclass(frozen=True)
class OfficialWord:
    """The company's newest word on a post: an answer, or the reason of a change of status."""

    text: str
    at: datetime


@dataclass(frozen=True)
class CommentLine:
    """One comment. `answers` is the native id of the comment that it answers, or empty.

    `can_thank`: the viewer wrote what this official answer answers and has not given thanks yet.
    """

    comment_id: int
    native_id: str
    author: Author | None
    text: str
    is_official: bool
    answers: str
    created_at: datetime
    edited_at: datetime | None
    thanked_at: datetime | None
    is_mine: bool
    can_thank: bool


@dataclass(frozen=True)
class CommentsPage:
    """Comments, oldest first, and the cursor of those that follow."""

    comments: tuple[CommentLine, ...]
    after: str | None


def comments_page(
    post: str, after: str | None = None, viewer: int | None = None, size: int = PAGE
) -> CommentsPage:
    """What stands below `review-12` or `idea-5`, oldest first; `viewer` is a member's number."""
    page = cut(_below(post_id(post)), _OLDEST, after, size)
    return CommentsPage(_lines(page.rows, viewer), page.after)


def official_answers(post: str, viewer: int | None = None) -> tuple[CommentLine, ...]:
    """The company's answers below a post, oldest first."""
    rows = _below(post_id(post)).filter(is_official=True).order_by("id")[:100]
    return _lines(tuple(rows), viewer)


def comment_line(comment_id: int, viewer: int | None = None) -> CommentLine | None:
    """One comment that still stands; None otherwise."""
    rows = Comment.objects.select_related("author").filter(pk=comment_id, removed_at__isnull=True)
    found = _lines(tuple(rows), viewer)
    return found[0] if found else None


def thread_of(comment_id: int) -> str | None:
    """The native id of the review or idea that a comment stands below, removed or not."""
    row = Comment.objects.filter(pk=comment_id).only("review_id", "idea_id").first()
    return None if row is None else str(thread(row))


def official_answer(comment_id: int) -> tuple[str, str] | None:
    """Text and address of an official answer that still stands; None otherwise."""
    row = Comment.objects.filter(pk=comment_id, is_official=True, removed_at__isnull=True).first()
    return None if row is None else (row.text, f"{thread(row).path}#comment-{row.pk}")


def answered_member(comment_id: int) -> Member | None:
    """Whose post an official answer answers, if their account is open."""
    row = Comment.objects.filter(pk=comment_id, is_official=True, removed_at__isnull=True).first()
    if row is None:
        return None
    answered = post_id(row.answers)
    post = MODELS[answered.kind].objects.filter(pk=answered.number).first()
    author = None if post is None else post.author
    return author if author is not None and author.is_active else None


def newest_official_words(kind: str, numbers: Iterable[int]) -> dict[int, OfficialWord]:
    """The newest official answer below each of these reviews or ideas, in one query."""
    column = f"{kind}_id"
    rows = Comment.objects.filter(
        **{f"{column}__in": list(numbers)}, is_official=True, removed_at__isnull=True
    )
    found = rows.order_by("id").values_list(column, "text", "created_at")
    return {number: OfficialWord(text, at) for number, text, at in found}


def thread(comment: Comment) -> PostId:
    """The review or idea that a comment stands below."""
    if comment.review_id is not None:
        return PostId("review", comment.review_id)
    assert comment.idea_id is not None, "the database holds it so"  # noqa: S101
    return PostId("idea", comment.idea_id)


def _below(post: PostId) -> QuerySet[Comment]:
    rows = Comment.objects.select_related("author").filter(removed_at__isnull=True)
    if post.kind == "comment":
        return rows.none()
    return rows.filter(**{f"{post.kind}_id": post.number})


def _lines(rows: tuple[Comment, ...], viewer: int | None) -> tuple[CommentLine, ...]:
    own = _own_posts([row for row in rows if row.is_official], viewer)
    return tuple(
        CommentLine(
            row.pk,
            f"comment-{row.pk}",
            author_of(row),
            row.text,
            row.is_official,
            row.answers,
            row.created_at,
            row.edited_at,
            row.thanked_at,
            viewer is not None and row.author_id == viewer,
            row.is_official and row.thanked_at is None and row.answers in own,
        )
        for row in rows
    )


def _own_posts(answers: list[Comment], viewer: int | None) -> set[str]:
    """Which of the posts that these answers answer the viewer wrote; one query a kind at most."""
    if viewer is None:
        return set()
    own: set[str] = set()
    answered = [post_id(row.answers) for row in answers if row.answers]
    for kind, model in MODELS.items():
        numbers = {post.number for post in answered if post.kind == kind}
        if numbers:
            rows = model.objects.filter(pk__in=numbers, author_id=viewer)
            own |= {f"{kind}-{number}" for number in rows.values_list("pk", flat=True)}
    return own
