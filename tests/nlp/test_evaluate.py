"""The evaluation's figures, worked out again with scikit-learn and by hand."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, f1_score

from nlp.annotate import Annotator
from nlp.errors import NlpError
from nlp.evaluate import calibration_error, sentiment

DATA = Path(__file__).parents[2].parent / "shared" / "data"
TEXTS = [
    "최고의 영화였어요 강력 추천합니다",
    "시간 낭비 돈 낭비 최악이에요",
    "그냥 그래요 보통입니다",
    "Great product, I love it",
    "Awful, it stopped working",
    "재미있게 봤습니다",
    "",
]


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    return Annotator()


def test_ratings_are_judged_by_the_rules_of_two_and_of_three(annotator: Annotator) -> None:
    stars = [10, 1, 6, 9, 2, 8, 5]
    report = sentiment(annotator, TEXTS, stars=stars)
    chances = annotator.probabilities(TEXTS)
    two = [0, 1, 3, 4]
    said = [2 if chances[i, 2] > chances[i, 0] else 0 for i in two]
    truth = [2, 0, 2, 0]
    assert report.n == 7
    assert report.two_class.n == 4
    assert report.two_class.accuracy == pytest.approx(accuracy_score(truth, said), abs=1e-4)
    assert report.two_class.macro_f1 == pytest.approx(
        f1_score(truth, said, average="macro"), abs=1e-4
    )
    top = [int(row.argmax()) if row[0] == row[0] else -1 for row in chances]
    truth = [2, 0, 1, 2, 0, 2, 1]
    expected = f1_score(truth, top, average="macro", labels=[0, 1, 2])
    assert report.three_class.n == 7
    assert report.three_class.macro_f1 == pytest.approx(expected, abs=1e-4)
    assert report.texts_per_second is not None
    assert report.texts_per_second > 0


def test_labels_may_be_words_or_signs(annotator: Annotator) -> None:
    words = ["positive", "negative", "neutral", "positive", "Negative", "positive", None]
    signs = ["1", "-1", "0", "1", "-1", "1", ""]
    numbers = pa.array([1, -1, 0, 1, -1, 1, None])
    reports = [sentiment(annotator, TEXTS, labels=given) for given in (words, signs, numbers)]
    assert {report.n for report in reports} == {6}
    assert {report.two_class for report in reports} == {reports[0].two_class}
    assert reports[0].two_class.n == 5
    assert reports[0].three_class.n == 6


def test_one_language_alone(annotator: Annotator) -> None:
    report = sentiment(annotator, TEXTS, stars=[10, 1, 6, 9, 2, 8, 5], lang="en")
    assert report.n == 2
    assert report.two_class.n == 2


def test_what_cannot_be_had_is_null(annotator: Annotator) -> None:
    neutral = sentiment(annotator, TEXTS[:3], stars=[6, 7, 5]).as_dict()
    assert neutral["two_class"] == {"n": 0, "accuracy": None, "macro_f1": None}
    assert neutral["three_class"]["accuracy"] is not None
    assert neutral["three_class"]["macro_f1"] is None
    two_only = sentiment(annotator, TEXTS[:2], labels=["positive", "negative"])
    assert two_only.two_class.macro_f1 == 1.0
    assert two_only.three_class.n == 0
    assert two_only.three_class.accuracy is None
    none = sentiment(annotator, [], stars=[]).as_dict()
    assert none == {
        "n": 0,
        "two_class": {"n": 0, "accuracy": None, "macro_f1": None},
        "three_class": {"n": 0, "accuracy": None, "macro_f1": None},
        "calibration_error": None,
        "texts_per_second": None,
    }
    out_of_range = sentiment(annotator, TEXTS[:3], stars=[0, 11, float("nan")])
    assert out_of_range.n == 0


def test_calibration_by_hand() -> None:
    chances = np.array([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.5, 0.3, 0.2]], np.float32)
    truth = np.array([0, 0, 0])
    # The bin of .9 holds two of which one is right (.4 off), the bin of .5 one that is (.5 off).
    assert calibration_error(chances, truth) == pytest.approx((2 * 0.4 + 0.5) / 3, abs=1e-4)
    sure = np.array([[1.0, 0, 0]], np.float32)
    assert calibration_error(sure, np.array([0])) == 0
    assert calibration_error(np.full((1, 3), np.nan, np.float32), np.array([0])) is None


def test_wrong_labels_are_named(annotator: Annotator) -> None:
    with pytest.raises(NlpError, match="row 2: label 'sad'"):
        sentiment(annotator, TEXTS[:2], labels=["positive", "sad"])
    with pytest.raises(NlpError, match="one of the two"):
        sentiment(annotator, TEXTS)
    with pytest.raises(NlpError, match="one label for each"):
        sentiment(annotator, TEXTS, stars=[1])


@pytest.mark.skipif(not DATA.exists(), reason="the real reviews in ../shared/data are not here")
def test_real_reviews_of_unseen_films_are_read_well(annotator: Annotator) -> None:
    """A thousand reviews of films kept apart; the bounds leave three standard errors of room."""
    from nlp.train.corpus import split_of

    table = pq.read_table(
        DATA / "naver_movie_reviews.parquet", columns=["movie_id", "review", "rating"]
    )
    table = table.slice(400_000, 40_000)
    test = [split_of(film) == "test" for film in table["movie_id"].to_pylist()]
    table = table.filter(pa.array(test)).slice(0, 1000)
    report = sentiment(annotator, table["review"], stars=table["rating"])
    assert report.n == 1000
    assert report.two_class.accuracy is not None
    assert report.two_class.accuracy > 0.81
    assert report.calibration_error is not None
    assert report.calibration_error < 0.2
