"""Gradient-boosted trees as arrays: trained elsewhere, scored here without the library."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Trees:
    """All nodes of all trees end to end; a leaf points to itself, so that a walk ends by itself.

    feature, left, right: int; threshold, value: float; roots: first node of each tree; depth: the
    longest way to a leaf; base: what is added to the sum.
    """

    feature: npt.NDArray[np.int16]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]
    roots: npt.NDArray[np.int32]
    depth: int
    base: float

    def score(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Log-odds of each row of shape (n, features)."""
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots))).copy()
        row = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            goes_left = rows[row, self.feature[at]] <= self.threshold[at]
            at = np.where(goes_left, self.left[at], self.right[at])
        total: npt.NDArray[np.float32] = self.value[at].sum(1) + np.float32(self.base)
        return total
