"""Outputs of other people's classifiers, put in our three classes."""

from pathlib import Path

import numpy as np
import pytest

from nlp.errors import NlpError
from nlp.labels import Floats, meaning_of

FOLDER = Path("some-model")


def read(labels: list[str], chances: list[float]) -> Floats:
    config = {"id2label": {str(i): label for i, label in enumerate(labels)}}
    outputs = np.log(np.array([chances], np.float32))
    found: Floats = np.exp(meaning_of(config, FOLDER).log_probabilities(outputs))[0]
    return found


def test_three_classes_in_any_order_and_language() -> None:
    np.testing.assert_allclose(
        read(["Positive", "neutral", "NEGATIVE"], [0.7, 0.2, 0.1]), [0.1, 0.2, 0.7], atol=1e-5
    )
    np.testing.assert_allclose(
        read(["부정", "중립", "긍정"], [0.1, 0.2, 0.7]), [0.1, 0.2, 0.7], atol=1e-5
    )


def test_stars_are_summed() -> None:
    stars = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
    found = read(stars, [0.05, 0.1, 0.15, 0.3, 0.4])
    np.testing.assert_allclose(found, [0.15, 0.15, 0.7], atol=1e-5)


def test_two_classes_leave_their_doubt_to_neutral() -> None:
    doubtful = read(["negative", "positive"], [0.5, 0.5])
    sure = read(["negative", "positive"], [0.01, 0.99])
    assert doubtful.sum() == pytest.approx(1) and sure.sum() == pytest.approx(1)
    assert doubtful[1] == pytest.approx(0.5) and doubtful[0] == pytest.approx(doubtful[2])
    assert sure[2] > 0.97 and sure[1] < 0.02


@pytest.mark.parametrize("labels", [["LABEL_0", "LABEL_1"], ["joy", "anger"], ["neutral"], []])
def test_labels_that_tell_no_sentiment_are_named(labels: list[str]) -> None:
    with pytest.raises(NlpError, match="id2label"):
        read(labels, [1 / max(1, len(labels))] * len(labels))
