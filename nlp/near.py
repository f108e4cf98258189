"""Pairs of fingerprints that differ in few bits, without comparing each with each.

Multi-index hashing (Norouzi, Punjani and Fleet 2012, "Fast Search in Hamming Space with Multi-Index
Hashing"): of three bands of a 64-bit number one differs in at most a third of the bits that differ.
So every number within 2 bits of a band is looked up, and what is found there is compared in full.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from nlp.fingerprint import NEAR_COPY_BITS, distance

_Hashes = npt.NDArray[np.uint64]
_Places = npt.NDArray[np.int64]

_BANDS: Final = ((0, 21), (21, 21), (42, 22))  # first bit and width
_REACH: Final = 2  # bits that a band may differ in
_CROWD: Final = 256  # of one band looked at; the first given, so the earliest where those are first
_QUERIES: Final = 2048  # at a time: bounds memory


@dataclass(frozen=True)
class _Band:
    """The places of fingerprints in the order of one band, and where each of its values begins."""

    shift: int
    width: int
    order: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]

    @classmethod
    def of(cls, among: _Hashes, shift: int, width: int) -> "_Band":
        keys = _keys(among, shift, width)
        order = np.argsort(keys, kind="stable").astype(np.int32)
        starts = np.zeros((1 << width) + 1, np.int32)
        np.cumsum(np.bincount(keys, minlength=1 << width), out=starts[1:])
        return cls(shift, width, order, starts)


def near_pairs(
    queries: _Hashes, among: _Hashes, bits: int = NEAR_COPY_BITS
) -> tuple[_Places, _Places]:
    """Places (i, j), each pair once, with at most `bits` bits between queries[i] and among[j].

    `bits` is 8 at most. Of more than `_CROWD` fingerprints that share a band only the first are
    looked at, which bounds the time of texts made to crowd there.
    """
    if bits > 3 * _REACH + 2:
        raise ValueError(f"near_pairs finds pairs of up to {3 * _REACH + 2} bits, not {bits}")
    bands = [_Band.of(among, shift, width) for shift, width in _BANDS]
    found = [
        _near(queries[at : at + _QUERIES], at, among, bands, bits)
        for at in range(0, len(queries), _QUERIES)
    ]
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    left, right = (np.concatenate(side) for side in zip(*found, strict=True))
    return left, right


def _near(
    queries: _Hashes, first: int, among: _Hashes, bands: list[_Band], bits: int
) -> tuple[_Places, _Places]:
    pairs: list[_Places] = []
    for band in bands:
        query, candidate = _candidates(queries, band)
        near = distance(queries[query], among[candidate]) <= bits
        pairs.append(query[near] * len(among) + candidate[near])
    once = np.unique(np.concatenate(pairs))
    return once // max(1, len(among)) + first, once % max(1, len(among))


def _candidates(queries: _Hashes, band: _Band) -> tuple[_Places, _Places]:
    """Places of queries and of what shares the band with them, but for up to two bits."""
    keys = _keys(queries, band.shift, band.width)
    probes = keys[:, None] ^ _flips(band.width)[None, :]
    starts = band.starts[probes].ravel()
    sizes = np.minimum(band.starts[probes + 1].ravel() - starts, _CROWD)
    hits = np.flatnonzero(sizes)
    starts, sizes = starts[hits].astype(np.int64), sizes[hits].astype(np.int64)
    ends = np.cumsum(sizes)
    within = np.arange(sizes.sum()) - np.repeat(ends - sizes, sizes)
    places = band.order[np.repeat(starts, sizes) + within].astype(np.int64)
    return np.repeat(hits // probes.shape[1], sizes), places


def _keys(hashes: _Hashes, shift: int, width: int) -> _Places:
    return ((hashes >> np.uint64(shift)) & np.uint64((1 << width) - 1)).astype(np.int64)


def _flips(width: int) -> _Places:
    """All numbers of `width` bits with no more than `_REACH` ones."""
    chosen = (some for n in range(_REACH + 1) for some in combinations(range(width), n))
    return np.array([sum(1 << bit for bit in some) for some in chosen], np.int64)
