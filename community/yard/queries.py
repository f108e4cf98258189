"""What is new in the yard, for the collector that makes mentions of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from community.belts.facts import last_fact
from community.belts.models import Fact
from community.discussion.models import Comment
from community.discussion.queries import thread
from community.ideas.models import Idea
from community.reviews.models import Review
from community.yard.models import PublicPost
from community.yard.posts import PostId, post_id

POST_FACTS: Final = ("post_written", "post_edited", "post_removed")


@dataclass(frozen=True)
class Post:
    """A post as it stands now, for the collector of the yard.

    `thread_id` is the review or idea that it belongs to, `parent_id` what it answers. `author_id`
    is a public id, or None once the author has left. `is_official`: written by the company's own.
    """

    native_id: str
    kind: str
    path: str
    thread_id: str
    parent_id: str | None
    author_id: str | None
    author_name: str | None
    title: str | None
    text: str
    rating: int | None
    product: str | None
    created_at: datetime
    likes: int
    replies: int
    is_official: bool


@dataclass(frozen=True)
class PostsPage:
    """Posts that were written or changed, native ids of those removed, and how far was read."""

    posts: tuple[Post, ...]
    removed: tuple[str, ...]
    sequence: int


def posts_since(sequence: int, limit: int = 1000) -> PostsPage:
    """What at most `limit` facts after `sequence` say was written, changed or removed.

    Each post once, as it stands now; official answers are left out. When all was read, the
    sequence is that of the newest fact, and asking again from there costs next to nothing.
    """
    newest = last_fact()
    facts = Fact.objects.filter(
        sequence__gt=sequence, sequence__lte=newest, kind__in=POST_FACTS
    ).order_by("sequence")[:limit]
    subjects = list(facts.values_list("sequence", "subject"))
    reached = subjects[-1][0] if len(subjects) == limit else max(newest, sequence)
    names = list(dict.fromkeys(subject for _, subject in subjects))
    standing = {post.native_id: post for post in _posts([post_id(name) for name in names])}
    posts = tuple(standing[name] for name in names if name in standing)
    return PostsPage(posts, tuple(name for name in names if name not in standing), reached)


def _posts(names: list[PostId]) -> list[Post]:
    """Those of the named posts that stand and are mentions; one query a kind at most."""
    numbers: dict[str, list[int]] = {"review": [], "idea": [], "comment": []}
    for name in names:
        numbers[name.kind].append(name.number)
    reviews = Review.objects.select_related("author", "product")
    ideas = Idea.objects.select_related("author")
    comments = Comment.objects.select_related("author").filter(is_official=False)
    stands = Q(removed_at__isnull=True)
    return [
        *(_of_review(row) for row in reviews.filter(stands, pk__in=numbers["review"])),
        *(_of_idea(row) for row in ideas.filter(stands, pk__in=numbers["idea"])),
        *(_of_comment(row) for row in comments.filter(stands, pk__in=numbers["comment"])),
    ]


def _of_review(row: Review) -> Post:
    name = PostId("review", row.pk)
    return Post(
        native_id=str(name),
        kind="review",
        path=name.path,
        thread_id=str(name),
        parent_id=None,
        author_id=_public_id(row),
        author_name=_author_name(row),
        title=row.title or None,
        text=row.text,
        rating=row.rating,
        product=row.product.name,
        created_at=row.created_at,
        likes=row.helpful,
        replies=row.comments,
        is_official=row.by_staff,
    )


def _of_idea(row: Idea) -> Post:
    name = PostId("idea", row.pk)
    return Post(
        native_id=str(name),
        kind="idea",
        path=name.path,
        thread_id=str(name),
        parent_id=None,
        author_id=_public_id(row),
        author_name=_author_name(row),
        title=row.title,
        text=row.text,
        rating=None,
        product=None,
        created_at=row.created_at,
        likes=row.votes,
        replies=row.comments,
        is_official=row.by_staff,
    )


def _of_comment(row: Comment) -> Post:
    below = thread(row)
    return Post(
        native_id=f"comment-{row.pk}",
        kind="comment",
        path=f"{below.path}#comment-{row.pk}",
        thread_id=str(below),
        parent_id=row.answers or str(below),
        author_id=_public_id(row),
        author_name=_author_name(row),
        title=None,
        text=row.text,
        rating=None,
        product=None,
        created_at=row.created_at,
        likes=0,
        replies=0,
        is_official=row.by_staff,
    )


def _public_id(row: PublicPost) -> str | None:
    return None if row.author is None else row.author.public_id


def _author_name(row: PublicPost) -> str | None:
    return None if row.author is None else row.author.name
