"""JSON Lines: one object a line, read in blocks by Arrow and line by line where a block is bad."""

import io
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json

from collectors.base import CollectorError
from collectors.imports.readers import LONGEST_RECORD, Chunk, in_good_size, text_array
from collectors.rows.encodings import Looks, look_at
from collectors.rows.reject import BadRow
from collectors.rows.validate import BROKEN_UTF8

_LOOKED_AT: Final = 1000  # lines from which columns and their types are told
_LINES_AT_A_TIME: Final = 50_000
_BYTES_AT_A_TIME: Final = 16_000_000

Line = tuple[int, bytes]


def open_jsonl(path: Path) -> "JsonFile":
    """Look at the first lines; CollectorError when none of them is a JSON object."""
    looks = look_at(path)
    if looks.encoding != "utf-8":
        raise CollectorError(f"{path.name} is {looks.encoding}; JSON must be UTF-8. Convert it.")
    with path.open("rb") as file:
        first = [line for _, line in itertools.islice(_lines(file), _LOOKED_AT)]
    objects = [found for line in first if isinstance(found := _object(line), dict)]
    if not objects:
        raise CollectorError(
            f"{path.name} holds no JSON object in its first lines. Write one object a line."
        )
    types: dict[str, pa.DataType] = {}
    for name in dict.fromkeys(itertools.chain.from_iterable(objects)):
        types[name] = _type_of([found[name] for found in objects if name in found])
    return JsonFile(path, tuple(types), looks, types)


@dataclass(frozen=True)
class JsonFile:
    """A file of JSON objects, one a line. Record numbers are line numbers."""

    path: Path
    columns: tuple[str, ...]
    looks: Looks
    types: dict[str, pa.DataType]

    @property
    def records(self) -> int:
        return self.looks.lines

    def chunks(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        return in_good_size(self._read(wanted), wanted)

    def _read(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        with self.path.open("rb") as file:
            for lines in _groups(_lines(file)):
                yield self._in_block(lines, wanted) or _one_by_one(lines, wanted)

    def _in_block(self, lines: Sequence[Line], wanted: Sequence[str]) -> Chunk | None:
        block = b"\n".join(line for _, line in lines)
        schema = pa.schema([pa.field(name, self.types[name]) for name in wanted])
        try:
            table = arrow_json.read_json(
                io.BytesIO(block),
                read_options=arrow_json.ReadOptions(block_size=len(block) + 1, use_threads=False),
                parse_options=arrow_json.ParseOptions(
                    explicit_schema=schema, unexpected_field_behavior="ignore"
                ),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows != len(lines):  # two objects on one line
            return None
        numbers = np.array([number for number, _ in lines], np.int64)
        columns = {name: table.column(name).combine_chunks() for name in wanted}
        return Chunk(columns, numbers)


def _lines(file: BinaryIO) -> Iterator[Line]:
    """The lines that are not blank, with their numbers; one too long for a record is cut."""
    number = 0
    while line := file.readline(LONGEST_RECORD):
        number += 1
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_RECORD)
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line := line.strip():
            yield number, line


def _groups(lines: Iterator[Line]) -> Iterator[list[Line]]:
    held: list[Line] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line[1])
        if len(held) == _LINES_AT_A_TIME or size > _BYTES_AT_A_TIME:
            yield held
            held, size = [], 0
    if held:
        yield held


def _object(line: bytes) -> dict[str, Any] | str:
    """The object of a line, or why there is none."""
    try:
        found = json.loads(line)
    except UnicodeDecodeError:
        return BROKEN_UTF8
    except (ValueError, RecursionError):
        return "not JSON" if len(line) < LONGEST_RECORD else "a record longer than 4 MB"
    return found if isinstance(found, dict) else "not a JSON object"


def _type_of(values: Sequence[Any]) -> pa.DataType:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int} and all(-(2**63) <= v < 2**63 for v in values if v is not None):
        return pa.int64()
    if kinds and kinds <= {int, float}:
        return pa.float64()
    return pa.string()


def _one_by_one(lines: Sequence[Line], wanted: Sequence[str]) -> Chunk:
    kept: list[dict[str, Any]] = []
    numbers: list[int] = []
    bad: list[BadRow] = []
    for number, line in lines:
        found = _object(line)
        if isinstance(found, str):
            bad.append(BadRow(number, found, line[:2000].decode("utf-8", "replace")))
        else:
            kept.append(found)
            numbers.append(number)
    columns = {name: text_array([_as_text(row.get(name)) for row in kept]) for name in wanted}
    return Chunk(columns, np.array(numbers, np.int64), tuple(bad))


def _as_text(value: Any) -> str | None:
    """As the columns of a sound block would say it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)
