"""A 64-bit fingerprint by which copies of a text are found: SimHash over pairs of characters.

Two texts that share most of their pairs differ in few bits (Charikar 2002, "Similarity
Estimation Techniques from Rounding Algorithms"). Spacing, case, punctuation and how often a letter
is repeated do not count. Everything is computed in columns: no loop over texts.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nlp.texts import Texts, readable, strings

# Of two million random pairs of real reviews two were as near as this, and they were copies. One
# changed letter in a text of fifty moves 5 bits (median), a name before or a word after it 3 to 5.
NEAR_COPY_BITS: Final = 8
SHORTEST: Final = 8  # letters and digits; shorter praise and blame coincides without being copied

_GRAM: Final = 2
_ROWS: Final = 4096  # bounds memory: 64 counters a pair
_NOT_WORD: Final = r"[^\p{L}\p{N}]+"
_Hashes = npt.NDArray[np.uint64]


def fingerprints(texts: Texts) -> _Hashes:
    """One `uint64` a text; 0 for a text too short to tell a copy from a coincidence."""
    return of_readable(readable(texts))


def of_readable(clean: pa.StringArray) -> _Hashes:
    """As `fingerprints`, for texts that `nlp.texts.readable` has already cleaned."""
    letters = pc.utf8_lower(pc.replace_substring_regex(clean, _NOT_WORD, ""))
    parts = [_simhash(letters.slice(at, _ROWS)) for at in range(0, len(letters), _ROWS)]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def distance(left: _Hashes, right: _Hashes) -> npt.NDArray[np.uint8]:
    """How many of the 64 bits differ, element by element."""
    bits: npt.NDArray[np.uint8] = np.bitwise_count(left ^ right)
    return bits


def _simhash(letters: pa.StringArray) -> _Hashes:
    points, owner = _code_points(letters)
    fresh = np.ones(len(points), bool)  # the first of a run of equal letters
    fresh[1:] = (points[1:] != points[:-1]) | (owner[1:] != owner[:-1])
    points, owner = points[fresh], owner[fresh]
    sizes = np.bincount(owner, minlength=len(letters))
    result = np.zeros(len(letters), np.uint64)
    if len(points) < _GRAM:
        return result
    inside = owner[_GRAM - 1 :] == owner[: 1 - _GRAM]
    grams = _mixed(points)[inside]
    gram_owner = owner[: 1 - _GRAM][inside]
    rows, starts = np.unique(gram_owner, return_index=True)
    if not len(rows):
        return result
    bits = np.unpackbits(grams.view(np.uint8).reshape(-1, 8), axis=1)
    ones = np.add.reduceat(bits, starts, axis=0, dtype=np.int32)
    counts = np.diff(np.append(starts, len(grams)))
    packed = np.packbits(2 * ones > counts[:, None], axis=1)
    result[rows] = packed.view(np.uint64).ravel()
    result[result == 0] = 1  # 0 says "none"
    result[sizes < SHORTEST] = 0
    return result


def _code_points(letters: pa.StringArray) -> tuple[_Hashes, npt.NDArray[np.int64]]:
    """All characters one after another as numbers, and to which text each belongs."""
    lengths = pc.utf8_length(letters).to_numpy(zero_copy_only=False)
    joined = "".join(strings(letters)).encode("utf-32-le")
    points = np.frombuffer(joined, np.uint32).astype(np.uint64)
    return points, np.repeat(np.arange(len(letters)), lengths)


def _mixed(points: _Hashes) -> _Hashes:
    """A well-mixed 64-bit number for each pair (finaliser of SplitMix64, Steele et al. 2014)."""
    value = points[:-1] * np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ points[1:]) * np.uint64(0xC2B2AE3D27D4EB4F)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
