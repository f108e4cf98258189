"""The format of Hu and Liu's reviews, and how a reader of terms is judged by it."""

from pathlib import Path

import pytest

from nlp.errors import NlpError
from nlp.evaluate_aspects import report, sentences

REVIEWS = """* Product name: a camera
[t]excellent picture quality / color
picture quality[+2], battery[-1][u]##the pictures are great but it dies soon .
##i bought it in may .
lenses[-3][cc], Auto-Focus[2]##its lenses are worse than those of my old one .
feature[s]##nothing is said of it .
"""


def written(folder: Path) -> Path:
    path = folder / "camera.txt"
    path.write_text(REVIEWS, "utf-8")
    return path


def test_lines_become_sentences_with_lemmas_and_signs(tmp_path: Path) -> None:
    read = sentences(written(tmp_path))
    assert [s.terms for s in read] == [
        {"picture quality": 1},
        {},
        {"lens": -1, "auto focus": 1},
        {},
    ]
    assert [set(s.absent) for s in read] == [{"battery"}, set(), set(), set()]
    assert read[0].text == "the pictures are great but it dies soon ."


def test_a_term_is_right_in_its_own_sentence_only(tmp_path: Path) -> None:
    given = sentences(written(tmp_path))
    found = [{"picture quality": 0.9, "battery": -0.4}, {"lens": -1.0}, {"lens": 0.5}, {}]
    judged = report(given, found)
    assert (judged.n, judged.absent) == (3, 1)
    # Two of the three found that could be there are right; the battery, [u], is not asked for.
    assert judged.terms.precision == pytest.approx(2 / 3, abs=1e-4)
    assert judged.terms.recall == pytest.approx(2 / 3, abs=1e-4)
    assert judged.terms.f1 == pytest.approx(2 / 3, abs=1e-4)
    assert (judged.polarity.n, judged.polarity.accuracy) == (2, 0.5)


def test_nothing_found_is_no_share_of_anything(tmp_path: Path) -> None:
    judged = report(sentences(written(tmp_path)), [{}, {}, {}, {}])
    assert judged.terms.precision is None
    assert judged.terms.recall == 0
    assert judged.polarity.accuracy is None


def test_a_file_of_another_kind_is_said(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no sentences here", "utf-8")
    with pytest.raises(NlpError, match=r"notes\.txt has no line with ##"):
        sentences(path)
