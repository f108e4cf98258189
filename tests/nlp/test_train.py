"""The training scripts that need no torch: splits by film, the fit, what they measure and write."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from nlp.sentiment import Combination, LinearReader, vectorizer
from nlp.train.combine import best
from nlp.train.corpus import STARS, Corpus, split_of
from nlp.train.linear import FEATURES, written
from nlp.train.measure import balanced, figures, truth_of

TEXTS = [
    *(f"정말 재미있고 좋았어요 {i}번 봤습니다" for i in range(20)),
    *(f"지루하고 돈 아까운 영화 {i}점" for i in range(20)),
    *(f"그저 그래요 볼만은 합니다 {i}" for i in range(20)),
]
STAR = np.repeat(np.array([10, 1, 6], np.int8), 20)
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


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(2**18, 3)), rng.normal(size=3)
    written(tmp_path, weight, bias, {"rows": 0})
    found = LinearReader(tmp_path).log_probabilities(TEXTS)
    logits = vectorizer(FEATURES).transform(TEXTS) @ weight + bias
    assert (found.argmax(1) == logits.argmax(1)).all()
    assert json.loads((tmp_path / "config.json").read_text("utf-8"))["madang"] == {"rows": 0}


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


def test_the_better_reader_gets_the_weight() -> None:
    truth = truth_of(CORPUS)
    right = np.log(np.full((len(TEXTS), 3), 0.1) + 0.7 * np.eye(3)[truth]).astype(np.float32)
    blind = np.log(np.random.default_rng(3).dirichlet([5, 5, 5], len(TEXTS))).astype(np.float32)
    sets = {"korean": CORPUS, "english": CORPUS}
    chosen = best({"korean": (right, blind), "english": (right, blind)}, sets)
    assert chosen.transformer >= 0.8
    assert isinstance(chosen, Combination)
