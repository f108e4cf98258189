"""What a text praises or blames: delivery, price, taste …, each judged by its own clause.

Words of the lexicons are found by spaCy in Kiwi's Docs. Their polarity comes from the clause they
stand in: what is predicated, denied, wished for or asked; where a clause says nothing, from the
sentiment of the whole text, weakly.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nlp import aspects_english, clauses, lexicon
from nlp.clauses import Said
from nlp.lexicon import AspectEntry, Words
from nlp.sentiment import Floats
from nlp.spacy_pipeline import ANALYSIS, ASPECTS, IMPLIED, MORPHEMES

if TYPE_CHECKING:
    from spacy.tokens import Doc

NEUTRAL: Final = 0.15  # scores nearer to nought praise and blame nothing
WISHED: Final = -0.4  # who wishes delivery were faster blames it, mildly
FROM_TEXT: Final = 0.5  # how much of the text's sentiment an aspect takes whose clause is silent
DENIED: Final = (-0.9, -0.5)  # 좋지 않다 is nearly bad; 나쁘지 않다 is half good
NOUNS: Final = frozenset({"NNG", "NNP"})
ABSENT: Final = frozenset({"없다", "없이"})


@dataclass(frozen=True, slots=True)
class Aspect:
    """aspect: id in the lexicon, or the lemma of what no lexicon lists. start, end: code points of
    the text as stored, end exclusive. polarity: negative, neutral, positive. score: -1..1."""

    aspect: str
    lemma: str
    start: int
    end: int
    polarity: str
    score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that opinions are said of and no lexicon lists: in how many texts, and how judged."""

    lemma: str
    texts: int
    judged: int
    score: float


@dataclass(frozen=True, slots=True)
class _Mark:
    """A word of an aspect in a Doc: its first and last morpheme, and where it stands."""

    entry: AspectEntry
    lemma: str
    first: int
    last: int
    start: int
    end: int
    implied: bool


def named(score: float) -> str:
    """negative, neutral or positive."""
    if abs(score) < NEUTRAL:
        return "neutral"
    return "positive" if score > 0 else "negative"


class AspectReader:
    """Reads aspects off Docs of a `Pipeline`, by that pipeline's lexicon. Safe between threads."""

    def __init__(self, entries: Mapping[str, AspectEntry], words: Words | None = None) -> None:
        self._entries = entries
        self._words = words or lexicon.words()
        self._english = aspects_english.EnglishReader(entries)

    def aspects(self, docs: "Sequence[Doc]", chances: Floats) -> list[list[Aspect]]:
        """Aspects of each Doc in the order of the text.

        chances: class probabilities of shape (n, 3), negative, neutral, positive; nan where unread.
        """
        moods = np.nan_to_num(chances[:, 2] - chances[:, 0]).tolist()
        found: list[list[Aspect]] = [
            self._korean(doc, mood) if doc.user_data[ANALYSIS].tokens is not None else []
            for doc, mood in zip(docs, moods, strict=True)
        ]
        foreign = [i for i, doc in enumerate(docs) if doc.user_data[ANALYSIS].tokens is None]
        terms = self._english.terms([docs[i] for i in foreign], [moods[i] for i in foreign])
        for i, judged in zip(foreign, terms, strict=True):
            found[i] = [Aspect(*term[:4], named(term[4]), term[4]) for term in judged]
        return found

    def _korean(self, doc: "Doc", mood: float) -> list[Aspect]:
        marks = list(self._marks(doc))
        if not marks:
            return []
        tokens = doc.user_data[ANALYSIS].tokens
        reading = _Reading(tokens, marks, self._words)
        found: list[Aspect] = []
        for mark in marks:
            if mark.implied and reading.is_named(mark):
                continue
            score = reading.score(mark, mood)
            is_verb = mark.last + 1 < len(tokens) and tokens[mark.last + 1].tag == "XSV"
            if is_verb and not mark.implied and named(score) == "neutral":
                continue  # 작아서 교환했어요 tells of an exchange and judges none
            found.append(
                Aspect(mark.entry.id, mark.lemma, mark.start, mark.end, named(score), score)
            )
        return found

    def _marks(self, doc: "Doc") -> Iterator[_Mark]:
        spans = doc.spans
        if not spans:
            return
        places: list[int] = doc.user_data[MORPHEMES]
        both = [(span, key == IMPLIED) for key in (ASPECTS, IMPLIED) for span in spans.get(key, ())]
        for span, implied in sorted(both, key=lambda pair: pair[0].start):
            entry = self._entries[span.label_]
            lemma = "".join(token.lemma_ for token in span)
            first, last = places[span.start], places[span.end - 1]
            if first >= 0 and last >= first:
                yield _Mark(entry, lemma, first, last, span.start_char, span.end_char, implied)


class _Reading:
    """The clauses of one text and what they say, worked out as they are asked for."""

    def __init__(self, tokens: Sequence[Any], marks: list[_Mark], words: Words) -> None:
        self._tokens, self._marks, self._words = tokens, marks, words
        self._clauses = clauses.clauses(tokens)
        self._of = [n for n, c in enumerate(self._clauses) for _ in range(c.start, c.end)]
        self._said: dict[int, list[Said]] = {}

    def is_named(self, mark: _Mark) -> bool:
        """Whether the clause names the aspect that the word implies."""
        clause = self._of[mark.first]
        return any(
            other.entry.id == mark.entry.id
            and not other.implied
            and self._of[other.first] == clause
            for other in self._marks
        )

    def score(self, mark: _Mark, mood: float) -> float:
        number = self._of[mark.first]
        clause = self._clauses[number]
        if clause.wishes:
            return WISHED
        if clause.asks:
            return 0.0
        found = self._own(mark, number)
        if found is None:
            found = self._borrowed(mark, number)
        if found is None and mark.lemma in mark.entry.bad:
            found = -0.6
        if found is None:
            found = FROM_TEXT * mood
        return round(max(-1.0, min(1.0, found)), 3)

    def _in(self, number: int) -> list[Said]:
        if number not in self._said:
            self._said[number] = clauses.said(
                self._tokens, self._clauses[number], self._words.strength
            )
        return self._said[number]

    def _own(self, mark: _Mark, number: int) -> float | None:
        """By what stands before a noun, else behind it as far as the next aspect, else before."""
        words = self._in(number)
        if mark.implied:
            words = [word for word in words if mark.first <= word.at <= mark.last] or words
            return self._sum(mark, words)
        before = [word for word in words if word.end < mark.first]
        described = [w for w in before if w.adnominal and mark.first - w.end <= 3]
        if described and (found := self._sum(mark, described[-1:])) is not None:
            return found
        behind = [word for word in words if word.at > mark.last]
        following = [other.first for other in self._named_in(number) if other.first > mark.last]
        if following:
            near = self._sum(mark, [word for word in behind if word.at < following[0]])
            if near is not None:
                return near
        found = self._sum(mark, behind)
        return found if found is not None else self._sum(mark, before)

    def _named_in(self, number: int) -> list[_Mark]:
        return [m for m in self._marks if not m.implied and self._of[m.first] == number]

    def _borrowed(self, mark: _Mark, number: int) -> float | None:
        """From the next clause of the sentence, if this does not turn and that names nothing."""
        clause = self._clauses[number]
        following = number + 1
        if following >= len(self._clauses) or clause.ending in clauses.CONTRAST:
            return None
        other = self._clauses[following]
        same = self._tokens[other.start].sent_position == self._tokens[clause.start].sent_position
        ended = self._tokens[clause.end - 1].tag == "SF"
        if not same or ended or other.asks or self._named_in(following):
            return None
        found = self._sum(mark, self._in(following))
        return None if found is None else 0.8 * found

    def _sum(self, mark: _Mark, words: list[Said]) -> float | None:
        """The sum of what the words say of this aspect; None if they say nothing."""
        values: list[float] = []
        for word in words:
            value = self._value(mark, word, values)
            if value is not None:
                values.append(value)
        return sum(values) if values else None

    def _value(self, mark: _Mark, word: Said, before: list[float]) -> float | None:
        own = {**mark.entry.polarity, **mark.entry.implied} if mark.implied else mark.entry.polarity
        if word.lemma in ABSENT:
            return self._absent(mark, word, before)
        if word.lemma == "있다" and mark.lemma in mark.entry.bad:
            return 0.6 if word.denied else -0.6
        value = own.get(word.lemma)
        if value is None:
            value = self._words.polarity.get(word.lemma)
        if value is None:
            return None
        if word.denied:
            # Of what is bad in itself, less is good: 소음이 크지 않다 praises.
            value *= DENIED[0] if value > 0 or mark.lemma in mark.entry.bad else DENIED[1]
        return value * word.strength

    def _absent(self, mark: _Mark, word: Said, before: list[float]) -> float | None:
        if before and not word.denied:
            return -1.9 * before.pop()  # 문제가 없다: what was said of 문제 turns round
        if mark.lemma in mark.entry.bad:
            return 0.8
        if word.lemma == "없이":
            return None
        return mark.entry.polarity.get(word.lemma, -0.6)


def discover(docs: "Sequence[Doc]", least: int = 5, most: int = 50) -> list[Candidate]:
    """Nouns that opinions are said of and no lexicon lists, the most judged first.

    A noun counts in a text when a word that judges follows it in its clause. least: texts it must
    be judged in; most: how many candidates are given. Names of the brand are left out.
    """
    words = lexicon.words()
    texts: Counter[str] = Counter()
    scores: dict[str, list[float]] = defaultdict(list)
    for doc in docs:
        tokens = doc.user_data[ANALYSIS].tokens or ()
        taken = _taken(doc)
        texts.update({t.form for at, t in enumerate(tokens) if t.tag in NOUNS and at not in taken})
        for lemma, score in _judged_nouns(tokens, taken, words).items():
            scores[lemma].append(score)
    found = [
        Candidate(lemma, texts[lemma], len(said), round(sum(said) / len(said), 3))
        for lemma, said in scores.items()
        if len(said) >= least and len(lemma) > 1
    ]
    return sorted(found, key=lambda one: (-one.judged, one.lemma))[:most]


def _taken(doc: "Doc") -> set[int]:
    """Morphemes that are a listed aspect or a name already."""
    places: list[int] = doc.user_data[MORPHEMES]
    spans = [*doc.ents, *(span for group in doc.spans.values() for span in group)]
    return {places[at] for span in spans for at in range(span.start, span.end)}


def _judged_nouns(tokens: Sequence[Any], taken: set[int], words: Words) -> dict[str, float]:
    """Nouns followed in their clause by a word that judges, and what it says, by the nearest."""
    found: dict[str, float] = {}
    nouns: list[str] = []
    for clause in clauses.clauses(tokens):
        if clause.asks:
            continue
        for word in clauses.said(tokens, clause, words.strength):
            value = words.polarity.get(word.lemma)
            if value is not None:
                if word.denied:
                    value *= DENIED[0] if value > 0 else DENIED[1]
                found.update({noun: max(-1.0, min(1.0, value)) for noun in nouns})
                nouns = []
            elif word.noun and tokens[word.at].tag in NOUNS and word.at not in taken:
                nouns = [*nouns, word.lemma]
        if not clause.ending or clause.ending in clauses.CONTRAST:
            nouns = []  # else what is still unjudged may be judged by the clause that follows
    return found
