"""Windows of one to three English words that may be terms, and what is known of each, in columns.

What a word is said of shows in its neighbours, in how goods are usually spoken of, and in what the
whole batch keeps speaking of: a collection of reviews tells by itself what it reviews (Hu and Liu
2004, "Mining and Summarizing Customer Reviews").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from nlp import english
from nlp.words_english import PAD, WordTable

if TYPE_CHECKING:
    from spacy.tokens import Doc

Floats: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

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


class _Rows:
    """The columns of a batch as they grow, word by word."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {PAD: 0}
        self.words: list[str] = []
        # Lemma, sentence, clause, document and token of each word.
        self.places: list[tuple[int, int, int, int, int]] = []
        self.sentence = self.clause = 0
        self.pad()

    def pad(self) -> None:
        self.words += [PAD] * AROUND
        self.places += [(0, self.sentence, self.clause, -1, -1)] * AROUND

    def close(self) -> None:
        """End the sentence, unless it holds nothing."""
        if self.words[-1] != PAD:
            self.pad()
            self.sentence += 1
            self.clause += 1

    def add(self, word: str, doc: int, token: int) -> None:
        if word in _BREAKS:
            self.clause += 1
        number = self.numbers.setdefault(english.lemma(word), len(self.numbers))
        self.words.append(word)
        self.places.append((number, self.sentence, self.clause, doc, token))


def batch(docs: "Sequence[Doc]", table: WordTable) -> Batch:
    """The Latin words and marks of the Docs in columns."""
    rows = _Rows()
    for at, doc in enumerate(docs):
        rows.close()
        for token in doc:
            if token.is_sent_start:
                rows.close()
            word = token.lower_
            if word not in "-/" and not token.is_space:
                rows.add(word, at, token.i)
    rows.pad()
    lemmas = list(rows.numbers)
    lemma, sentence, clause, doc_of, token_of = np.array(rows.places, np.int64).T
    tag = np.array(table.tags(rows.words), np.int64)
    value, opinion = table.values(lemmas)
    judging = np.isin(tag, table.judging) | (opinion[lemma] != 0)
    denies = np.array([word in _NEGATIONS for word in lemmas])
    return Batch(
        lemmas=lemmas,
        lemma=lemma,
        tag=tag,
        value=np.where(judging, value[lemma], 0).astype(np.float32),
        opinion=opinion[lemma],
        negation=denies[lemma],
        sentence=sentence,
        clause=clause,
        doc=doc_of,
        token=token_of,
        sentences=rows.sentence + 1,
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
        summed = (word, np.abs(of.value), of.value, signed, of.opinion, of.negation)
        out += [np.bincount(group, column, many)[group[first]] for column in summed]
    strongest = np.zeros(int(sentence.max()) + 1)
    np.maximum.at(strongest, sentence, np.abs(of.value))
    out.append(strongest[sentence[first]])
    for flag in _FLAGS:
        holds = np.bincount(sentence, of.lemma == _ids(of, {flag})[0], int(sentence.max()) + 1)
        out += [holds[sentence[first]] > 0]
    return out


def nearby(of: Batch, found: Candidates) -> Floats:
    """What the words of each window's clause say, the less the farther they stand from it."""
    signed = of.value * np.where(_denied(of), -0.8, 1)
    head = found.first + found.size - 1
    total = np.zeros(len(head), np.float32)
    for step in range(1, AROUND + 1):
        for at, origin in ((found.first - step, found.first), (head + step, head)):
            same = of.clause[at] == of.clause[origin]
            total += np.where(same, signed[at], 0) / (1 + 0.3 * step)
    return total


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
        before = np.where(_same(of, first, -step), word[first - step], 0)
        behind = np.where(_same(of, head, step), word[head + step], 0)
        columns += [_mixed(20, before), _mixed(21, behind)]
    return np.column_stack(columns)


def _same(of: Batch, at: Ints, step: int) -> Bools:
    other = at + step
    same: Bools = (of.sentence[other] == of.sentence[at]) & (of.lemma[other] != 0)
    return same


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
    """Words around a term, by whether they are denied and whether they are of its clause.

    The term itself is left out: that one product's screen was praised says nothing of another's.
    """
    word, denied = word_hashes(of), _denied(of).astype(np.int64)
    head = found.first + found.size - 1
    columns: list[Ints] = []
    for step in range(1, AROUND + 1):
        for at, origin in ((found.first - step, found.first), (head + step, head)):
            heard = np.where(of.sentence[at] == of.sentence[origin], word[at], 0)
            near = of.clause[at] == of.clause[origin]
            columns.append(_mixed(41, heard, denied[at], near.astype(np.int64)))
            columns.append(_mixed(42, np.where(near, word[at], 0), denied[at]))
    return np.column_stack(columns)
