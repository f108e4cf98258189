"""Copies are near, other texts are far, and the columns agree with SimHash done one by one."""

import itertools

import numpy as np
import pytest

from nlp.fingerprint import NEAR_COPY_BITS, SHORTEST, distance, fingerprints

REVIEW = "이 청소기는 흡입력이 좋지만 배터리가 삼십 분도 못 가서 매번 충전해야 합니다. 아쉬워요"
OTHER = "색상이 화면과 달라서 교환을 신청했는데 상담원이 친절하게 안내해 주셔서 만족합니다"


def near(left: str, right: str) -> int:
    one, two = fingerprints([left, right])
    return int(distance(np.array([one]), np.array([two]))[0])


@pytest.mark.parametrize(
    "copy",
    [
        REVIEW.replace(" ", ""),
        REVIEW + "!!!!",
        REVIEW + " https://example.com/event",
        f"<p>{REVIEW}</p>",
        REVIEW.replace("아쉬워요", "아쉬워요ㅠㅠㅠㅠ"),
        REVIEW.replace("삼십", "사십"),
        "철수님 " + REVIEW,
    ],
)
def test_copies_are_near(copy: str) -> None:
    assert near(REVIEW, copy) <= NEAR_COPY_BITS


def test_other_texts_are_far() -> None:
    assert near(REVIEW, OTHER) > 2 * NEAR_COPY_BITS


def test_short_texts_have_none() -> None:
    assert (
        fingerprints(["최고예요", "", "ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ", None, "😀" * 50]).tolist()
        == [0] * 5
    )
    assert fingerprints(["가나다라마바사아"[:SHORTEST]])[0] != 0


def mixed(first: str, second: str) -> int:
    """The hash of one pair in plain whole numbers."""
    full = 2**64 - 1
    value = ord(first) * 0x9E3779B97F4A7C15 & full
    value = (value ^ ord(second)) * 0xC2B2AE3D27D4EB4F & full
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & full
    value = (value ^ value >> 27) * 0x94D049BB133111EB & full
    return value ^ value >> 31


def test_the_columns_agree_with_simhash_one_text_at_a_time() -> None:
    letters = "배송이빠르고포장도꼼했어요다음에또살게"
    hashes = [mixed(*pair) for pair in itertools.pairwise(letters)]
    expected = 0
    for bit in range(64):
        ones = sum(value >> bit & 1 for value in hashes)
        expected |= (2 * ones > len(hashes)) << bit
    for neighbours in ([letters], [OTHER, letters], [letters, "", OTHER]):
        assert expected in fingerprints(neighbours).tolist()


def test_slices_do_not_change_the_answer() -> None:
    many = [f"{REVIEW} 주문 {i * 7919} 번째" for i in range(5000)]
    together = fingerprints(many)
    assert together[4321] == fingerprints([many[4321]])[0]
    assert together.dtype == np.uint64
