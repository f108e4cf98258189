"""Fitting a head on what people said, and measuring it before anybody is shown its verdicts.

People correct mistakes and leave alone what is right, so corrections are no random sample: fitted
as they are, a head would learn to contradict, and measured on them it would seem to be a wonder.
Labels drawn by chance (the meter) therefore decide what counts where there are enough of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.errors import NlpError
from nlp.head import FEATURES, Doubles, Head, Readings, inputs
from nlp.sentiment import log_softmax

LEAST_LABELS: Final = 50
LEAST_BY_CHANCE: Final = 30  # fewer labels of the meter say too little of how often it is right
LEAST_OF_A_CLASS: Final = 5  # at least two classes have so many
LEAST_OF_A_LANGUAGE: Final = 20
PENALTIES: Final = (3.0, 10.0, 30.0, 100.0)  # on the deviations; chosen by cross-validation
_BIAS: Final = 1 / 3  # of that penalty, on the bias
_FOLDS: Final = 5
_STEPS: Final = 50
_FLAT: Final = 1e-9  # where another step gains nothing
_Z: Final = 1.96  # of a two-sided 95 % interval
_Mask = npt.NDArray[np.bool_]
_Classes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Labelled:
    """Texts as the shipped models read them, with what people say.

    `labels` are 0 negative, 1 neutral, 2 positive; `by_chance` marks those drawn at random;
    `weights` are the draw's (1 / probability), any number for the others.
    """

    readings: Readings
    labels: _Classes
    by_chance: _Mask
    weights: Doubles


def fit_head(given: Labelled, models: str) -> Head:
    """Fit a head over the models of this digest, and measure it by cross-validation.

    It is switched on when the lower end of the 95 % interval of its gain in log score is above
    zero, its accuracy is no lower, and the labels it was measured on are no mere list of mistakes.
    `figures` of the result tell all of that. Raises NlpError where the labels are too few.
    """
    rows = _usable(given)
    labels, chance = given.labels[rows], given.by_chance[rows]
    offset, features = inputs(given.readings, rows)
    agrees = offset.argmax(1) == labels
    weights, measured = _weights(agrees, chance, given.weights[rows])
    out = _out_of_fold(offset, features, labels, weights)
    figures = _measured(offset, out, labels, weights, measured)
    penalty = _best_penalty(offset, features, labels, weights)
    bias, weight = _fit(offset, features, labels, weights, penalty)
    langs = [given.readings.langs[row] for row in rows]
    figures |= {
        "labels": len(rows), "by_chance": int(chance.sum()), "penalty": penalty,
        "agreed": int(agrees.sum()),
    }  # fmt: skip
    why_not = _why_not(figures, agrees, chance)
    figures["why_not"] = why_not
    return Head(bias, weight, _languages(langs), models, on=not why_not, figures=figures)


def _usable(given: Labelled) -> npt.NDArray[np.int64]:
    """Rows whose sentiment was read, in languages with enough labels; NlpError for too few."""
    kept = _languages(list(given.readings.langs))
    known = np.isin(np.asarray(given.readings.langs, object), kept)
    rows = np.flatnonzero(known & ~np.isnan(given.readings.shipped[:, 0]))
    counts = np.bincount(given.labels[rows], minlength=3)
    if len(rows) < LEAST_LABELS or (counts >= LEAST_OF_A_CLASS).sum() < 2:
        negative, neutral, positive = np.bincount(given.labels, minlength=3).tolist()
        raise NlpError(
            f"{len(given.labels)} labels ({negative} negative, {neutral} neutral, {positive} "
            f"positive) teach nothing: it takes {LEAST_LABELS}, {LEAST_OF_A_CLASS} of each of two "
            f"classes and {LEAST_OF_A_LANGUAGE} of a language. Correct mentions on the desk, or "
            "label a sample: madang meter"
        )
    return rows


def _languages(langs: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(code for code in set(langs) if langs.count(code) >= LEAST_OF_A_LANGUAGE))


def _weights(agrees: _Mask, chance: _Mask, drawn: Doubles) -> tuple[Doubles, _Mask]:
    """What each row counts, and on which rows a gain is measured.

    With enough labels by chance, these say how often the annotator is right, and the corrections
    are weighted so that they agree with it as often: case-control weighting (King and Zeng 2001,
    "Logistic Regression in Rare Events Data"). Without, all rows count alike.
    """
    if chance.sum() < LEAST_BY_CHANCE:
        return np.ones(len(agrees)), np.ones(len(agrees), bool)
    weights = np.ones(len(agrees))
    weights[chance] = drawn[chance] / drawn[chance].mean()
    right = float((weights * agrees)[chance].sum() / weights[chance].sum())
    chosen = ~chance
    share = float(agrees[chosen].mean()) if chosen.any() else right
    for rows, expected, found in (
        (chosen & agrees, right, share), (chosen & ~agrees, 1 - right, 1 - share),
    ):  # fmt: skip
        if found > 0:
            weights[rows] = min(expected / found, 1.0)
    return weights, chance


def _why_not(figures: dict[str, Any], agrees: _Mask, chance: _Mask) -> str:
    """Why it is not switched on, in a sentence; empty where it is."""
    if chance.sum() < LEAST_BY_CHANCE and agrees.mean() < 0.5:
        return (
            f"Only {agrees.mean():.0%} of these labels agree with the annotator, so they are a "
            "list of its mistakes and cannot tell how often it is right. Label a random sample: "
            "madang meter"
        )
    low = figures["log_score_gain"]["low"]
    if low <= 0:
        return (
            f"The gain may be none: its 95 % interval begins at {low:+.3f} nats a text. More "
            "labels will tell."
        )
    if figures["accuracy_after"] < figures["accuracy_before"]:
        return "It would be right less often than the shipped model."
    return ""


def _measured(
    offset: Doubles, out: Doubles, labels: _Classes, weights: Doubles, rows: _Mask
) -> dict[str, Any]:
    """Accuracy before and after, and both gains with their 95 % intervals, out of fold."""
    at = np.arange(len(labels))
    before, after = offset.argmax(1) == labels, out.argmax(1) == labels
    share = weights[rows] / weights[rows].sum()
    score = (out - log_softmax(offset))[at, labels]
    return {
        "measured_on": int(rows.sum()),
        "accuracy_before": round(float(share @ before[rows]), 4),
        "accuracy_after": round(float(share @ after[rows]), 4),
        "accuracy_gain": _mean((after.astype(float) - before)[rows], share),
        "log_score_gain": _mean(score[rows], share),
    }


def _mean(values: Doubles, share: Doubles) -> dict[str, float]:
    """A weighted mean with its 95 % interval (normal, from the linearised variance)."""
    mean = float(share @ values)
    spread = float(np.sqrt((share**2 @ (values - mean) ** 2) * len(values) / (len(values) - 1)))
    ends = {"mean": mean, "low": mean - _Z * spread, "high": mean + _Z * spread}
    return {name: round(value, 4) for name, value in ends.items()}


def _out_of_fold(offset: Doubles, features: Doubles, labels: _Classes, weights: Doubles) -> Doubles:
    """What heads that have not seen a row say of it; each chooses its penalty without it, too."""
    result = np.zeros_like(offset)
    for held in _folds(labels):
        rest = ~held
        parts = (offset[rest], features[rest], labels[rest], weights[rest])
        bias, weight = _fit(*parts, _best_penalty(*parts))
        result[held] = log_softmax(offset[held] + bias + features[held] @ weight)
    return result


def _best_penalty(offset: Doubles, features: Doubles, labels: _Classes, weights: Doubles) -> float:
    scores = dict.fromkeys(PENALTIES, 0.0)
    for held in _folds(labels):
        rest, at = ~held, labels[held]
        for penalty in PENALTIES:
            bias, weight = _fit(offset[rest], features[rest], labels[rest], weights[rest], penalty)
            log_p = log_softmax(offset[held] + bias + features[held] @ weight)
            scores[penalty] += float(weights[held] @ log_p[np.arange(len(at)), at])
    return max(PENALTIES, key=lambda penalty: scores[penalty])


def _folds(labels: _Classes) -> list[_Mask]:
    """Stratified folds, the same for the same labels."""
    order = np.random.default_rng(len(labels)).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), np.int64)
    fold[order] = np.arange(len(labels)) % _FOLDS
    return [fold == number for number in range(_FOLDS) if (fold == number).any()]


def _fit(
    offset: Doubles, features: Doubles, labels: _Classes, weights: Doubles, penalty: float
) -> tuple[Doubles, Doubles]:
    """Bias (3,) and deviations (FEATURES, 3) of the largest penalised likelihood, by Newton's
    method with halved steps (Nocedal and Wright 2006, "Numerical Optimization", chapter 3)."""
    design = np.column_stack([np.ones(len(labels)), features])
    size = design.shape[1]
    pulls = penalty * np.repeat([_BIAS, *[1.0] * FEATURES], 3)  # by feature, then by class
    truth = np.eye(3)[labels]
    point = np.zeros((size, 3))

    def loss(at: Doubles) -> tuple[float, Doubles]:
        log_p = log_softmax(offset + design @ at)
        value = -float(weights @ (truth * log_p).sum(1))
        return value + 0.5 * float(pulls @ at.ravel() ** 2), np.exp(log_p)

    value, chances = loss(point)
    for _ in range(_STEPS):
        slope = (design.T @ (weights[:, None] * (chances - truth))).ravel() + pulls * point.ravel()
        step = np.linalg.solve(_curvature(design, chances, weights, pulls), slope).reshape(size, 3)
        if float(slope @ step.ravel()) < _FLAT:
            break
        length = 1.0
        while (found := loss(point - length * step))[0] > value and length > _FLAT:
            length /= 2
        point, (value, chances) = point - length * step, found
    return point[0], point[1:]


def _curvature(design: Doubles, chances: Doubles, weights: Doubles, pulls: Doubles) -> Doubles:
    """The Hessian of the penalised likelihood, of shape (3 · columns, 3 · columns)."""
    size = design.shape[1]
    result = np.empty((size, 3, size, 3))
    for one in range(3):
        for other in range(3):
            spread = weights * chances[:, one] * (float(one == other) - chances[:, other])
            result[:, one, :, other] = design.T @ (spread[:, None] * design)
    return result.reshape(3 * size, 3 * size) + np.diag(pulls)
