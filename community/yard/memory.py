"""What was rendered lately, kept in the memory of this process: bounded, and safe among threads."""

from collections.abc import Callable, Hashable
from threading import Lock


class Memory:
    """The newest renderings by all that they depend on, so that none can be out of date."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._pages: dict[Hashable, str] = {}
        self._lock = Lock()

    def of(self, key: Hashable, make: Callable[[], str]) -> str:
        """The rendering under `key`, made if it is not at hand."""
        with self._lock:
            page = self._pages.pop(key, None)
            if page is not None:
                self._pages[key] = page  # the newest use stands last
                return page
        page = make()
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > self._kept:
                del self._pages[next(iter(self._pages))]
        return page
