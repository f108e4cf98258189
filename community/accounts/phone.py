"""Proving a number: six digits are sent to it, and whoever types them has it in their hand.

Whose number it is otherwise makes no difference to what is answered; it belongs to whoever proved
it last. A guess has five in a million (five tries, then a new code), and codes are few a day.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from community.accounts.membership import tell_keys
from community.accounts.models import Phone, PhoneCode
from community.configure import instance
from community.decisions.actions import Actor, record
from community.errors import CommunityError
from community.members.models import Member
from community.outbox.actions import enqueue
from nlp.identifiers import phone_key

HOLDS: Final = timedelta(minutes=10)
TRIES: Final = 5


@transaction.atomic
def send_code(member: Member, number: str, now: datetime) -> None:
    """Send a fresh code to `number` (+8210…); one sent before counts no more."""
    key = phone_key(number, instance().identity_key)
    if key is None:
        raise CommunityError(f"{number!r} is not a phone number. Give it with its area code.")
    code = f"{secrets.randbelow(1_000_000):06d}"
    PhoneCode.objects.update_or_create(
        member_id=member.pk,
        defaults={
            "phone_key": key,
            "last_digits": number[-4:],
            "code_hash": _hash(member, key, code),
            "tries": 0,
            "expires_at": now + HOLDS,
        },
    )
    payload = {
        "template": "phone_code",
        "to": number,
        "language": member.language,
        "context": {"code": code},
        "until": (now + HOLDS).isoformat(),
    }
    enqueue("text", f"phone_code:{secrets.token_hex(12)}", payload)


def waiting_code(member: Member, now: datetime) -> str | None:
    """The last digits of the number whose code is awaited; None where there is none."""
    code = PhoneCode.objects.filter(
        member_id=member.pk, expires_at__gt=now, tries__lt=TRIES
    ).first()
    return code.last_digits if code else None


@transaction.atomic
def check_code(member: Member, code: str, now: datetime) -> bool:
    """Whether the code is right; the number is the member's from then on, and no one else's."""
    waiting = PhoneCode.objects.select_for_update().filter(member_id=member.pk).first()
    if waiting is None or waiting.expires_at <= now or waiting.tries >= TRIES:
        return False
    if not hmac.compare_digest(waiting.code_hash, _hash(member, waiting.phone_key, code)):
        waiting.tries += 1
        waiting.save(update_fields=["tries"])
        return False
    waiting.delete()
    for former in Phone.objects.filter(phone_key=waiting.phone_key).exclude(member_id=member.pk):
        _take_away(former, by=Actor(None))
    Phone.objects.update_or_create(
        member_id=member.pk,
        defaults={
            "phone_key": waiting.phone_key,
            "last_digits": waiting.last_digits,
            "verified_at": now,
        },
    )
    record(Actor(member.pk), "prove_phone", "member", member.pk)
    tell_keys(member)
    return True


@transaction.atomic
def forget_phone(member: Member) -> None:
    """Take one's own number back; nothing is left of it here."""
    phone = Phone.objects.select_related("member").filter(member_id=member.pk).first()
    if phone is not None:
        _take_away(phone, by=Actor(member.pk))


def _take_away(phone: Phone, by: Actor) -> None:
    owner = phone.member
    phone.delete()
    record(by, "forget_phone", "member", owner.pk)
    tell_keys(owner)


def _hash(member: Member, key: str, code: str) -> str:
    secret = b"phone code " + str(settings.SECRET_KEY).encode()
    return hmac.new(secret, f"{member.pk}:{key}:{code}".encode(), hashlib.sha256).hexdigest()
