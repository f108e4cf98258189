"""Counts what is written by a member and by an address, and says when it is too much.

A count belongs to a window of fixed length; its length, and the numbers, stand in limits.py. Counts
live in the store, so that all processes of the yard see the same ones.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from community.members.models import Member
from community.members.throttle import network_of
from community.yard.errors import too_many
from community.yard.limits import Limit

Rest = ParamSpec("Rest")
MemberView = Callable[Concatenate[HttpRequest, Member, Rest], HttpResponse]

COUNTS: Final = "limits"


def limited(limit: Limit) -> Callable[[MemberView[Rest]], MemberView[Rest]]:
    """Let a member send a form so many times; beyond it, a page says how long to wait."""

    def guard(view: MemberView[Rest]) -> MemberView[Rest]:
        @wraps(view)
        def counted(
            request: HttpRequest, member: Member, /, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponse:
            if request.method == "POST":
                address = str(request.META.get("REMOTE_ADDR", ""))
                wait = seconds_to_wait(limit, member.pk, address)
                if wait:
                    return too_many(request, wait)
            return view(request, member, *args, **kwargs)

        return counted

    return guard


def seconds_to_wait(limit: Limit, member_id: int, address: str, *, now: float | None = None) -> int:
    """Count one act; 0 if it is within the limit, else the seconds until the next window."""
    allowed = {
        f"member {member_id}": limit.member,
        f"address {network_of(address)}": limit.address,
    }
    moment = time.time() if now is None else now
    return seconds_until_allowed(limit.name, allowed, limit.seconds, moment)


def seconds_until_allowed(name: str, allowed: Mapping[str, int], seconds: int, now: float) -> int:
    """Count one act for each of who is named, in windows of `seconds`; 0 if none has had the number
    that is allowed, else the seconds until the next window."""
    window, passed = divmod(int(now), seconds)
    most = {_key(name, window, who): many for who, many in allowed.items()}
    counts = caches[COUNTS]
    with transaction.atomic():
        seen = counts.get_many(most)
        if any(seen.get(key, 0) >= many for key, many in most.items()):
            return seconds - passed
        counts.set_many({key: seen.get(key, 0) + 1 for key in most}, timeout=seconds)
    return 0


def _key(name: str, window: int, who: str) -> str:
    """A keyed digest, for the store should not hold a list of addresses."""
    plain = f"{name} {window} {who}".encode()
    key = b"yard limits " + str(settings.SECRET_KEY).encode()
    return hmac.new(key, plain, hashlib.sha256).hexdigest()
