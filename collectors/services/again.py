"""Posts to look at again for some days, each at most once a day: was it edited, is it still there?

Most terms ask that what its owner has deleted be deleted here too, and few services tell it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

KEPT: Final = 1000  # posts; the cursor is written with every batch, so it must stay small
_EVERY: Final = 24  # hours between two looks at a post
_HOUR: Final = 3600


class Watched:
    """The posts landed in the last `days`, as the cursor holds them: {id: [written, looked at]}.

    Times are whole hours since 1970. Of more than KEPT posts the oldest are forgotten.
    """

    def __init__(self, stored: Mapping[str, Any], days: int) -> None:
        self._hours = days * 24
        self._posts = {str(key): (int(at[0]), int(at[1])) for key, at in stored.items()}

    def add(self, native_id: str, written: datetime | None, now: datetime) -> None:
        """Watch a post that has just been seen, if it is young enough."""
        hour = _hour(now)
        born = hour if not isinstance(written, datetime) else min(_hour(written), hour)
        self._posts.pop(native_id, None)
        if hour - born < self._hours:
            self._posts[native_id] = (born, hour)

    def forget(self, native_id: str) -> None:
        """Watch a post no more."""
        self._posts.pop(native_id, None)

    def knows(self, native_id: str) -> bool:
        """Whether a post is watched."""
        return native_id in self._posts

    def ids(self) -> set[str]:
        """The posts that are watched."""
        return set(self._posts)

    def due(self, now: datetime, most: int) -> list[str]:
        """At most `most` posts that were not looked at for a day, the longest unseen first."""
        hour = _hour(now)
        for native_id in [k for k, at in self._posts.items() if hour - at[0] >= self._hours]:
            del self._posts[native_id]
        waiting = [(*at[::-1], key) for key, at in self._posts.items() if hour - at[1] >= _EVERY]
        return [key for _, _, key in sorted(waiting)[:most]]

    def looked(self, native_id: str, now: datetime) -> None:
        """Note that a post was found in its place."""
        if native_id in self._posts:
            self._posts[native_id] = (self._posts[native_id][0], _hour(now))

    def stored(self) -> dict[str, list[int]]:
        """As JSON takes it, bounded."""
        newest = sorted(self._posts.items(), key=lambda item: item[1][0])[-KEPT:]
        return {key: list(at) for key, at in newest}


def _hour(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() // _HOUR)
