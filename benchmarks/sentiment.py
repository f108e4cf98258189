"""How well and how fast sentiment is read, against the two models alone.

    python benchmarks/sentiment.py [--rows 4000]

Films are split by product, English texts by a digest of their words (nlp/train/corpus.py); KOTE's
comments trained nothing. Targets: films two classes 88.5 %, macro-F1 of three .69; KOTE 85 %; film
sentences 82 %, Amazon 85 %, tweets .68; calibration error .03; the cascade within half a point of
asking the transformer always, at three times its speed, 1,200 texts a second on two threads. Needs
the labelled texts, which are not in the project. What is left unknown counts as wrong.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nlp import texts
from nlp.annotate import Annotator
from nlp.evaluate import calibration_error
from nlp.sentiment import LinearReader, TransformerReader
from nlp.train import corpus, kote
from nlp.train.corpus import Corpus
from nlp.train.measure import balanced, figures, truth_of

DATA = Path(__file__).parents[2] / "shared" / "data"
MODELS = Path(__file__).parents[1] / "nlp" / "models"


def sets(data: Path) -> dict[str, Corpus]:
    """What is measured, none of it trained on."""
    return {
        "films": balanced(corpus.korean(data, "test"), 3000),
        "KOTE, clear": kote.clear_comments(data),
        "film sentences": corpus.film_sentences(data, "test"),
        "Amazon sentences": corpus.amazon_sentences(data, "test"),
        "tweets": corpus.tweets(data, "test"),
    }


def judged(chances: Any, data: Corpus) -> dict[str, float]:
    return figures(np.nan_to_num(chances), data) | {
        "calibration_error": calibration_error(chances, truth_of(data)) or 0.0
    }


def rate(work: Callable[[], object], rows: int) -> float:
    began = time.perf_counter()
    work()
    return rows / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4000, help="reviews for the speed")
    options = parser.parse_args()
    if not DATA.exists():
        print(f"skipped: the labelled texts are not at {DATA.name}/ beside the project")
        return
    annotator = Annotator()
    readers = {
        "linear alone": LinearReader(MODELS / "linear"),
        "transformer alone": TransformerReader(MODELS / "sentiment", 2),
    }
    for name, data in sets(DATA).items():
        print(f"{name}, {len(data)} texts")
        found = {"cascade": annotator.probabilities(data.texts)}
        words = texts.strings(texts.readable(data.texts))
        for reader, model in readers.items():
            found[reader] = np.exp(model.log_probabilities(words))
        for reader, chances in found.items():
            print(f"  {reader:<18}", judged(chances, data))
    films = corpus.korean(DATA, "test").texts[: options.rows]
    quick = rate(lambda: annotator.probabilities(films), len(films))
    slow = rate(lambda: readers["transformer alone"].log_probabilities(films), len(films))
    print(f"cascade {quick:.0f} texts/s, transformer always {slow:.0f}; ratio {quick / slow:.2f}")


if __name__ == "__main__":
    main()
