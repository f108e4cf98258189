"""Spam and sponsored texts with their traps, held to a floor."""

from pathlib import Path

import numpy as np
import pytest

from nlp.spam import SPAM, spam, sponsored
from nlp.texts import readable, strings

SENTENCES = Path(__file__).parent / "data" / "spam.tsv"
FLOOR = {"precision": 0.9, "recall": 0.8}


def rows(half: str) -> list[list[str]]:
    lines = [line.split("\t") for line in SENTENCES.read_text("utf-8").splitlines()[1:]]
    return [line[1:] for line in lines if line[0] == half]


def scores(*raw: str) -> np.ndarray:
    return spam(strings(readable(list(raw))), raw)


@pytest.mark.parametrize("half", ["tune", "held"])
@pytest.mark.parametrize("what", ["spam", "sponsored"])
def test_they_are_found_and_traps_are_not(half: str, what: str) -> None:
    given = rows(half)
    raw = [text for _, _, text in given]
    clean = strings(readable(raw))
    if what == "spam":
        truth = np.array([label == "spam" for label, _, _ in given])
        said = spam(clean, raw) >= SPAM
    else:
        truth = np.array([origin == "sponsored" for _, origin, _ in given])
        said = sponsored(clean)
    right = (said & truth).sum()
    assert right / said.sum() >= FLOOR["precision"]
    assert right / truth.sum() >= FLOOR["recall"]


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("소정의 원고료를 받아 작성한 글입니다", True),
        ("업체에서 제품을 제공받아 솔직하게 작성했습니다", True),
        ("내돈내산이라 솔직하게 씁니다. 원고료 받은 글 아니에요", False),
        ("협찬 아님, 제 돈 주고 샀어요", False),
        ("내돈내산 아님! 제품을 협찬받아 썼어요", True),
        ("광고 보고 샀어요", False),
        ("#ad new serum", True),
        ("this is not an ad", False),
    ],
)
def test_what_a_writer_says_of_being_paid_is_believed(text: str, truth: bool) -> None:
    assert sponsored([text]).tolist() == [truth]


def test_links_and_hashtags_are_counted_in_the_raw_text() -> None:
    links = "좋은 정보 http://a.kr http://b.kr http://c.kr"
    tags = "오늘의 옷 " + " ".join(f"#태그{i}" for i in range(20))
    found = scores(links, tags, "안내 http://a.kr", "#데일리룩 #가을 니트")
    assert (found[:2] >= SPAM).all()
    assert (found[2:] < SPAM).all()


def test_a_phrase_over_and_over_is_spam_and_laughter_is_not() -> None:
    found = scores("당일대출" * 8, "ㅋㅋ" * 40, "너무너무 좋아요", "우와" + "아" * 50)
    assert (found >= SPAM).tolist() == [True, False, False, False]


def test_no_texts_and_hostile_texts_are_answered() -> None:
    assert len(spam([], [])) == 0
    assert len(sponsored([])) == 0
    raw = ["", "😀", "#" * 100_000, "가" * 100_000, "\ud83d 협찬", "http://" * 20_000, "\u202e"]
    clean = strings(readable(raw))
    found = spam(clean, raw)
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()
    assert sponsored(clean).tolist() == [False] * len(raw)
