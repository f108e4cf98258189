"""How right the aspects are, on reviews annotated as Hu and Liu did (KDD 2004).

One sentence a line: `picture quality[+2], size[-1][u]##the sentence`. A term that is marked [u] or
[p] does not appear in its sentence (so says their README): no reader of words can find it there, so
it is neither asked for nor counted as wrong, and how many there were is reported.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from nlp.annotate import Annotator
from nlp.english import words
from nlp.errors import NlpError
from nlp.windows_english import lemma_of

_LABEL: Final = re.compile(r"([^\[\],]+?)\s*((?:\[[^\]]*\]\s*)+)")
_STRENGTH: Final = re.compile(r"([+-]?)\s*[0-9]*")
_ABSENT: Final = {"u", "p"}


@dataclass(frozen=True)
class Sentence:
    """A sentence and what it holds: lemma of each term and its sign; `absent`: lemmas not in it."""

    text: str
    terms: dict[str, int]
    absent: frozenset[str]


@dataclass(frozen=True)
class TermScore:
    """Of the terms found, the share that is right; of those there are, the share found; F1."""

    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class PolarityScore:
    """Matched terms, and the share of them whose sign is right; a neutral one counts as wrong."""

    n: int
    accuracy: float | None


@dataclass(frozen=True)
class AspectReport:
    """What `madang eval aspects` prints. absent: annotated terms their sentence does not hold."""

    sentences: int
    n: int
    absent: int
    terms: TermScore
    polarity: PolarityScore

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def sentences(path: Path) -> list[Sentence]:
    """The sentences of a file in Hu and Liu's format; raises NlpError when it holds none."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise NlpError(f"{path} cannot be read: {error}") from error
    found = list(_read(text))
    if not found:
        raise NlpError(f"{path} has no line with ##; each is written as picture quality[+2]##text")
    return found


def _read(text: str) -> Iterator[Sentence]:
    for line in text.splitlines():
        labels, mark, sentence = line.partition("##")
        if not mark:
            continue  # titles ([t]) and the heading of the file
        terms: dict[str, int] = {}
        absent: set[str] = set()
        for found in _LABEL.finditer(labels):
            flags = [flag.strip() for flag in re.findall(r"\[([^\]]*)\]", found.group(2))]
            signs = [m.group(1) for flag in flags if (m := _STRENGTH.fullmatch(flag)) and flag]
            if not signs:
                continue  # a feature without an opinion
            lemma = lemma_of(words(found.group(1).strip()))
            if _ABSENT & set(flags):
                absent.add(lemma)
            else:
                terms[lemma] = -1 if signs[0] == "-" else 1
        yield Sentence(sentence.strip(), terms, frozenset(absent - terms.keys()))


def aspects(path: Path, annotator: Annotator) -> AspectReport:
    """Judge the annotator on the sentences of a file, each a text of its own, all of one batch."""
    given = sentences(path)
    found = annotator.aspects([sentence.text for sentence in given])
    return report(given, [{item.lemma: item.score for item in items} for items in found])


def report(given: Sequence[Sentence], found: Sequence[dict[str, float]]) -> AspectReport:
    """Judge what was found, for each sentence lemma and score of its terms."""
    right = wrong = missed = signs = 0
    for sentence, terms in zip(given, found, strict=True):
        matched = sentence.terms.keys() & terms.keys()
        right += len(matched)
        wrong += len(terms.keys() - matched - sentence.absent)
        missed += len(sentence.terms.keys() - matched)
        signs += sum(terms[lemma] * sentence.terms[lemma] > 0 for lemma in matched)
    return AspectReport(
        sentences=len(given),
        n=right + missed,
        absent=sum(len(sentence.absent) for sentence in given),
        terms=TermScore(
            _share(right, right + wrong),
            _share(right, right + missed),
            _share(2 * right, 2 * right + wrong + missed),
        ),
        polarity=PolarityScore(right, _share(signs, right)),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
