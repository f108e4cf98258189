"""Finds the topics of a body of texts: groups of its words in the shipped space.

Words, not texts, are clustered: there are some thousands of them, each known from many texts, while
a short text is a few words of chance. A tree over the space, cut where the weight of these words
is, begins every search at the same places, so that equal texts give equal topics and similar ones
similar topics. How many topics: as many as two halves of the texts agree on (Ben-Hur et al. 2002,
"A stability based method for discovering structure in clustered data").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score

from nlp.topics.bags import Bags
from nlp.topics.space import FEWEST_WORDS, OWN_DIMENSIONS, Space
from nlp.topics.spheres import Floats, moved, unit

AGREED: Final = 0.72  # adjusted Rand index of two halves, asked of a number of topics
COUNTS: Final = (24, 20, 16, 12, 10, 8, 6, 5, 4, 3, 2)  # tried in this order
LEAST_TEXTS: Final = 40  # a topic of fewer is an accident
LEAST_SHARE: Final = 0.008
MOST_SHARE: Final = 0.5  # a topic of more says of most texts nothing
_ROUNDS: Final = 4
_SHARP: Final = 4
_COMPARED: Final = 20_000  # texts labelled by both halves
_Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """Topics of a body of texts. `weights` (v, k): what each word of `words` says for each topic;
    `centres` (k, d) in the space, `places` (v, d) of the words; `agreement` of the two halves."""

    words: tuple[str, ...]
    weights: Floats
    centres: Floats
    places: Floats
    agreement: float

    def scores(self, bags: Bags) -> Floats:
        """What the words of each text say for each topic: (n, k), over the words of this find."""
        scores: Floats = np.asarray(bags.matrix @ self.weights, np.float32)
        return scores

    def labels(self, bags: Bags) -> _Labels:
        """The topic of each text, -1 for one without a word that speaks for any."""
        return _labels(self.scores(bags))


def find(bags: Bags, space: Space, own: bool = False, counts: Sequence[int] = COUNTS) -> Found:
    """The topics of these texts; with too few texts or words for any, a Found of no topics.

    `own` says that the space was learned from such texts: then either half learns one of its own,
    or they would agree on what neither of them found.

    The first of `counts` is taken that two halves agree on and of which no topic is tiny, nor one
    most of all; where there is none such, the one agreed on best.
    """
    places = space.places(bags.matrix, bags.words)
    seen = np.asarray(bags.matrix.sum(0)).ravel()
    inverse = np.log(max(bags.matrix.shape[0], 1) / np.maximum(seen, 1)).astype(np.float32)
    texts = bags.matrix.shape[0]
    best, highest = _nothing(bags, places), -np.inf
    halves = _Halves.of(bags, space, own)
    for count in counts:
        if count * LEAST_TEXTS > texts or count > len(bags.words):
            continue
        centres = centres_of(places, seen, space, count)
        weights = _weights(places, centres, inverse)
        agreement = halves.agreement(count, inverse)
        found = Found(bags.words, weights, centres, places, agreement)
        sizes = np.bincount(np.maximum(found.labels(bags), 0), minlength=count)
        tiny = sizes.min() < max(LEAST_TEXTS / 2, LEAST_SHARE * texts)
        lopsided = tiny or sizes.max() > MOST_SHARE * texts
        if agreement >= AGREED and not lopsided:
            return found
        if agreement - lopsided > highest:
            best, highest = found, agreement - lopsided
    return best


def centres_of(places: Floats, seen: npt.NDArray[np.floating], space: Space, count: int) -> Floats:
    """Centres (count, d) of the topics of words at `places` said in so many texts."""
    weights = np.sqrt(seen).astype(np.float32) * places.any(1)
    nearest = (places @ space.spots.T).argmax(1)
    mass = np.bincount(nearest, weights, len(space.spots)).astype(np.float64)
    groups = _cut(space.joins, mass, count)
    begun = np.stack([(space.spots[group] * mass[group, None]).sum(0) for group in groups])
    return moved(places, weights, unit(begun.astype(np.float32)), _ROUNDS)


def _cut(joins: Floats, mass: npt.NDArray[np.floating], count: int) -> list[list[int]]:
    """The leaves of `count` branches: the heaviest and widest branch is split again and again."""
    leaves: list[list[int]] = [[leaf] for leaf in range(len(mass))]
    parts: dict[int, tuple[int, int]] = {}
    width = [0.0] * len(mass)
    for left, right, distance, _ in joins:
        parts[len(leaves)] = (int(left), int(right))
        leaves.append(leaves[int(left)] + leaves[int(right)])
        width.append(float(distance))
    total = [float(mass[each].sum()) for each in leaves]
    branches = [len(leaves) - 1]
    while len(branches) < count:
        inner = [branch for branch in branches if branch in parts]
        if not inner:
            break
        widest = max(inner, key=lambda branch: total[branch] * width[branch] ** 2)
        branches.remove(widest)
        branches += [part for part in parts[widest] if total[part] > 0]
    return [leaves[branch] for branch in branches]


def _weights(places: Floats, centres: Floats, inverse: Floats) -> Floats:
    """A word speaks for the topics it is near, the more the nearer and the rarer it is."""
    near = np.maximum(places @ centres.T, 0) ** _SHARP
    share = near / np.maximum(near.sum(1, keepdims=True), 1e-9)
    weights: Floats = (share * near.max(1, keepdims=True) * inverse[:, None]).astype(np.float32)
    weights[weights < 0.01 * weights.max(initial=1e-9)] = 0
    return weights


def _labels(scores: Floats) -> _Labels:
    if scores.shape[1] == 0:
        return np.full(len(scores), -1, np.int64)
    labels: _Labels = scores.argmax(1).astype(np.int64)
    labels[scores.max(1) <= 0] = -1
    return labels


@dataclass(frozen=True)
class _Halves:
    """The texts split in two by turns, each half with the places its own use gives the words."""

    spaces: tuple[Space, ...]
    compared: Bags
    seen: tuple[npt.NDArray[np.floating], ...]
    places: tuple[Floats, ...]

    @classmethod
    def of(cls, bags: Bags, space: Space, own: bool) -> "_Halves":
        rows = np.random.default_rng(0).permutation(bags.matrix.shape[0])
        halves = [bags.take(rows[0::2]), bags.take(rows[1::2])]
        learns = own and min(len(bags.words), len(rows)) > FEWEST_WORDS
        spaces = [Space.learn(half, OWN_DIMENSIONS) if learns else space for half in halves]
        return cls(
            tuple(spaces),
            bags.take(rows[:_COMPARED]),
            tuple(np.asarray(half.matrix.sum(0)).ravel() for half in halves),
            tuple(
                each.places(half.matrix, bags.words)
                for each, half in zip(spaces, halves, strict=True)
            ),
        )

    def agreement(self, count: int, inverse: Floats) -> float:
        """Adjusted Rand index (Hubert and Arabie 1985) of what either half calls the same texts."""
        labels = [
            _labels(
                np.asarray(
                    self.compared.matrix
                    @ _weights(places, centres_of(places, seen, space, count), inverse)
                )
            )
            for places, seen, space in zip(self.places, self.seen, self.spaces, strict=True)
        ]
        said = (labels[0] >= 0) & (labels[1] >= 0)
        return float(adjusted_rand_score(labels[0][said], labels[1][said])) if said.any() else 0.0


def _nothing(bags: Bags, places: Floats) -> Found:
    none = np.zeros((len(bags.words), 0), np.float32)
    return Found(bags.words, none, np.zeros((0, places.shape[1]), np.float32), places, 0.0)
