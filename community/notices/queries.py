"""Questions about what a member was told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from community.ideas.models import Idea
from community.notices.models import Notice
from community.reviews.models import Review
from community.yard.keyset import cut, id_order
from community.yard.posts import PostId, post_id

PAGE: Final = 30
_NEWEST: Final = id_order("notices")


@dataclass(frozen=True)
class NoticeLine:
    """One notice. `path` leads to the review or idea that it is about.

    `title` is that of the post today: empty for a review without one, None once it is removed.
    """

    notice_id: int
    kind: str
    subject: str
    path: str
    title: str | None
    data: dict[str, Any]
    created_at: datetime
    is_read: bool


@dataclass(frozen=True)
class NoticesPage:
    """Notices, newest first, and the cursor of those before them."""

    notices: tuple[NoticeLine, ...]
    after: str | None


def unread_count(member_id: int) -> int:
    """How many notices a member has not seen yet."""
    return Notice.objects.filter(member_id=member_id, read_at__isnull=True).count()


def notices_page(member_id: int, after: str | None = None, size: int = PAGE) -> NoticesPage:
    """What a member was told, newest first."""
    page = cut(Notice.objects.filter(member_id=member_id), _NEWEST, after, size)
    named = {row.pk: post_id(row.subject) for row in page.rows}
    titles = _titles(set(named.values()))
    lines = tuple(_line(row, named[row.pk], titles) for row in page.rows)
    return NoticesPage(lines, page.after)


def notice(member_id: int, notice_id: int) -> NoticeLine | None:
    """One of a member's own notices; None for what is not theirs."""
    row = Notice.objects.filter(member_id=member_id, pk=notice_id).first()
    if row is None:
        return None
    subject = post_id(row.subject)
    return _line(row, subject, _titles({subject}))


def _line(row: Notice, subject: PostId, titles: dict[PostId, str]) -> NoticeLine:
    comment = row.data.get("comment")
    place = f"{subject.path}#comment-{comment}" if comment else subject.path
    return NoticeLine(
        row.pk,
        row.kind,
        row.subject,
        place,
        titles.get(subject),
        row.data,
        row.created_at,
        row.read_at is not None,
    )


def _titles(posts: set[PostId]) -> dict[PostId, str]:
    """The titles of those posts that still stand: one query a kind."""
    titles: dict[PostId, str] = {}
    for kind, model in (("review", Review), ("idea", Idea)):
        numbers = [post.number for post in posts if post.kind == kind]
        if numbers:
            rows = model.objects.filter(pk__in=numbers, removed_at__isnull=True)
            found = rows.values_list("pk", "title")
            titles |= {PostId(kind, number): title for number, title in found}
    return titles
