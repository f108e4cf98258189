"""What every training script measures, by the same rules as `nlp.evaluate`."""

import numpy as np
import numpy.typing as npt

from nlp.train.corpus import Corpus

Floats = npt.NDArray[np.float32]


def balanced(data: Corpus, each: int, seed: int = 7) -> Corpus:
    """At most `each` rows of each of the three classes of stars."""
    rng = np.random.default_rng(seed)
    classes = np.digitize(data.stars, [5, 8])
    rows = [np.flatnonzero(classes == label) for label in range(3)]
    return data.take(
        np.concatenate([rng.choice(found, min(each, len(found)), replace=False) for found in rows])
    )


def truth_of(data: Corpus) -> npt.NDArray[np.int64]:
    """The class of each row: by stars where there are any, else by the likeliest label."""
    by_stars = np.digitize(data.stars, [5, 8])
    found: npt.NDArray[np.int64] = np.where(data.stars > 0, by_stars, data.labels.argmax(1))
    return found


def figures(chances: Floats, data: Corpus) -> dict[str, float]:
    """Accuracy of two classes, macro-F1 of three, and mean log loss against the one true class."""
    truth = truth_of(data)
    sure = (truth != 1) & ((data.stars <= 4) | (data.stars >= 9))
    two = ((chances[:, 2] > chances[:, 0]) == (truth == 2))[sure].mean()
    top = chances.argmax(1)
    f1 = []
    for label in range(3):
        hits = ((top == label) & (truth == label)).sum()
        f1.append(2 * hits / max(1, (top == label).sum() + (truth == label).sum()))
    loss = -np.log(chances[np.arange(len(data)), truth].clip(1e-9)).mean()
    return {
        "rows": len(data),
        "two_class_accuracy": round(float(two), 4),
        "three_class_macro_f1": round(float(np.mean(f1)), 4),
        "log_loss": round(float(loss), 4),
    }
