"""CSV and TSV: Arrow's reader in blocks, and a patient one where a block cannot be read.

A TSV has no quotes (IANA text/tab-separated-values), as Korean corpora are published so. In CSV
the delimiter is the one of `, ; tab |` that the first line has most of. An odd number of quotes
in the file means that one is never closed, which Arrow would take for one long text.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from collectors.base import CollectorError
from collectors.imports.csvrows import PatientRows
from collectors.imports.readers import LONGEST_RECORD, Chunk, in_good_size, text_array
from collectors.rows.arrow import Column
from collectors.rows.encodings import Looks, look_at
from collectors.rows.reject import BadRow

_BLOCK: Final = 2 * LONGEST_RECORD
_DELIMITERS: Final = ",;\t|"
_ROWS_AT_A_TIME: Final = 50_000
_CHARACTERS_AT_A_TIME: Final = 16_000_000


def open_csv(path: Path) -> "CsvFile":
    """Look at the file and read its header; CollectorError when there is none or it is unusable."""
    looks = look_at(path)
    with path.open(encoding=looks.encoding, errors="replace", newline="") as file:
        start = file.read(1_000_000).removeprefix("\ufeff")
    if not start.strip():
        raise CollectorError(f"{path.name} is empty. The first line should name the columns.")
    first = start.lstrip("\r\n").splitlines()[0]
    tabbed = path.suffix.lower() in (".tsv", ".tab")
    delimiter = "\t" if tabbed else max(_DELIMITERS, key=first.count)
    rows = PatientRows(io.StringIO(start, newline=""), delimiter, quotes=not tabbed)
    names = [name.strip() for name in next(row for row in rows if not isinstance(row, BadRow))]
    columns = tuple(name or f"column {n}" for n, name in enumerate(names, start=1))
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise CollectorError(f"{path.name} names the columns {', '.join(twice)} twice. Rename one.")
    return CsvFile(path, columns, looks, delimiter, quotes=not tabbed)


@dataclass(frozen=True)
class CsvFile:
    """A CSV or TSV file with a header."""

    path: Path
    columns: tuple[str, ...]
    looks: Looks
    delimiter: str
    quotes: bool

    @property
    def records(self) -> int:
        return max(self.looks.lines - 1, 0)

    def chunks(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        return in_good_size(self._read(wanted), wanted)

    def _read(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        last = 0
        unclosed = self.quotes and self.looks.quotes % 2 == 1
        if unclosed or not self.looks.sound:  # Arrow cannot tell of a refused row that is no UTF-8
            yield from self._patiently(wanted, last)
            return
        try:
            for chunk in self._in_blocks(wanted):
                last = max(last, chunk.last)
                yield chunk
        except pa.ArrowInvalid:  # a record longer than a block, or one that Arrow cannot cut out
            yield from self._patiently(wanted, last)

    def _in_blocks(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        refused: list[BadRow] = []

        def refuse(row: Any) -> str:
            refused.append(BadRow(row.number - 1, _count_reason(row), row.text))
            return "skip"

        number = 1
        with self._bytes() as stream, self._arrow_reader(stream, wanted, refuse) as reader:
            for batch in reader:
                numbers, number = _number_around(refused, number, batch.num_rows)
                bad = [row for row in refused if row.row < number]
                del refused[: len(bad)]
                yield Chunk(dict(zip(wanted, batch.columns, strict=True)), numbers, tuple(bad))
        if refused:
            yield Chunk(_no_rows(wanted), np.empty(0, np.int64), tuple(refused))

    def _bytes(self) -> Any:
        stream = pa.OSFile(str(self.path), "rb")
        if self.looks.encoding == "utf-8":
            return stream
        return pa.transcoding_input_stream(stream, self.looks.encoding, "utf-8")

    def _arrow_reader(self, stream: Any, wanted: Sequence[str], refuse: Any) -> Any:
        return arrow_csv.open_csv(
            stream,
            # With threads Arrow does not know the number of a row it refuses.
            read_options=arrow_csv.ReadOptions(
                block_size=_BLOCK,
                column_names=list(self.columns),
                skip_rows_after_names=1,
                use_threads=False,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.delimiter,
                quote_char='"' if self.quotes else False,
                newlines_in_values=self.quotes,
                invalid_row_handler=refuse,
            ),
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=False,  # one broken text would refuse the whole block
                column_types={name: pa.string() for name in wanted},
                include_columns=list(wanted),
                strings_can_be_null=False,
            ),
        )

    def _patiently(self, wanted: Sequence[str], after: int) -> Iterator[Chunk]:
        places = [self.columns.index(name) for name in wanted]
        kept: list[list[str]] = []
        numbers: list[int] = []
        bad: list[BadRow] = []
        size = 0

        def chunk() -> Chunk:
            cells = {n: text_array([row[p] for row in kept]) for n, p in zip(wanted, places)}  # noqa: B905
            return Chunk(cells, np.array(numbers, np.int64), tuple(bad))

        with self.path.open(
            encoding=self.looks.encoding, errors="surrogateescape", newline=""
        ) as f:
            for number, row in enumerate(PatientRows(f, self.delimiter, self.quotes)):
                if number == 0 or number <= after:
                    continue
                if isinstance(row, BadRow):
                    bad.append(BadRow(number, row.reason, row.excerpt))
                elif len(row) != len(self.columns):
                    reason = _fields_reason(len(row), len(self.columns))
                    bad.append(BadRow(number, reason, self.delimiter.join(row)))
                else:
                    kept.append(row)
                    numbers.append(number)
                    size += sum(map(len, row))
                if len(kept) + len(bad) >= _ROWS_AT_A_TIME or size > _CHARACTERS_AT_A_TIME:
                    yield chunk()
                    kept, numbers, bad, size = [], [], [], 0
            yield chunk()


def _number_around(
    refused: Sequence[BadRow], first: int, rows: int
) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", int]:
    """The numbers of `rows` records from `first` on, without the refused, and the next one."""
    taken = np.array([row.row for row in refused], np.int64)
    candidates = np.arange(first, first + rows + len(taken), dtype=np.int64)
    numbers = candidates[~np.isin(candidates, taken)][:rows]
    return numbers, int(numbers[-1]) + 1 if rows else first


def _count_reason(row: Any) -> str:
    return _fields_reason(row.actual_columns, row.expected_columns)


def _fields_reason(found: int, expected: int) -> str:
    return f"{found} fields where the header has {expected}"


def _no_rows(wanted: Sequence[str]) -> dict[str, Column]:
    return {name: pa.nulls(0, pa.string()) for name in wanted}
