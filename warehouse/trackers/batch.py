"""A batch of mentions as the matcher reads it: each thing is looked up for the whole batch at once.

What holds for which rows is a whole number with a bit for each row: Python joins two of them, of
thousands of rows, in a fraction of a microsecond.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from warehouse.trackers import globs
from warehouse.trackers.language import FARTHEST

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute
Places = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]

_GAP: Final = FARTHEST + 1  # between the places of two rows, so that NEAR never reaches over
_VERY_FEW: Final = 12
_NONE: Final[Places] = np.zeros(0, np.int64)


class Batch:
    """Some rows of a table: `lemmas` and what else is asked of it; a column it lacks is null."""

    def __init__(self, table: pa.Table, zone: str) -> None:
        self._table = table.combine_chunks()
        self._zone = zone
        self.size = table.num_rows
        self.all = (1 << self.size) - 1
        self._letters: dict[tuple[tuple[str, ...], bool], Letters] = {}
        self._distinct: dict[str, tuple[list[Any], npt.NDArray[np.int32]]] = {}
        self._small: dict[str, dict[str, int]] = {}
        self._tags: dict[str, dict[str, int]] = {}

    def column(self, name: str) -> Any:
        """A column as one array."""
        if name in self._table.column_names:
            chunks = self._table.column(name).chunks
            return chunks[0] if chunks else pa.array([], self._table.schema.field(name).type)
        if name == "day" and "created_at" in self._table.column_names:
            local = self.column("created_at").cast(pa.timestamp("us", self._zone))
            return pc.local_timestamp(local).cast(pa.date32())
        return pa.nulls(self.size, pa.string())

    @cached_property
    def lines(self) -> "Lines":
        """The lemmas."""
        return Lines(self.column("lemmas"))

    @cached_property
    def read(self) -> int:
        """The rows that were read."""
        return bits(self.column("lemmas").is_valid().to_numpy(zero_copy_only=False))

    def letters(self, columns: tuple[str, ...], *, small: bool = False) -> "Letters":
        """The letters of some columns, in small letters where asked."""
        found = self._letters.get((columns, small))
        if found is None:
            texts = [self.column(name) for name in columns]
            found = Letters([pc.utf8_lower(text) if small else text for text in texts])
            self._letters[columns, small] = found
        return found

    def where(self, name: str, holds: Callable[[Any], bool]) -> int:
        """The rows whose value in a column holds; each different value is asked once."""
        if name not in self._distinct:
            encoded = self.column(name).dictionary_encode()
            codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            self._distinct[name] = (encoded.dictionary.to_pylist(), codes)
        values, codes = self._distinct[name]
        holding = np.zeros(len(values) + 1, np.bool_)  # the last one is null
        holding[:-1] = [holds(value) for value in values]
        return bits(holding[codes]) if holding.any() else 0

    def small_where(self, name: str, value: str) -> int:
        """The rows whose text in a column, in small letters, is `value`."""
        if name not in self._small:
            self._small[name] = grouped(pc.utf8_lower(self.column(name)))
        return self._small[name].get(value, 0)

    def tags(self, sign: str, written: re.Pattern[str]) -> dict[str, int]:
        """The names that stand behind a sign in titles and texts, in small letters, each with its
        rows; `written` finds one with its name as a group."""
        if sign not in self._tags:
            letters = self.letters(("title", "text"))
            found = [(each.start(), each[1]) for each in written.finditer(letters.text)]
            names = pc.utf8_lower(pa.array([name for _, name in found], pa.string())).to_pylist()
            rows: dict[str, set[int]] = {}
            places = letters.rows([place for place, _ in found]).tolist()
            for row, name in zip(places, names, strict=True):
                rows.setdefault(name, set()).add(row)
            self._tags[sign] = {
                name: few_bits(np.array(sorted(its), np.int64), self.size)
                for name, its in rows.items()
            }
        return self._tags[sign]

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """A column as numbers, not a number where it is null."""
        found: npt.NDArray[np.float64] = (
            self.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
        )
        return found

    def known(self, name: str) -> int:
        """The rows in which a column is not null."""
        return bits(self.column(name).is_valid().to_numpy(zero_copy_only=False))


class Lines:
    """Lines of lemmas with an index: for each word of the batch, where it stands."""

    def __init__(self, lines: Any) -> None:
        self.size = len(lines)
        words = pc.split_pattern(pc.utf8_trim(lines.fill_null(""), " "), " ")
        encoded = words.flatten().dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        counts = pc.list_value_length(words).to_numpy(zero_copy_only=False)
        row = np.repeat(np.arange(self.size), counts)
        self._order = np.argsort(codes, kind="stable")
        self._places = (np.arange(len(codes)) + row * _GAP)[self._order]
        self._rows = row[self._order]
        self._first = np.concatenate([[0], np.cumsum(counts)[:-1]]) + np.arange(self.size) * _GAP
        self._names: list[str] = encoded.dictionary.to_pylist()
        self._codes = {name: code for code, name in enumerate(self._names)}
        edges = np.searchsorted(codes[self._order], np.arange(len(self._names) + 1))
        self._edges: list[int] = edges.tolist()
        self._bits: dict[str, int] = {}

    @property
    def words(self) -> Iterable[str]:
        """Every word of the batch, once."""
        return self._codes

    @cached_property
    def _vocabulary(self) -> "tuple[str, npt.NDArray[np.int64]]":
        """All words in one line, and where the space before each is in it."""
        lengths = np.array([len(name) + 1 for name in self._names], np.int64)
        return " ".join(["", *self._names, ""]), np.cumsum(lengths) - lengths

    def having(self, word: str) -> int:
        """The rows that have a word."""
        found = self._bits.get(word)
        if found is None:
            code = self._codes.get(word)
            found = 0 if code is None else self._at([code])
            self._bits[word] = found
        return found

    def like(self, glob: str) -> list[int]:
        """The words of the batch that a text with wildcards means, as their codes.

        They are looked for in one line of all words by their longest plain part, at the speed of
        a search for letters.
        """
        line, begins = self._vocabulary
        sought = globs.literal(f" {glob} ")
        at, hits = line.find(sought), []
        while at >= 0:
            hits.append(at)
            at = line.find(sought, at + 1)
        if not hits:
            return []
        codes: list[int] = np.unique(np.searchsorted(begins, hits, "right") - 1).tolist()
        if f" {glob} " in (f"{sought}* ", f" *{sought}", f" *{sought}* "):
            return codes  # that part says all that is asked
        fits = globs.compiled(glob)
        return [code for code in codes if fits(self._names[code])]

    def having_like(self, glob: str) -> int:
        """The rows that have a word with wildcards."""
        return self._at(self.like(glob))

    def places(self, word: str) -> Places:
        """Where a word stands, in order; neighbours are 1 apart, rows are far apart."""
        code = self._codes.get(word)
        return _NONE if code is None else self._places[self._edges[code] : self._edges[code + 1]]

    def places_like(self, glob: str) -> Places:
        """Where a word with wildcards stands."""
        codes = self.like(glob)
        if not codes:
            return _NONE
        return np.sort(
            np.concatenate([self._places[self._edges[c] : self._edges[c + 1]] for c in codes])
        )

    def places_of(self, words: Sequence[str]) -> Places:
        """Where words in a row begin."""
        found = self.places(words[0])
        for step, word in enumerate(words[1:], start=1):
            if not len(found):
                break
            found = found[_among(found + step, self.places(word))]
        return found

    def rows_of(self, places: Places) -> int:
        """The rows that some places are in."""
        if not len(places):
            return 0
        return few_bits(np.searchsorted(self._first, places, "right") - 1, self.size)

    def _at(self, codes: Sequence[int]) -> int:
        if not codes:
            return 0
        parts = [self._rows[self._edges[code] : self._edges[code + 1]] for code in codes]
        return few_bits(parts[0] if len(parts) == 1 else np.concatenate(parts), self.size)


class Letters:
    """Texts of a batch in one long one, in which letters are found at the speed of a search."""

    def __init__(self, columns: Sequence[Any]) -> None:
        self.size = len(columns[0])
        texts = [text for column in columns for text in column.fill_null("").to_pylist()]
        self.text = "\0".join(texts)
        lengths = np.array([len(text) + 1 for text in texts], np.int64)
        self._begins = np.cumsum(lengths) - lengths
        self._ends = self._begins + lengths - 1

    def rows(self, places: Sequence[int]) -> npt.NDArray[np.int64]:
        """The row of each place in `text`."""
        found: npt.NDArray[np.int64] = (
            np.searchsorted(self._begins, np.array(places, np.int64), "right") - 1
        ) % self.size
        return found

    def having(self, letters: str) -> int:
        """The rows in which these letters stand as they are written; see `globs.as_written`."""
        text, size, places = self.text, len(letters), []
        at = text.find(letters)
        edges = globs.as_written(letters) is not None
        while at >= 0:
            if not edges or globs.stands_apart(text, at, at + size):
                places.append(at)
            at = text.find(letters, at + 1)
        return self._bits(places, size)

    def containing(self, letters: str) -> int:
        """The rows in which these letters stand."""
        text, places = self.text, []
        at = text.find(letters)
        while at >= 0:
            places.append(at)
            at = text.find(letters, at + 1)
        return self._bits(places, len(letters))

    def _bits(self, places: Sequence[int], size: int) -> int:
        if not places:
            return 0
        found = np.array(places, np.int64)
        segment = np.searchsorted(self._begins, found, "right") - 1
        whole = found + size <= self._ends[segment]  # none reaches into the next text
        return few_bits(segment[whole] % self.size, self.size)


def bits(flags: Truth) -> int:
    """Rows as a number: bit 0 is the first."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def grouped(column: Any) -> dict[str, int]:
    """The rows of each value of a column, but for null."""
    encoded = column.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    order = np.argsort(codes, kind="stable")
    names = encoded.dictionary.to_pylist()
    edges = np.searchsorted(codes[order], np.arange(len(names) + 1)).tolist()
    return {
        name: few_bits(order[edges[code] : edges[code + 1]], len(codes))
        for code, name in enumerate(names)
    }


def few_bits(rows: Places, size: int) -> int:
    """The bits of these rows of `size`; those of very few are set one by one, which is quicker."""
    if len(rows) <= _VERY_FEW:
        found = 0
        for row in rows.tolist():
            found |= 1 << row
        return found
    flags = np.zeros(size, np.bool_)
    flags[rows] = True
    return bits(flags)


def rows_of(found: int, size: int) -> npt.NDArray[np.int64]:
    """The rows whose bits are set, in order."""
    packed = np.frombuffer(found.to_bytes((size + 7) // 8, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(packed, bitorder="little"))


def _among(sought: Places, places: Places) -> Truth:
    """Which of the sorted `sought` are among the sorted `places`."""
    if not len(places):
        return np.zeros(len(sought), np.bool_)
    at = np.searchsorted(places, sought)
    found: Truth = places[np.minimum(at, len(places) - 1)] == sought
    return found
