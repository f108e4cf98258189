"""Fetching with patience: another try when a server is busy, when it says so or a little later."""

from collections.abc import Mapping
from typing import Final

import stamina

from community.fetch import Fetched, Fetcher, FetchError

_TRIES: Final = 3
_LONGEST_WAIT: Final = 60.0  # seconds; a server that asks for more is left for the next run


def get(
    fetcher: Fetcher, url: str, headers: Mapping[str, str] | None = None, wait: float = 1.0
) -> Fetched:
    """`fetcher.get`, tried up to three times; `wait` seconds before the second, then twice that.

    A Retry-After is obeyed up to a minute. Raises FetchError as the last try did.
    """

    def pause(error: Exception) -> bool | float:
        if not isinstance(error, FetchError) or not error.may_pass:
            return False
        if error.again_in is None:
            return True
        return False if error.again_in > _LONGEST_WAIT else error.again_in

    for attempt in stamina.retry_context(
        on=pause, attempts=_TRIES, timeout=None, wait_initial=wait, wait_jitter=wait / 2
    ):
        with attempt:
            return fetcher.get(url, headers)
    raise AssertionError("stamina gives up by raising")
