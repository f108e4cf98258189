"""What is praised and blamed, by its clause; sentences with their answers are in data/aspects_*."""

import re
from pathlib import Path

import numpy as np
import pytest

from nlp import lexicon
from nlp.aspects import Aspect, AspectReader, discover
from nlp.errors import NlpError
from nlp.spacy_pipeline import Pipeline, PipelineConfig

DATA = Path(__file__).parent / "data"
NAMES = {"+": "positive", "-": "negative", "0": "neutral"}

Expected = tuple[int, int, str, str]


def sentences(name: str) -> list[tuple[str, list[Expected]]]:
    """Each sentence, and of what is marked in it start, end, aspect and polarity."""
    found = []
    for line in (DATA / name).read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        text, expected, at = "", [], 0
        for mark in re.finditer(r"\[([^\]]+)\]\((\w+?)([+\-0])\)", line):
            text += line[at : mark.start()]
            end = len(text) + len(mark[1])
            expected.append((len(text), end, mark[2], NAMES[mark[3]]))
            text, at = text + mark[1], mark.end()
        found.append((text + line[at:], expected))
    return found


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline()


def read(pipeline: Pipeline, texts: list[str], mood: float = 0.0) -> list[list[Aspect]]:
    chances = np.tile(np.array([0.5 - mood / 2, 0, 0.5 + mood / 2], np.float32), (len(texts), 1))
    return AspectReader(pipeline.lexicon).aspects(pipeline.docs(texts), chances)


def judged(pipeline: Pipeline, text: str, mood: float = 0.0) -> dict[str, str]:
    return {item.aspect: item.polarity for item in read(pipeline, [text], mood)[0]}


def share_right(pipeline: Pipeline, name: str) -> tuple[int, float]:
    """How many aspects are expected, and of how many place, name and polarity are all right."""
    given = sentences(name)
    right = total = 0
    for (_, expected), found in zip(given, read(pipeline, [t for t, _ in given]), strict=True):
        total += len(expected)
        for start, end, aspect, polarity in expected:
            right += any(
                item.start <= start < end <= item.end
                and (item.aspect, item.polarity) == (aspect, polarity)
                for item in found
            )
    return total, right / total


def test_sentences_the_rules_were_made_with(pipeline: Pipeline) -> None:
    total, share = share_right(pipeline, "aspects_ko.txt")
    assert total >= 60
    assert share >= 0.9


def test_sentences_kept_apart(pipeline: Pipeline) -> None:
    total, share = share_right(pipeline, "aspects_ko_unseen.txt")
    assert total >= 80
    assert share >= 0.85


def test_contrast_denial_and_strength(pipeline: Pipeline) -> None:
    assert judged(pipeline, "배송은 빨랐지만 포장이 엉망") == {
        "delivery": "positive",
        "packaging": "negative",
    }
    assert judged(pipeline, "품질이 좋지 않아요") == {"quality": "negative"}
    assert judged(pipeline, "품질이 안 좋아요") == {"quality": "negative"}
    strong, weak = read(pipeline, ["배송이 너무 느려요", "배송이 조금 느려요"])
    assert strong[0].score < weak[0].score < 0


def test_a_word_means_what_its_aspect_makes_of_it(pipeline: Pipeline) -> None:
    assert judged(pipeline, "가격이 높아요") == {"price": "negative"}
    assert judged(pipeline, "성능이 높아요") == {"performance": "positive"}
    assert judged(pipeline, "소음이 커요") == {"noise": "negative"}
    assert judged(pipeline, "소음이 없어요") == {"noise": "positive"}
    assert judged(pipeline, "너무 비싸요") == {"price": "negative"}


def test_wishes_blame_and_questions_do_not(pipeline: Pipeline) -> None:
    assert judged(pipeline, "배송이 더 빠르면 좋겠어요") == {"delivery": "negative"}
    assert judged(pipeline, "배송은 언제 되나요?") == {"delivery": "neutral"}


def test_a_silent_clause_takes_some_of_the_mood_of_the_text(pipeline: Pipeline) -> None:
    text = "어제 택배 박스 사진입니다"
    assert set(judged(pipeline, text).values()) == {"neutral"}
    assert set(judged(pipeline, text, mood=0.9).values()) == {"positive"}


def test_offsets_are_of_the_text_as_stored(pipeline: Pipeline) -> None:
    text = "😀😀 <b>배송</b>이 \u202e빨라요ㅋㅋㅋㅋㅋㅋㅋ\n가성비도 최고"
    found = {item.aspect: text[item.start : item.end] for item in read(pipeline, [text])[0]}
    assert found == {"delivery": "배송", "price": "가성비"}


def test_a_file_of_the_brand_adds_to_the_lexicons(tmp_path: Path) -> None:
    own = tmp_path / "rice.toml"
    own.write_text('[aspects.stickiness]\nko = ["찰기"]\npolarity = { "돌다" = 1 }\n', "utf-8")
    pipeline = Pipeline(PipelineConfig(lexicons=(own,)))
    assert judged(pipeline, "밥에 찰기가 돌아요") == {"stickiness": "positive"}
    own.write_text("[aspects", "utf-8")
    with pytest.raises(NlpError, match=r"rice\.toml"):
        lexicon.aspects((), (own,))


def test_new_aspects_are_discovered(pipeline: Pipeline) -> None:
    texts = [
        "조리개가 너무 뻑뻑해서 별로예요",
        "조리개는 정말 좋아요",
        "조리개가 최고입니다",
        "오늘 친구를 만났어요",
        "배송이 빨라요",
    ] * 2
    found = discover(pipeline.docs(texts), least=4)
    assert "조리개" in [item.lemma for item in found]
    assert not {"배송", "친구"} & {item.lemma for item in found}
    (opened,) = [item for item in found if item.lemma == "조리개"]
    assert (opened.texts, opened.judged) == (6, 6)
    assert opened.score > 0


def test_english_terms_are_found_and_judged(pipeline: Pipeline) -> None:
    texts = [
        "The battery life is excellent .",
        "The picture quality is terrible , but the price is great !",
        "We went to the store on Monday .",
    ]
    found = read(pipeline, texts)
    assert [(item.lemma, item.polarity) for item in found[0]] == [("battery life", "positive")]
    assert {item.lemma: item.polarity for item in found[1]} == {
        "picture quality": "negative",
        "price": "positive",
    }
    assert found[2] == []
    assert texts[0][found[0][0].start : found[0][0].end] == "battery life"
    assert found[0][0].aspect == "battery"


@pytest.mark.parametrize(
    "text",
    ["", "😀", "\ud800", "ㅋ" * 9000, "배송" * 9000, "great " * 20_000, "<<<>>>", "日本語です"],
)
def test_hostile_texts_are_read(pipeline: Pipeline, text: str) -> None:
    (found,) = read(pipeline, [text])
    assert all(0 <= item.start < item.end <= len(text) for item in found)
    assert all(-1 <= item.score <= 1 for item in found)
