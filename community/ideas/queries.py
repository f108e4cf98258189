"""Questions about ideas; a page costs the same number of queries whatever it shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, QuerySet
from django.utils.translation import gettext

from community.discussion.queries import (
    CommentLine,
    OfficialWord,
    newest_official_words,
    official_answers,
)
from community.errors import CommunityError
from community.ideas.models import CLOSED, Idea, Status, StatusChange, Vote
from community.members.models import Member
from community.yard.authors import Author, Removal, author_of, removal_of
from community.yard.keyset import Order, cut

PAGE: Final = 20
ORDERS: Final = {
    "trending": Order("ideas-trending", "heat", "float"),
    "votes": Order("ideas-votes", "votes"),
    "newest": Order("ideas-newest", "created_at", "time"),
}


@dataclass(frozen=True)
class IdeaLine:
    """One idea with all that a row shows. `status` is a value of ideas.models.Status.

    `evidence` counts mentions elsewhere that ask for the same; 0 until they are looked for.
    """

    idea_id: int
    native_id: str
    title: str
    text: str
    language: str
    status: str
    votes: int
    my_vote: bool
    can_vote: bool
    comments: int
    evidence: int
    official: OfficialWord | None
    author: Author | None
    created_at: datetime
    edited_at: datetime | None
    is_mine: bool

    @property
    def status_name(self) -> str:
        """The status in the reader's language."""
        return str(Status(self.status).label)


@dataclass(frozen=True)
class IdeasPage:
    """Ideas in their order, and the cursor of those that follow."""

    ideas: tuple[IdeaLine, ...]
    after: str | None


@dataclass(frozen=True)
class StatusStep:
    """One change of status: the reason given, by whom, and how many were told."""

    before: str
    after: str
    reason: str
    by: Author | None
    at: datetime
    told: int

    @property
    def after_name(self) -> str:
        """The new status in the reader's language."""
        return str(Status(self.after).label)


@dataclass(frozen=True)
class IdeaPage:
    """One idea, what became of it (oldest step first) and the company's answers.

    Where `removal` says that it was taken away, title and text are empty and nothing stands below.
    """

    idea: IdeaLine
    removal: Removal | None
    history: tuple[StatusStep, ...]
    answers: tuple[CommentLine, ...]


@dataclass(frozen=True)
class Recipient:
    """Somebody to write to."""

    member_id: int
    email: str
    name: str
    language: str


def ideas_page(
    order: str = "trending",
    status: str | None = None,
    after: str | None = None,
    viewer: int | None = None,
    size: int = PAGE,
) -> IdeasPage:
    """Ideas of one status or all, in one of ORDERS; `viewer` is a member's number.

    Raises CommunityError for an order or a status that there is not.
    """
    if order not in ORDERS:
        raise CommunityError(gettext("Ideas cannot be put in this order."))
    rows = shown_ideas()
    if status is not None:
        if status not in Status.values:
            raise CommunityError(gettext("No idea has this status."))
        rows = rows.filter(status=status)
    page = cut(rows, ORDERS[order], after, size)
    return IdeasPage(idea_lines(page.rows, viewer), page.after)


def idea_counts() -> dict[str, int]:
    """How many ideas have each status, in the order of the statuses."""
    rows = Idea.objects.filter(removed_at__isnull=True).order_by().values_list("status")
    counts = dict(rows.annotate(Count("id")))
    return {status: counts.get(status, 0) for status in Status.values}


def idea(idea_id: int, viewer: int | None = None) -> IdeaPage | None:
    """One idea, as its page shows it; None if there never was one."""
    row = Idea.objects.select_related("author").filter(pk=idea_id).first()
    if row is None:
        return None
    removal = removal_of(row)
    if removal is not None:
        row.title = row.text = ""
        return IdeaPage(idea_lines((row,), viewer)[0], removal, (), ())
    answers, history = official_answers(f"idea-{idea_id}", viewer), _history(idea_id)
    words = [OfficialWord(answer.text, answer.created_at) for answer in answers]
    words += [OfficialWord(step.reason, step.at) for step in history]
    newest = {idea_id: max(words, key=lambda word: word.at)} if words else {}
    return IdeaPage(idea_lines((row,), viewer, newest)[0], None, history, answers)


def status_change(change_id: int) -> StatusStep | None:
    """One change of status, by its number."""
    row = StatusChange.objects.select_related("by").filter(pk=change_id).first()
    return None if row is None else _step(row)


def people_told(change_id: int, after: int = 0, limit: int = 500) -> tuple[Recipient, ...]:
    """Whom a change of status concerns: voters and author, by member number after `after`.

    For the sender of mail, which takes them in portions.
    """
    change = StatusChange.objects.filter(pk=change_id, idea__removed_at__isnull=True).first()
    if change is None:
        return ()
    numbers = concerned(change.idea_id, after).order_by("member_id")[:limit]
    rows = Member.objects.filter(pk__in=[number for (number,) in numbers]).order_by("pk")
    return tuple(Recipient(*row) for row in rows.values_list("pk", "email", "name", "language"))


def concerned(idea_id: int, after: int = 0) -> QuerySet[Vote, tuple[int]]:
    """The numbers of an idea's voters and author whose accounts are open, above `after`."""
    votes = Vote.objects.filter(idea_id=idea_id, member_id__gt=after, member__is_active=True)
    wrote = Idea.objects.filter(pk=idea_id, author_id__gt=after, author__is_active=True)
    authors = wrote.values_list("author_id")
    return votes.values_list("member_id").union(authors)


def shown_ideas() -> QuerySet[Idea]:
    """Ideas that stand, with their authors."""
    return Idea.objects.select_related("author").filter(removed_at__isnull=True)


def idea_lines(
    rows: tuple[Idea, ...], viewer: int | None, words: dict[int, OfficialWord] | None = None
) -> tuple[IdeaLine, ...]:
    """Rows with what stands beside them: three queries whatever their number.

    `words` are the newest official words, where the caller has read them already.
    """
    numbers = [row.pk for row in rows]
    official = _official_words(numbers) if words is None else words
    voted: set[int] = set()
    if viewer is not None:
        votes = Vote.objects.filter(member_id=viewer, idea_id__in=numbers)
        voted = set(votes.values_list("idea_id", flat=True))
    return tuple(
        IdeaLine(
            row.pk,
            f"idea-{row.pk}",
            row.title,
            row.text,
            row.language,
            row.status,
            row.votes,
            row.pk in voted,
            row.status not in CLOSED,
            row.comments,
            0,
            official.get(row.pk),
            author_of(row),
            row.created_at,
            row.edited_at,
            viewer is not None and row.author_id == viewer,
        )
        for row in rows
    )


def _official_words(numbers: list[int]) -> dict[int, OfficialWord]:
    """The newest of official answers and reasons given, for each idea."""
    words = newest_official_words("idea", numbers)
    changes = StatusChange.objects.filter(idea_id__in=numbers).order_by("id")
    for number, reason, at in changes.values_list("idea_id", "reason", "at"):
        if number not in words or at >= words[number].at:
            words[number] = OfficialWord(reason, at)
    return words


def _history(idea_id: int) -> tuple[StatusStep, ...]:
    rows = StatusChange.objects.select_related("by").filter(idea_id=idea_id).order_by("id")
    return tuple(_step(row) for row in rows)


def _step(row: StatusChange) -> StatusStep:
    by = None if row.by is None else Author(row.by.public_id, row.by.name, row.by.is_staff)
    return StatusStep(row.before, row.after, row.reason, by, row.at, row.told)
