"""Excel and OpenDocument: the first sheet, its first row that holds something as the header.

Cells are text to the rules that follow. An error cell (#N/A, #DIV/0!) refuses its row: calamine
gives such cells as empty, so an .xlsx is looked into for them.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as XmlTree

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from collectors.base import CollectorError
from collectors.imports.readers import Chunk, in_good_size
from collectors.rows.arrow import Column
from collectors.rows.reject import BadRow, excerpt_of

_ROWS_AT_A_TIME: Final = 20_000
_ERROR_CELL: Final = re.compile(rb"<c\b([^>]*\bt=\"e\"[^>]*)>(?:.*?)<v>([^<]*)</v>", re.DOTALL)
_PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_TARGET: Final = ".//{*}sheets/{*}sheet"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def open_excel(path: Path) -> "ExcelFile":
    """Read the first sheet; CollectorError when there is none or the file is damaged."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError, zipfile.BadZipFile) as error:
        raise CollectorError(f"{path.name} cannot be read as a workbook: {error}") from error
    header = next((n for n, row in enumerate(rows) if any(cell != "" for cell in row)), None)
    if header is None:
        raise CollectorError(f"The first sheet of {path.name} is empty.")
    names = [_as_text(cell) for cell in rows[header]]
    columns = tuple(name or f"column {n}" for n, name in enumerate(names, start=1))
    errors = _error_cells(path) if path.suffix.lower() == ".xlsx" else {}
    return ExcelFile(path, columns, rows, header, errors)


@dataclass(frozen=True)
class ExcelFile:
    """The first sheet of a workbook. Record 1 is the row below the header."""

    path: Path
    columns: tuple[str, ...]
    rows: list[list[Any]]
    header: int
    errors: dict[tuple[int, int], str]

    @property
    def records(self) -> int:
        return len(self.rows) - self.header - 1

    def chunks(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        return in_good_size(self._read(wanted), wanted)

    def _read(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        for start in range(self.header + 1, len(self.rows), _ROWS_AT_A_TIME):
            yield self._chunk(range(start, min(start + _ROWS_AT_A_TIME, len(self.rows))), wanted)

    def _chunk(self, places: range, wanted: Sequence[str]) -> Chunk:
        bad: list[BadRow] = []
        kept: list[int] = []
        for place in places:
            row = self.rows[place]
            error = self._error_in(place, wanted)
            if error:
                shown = dict(zip(self.columns, map(_as_text, row), strict=False))
                bad.append(BadRow(place - self.header, error, excerpt_of(shown, "")))
            elif any(cell != "" for cell in row):
                kept.append(place)
        at = [self.columns.index(name) for name in wanted]
        cells: dict[str, Column] = {
            name: pa.array([_as_text(self.rows[place][i]) for place in kept], pa.string())
            for name, i in zip(wanted, at, strict=True)
        }
        return Chunk(cells, np.array([place - self.header for place in kept], np.int64), tuple(bad))

    def _error_in(self, place: int, wanted: Sequence[str]) -> str | None:
        if not self.errors:
            return None
        for column, name in enumerate(self.columns):
            if name in wanted and (place, column) in self.errors:
                return f"{name} holds the Excel error {self.errors[place, column]}"
        return None


def _as_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return cell.strip() if isinstance(cell, str) else str(cell)


def _error_cells(path: Path) -> dict[tuple[int, int], str]:
    """(row, column), both from 0, of the error cells of the first sheet, and which error."""
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read(_first_sheet(archive))
    found: dict[tuple[int, int], str] = {}
    for cell in _ERROR_CELL.finditer(sheet):
        place = _PLACE.search(cell[1])
        if place:
            column = 0
            for letter in place[1]:
                column = column * 26 + letter - ord("A") + 1
            found[int(place[2]) - 1, column - 1] = cell[2].decode()
    return found


def _first_sheet(archive: zipfile.ZipFile) -> str:
    book = XmlTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat caps entities
    relations = XmlTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    sheet = book.find(_TARGET)
    wanted = sheet.get(_RELATION) if sheet is not None else None
    for relation in relations:
        if relation.get("Id") == wanted:
            target = relation.get("Target", "").removeprefix("/")
            return target if target.startswith("xl/") else f"xl/{target}"
    return "xl/worksheets/sheet1.xml"
