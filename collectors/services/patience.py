"""Another try where a service is busy: when it says so, or a little later."""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar, runtime_checkable

import stamina

TRIES: Final = 3
LONGEST_WAIT: Final = 60.0  # seconds; a service that asks for more is left for the next run

Got = TypeVar("Got")


@runtime_checkable
class MayPass(Protocol):
    """An error that knows whether another try may help, and after how many seconds."""

    @property
    def may_pass(self) -> bool: ...

    again_in: float | None


def patiently(call: Callable[[], Got], wait: float, tries: int = TRIES) -> Got:
    """What `call` gives, tried up to `tries` times while its errors may pass (`MayPass`).

    `wait` is the pause before the second try, in seconds, then twice that; a pause that the service
    asks for is obeyed up to LONGEST_WAIT. Raises as the last try did.
    """
    for attempt in stamina.retry_context(
        on=_pause, attempts=tries, timeout=None, wait_initial=wait, wait_jitter=wait / 2
    ):
        with attempt:
            return call()
    raise AssertionError("stamina gives up by raising")


def _pause(error: Exception) -> bool | float:
    if not isinstance(error, MayPass) or not error.may_pass:
        return False
    if error.again_in is None:
        return True
    return False if error.again_in > LONGEST_WAIT else error.again_in
