"""How much one address may hand in: a machine that runs wild is told to wait, and others go on."""

import time
from typing import Final

from community.members.throttle import network_of
from community.yard.throttle import seconds_until_allowed

HOOKS_A_MINUTE: Final = 600  # by address and by hook
EVENTS_A_MINUTE: Final = 120  # requests by address, each with several events


def wait_for_hook(hook: str, address: str) -> int:
    """Count one webhook; 0 if it may be taken, else the seconds until the next may."""
    allowed = {f"address {network_of(address)}": HOOKS_A_MINUTE, f"hook {hook}": HOOKS_A_MINUTE}
    return seconds_until_allowed("hook", allowed, 60, time.time())


def wait_for_events(address: str) -> int:
    """The same of the events of web pages."""
    allowed = {f"address {network_of(address)}": EVENTS_A_MINUTE}
    return seconds_until_allowed("event", allowed, 60, time.time())
