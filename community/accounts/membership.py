"""What proving an address or a number means: the member is known by it, here and in the warehouse.

An address belongs to whom proved it; an account that never proved its address gives way. A number
belongs to whoever proved it last, for numbers are given to new people.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from community.accounts.models import Phone
from community.belts.facts import write_fact
from community.configure import instance
from community.decisions.actions import Actor, record
from community.members.models import Member, normal_address
from nlp.identifiers import email_key

UNPROVED_FOR: Final = timedelta(days=3)  # as long as the link holds


def customer_by_address(email: str) -> Member | None:
    """The customer with this address, proved or not; never staff, who have their own door."""
    found = Member.objects.filter(email=normal_address(email), is_active=True, is_staff=False)
    return found.first()


def public_id_of(email: str) -> str | None:
    """The public id of the customer with this address; None for nobody."""
    member = customer_by_address(email)
    return None if member is None else member.public_id


def address_is_free(email: str, member_id: int | None) -> bool:
    """Whether a member may prove this address: nobody else has proved it, and it is not staff's."""
    address = normal_address(email)
    taken = EmailAddress.objects.filter(email=address, verified=True).exclude(
        user_id=member_id or 0
    )
    staff = Member.objects.filter(email=address, is_staff=True).exclude(pk=member_id or 0)
    return not taken.exists() and not staff.exists()


def address_proved(
    request: HttpRequest,
    address: EmailAddress,
    confirm: Callable[[HttpRequest, EmailAddress], bool],
) -> bool:
    """Take `address` as its member's own by `confirm`; False where it is another's by now."""
    with transaction.atomic():
        member = Member.objects.select_for_update().get(pk=address.user_id)
        if member.is_staff or not address_is_free(address.email, member.pk):
            return False
        proved = EmailAddress.objects.filter(user_id=member.pk, verified=True)
        is_new = not proved.exists()
        make_way(address.email, member)
        if not confirm(request, address):
            return False
        member.refresh_from_db()
        if is_new:
            record(Actor(member.pk), "join", "member", member.pk)
            key = email_key(member.email, instance().identity_key)
            write_fact(
                "member_joined", member.public_id, {"language": member.language, "email_key": key}
            )
        else:
            record(Actor(member.pk), "change_email", "member", member.pk)
            tell_keys(member)
    return True


def tell_keys(member: Member) -> None:
    """Tell the warehouse by which address and number the member is known now."""
    phone = Phone.objects.filter(member_id=member.pk).first()
    proved = EmailAddress.objects.filter(user_id=member.pk, email=member.email, verified=True)
    body: dict[str, Any] = {
        "email_key": email_key(member.email, instance().identity_key) if proved.exists() else None,
        "phone_key": phone.phone_key if phone else None,
    }
    write_fact("member_keys", member.public_id, body)


def forget_unproved(now: datetime | None = None) -> int:
    """Delete accounts whose address was never proved while its link held; how many."""
    before = (now or timezone.now()) - UNPROVED_FOR
    old = Member.objects.filter(is_staff=False, joined_at__lt=before).exclude(
        emailaddress__verified=True
    )
    count = 0
    for member in old.order_by("pk")[:500]:
        with transaction.atomic():
            count += _delete_unproved(member)
    return count


def make_way(email: str, member: Member | None = None) -> None:
    """Delete what others began with this address and never proved: it is nobody's until then."""
    address = normal_address(email)
    number = member.pk if member else 0  # nobody's
    for other in Member.objects.filter(email=address, is_staff=False).exclude(pk=number):
        _delete_unproved(other)
    EmailAddress.objects.filter(email=address, verified=False).exclude(user_id=number).delete()


def _delete_unproved(member: Member) -> int:
    """Delete an account that could never sign in, and so has done nothing here."""
    if EmailAddress.objects.filter(user_id=member.pk, verified=True).exists():
        return 0
    member.delete()
    return 1
