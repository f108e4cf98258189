"""Emotions: the mapping and figures in the document, the model's answers, and hostile texts."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from nlp.emotions import EMOTIONS, KOTE, EmotionReader, Floats
from nlp.errors import NlpError
from nlp.intents import INTENTS, LIFE_EVENTS
from nlp.ngrams import grams
from nlp.texts import readable, strings

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "nlp" / "models" / "emotions"
DOCUMENT = ROOT / "docs" / "meaning.md"
KOTE_FILE = ROOT.parent / "shared" / "data" / "kote" / "val.tsv"

GOOD, BAD, EVEN = (0.03, 0.07, 0.9), (0.9, 0.07, 0.03), (1 / 3, 1 / 3, 1 / 3)
UNEASY = (0.55, 0.3, 0.15)


@pytest.fixture(scope="module")
def reader() -> EmotionReader:
    return EmotionReader(MODEL)


def read(reader: EmotionReader, *given: tuple[str, tuple[float, ...]]) -> list[list[str]]:
    texts = strings(readable([text for text, _ in given]))
    chances: Floats = np.array([chances for _, chances in given], np.float32)
    return reader.emotions(grams(texts), chances, texts)


@pytest.mark.parametrize(
    ("text", "chances", "emotion"),
    [
        ("빠른 배송 정말 감사합니다 덕분에 잘 썼어요", GOOD, "gratitude"),
        ("아기 고양이 너무 귀여워요 ㅠㅠ 사랑스럽다", GOOD, "affection"),
        ("연기에 감동했습니다 최고의 배우예요 존경합니다", GOOD, "admiration"),
        ("다음 시즌이 너무 기대돼요 빨리 보고 싶다", GOOD, "anticipation"),
        ("아 진짜 짜증나네 고객센터 왜 이래 열받게", BAD, "anger"),
        ("기대했는데 실망이에요 너무 아쉽네요", BAD, "disappointment"),
        ("아이한테 해로울까 봐 너무 걱정되고 불안해요", UNEASY, "anxiety"),
        ("눈물이 나네요 너무 슬퍼요 ㅠㅠ", BAD, "sadness"),
        ("신나고 재밌어요 ㅋㅋㅋ 행복합니다", GOOD, "joy"),
        ("이거 조작 아닌가요 거짓말 같은데 믿을 수가 없네", BAD, "distrust"),
        ("Thank you so much, I am happy", GOOD, "gratitude"),
        ("I was so worried it would break", EVEN, "anxiety"),
        ("😡", EVEN, "anger"),
    ],
)
def test_an_emotion_that_is_put_into_words_is_read(
    reader: EmotionReader, text: str, chances: tuple[float, ...], emotion: str
) -> None:
    assert emotion in read(reader, (text, chances))[0]


def test_a_plain_report_carries_no_emotion(reader: EmotionReader) -> None:
    even = (0.1, 0.8, 0.1)
    found = read(reader, ("It arrived on Monday", even), ("영수증은 앱에서 받을 수 있습니다", even))
    assert found == [[], []]


def test_the_sentiment_and_a_negation_undo_english_words(reader: EmotionReader) -> None:
    happy, not_happy, bitter = read(
        reader,
        ("I am happy", GOOD),
        ("I am not happy", EVEN),
        ("thanks for nothing, so happy", BAD),
    )
    assert "joy" in happy
    assert "joy" not in not_happy
    assert "joy" not in bitter


def test_no_texts_and_hostile_texts_are_answered(reader: EmotionReader) -> None:
    assert reader.emotions(grams([]), np.zeros((0, 3), np.float32), []) == []
    nothing = (np.nan, np.nan, np.nan)
    hostile = ["", "漢字", "ㅋ" * 100_000, "가나다" * 30_000, "<b></b>", "https://a.kr", "\u202e"]
    found = read(reader, *((text, nothing) for text in hostile))
    assert len(found) == len(hostile)
    assert found[0] == []


def test_the_document_names_every_label_and_the_whole_mapping() -> None:
    text = DOCUMENT.read_text("utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| ([^|]*) \|", text, re.MULTILINE)
    mapped = {name: cell for name, cell in rows if name in EMOTIONS}
    numbers = {name: {int(n) for n in re.findall(r"\b(\d+) ", mapped[name])} for name in mapped}
    assert numbers == {name: set(labels) for name, labels in KOTE.items()}
    for name, labels in KOTE.items():
        for label in labels.values():
            assert label in mapped[name]
    named = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))
    assert named >= {*EMOTIONS, *INTENTS, *LIFE_EVENTS}


def test_the_figures_of_the_document_are_those_of_the_model() -> None:
    measured = json.loads((MODEL / "config.json").read_text("utf-8"))["madang"]["cross_validation"]
    text = DOCUMENT.read_text("utf-8")
    for figures in measured.values():
        row = f"{figures['macro_f1']:.3f} | {figures['micro_f1']:.3f}".replace("0.", ".")
        assert row in text
    for name, score in measured["model"]["f1"].items():
        cell = f"{score:.2f}".replace("0.", ".")
        assert re.search(rf"^\| `{name}` \|.*\| {re.escape(cell)} \|$", text, re.MULTILINE), name


def test_the_model_is_small_and_one_of_other_emotions_is_refused(tmp_path: Path) -> None:
    assert (MODEL / "weights.safetensors").stat().st_size < 600_000
    config = json.loads((MODEL / "config.json").read_text("utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**config, "emotions": ["joy"]}), "utf-8")
    with pytest.raises(NlpError, match="train it anew"):
        EmotionReader(tmp_path)


@pytest.mark.skipif(not KOTE_FILE.exists(), reason="KOTE is not on this machine")
def test_the_numbers_of_the_labels_are_those_of_kote(reader: EmotionReader) -> None:
    """Comments that thank, pity themselves or are puzzled carry the label that says so."""
    rows = [line.split("\t") for line in KOTE_FILE.read_text("utf-8").split("\n") if line]
    for word, label in (
        ("감사합니다", 4),
        ("슬퍼", 5),
        ("무서워", 18),
        ("재미없", 37),
        ("귀여워", 32),
    ):
        said = [str(label) in row[2].split(",") for row in rows if word in row[1]]
        everyone = [str(label) in row[2].split(",") for row in rows]
        assert np.mean(said) > 2 * np.mean(everyone), word
