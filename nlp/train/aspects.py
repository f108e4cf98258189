"""Fit the reader of English aspects: nlp/models/aspects (words.npz, model.npz, config.json).

    nice -n 19 python -m nlp.train.aspects --data DATA --valence vader_lexicon.txt \
        --tags en-lexicon.txt --out nlp/models/aspects

Learns from the five products of Hu and Liu, and is measured by leaving out one product at a time.
Amazon snippets are not used: they are sentences of the same five products. The two word lists are
files of the packages vaderSentiment (MIT) and textblob (Brill's lexicon, MIT).
"""

import argparse
import json
import math
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from nlp import english
from nlp import windows_english as windows
from nlp.aspects_english import EnglishModel
from nlp.evaluate_aspects import AspectReport, Sentence, report, sentences
from nlp.spacy_pipeline import Pipeline
from nlp.train.polarity import lines
from nlp.trees import Trees
from nlp.windows_english import Batch, Candidates
from nlp.words_english import WordTable, tag_number

CHUNK = 64  # sentences of a small batch, as an annotator may see
THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
PHRASES = 6000
LEAST = 4  # a word seen less often has no row


def lemmas(text: str) -> list[str]:
    return [english.lemma(word) for word in english.words(text.lower())]


def write_table(data: Path, valence: Path, tags: Path, out: Path) -> None:
    """Count words in pros and cons, in tweets and of films, and join them with the two lists."""
    usual, goods, head, opening, alone, pairs = (Counter[str]() for _ in range(6))
    praise: Counter[tuple[str, str]] = Counter()
    everyday = 0
    for line in (data / "english/tweeteval_sentiment.tsv").read_text("utf-8").splitlines():
        usual.update(set(lemmas(line.partition("\t")[2])))
        everyday += 1
    for side in ("pos", "neg"):
        for line in lines(data / "english/sentence_polarity.zip", side):
            words = set(lemmas(line))
            usual.update(words)
            praise.update((word, side) for word in words)
            everyday += 1
    for side in ("Pros", "Cons"):
        for line in lines(data / "english/pros_cons.zip", side):
            for part in re.split(r"[,;/.!&()]|\band\b|\bbut\b", line.lower()):
                words_ = lemmas(part)
                if not words_:
                    continue
                goods.update(set(words_))
                praise.update((word, side) for word in set(words_))
                head[words_[-1]] += 1
                opening[words_[0]] += len(words_) > 1
                alone[" ".join(words_)] += 1
                pairs.update(" ".join(pair) for pair in pairwise(words_))
    rated = _valences(valence)
    penn = _penn(tags)
    known = {w for w in usual | goods if usual[w] + goods[w] >= LEAST} | (
        rated.keys() & penn.keys()
    )
    words = sorted(word for word in known if word and "\n" not in word)
    total = sum(goods.values()), sum(usual.values())
    rows = [
        (
            (usual[word] + 1) / everyday,
            math.log((goods[word] + 0.5) / total[0]) - math.log((usual[word] + 2) / total[1]),
            math.log(goods[word] + 1),
            math.log(head[word] + 1) - math.log(goods[word] + 2),
            math.log(opening[word] + 1) - math.log(goods[word] + 2),
            math.log(alone[word] + 1),
            _praise(word, praise),
            rated.get(word, 0.0),
        )
        for word in words
    ]
    # Plural forms need a tag of their own: rows of nought with the tag alone.
    forms = sorted(w for w in penn if w not in known and english.lemma(w) in known)
    absent = (2e-5, 0, 0, -2, -2, 0, 0, 0)
    phrases = pairs.most_common(PHRASES)
    np.savez_compressed(
        out / "words.npz",
        words=np.frombuffer("\n".join([*words, *forms]).encode(), np.uint8),
        numbers=np.array([*rows, *[absent] * len(forms)], np.float16),
        tags=np.array([tag_number(penn[w]) if w in penn else 0 for w in [*words, *forms]], np.int8),
        phrases=np.frombuffer("\n".join(pair for pair, _ in phrases).encode(), np.uint8),
        counts=np.log1p([count for _, count in phrases]).astype(np.float16),
    )


def _praise(word: str, praise: Counter[tuple[str, str]]) -> float:
    odds = 0.0
    for good, bad in (("Pros", "Cons"), ("pos", "neg")):
        if praise[word, good] + praise[word, bad] >= LEAST:
            odds += 0.5 * math.log((praise[word, good] + 2) / (praise[word, bad] + 2))
    return max(-2.0, min(2.0, odds))


def _valences(path: Path) -> dict[str, float]:
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if line.strip())
    return {row[0]: float(row[1]) for row in rows if row[0].isalpha()}


def _penn(path: Path) -> dict[str, str]:
    """The commonest tag of each word; a lower-case entry outranks a capitalised one."""
    found: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        word, _, tag = line.rpartition(" ")
        if word and not line.startswith(";;;") and (word.islower() or word.lower() not in found):
            found[word.lower()] = tag.strip()
    return found


class Part:
    """Sentences of one product in columns, with what is to be learned of them."""

    def __init__(self, given: Sequence[Sentence], pipeline: Pipeline, table: WordTable) -> None:
        self.given = list(given)
        docs = pipeline.docs([sentence.text for sentence in given])
        self.of: Batch = windows.batch(docs, table)
        self.found: Candidates = windows.candidates(self.of, table)
        of, found = self.of, self.found
        self.line = of.doc[found.first]
        spans = zip(found.first.tolist(), found.size.tolist(), strict=True)
        self.lemma = [" ".join(of.lemmas[n] for n in of.lemma[f : f + s]) for f, s in spans]
        pairs = list(zip(self.lemma, self.line.tolist(), strict=True))
        self.is_term = np.array([lemma in self.given[line].terms for lemma, line in pairs])
        self.sign = np.array([self.given[line].terms.get(lemma, 0) for lemma, line in pairs])
        self.holds = np.zeros(of.sentences + 1, bool)
        self.holds[of.sentence[found.first[self.is_term]]] = True
        self.words, self.word_sentence = windows.sentence_hashes(of)
        self.around = windows.polarity_hashes(of, found)

    def sentence_rows(self) -> sp.csr_matrix:
        shape = (self.of.sentences + 1, windows.HASHED)
        return sp.csr_matrix((np.ones(len(self.words)), (self.word_sentence, self.words)), shape)


def _rows(hashed: Any) -> sp.csr_matrix:
    where = np.repeat(np.arange(len(hashed)), hashed.shape[1])
    shape = (len(hashed), windows.HASHED)
    return sp.csr_matrix((np.ones(hashed.size), (where, hashed.ravel())), shape)


def _linear(rows: Any, truth: Any, strength: float) -> tuple[Any, float]:
    fitted = LogisticRegression(C=strength, solver="liblinear").fit(rows, truth)
    return fitted.coef_[0].astype(np.float16), float(fitted.intercept_[0])


def _boosted(rows: Any, truth: Any, rounds: int) -> Trees:
    fitted = HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=0.06,
        max_leaf_nodes=12,
        min_samples_leaf=40,
        l2_regularization=5,
        max_features=0.4,
        early_stopping=False,
        random_state=7,
    ).fit(rows, truth)
    return _exported(fitted)


def _exported(fitted: Any) -> Trees:
    nodes = [trees[0].nodes for trees in fitted._predictors]
    roots = np.cumsum([0, *(len(part) for part in nodes)])[:-1]
    every = np.concatenate(nodes)
    shift = np.repeat(roots, [len(part) for part in nodes])
    own = np.arange(len(every))
    leaf = every["is_leaf"].astype(bool)
    return Trees(
        np.where(leaf, 0, every["feature_idx"]).astype(np.int16),
        every["num_threshold"].astype(np.float32),
        np.where(leaf, own, every["left"] + shift).astype(np.int32),
        np.where(leaf, own, every["right"] + shift).astype(np.int32),
        every["value"].astype(np.float32),
        roots.astype(np.int32),
        int(every["depth"].max()),
        float(np.ravel(fitted._baseline_prediction)[0]),
    )


def linear_models(parts: Sequence[Part]) -> tuple[list[Any], list[float]]:
    """Whether a sentence judges, whether a window is a term, whether a term is praised."""
    sentence = _linear(
        sp.vstack([p.sentence_rows() for p in parts]), np.concatenate([p.holds for p in parts]), 0.3
    )
    term = _linear(
        sp.vstack([_rows(p.found.hashed) for p in parts]),
        np.concatenate([p.is_term for p in parts]),
        0.15,
    )
    sign = _linear(
        sp.vstack([_rows(p.around[p.is_term]) for p in parts]),
        np.concatenate([p.sign[p.is_term] > 0 for p in parts]),
        0.1,
    )
    fitted = (sentence, term, sign)
    return [weights for weights, _ in fitted], [bias for _, bias in fitted]


def _stacked(part: Part, weights: list[Any], biases: list[float]) -> tuple[Any, Any]:
    """Rows for the trees of terms, and for those of polarity (of the true terms alone)."""
    full = [item.astype(np.float32) for item in weights]
    said = np.bincount(part.word_sentence, full[0][part.words], part.of.sentences + 1) + biases[0]
    own = full[1][part.found.hashed].sum(1) + biases[1]
    rows = windows.term_extras(part.of, part.found, said.astype(np.float32), own.astype(np.float32))
    sign = full[2][part.around].sum(1) + biases[2]
    judged = np.column_stack([part.found.dense, sign]).astype(np.float32)
    return rows, judged[part.is_term]


def fit(parts: dict[str, list[Part]], table: WordTable, threshold: float) -> EnglishModel:
    """Linear models by leaving products out, so that the trees learn how far to trust them."""
    term_rows, sign_rows, terms, signs = [], [], [], []
    for name, own in parts.items():
        rest = [part for other, group in parts.items() if other != name for part in group[:1]]
        weights, biases = linear_models(rest)
        for part in own:
            rows, judged = _stacked(part, weights, biases)
            term_rows.append(rows)
            sign_rows.append(judged)
            terms.append(part.is_term)
            signs.append(part.sign[part.is_term] > 0)
    weights, biases = linear_models([group[0] for group in parts.values()])
    return EnglishModel(
        table,
        *[item.astype(np.float32) for item in weights],
        biases=np.array(biases, np.float32),
        terms=_boosted(np.concatenate(term_rows), np.concatenate(terms), 160),
        polarities=_boosted(np.concatenate(sign_rows), np.concatenate(signs), 60),
        threshold=threshold,
    )


def found_by(model: EnglishModel, part: Part) -> list[dict[str, float]]:
    """Lemma and score of the terms of each sentence."""
    found: list[dict[str, float]] = [{} for _ in part.given]
    for first, size, score in model.read(part.of):
        lemma = " ".join(part.of.lemmas[n] for n in part.of.lemma[first : first + size])
        found[int(part.of.doc[first])][lemma] = score
    return found


def validated(parts: dict[str, list[Part]], table: WordTable) -> dict[float, AspectReport]:
    """Each product read by a model of the others: the report of all, by threshold."""
    given: list[Sentence] = []
    found: dict[float, list[dict[str, float]]] = {threshold: [] for threshold in THRESHOLDS}
    for name, own in parts.items():
        model = fit({other: p for other, p in parts.items() if other != name}, table, 0.3)
        given += own[0].given
        alone = {}
        for threshold in THRESHOLDS:
            read = found_by(replace(model, threshold=threshold), own[0])
            found[threshold] += read
            alone[threshold] = report(own[0].given, read)
        best = max(alone.values(), key=lambda r: r.terms.f1 or 0)
        print(name, {t: r.terms.f1 for t, r in alone.items()}, best.polarity, flush=True)
    return {threshold: report(given, read) for threshold, read in found.items()}


def save(model: EnglishModel, out: Path, about: dict[str, Any]) -> None:
    arrays: dict[str, Any] = {
        "sentence": model.sentence_weights.astype(np.float16),
        "term": model.term_weights.astype(np.float16),
        "polarity": model.polarity_weights.astype(np.float16),
        "biases": model.biases,
    }
    config: dict[str, Any] = {"threshold": model.threshold}
    for name, trees in (("terms", model.terms), ("polarities", model.polarities)):
        for part in ("feature", "threshold", "left", "right", "value", "roots"):
            arrays[f"{name}_{part}"] = getattr(trees, part)
        config[name] = {"depth": trees.depth, "base": trees.base}
    np.savez_compressed(out / "model.npz", **arrays)
    (out / "config.json").write_text(json.dumps({**config, "madang": about}, indent=2) + "\n")


def products(data: Path) -> dict[str, list[Sentence]]:
    """The annotated sentences of each product."""
    import tempfile

    archive = zipfile.ZipFile(data / "english/product_reviews_1.zip")
    found = {}
    with archive, tempfile.TemporaryDirectory() as folder:
        for name in archive.namelist():
            if name.endswith(".txt") and "README" not in name:
                found[Path(name).stem] = sentences(Path(archive.extract(name, folder)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--valence", type=Path, required=True)
    parser.add_argument("--tags", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    write_table(options.data, options.valence, options.tags, options.out)
    table, pipeline = WordTable(options.out / "words.npz"), Pipeline(threads=1)
    parts: dict[str, list[Part]] = {}
    for name, given in products(options.data).items():
        chunks = [given[at : at + CHUNK] for at in range(0, len(given), CHUNK)]
        parts[name] = [Part(given, pipeline, table)]
        parts[name] += [Part(chunk, pipeline, table) for chunk in chunks[::2]]
    print({name: (len(p), len(p[0].is_term)) for name, p in parts.items()}, flush=True)
    reports = validated(parts, table)
    threshold, best = max(reports.items(), key=lambda pair: pair[1].terms.f1 or 0)
    print({key: value.terms for key, value in reports.items()}, best, flush=True)
    about = {
        "origin": "Customer review datasets of five products (Hu and Liu 2004), CC BY 4.0; word "
        "counts of pros and cons (Liu), TweetEval, sentence polarity (Pang and Lee); valences of "
        "VADER (MIT); tags of Brill's lexicon (MIT) as carried by textblob",
        "left_one_product_out": best.as_dict(),
    }
    save(fit(parts, table, threshold), options.out, about)


if __name__ == "__main__":
    main()
