"""All that is kept about a member, in every room of the house: to take along, and to be forgotten.

Each room answers for its own tables in a `Part`. A test compares the parts with the tables that
point to a member, so that a new table cannot be forgotten here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.http import int_to_base36
from django.utils.translation import ngettext

from community.accounts.models import Phone, PhoneCode, Suppression, Wishes
from community.belts.facts import write_fact
from community.belts.models import Fact
from community.configure import instance
from community.decisions.actions import COMMAND_LINE, Actor, record
from community.errors import CommunityError
from community.members.models import Member
from community.outbox.models import Delivery
from nlp.identifiers import email_key


@dataclass(frozen=True)
class Part:
    """One room's share: which columns point to a member, what they hold, and how it is forgotten.

    `covers` names columns as app.Model.field. `collect` gives lists and plain values by name;
    `forget` runs inside of the transaction that deletes the account.
    """

    covers: frozenset[str]
    collect: Callable[[Member], dict[str, Any]]
    forget: Callable[[Member], object]


# Columns that only ever name staff, whose accounts are closed and not erased: what they decided
# must stay attributable.
STAFF_ONLY: Final = frozenset(
    {
        "alerts.AlertState.by",
        "corrections.Correction.by",
        "corrections.Sample.by",
        "corrections.SampleItem.by",
        "ideas.StatusChange.by",
        "inbox.Conversation.assignee",
        "inbox.Draft.author",
        "inbox.Reply.by",
        "trackers.TrackerVersion.by",
    }
)
YARD: Final = frozenset(
    {
        "discussion.Comment.author",
        "ideas.Idea.author",
        "ideas.Vote.member",
        "notices.Notice.member",
        "reviews.HelpfulMark.member",
        "reviews.Review.author",
    }
)
ACCOUNT: Final = frozenset(
    {
        "account.EmailAddress.user",
        "accounts.Phone.member",
        "accounts.PhoneCode.member",
        "accounts.Wishes.member",
    }
)


def parts() -> tuple[Part, ...]:
    """Who answers for what; posts before the account, for they are found by it."""
    from community.inbox.erasing import forget_person
    from community.inbox.privacy import inbox_data
    from community.intake.privacy import COVERS as VISITS
    from community.intake.privacy import forget_visits, visits_data
    from community.yard.posts import SOURCE
    from community.yard.privacy import forget_in_yard, yard_data

    return (
        Part(YARD, lambda member: yard_data(member.pk), lambda member: forget_in_yard(member.pk)),
        Part(
            frozenset(),
            lambda member: inbox_data(member.public_id),
            lambda member: forget_person([(SOURCE, member.public_id)]),
        ),
        Part(
            VISITS, lambda member: visits_data(member.pk), lambda member: forget_visits(member.pk)
        ),
        Part(frozenset(), lambda member: {}, _forget_letters),
        Part(ACCOUNT, _account_data, _forget_account),
    )


def personal_data(member: Member) -> dict[str, Any]:
    """Everything that is kept about a member, by name; times are UTC."""
    found: dict[str, Any] = {}
    for part in reversed(parts()):
        found.update(part.collect(member))
    return found


def erase_member(member_id: int, by: Actor) -> None:
    """Forget a customer everywhere in this store, and tell the warehouse to do the same.

    What is left is an audit row and facts that name a random id. Raises CommunityError for staff,
    whose accounts are closed instead, and for somebody who is not here.
    """
    # Sessions name their member inside only, and all must be read: not while the store is held.
    sessions = _sessions(member_id)
    with transaction.atomic():
        _erase(member_id, by)
        Session.objects.filter(pk__in=sessions).delete()


def _erase(member_id: int, by: Actor) -> None:
    member = Member.objects.select_for_update().filter(pk=member_id).first()
    if member is None:
        raise CommunityError(f"There is no member {member_id}. They may have left already.")
    if member.is_staff:
        raise CommunityError(f"Member {member_id} is staff. Deactivate the account instead.")
    for part in parts():
        part.forget(member)
    record(by, "erase_member", "member", member_id)
    public_id = member.public_id
    member.delete()
    _empty_facts(public_id)
    write_fact("member_left", public_id)


def forget_everywhere(authors: Sequence[tuple[str, str]], customers: Sequence[str]) -> int:
    """Forget a person in this store by what the warehouse knows of them; counts what there was.

    The yard's account goes with all that is theirs, and their conversations in the inbox, whatever
    they came from. Done again it finds nothing more.
    """
    from community.inbox.erasing import forget_person
    from community.yard.posts import SOURCE

    members = [author_id for source, author_id in authors if source == SOURCE]
    found = Member.objects.filter(public_id__in=members, is_staff=False)
    ids = list(found.values_list("pk", flat=True))
    for member_id in ids:
        erase_member(member_id, COMMAND_LINE)
    with transaction.atomic():
        cases = forget_person(authors)
        cases += sum(forget_person(customer_id=customer) for customer in customers)
        if cases:
            record(COMMAND_LINE, "forget_person", "person", "", detail={"conversations": cases})
    return len(ids) + cases


@transaction.atomic
def suppress(keys: Iterable[str], by: Actor) -> int:
    """Let nobody with these keyed hashes be brought back by a collection; how many are new."""
    wanted = sorted({key for key in keys if key})
    known = set(Suppression.objects.filter(key__in=wanted).values_list("key", flat=True))
    new = [key for key in wanted if key not in known]
    if new:
        Suppression.objects.bulk_create(
            [Suppression(key=key) for key in new], ignore_conflicts=True
        )
        record(by, "suppress", "person", "", detail={"keys": len(new)})
        write_fact("person_suppressed", "", {"keys": new})
    return len(new)


def what_will_be_lost(member: Member) -> tuple[str, ...]:
    """What goes with the account, in words; only what there is."""
    from community.yard.privacy import yard_data

    kept = yard_data(member.pk)
    standing = {
        name: sum(1 for row in kept.get(name, []) if not row.get("removed_at"))
        for name in ("reviews", "ideas", "comments", "votes", "notices")
    }
    sentences = {
        "reviews": ngettext("%(n)s review", "%(n)s reviews", standing["reviews"]),
        "ideas": ngettext(
            "%(n)s idea, with its votes and what stands below it",
            "%(n)s ideas, with their votes and what stands below them",
            standing["ideas"],
        ),
        "comments": ngettext("%(n)s comment", "%(n)s comments", standing["comments"]),
        "votes": ngettext("%(n)s vote", "%(n)s votes", standing["votes"]),
        "notices": ngettext("%(n)s notice", "%(n)s notices", standing["notices"]),
    }
    return tuple(
        sentence % {"n": f"{standing[name]:,}"}
        for name, sentence in sentences.items()
        if standing[name]
    )


def _account_data(member: Member) -> dict[str, Any]:
    wishes = Wishes.objects.filter(member_id=member.pk).first() or Wishes()
    phone = Phone.objects.filter(member_id=member.pk).first()
    addresses = EmailAddress.objects.filter(user_id=member.pk).order_by("pk")
    return {
        "account": {
            "name": member.name,
            "email": member.email,
            "public_id": member.public_id,
            "language": member.language,
            "joined_at": member.joined_at,
            "last_sign_in": member.last_login,
            "addresses": list(addresses.values("email", "verified")),
            "phone": {"last_digits": phone.last_digits, "verified_at": phone.verified_at}
            if phone
            else None,
            "mail_wishes": {"ideas": wishes.idea_mail, "answers": wishes.answer_mail},
        },
    }


def _forget_account(member: Member) -> None:
    for model in (Wishes, Phone, PhoneCode):
        model._default_manager.filter(member_id=member.pk).delete()
    EmailAddress.objects.filter(user_id=member.pk).delete()


def _forget_letters(member: Member) -> None:
    """What waits for a person, or was sent to them; numbers are found by the codes' own hashes."""
    secret = instance().identity_key
    addresses = EmailAddress.objects.filter(user_id=member.pk).values_list("email", flat=True)
    keys = {email_key(address, secret) for address in (member.email, *addresses)}
    for model in (Phone, PhoneCode):
        keys |= set(
            model._default_manager.filter(member_id=member.pk).values_list("phone_key", flat=True)
        )
    Delivery.objects.filter(recipient__in=[key for key in keys if key]).delete()


def _sessions(member_id: int) -> list[str]:
    """The keys of the sessions that are the member's, begin to be, or hold their address."""
    pending_number = int_to_base36(member_id)  # as allauth writes it
    addresses = {address for (address,) in _addresses(member_id)}
    found = []
    for session in Session.objects.iterator():
        content = session.get_decoded()
        pending = content.get("account_login") or {}
        named = {content.get("account_mailed_to"), pending.get("email")}
        signed_in = content.get(SESSION_KEY) == str(member_id)
        if signed_in or pending.get("user_pk") == pending_number or addresses & named:
            found.append(session.pk)
    return found


def _addresses(member_id: int) -> Iterable[tuple[str]]:
    """The member's address and those that they began to change to."""
    own = Member.objects.filter(pk=member_id).values_list("email")
    return own.union(EmailAddress.objects.filter(user_id=member_id).values_list("email"))


def _empty_facts(public_id: str) -> None:
    """What facts say of the person beside the random id; their numbers and kinds stay."""
    facts = Fact.objects.filter(subject=public_id)
    facts.filter(kind="member_joined").update(body={"language": "", "email_key": None})
    facts.filter(kind="member_keys").update(body={"email_key": None, "phone_key": None})
