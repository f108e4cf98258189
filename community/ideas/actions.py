"""Orders about ideas. Each is one transaction that ends with its fact."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext

from community.belts.facts import write_fact
from community.decisions.actions import Actor, record
from community.errors import CommunityError
from community.ideas.heat import weight
from community.ideas.models import CLOSED, Idea, Status, StatusChange, Vote
from community.ideas.queries import concerned
from community.members.models import Member
from community.notices.actions import notify_all
from community.outbox.actions import enqueue
from community.yard.authors import active_member, staff_member
from community.yard.models import TEXT_LENGTH, TITLE_LENGTH
from community.yard.posts import PostId
from community.yard.removal import REMOVAL_FIELDS, close_thread, remove
from community.yard.writing import language_of, official_text, public_line, public_text

SENT_TWICE: Final = timedelta(hours=1)
LONGEST_REASON: Final = 1000


@transaction.atomic
def propose_idea(member: Member, title: str, text: str, *, now: datetime | None = None) -> int:
    """Post an idea; the same one sent twice within the hour is one. Personal data is masked."""
    author, moment = active_member(member, alone=True), now or timezone.now()
    head, body = _content(title, text)
    twice = Idea.objects.filter(
        author_id=author.pk, created_at__gt=moment - SENT_TWICE, removed_at__isnull=True
    )
    standing = twice.filter(title=head, text=body).first()
    if standing is not None:
        return standing.pk
    idea = Idea.objects.create(
        author=author,
        by_staff=author.is_staff,
        title=head,
        text=body,
        language=language_of(f"{head}\n{body}", author.language),
        created_at=moment,
        heat=weight(moment),
    )
    write_fact("post_written", _name(idea), {"author": author.public_id})
    return idea.pk


@transaction.atomic
def edit_idea(member: Member, idea_id: int, title: str, text: str) -> None:
    """Change one's own idea while it is not yet reviewed: votes were given for what stood there."""
    author = active_member(member)
    idea = _own(author, idea_id)
    head, body = _content(title, text)
    if (idea.title, idea.text) == (head, body):
        return
    if idea.status != Status.OPEN:
        raise CommunityError(
            gettext("This idea is being worked on already. Add what is new as a comment.")
        )
    idea.title, idea.text = head, body
    idea.language = language_of(f"{head}\n{body}", author.language)
    idea.edited_at = timezone.now()
    idea.save(update_fields=["title", "text", "language", "edited_at"])
    write_fact("post_edited", _name(idea), {"author": author.public_id})


@transaction.atomic
def remove_idea(member: Member, idea_id: int, reason: str = "") -> None:
    """Take away one's own idea, or as staff anybody's with a reason, and what stands below."""
    remover = active_member(member)
    idea = _locked(idea_id)
    if not remove(idea, _name(idea), remover, reason):
        return
    idea.title = "" if not idea.text else idea.title
    idea.comments = 0
    idea.save(update_fields=[*REMOVAL_FIELDS, "title", "comments"])
    close_thread(idea, _name(idea))


@transaction.atomic
def vote_idea(member: Member, idea_id: int, *, now: datetime | None = None) -> int:
    """Vote for an idea; twice is once. Returns how many votes it has."""
    voter, moment = active_member(member), now or timezone.now()
    if not Idea.objects.filter(pk=idea_id, removed_at__isnull=True).exists():
        raise CommunityError(gettext("This idea is not there any more."))
    _, new = Vote.objects.get_or_create(
        idea_id=idea_id, member_id=voter.pk, defaults={"at": moment}
    )
    if new:
        # The condition holds against a change of status or a removal that came in between.
        open_ideas = Idea.objects.filter(pk=idea_id, removed_at__isnull=True)
        counted = open_ideas.exclude(status__in=CLOSED).update(
            votes=F("votes") + 1, heat=F("heat") + weight(moment)
        )
        if not counted:
            raise CommunityError(gettext("This idea is decided; votes are no longer counted."))
    votes = _votes(idea_id)
    if new:
        write_fact("vote_cast", PostId("idea", idea_id), {"member": voter.public_id})
    return votes


@transaction.atomic
def withdraw_vote(member: Member, idea_id: int) -> int:
    """Take one's vote back; without one, nothing changes. Returns how many votes are left."""
    voter = active_member(member)
    votes = Vote.objects.select_for_update().filter(idea__id=idea_id, member_id=voter.pk)
    vote = votes.first()
    if vote is None:
        return _votes(idea_id)
    vote.delete()
    Idea.objects.filter(pk=idea_id).update(
        votes=F("votes") - 1, heat=Greatest(F("heat") - weight(vote.at), Value(0.0))
    )
    left = _votes(idea_id)
    write_fact("vote_withdrawn", PostId("idea", idea_id), {"member": voter.public_id})
    return left


@transaction.atomic
def change_status(idea_id: int, status: str, reason: str, by: Actor) -> int:
    """Move an idea on and tell its voters and author why; returns how many were told.

    All in one transaction: the step, a notice for each, one job that will mail them, the audit row
    and the fact. The same step twice tells nobody again and returns 0.
    """
    staff = staff_member(by)
    if status not in Status.values:
        raise CommunityError(f"No status is called {status!r}. Use one of {', '.join(Status)}.")
    why = official_text(reason, LONGEST_REASON, gettext("The reason"))
    idea = _locked(idea_id)
    if idea.removed_at is not None:
        raise CommunityError(gettext("This idea is not there any more."))
    newest = StatusChange.objects.filter(idea_id=idea_id).order_by("-id").first()
    if newest is not None and (newest.after, newest.reason) == (status, why):
        return 0
    before, idea.status = idea.status, status
    idea.save(update_fields=["status"])
    change = StatusChange.objects.create(
        idea=idea, before=before, after=status, reason=why, by=staff
    )
    step = {"change": change.pk, "status": status}
    change.told = notify_all(concerned(idea_id), "idea_status", str(_name(idea)), step)
    change.save(update_fields=["told"])
    _mail(change)
    detail = {"from": before, "to": status, "told": change.told}
    record(by, "change_status", "idea", idea_id, why=why, detail=detail)
    body = {"status": status, "before": before, "reason": why}
    write_fact("idea_status", _name(idea), body)
    return change.told


def _mail(change: StatusChange) -> None:
    """One job for all the mails: its sender asks `ideas.queries.people_told` in portions."""
    payload = {"template": "idea_status", "idea": change.idea_id, "change": change.pk}
    enqueue("mail", f"idea-status-{change.pk}", payload)


def _content(title: str, text: str) -> tuple[str, str]:
    """Title and text as they are stored."""
    head = public_line(title, TITLE_LENGTH, gettext("The title"))
    return head, public_text(text, TEXT_LENGTH, gettext("The idea"))


def _name(idea: Idea) -> PostId:
    return PostId("idea", idea.pk)


def _votes(idea_id: int) -> int:
    votes = Idea.objects.filter(pk=idea_id).values_list("votes", flat=True).first()
    if votes is None:
        raise CommunityError(gettext("This idea is not there any more."))
    return votes


def _locked(idea_id: int) -> Idea:
    idea = Idea.objects.select_for_update(no_key=True).filter(pk=idea_id).first()
    if idea is None:
        raise CommunityError(gettext("This idea is not there any more."))
    return idea


def _own(member: Member, idea_id: int) -> Idea:
    idea = _locked(idea_id)
    if idea.removed_at is not None:
        raise CommunityError(gettext("This idea is not there any more."))
    if idea.author_id != member.pk:
        raise CommunityError(gettext("Only its author can change this idea."))
    return idea
