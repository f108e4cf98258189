"""The training scripts that need no torch: splits by film, the fit, what they measure and write."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from nlp.cascade import is_marked
from nlp.ngrams import grams
from nlp.sentiment import LinearReader
from nlp.train.combine import best, cascaded
from nlp.train.corpus import STARS, Corpus, split_of
from nlp.train.linear import fitted, log_ratios, occurrences, signatures, written
from nlp.train.measure import balanced, figures, truth_of

TEXTS = [
    *(f"정말 재미있고 좋았어요 {i}번 봤습니다" for i in range(20)),
    *(f"지루하고 돈 아까운 영화 {i}점" for i in range(20)),
    *(f"그저 그래요 볼만은 합니다 {i}" for i in range(20)),
]
STAR = np.repeat(np.array([10, 1, 6], np.int8), 20)
BITS = 14  # of the features: enough for so few texts
CORPUS = Corpus(TEXTS, STARS[STAR - 1], STAR)


def test_a_film_is_always_on_one_side_and_the_shares_are_as_said() -> None:
    sides = [split_of(str(film)) for film in range(20_000)]
    assert sides[:50] == [split_of(str(film)) for film in range(50)]
    assert sides.count("train") / 20_000 == pytest.approx(0.90, abs=0.01)
    assert sides.count("validation") / 20_000 == pytest.approx(0.05, abs=0.005)


def test_ratings_lean_as_their_stars_do() -> None:
    np.testing.assert_allclose(STARS.sum(1), 1, atol=1e-6)
    assert (np.diff(STARS[:, 2] - STARS[:, 0]) >= 0).all()
    assert truth_of(CORPUS).tolist() == [2] * 20 + [0] * 20 + [1] * 20


def test_each_feature_stands_for_an_ngram_that_tells() -> None:
    chosen = signatures(TEXTS, truth_of(CORPUS), BITS)
    kept = grams(TEXTS).known(chosen)
    assert len(kept.hashes) > 0.5 * len(grams(TEXTS).hashes)
    unseen = grams(["전혀 다른 낱말들만 늘어놓은 글입니다 quite other words"])
    assert len(unseen.known(chosen).hashes) < 0.2 * len(unseen.hashes)


def test_ratios_are_high_where_the_classes_differ() -> None:
    classes = truth_of(CORPUS)
    chosen = signatures(TEXTS, classes, BITS)
    ratios = log_ratios(occurrences(TEXTS, chosen), classes)
    good, both = (grams([word]).known(chosen).features(BITS) for word in ("좋았어요", "1"))
    assert ratios[good].max() > 2 > ratios[both].min()


def test_what_is_fitted_is_read_back_and_tells_the_classes_apart(tmp_path: Path) -> None:
    chosen, columns, bias = fitted(CORPUS, 1e-4, 5, BITS)
    written(tmp_path, chosen, columns, bias, {"rows": 60})
    read = LinearReader(tmp_path).log_probabilities(TEXTS)
    assert (read.argmax(1) == truth_of(CORPUS)).all()
    known = grams(TEXTS).known(chosen)
    logits = known.sums(columns) / known.roots[:, None] + bias
    told = read[:, [0, 2]] - read[:, 1:2]
    np.testing.assert_allclose(told, logits, rtol=0.05, atol=1)  # one byte keeps so much
    assert json.loads((tmp_path / "config.json").read_text("utf-8"))["madang"] == {"rows": 60}


def test_figures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    chances = rng.dirichlet([1, 1, 1], len(TEXTS)).astype(np.float32)
    found = figures(chances, CORPUS)
    truth = truth_of(CORPUS)
    expected = f1_score(truth, chances.argmax(1), average="macro")
    assert found["three_class_macro_f1"] == pytest.approx(expected, abs=1e-4)
    sure = truth != 1
    says = np.where(chances[:, 2] > chances[:, 0], 2, 0)
    assert found["two_class_accuracy"] == pytest.approx((says == truth)[sure].mean(), abs=1e-4)
    assert len(balanced(CORPUS, 5)) == 15


def test_the_better_reader_gets_the_weight_and_is_asked_of_the_share_that_is_said() -> None:
    truth = truth_of(CORPUS)
    right = np.log(np.full((len(TEXTS), 3), 0.1) + 0.7 * np.eye(3)[truth]).astype(np.float32)
    blind = np.log(np.random.default_rng(3).dirichlet([5, 5, 5], len(TEXTS))).astype(np.float32)
    by_teacher, by_student = best(right, blind, CORPUS, 0.3), best(blind, right, CORPUS, 0.3)
    unmarked = is_marked(TEXTS)
    assert by_teacher.teacher >= 0.8 and by_student.teacher <= 0.2
    assert cascaded(by_teacher, right, blind, unmarked)[1] == pytest.approx(0.3, abs=0.05)
    assert by_student.alone < 1, "whose word is always right may be surer than it is"


def test_posts_that_are_oftener_read_wrong_are_read_less_surely() -> None:
    words = [*(f"#신상 {i}번째 후기" for i in range(400)), *(f"{i}번째 후기" for i in range(400))]
    truth = np.arange(800) % 3
    said = np.where((np.arange(800) % 5 < 2) & is_marked(words), (truth + 1) % 3, truth)
    sure = np.log(np.full((800, 3), 0.05) + 0.85 * np.eye(3)[said]).astype(np.float32)
    data = Corpus(words, np.eye(3, dtype=np.float32)[truth], np.zeros(800, np.int8))
    found = best(sure, sure, data, 0.3)
    assert found.marked > 1.5 > found.alone
    few = data.take(np.arange(200, 800))
    assert best(sure[200:], sure[200:], few, 0.3).marked == 1, "too few posts to tell from"
    chances, _ = cascaded(found, sure, sure, is_marked(words))
    assert chances[:400].max() < chances[400:].max()
