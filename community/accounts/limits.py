"""How often the account's forms may be sent, counted in the store so that every process knows.

An act takes one of `amount` places, and each place is free again after `seconds`. A place is one
row with a unique key, so that of two acts at once only one gets the last of them.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.cache import caches

from community.members.throttle import network_of


@dataclass(frozen=True)
class Limit:
    """At most `amount` acts of the kind `name` in `seconds`, for each who is named."""

    name: str
    amount: int
    seconds: int

    def allows(self, who: str) -> bool:
        """Take a place for `who` (an address, a number, a member); False if all are taken."""
        cache = caches["limits"]
        key = b"limits " + str(settings.SECRET_KEY).encode()
        digest = hmac.new(key, f"{self.name}\x1f{who}".encode(), hashlib.sha256).hexdigest()
        return any(
            cache.add(f"{self.name}:{digest}:{place}", 1, self.seconds)
            for place in range(self.amount)
        )


HOUR: Final = 3600
DAY: Final = 24 * HOUR
SIGN_UP: Final = Limit("sign_up", 20, HOUR)  # by network: a school or an office shares one
VERIFY_MAIL: Final = Limit("verify_mail", 3, HOUR)  # by address: nobody's mailbox is filled
EXISTS_MAIL: Final = Limit("exists_mail", 3, HOUR)
RESET: Final = Limit("reset", 20, HOUR)
RESET_MAIL: Final = Limit("reset_mail", 3, HOUR)
NEW_PASSWORD: Final = Limit("new_password", 20, HOUR)
CHANGE_EMAIL: Final = Limit("change_email", 5, DAY)  # by member
PHONE_MEMBER: Final = Limit("phone_member", 5, DAY)
PHONE_NUMBER: Final = Limit("phone_number", 3, HOUR)
PHONE_NETWORK: Final = Limit("phone_network", 20, HOUR)
PHONE_TRY: Final = Limit("phone_try", 30, HOUR)
SETTINGS: Final = Limit("settings", 60, HOUR)
DOWNLOAD: Final = Limit("download", 10, HOUR)


def network(address: str) -> str:
    """Where a request comes from, as it is counted: an IPv6 client has a whole /64."""
    return network_of(address)
