"""Moving a community's past in: in one transaction, with the dates that it had, telling nobody.

Nobody gets a notice or a mail for what happened long ago; the warehouse gets every fact, in the
order in which it happened. Counters stand as if each act had been carried out here.
"""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext

from community.accounts.models import Phone
from community.belts.facts import write_facts
from community.catalogue.models import Product
from community.configure import instance
from community.decisions.actions import COMMAND_LINE, Actor, record
from community.decisions.models import AuditEntry
from community.discussion.models import Comment
from community.errors import CommunityError
from community.ideas.heat import weight
from community.ideas.models import Idea, Status, StatusChange, Vote
from community.members.models import Member, normal_address
from community.reviews.models import HelpfulMark, Review
from community.yard.authors import staff_member
from community.yard.history import History, MovedIn, PastComment, PastMember
from community.yard.models import TEXT_LENGTH, TITLE_LENGTH
from community.yard.posts import PostId
from community.yard.writing import language_of, official_text, public_line, public_text
from nlp.identifiers import email_key, phone_key

Told = tuple[datetime, str, str, dict[str, Any]]  # when, kind of fact, subject, body


@transaction.atomic
def move_in(history: History, by: Actor = COMMAND_LINE) -> MovedIn:
    """Add a history to the store, once; `by` is who answers for the company in it.

    Members who are here already stay as they are and keep what they did elsewhere. Raises
    CommunityError for what names somebody or something that the history does not have.
    """
    staff = staff_member(by)
    if AuditEntry.objects.filter(
        action="move_in", subject_kind="history", subject_id=history.key
    ).exists():
        return MovedIn()
    moving = _Moving(history, staff)
    new = moving.add_members()
    moving.add_reviews()
    moving.add_ideas()
    moving.add_comments()
    moving.add_votes()
    facts = sorted(moving.told, key=lambda told: told[0])
    moved = MovedIn(new, len(moving.posts), len(history.votes))
    record(by, "move_in", "history", history.key, detail={"posts": moved.posts})
    write_facts([told[1:] for told in facts], [told[0] for told in facts])
    return moved


class _Moving:
    """One history on its way in; `posts` finds by ref what has been added."""

    def __init__(self, history: History, staff: Member | None) -> None:
        self.history = history
        self.staff = staff
        self.members: dict[str, Member] = {}
        self.posts: dict[str, Review | Idea | Comment] = {}
        self.told: list[Told] = []
        self.parents = {each.ref: each.post for each in history.comments}
        self.comments = Counter(self._below(each) for each in history.comments)

    def add_members(self) -> int:
        past = {normal_address(each.email): each for each in self.history.members}
        known = Member.objects.filter(email__in=list(past), is_staff=False)
        self.members = {member.email: member for member in known}
        new = [_member(address, each) for address, each in past.items()
               if address not in self.members]  # fmt: skip
        Member.objects.bulk_create(new)
        EmailAddress.objects.bulk_create(
            [EmailAddress(user=one, email=one.email, verified=True, primary=True) for one in new]
        )
        key = instance().identity_key
        for member in new:
            self.members[member.email] = member
            body = {"language": member.language, "email_key": email_key(member.email, key)}
            self.told.append((member.joined_at, "member_joined", member.public_id, body))
            self._add_phone(member, past[member.email].phone, key)
        return len(new)

    def _add_phone(self, member: Member, number: str | None, key: bytes) -> None:
        hashed = phone_key(number, key) if number else None
        if hashed is None or Phone.objects.filter(phone_key=hashed).exists():
            return
        digits = "".join(letter for letter in str(number) if letter.isdigit())[-4:]
        at = member.joined_at
        Phone.objects.create(member=member, phone_key=hashed, last_digits=digits, verified_at=at)
        body = {"email_key": email_key(member.email, key), "phone_key": hashed}
        self.told.append((at, "member_keys", member.public_id, body))

    def add_reviews(self) -> None:
        names = {each.product for each in self.history.reviews}
        products = {name: Product.objects.get_or_create(name=name)[0] for name in sorted(names)}
        helpful = Counter(mark.review for mark in self.history.marks)
        rows = {
            each.ref: Review(
                author=self._author(each.member),
                product=products[each.product],
                rating=each.rating,
                title=public_line(each.title, TITLE_LENGTH, gettext("The title"))
                if each.title
                else "",
                text=public_text(each.text, TEXT_LENGTH, gettext("The review")),
                language=language_of(each.text, "ko"),
                created_at=each.at,
                helpful=helpful[each.ref],
                comments=self.comments[each.ref],
            )
            for each in self.history.reviews
        }
        Review.objects.bulk_create(rows.values(), batch_size=500)
        self.posts |= rows
        for each in self.history.reviews:
            self._tell_post(PostId("review", rows[each.ref].pk), each.member, each.at)
        HelpfulMark.objects.bulk_create(
            [
                HelpfulMark(review=rows[mark.review], member=self._author(mark.member), at=mark.at)
                for mark in self.history.marks
            ],
            batch_size=500,
        )

    def add_ideas(self) -> None:
        steps = sorted(self.history.steps, key=lambda step: step.at)
        status = {step.idea: step.status for step in steps}
        votes = Counter(vote.idea for vote in self.history.votes)
        heat: dict[str, float] = defaultdict(float)
        for vote in self.history.votes:
            heat[vote.idea] += weight(vote.at)
        rows = {
            each.ref: Idea(
                author=self._author(each.member),
                title=public_line(each.title, TITLE_LENGTH, gettext("The title")),
                text=public_text(each.text, TEXT_LENGTH, gettext("The idea")),
                language=language_of(f"{each.title}\n{each.text}", "ko"),
                created_at=each.at,
                status=status.get(each.ref, Status.OPEN),
                votes=votes[each.ref],
                comments=self.comments[each.ref],
                heat=weight(each.at) + heat[each.ref],
            )
            for each in self.history.ideas
        }
        Idea.objects.bulk_create(rows.values(), batch_size=500)
        self.posts |= rows
        for each in self.history.ideas:
            self._tell_post(PostId("idea", rows[each.ref].pk), each.member, each.at)
        self._add_steps(rows)

    def _add_steps(self, ideas: dict[str, Idea]) -> None:
        reached: dict[str, str] = {}
        changes = []
        for step in sorted(self.history.steps, key=lambda step: step.at):
            if step.status not in Status.values:
                raise CommunityError(f"No status is called {step.status!r}, as {step.idea} has.")
            before = reached.get(step.idea, str(Status.OPEN))
            reached[step.idea] = step.status
            changes.append(
                StatusChange(
                    idea=ideas[step.idea], before=before, after=step.status, reason=step.reason,
                    by=self.staff, at=step.at,
                )
            )  # fmt: skip
            body = {"status": step.status, "before": before, "reason": step.reason}
            subject = str(PostId("idea", ideas[step.idea].pk))
            self.told.append((step.at, "idea_status", subject, body))
        StatusChange.objects.bulk_create(changes)

    def add_comments(self) -> None:
        for each in self.history.comments:
            below = self._post(self._below(each))
            answered = self._post(each.post)
            official = each.member is None
            row = Comment(
                author=self.staff if each.member is None else self._author(each.member),
                by_staff=official,
                is_official=official,
                text=_said(each),
                answers=str(_name(answered)) if official or isinstance(answered, Comment) else "",
                language=language_of(each.text, "ko"),
                created_at=each.at,
                key=f"{self.history.key}/{each.ref}" if official else None,
                review=below if isinstance(below, Review) else None,
                idea=below if isinstance(below, Idea) else None,
            )
            row.save(force_insert=True)
            self.posts[each.ref] = row
            if each.member is not None:
                self._tell_post(_name(row), each.member, each.at)

    def add_votes(self) -> None:
        rows = [
            Vote(idea=self._idea(vote.idea), member=self._author(vote.member), at=vote.at)
            for vote in self.history.votes
        ]
        Vote.objects.bulk_create(rows, batch_size=500)
        for row in rows:
            subject = str(PostId("idea", row.idea.pk))
            self.told.append((row.at, "vote_cast", subject, {"member": row.member.public_id}))

    def _below(self, comment: PastComment) -> str:
        """The ref of the review or idea that a comment belongs to."""
        ref = comment.post
        while ref in self.parents:
            ref = self.parents[ref]
        return ref

    def _author(self, email: str) -> Member:
        member = self.members.get(normal_address(email))
        if member is None:
            raise CommunityError(f"The history has no member with the address {email!r}.")
        return member

    def _post(self, ref: str) -> Review | Idea | Comment:
        if ref not in self.posts:
            raise CommunityError(f"The history has no post {ref!r} before what stands below it.")
        return self.posts[ref]

    def _idea(self, ref: str) -> Idea:
        idea = self._post(ref)
        if not isinstance(idea, Idea):
            raise CommunityError(f"{ref!r} is no idea, so nobody votes for it.")
        return idea

    def _tell_post(self, name: PostId, email: str, at: datetime) -> None:
        body = {"author": self._author(email).public_id}
        self.told.append((at, "post_written", str(name), body))


def _member(address: str, past: PastMember) -> Member:
    member = Member(email=address, name=past.name, language=past.language, joined_at=past.joined_at)
    member.set_password(past.password)  # None makes one that no password fits
    return member


def _said(comment: PastComment) -> str:
    if comment.member is None:
        return official_text(comment.text, TEXT_LENGTH, gettext("The answer"))
    return public_text(comment.text, TEXT_LENGTH, gettext("The comment"))


def _name(post: Review | Idea | Comment) -> PostId:
    return PostId(type(post).__name__.lower(), post.pk)
