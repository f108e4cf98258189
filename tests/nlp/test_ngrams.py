"""Hashed n-grams, checked against a plain loop over the letters."""

import unicodedata

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.ngrams import BITS, LONGEST, SHORTEST, Grams, grams


def letters_of(text: str) -> set[str]:
    """All n-grams of a text by a loop, as the module says them."""
    spelled = unicodedata.normalize("NFD", f" {text} ".lower())
    return {
        spelled[at : at + size]
        for size in range(SHORTEST, LONGEST + 1)
        for at in range(len(spelled) - size + 1)
    }


def of(found: Grams, row: int) -> set[int]:
    return set(found.hashes[found.starts[row] : found.starts[row + 1]].tolist())


def test_every_ngram_is_found_once() -> None:
    texts = ["배송이 빨라요", "배송이 빨라요 배송이 빨라요", "Great phone!", "ㅋㅋㅋㅋㅋ"]
    found = grams(texts)
    for row, text in enumerate(texts):
        assert len(of(found, row)) == len(letters_of(text)), text
    assert of(found, 0) <= of(found, 1), "what is said twice holds what is said once"


def test_words_share_what_their_letters_share() -> None:
    found = grams(["좋았다", "좋아요", "나쁘다"])
    alike = len(of(found, 0) & of(found, 1))
    assert alike == len(letters_of("좋았다") & letters_of("좋아요")) > 5
    assert len(of(found, 0) & of(found, 2)) < alike


@settings(deadline=None)
@given(st.lists(st.text(), max_size=6))
def test_a_text_is_hashed_alike_alone_and_in_company(texts: list[str]) -> None:
    together = grams(texts)
    assert len(together) == len(texts)
    for row, text in enumerate(texts):
        assert of(together, row) == of(grams([text]), 0)
    assert (together.hashes >= 0).all() and (together.hashes < 1 << BITS).all()


def test_sums_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(1)
    found = grams(["정말 좋아요", "", "별로예요", "\ud800"])
    for bits in (16, BITS):
        weights = rng.normal(size=(1 << bits, 2)).astype(np.float32)
        expected = [
            weights[[h >> (BITS - bits) for h in sorted(of(found, row))]].sum(0) for row in range(4)
        ]
        assert np.allclose(found.sums(weights), expected, atol=1e-3)


def test_some_rows_in_another_order() -> None:
    texts = ["배터리가 오래가요", "", "액정이 깨졌어요", "good"]
    chosen = grams(texts).take(np.array([2, 0, 1]))
    for row, text in enumerate(["액정이 깨졌어요", "배터리가 오래가요", ""]):
        assert of(chosen, row) == of(grams([text]), 0)


def test_no_texts() -> None:
    assert len(grams([])) == 0
    assert grams([]).sums(np.ones((1 << 16, 3), np.float32)).shape == (0, 3)
