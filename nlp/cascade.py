"""Sentiment in two steps: a fast student reads every text, a teacher only what it is unsure of.

Where both have read, their word is a weighted average. Weights, temperatures and the surety below
which the teacher is asked are measured on validation texts (nlp/train/combine.py), each language
by itself, and stand in `cascade.json` beside the models.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.errors import NlpError
from nlp.head import Readings
from nlp.ngrams import Grams
from nlp.sentiment import Floats, LinearReader, Reader, log_softmax, read_json

DEFAULT: Final = "other"  # the pairing of languages that have none of their own
_MARKS: Final = re.compile(r"[@#]|https?:")  # what posts are full of and reviews hardly hold
_Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairing:
    """How the two are heard: `teacher` is the teacher's weight of 1 in the average.

    log p = (w · log p_teacher + (1 - w) · log p_student) / temperature, normalised: a logarithmic
    opinion pool (Genest and Zidek 1986) with temperature scaling (Guo et al. 2017, "On Calibration
    of Modern Neural Networks"); where the student is alone, its own log p / `alone`. The teacher is
    asked where the student's likeliest class has a probability under `surety`; 1 asks it always.
    Of a text with a mention, a hashtag or an address, as posts have, either answer is divided once
    more, by `marked`: posts are read less surely than reviews that sound as sure.
    """

    teacher: float = 1.0
    temperature: float = 1.0
    alone: float = 1.0
    surety: float = 0.9
    marked: float = 1.0

    def together(self, teacher: Floats, student: Floats) -> Floats:
        """Probabilities (n, 3) of two tables of log-probabilities (n, 3)."""
        mixed: Floats = np.float32(self.teacher) * teacher + np.float32(1 - self.teacher) * student
        chances: Floats = np.exp(log_softmax(mixed / np.float32(self.temperature)))
        return chances

    def by_student(self, student: Floats) -> Floats:
        """Probabilities (n, 3) of the student alone."""
        chances: Floats = np.exp(log_softmax(student / np.float32(self.alone)))
        return chances

    def of_marked(self, chances: Floats) -> Floats:
        """Probabilities (n, 3) of texts with marks, from those that they would have without."""
        known = np.log(np.maximum(chances, np.float32(1e-30)))
        tempered: Floats = np.exp(log_softmax(known / np.float32(self.marked)))
        return tempered


def is_marked(texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which texts hold a mention, a hashtag or an address."""
    return np.array([_MARKS.search(text) is not None for text in texts], bool)


class Cascade:
    """A student, a teacher and their pairings by language code; safe to use from many threads."""

    def __init__(self, student: Reader, teacher: Reader, pairings: Mapping[str, Pairing]) -> None:
        self._student = student
        self._teacher = teacher
        self._pairings = dict(pairings)
        self._default = self._pairings.pop(DEFAULT, Pairing())

    def read(self, texts: Sequence[str], codes: Sequence[str], found: Grams) -> Readings:
        """Read texts of the languages `codes`, whose n-grams are `found`."""
        if isinstance(self._student, LinearReader):
            student = self._student.of_grams(found)
        else:
            student = self._student.log_probabilities(texts)
        teacher = np.full(student.shape, np.nan, np.float32)
        chances = np.empty_like(student)
        unsure = np.zeros(len(texts), bool)
        groups = self._groups(codes)
        for pairing, rows in groups:
            chances[rows] = pairing.by_student(student[rows])
            unsure[rows] = chances[rows].max(1) < pairing.surety
        asked = np.flatnonzero(unsure).tolist()
        if asked:
            teacher[asked] = self._teacher.log_probabilities([texts[i] for i in asked])
            for pairing, rows in groups:
                rows = rows[unsure[rows]]
                chances[rows] = pairing.together(teacher[rows], student[rows])
        marked = is_marked(texts)
        for pairing, rows in groups:
            rows = rows[marked[rows]]
            if pairing.marked != 1 and len(rows):
                chances[rows] = pairing.of_marked(chances[rows])
        return Readings(chances, student, teacher, codes)

    def _groups(self, codes: Sequence[str]) -> list[tuple[Pairing, _Rows]]:
        """The rows of each pairing."""
        named = np.array([code if code in self._pairings else DEFAULT for code in codes], object)
        return [
            (self._pairings.get(code, self._default), np.flatnonzero(named == code))
            for code in dict.fromkeys(named.tolist())
        ]


def read_pairings(path: Path) -> dict[str, Pairing]:
    """The pairings by language code that a `cascade.json` holds; NlpError names what is wrong."""
    given = read_json(path).get("languages")
    if not isinstance(given, dict):
        raise NlpError(f"{path} has no object `languages`; copy the file anew")
    return {code: _pairing(fields, path) for code, fields in given.items()}


def write_pairings(
    path: Path, pairings: Mapping[str, Pairing], measured: Mapping[str, Any]
) -> None:
    """Keep the pairings and what was measured with them."""
    languages = {code: vars(pairing) for code, pairing in pairings.items()}
    content = {"languages": languages, "validation": measured}
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def _pairing(fields: Any, path: Path) -> Pairing:
    try:
        return Pairing(**{name: float(value) for name, value in fields.items()})
    except (AttributeError, TypeError, ValueError) as error:
        raise NlpError(f"{path}: {fields} is no pairing ({error}); copy the file anew") from error
