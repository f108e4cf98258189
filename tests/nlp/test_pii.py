"""Personal data is masked, numbers of every other kind are not, and long texts stay linear."""

import random
import re
from re import _constants as signs  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.pii import Case, cases, judged, traps
from nlp.pii import LABELS, RULES, mask, mask_text, passes_luhn
from nlp.pii.rules import Rule

MASKED = [
    ("연락주세요 010-1234-5678 입니다", "연락주세요 [phone] 입니다"),
    ("01012345678로 전화", "[phone]로 전화"),
    ("010 1234 5678", "[phone]"),
    ("010.1234.5678", "[phone]"),
    ("０１０－１２３４－５６７８", "[phone]"),
    ("0 1 0 1 2 3 4 5 6 7 8", "[phone]"),
    ("010ㅡ1234ㅡ5678", "[phone]"),
    ("공일공에 일이삼사에 오육칠팔로 연락", "[phone]로 연락"),
    ("010-일이삼사-오육칠팔", "[phone]"),
    ("O1O-1234-5678", "[phone]"),
    ("010\u200b-1234-\u200b5678", "[phone]"),
    ("(010-1234-5678)", "([phone])"),
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
    ("07700 900123 after six", "[phone] after six"),
    ("hong.gildong+x@naver.com으로 보내 주세요", "[email]으로 보내 주세요"),
    ("메일:kim@company.co.kr.", "메일:[email]."),
    ("hong골뱅이네이버닷컴 으로요", "[email] 으로요"),
    ("hong 골뱅이 naver.com", "[email]"),
    ("hong(at)naver.com", "[email]"),
    ("write to hong at naver dot com", "write to [email]"),
    ("4111-1111-1111-1111 카드", "[card] 카드"),
    ("4111111111111111", "[card]"),
    ("3782 822463 10005", "[card]"),
    ("900101-1234567", "[id]"),
    ("900101-1******", "[id]"),
    ("주민번호 9001011234567", "주민번호 [id]"),
    ("850315-5678901 외국인입니다", "[id] 외국인입니다"),
    ("9001011234566", "[id]"),  # random since 2020: the check digit would be 8
    ("여권번호 M123A4567", "여권번호 [id]"),
    ("운전면허 11-22-333333-44", "운전면허 [id]"),
    ("my SSN is 123-45-6789", "my SSN is [id]"),
    ("국민은행 123456-78-901234 김민지", "국민은행 [account] 김민지"),
    ("카카오뱅크 3333-01-1234567", "카카오뱅크 [account]"),
    ("110-123-456789 신한은행", "[account] 신한은행"),
    ("환불 계좌: 농협 3010123456781", "환불 계좌: 농협 [account]"),
    ("IBAN GB29 NWBK 6016 1331 9268 19", "IBAN [account]"),
    ("서울시 강남구 테헤란로 123, 101동 202호", "서울시 강남구 [address]"),
    ("경기 성남시 분당구 판교역로 166번길 15 (백현동) 3층", "경기 성남시 분당구 [address]"),
    ("주소는 역삼동 123-4 입니다", "주소는 [address] 입니다"),
    ("양평군 서종면 문호리 산 12-3번지", "양평군 서종면 [address]"),
    ("래미안아파트 101동 1203호 앞에 두세요", "[address] 앞에 두세요"),
    ("테헤란로 123으로 보내주세요", "[address]으로 보내주세요"),
    ("221B Baker Street, London", "[address], London"),
    ("I live at 12 high street", "I live at [address]"),
    ("차주 12가 3456", "차주 [plate]"),
    ("123가4567 차 빼주세요", "[plate] 차 빼주세요"),
    ("서울 12가 3456", "[plate]"),
    ("licence plate AB12 CDE", "licence plate [plate]"),
    ("연락처 010-1234-5678, a@b.kr", "연락처 [phone], [email]"),
]

KEPT = [
    "갤럭시 SM-G991N 샀어요",
    "소니 WF-1000XM5, 냉장고 RF85C9001AP",
    "가격 1,234,000원, 할인해서 990000원",
    "2024-11-22 10:11:12에 주문",
    "2024.11.22~2024.12.31 행사",
    "주문번호 2024112212345678",
    "주문 20241122-1234567",
    "주문번호 9001011234567",
    "주문번호: 123-45-6789",
    "고객센터 1588-1234",
    "전화 1588-1234, 080-123-4567",
    "운송장 123456789012",
    "CJ대한통운 송장번호 010123456789",
    "사업자 123-45-67890",
    "법인등록번호 110111-0123456",
    "조회수 +1000000, 팔로워 12345678명",
    "4111-1111-1111-1112",  # does not pass the check
    "ISBN 978-89-1234-567-8",
    "8801234567890",  # a barcode: nobody was born in 2088
    "1732233600000",  # a moment in milliseconds
    "모델 AB01012345678",
    "1234567890123",
    "0.1234567890123",
    "37.5665, 126.9780",
    "2,010 1234 5678",
    "192.168.100.200",
    "버전 10.0.19045.3448",
    "@마당 @갤럭시",
    "골뱅이무침 15,000원",
    "look at apple.com",
    "looked at the dot com bubble",
    "서울시 강남구 역삼동 맛집 10곳",
    "별로 10점, 무료로 3개, 택배로 2일",
    "운동 10-20회",
    "판도라로 10번 이상 봤어요",
    "역삼역 2-3번 출구",
    "100배 1000배 낫다",
    "10 minutes down the road",
    "Top 10 Street Foods",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "96e41bac-a815-411c-a019-72189614cd8a",
    "https://shop.example.com/goods/9001011234567",
]


@pytest.mark.parametrize(("given", "expected"), MASKED)
def test_personal_data_is_masked(given: str, expected: str) -> None:
    assert mask(pa.array([given])).to_pylist() == [expected]


@pytest.mark.parametrize("given", KEPT)
def test_other_numbers_stay(given: str) -> None:
    assert mask_text(given) == given
    assert mask(pa.array([given])).to_pylist() == [given]


def test_type_chunks_and_nulls_are_kept() -> None:
    chunks = pa.chunked_array([["좋아요", None], [], ["010-1234-5678"]], pa.large_string())
    found = mask(chunks)
    assert found.type == pa.large_string()
    assert found.num_chunks == 3
    assert found.to_pylist() == ["좋아요", None, "[phone]"]
    clean = pa.array(["좋아요", "별로예요"])
    assert mask(clean) is clean


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


@pytest.mark.parametrize("final", [False, True])
def test_recall_and_precision_over_sentences_with_traps(final: bool) -> None:
    dice = random.Random(20)
    told = cases(dice, 750, final) + traps(dice, 750, final)
    score, wrong, _ = judged(told)
    assert score.told["recall"] >= 0.99, wrong
    assert score.told["precision"] >= 0.98, wrong


def test_the_score_counts_what_is_missed_and_what_is_masked_for_nothing() -> None:
    told = [
        Case("mobile", "010-1234-5678", "[phone]"),
        Case("mobile", "영영칠", "[phone]"),  # nothing finds it
        Case("trap", "900101-1234567", "900101-1234567"),  # and this is masked
    ]
    score, wrong, _ = judged(told)
    assert score.told == {"recall": 0.5, "precision": 0.5}
    assert set(wrong) == {"mobile", "trap"}


def test_the_column_finds_every_row_that_a_rule_would_mask() -> None:
    made = [case.text for case in cases(random.Random(8), 1500, final=False)]
    assert mask(pa.array(made)).to_pylist() == [mask_text(text) for text in made]


PIECES = st.sampled_from(
    [
        *("010", "-", "1234", "5678", " ", "@", "naver.com", "국민은행", "테헤란로", "역삼동"),
        *(
            "101동",
            "202호",
            "가",
            "12",
            "골뱅이",
            "서울시 ",
            "강남구 ",
            "여권 ",
            "M12345678",
            "SSN ",
        ),
        *(
            "SSN ",
            "(",
            ")",
            ".",
            "\n",
            "\u200b",
            "a",
            "900101",
            "1234567",
            "주문번호 ",
            "Baker Street",
        ),
        *LABELS,
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_masking_twice_gives_what_masking_once_gave(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises_and_no_digit_is_made(text: str) -> None:
    masked = mask_text(text)
    assert sum(sign.isdigit() for sign in masked) <= sum(sign.isdigit() for sign in text)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.label}{RULES.index(rule)}")
def test_no_pattern_can_take_more_than_linear_time(rule: Rule) -> None:
    """Every find is of bounded width, and no repetition of any length stands within another."""
    tree = parser.parse(rule.pattern.pattern, rule.pattern.flags)
    assert tree.getwidth()[1] <= 600
    assert not list(_unbounded(tree))


def _unbounded(tree: Any) -> Any:
    for kind, value in tree:
        if kind in (signs.MAX_REPEAT, signs.MIN_REPEAT):
            if value[1] == signs.MAXREPEAT:
                yield value
            yield from _unbounded(value[2])
        elif kind is signs.SUBPATTERN:
            yield from _unbounded(value[3])
        elif kind is signs.BRANCH:
            for each in value[1]:
                yield from _unbounded(each)
        elif kind in (signs.ASSERT, signs.ASSERT_NOT):
            yield from _unbounded(value[1])


def test_an_unbounded_pattern_would_be_noticed() -> None:
    assert list(_unbounded(parser.parse(re.compile(r"(?:a+b){2}").pattern)))


@pytest.mark.parametrize(
    "unit", ["1", "1-", "a@", "@", "010-", "tel ", "+1 ", "a.", "전화", "010  ", "가로1", "서울시 "]
)
def test_a_long_text_is_read_to_its_end(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    assert mask_text(f"{text}\n메일 hong@naver.com 입니다").endswith("메일 [email] 입니다")
