"""An identity for rows that have none: a digest of what they hold and how often it came before.

The same file gives the same identities again, and so does a longer file that begins with it; two
equal rows stay two.
"""

import hashlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from collectors.rows.arrow import Column, pc

_UNIT = "\x1f"
_NOTHING = "\x00"


class Serials:
    """Counts equal rows through a file, chunk by chunk; twelve bytes are held for each row."""

    def __init__(self) -> None:
        self._seen: npt.NDArray[np.uint64] = np.empty(0, np.uint64)  # sorted
        self._times: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def native_ids(self, columns: Mapping[str, Column], rows: int) -> Column:
        """32 hexadecimal digits a row for the next `rows` rows; from their values as text."""
        if not rows:
            return pa.array([], pa.string())
        parts = [_plain(columns[name]) for name in sorted(columns)]
        joined = pc.binary_join_element_wise(
            *parts, pa.scalar(_UNIT.encode(), pa.binary()),
            null_handling="replace", null_replacement=_NOTHING.encode(),
        )  # fmt: skip
        digests = [hashlib.blake2b(row, digest_size=16).digest() for row in joined.to_pylist()]
        firsts = np.frombuffer(b"".join(digests), dtype=np.uint64)[::2]
        nth = self._occurrences(firsts)
        ids = [
            hashlib.blake2b(digest + b"%d" % n, digest_size=16).hexdigest() if n else digest.hex()
            for digest, n in zip(digests, nth.tolist(), strict=True)
        ]
        return pa.array(ids, pa.string())

    def _occurrences(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """How often each key came before it: in earlier chunks and in this one."""
        order = np.argsort(keys, kind="stable")
        unique, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
        within = np.empty(len(keys), np.int64)
        within[order] = np.arange(len(keys)) - np.repeat(starts, counts)
        places = np.searchsorted(self._seen, unique)
        inside = np.minimum(places, max(len(self._seen) - 1, 0))
        met = np.zeros(len(unique), bool)
        if len(self._seen):
            met = self._seen[inside] == unique
        before = np.zeros(len(unique), np.int64)
        before[met] = self._times[inside[met]]
        self._times[inside[met]] += counts[met]
        self._seen = np.insert(self._seen, places[~met], unique[~met])
        self._times = np.insert(self._times, places[~met], counts[~met])
        earlier = np.empty(len(keys), np.int64)
        earlier[order] = np.repeat(before, counts)
        return within + earlier


def _plain(values: Column) -> Column:
    if pa.types.is_string(values.type):
        return pa.Array.from_buffers(
            pa.binary(), len(values), values.buffers(), offset=values.offset
        )
    if pa.types.is_binary(values.type):
        return values
    if pa.types.is_nested(values.type):  # to be refused by name when the column is read
        return pa.nulls(len(values), pa.binary())
    return values.cast(pa.string()).cast(pa.binary())
