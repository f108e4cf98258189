"""Language by letters: real habits of writing, mixed scripts, and texts that say nothing."""

import pyarrow as pa
import pytest

from nlp.language import languages

CASES = [
    ("배송이 너무 늦어서 화가 났어요", "ko"),
    ("ㅋㅋㅋㅋㅋ", "ko"),
    ("iPhone 15 Pro Max 256GB 좋아요", "ko"),
    ("Broke after two days, want my money back", "en"),
    ("I love 김치 so much", "en"),
    ("good", "en"),
    ("El producto es muy bueno pero la caja", "und"),
    ("これは本当に良い商品です", "ja"),
    ("这个产品很好用", "zh"),
    ("大韓民國", "zh"),
    ("Очень хороший товар", "und"),
    ("", "und"),
    ("😀", "und"),
    ("12,000원", "ko"),
    ("12345 !!", "und"),
    ("https://example.com/review?id=3 www.example.com", "und"),
    ("<p class='review'>배송 빨라요</p>", "ko"),
    ("\u202e\u200f거꾸로 쓴 글", "ko"),
    ("\ud800 반쪽 글자", "ko"),
]


@pytest.mark.parametrize(("text", "code"), CASES)
def test_one_text(text: str, code: str) -> None:
    assert languages([text]).to_pylist() == [code]


def test_a_column_keeps_its_order_and_its_nulls_are_undetermined() -> None:
    column = pa.chunked_array([["좋아요", None], ["fine, thanks", "좋아요"]])
    assert languages(column).to_pylist() == ["ko", "und", "en", "ko"]


def test_decomposed_hangul_is_korean() -> None:
    decomposed = "\u1107\u1162\u1109\u1169\u11bc"  # 배송 as macOS file names write it
    assert languages([decomposed]).to_pylist() == ["ko"]
