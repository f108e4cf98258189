"""Terms of English texts that opinions are said of, and how they are judged.

No tagger for English is shipped, so candidates of one to three words are scored by what is known
of their words (how often goods are praised by them), of their neighbours, and of the whole batch:
what a collection of reviews keeps speaking of is what they review (Hu and Liu 2004, "Mining and
Summarizing Customer Reviews"). Everything is worked out in columns over all sentences at once.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from nlp import english
from nlp.lexicon import AspectEntry, Words
from nlp.trees import Trees
from nlp.words_english import PAD, WordTable

if TYPE_CHECKING:
    from spacy.tokens import Doc

Floats: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

FOLDER: Final = Path(__file__).parent / "models" / "aspects"
LONGEST_TERM: Final = 3
HASHED: Final = 2**16
AROUND: Final = 6  # words on each side that a candidate's context holds
_BREAKS: Final = frozenset({",", ";", ":", ".", "(", ")", "but", "although", "though", "however"})
_NEGATIONS: Final = frozenset(
    {"n't", "not", "no", "never", "without", "lack", "hardly", "cannot", "don't", "doesn't"}
    | {"didn't", "isn't", "wasn't", "won't", "can't", "couldn't", "wouldn't", "nothing", "none"}
)
_BE: Final = frozenset(
    {"is", "are", "was", "were", "'s", "be", "look", "seem", "feel", "sound", "work", "has", "have"}
)
_POINTING: Final = frozenset({"the", "this", "its", "my", "our", "your"})
_LINKS: Final = frozenset({"with", "of", "in", "for", "on", "to"})
MOOD: Final = 0.3  # how far the sentiment of the whole text moves a judgement that is unsure
_FLAGS: Final = ("?", "if", "would", "i", "you", "!", "but", "very", ":", "than")


@dataclass(frozen=True)
class Batch:
    """Words of many sentences end to end, with `AROUND` pads between sentences.

    `lemma`, `tag`: numbers into `lemmas` and the tags; `sentence`, `clause`: numbers of theirs, the
    pads those of the sentence before them; `doc`, `token`: where each word is from.
    """

    lemmas: list[str]
    lemma: Ints
    tag: Ints
    value: Floats
    opinion: Floats
    negation: Bools
    sentence: Ints
    clause: Ints
    doc: Ints
    token: Ints
    sentences: int


@dataclass(frozen=True)
class Candidates:
    """Windows of words that may be terms: first word, number of words, dense features, hashes."""

    first: Ints
    size: Ints
    key: Ints
    dense: Floats
    hashed: Ints


def lemma_of(words: Sequence[str]) -> str:
    """The lemma of a term: casefolded singular words with spaces between, hyphens left out."""
    return " ".join(english.lemma(word.casefold()) for word in words if word not in "-/")


def batch(docs: "Sequence[Doc]", table: WordTable) -> Batch:
    """The Latin words and marks of the Docs in columns."""
    numbers: dict[str, int] = {PAD: 0}
    lemma: list[int] = [0] * AROUND
    words: list[str] = [PAD] * AROUND
    sentence, clause = [0] * AROUND, [0] * AROUND
    doc_of, token_of = [-1] * AROUND, [-1] * AROUND
    number = part = 0

    def close() -> None:
        nonlocal number, part
        for column, item in zip(
            (lemma, words, sentence, clause, doc_of, token_of),
            (0, PAD, number, part, -1, -1),
            strict=True,
        ):
            column.extend([item] * AROUND)  # type: ignore[list-item]
        number += 1
        part += 1

    for at, doc in enumerate(docs):
        if at:
            close()
        for token in doc:
            word = token.lower_
            if word in "-/" or token.is_space:
                continue
            if token.is_sent_start and words[-1] != PAD:
                close()
            if word in _BREAKS:
                part += 1
            base = english.lemma(word)
            lemma.append(numbers.setdefault(base, len(numbers)))
            words.append(word)
            sentence.append(number)
            clause.append(part)
            doc_of.append(at)
            token_of.append(token.i)
    close()
    lemmas = list(numbers)
    lemma_ = np.array(lemma)
    tag = np.array(table.tags(words))
    value, opinion = table.values(lemmas)
    judging = np.isin(tag, table.judging)
    value_ = np.where(judging | (opinion[lemma_] != 0), value[lemma_], 0).astype(np.float32)
    denies = np.array([word in _NEGATIONS for word in lemmas])
    return Batch(
        lemmas,
        lemma_,
        tag,
        value_,
        opinion[lemma_],
        denies[lemma_],
        np.array(sentence),
        np.array(clause),
        np.array(doc_of),
        np.array(token_of),
        number,
    )


def candidates(of: Batch, table: WordTable) -> Candidates:
    """Every window that may be a term, with its features."""
    firsts, sizes = [], []
    starts, middles, ends = table.places(of.lemmas, of.lemma, of.tag)
    last = np.arange(len(of.lemma))
    fits = starts
    for size in range(1, LONGEST_TERM + 1):
        end = np.roll(ends, 1 - size)
        good = fits & end
        good[len(good) - size :] = False
        firsts.append(last[good])
        sizes.append(np.full(good.sum(), size))
        fits = fits & np.roll(middles, 1 - size)
    first, size_ = np.concatenate(firsts), np.concatenate(sizes)
    order = np.lexsort((size_, first))
    first, size_ = first[order], size_[order]
    key = _keys(of, first, size_)
    dense = _dense(of, table, first, size_, key)
    return Candidates(first, size_, key, dense, _hashes(of, first, size_))


def _keys(of: Batch, first: Ints, size: Ints) -> Ints:
    """A number for each window that is the same where the lemmas are."""
    many = len(of.lemmas)
    key = of.lemma[first].astype(np.int64)
    for step in range(1, LONGEST_TERM):
        key = key * many + np.where(
            size > step, of.lemma[np.minimum(first + step, len(of.lemma) - 1)], 0
        )
    return key


def _counted(keys: Ints, weights: Floats | None = None) -> tuple[Floats, Floats]:
    """How often each key occurs, and the mean of the weights over its occurrences."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    mean = np.zeros(len(keys), np.float32)
    if weights is not None:
        mean = (np.bincount(inverse, weights) / counts)[inverse].astype(np.float32)
    return counts[inverse].astype(np.float32), mean


def _near(of: Batch) -> tuple[Floats, Floats]:
    """Words back and forth to the nearest judging word of the sentence; 30 where there is none."""
    at = np.arange(len(of.lemma))
    judging = np.abs(of.value) > 0.5
    back = np.maximum.accumulate(np.where(judging, at, -1))
    forth = np.minimum.accumulate(np.where(judging, at, len(at))[::-1])[::-1]
    out = []
    for near in (np.concatenate([[-1], back[:-1]]), np.concatenate([forth[1:], [len(at)]])):
        known = (near >= 0) & (near < len(at))
        same = known & (of.sentence[np.clip(near, 0, len(at) - 1)] == of.sentence)
        out.append(np.where(same, np.abs(near - at), 30).astype(np.float32))
    return out[0], out[1]


def _dense(of: Batch, table: WordTable, first: Ints, size: Ints, key: Ints) -> Floats:
    head, last = first + size - 1, first + size
    lemma, tag, value = of.lemma, of.tag, of.value
    sentences = max(1, of.sentences)
    judged = np.bincount(of.sentence, np.abs(of.opinion), sentences) > 0
    back, forth = _near(of)
    total, praise = _counted(key, judged[of.sentence[first]].astype(np.float32))
    # How often each word occurs at all, and how often the one before it describes it.
    every = np.bincount(lemma, minlength=len(of.lemmas)).astype(np.float32)
    before_noun = table.is_noun[tag[first - 1]].astype(np.float32)
    after_noun = table.is_noun[tag[last]].astype(np.float32)
    described = table.is_adjective[tag[first - 1]].astype(np.float32)
    pointed = np.isin(lemma[first - 1], _ids(of, _POINTING)).astype(np.float32)
    rate = every / sentences
    known = table.numbers(of.lemmas)  # (words, columns)
    usual = known[:, 0]
    nouns = table.noun_lemma(of.lemmas) & (rate > usual * 3)
    order = np.argsort(-np.where(nouns, every, 0), kind="stable")
    rank = np.empty(len(order), np.float32)
    rank[order] = np.arange(len(order))
    rank[~nouns] = 9999
    columns: list[Any] = [
        size,
        tag[first],
        tag[head],
        tag[first - 1],
        tag[first - 2],
        tag[last],
        tag[last + 1],
    ]
    columns += [
        np.log1p(total),
        total / sentences * 1000,
        praise,
        np.full(len(first), np.log(sentences)),
    ]
    columns += [_counted(key, item)[1] for item in (before_noun, after_noun, described, pointed)]
    columns += [rank[lemma[head]], rank[lemma[first]], rate[lemma[head]], rate[lemma[first]]]
    columns += [np.log((total / sentences) / (usual[lemma[head]] + 1e-4))]
    columns += [np.log(total * sentences / (every[lemma[head]] * every[lemma[first]])) * (size > 1)]
    columns += [known[lemma[head], c] for c in range(known.shape[1])]
    columns += [known[lemma[first], c] for c in range(known.shape[1])]
    columns += [table.phrases(of.lemmas, lemma, first, size)]
    columns += [back[first], forth[head]]
    columns += [value[first + step] for step in (-3, -2, -1)] + [
        value[last + step] for step in range(4)
    ]
    columns += [before_noun, after_noun, described, pointed]
    columns += [np.isin(lemma[last], _ids(of, _BE)), np.isin(lemma[first - 1], _ids(of, _LINKS))]
    columns += [
        np.isin(lemma[last], _ids(of, _LINKS)),
        np.isin(lemma[last], _ids(of, _BREAKS | {"and", PAD})),
    ]
    columns += [np.isin(lemma[first - 1], _ids(of, _BREAKS | {"and", PAD})), lemma[first - 1] == 0]
    columns += [
        sum(of.negation[first - step] for step in range(1, 5)),
        sum(of.negation[last + s] for s in range(4)),
    ]
    columns += _sums(of, first, size)
    return np.column_stack(columns).astype(np.float32)


def _sums(of: Batch, first: Ints, size: Ints) -> list[Any]:
    """What the sentence and the clause of each window hold in all."""
    sentence, clause = of.sentence, of.clause
    word = of.lemma != 0
    signed = of.value * np.where(_denied(of), -0.8, 1)
    out: list[Any] = []
    for group in (sentence, clause):
        many = int(group.max()) + 1
        for column in (word, np.abs(of.value), of.value, signed, of.opinion, of.negation):
            out.append(np.bincount(group, column, many)[group[first]])
    strongest = np.zeros(int(sentence.max()) + 1)
    np.maximum.at(strongest, sentence, np.abs(of.value))
    out.append(strongest[sentence[first]])
    for flag in _FLAGS:
        holds = np.bincount(sentence, of.lemma == _ids(of, {flag})[0], int(sentence.max()) + 1)
        out.append(holds[sentence[first]] > 0)
    return out


def _denied(of: Batch) -> Bools:
    """Words with a negation among the four before them in their clause."""
    found = np.zeros(len(of.lemma), bool)
    for step in range(1, 5):
        moved = np.roll(of.negation, step) & (np.roll(of.clause, step) == of.clause)
        found |= moved
    return found


def _ids(of: Batch, words: frozenset[str] | set[str]) -> Ints:
    found = [number for number, word in enumerate(of.lemmas) if word in words]
    return np.array(found or [-1])


def word_hashes(of: Batch) -> Ints:
    """A number for each word's lemma that is the same in every batch."""
    return np.array([english.number(word) for word in of.lemmas], np.int64)[of.lemma]


def _mixed(slot: int, *numbers: Ints) -> Ints:
    mixed = np.full(len(numbers[0]), slot * 2_654_435_761, np.int64)
    for number in numbers:
        mixed = (mixed ^ number) * 1_099_511_628_211
        mixed ^= mixed >> 29
    return np.abs(mixed) % HASHED


def _hashes(of: Batch, first: Ints, size: Ints) -> Ints:
    """The words, tags and neighbours of each window as numbers below `HASHED`, a column each."""
    word, tag = word_hashes(of), of.tag
    head, last = first + size - 1, first + size
    columns = [
        _mixed(1, word[head]),
        _mixed(2, word[first], size),
        _mixed(3, word[first - 1]),
        _mixed(4, word[last]),
        _mixed(5, word[first - 2], word[first - 1]),
        _mixed(6, word[last], word[last + 1]),
        _mixed(7, tag[first], tag[head], size),
        _mixed(8, tag[first - 1], tag[first - 2]),
        _mixed(9, tag[last], tag[last + 1]),
        _mixed(10, tag[first - 1], tag[head], tag[last]),
        _mixed(11, word[last], tag[last + 1]),
        _mixed(12, tag[first - 2], word[first - 1]),
        _mixed(13, word[first], word[head], size),
    ]
    for step in range(1, AROUND + 1):
        columns.append(_mixed(20, np.where(_same(of, first, -step), word[first - step], 0)))
        columns.append(_mixed(21, np.where(_same(of, head, step), word[head + step], 0)))
    return np.column_stack(columns)


def _same(of: Batch, at: Ints, step: int) -> Bools:
    other = at + step
    return (of.sentence[other] == of.sentence[at]) & (of.lemma[other] != 0)


def sentence_hashes(of: Batch) -> tuple[Ints, Ints]:
    """Words and pairs of words as numbers below `HASHED`, with the sentence of each."""
    word = word_hashes(of)
    denied = _denied(of).astype(np.int64)
    real = of.lemma != 0
    alone, pairs = _mixed(30, word, denied)[real], _mixed(31, np.roll(word, 1), word)[real]
    return np.concatenate([alone, pairs]), np.tile(of.sentence[real], 2)


def term_extras(of: Batch, found: Candidates, sentence_score: Floats, own_score: Floats) -> Floats:
    """What the two linear models say of a candidate, against its sentence and its likes."""
    sentence = of.sentence[found.first]
    best = np.full(of.sentences + 1, -99.0, np.float32)
    np.maximum.at(best, sentence, own_score)
    before = sentence_score[np.maximum(sentence - 1, 0)]
    _, likes = _counted(found.key, own_score)
    columns = [sentence_score[sentence], before, own_score, own_score - best[sentence], likes]
    return np.column_stack([found.dense, *columns]).astype(np.float32)


def polarity_hashes(of: Batch, found: Candidates) -> Ints:
    """Words around a term by side, by distance and by whether they are denied."""
    word, denied = word_hashes(of), _denied(of).astype(np.int64)
    head = found.first + found.size - 1
    columns = [_mixed(40, word[head])]
    for step in range(1, AROUND + 1):
        for at, origin in ((found.first - step, found.first), (head + step, head)):
            same = of.sentence[at] == of.sentence[origin]
            heard = np.where(same, word[at], 0)
            columns.append(_mixed(41, heard, denied[at]))
            columns.append(_mixed(42, heard, denied[at], np.full(len(at), step > 3, np.int64)))
    return np.column_stack(columns)


class EnglishReader:
    """Finds and judges the terms of English Docs. Safe between threads; loaded when first used."""

    def __init__(self, entries: Mapping[str, AspectEntry], words: Words) -> None:
        self._aspect_of = {
            lemma_of(english.words(word)): name
            for name, entry in reversed(entries.items())
            for word in (*entry.words, *entry.implied)
            if word.isascii()
        }

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
        of = batch(docs, model.table)
        for first, size, score in model.read(of):
            number = int(of.doc[first])
            doc = docs[number]
            start, end = doc[int(of.token[first])], doc[int(of.token[first + size - 1])]
            lemma = " ".join(of.lemmas[of.lemma[first + step]] for step in range(size))
            aspect = self._aspect_of.get(lemma) or self._aspect_of.get(lemma.split(" ")[-1], lemma)
            mixed = max(-1.0, min(1.0, score + MOOD * moods[number] * (1 - abs(score))))
            place = (start.idx, end.idx + len(end))
            found[number].append((aspect, lemma, *place, round(mixed, 3)))
        return found


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
        found = candidates(of, self.table)
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
        hashed, sentence = sentence_hashes(of)
        said = np.bincount(sentence, self.sentence_weights[hashed], of.sentences + 1)
        of_sentence = (said + self.biases[0]).astype(np.float32)
        own = self.term_weights[found.hashed].sum(1) + self.biases[1]
        odds = self.terms.score(term_extras(of, found, of_sentence, own))
        likely: Floats = (1 / (1 + np.exp(-odds))).astype(np.float32)
        return likely

    def judged(self, of: Batch, found: Candidates) -> Floats:
        """Log-odds that each term is praised."""
        if not len(found.first):
            return np.zeros(0, np.float32)
        linear = self.polarity_weights[polarity_hashes(of, found)].sum(1) + self.biases[2]
        return self.polarities.score(np.column_stack([found.dense, linear]).astype(np.float32))


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
        arrays = {name: stored[name] for name in stored.files}
    trees = {
        name: Trees(
            *(
                arrays[f"{name}_{part}"]
                for part in ("feature", "threshold", "left", "right", "value", "roots")
            ),
            depth=int(about[name]["depth"]),
            base=float(about[name]["base"]),
        )
        for name in ("terms", "polarities")
    }
    weights = [arrays[name].astype(np.float32) for name in ("sentence", "term", "polarity")]
    return EnglishModel(
        WordTable(folder / "words.npz"),
        *weights,
        biases=arrays["biases"],
        **trees,
        threshold=float(about["threshold"]),
    )
