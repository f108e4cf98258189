"""Texts as bags of content words: a sparse matrix made in columns from their terms.

Nouns, verbs, adjectives and Latin words count, each once a text. Words said in nearly every text or
hardly anywhere tell no topics apart and are left out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute
from scipy.sparse import csr_matrix

from nlp.topics.stopwords import CLOSED

pc: Final[Any] = pyarrow.compute

NOUNS: Final = ("NNG", "NNP", "XR", "SH", "W_HASHTAG")
CONTENT: Final = (*NOUNS, "VV", "VA", "SL")
MOST: Final = 0.4  # share of texts above which a word is said of everything
LONGEST: Final = 120  # content words of a text that are looked at: pairs grow with their square
_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bags:
    """`matrix` (n texts, v words) holds 1 where a text has a word; `nouns` (v,) says which words
    may stand in a name: nouns and Latin words. `before` and `after` are the words (numbers, -1
    where left out) of all pairs of neighbouring nouns, and `pair_text` whose they are."""

    matrix: Any
    words: tuple[str, ...]
    nouns: npt.NDArray[np.bool_]
    before: npt.NDArray[np.int32]
    after: npt.NDArray[np.int32]
    pair_text: npt.NDArray[np.int32]

    def take(self, rows: _Numbers) -> "Bags":
        """The bags of these texts, in this order, over the same words; without pairs."""
        none = np.zeros(0, np.int32)
        return Bags(self.matrix[rows], self.words, self.nouns, none, none, none)


def bags_of(
    terms: "pa.ListArray[Any] | pa.ChunkedArray[Any]",
    least: int = 5,
    without: Collection[str] = (),
) -> Bags:
    """Bags of texts given as lists of `nlp.annotate.TERM`: of words in at least `least` of them,
    `without` some, such as names of products: of which it is said is not what is said."""
    column: Any = terms.combine_chunks() if isinstance(terms, pa.ChunkedArray) else terms
    flat = column.flatten()
    owner = pc.list_parent_indices(column).to_numpy()
    lemma, tag = flat.field("lemma"), flat.field("tag")
    kept = pc.and_(
        pc.is_in(tag, pa.array(CONTENT)),
        pc.and_(
            pc.invert(pc.is_in(lemma, pa.array(sorted(CLOSED.union(without))))),
            pc.invert(pc.and_(pc.equal(tag, "SL"), pc.less(pc.utf8_length(lemma), 3))),
        ),
    )
    kept = pc.fill_null(kept, False).to_numpy(zero_copy_only=False)
    encoded = lemma.filter(pa.array(kept)).dictionary_encode()
    place = encoded.indices.to_numpy().astype(np.int64)
    text, position = owner[kept].astype(np.int64), np.flatnonzero(kept)
    starts = np.searchsorted(text, np.arange(len(column)))
    short = np.arange(len(text)) - starts[text] < LONGEST if len(text) else np.zeros(0, bool)
    place, text, position = place[short], text[short], position[short]
    is_noun = pc.is_in(tag, pa.array([*NOUNS, "SL"])).to_numpy(zero_copy_only=False)[position]
    words = cast(list[str], encoded.dictionary.to_pylist())
    return _bags(words, place, text, position, is_noun, len(column), least)


def _bags(
    words: list[str],
    place: _Numbers,
    text: _Numbers,
    position: _Numbers,
    is_noun: npt.NDArray[np.bool_],
    texts: int,
    least: int,
) -> Bags:
    matrix = csr_matrix((np.ones(len(place), np.float32), (text, place)), (texts, len(words)))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    counts = np.asarray(matrix.sum(0)).ravel()
    most = max(MOST * texts, least + 1)
    kept = np.flatnonzero((counts >= least) & (counts <= most))
    kept = kept[np.argsort(np.array([words[i] for i in kept], object), kind="stable")]
    fresh = np.full(len(words), -1, np.int32)
    fresh[kept] = np.arange(len(kept))
    nouns = np.bincount(place, is_noun, len(words)) * 2 > np.bincount(place, minlength=len(words))
    joined = is_noun[:-1] & is_noun[1:] & (np.diff(text) == 0) & (np.diff(position) == 1)
    return Bags(
        matrix[:, kept].tocsr(),
        tuple(words[i] for i in kept),
        nouns[kept],
        fresh[place[:-1][joined]],
        fresh[place[1:][joined]],
        text[:-1][joined].astype(np.int32),
    )
