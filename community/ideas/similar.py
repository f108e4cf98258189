"""Ideas like what somebody is typing, found by the pairs of letters that their titles share.

Pairs of syllables meet across Korean endings (배송이, 배송은) and typing errors without a parser,
at the cost of a lookup. The index of titles is in the memory of each process and takes up new ideas
at every question; what it proposes is read from the store again, so removed and changed ideas are
never shown as they were. Weights are inverse document frequencies (Spärck Jones 1972).
"""

import math
import re
import unicodedata
from array import array
from threading import Lock
from typing import Final

import numpy as np

from community.ideas.models import Idea
from community.ideas.queries import IdeaLine, idea_lines, shown_ideas

SHOWN: Final = 5
CANDIDATES: Final = 20
SHORTEST: Final = 2  # letters, before which anything is like anything
LONGEST: Final = 300
LEAST_SHARED: Final = 0.35  # of the weight of what was typed
PORTION: Final = 10_000  # about a fifth of a second
_LETTERS: Final = re.compile(r"[^\W_]+")


class TitleIndex:
    """Which ideas' titles hold a pair of letters; ideas are taken up once, by growing number."""

    def __init__(self) -> None:
        self._ideas = array("q")
        self._places: dict[str, array[int]] = {}
        self._lock = Lock()

    def take_up(self) -> None:
        """Read the titles of ideas written since the last time; of very many, a portion a time.

        Nobody waits for all of them: the first questions of a process search what is read so far.
        """
        with self._lock:
            last = self._ideas[-1] if self._ideas else 0
            rows = Idea.objects.filter(pk__gt=last, removed_at__isnull=True).order_by("pk")
            for number, title in rows.values_list("pk", "title")[:PORTION]:
                self._add(number, title)

    def candidates(self, text: str) -> list[int]:
        """The numbers of the ideas that share most with a text, best first."""
        with self._lock:
            total = len(self._ideas)
            found = [self._places[pair] for pair in pairs(text) if pair in self._places]
            if not found:
                return []
            weights = np.zeros(total)
            for places in found:
                weights[np.frombuffer(places, dtype=np.int32)] += math.log1p(total / len(places))
            best = np.argsort(-weights, kind="stable")[:CANDIDATES]
            return [self._ideas[place] for place in best if weights[place] > 0]

    def forget(self) -> None:
        """Begin anew, for another store."""
        with self._lock:
            self._ideas = array("q")
            self._places = {}

    def _add(self, number: int, title: str) -> None:
        place = len(self._ideas)
        self._ideas.append(number)
        for pair in pairs(title):
            self._places.setdefault(pair, array("i")).append(place)


TITLES: Final = TitleIndex()


def similar_ideas(text: str) -> tuple[IdeaLine, ...]:
    """At most five ideas whose titles share enough with `text`, best first."""
    typed = pairs(text)
    if not typed:
        return ()
    TITLES.take_up()
    numbers = TITLES.candidates(text)
    rows = shown_ideas().filter(pk__in=numbers)
    shared = {row.pk: len(typed & pairs(row.title)) / len(typed) for row in rows}
    close = [row for row in rows if shared[row.pk] >= LEAST_SHARED]
    close.sort(key=lambda row: (-shared[row.pk], -row.votes, row.pk))
    return idea_lines(tuple(close[:SHOWN]), None) if close else ()


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring letters within the words of a text, whatever their case."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    words = [word for word in _LETTERS.findall(plain) if len(word) >= SHORTEST]
    return frozenset(word[i : i + 2] for word in words for i in range(len(word) - 1))
