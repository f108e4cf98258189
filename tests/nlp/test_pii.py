"""Personal data is masked, numbers of every other kind are not, and long texts stay linear."""

import random
import time

import pyarrow as pa
import pytest

from nlp.pii import mask, mask_text, passes_luhn

MASKED = [
    ("연락주세요 010-1234-5678 입니다", "연락주세요 [phone] 입니다"),
    ("01012345678로 전화", "[phone]로 전화"),
    ("010 1234 5678", "[phone]"),
    ("010.1234.5678", "[phone]"),
    ("０１０－１２３４－５６７８", "[phone]"),
    ("011-234-5678 옛 번호", "[phone] 옛 번호"),
    ("(02)123-4567", "[phone]"),
    ("매장 031-1234-5678.", "매장 [phone]."),
    ("안심번호 0507-1234-5678", "안심번호 [phone]"),
    ("070-1234-5678", "[phone]"),
    ("전화 0212345678", "전화 [phone]"),
    ("+82 10-1234-5678", "[phone]"),
    ("+821012345678", "[phone]"),
    ("call +1 (415) 555-0132 now", "call [phone] now"),
    ("+44 20 7946 0958", "[phone]"),
    ("call me at 415-555-0132", "call me at [phone]"),
    ("hong.gildong+x@naver.com으로 보내 주세요", "[email]으로 보내 주세요"),
    ("메일:kim@company.co.kr.", "메일:[email]."),
    ("4111-1111-1111-1111 카드", "[card] 카드"),
    ("4111111111111111", "[card]"),
    ("3782 822463 10005", "[card]"),
    ("900101-1234567", "[id]"),
    ("900101-1******", "[id]"),
    ("주민번호 9001011234567", "주민번호 [id]"),
    ("연락처 010-1234-5678, a@b.kr", "연락처 [phone], [email]"),
]

KEPT = [
    "갤럭시 SM-G991N 샀어요",
    "가격 1,234,000원, 할인해서 990000원",
    "2024-11-22 10:11:12에 주문",
    "2024.11.22~2024.12.31 행사",
    "주문번호 2024112212345678",
    "주문 20241122-1234567",
    "고객센터 1588-1234",
    "운송장 123456789012",
    "사업자 123-45-67890",
    "조회수 +1000000, 팔로워 12345678명",
    "4111-1111-1111-1112",  # does not pass the check
    "ISBN 978-89-1234-567-8",
    "모델 AB01012345678",
    "1234567890123",
    "0.1234567890123",
    "37.5665, 126.9780",
    "2,010 1234 5678",
    "192.168.100.200",
    "@마당 @갤럭시",
]


@pytest.mark.parametrize(("given", "expected"), MASKED)
def test_personal_data_is_masked(given: str, expected: str) -> None:
    assert mask(pa.array([given])).to_pylist() == [expected]


@pytest.mark.parametrize("given", KEPT)
def test_other_numbers_stay(given: str) -> None:
    assert mask(pa.array([given])).to_pylist() == [given]


def test_type_chunks_and_nulls_are_kept() -> None:
    chunks = pa.chunked_array([["좋아요", None], [], ["010-1234-5678"]], pa.large_string())
    found = mask(chunks)
    assert found.type == pa.large_string()
    assert found.num_chunks == 3
    assert found.to_pylist() == ["좋아요", None, "[phone]"]
    clean = pa.array(["좋아요", "별로예요"])
    assert mask(clean) is clean


def test_masking_again_changes_nothing() -> None:
    once = mask(pa.array([given for given, _ in MASKED]))
    assert mask(once).equals(once)


def test_every_mobile_number_in_every_spelling() -> None:
    dice = random.Random(5)
    for _ in range(500):
        parts = ["010", f"{dice.randrange(10000):04}", f"{dice.randrange(10000):04}"]
        text = dice.choice(["-", " ", ".", "", " - "]).join(parts)
        assert mask_text(f"문의는 {text} 으로") == "문의는 [phone] 으로"


def test_every_card_number_that_passes_the_check() -> None:
    dice = random.Random(6)
    for _ in range(200):
        head = "4" + "".join(dice.choices("0123456789", k=14))
        number = next(head + d for d in "0123456789" if passes_luhn(head + d))
        spaced = " ".join(number[i : i + 4] for i in range(0, 16, 4))
        assert mask_text(f"카드 {spaced}") == "카드 [card]"


@pytest.mark.parametrize(
    "unit", ["1", "1-", "a@", "@", "010-", "tel ", "+1 ", "a.", "전화", "010  "]
)
def test_a_long_text_is_done_in_linear_time(unit: str) -> None:
    """Twenty times the text may not take a hundred times as long (what is quadratic takes 400)."""
    spent = []
    for length in (5_000, 100_000):
        text = (unit * length)[:length]
        began = time.process_time()
        mask_text(text)
        spent.append(time.process_time() - began)
    assert spent[1] < 100 * max(spent[0], 0.002)
