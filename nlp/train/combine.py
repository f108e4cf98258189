"""Fit how the transformer and the linear model are averaged, on texts that neither trained on.

    nice -n 19 python -m nlp.train.combine --data DATA --models nlp/models [--test]

Needs no torch. Chooses weight and temperature of least log loss, Korean and English counting
by `KOREAN_SHARE`; `--test` also measures what ships on the 9,000 balanced reviews of test films.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from nlp.annotate import Annotator
from nlp.evaluate import sentiment
from nlp.sentiment import CLASSES, Combination, Floats, LinearReader, TransformerReader
from nlp.train import corpus
from nlp.train.corpus import Corpus
from nlp.train.linear import validation
from nlp.train.measure import balanced, figures

KOREAN_SHARE = 0.75
WEIGHTS = np.round(np.arange(0, 1.001, 0.05), 2)
TEMPERATURES = np.round(np.arange(0.4, 2.01, 0.05), 2)


def best(read: dict[str, tuple[Floats, Floats]], sets: dict[str, Corpus]) -> Combination:
    """The weight and temperature of least log loss over both languages."""
    shares = {"korean": KOREAN_SHARE, "english": 1 - KOREAN_SHARE}

    def cost(chosen: Combination) -> float:
        return sum(
            shares[name] * figures(chosen.probabilities(*read[name]), data)["log_loss"]
            for name, data in sets.items()
        )

    grid = [Combination(float(w), float(t)) for w in WEIGHTS for t in TEMPERATURES]
    return min(grid, key=cost)


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
    sets = validation(options.data, each=1500)
    read = {
        name: (transformer.log_probabilities(data.texts), linear.log_probabilities(data.texts))
        for name, data in sets.items()
    }
    chosen = best(read, sets)
    report = {
        name: {
            "transformer": figures(np.exp(read[name][0]), data),
            "linear": figures(np.exp(read[name][1]), data),
            "combined": figures(chosen.probabilities(*read[name]), data),
        }
        for name, data in sets.items()
    }
    content = {
        "transformer": chosen.transformer,
        "temperature": chosen.temperature,
        "validation": report,
    }
    (options.models / "combination.json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    print(json.dumps(content, indent=2))
    if options.test:
        print(json.dumps(tested(options.data), indent=2))


if __name__ == "__main__":
    main()
