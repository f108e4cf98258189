"""Questions about customers' accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from allauth.account.models import EmailAddress

from community.accounts.models import Phone, Wishes
from community.members.models import Member


@dataclass(frozen=True)
class Account:
    """What the account's own page shows. `new_email` waits to be proved; digits are the last."""

    name: str
    email: str
    new_email: str | None
    language: str
    phone_digits: str | None
    idea_mail: bool
    answer_mail: bool


def account(member: Member) -> Account:
    """The account of a customer."""
    phone = Phone.objects.filter(member_id=member.pk).first()
    wishes = Wishes.objects.filter(member_id=member.pk).first() or Wishes(member_id=member.pk)
    new = EmailAddress.objects.filter(user_id=member.pk, verified=False).order_by("-pk").first()
    return Account(
        member.name,
        member.email,
        new.email if new else None,
        member.language,
        phone.last_digits if phone else None,
        wishes.idea_mail,
        wishes.answer_mail,
    )


def mail_wanted(
    member_ids: Sequence[int], wish: Literal["idea_mail", "answer_mail"]
) -> dict[int, str]:
    """Who of these wants mail of a kind and has proved an address: number and public id."""
    members = (
        Member.objects.filter(
            pk__in=member_ids, is_active=True, is_staff=False, emailaddress__verified=True
        )
        .exclude(**{f"wishes__{wish}": False})
        .distinct()
    )
    return dict(members.values_list("pk", "public_id"))
