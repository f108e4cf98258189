"""Fit how student and teacher are heard, on texts that neither trained on, each language by itself.

    nice -n 19 python -m nlp.train.combine --data DATA --models nlp/models [--test]

Needs no torch. Weight and temperatures are those of least log loss. The student's surety lets as
many texts through to the teacher as two cores can bear; texts of other domains, which the student
knows less of, reach it oftener. Posts have a temperature of their own, as tweets ask for it.
`--test` also measures what ships on the 9,000 balanced reviews of test films.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.annotate import Annotator
from nlp.cascade import Pairing, is_marked, write_pairings
from nlp.evaluate import calibration_error, sentiment
from nlp.sentiment import CLASSES, Floats, LinearReader, TransformerReader
from nlp.train import corpus
from nlp.train.corpus import Corpus
from nlp.train.linear import validation
from nlp.train.measure import balanced, figures, truth_of

WEIGHTS = np.round(np.arange(0, 1.001, 0.05), 2)
TEMPERATURES = np.round(np.arange(0.3, 2.51, 0.05), 2)
# The share of validation texts that the teacher may be asked of. Each point costs the cascade about
# 70 of its texts a second; English is the rarer one.
ASKED = {"ko": 0.12, "en": 0.4}
LEAST_MARKED = 300  # texts with marks from which their temperature can be told


def best(teacher: Floats, student: Floats, data: Corpus, asked: float) -> Pairing:
    """The pairing of two tables of log-probabilities (n, 3) for the texts they were read from,
    such that the teacher is asked of the share `asked` of them."""

    def cost(chances: Floats) -> float:
        return figures(chances, data)["log_loss"]

    grid = [Pairing(float(w), float(t)) for w in WEIGHTS for t in TEMPERATURES]
    chosen = min(grid, key=lambda pairing: cost(pairing.together(teacher, student)))
    alone = [replace(chosen, alone=float(t)) for t in TEMPERATURES]
    chosen = min(alone, key=lambda pairing: cost(pairing.by_student(student)))
    surety = np.quantile(chosen.by_student(student).max(1), asked)
    chosen = replace(chosen, surety=round(float(surety), 3))
    marks = np.flatnonzero(is_marked(data.texts))
    if len(marks) < LEAST_MARKED:
        return chosen
    chances, _ = cascaded(chosen, teacher[marks], student[marks], np.zeros(len(marks), bool))
    posts = data.take(marks)
    ways = [replace(chosen, marked=float(t)) for t in TEMPERATURES]
    return min(ways, key=lambda pairing: figures(pairing.of_marked(chances), posts)["log_loss"])


def cascaded(
    pairing: Pairing, teacher: Floats, student: Floats, marked: npt.NDArray[np.bool_]
) -> tuple[Floats, float]:
    """The cascade's probabilities, and the share of texts of which the teacher was asked."""
    alone = pairing.by_student(student)
    asked = alone.max(1) < pairing.surety
    chances = np.where(asked[:, None], pairing.together(teacher, student), alone)
    return np.where(marked[:, None], pairing.of_marked(chances), chances), float(asked.mean())


def measured(pairing: Pairing, teacher: Floats, student: Floats, data: Corpus) -> dict[str, Any]:
    """Figures of the teacher, of the student, of both always, and of the cascade."""
    chances, asked = cascaded(pairing, teacher, student, is_marked(data.texts))
    both = pairing.together(teacher, student)
    return {
        "teacher": figures(np.exp(teacher), data),
        "student": figures(pairing.by_student(student), data),
        "always_both": figures(both, data),
        "cascade": figures(chances, data)
        | {
            "asked": round(asked, 3),
            "calibration_error": calibration_error(chances, truth_of(data)),
        },
    }


def tested(data: Path) -> dict[str, object]:
    """Figures of what ships on test films: 9,000 reviews, balanced; and on English test texts."""
    annotator = Annotator()
    films = balanced(corpus.korean(data, "test"), 3000)
    english = corpus.english(data, "test")
    labels = [CLASSES[i] for i in english.labels.argmax(1)]
    return {
        "korean": sentiment(annotator, films.texts, stars=films.stars.tolist()).as_dict(),
        "english": sentiment(annotator, english.texts, labels=labels).as_dict(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--test", action="store_true")
    options = parser.parse_args()
    transformer = TransformerReader(options.models / "sentiment", options.threads)
    linear = LinearReader(options.models / "linear")
    pairings, report = {}, {}
    for name, data in validation(options.data, each=1500).items():
        teacher, student = (r.log_probabilities(data.texts) for r in (transformer, linear))
        code = {"korean": "ko", "english": "en"}[name]
        pairings[code] = best(teacher, student, data, ASKED[code])
        report[code] = measured(pairings[code], teacher, student, data)
    write_pairings(options.models / "cascade.json", pairings, report)
    print((options.models / "cascade.json").read_text("utf-8"))
    if options.test:
        print(json.dumps(tested(options.data), indent=2))


if __name__ == "__main__":
    main()
