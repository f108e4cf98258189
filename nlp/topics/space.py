"""The shipped space of words, and how the words of a new body of texts find their place in it.

The space is learned once (`nlp.train.words`) and never moves, so topics found on different days or
on different halves of the same texts can be compared. A word's place is what the space knows of it,
moved towards how these texts use it the more they use it.
"""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file
from scipy.cluster.hierarchy import linkage
from scipy.sparse import csr_matrix
from sklearn.utils.extmath import randomized_svd

from nlp.errors import NlpError
from nlp.topics.bags import Bags
from nlp.topics.spheres import Floats, spherical_means, unit

CONTEXTS: Final = 0.75  # exponent that keeps rare contexts from weighing too much
SHIPPED: Final = Path(__file__).parents[1] / "models" / "words"
DIMENSIONS: Final = 64
# Of a space learned from one body of texts: halves that each learn one agree better on few axes.
OWN_DIMENSIONS: Final = 24
FEWEST_WORDS: Final = 12  # of which a space can be learned
SPOTS: Final = 256
SEED: Final = 5
# What a text of the body at hand weighs against one that the space was learned from.
_TRUST: Final = 1.0
_LEAST_TRUST: Final = 20.0
FILE: Final = "words.safetensors"
_WORDS: Final = "words.txt"
_ARRAYS: Final = ("vectors", "values", "counts", "middle", "spots", "joins")


@dataclass(frozen=True)
class Space:
    """`vectors` (w, d) of `words`, unnormalised, with the singular `values` (d,) they came from;
    `counts` (w,) of texts learned from. `middle` (d,) is what all words share. `spots` (s, d) are
    where words lie densely, and `joins` (s - 1, 4) SciPy's linkage of them."""

    words: tuple[str, ...]
    vectors: Floats
    values: Floats
    counts: npt.NDArray[np.int32]
    middle: Floats
    spots: Floats
    joins: Floats

    @classmethod
    def read(cls, folder: Path = SHIPPED) -> "Space":
        """The space in `folder`; NlpError when there is none."""
        return _read(folder)

    @classmethod
    def learn(cls, bags: Bags, dimensions: int = DIMENSIONS, spots: int = SPOTS) -> "Space":
        """A space from these texts alone. Positive pointwise mutual information of words said in
        one text, factored by a truncated SVD (Levy and Goldberg 2014, "Neural Word Embedding as
        Implicit Matrix Factorization"); the dense spots are joined by Ward's method."""
        counts = np.asarray(bags.matrix.sum(0)).ravel()
        order = np.argsort(-counts, kind="stable")
        matrix, counts = bags.matrix[:, order].tocsr(), counts[order]
        width = min(dimensions, len(order) - 1)
        seen = associations(matrix, np.arange(len(order)))
        left, values, _ = randomized_svd(seen, width, n_iter=5, random_state=SEED)
        vectors = (left * np.sqrt(values)).astype(np.float32)
        weights = np.sqrt(counts)
        middle = np.average(unit(vectors), axis=0, weights=weights).astype(np.float32)
        lying = unit(unit(vectors) - middle)
        dense = spherical_means(lying, weights, min(spots, len(order) // 3 + 1), SEED)
        return cls(
            words=tuple(bags.words[place] for place in order),
            vectors=vectors,
            values=np.maximum(values, 1e-6).astype(np.float32),
            counts=counts.astype(np.int32),
            middle=middle,
            spots=dense,
            joins=linkage(dense, "ward").astype(np.float32),
        )

    def write(self, folder: Path) -> None:
        """Keep the space in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        held = {name: getattr(self, name) for name in _ARRAYS}
        path, part = folder / FILE, folder / f"{FILE}.part"
        save_file({**held, "vectors": self.vectors.astype(np.float16)}, part)
        part.chmod(0o644)
        (folder / _WORDS).write_text("\n".join(self.words) + "\n", encoding="utf-8")
        part.replace(path)
        _read.cache_clear()

    @property
    def name(self) -> str:
        """A digest: centres found in spaces of different names cannot be compared."""
        return hashlib.blake2b(self.middle.tobytes(), digest_size=6).hexdigest()

    def known_share(self, bags: Bags) -> float:
        """The share of all that these texts say which is in words of the space, 0..1."""
        known = np.isin(np.array(bags.words, object), np.array(self.words, object))
        said = np.asarray(bags.matrix.sum(0)).ravel()
        return float(said[known].sum() / max(said.sum(), 1))

    def places(self, matrix: Any, words: Sequence[str]) -> Floats:
        """Unit vectors (v, d) of the words of a body of texts; zeros for a word never met.

        Unknown words, and known ones used enough, are folded in by what they are said with: the
        same factorisation's answer for a new row (Deerwester et al. 1990, "folding-in").
        """
        known = {word: place for place, word in enumerate(self.words)}
        place = np.array([known.get(word, -1) for word in words], np.int64)
        anchors = np.flatnonzero(place >= 0)
        counts = np.asarray(matrix.sum(0)).ravel()
        found = np.zeros((len(words), len(self.values)), np.float32)
        trust = np.full(len(words), _LEAST_TRUST, np.float32)
        if len(anchors):
            of_anchors = self.vectors[place[anchors]].astype(np.float32)
            said_with = associations(matrix, anchors)
            found = np.asarray(said_with @ (of_anchors / self.values), np.float32)
            trust[anchors] = np.maximum(self.counts[place[anchors]] * _TRUST, _LEAST_TRUST)
        here = unit(found)
        there = np.zeros_like(here)
        if len(anchors):
            there[anchors] = unit(of_anchors)
        known_share = np.where(place >= 0, trust / (trust + counts), 0)[:, None]
        mixed = unit((known_share * there + (1 - known_share) * here).astype(np.float32))
        placed = unit(mixed - self.middle)
        placed[~mixed.any(1)] = 0
        return placed


@functools.lru_cache(maxsize=2)
def _read(folder: Path) -> Space:
    path = folder / FILE
    if not path.exists():
        raise NlpError(f"no space of words at {path}; learn one with python -m nlp.train.words")
    held = load_file(path)
    words = (folder / _WORDS).read_text(encoding="utf-8").split("\n")[:-1]
    return Space(
        tuple(words),
        held["vectors"].astype(np.float32),
        held["values"],
        held["counts"],
        held["middle"],
        held["spots"],
        held["joins"],
    )


def associations(matrix: Any, contexts: npt.NDArray[np.int64]) -> csr_matrix:
    """Positive pointwise mutual information (v, w) of every word of `matrix` (n texts, v words)
    with those in the columns `contexts` (w,); a word is not its own company."""
    together = (matrix.T @ matrix[:, contexts]).tocoo()
    row, column, seen = together.row, together.col, together.data
    others = np.asarray(matrix.sum(1)).ravel() - 1
    pairs = np.maximum(np.asarray(matrix.T @ others).ravel(), 1e-9)  # of each word with any other
    smooth = pairs**CONTEXTS
    share = (smooth / smooth.sum())[contexts]
    strength = np.log(seen / (pairs[row] * share[column]))
    kept = (strength > 0) & (row != contexts[column])
    shape = (matrix.shape[1], len(contexts))
    return csr_matrix((strength[kept].astype(np.float32), (row[kept], column[kept])), shape)
