"""What the yard's front says: what was asked and what was done this month."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.utils import timezone

from community.discussion.models import Comment
from community.ideas.models import Idea, Status, StatusChange
from community.ideas.queries import IdeaLine, ideas_page
from community.reviews.models import Review
from community.reviews.queries import ReviewsPage, reviews_page

KEPT_SECONDS: Final = 60
MOVED: Final = (Status.DONE, Status.IN_PROGRESS, Status.PLANNED)


@dataclass(frozen=True)
class Figures:
    """Counts since the month began, in the instance's zone."""

    ideas: int
    reviews: int
    answers: int
    done: int


@dataclass(frozen=True)
class Step:
    """An idea that moved on, and the company's reason."""

    idea_id: int
    title: str
    status: str
    status_name: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Front:
    """All that the front page shows."""

    since: datetime
    figures: Figures
    steps: tuple[Step, ...]
    ideas: tuple[IdeaLine, ...]
    reviews: ReviewsPage

    @property
    def is_this_month(self) -> bool:
        """Whether the counts begin with the present month."""
        return self.since.month == timezone.localtime().month


def front(viewer: int | None = None, now: datetime | None = None) -> Front:
    """The front page for one viewer, or for everybody."""
    since = month_of(now or timezone.now())
    return Front(
        since,
        figures(since),
        steps(since),
        gathering(viewer),
        reviews_page(viewer=viewer, size=3),
    )


def gathering(viewer: int | None, size: int = 6) -> tuple[IdeaLine, ...]:
    """The ideas that move most among those that still take votes."""
    page = ideas_page("trending", viewer=viewer, size=2 * size)
    return tuple(line for line in page.ideas if line.can_vote)[:size]


def month_of(moment: datetime) -> datetime:
    """When the month began; in its first week, the one before, for a new month says nothing yet."""
    local = timezone.localtime(moment)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if local - first < timedelta(days=7):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def figures(since: datetime) -> Figures:
    """Four counts, remembered for a minute, for they are the same for everybody."""
    key = f"yard-figures-{since:%Y-%m}"
    known: Figures | None = cache.get(key)
    if known is None:
        standing = {"created_at__gte": since, "removed_at__isnull": True}
        known = Figures(
            Idea.objects.filter(**standing).count(),
            Review.objects.filter(**standing).count(),
            Comment.objects.filter(**standing, is_official=True).count(),
            StatusChange.objects.filter(after=Status.DONE, at__gte=since).count(),
        )
        cache.set(key, known, KEPT_SECONDS)
    return known


def steps(since: datetime, size: int = 4) -> tuple[Step, ...]:
    """The newest step forward of each idea, with its reason."""
    rows = StatusChange.objects.select_related("idea").filter(
        after__in=MOVED, at__gte=since, idea__removed_at__isnull=True
    )
    found: dict[int, Step] = {}
    for row in rows.order_by("-at")[: 4 * size]:
        name = str(Status(row.after).label)
        step = Step(row.idea_id, row.idea.title, row.after, name, row.reason, row.at)
        found.setdefault(row.idea_id, step)
    return tuple(found.values())[:size]
