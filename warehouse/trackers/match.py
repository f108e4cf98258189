"""Which of many queries find which mentions of a stream, a batch at a time.

Every condition that occurs in any of the queries is answered once for the whole batch, and only
when some query needs it; the queries then join the answers. A query whose rarest word is not in the
batch is not looked at at all. What a query means is the same as in `sql`: a test holds both to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from warehouse.errors import WarehouseError
from warehouse.records import schema_of
from warehouse.trackers.batch import Batch, Places, rows_of
from warehouse.trackers.match_fields import answer
from warehouse.trackers.sql import has_words
from warehouse.trackers.tree import (
    And,
    Leaf,
    Near,
    Node,
    Not,
    Operand,
    Or,
    Pattern,
    Phrase,
    Query,
    Words,
)

ROWS: Final = 16_384  # looked at together
FOUND: Final = schema_of(pa.field("row", pa.int32()), pa.field("tracker", pa.string()))


@dataclass(frozen=True)
class Tracker:
    """A saved query whose words were read (`words.understood`), by its id."""

    tracker: str
    query: Query


class Matcher:
    """Some trackers, ready to be held against batches. Safe to share between threads.

    `zone` is where the days of `since:` and `until:` begin, for tables without a column `day`.
    """

    def __init__(self, trackers: Sequence[Tracker], zone: str = "Asia/Seoul") -> None:
        self._zone = zone
        self._names = [each.tracker for each in trackers]
        self._leaves: dict[Leaf, int] = {}
        self._tests = [self._whole(each) for each in trackers]
        self._by_word: dict[str, list[int]] = {}
        self._always: list[int] = []
        for place, each in enumerate(trackers):
            words = _needed(each.query.root)
            if words is None:
                self._always.append(place)
            for word in words or ():
                self._by_word.setdefault(word, []).append(place)

    def matches(self, table: pa.Table) -> pa.Table:
        """The rows of `table` that trackers find: row (int32) and tracker, by row within a tracker.

        `table` has the columns of `heard` and of `mentions` that are asked for, under their names,
        `topic` and `topic_id` beside them; what it lacks is null. Its `lemmas` are those of
        `heard` or of `words.lines`; where they are null the text was not read, and no query that
        looks for words finds it.
        """
        rows: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
        trackers: list[int] = []
        for start in range(0, table.num_rows, ROWS):
            batch = Batch(table.slice(start, ROWS), self._zone)
            look = _Look(batch, list(self._leaves))
            for place in self._candidates(batch):
                found = self._tests[place](look)
                if found:
                    rows.append(rows_of(found, batch.size) + start)
                    trackers.append(place)
        every = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        places = np.repeat(np.array(trackers, np.int64), [len(each) for each in rows])
        names = pa.array(self._names, pa.string()).take(pa.array(places, pa.int64()))
        return pa.table([pa.array(every.astype(np.int32)), names], schema=FOUND)

    def _candidates(self, batch: Batch) -> Sequence[int]:
        """The trackers that may find something in a batch."""
        if not self._by_word:
            return self._always
        found = set(self._always)
        for word in self._by_word.keys() & batch.lines.words:
            found.update(self._by_word[word])
        return sorted(found)

    def _whole(self, tracker: Tracker) -> "_Test":
        if not tracker.query.read:
            raise WarehouseError(
                f"The words of the tracker {tracker.tracker} have no lemmas yet. "
                "Give what warehouse.trackers.words.understood returns."
            )
        test = self._compiled(tracker.query.root)
        if not has_words(tracker.query):
            return test
        return lambda look: test(look) & look.batch.read

    def _compiled(self, node: Node) -> "_Test":
        if isinstance(node, And):
            return _all([self._compiled(part) for part in _cheap_first(node.parts)])
        if isinstance(node, Or):
            return _any([self._compiled(part) for part in node.parts])
        if isinstance(node, Not):
            test = self._compiled(node.part)
            return lambda look: look.batch.all ^ test(look)
        number = self._leaves.setdefault(node, len(self._leaves))
        return lambda look: look.at(number)


class _Look:
    """The answers for one batch, each found when it is first asked for."""

    def __init__(self, batch: Batch, leaves: Sequence[Leaf]) -> None:
        self.batch = batch
        self._leaves = leaves
        self._found: list[int | None] = [None] * len(leaves)

    def at(self, number: int) -> int:
        found = self._found[number]
        if found is None:
            found = self._found[number] = _of_leaf(self.batch, self._leaves[number])
        return found


_Test = Callable[[_Look], int]


def _all(tests: Sequence[_Test]) -> _Test:
    def test(look: _Look) -> int:
        found = tests[0](look)
        for other in tests[1:]:
            if not found:
                return 0
            found &= other(look)
        return found

    return test


def _any(tests: Sequence[_Test]) -> _Test:
    def test(look: _Look) -> int:
        found = 0
        for other in tests:
            found |= other(look)
        return found

    return test


def _cheap_first(parts: Sequence[Node]) -> list[Node]:
    """Words first, which an index answers, and what must compare or read letters last."""
    return sorted(parts, key=lambda part: _COSTS.get(type(part), 3))


_COSTS: Final[dict[type, int]] = {Words: 0, Phrase: 1, Or: 2, Pattern: 2, Near: 3, Not: 4}


def _of_leaf(batch: Batch, leaf: Leaf) -> int:
    if isinstance(leaf, Words):
        found = batch.lines.having(leaf.lemmas[0])
        for lemma in leaf.lemmas[1:]:
            found &= batch.lines.having(lemma)
        return found
    if isinstance(leaf, Pattern):
        return batch.lines.having_like(leaf.glob)
    if isinstance(leaf, Phrase):
        return _phrase(batch, leaf)
    if isinstance(leaf, Near):
        return _near(batch, leaf)
    return answer(batch, leaf)


def _phrase(batch: Batch, phrase: Phrase) -> int:
    found = batch.all
    for lemma in phrase.lemmas:
        found &= batch.lines.having(lemma)
    if not found or len(phrase.lemmas) == 1:
        return found
    return batch.lines.rows_of(batch.lines.places_of(phrase.lemmas))


def _near(batch: Batch, near: Near) -> int:
    """Rows by the places of both sides, if any row has both at all."""
    sides = [
        _any_of([_of_leaf(batch, operand) for operand in side]) for side in (near.left, near.right)
    ]
    if not sides[0] & sides[1]:
        return 0
    left, right = _Spots.of(batch, near.left), _Spots.of(batch, near.right)
    found = left.before(right, near.distance, batch)
    return found if near.ordered else found | right.before(left, near.distance, batch)


def _any_of(found: Sequence[int]) -> int:
    either = 0
    for each in found:
        either |= each
    return either


@dataclass(frozen=True)
class _Spots:
    """Where one side of a NEAR begins and where it ends, each in order."""

    starts: Places
    ends: Places

    @classmethod
    def of(cls, batch: Batch, operands: Sequence[Operand]) -> "_Spots":
        starts: list[Places] = []
        sizes: list[int] = []
        for operand in operands:
            if isinstance(operand, Pattern):
                starts.append(batch.lines.places_like(operand.glob))
                sizes.append(1)
            else:
                starts.append(batch.lines.places_of(operand.lemmas))
                sizes.append(len(operand.lemmas))
        begins = np.sort(np.concatenate(starts))
        if max(sizes) == 1:
            return cls(begins, begins)
        ends = [places + size - 1 for places, size in zip(starts, sizes, strict=True)]
        return cls(begins, np.sort(np.concatenate(ends)))

    def before(self, other: "_Spots", distance: int, batch: Batch) -> int:
        """The rows in which this ends and the other begins within so many words."""
        if not len(other.starts):
            return 0
        at = np.searchsorted(other.starts, self.ends, "right")
        follows = at < len(other.starts)
        ends = self.ends[follows]
        near = other.starts[at[follows]] - ends <= distance
        return batch.lines.rows_of(ends[near])


def _needed(node: Node) -> frozenset[str] | None:
    """Words of which a mention must have one; None where nothing of the kind can be said."""
    if isinstance(node, Words):
        return frozenset([max(node.lemmas, key=len)])
    if isinstance(node, Phrase):
        return frozenset([max(node.lemmas, key=len)])
    if isinstance(node, Near):
        return _fewest([_either(node.left), _either(node.right)])
    if isinstance(node, And):
        return _fewest([_needed(part) for part in node.parts])
    if isinstance(node, Or):
        return _either(node.parts)
    return None


def _either(nodes: Sequence[Node]) -> frozenset[str] | None:
    found = [_needed(node) for node in nodes]
    known = [words for words in found if words is not None]
    return frozenset().union(*known) if len(known) == len(found) else None


def _fewest(found: Sequence[frozenset[str] | None]) -> frozenset[str] | None:
    known = [words for words in found if words is not None]
    return min(known, key=len) if known else None
