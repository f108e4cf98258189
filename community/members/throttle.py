"""How often a sign-in may be tried, by where it comes from and by the account it is for.

An attempt is written before the password is looked at and taken away when it was right, so that
many tries at once cannot slip through between a count and a write. Figures: OWASP Authentication
Cheat Sheet asks for a limit by account; the one by pair is tight, and the one by account alone is
wide, so that a stranger cannot lock a member out at will.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

from django.conf import settings
from django.utils import timezone

from community.members.models import SignInAttempt, normal_address

WINDOW: Final = timedelta(minutes=15)
PAIR_LIMIT: Final = 5
ORIGIN_LIMIT: Final = 30
ACCOUNT_LIMIT: Final = 50


@dataclass(frozen=True)
class Attempt:
    """One try: its row, and whether it may go on to the password."""

    row: int
    origin: str
    account: str
    allowed: bool


def begin_attempt(address: str, email: str) -> Attempt:
    """Write the try down and count; `address` is the client's IP address."""
    since = timezone.now() - WINDOW
    SignInAttempt.objects.filter(at__lt=since).delete()
    origin, account = network_of(address), _account(email)
    row = SignInAttempt.objects.create(origin=origin, account=account)
    recent = SignInAttempt.objects.filter(at__gte=since)
    allowed = (
        recent.filter(origin=origin, account=account).count() <= PAIR_LIMIT
        and recent.filter(origin=origin).count() <= ORIGIN_LIMIT
        and recent.filter(account=account).count() <= ACCOUNT_LIMIT
    )
    return Attempt(row.pk, origin, account, allowed)


def forgive(attempt: Attempt) -> None:
    """The password was right: forget this pair's failures, and no one else's."""
    SignInAttempt.objects.filter(origin=attempt.origin, account=attempt.account).delete()


def network_of(address: str) -> str:
    """An IPv6 client has a /64 network to choose from, so the network is what counts."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def _account(email: str) -> str:
    key = b"sign-in " + str(settings.SECRET_KEY).encode()
    return hmac.new(key, normal_address(email).encode(), hashlib.sha256).hexdigest()
