"""Terms of English texts that opinions are said of, and how they are judged.

No tagger for English is shipped: linear models over hashed words and gradient-boosted trees score
every window of one to three words (nlp/windows_english.py), as nlp/train/aspects.py fitted them.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nlp import english
from nlp import windows_english as windows
from nlp.lexicon import AspectEntry
from nlp.trees import Trees
from nlp.windows_english import Batch, Candidates, Floats
from nlp.words_english import WordTable

if TYPE_CHECKING:
    from spacy.tokens import Doc

FOLDER: Final = Path(__file__).parent / "models" / "aspects"
CLAUSE: Final = 2.0  # log-odds that the words of a term's own clause can move
MOOD: Final = 0.3  # how far the sentiment of the whole text moves a judgement that is unsure


class EnglishReader:
    """Finds and judges the terms of English Docs. Safe between threads; loaded when first used."""

    def __init__(self, entries: Mapping[str, AspectEntry]) -> None:
        self._aspect_of: dict[str, str] = {}
        for name, entry in entries.items():
            for word in (*entry.words, *entry.implied):
                if word.isascii():
                    self._aspect_of.setdefault(windows.lemma_of(english.words(word)), name)

    def terms(
        self, docs: "Sequence[Doc]", moods: Sequence[float]
    ) -> list[list[tuple[str, str, int, int, float]]]:
        """Of each Doc (aspect, lemma, start, end, score -1..1) in the order of the text.

        The Docs are looked at together: what a batch keeps speaking of is what it is about.
        """
        found: list[list[tuple[str, str, int, int, float]]] = [[] for _ in docs]
        if not any(map(len, docs)):
            return found
        model = load(FOLDER)
        readable = [at for at, doc in enumerate(docs) if _is_english(doc, model.table)]
        if not readable:
            return found
        of = windows.batch([docs[at] for at in readable], model.table)
        for first, size, score in model.read(of):
            number = readable[int(of.doc[first])]
            doc = docs[number]
            start, end = doc[int(of.token[first])], doc[int(of.token[first + size - 1])]
            lemma = " ".join(of.lemmas[of.lemma[first + step]] for step in range(size))
            aspect = self._aspect_of.get(lemma) or self._aspect_of.get(lemma.split(" ")[-1], lemma)
            mixed = max(-1.0, min(1.0, score + MOOD * moods[number] * (1 - abs(score))))
            place = (start.idx, end.idx + len(end))
            found[number].append((aspect, lemma, *place, round(mixed, 3)))
        return found


def _is_english(doc: "Doc", table: WordTable) -> bool:
    """Whether most of the words are known English ones."""
    words = [token.lower_ for token in doc if token.tag_ == "SL"]
    return bool(words) and 2 * sum(map(table.knows, words)) >= len(words)


@dataclass(frozen=True)
class EnglishModel:
    """The word table, four linear models over hashed words, and trees over all of it."""

    table: WordTable
    sentence_weights: Floats
    term_weights: Floats
    polarity_weights: Floats
    biases: Floats
    terms: Trees
    polarities: Trees
    threshold: float

    def read(self, of: Batch) -> list[tuple[int, int, float]]:
        """First word, number of words and score of every term, in order; none overlap."""
        found = windows.candidates(of, self.table)
        if not len(found.first):
            return []
        scores = self.scores(of, found)
        chosen = spread(found, scores, self.threshold)
        kept = Candidates(
            found.first[chosen],
            found.size[chosen],
            found.key[chosen],
            found.dense[chosen],
            found.hashed[chosen],
        )
        judged = np.tanh(self.judged(of, kept) / 2)
        return list(zip(kept.first.tolist(), kept.size.tolist(), judged.tolist(), strict=True))

    def scores(self, of: Batch, found: Candidates) -> Floats:
        """How likely each candidate is a term, 0..1."""
        hashed, sentence = windows.sentence_hashes(of)
        said = np.bincount(sentence, self.sentence_weights[hashed], of.sentences + 1)
        of_sentence = (said + self.biases[0]).astype(np.float32)
        own = self.term_weights[found.hashed].sum(1) + self.biases[1]
        odds = self.terms.score(windows.term_extras(of, found, of_sentence, own))
        likely: Floats = (1 / (1 + np.exp(-odds))).astype(np.float32)
        return likely

    def judged(self, of: Batch, found: Candidates) -> Floats:
        """Log-odds that each term is praised."""
        if not len(found.first):
            return np.zeros(0, np.float32)
        linear = self.polarity_weights[windows.polarity_hashes(of, found)].sum(1) + self.biases[2]
        odds = self.polarities.score(np.column_stack([found.dense, linear]).astype(np.float32))
        # On reviews a little worse than the trees alone, but right of plain sentences: reviews that
        # are mostly praise taught the trees to expect it.
        plain = odds + CLAUSE * np.tanh(windows.nearby(of, found))
        return plain.astype(np.float32)


def spread(found: Candidates, scores: Floats, threshold: float) -> list[int]:
    """Candidates above the threshold, the likeliest first where they overlap, in text order."""
    taken: set[int] = set()
    chosen: list[int] = []
    for at in np.argsort(-scores, kind="stable").tolist():
        if scores[at] < threshold:
            break
        words = range(int(found.first[at]), int(found.first[at] + found.size[at]))
        if taken.isdisjoint(words):
            taken.update(words)
            chosen.append(at)
    return sorted(chosen, key=lambda at: int(found.first[at]))


@functools.cache
def load(folder: Path) -> EnglishModel:
    """The model of a folder, once a process."""
    about = json.loads((folder / "config.json").read_text("utf-8"))
    with np.load(folder / "model.npz") as stored:
        arrays: dict[str, Any] = {name: stored[name] for name in stored.files}
    return EnglishModel(
        table=WordTable(folder / "words.npz"),
        sentence_weights=arrays["sentence"].astype(np.float32),
        term_weights=arrays["term"].astype(np.float32),
        polarity_weights=arrays["polarity"].astype(np.float32),
        biases=arrays["biases"],
        terms=_trees("terms", arrays, about),
        polarities=_trees("polarities", arrays, about),
        threshold=float(about["threshold"]),
    )


def _trees(name: str, arrays: dict[str, Any], about: dict[str, Any]) -> Trees:
    parts = ("feature", "threshold", "left", "right", "value", "roots")
    own: dict[str, Any] = {part: arrays[f"{name}_{part}"] for part in parts}
    return Trees(**own, depth=int(about[name]["depth"]), base=float(about[name]["base"]))
