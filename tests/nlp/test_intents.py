"""Intents and life events of natural sentences, held to a floor; traps one by one."""

from pathlib import Path

import numpy as np
import pytest

from nlp.annotate import Annotator
from nlp.intents import INTENTS, LIFE_EVENTS, Floats, intents, life_events
from nlp.spacy_pipeline import Pipeline

SENTENCES = Path(__file__).parent / "data" / "intents.tsv"
FLOOR = {"precision": 0.80, "recall": 0.70}  # of each half, over all intents


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline()


def rows(half: str) -> list[tuple[set[str], str]]:
    """The intents that a sentence holds, life events with their names, and the sentence."""
    lines = [line.split("\t") for line in SENTENCES.read_text("utf-8").splitlines()[1:]]
    found = []
    for part, _, labels, text in lines:
        if part == half:
            named = {label for label in labels.split(",") if label}
            found.append((named | {label.split(":")[0] for label in named}, text))
    return found


def unknown(n: int) -> Floats:
    return np.full((n, 3), np.nan, np.float32)


def read(pipeline: Pipeline, *texts: str) -> list[list[str]]:
    return intents(pipeline.docs(texts), unknown(len(texts)))


@pytest.mark.parametrize("half", ["tune", "held"])
def test_intents_of_natural_sentences_are_found(pipeline: Pipeline, half: str) -> None:
    given = rows(half)
    texts = [text for _, text in given]
    said = intents(pipeline.docs(texts), Annotator().probabilities(texts))
    right = missed = wrong = 0
    for (truth, _), found in zip(given, said, strict=True):
        right += len(truth & set(found))
        missed += len(truth - set(found))
        wrong += len(set(found) - truth)
    assert right / (right + wrong) >= FLOOR["precision"]
    assert right / (right + missed) >= FLOOR["recall"]


def test_every_intent_and_life_event_is_among_the_sentences() -> None:
    named = {label for half in ("tune", "held") for truth, _ in rows(half) for label in truth}
    assert named == {*INTENTS, *(f"life_event:{event}" for event in LIFE_EVENTS)}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("환불 안 해도 돼요. 그냥 쓸게요", "complaint"),
        ("불만이 하나도 없어요", "complaint"),
        ("이게 말이 되나요?", "question"),
        ("방에서 이상한 냄새나요", "question"),
        ("해지할까 했는데 마음을 바꿨어요", "leaving"),
        ("피부가 촉촉해지고 부드러워졌어요", "leaving"),
        ("지하철 2호선으로 갈아탔어요", "leaving"),
        ("노트북 추천 부탁드려요", "request"),
        ("언니가 “환불해 주세요”라고 했대요", "request"),
        ("사진보다 색이 진해요", "comparison"),
        ("생각보다 가볍네요", "comparison"),
        ("재구매 의사 없어요", "purchase_intent"),
        ("혼자 살까 고민 중이에요", "purchase_intent"),
        ("이사회에서 정했습니다", "life_event"),
        ("대표이사가 바뀌었다", "life_event"),
        ("친구 결혼식에 입고 갔어요", "life_event"),
        ("배우 김 씨가 결혼한다는 기사를 봤다", "life_event"),
        ("결혼 5년 차 주부예요", "life_event"),
        ("취업하면 사고 싶어요", "life_event"),
        ("better than I expected", "comparison"),
        ("please note the size", "request"),
    ],
)
def test_what_only_looks_like_an_intent_is_none(pipeline: Pipeline, text: str, intent: str) -> None:
    assert intent not in read(pipeline, text)[0]


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("다음달이사가는데 커튼 추천해주세요", "moving"),
        ("결혼 준비하면서 그릇 보고 있어요", "marriage"),
        ("예비맘이라 성분을 따지게 돼요", "child"),
        ("이번에 이직해서 새 노트북이 필요해요", "new_job"),
        ("아들이 중학교에 입학해서 책상을 바꿨어요", "school"),
        ("남편이 정년퇴직했어요", "retirement"),
        ("유기견을 입양했어요", "pet"),
        ("어머니께서 돌아가셔서 명의를 바꾸려고요", "bereavement"),
        ("we are expecting our first baby, my wife is pregnant", "child"),
    ],
)
def test_a_life_event_is_named(pipeline: Pipeline, text: str, event: str) -> None:
    assert event in life_events(pipeline.docs([text]))[0]
    found = read(pipeline, text)[0]
    assert {"life_event", f"life_event:{event}"} <= set(found)


def test_sentiment_decides_where_words_are_said_of_good_and_bad(pipeline: Pipeline) -> None:
    docs = pipeline.docs(["전개가 느려요"] * 2)
    chances = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]], np.float32)
    bad, good = intents(docs, chances)
    assert "complaint" in bad
    assert "complaint" not in good


def test_a_contrast_is_praise_and_complaint_whatever_the_sentiment(pipeline: Pipeline) -> None:
    text = "배송은 빨랐지만 포장이 찢어져서 왔어요"
    assert {"complaint", "praise"} <= set(read(pipeline, text)[0])


def test_no_texts_and_hostile_texts_are_answered(pipeline: Pipeline) -> None:
    assert intents([], unknown(0)) == []
    hostile = [
        "",
        " ",
        "😀",
        "ㅋ" * 5000,
        "환불" * 20_000,
        "(" * 3000 + "나요?" * 1000,
        "\ud83d 환불해 주세요",
        "<b>환불</b>해 주세요 https://a.kr",
        "漢字",
        "\u202e요세주",
        "a b " * 20_000,
    ]
    found = read(pipeline, *hostile)
    assert len(found) == len(hostile)
    assert found[:4] == [[], [], [], []]
    assert "complaint" in found[6]
