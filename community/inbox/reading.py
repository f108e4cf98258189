"""What a reader of the list asks for: whose conversations, in what state, with which words."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from community.inbox.models import State

WHOSE: Final = ("all", "mine", "unassigned")
LONGEST_WORDS: Final = 100  # characters of a search
_PLACE: Final = re.compile(r"(\d{1,3})\.(\d{1,17})\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """A choice among conversations; `after` is the place at which the page begins."""

    whose: str = "all"
    state: str = str(State.OPEN)
    words: str = ""
    after: str = ""

    def query(self) -> str:
        """The choice as the query of an address; what is as usual is left out."""
        usual = Wanted()
        pairs = {
            "whose": self.whose,
            "state": self.state,
            "words": self.words,
            "after": self.after,
        }
        return urlencode({k: v for k, v in pairs.items() if v != getattr(usual, k)})

    def turned(self, **changes: str) -> "Wanted":
        """Another choice, from its first page."""
        return replace(self, **{"after": "", **changes})


def wanted(query: QueryDict) -> Wanted:
    """The choice that an address names; what does not read is as usual, never an error."""
    whose, state = query.get("whose", ""), query.get("state", "")
    words = "".join(char for char in query.get("words", "") if char.isprintable())
    return Wanted(
        whose if whose in WHOSE else "all",
        state if state in State.values else str(State.OPEN),
        words.strip()[:LONGEST_WORDS],
        query.get("after", "") if place(query.get("after", "")) else "",
    )


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the row of this priority, moment and id."""

    priority: int
    moment: datetime
    row: int

    def __str__(self) -> str:
        micros = int(self.moment.timestamp() * 1_000_000)
        return f"{self.priority}.{micros}.{self.row}"


def place(after: str) -> Place | None:
    """The place that an address names; None where it names none."""
    match = _PLACE.fullmatch(after)
    if match is None:
        return None
    try:
        moment = datetime.fromtimestamp(int(match[2]) / 1_000_000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return Place(int(match[1]), moment, int(match[3]))
