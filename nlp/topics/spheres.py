"""k-means on the unit sphere with weights (Dhillon and Modha 2001, "Concept Decompositions")."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def unit(rows: Floats) -> Floats:
    """Rows of length one; a row of zeros stays so."""
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Floats = (rows / np.maximum(length, 1e-9)).astype(np.float32)
    return scaled


def moved(points: Floats, weights: Floats, centres: Floats, rounds: int) -> Floats:
    """`centres` after so many rounds of k-means over `points`; one that nothing is near stays."""
    for _ in range(rounds):
        nearest = (points @ centres.T).argmax(1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, points * weights[:, None])
        empty = ~sums.any(1)
        sums[empty] = centres[empty]
        centres = unit(sums)
    return centres


def spherical_means(
    points: Floats, weights: npt.NDArray[np.floating], clusters: int, seed: int, rounds: int = 30
) -> Floats:
    """Centres of so many clusters, begun as in k-means++ (Arthur and Vassilvitskii 2007)."""
    chance = np.random.default_rng(seed)
    heavy = np.asarray(weights, np.float32)
    chosen = [int(chance.choice(len(points), p=heavy / heavy.sum()))]
    far = 1 - points @ points[chosen[0]]
    while len(chosen) < clusters:
        odds = np.maximum(far, 0) * heavy
        chosen.append(int(chance.choice(len(points), p=odds / odds.sum())))
        far = np.minimum(far, 1 - points @ points[chosen[-1]])
    return moved(points, heavy, points[chosen], rounds)


def as_centre(numbers: Sequence[float]) -> Floats:
    """A centre from the plain numbers it was kept as."""
    return np.array(numbers, np.float32)
