"""Docs tile their texts, whatever these hold, and say where everything stands."""

import threading
import unicodedata

import pytest

from nlp.errors import NlpError
from nlp.korean import terms
from nlp.offsets import LONGEST
from nlp.spacy_pipeline import Pipeline, PipelineConfig, terms_of

HOSTILE = [
    "",
    " ",
    "\n",
    "😀",
    "😀😀 배송이 👨‍👩‍👧 늦어요",
    "\ud800배송이 늦어요\udfff",
    "ㅋ" * 100_000,
    "가" * 100_000,
    "a" * 100_000,
    "배송이너무늦고포장도엉망이에요" * 1000,
    "大韓民國 배송은 빨라요",
    "Galaxy S24가 뜨거워요, don't buy it!",
    "<b>배송</b>이 &amp; https://example.com/a?b=c 빨라요 www.example.com",
    "<" * 5000,
    "\u202e\u200f배\u200b송이 빨라요\u202c",
    unicodedata.normalize("NFD", "배송이 빨랐지만 포장이 엉망이에요"),
    "가\x00나 배송이",
    "했는데  두 칸,\t탭\r\n줄바꿈",
    "https://example.com",
    "한글 عربى עברית ไทย 日本語",
    "cafe\u0301 좋아요",
]


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_tokens_tile_the_text(pipeline: Pipeline, text: str) -> None:
    (doc,) = pipeline.docs([text])
    stored = text[:LONGEST].encode("utf-8", "replace").decode("utf-8")
    assert "".join(token.text_with_ws for token in doc) == stored
    assert all(stored[t.idx : t.idx + len(t.text)] == t.text and t.text for t in doc)


def test_tags_and_lemmas_are_those_of_the_analyser(pipeline: Pipeline) -> None:
    (doc,) = pipeline.docs(["배송이 빨랐지만 포장은 엉망이었어요"])
    read = [(token.text, token.tag_, token.lemma_) for token in doc]
    assert read[0] == ("배송", "NNG", "배송")
    assert read[2] == ("빨", "VA", "빠르다")
    assert ("지만", "EC", "지만") in read
    assert ("포장", "NNG", "포장") in read


def test_a_contraction_is_one_token_of_its_first_morpheme(pipeline: Pipeline) -> None:
    (doc,) = pipeline.docs(["했다"])
    assert (doc[0].text, doc[0].tag_, doc[0].lemma_) == ("했", "VV", "하다")


def test_sentences_begin_where_people_begin_them(pipeline: Pipeline) -> None:
    (doc, english) = pipeline.docs(
        ["배송이 늦어요. 포장도 별로예요!\n다시는 안 사요", "Bad sound. Good price!\nI like it"]
    )
    assert [s.text for s in doc.sents][-1] == "다시는 안 사요"
    assert len(list(doc.sents)) == 3
    assert [s.text.strip() for s in english.sents] == ["Bad sound.", "Good price!", "I like it"]


def test_terms_of_a_doc_are_the_terms_of_its_text(pipeline: Pipeline) -> None:
    texts = ["직원이 바로 사과했습니다 ㅋㅋㅋㅋㅋ", "Galaxy S24가 뜨거워요", "Don't buy it", ""]
    assert [terms_of(doc) for doc in pipeline.docs(texts)] == terms(texts)


def test_names_are_found_behind_particles_and_by_alias() -> None:
    config = PipelineConfig(
        entities=(
            ("brand", "다이슨", ("dyson",)),
            ("product", "갤럭시 S24", ("갤S24",)),
        )
    )
    (doc, english) = Pipeline(config).docs(
        ["다이슨은 좋은데 갤럭시S24가 더 좋아요. 갤럭시 S24는 사랑", "My Dyson is loud"]
    )
    found = [(doc.text[e.start_char : e.end_char], e.label_, e.ent_id_) for e in doc.ents]
    assert found == [
        ("다이슨", "brand", "다이슨"),
        ("갤럭시S24", "product", "갤럭시 S24"),
        ("갤럭시 S24", "product", "갤럭시 S24"),
    ]
    assert [(e.text, e.ent_id_) for e in english.ents] == [("Dyson", "다이슨")]


def test_another_spacy_pipeline_adds_its_entities(tmp_path: object) -> None:
    import spacy

    other = spacy.blank("xx")
    ruler = other.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "place", "pattern": "강남점"}])  # type: ignore[attr-defined]
    other.to_disk(f"{tmp_path}/places")
    config = PipelineConfig(entities=(("brand", "마당", ()),), spacy_model=f"{tmp_path}/places")
    (doc,) = Pipeline(config).docs(["마당 강남점 직원이 친절해요"])
    assert {(e.text, e.label_) for e in doc.ents} == {("마당", "brand"), ("강남점", "place")}


def test_a_pipeline_that_is_not_there_is_said() -> None:
    with pytest.raises(NlpError, match="no_such_pipeline"):
        Pipeline(PipelineConfig(spacy_model="no_such_pipeline"))
    with pytest.raises(NlpError, match="appliances"):
        Pipeline(PipelineConfig(industries=("cars",)))


def test_two_threads_read_the_same(pipeline: Pipeline) -> None:
    texts = ["배송은 빨랐지만 포장이 엉망이에요", "가성비 최고", "The battery life is great"] * 30
    expected = [[t.lemma_ for t in doc] for doc in pipeline.docs(texts)]
    found: list[list[list[str]]] = []

    def read() -> None:
        found.append([[t.lemma_ for t in doc] for doc in pipeline.docs(texts)])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4
