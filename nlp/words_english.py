"""What is known of English words: how common, how often said of goods, how good or bad, which part
of speech. A table learned from reviews and from Brill's lexicon; rules guess the rest."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

PAD: Final = ""
_PENN: Final = (
    "PAD NN NNS NNP VB VBZ VBP VBD VBG VBN JJ JJR JJS RB DT IN TO PRP PRP$ CC MD CD WDT EX UH SYM"
)
TAGS: Final = _PENN.split()
_NUMBER: Final = {tag: number for number, tag in enumerate(TAGS)}
_SUFFIXES: Final = (
    ("ing", "VBG"),
    ("ed", "VBN"),
    ("ly", "RB"),
    ("able", "JJ"),
    ("ible", "JJ"),
    ("ful", "JJ"),
    ("ous", "JJ"),
    ("less", "JJ"),
    ("ive", "JJ"),
    ("ish", "JJ"),
    ("al", "JJ"),
    ("ic", "JJ"),
    ("est", "JJS"),
    ("s", "NNS"),
)
_POINTERS: Final = (
    "i you he she they we it me him them us my your his their our its this that these those the a "
    "an n't not no never one thing something anything everything lot bit time way day"
)
_NOT_TERMS: Final = frozenset(_POINTERS.split())
COLUMNS: Final = ("usual", "goods", "product", "head", "opening", "alone", "praise", "valence")


class WordTable:
    """The table in memory. `numbers` gives `COLUMNS` of each word:

    usual: share of everyday sentences that hold it; goods: log-odds of being said of goods;
    product: log of how often; head, opening: log share of standing last, first in a list of pros
    and cons; alone: log of how often it is all that is said; praise: log-odds of pros to cons and
    films' praise to blame; valence: as people rated the word.
    """

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            words = stored["words"].tobytes().decode("utf-8").split("\n")
            self._numbers = stored["numbers"].astype(np.float32)
            tags = stored["tags"].astype(np.int64)
            phrases = stored["phrases"].tobytes().decode("utf-8").split("\n")
            counts = stored["counts"].astype(np.float32)
        self._row = {word: row for row, word in enumerate(words)}
        self._tag = {word: int(tag) for word, tag in zip(words, tags, strict=True) if tag}
        self._phrase = dict(zip(phrases, counts.tolist(), strict=True))
        self._absent = np.array([2e-5, 0, 0, -2, -2, 0, 0, 0], np.float32)
        names = np.array(TAGS)
        self.is_noun: Bools = np.char.startswith(names, "NN")
        self.is_adjective: Bools = np.char.startswith(names, "JJ")
        self.judging = np.array(
            [
                _NUMBER[t]
                for t in ("JJ", "JJR", "JJS", "RB", "VBN", "VBG", "VB", "VBZ", "VBP", "VBD")
            ]
        )

    def knows(self, word: str) -> bool:
        return word in self._row

    def numbers(self, lemmas: Sequence[str]) -> Floats:
        """(words, columns) of what is known; of unknown words what the rarest have."""
        rows = [self._row.get(lemma, -1) for lemma in lemmas]
        return np.vstack([self._numbers, self._absent])[rows]

    def values(self, lemmas: Sequence[str]) -> tuple[Floats, Floats]:
        """How good or bad a word sounds, and -1, 0, 1 where people rated it so clearly."""
        known = self.numbers(lemmas)
        praise, valence = known[:, 6], known[:, 7]
        return valence / 2 + 0.7 * praise, np.sign(valence) * (np.abs(valence) >= 1)

    def tags(self, words: Sequence[str]) -> list[int]:
        """Parts of speech: the word's commonest, a guess by its ending, then its neighbours."""
        found = [self._tag.get(word) or _guess(word) for word in words]
        for at in range(1, len(found)):
            before, tag = TAGS[found[at - 1]], TAGS[found[at]]
            if before in ("DT", "PRP$", "JJ") and tag in ("VB", "VBP"):
                found[at] = _NUMBER["NN"]
            elif before in ("DT", "PRP$") and tag == "VBZ":
                found[at] = _NUMBER["NNS"]
            elif before in ("TO", "MD", "PRP") and tag == "NN" and self._tag.get(words[at]):
                found[at] = _NUMBER["VB" if before != "PRP" else "VBP"]
        return found

    def noun_lemma(self, lemmas: Sequence[str]) -> Bools:
        return np.array(
            [bool(word) and self.is_noun[self._tag.get(word) or _guess(word)] for word in lemmas]
        )

    def places(self, lemmas: Sequence[str], lemma: Ints, tag: Ints) -> tuple[Bools, Bools, Bools]:
        """Which words may begin a term, stand before its last word, and end it."""
        word = np.array([bool(w) and w[0].isalnum() and w not in _NOT_TERMS for w in lemmas])[lemma]
        names = np.array(TAGS)
        inner = np.isin(names, ("NN", "NNS", "NNP", "JJ", "VBG", "VBN", "CD", "VB", "JJR", "RB"))
        linking = np.isin(names, ("IN", "TO"))
        ending = self.is_noun | np.isin(names, ("VB", "VBZ", "VBP", "VBG", "VBD", "JJ", "CD"))
        starts = word & (inner | ending)[tag]
        return starts, word & (inner | linking)[tag], word & ending[tag]

    def phrases(self, lemmas: list[str], lemma: Ints, first: Ints, size: Ints) -> Floats:
        """Log of how often the words stand together in lists of pros and cons."""
        found = np.zeros(len(first), np.float32)
        for at in np.flatnonzero(size > 1):
            start = first[at]
            words = [lemmas[lemma[start + step]] for step in range(size[at])]
            found[at] = self._phrase.get(" ".join(words), 0.0)
        return found


def _guess(word: str) -> int:
    if not word:
        return 0
    if word[0].isdecimal():
        return _NUMBER["CD"]
    if not word[0].isalnum():
        return _NUMBER["SYM"]
    for suffix, tag in _SUFFIXES:
        if word.endswith(suffix) and len(word) > len(suffix) + 2:
            return _NUMBER[tag]
    return _NUMBER["NN"]


def tag_number(tag: str) -> int:
    """Our number for a tag of the Penn treebank; rare ones count as their kin."""
    kin = {
        "NNPS": "NNP",
        "RBR": "RB",
        "RBS": "RB",
        "WP": "WDT",
        "WRB": "WDT",
        "WP$": "WDT",
        "PDT": "DT",
        "RP": "IN",
        "FW": "NN",
    }
    tag = kin.get(tag, tag)
    return _NUMBER.get(tag, _NUMBER["SYM"])
