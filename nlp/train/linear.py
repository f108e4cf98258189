"""Fit the linear sentiment model: logistic regression over hashed n-grams of letters.

    nice -n 19 python -m nlp.train.linear --data DATA --out nlp/models/linear

Needs no torch, but 6 GB. Of the n-grams that share a hash the one that tells most gets the feature,
known by its signature. Each counts by its naive-Bayes log ratio of positive to negative texts (NB-
SVM: Wang and Manning 2012, "Baselines and Bigrams"). Fitted by averaged stochastic gradient
descent, which beat a full-batch fit by three points. What was measured on films kept for
validation (two classes / macro-F1 of three) and on tweets (macro-F1): 2^18 features of syllables,
no ratios .860 / .665, .57; letters and ratios, 2^20 features .863 / .671, .64; 2^21 .866 / .680,
.63; 2^20 with signatures .872 / .675, .67, and by the
root of the number of n-grams for the length of the vector .872 / .677, .66.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from safetensors.numpy import save_file
from sklearn.linear_model import SGDClassifier

from nlp.ngrams import BITS, SIGNATURE_BITS, Grams, grams
from nlp.sentiment import LINEAR, LinearReader, squeezed
from nlp.train import corpus
from nlp.train.corpus import Corpus
from nlp.train.measure import balanced, figures, truth_of

FEATURE_BITS = BITS - SIGNATURE_BITS
KOREAN_EACH = 110_000  # reviews of each class, as many as the rarest has
# How often a source is read: the hard and short ones more than the long and easy.
TIMES = {"films": 1, "tweets": 2, "film_sentences": 2, "amazon": 3, "pros_cons": 1}
PROS_CONS = 500  # of them, in validation
LEAST_RATIO = 0.1  # so that an n-gram that leans to no side still counts a little
LEAST_COUNT = 3  # texts that an n-gram must occur in
CHUNK = 20_000  # texts hashed at once
STEP = 1 << 14  # features judged at once

Floats = npt.NDArray[np.float32]
Signatures = npt.NDArray[np.uint8]
Classes = npt.NDArray[np.int64]


def training_texts(data: Path) -> Corpus:
    """All sources as often as `TIMES` says, films balanced, in random order."""
    parts = corpus.by_source(data, "train")
    parts["films"] = balanced(parts["films"], KOREAN_EACH)
    texts = corpus.joined([part for name, part in parts.items() for _ in range(TIMES[name])])
    return texts.take(np.random.default_rng(7).permutation(len(texts)))


def signatures(texts: list[str], classes: Classes, bits: int = FEATURE_BITS) -> Signatures:
    """Of each feature the signature of the n-gram that tells most, shape (2 ** bits,).

    That is the largest |log p(n-gram | positive) / p(n-gram | negative)| times the root of how many
    texts it occurs in, the like of a z-score.
    """
    each = 1 << SIGNATURE_BITS
    counts = {label: np.zeros((1 << bits, each), np.int32) for label in (0, 2)}
    for at, found in _chunks(texts):
        of = classes[at : at + CHUNK].repeat(np.diff(found.starts))
        names = found.features(bits).astype(np.int64) * each + (found.hashes & (each - 1))
        for label, count in counts.items():
            keys, times = np.unique(names[of == label], return_counts=True)
            count.ravel()[keys] += times.astype(np.int32)
    totals = {label: count.sum() for label, count in counts.items()}
    best = np.zeros(1 << bits, np.uint8)
    for at in range(0, len(best), STEP):
        negative, positive = (counts[label][at : at + STEP] for label in (0, 2))
        ratios = np.log((positive + 1) / totals[2]) - np.log((negative + 1) / totals[0])
        both = negative + positive
        best[at : at + STEP] = (np.abs(ratios) * np.sqrt(both) * (both >= LEAST_COUNT)).argmax(1)
    return best


def occurrences(texts: list[str], chosen: Signatures) -> sp.csr_matrix:
    """Which feature's n-gram occurs in which text: ones, shape (n, features)."""
    bits = len(chosen).bit_length() - 1
    parts = []
    for _, found in _chunks(texts):
        known = found.known(chosen)
        entries = (np.ones(len(known.hashes), np.float32), known.features(bits), known.starts)
        parts.append(sp.csr_matrix(entries, shape=(len(known), len(chosen))))
    return sp.vstack(parts, format="csr")


def _chunks(texts: list[str]) -> Iterator[tuple[int, Grams]]:
    return ((at, grams(texts[at : at + CHUNK])) for at in range(0, len(texts), CHUNK))


def log_ratios(occurring: sp.csr_matrix, classes: Classes) -> Floats:
    """How much an n-gram says: |log p(n-gram | positive) / p(n-gram | negative)|, never naught."""
    counts = [
        np.asarray(occurring[classes == label].sum(0), np.float64).ravel() + 1 for label in (0, 2)
    ]
    negative, positive = (count / count.sum() for count in counts)
    ratios: Floats = (np.abs(np.log(positive / negative)) + LEAST_RATIO).astype(np.float32)
    return ratios


def weighed(occurring: sp.csr_matrix, ratios: Floats) -> sp.csr_matrix:
    """Each n-gram counts by its ratio, each text by the root of its n-grams. In place."""
    lengths = np.diff(occurring.indptr)
    roots = np.sqrt(np.maximum(lengths, 1)).astype(np.float32)
    occurring.data = ratios[occurring.indices] / roots.repeat(lengths)
    return occurring


def written(
    out: Path, chosen: Signatures, columns: Floats, bias: Floats, about: dict[str, Any]
) -> None:
    """`columns` (n, 2): what each feature says for negative and for positive against neutral."""
    out.mkdir(parents=True, exist_ok=True)
    codes, scales = squeezed(columns)
    # safetensors writes memory as it lies, whatever its strides.
    weights = {"signatures": chosen, "codes": np.ascontiguousarray(codes), "scales": scales}
    save_file(weights | {"bias": bias.astype(np.float32)}, out / "weights.safetensors")
    (out / "weights.safetensors").chmod(0o644)
    config = {"model_type": LINEAR, "id2label": dict(enumerate(corpus.CLASSES)), "madang": about}
    (out / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n")


def fitted(
    texts: Corpus, penalty: float, passes: int, bits: int = FEATURE_BITS
) -> tuple[Signatures, Floats, Floats]:
    """Signatures, columns and bias (see `written`) learned from `texts`."""
    classes = truth_of(texts)
    chosen = signatures(texts.texts, classes, bits)
    x = occurrences(texts.texts, chosen)
    ratios = log_ratios(x, classes)
    model = SGDClassifier(
        loss="log_loss", alpha=penalty, max_iter=passes, tol=None, average=True, random_state=0
    ).fit(weighed(x, ratios), classes)
    against = model.coef_[[0, 2]] - model.coef_[1]
    columns = np.ascontiguousarray((against * ratios).T, np.float32)
    bias: Floats = (model.intercept_[[0, 2]] - model.intercept_[1]).astype(np.float32)
    return chosen, columns, bias


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--penalty", type=float, default=1.5e-6)
    parser.add_argument("--passes", type=int, default=5)
    options = parser.parse_args()
    began = time.monotonic()
    texts = training_texts(options.data)
    model = fitted(texts, options.penalty, options.passes)
    print(f"{len(texts)} texts fitted after {time.monotonic() - began:.0f} s", flush=True)
    about = {"rows": len(texts), "penalty": options.penalty, "trained_on": corpus.ORIGINS}
    written(options.out, *model, about)
    reader = LinearReader(options.out)
    about["validation"] = {
        name: figures(np.exp(reader.log_probabilities(data.texts)), data)
        for name, data in validation(options.data).items()
    }
    written(options.out, *model, about)
    print(json.dumps(about["validation"]))


def validation(data: Path, each: int = 3000) -> dict[str, Corpus]:
    """Films, `each` reviews of each class, and English texts, that no model trains on.

    Pros and cons, the easiest and by far the most, count no more than the others.
    """
    parts = corpus.by_source(data, "validation")
    films = balanced(parts.pop("films"), each)
    few = np.random.default_rng(7).permutation(len(parts["pros_cons"]))[:PROS_CONS]
    parts["pros_cons"] = parts["pros_cons"].take(few)
    return {"korean": films, "english": corpus.joined(list(parts.values()))}


if __name__ == "__main__":
    main()
