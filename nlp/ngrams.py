"""Hashed character n-grams of a batch of texts, computed once and read by every fast model.

Hangul syllables are taken apart into letters (NFD), so that 좋았다 and 좋아요 share 좋아: on film
reviews that is worth a point over syllables. All n-grams of all texts are hashed in one pass over
one long array of code points, no loop over texts.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

SHORTEST: Final = 2
LONGEST: Final = 8
BITS: Final = 28  # a hash is below 2 ** BITS; models with fewer features drop its last bits
SIGNATURE_BITS: Final = 8  # the last bits, by which n-grams of one feature are told apart

Floats = npt.NDArray[np.float32]
_Hashes = npt.NDArray[np.uint64]
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_FINISH: Final = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True)
class Grams:
    """The different n-grams of each text: those of text i are `hashes[starts[i] : starts[i + 1]]`.

    `hashes` is int32, below 2 ** BITS and in rising order within a text; `starts` is int64 and one
    longer than the texts.
    """

    hashes: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def roots(self) -> Floats:
        """The square root of how many n-grams each text has, 1 where it has none."""
        found: Floats = np.sqrt(np.maximum(np.diff(self.starts), 1)).astype(np.float32)
        return found

    def features(self, bits: int = BITS) -> npt.NDArray[np.int32]:
        """`hashes` for a model of 2 ** bits features."""
        return self.hashes if bits == BITS else self.hashes >> (BITS - bits)

    def known(self, signatures: npt.NDArray[np.uint8]) -> "Grams":
        """Those n-grams whose last bits are the signature of their feature, (2 ** bits,): a model
        that knows which n-gram a feature stands for is not misled by others of the same hash."""
        bits = int(signatures.shape[0]).bit_length() - 1
        last = (self.hashes & ((1 << SIGNATURE_BITS) - 1)).astype(np.uint8)
        kept = signatures.take(self.features(bits)) == last
        before = np.concatenate([[0], np.cumsum(kept)])
        return Grams(self.hashes[kept], before[self.starts])

    def sums(self, weights: Floats) -> Floats:
        """For each text the sum of its n-grams' rows of `weights`, shape (2 ** bits, k): (n, k)."""
        result = np.zeros((len(self), weights.shape[1]), np.float32)
        filled = self.starts[1:] > self.starts[:-1]
        if filled.any():
            bits = int(weights.shape[0]).bit_length() - 1
            rows = weights.take(self.features(bits), axis=0)
            result[filled] = np.add.reduceat(rows, self.starts[:-1][filled], axis=0)
        return result

    def take(self, rows: npt.NDArray[np.int64]) -> "Grams":
        """The n-grams of some of the texts, in the order of `rows`."""
        lengths = (self.starts[1:] - self.starts[:-1])[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        shift = np.repeat(self.starts[:-1][rows] - starts[:-1], lengths)
        return Grams(self.hashes[np.arange(starts[-1]) + shift], starts)


def grams(texts: Sequence[str]) -> Grams:
    """The n-grams of 2 to 8 letters of each text, in lower case, a space before and behind it."""
    letters = [unicodedata.normalize("NFD", f" {text} ".lower()) for text in texts]
    lengths = np.fromiter(map(len, letters), np.int64, len(letters))
    joined = "".join(letters).encode("utf-32-le", "replace")
    points = np.frombuffer(joined, np.uint32).astype(np.uint64) + np.uint64(1)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(points))  # to the text's end
    owner = np.repeat(np.arange(len(letters), dtype=np.int64), lengths)
    keys = _keys(points, left, owner)
    keys.sort()
    fresh = np.ones(len(keys), bool)
    fresh[1:] = keys[1:] != keys[:-1]
    keys = keys[fresh]
    starts = np.searchsorted(keys, np.arange(len(letters) + 1, dtype=np.int64) << BITS)
    return Grams((keys & ((1 << BITS) - 1)).astype(np.int32), starts.astype(np.int64))


def _keys(
    points: _Hashes, left: npt.NDArray[np.int64], owner: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The number of the text and, in the low bits, the hash, for every n-gram of every length."""
    found = []
    rolling = points
    for size in range(2, LONGEST + 1):
        if len(points) < size:
            break
        rolling = rolling[:-1] * _MULTIPLIER + points[size - 1 :]
        if size >= SHORTEST:
            whole = left[: len(rolling)] >= size
            found.append((owner[: len(rolling)][whole] << BITS) | _mixed(rolling[whole]))
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _mixed(values: _Hashes) -> npt.NDArray[np.int64]:
    """The high bits of a well-stirred product: sums alone leave like n-grams side by side."""
    stirred = (values ^ (values >> np.uint64(32))) * _FINISH
    stirred ^= stirred >> np.uint64(29)
    return (stirred * _MULTIPLIER >> np.uint64(64 - BITS)).astype(np.int64)
