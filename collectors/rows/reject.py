"""Rows that cannot be taken in: why, and what of them may be shown.

A reason says which rule was broken and holds no value, so that reasons can be counted; the value
stands in the excerpt, which is masked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from collectors.rows.arrow import Column, pc
from nlp import pii
from warehouse.records import QUARANTINED

EXCERPT: Final = 200  # characters
_SHOWN: Final = 2 * EXCERPT  # masked before the cut, so that no number is cut out of recognition

# Who a person is stands only in the warehouse's schema `person`, so not in an excerpt either.
PERSONAL: Final = frozenset({"name", "email", "phone", "address", "birth_date", "gender", "extra"})


@dataclass(frozen=True)
class BadRow:
    """A row that was refused. `row` is 1 for the first record, 0 where none applies."""

    row: int
    reason: str
    excerpt: str | None


@dataclass
class Problems:
    """The rows of one table that break a rule; the first rule broken is the reason."""

    rows: int
    _reasons: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add(self, bad: Column | npt.NDArray[np.bool_] | None, column: str, reason: str) -> None:
        """Mark the rows where `bad` is true as refused for the sake of `column`."""
        if bad is None:
            return
        mask = bad if isinstance(bad, np.ndarray) else _as_numpy(bad)
        for index in np.flatnonzero(mask):
            self._reasons.setdefault(int(index), (column, reason))

    def __bool__(self) -> bool:
        return bool(self._reasons)

    def items(self) -> list[tuple[int, str, str]]:
        """(index, column, reason) of each refused row, in order."""
        return [(index, *self._reasons[index]) for index in sorted(self._reasons)]

    def accepted(self) -> Column:
        """True for the rows to keep."""
        keep = np.ones(self.rows, dtype=bool)
        keep[list(self._reasons)] = False
        return pa.array(keep)


def _as_numpy(mask: Column) -> npt.NDArray[np.bool_]:
    filled: npt.NDArray[np.bool_] = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return filled


def excerpt_of(values: Mapping[str, Any], first: str) -> str:
    """`column=value` of what a row holds, the column `first` in front; not yet masked."""
    ordered = sorted(values.items(), key=lambda item: item[0] != first)
    shown = [f"{name}={_short(value)}" for name, value in ordered if value not in (None, "")]
    return " | ".join(shown)[:_SHOWN]


def _short(value: Any) -> str:
    if isinstance(value, bytes):
        value = value[: 4 * _SHOWN].decode("utf-8", "replace")
    return str(value)[:_SHOWN].replace("\x00", "␀")


def quarantine(
    bad: Sequence[BadRow], *, record: str, source: str, origin: str, now: datetime
) -> pa.Table:
    """The refused rows of one file or page as a table of QUARANTINED, excerpts masked and cut."""
    if not bad:
        return QUARANTINED.empty_table()
    shown = [None if row.excerpt is None else _printable(row.excerpt) for row in bad]
    masked = pii.mask(pa.array(shown, pa.string()))
    columns = {
        "record": [record] * len(bad),
        "source": [source] * len(bad),
        "origin": [origin] * len(bad),
        "row": [row.row for row in bad],
        "reason": [row.reason for row in bad],
        "excerpt": pc.utf8_slice_codeunits(masked, 0, EXCERPT),
        "rejected_at": [now] * len(bad),
    }
    return pa.table(columns, schema=QUARANTINED)


def _printable(text: str) -> str:
    return text[:_SHOWN].encode("utf-8", "replace").decode().replace("\x00", "␀")
