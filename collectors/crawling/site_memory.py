"""What the cursor of the source `web` knows of a site.

Forty-bit digests of the pages and reviews that are landed, the latest last, packed, as the cursor
goes with every batch; and the addresses of the pages that landed lately, which are looked at again.
"""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

REMEMBERED: Final = 20_000  # digests of a site; what is forgotten is fetched again
WATCHED: Final = 300  # pages of a site that are looked at again
_SIZE: Final = 5  # bytes of a digest
_AGAIN: Final = 24 * 3600  # seconds between two looks at the same page
_GONE_FOR_GOOD: Final = 2  # looks in a row at which a page was not there


@dataclass
class Watched:
    """A page that landed lately: what was on it, when it was looked at, and if it was missing."""

    ids: tuple[str, ...]
    looked: int  # seconds since 1970
    missing: int = 0  # looks in a row at which it was not there


@dataclass
class SiteMemory:
    """`complete`: an earlier walk came to its end. `walked`: when the last such walk began."""

    seen: dict[bytes, None] = field(default_factory=dict)
    complete: bool = False
    walked: datetime | None = None
    pages: dict[str, Watched] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: dict[str, Any], site: str) -> "SiteMemory":
        """The memory of a site in the cursor of the source; an empty one for a new site."""
        known = cursor.get("sites", {}).get(site, {})
        if not isinstance(known.get("seen", ""), str):  # of an earlier form, with other digests
            known = {}
        walked = known.get("walked")
        return cls(
            dict.fromkeys(unpacked(known.get("seen", ""))),
            bool(known.get("complete", False)),
            datetime.fromtimestamp(walked, UTC) if walked is not None else None,
            {
                url: Watched(tuple(ids), looked, missing)
                for url, ids, looked, missing in known.get("pages", ())
            },
        )

    def to_cursor(self) -> dict[str, Any]:
        return {
            "seen": packed(self.seen),
            "complete": self.complete,
            "walked": None if self.walked is None else int(self.walked.timestamp()),
            "pages": [[url, w.ids, w.looked, w.missing] for url, w in self.pages.items()],
        }

    def knows(self, digest: bytes) -> bool:
        return digest in self.seen

    def remember(self, digest: bytes) -> None:
        self.seen.pop(digest, None)
        self.seen[digest] = None
        if len(self.seen) > REMEMBERED:
            del self.seen[next(iter(self.seen))]

    def watch(self, url: str, ids: tuple[str, ...], now: datetime) -> None:
        """A page was there, with what is named by `ids` on it."""
        self.pages[url] = Watched(ids, int(now.timestamp()))
        if len(self.pages) > WATCHED:
            del self.pages[next(iter(self.pages))]

    def missed(self, url: str, *, for_good: bool, now: datetime) -> tuple[str, ...]:
        """A watched page was not there; what was on it, if it will not come back."""
        page = self.pages[url]
        page.missing += 1
        page.looked = int(now.timestamp())
        if not for_good and page.missing < _GONE_FOR_GOOD:
            return ()
        del self.pages[url]
        return page.ids

    def due(self, now: datetime, most: int) -> list[str]:
        """The pages to look at again: those that were missing, then the longest not looked at."""
        before = int(now.timestamp()) - _AGAIN
        due = [
            (not watched.missing, watched.looked, url)
            for url, watched in self.pages.items()
            if watched.missing or watched.looked <= before
        ]
        return [url for _, _, url in sorted(due)[:most]]


def packed(digests: dict[bytes, None]) -> str:
    return base64.b64encode(b"".join(digests)).decode("ascii")


def unpacked(text: str) -> list[bytes]:
    whole = base64.b64decode(text)
    return [whole[i : i + _SIZE] for i in range(0, len(whole), _SIZE)]
