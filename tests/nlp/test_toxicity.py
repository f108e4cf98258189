"""Toxic texts, evasions of filters and what only looks alike, held to a floor."""

from pathlib import Path

import numpy as np
import pytest

from nlp.toxicity import TOXIC, toxicity

SENTENCES = Path(__file__).parent / "data" / "toxicity.tsv"
FLOOR = {"precision": 0.9, "recall": 0.85}


@pytest.mark.parametrize("half", ["tune", "held"])
def test_toxic_sentences_are_found_and_traps_are_not(half: str) -> None:
    lines = [line.split("\t") for line in SENTENCES.read_text("utf-8").splitlines()[1:]]
    given = [(label == "toxic", text) for part, label, _, text in lines if part == half]
    truth = np.array([label for label, _ in given])
    said = toxicity([text for _, text in given]) >= TOXIC
    right = (said & truth).sum()
    assert right / said.sum() >= FLOOR["precision"]
    assert right / truth.sum() >= FLOOR["recall"]


@pytest.mark.parametrize(
    "text",
    [
        "시1발 또 품절",
        "씨.발 진짜",
        "ㅅ ㅂ 뭐냐",
        "ㅆㅂ",
        "병1신인가",
        "ㅂㅅ같네",
        "이 새1끼야",
        "f*ck you",
    ],
)
def test_evasions_of_filters_are_seen_through(text: str) -> None:
    assert toxicity([text])[0] >= TOXIC


@pytest.mark.parametrize(
    "text",
    [
        "존맛탱",
        "개맛있다 진짜",
        "사건의 시발점",
        "새끼손가락이 아파요",
        "18K 반지",
        "다시 발송해 주세요",
        "날씨 발표",
        "고양이 새끼가 태어났어요",
        "한남동 매장",
        "병신년에 태어났어요",
        "2시 발 기차",
        "오징어를 씹는 맛",
        "3년 동안 썼어요",
    ],
)
def test_what_only_looks_coarse_is_clean(text: str) -> None:
    assert toxicity([text])[0] < TOXIC


def test_insults_weigh_more_than_oaths_and_coarse_praise_hardly() -> None:
    praise, oath, insult = toxicity(["존나 맛있다", "시발 늦었네", "시발 병신 같은 새끼들아"])
    assert praise < oath < insult


def test_no_texts_and_hostile_texts_are_answered() -> None:
    assert len(toxicity([])) == 0
    hostile = ["", "😀", "시" * 100_000, "\ud83d시발", "시. " * 30_000, "발" * 4000]
    found = toxicity(hostile)
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()
    assert found[3] >= TOXIC
