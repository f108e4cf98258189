"""The student reads all, the teacher what is in doubt, and what they say is averaged."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nlp.cascade import Cascade, Pairing, is_marked, read_pairings, write_pairings
from nlp.errors import NlpError
from nlp.ngrams import grams
from nlp.sentiment import Floats


class Says:
    """A reader that knows its texts by heart, and remembers of which it was asked."""

    def __init__(self, chances: dict[str, tuple[float, float, float]]) -> None:
        self.chances = chances
        self.asked: list[str] = []

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        return np.log(np.array([self.chances[text] for text in texts], np.float32)).reshape(-1, 3)


SURE, DOUBT, ENGLISH = "최고예요", "글쎄요", "hmm"
STUDENT = {SURE: (0.02, 0.03, 0.95), DOUBT: (0.3, 0.4, 0.3), ENGLISH: (0.3, 0.4, 0.3)}
TEACHER = {SURE: (0.9, 0.05, 0.05), DOUBT: (0.8, 0.1, 0.1), ENGLISH: (0.1, 0.1, 0.8)}
TEXTS, CODES = [SURE, DOUBT, ENGLISH], ["ko", "ko", "en"]


def test_only_the_doubtful_reach_the_teacher() -> None:
    teacher = Says(TEACHER)
    pairings = {"ko": Pairing(teacher=0.5, surety=0.8), "en": Pairing(surety=0.1)}
    read = Cascade(Says(STUDENT), teacher, pairings).read(TEXTS, CODES, grams(TEXTS))
    assert teacher.asked == [DOUBT]
    np.testing.assert_allclose(read.shipped[0], STUDENT[SURE], rtol=1e-5)
    both = np.sqrt(np.array(STUDENT[DOUBT]) * TEACHER[DOUBT])
    np.testing.assert_allclose(read.shipped[1], both / both.sum(), rtol=1e-5)
    np.testing.assert_allclose(read.shipped[2], STUDENT[ENGLISH], rtol=1e-5)
    assert np.isnan(read.transformer[[0, 2]]).all() and not np.isnan(read.transformer[1]).any()


def test_a_pair_that_nobody_measured_believes_the_teacher() -> None:
    read = Cascade(Says(STUDENT), Says(TEACHER), {}).read(TEXTS, CODES, grams(TEXTS))
    assert read.shipped.argmax(1).tolist() == [2, 0, 2]


def test_temperature_makes_less_sure_and_changes_no_order() -> None:
    student = np.log(np.array([STUDENT[SURE]], np.float32))
    cool, warm = Pairing().by_student(student), Pairing(alone=2.0).by_student(student)
    assert warm.max() < cool.max()
    assert (warm.argsort() == cool.argsort()).all()
    assert Pairing(temperature=2.0).together(student, student).max() < cool.max()


def test_posts_are_read_less_surely_and_their_class_stays() -> None:
    posts = ["@shop love it #new", "I love it", "look: https://example.org", "5 € each; call me"]
    assert is_marked(posts).tolist() == [True, False, True, False]
    student = Says(dict.fromkeys(posts, (0.02, 0.03, 0.95)))
    teacher = Says(dict.fromkeys(posts, (0.3, 0.1, 0.6)))
    alone, both = Pairing(surety=0, marked=1.5), Pairing(surety=1, marked=1.5)
    for pairing in (alone, both):
        read = Cascade(student, teacher, {"en": pairing}).read(posts, ["en"] * 4, grams(posts))
        sure = read.shipped.max(1)
        assert sure[0] == sure[2] < sure[1] == sure[3]
        assert (read.shipped.argmax(1) == 2).all()
        np.testing.assert_allclose(read.shipped.sum(1), 1, rtol=1e-5)


def test_pairings_are_read_as_written(tmp_path: Path) -> None:
    pairings = {"ko": Pairing(0.4, 1.1, 0.9, 0.7, 1.2), "en": Pairing(0.8)}
    write_pairings(tmp_path / "cascade.json", pairings, {"ko": {"rows": 1}})
    assert read_pairings(tmp_path / "cascade.json") == pairings


@pytest.mark.parametrize("content", ["{}", '{"languages": {"ko": {"teacher": "much"}}}', "[]"])
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "cascade.json").write_text(content)
    with pytest.raises(NlpError, match="cascade"):
        read_pairings(tmp_path / "cascade.json")


def test_nothing_to_read() -> None:
    read = Cascade(Says({}), Says({}), {}).read([], [], grams([]))
    assert read.shipped.shape == (0, 3)
