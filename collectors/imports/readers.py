"""Files as chunks of columns: what they share, and which reader reads which file.

A reader never stops at a bad record; it hands it over as a BadRow with its number in the file.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from collectors.base import CollectorError
from collectors.rows.arrow import Column
from collectors.rows.reject import BadRow

ROWS_A_CHUNK: Final = 100_000
# A single record longer than this is taken for damage, such as a quote that is never closed.
LONGEST_RECORD: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class Chunk:
    """Consecutive records of a file.

    `columns` are the readable ones by column of the file, all of one length; `numbers` are their
    record numbers (1 for the first), rising; `bad` are those that could not be read.
    """

    columns: dict[str, Column]
    numbers: npt.NDArray[np.int64]
    bad: tuple[BadRow, ...] = ()

    @property
    def last(self) -> int:
        """The number of the last record in it."""
        ends = [int(self.numbers[-1])] if len(self.numbers) else []
        return max([*ends, *(row.row for row in self.bad)], default=0)

    @property
    def records(self) -> int:
        return len(self.numbers) + len(self.bad)

    def after(self, number: int) -> "Chunk":
        """What of it comes after the record `number`."""
        start = int(np.searchsorted(self.numbers, number, side="right"))
        return Chunk(
            {name: values.slice(start) for name, values in self.columns.items()},
            self.numbers[start:],
            tuple(row for row in self.bad if row.row > number),
        )


class Reader(Protocol):
    """A file opened for import."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def records(self) -> int | None:
        """About how many records there are, for the progress bar."""
        ...

    def chunks(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        """The records in order, in chunks that are the same at every reading."""
        ...


def joined(chunks: Sequence[Chunk], wanted: Sequence[str]) -> Chunk:
    """Several chunks as one."""
    if len(chunks) == 1:
        return chunks[0]
    columns = {name: pa.concat_arrays([c.columns[name] for c in chunks]) for name in wanted}
    numbers = np.concatenate([chunk.numbers for chunk in chunks])
    return Chunk(columns, numbers, tuple(row for chunk in chunks for row in chunk.bad))


def in_good_size(chunks: Iterator[Chunk], wanted: Sequence[str]) -> Iterator[Chunk]:
    """Chunks of at least ROWS_A_CHUNK records, of what may be many small ones."""
    held: list[Chunk] = []
    for chunk in chunks:
        if chunk.records:
            held.append(chunk)
        if sum(part.records for part in held) >= ROWS_A_CHUNK:
            yield joined(held, wanted)
            held = []
    if held:
        yield joined(held, wanted)


def text_array(values: Sequence[str | None]) -> Column:
    """Text that may hold what could not be decoded (as lone surrogates), for `sound_utf8`."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        raw = [None if value is None else _bytes_of(value) for value in values]
        return unchecked_text(pa.array(raw, pa.binary()))


def _bytes_of(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a pair, as JSON can write it: no UTF-8 either
        return text.encode("utf-8", "surrogatepass")


def unchecked_text(raw: Column) -> Column:
    """Bytes taken for text without a look; `sound_utf8` looks."""
    return pa.Array.from_buffers(pa.string(), len(raw), raw.buffers(), offset=raw.offset)


def open_file(path: Path) -> Reader:
    """The reader for a file, by the end of its name.

    Raises CollectorError when there is no such file, when it is of another kind, or when it is
    damaged so that nothing of it can be read.
    """
    # Imported here as each brings a library of its own.
    from collectors.imports import csvfile, excelfile, jsonfile, parquetfile

    openers: dict[str, Callable[[Path], Reader]] = {
        ".csv": csvfile.open_csv,
        ".tsv": csvfile.open_csv,
        ".tab": csvfile.open_csv,
        ".jsonl": jsonfile.open_jsonl,
        ".ndjson": jsonfile.open_jsonl,
        ".parquet": parquetfile.open_parquet,
        ".xlsx": excelfile.open_excel,
        ".xls": excelfile.open_excel,
        ".xlsb": excelfile.open_excel,
        ".ods": excelfile.open_excel,
    }
    if not path.is_file():
        raise CollectorError(f"There is no file {path}. Give the path of a file to import.")
    opener = openers.get(path.suffix.lower())
    if opener is None:
        raise CollectorError(
            f"{path.name} is of an unknown kind. Files may end in {', '.join(openers)}."
        )
    return opener(path)
