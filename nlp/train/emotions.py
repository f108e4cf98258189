"""Fit the emotions to KOTE's comments: logistic regression, one label each, all fitted at once.

    nice -n 19 python -m nlp.train.emotions --data DATA --out nlp/models/emotions

Reads `DATA/kote/val.tsv`. The sentiment chances that the model takes in come from the shipped
sentiment models, which never learned from KOTE. Figures are by five-fold cross-validation; the
threshold of a fold is chosen on the other four.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import scipy.sparse as sp
from safetensors.numpy import save_file
from scipy.optimize import minimize
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold

from nlp.annotate import Annotator
from nlp.emotions import EMOTIONS, KOTE, NONE, OUTPUTS, SEEDS, dense_features
from nlp.ngrams import grams
from nlp.texts import column, readable, strings
from nlp.train import kote

FOLDS = 5
# No threshold below this: rare emotions would be said of everything. Higher ones, such as .3, say
# fewer emotions (4.6 a text for 5.0; annotators 3.9) and miss those that are put into plain words.
LEAST = 0.2


def read(data: Path) -> tuple[list[str], Any]:
    """Comments and which of `OUTPUTS` each holds, shape (n, k)."""
    rows = kote.comments(data)
    labels_of = KOTE | {"none": NONE}
    held = [[bool(found & labels_of[name].keys()) for name in OUTPUTS] for _, found in rows]
    return [text for text, _ in rows], np.array(held)


def features(texts: list[str], bits: int) -> Any:
    """The n-grams of each text as a row of length 1, shape (n, 2 ** bits)."""
    found = grams(texts)
    shares = np.repeat(1 / found.roots, np.diff(found.starts)).astype(np.float32)
    return sp.csr_matrix((shares, found.features(bits), found.starts), (len(texts), 2**bits))


def fitted(x: Any, held: Any, penalty: float, dense: int) -> tuple[Any, Any]:
    """Weights (features, k) and bias (k) by L-BFGS; the last `dense` features cost a tenth."""
    n, width = x.shape
    k = held.shape[1]
    cost = np.full((width, 1), penalty)
    cost[width - dense :] *= 0.1
    transposed = x.T.tocsr()

    def loss(flat: Any) -> tuple[float, Any]:
        weight, bias = flat[:-k].reshape(width, k), flat[-k:]
        logits = x @ weight.astype(np.float32) + bias
        total = np.logaddexp(0, logits).sum() - logits[held].sum() + 0.5 * (cost * weight**2).sum()
        error = 1 / (1 + np.exp(-logits)) - held
        slope = transposed @ error.astype(np.float32) + cost * weight
        return total / n, np.concatenate([slope.ravel(), error.sum(0)]) / n

    start = np.zeros(width * k + k)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 40}).x
    return best[:-k].reshape(width, k), best[-k:]


def out_of_fold(x: Any, held: Any, penalty: float, dense: int) -> Any:
    chances = np.zeros(held.shape)
    for train, test in folds(len(held)):
        weight, bias = fitted(x[train], held[train], penalty, dense)
        chances[test] = 1 / (1 + np.exp(-(x[test] @ weight + bias)))
    return chances


def folds(n: int) -> list[tuple[Any, Any]]:
    return list(KFold(FOLDS, shuffle=True, random_state=0).split(np.zeros(n)))


def thresholds(chances: Any, held: Any) -> Any:
    """For each emotion the chance from which F1 is best, but not below `LEAST`."""
    found = []
    for at in range(len(EMOTIONS)):
        cuts = np.quantile(chances[:, at], np.linspace(0.2, 0.995, 120))
        scores = [f1_score(held[:, at], chances[:, at] >= cut, zero_division=0) for cut in cuts]
        found.append(cuts[int(np.argmax(scores))])
    return np.maximum(found, LEAST)


def scores(chances: Any, held: Any) -> dict[str, Any]:
    """F1 of each emotion, macro and micro, thresholds chosen on the other folds; none's share."""
    emotions, none = chances[:, :-1], chances[:, -1:]
    said = np.zeros(emotions.shape, bool)
    for train, test in folds(len(held)):
        said[test] = emotions[test] >= thresholds(chances[train], held[train])
    return figures(said & (emotions >= none), held[:, :-1])


def figures(said: Any, held: Any) -> dict[str, Any]:
    each = f1_score(held, said, average=None, zero_division=0)
    return {
        "macro_f1": round(float(each.mean()), 4),
        "micro_f1": round(float(f1_score(held, said, average="micro", zero_division=0)), 4),
        "none_said": round(float((~said.any(1)).mean()), 4),
        "emotions_a_text": round(float(said.sum(1).mean()), 2),
        "f1": {name: round(float(score), 3) for name, score in zip(EMOTIONS, each, strict=True)},
    }


def written(out: Path, weight: Any, bias: Any, dense: int, config: dict[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    ngrams = weight[:-dense]
    scale = np.abs(ngrams).max(0) / 127
    tensors = {
        "ngrams": np.rint(ngrams / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "dense": np.ascontiguousarray(weight[-dense:], np.float32),
        "bias": bias.astype(np.float32),
    }
    save_file(tensors, out / "weights.safetensors")
    (out / "weights.safetensors").chmod(0o644)
    (out / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bits", type=int, default=15)
    parser.add_argument("--penalty", type=float, default=1.0)
    options = parser.parse_args()
    texts, held = read(options.data)
    texts = strings(readable(texts))
    sentiment = Annotator().probabilities(texts)
    told = dense_features(sentiment, pc.utf8_lower(column(texts)))
    x = sp.hstack([features(texts, options.bits), sp.csr_matrix(told)]).tocsr().astype(np.float32)
    chances = out_of_fold(x, held, options.penalty, told.shape[1])
    alone = out_of_fold(sp.csr_matrix(told[:, :6]), held, options.penalty, 6)
    measured = {
        "model": scores(chances, held),
        "sentiment_alone": scores(alone, held),
        "always_the_most_frequent": figures(_most_frequent(held[:, :-1]), held[:, :-1]),
    }
    weight, bias = fitted(x, held, options.penalty, told.shape[1])
    cuts = dict(zip(EMOTIONS, thresholds(chances, held).round(4).tolist(), strict=True))
    config = {
        "emotions": list(EMOTIONS),
        "thresholds": cuts,
        "seeds": len(SEEDS),
        "bits": options.bits,
        "madang": {
            "rows": len(texts),
            "penalty": options.penalty,
            "trained_on": ["KOTE, validation part (searle-j/KOTE), MIT licence"],
            "cross_validation": measured,
        },
    }
    written(options.out, weight, bias, told.shape[1], config)
    print(json.dumps(measured, ensure_ascii=False))


def _most_frequent(held: Any) -> Any:
    said = np.zeros(held.shape, bool)
    said[:, held.mean(0).argmax()] = True
    return said


if __name__ == "__main__":
    main()
