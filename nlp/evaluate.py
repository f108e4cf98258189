"""How right the annotator is on texts whose sentiment is known.

Rules of the ratings: 1-4 stars negative, 9-10 positive for two classes (as the film review corpus
NSMC counts), 1-4 / 5-7 / 8-10 for three. Rows count as they are given: nothing is balanced.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nlp import language
from nlp.annotate import Annotator
from nlp.errors import NlpError
from nlp.sentiment import CLASSES, Floats
from nlp.texts import Texts, column

BINS: Final = 15  # equal bins of the top label's probability (Guo et al. 2017, "On Calibration …")
_Classes = npt.NDArray[np.int64]
_Labels: TypeAlias = "Sequence[Any] | pa.Array[Any] | pa.ChunkedArray[Any] | None"


@dataclass(frozen=True)
class ClassScore:
    """Rows judged, share of them right, and F1 averaged over the classes if all of them occur."""

    n: int
    accuracy: float | None
    macro_f1: float | None


@dataclass(frozen=True)
class SentimentReport:
    """What `madang eval sentiment` prints; None stands where the rows do not tell.

    `calibration_error` is the expected calibration error of the three classes: the mean distance
    between how sure the top label is and how often it is right, weighted by rows.
    """

    n: int
    two_class: ClassScore
    three_class: ClassScore
    calibration_error: float | None
    texts_per_second: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def sentiment(
    annotator: Annotator,
    texts: Texts,
    *,
    labels: _Labels = None,
    stars: _Labels = None,
    lang: str | None = None,
) -> SentimentReport:
    """Judge the annotator on `texts` by `labels` or by `stars`.

    labels: negative, neutral, positive, or -1, 0, 1 (numbers or strings). stars: 1 to 10; scale
    others before. lang: only texts of that detected language ("ko", "en"). Rows without a label, or
    with stars out of range, are left out; a text whose sentiment is `unknown` counts as wrong.
    Raises NlpError for a label it does not know or when not exactly one of the two is given.
    """
    if (labels is None) == (stars is None):
        raise NlpError("evaluation needs labels or stars, one of the two; name one column")
    given = column(texts)
    rated = _numbers(stars) if stars is not None else None
    truth = _by_stars(rated) if rated is not None else _by_label(labels)
    if len(truth) != len(given):
        raise NlpError(f"{len(given)} texts but {len(truth)} labels; give one label for each text")
    kept = truth >= 0
    if lang is not None:
        codes = np.array(language.languages(given).to_pylist(), object)
        kept &= codes == lang
    chosen = given.filter(pa.array(kept))
    annotator.probabilities(chosen.slice(0, 8))  # what is loaded at first use is not counted
    began = time.perf_counter()
    chances = annotator.probabilities(chosen)
    spent = time.perf_counter() - began
    truth = truth[kept]
    sure = _two_classes(truth, rated[kept] if rated is not None else None)
    # Labels that never say neutral are a judgement of two classes only.
    of_three = np.full(len(truth), rated is not None or bool((truth == 1).any()))
    return SentimentReport(
        n=len(truth),
        two_class=_score(_positive_or_negative(chances)[sure], truth[sure], (0, 2)),
        three_class=_score(_top(chances)[of_three], truth[of_three], (0, 1, 2)),
        calibration_error=calibration_error(chances, truth),
        texts_per_second=round(len(truth) / spent, 1) if len(truth) else None,
    )


def calibration_error(chances: Floats, truth: _Classes) -> float | None:
    """Expected calibration error of the top label over `BINS` equal bins; unread rows left out."""
    read = ~np.isnan(chances[:, 0])
    if not read.any():
        return None
    top, right = chances[read].max(1), chances[read].argmax(1) == truth[read]
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    sums = [np.bincount(bins, weights=w, minlength=BINS) for w in (top, right.astype(float))]
    return round(float(np.abs(sums[0] - sums[1]).sum() / len(top)), 4)


def _score(said: _Classes, truth: _Classes, classes: tuple[int, ...]) -> ClassScore:
    if not len(truth):
        return ClassScore(0, None, None)
    scores = []
    for label in classes:
        hits = int(((said == label) & (truth == label)).sum())
        scores.append(2 * hits / max(1, (said == label).sum() + (truth == label).sum()))
    accuracy = float((said == truth).mean())
    all_occur = set(truth.tolist()) == set(classes)
    macro_f1 = round(float(np.mean(scores)), 4) if all_occur else None
    return ClassScore(len(truth), round(accuracy, 4), macro_f1)


def _top(chances: Floats) -> _Classes:
    """The likeliest class, -1 where none was read."""
    unread = np.isnan(chances[:, 0])
    return np.where(unread, -1, np.nan_to_num(chances).argmax(1))


def _positive_or_negative(chances: Floats) -> _Classes:
    unread = np.isnan(chances[:, 0])
    return np.where(unread, -1, np.where(chances[:, 2] > chances[:, 0], 2, 0))


def _two_classes(truth: _Classes, stars: Floats | None) -> npt.NDArray[np.bool_]:
    """Rows that are judged as two classes: no neutral labels, no ratings from 5 to 8."""
    return truth != 1 if stars is None else (stars <= 4) | (stars >= 9)


def _numbers(values: _Labels) -> Floats:
    """Numbers, and nan for what is none."""
    items = values.to_pylist() if isinstance(values, pa.Array | pa.ChunkedArray) else values or []
    return np.array([_number(item) for item in items], np.float32)


def _number(item: Any) -> float:
    try:
        return float(item)
    except (TypeError, ValueError):
        return float("nan")


def _by_stars(stars: Floats) -> _Classes:
    """Classes by the rating rounded to a whole star; -1 outside 1 to 10."""
    whole = np.floor(np.nan_to_num(stars) + 0.5)
    return np.where((whole < 1) | (whole > 10), -1, np.digitize(whole, [5, 8]))


def _by_label(labels: _Labels) -> _Classes:
    items = labels.to_pylist() if isinstance(labels, pa.Array | pa.ChunkedArray) else labels or []
    known = {name: i for i, name in enumerate(CLASSES)}
    found = np.full(len(items), -1, np.int64)
    for row, item in enumerate(items):
        if item is None or item == "" or item != item:
            continue
        number = _number(item)
        name = str(item).strip().lower()
        if name in known:
            found[row] = known[name]
        elif number in (-1, 0, 1):
            found[row] = int(number) + 1
        else:
            raise NlpError(
                f"row {row + 1}: label {item!r} is not negative, neutral, positive, -1, 0 or 1; "
                "map the labels first"
            )
    return found
