"""How well sentiment is read on films that no model has met, against the linear model alone.

    python benchmarks/sentiment.py

The films are split by product: see nlp/train/corpus.py. Targets on 9,000 reviews, 3,000 of each
class: two classes 86 %, macro-F1 of three classes .66. Needs the reviews, which are not in the
project. A text whose sentiment the annotator leaves unknown counts as wrong.
"""

from pathlib import Path

import numpy as np

from nlp.annotate import Annotator
from nlp.evaluate import sentiment
from nlp.sentiment import LinearReader
from nlp.train import corpus
from nlp.train.measure import balanced, figures

DATA = Path(__file__).parents[2] / "shared" / "data"
MODELS = Path(__file__).parents[1] / "nlp" / "models"


def main() -> None:
    if not DATA.exists():
        print(f"skipped: the labelled reviews are not at {DATA.name}/ beside the project")
        return
    linear, annotator = LinearReader(MODELS / "linear"), Annotator()
    sets = {
        "films": balanced(corpus.korean(DATA, "test"), 3000),
        "English": corpus.english(DATA, "test"),
    }
    for name, data in sets.items():
        alone = figures(np.exp(linear.log_probabilities(data.texts)), data)
        if name == "films":
            read = sentiment(annotator, data.texts, stars=data.stars.tolist()).as_dict()
        else:
            labels = [corpus.CLASSES[i] for i in data.labels.argmax(1)]
            read = sentiment(annotator, data.texts, labels=labels).as_dict()
        both = {
            "two_class_accuracy": read["two_class"]["accuracy"],
            "three_class_macro_f1": read["three_class"]["macro_f1"],
        }
        for figure, value in both.items():
            print(
                f"{name}, {figure:<20} {value:.4f}  (linear alone {alone[figure]:.4f}, "
                f"ratio {value / alone[figure]:.3f}, n {len(data)})"
            )
        print(f"{name}, calibration error    {read['calibration_error']:.4f}")


if __name__ == "__main__":
    main()
