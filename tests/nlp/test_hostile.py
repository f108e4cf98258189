"""Texts made or happening to mislead: each gets a sensible annotation or none, never an error."""

from typing import Any

import pyarrow as pa
import pytest

from nlp import intents, texts
from nlp.annotate import SCHEMA, Annotator
from nlp.emotions import EMOTIONS

LONG = 100_000
SENTENCE = "배송은 빨랐지만 포장이 엉망이라 환불했어요. "
HOSTILE: dict[str, str | None] = {
    "null": None,
    "empty": "",
    "blanks": " \t\n\u3000\u00a0" * 50,
    "one emoji": "😀",
    "a family of joined emoji": "👨‍👩‍👧‍👦" * 300,
    "only emoji": "🔥" * LONG,
    "one letter": "a" * LONG,
    "one syllable": "가" * LONG,
    "laughter": "ㅋ" * LONG,
    "jamo apart": "\u1100\u1161\u11a8" * 20_000,
    "no spaces": "배송이너무늦어서환불했어요다시는안삽니다" * 3_000,
    "a long review": SENTENCE * 4_000,
    "one long word of another script": "д" * LONG,
    "open brackets": "(" * LONG,
    "angles": "<" * LONG,
    "open tags": "<a href=" * 10_000,
    "nested markup": "<div>" * 1_000 + "최고예요" + "</div>" * 1_000,
    "comments": "<!--" * 20_000,
    "script": "<script>alert('최고')</script><b>배송이 빨라요</b>",
    "entities": "&amp;" * 20_000,
    "broken entities": "&#x110000;&#55296;&#xD800;&#0;&lt" * 50,
    "phone numbers": "01012345678" * 9_000,
    "digits": "1" * LONG,
    "card numbers": "4111-1111-1111-1111 " * 5_000,
    "at signs": "a@" * 50_000,
    "dots": "a." * 50_000,
    "hyphens": "-" * LONG,
    "quotes": "\"'" * 50_000,
    "backslashes": "\\" * LONG,
    "sql": "'; DROP TABLE mentions; --",
    "only links": "https://example.com/a?b=c www.example.com/d " * 300,
    "one long link": "https://example.com/" + "a" * LONG,
    "hashtags": "#환불 " * 5_000,
    "mentions": "@누군가 " * 5_000,
    "zero-width joiners": "배\u200d송\u200b이 늦\u2060어\ufeff요 " * 500,
    "only zero-width": "\u200b\u200d\u2060" * 10_000,
    "combining marks": "e" + "\u0301" * LONG,
    "marks on Hangul": "좋\u0323\u0301아요 " * 5_000,
    "right-to-left override": "\u202e요아좋 이송배\u202c 배송이 늦어요",
    "Arabic": "التوصيل متأخر جدا والمنتج سيئ",
    "null characters": "배송\x00이\x00 늦어요\x00" * 100,
    "control characters": "".join(map(chr, range(32))) + "배송이 늦어요",
    "half surrogates": "배송이 \ud83d늦어요 \udc00",
    "only a half surrogate": "\ud800",
    "private use and non-characters": "\ue000\uffff\U0010ffff" * 100,
    "Hanja": "配送이 너무 늦어서 失望했습니다. 大韓民國 萬歲",
    "only Hanja": "大韓民國萬歲" * 1_000,
    "Japanese": "配送がとても早くて、とても満足しています",
    "mixed scripts": "배송 is 너무 遅い и плохо, قيمة جيدة?",
    "full width": "Ｔｈｅ ｄｅｌｉｖｅｒｙ ｗａｓ ｌａｔｅ １２３４",
    "mathematical letters": "𝕋𝕙𝕖 𝕕𝕖𝕝𝕚𝕧𝕖𝕣𝕪 𝕨𝕒𝕤 𝕝𝕒𝕥𝕖",
    "many lines": "배송\n" * 30_000,
    "many sentences": "네. " * 30_000,
    "negations": "안 " * 30_000 + "좋아요",
    "contrasts": "좋지만 " * 20_000,
    "labels of ours": "[phone] [email] [address] [id]",
}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def read() -> dict[str, Row]:
    table = pa.table({"text": texts.column(list(HOSTILE.values()))})
    annotated = Annotator().annotate(table)
    assert annotated.schema.equals(SCHEMA)
    return dict(zip(HOSTILE, annotated.to_pylist(), strict=True))


@pytest.mark.parametrize("kind", HOSTILE)
def test_every_value_is_sensible(read: dict[str, Row], kind: str) -> None:
    row = read[kind]
    stored = texts.column([HOSTILE[kind]])[0].as_py()
    assert row["sentiment"] in {"negative", "neutral", "positive", "unknown"}
    known = row["sentiment"] != "unknown"
    chances = [row["p_negative"], row["p_neutral"], row["p_positive"]]
    if known:
        assert sum(chances) == pytest.approx(1, abs=1e-4)
        assert row["score"] == pytest.approx(chances[2] - chances[0], abs=1e-5)
    else:
        assert chances == [None, None, None]
        assert row["score"] is None
    for share in ("toxicity", "spam"):
        assert row[share] is None or 0 <= row[share] <= 1
    for found in (*row["aspects"], *row["entities"]):
        assert 0 <= found["start"] < found["end"] <= len(stored)
    for aspect in row["aspects"]:
        assert aspect["polarity"] in {"negative", "neutral", "positive"}
        assert -1 <= aspect["score"] <= 1
    said = {intent.partition(":")[0] for intent in row["intents"]}
    assert said <= set(intents.INTENTS)
    assert set(row["emotions"]) <= set(EMOTIONS)
    assert all(term["lemma"] and term["tag"] for term in row["terms"])


@pytest.mark.parametrize(
    "kind",
    [
        *("null", "empty", "blanks", "one emoji", "open brackets", "hyphens", "digits"),
        *("only links", "only zero-width", "only a half surrogate", "Arabic", "only emoji"),
        *("one long word of another script", "comments", "backslashes"),
    ],
)
def test_what_says_nothing_that_we_read_is_unknown(read: dict[str, Row], kind: str) -> None:
    assert read[kind]["sentiment"] == "unknown"


@pytest.mark.parametrize(
    ("kind", "sentiment"),
    [
        ("a long review", "negative"),
        ("no spaces", "negative"),
        ("zero-width joiners", "negative"),
        ("null characters", "negative"),
        ("control characters", "negative"),
        ("nested markup", "positive"),
        ("script", "positive"),
    ],
)
def test_what_can_be_read_is_read(read: dict[str, Row], kind: str, sentiment: str) -> None:
    assert read[kind]["lang"] == "ko"
    assert read[kind]["sentiment"] == sentiment


@pytest.mark.parametrize("kind", ["a long review", "many sentences", "hashtags", "no spaces"])
def test_what_is_kept_of_a_long_text_is_bounded(read: dict[str, Row], kind: str) -> None:
    row = read[kind]
    assert len(row["terms"]) <= 20_000
    assert len(row["aspects"]) + len(row["entities"]) <= 20_000
