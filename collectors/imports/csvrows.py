"""Records of a CSV one by one, for files in which a quote is opened and never closed.

A record that swallows the file to its end, or more than LONGEST_RECORD, is refused with its first
line only; reading goes on with the next line, so that one stray quote costs one record.
"""

import csv
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from collectors.imports.readers import LONGEST_RECORD
from collectors.rows.reject import BadRow

_UNCLOSED = "a quote is opened and never closed"


class _TooLongError(Exception):
    """The record has grown past LONGEST_RECORD."""


class _Lines:
    """Lines that can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self.taken: list[str] = []
        self.size = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.taken and self.size > LONGEST_RECORD:
            raise _TooLongError
        line = self._returned.popleft() if self._returned else next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        self.size += len(line)
        return line

    def start_record(self) -> None:
        self.taken, self.size, self.ended = [], 0, False

    def give_back_all_but_first(self) -> str:
        self._returned.extendleft(reversed(self.taken[1:]))
        return self.taken[0]


class PatientRows:
    """An iterator over the records of a CSV: a list of fields, or a BadRow without a number."""

    def __init__(self, lines: Iterable[str], delimiter: str, quotes: bool) -> None:
        # The limit belongs to the whole process; a long text is refused by rule, not by the parser.
        csv.field_size_limit(sys.maxsize)
        self._lines = _Lines(lines)
        self._options: dict[str, Any] = {
            "delimiter": delimiter,
            "quoting": csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
        }
        self._rows = csv.reader(self._lines, **self._options)

    def __iter__(self) -> Iterator[list[str] | BadRow]:
        return self

    def __next__(self) -> list[str] | BadRow:
        while True:
            self._lines.start_record()
            try:
                row = next(self._rows)
            except (_TooLongError, csv.Error):
                return self._refuse_first_line()
            if self._lines.ended:  # it asked for one more line: a quote was open at the end
                return self._refuse_first_line()
            if row:
                return row

    def _refuse_first_line(self) -> BadRow:
        first = self._lines.give_back_all_but_first()
        self._rows = csv.reader(self._lines, **self._options)
        return BadRow(0, _UNCLOSED, first.rstrip("\r\n"))
