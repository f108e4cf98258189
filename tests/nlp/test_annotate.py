"""One row in, one annotation out, whatever the row holds."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import nlp
from nlp.annotate import SCHEMA, Annotator, AnnotatorConfig, annotate, version_of
from nlp.errors import NlpError
from nlp.head import Head
from nlp.spacy_pipeline import PipelineConfig

MODELS = Path(nlp.__file__).parent / "models"

HOSTILE = [
    "",
    None,
    "😀",
    "😀" * 1000,
    "ㅋ" * 100_000,
    "배송이 너무 늦어요 " * 10_000,
    "가" * 100_000,
    "a" * 100_000,
    "<" * 100_000,
    "&#x0;&#55296;&amp;",
    "<script>alert('최고')</script><b>좋아요</b>",
    "\u202e\u200f좋아요\u202c",
    "https://example.com/a www.example.com",
    "大韓民國 萬歲",
    "좋\x00아요",
    "\ufeff\ufffd",
    "1234567890",
    "\u1100\u1161" * 500,
]


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    return Annotator()


def test_a_review_is_read_whole(annotator: Annotator) -> None:
    table = pa.table({"text": ["배송이 너무 늦어서 환불했어요. 다시는 안 삽니다 ㅠㅠ"]})
    (row,) = annotate(table, annotator).to_pylist()
    assert row["version"] == annotator.version
    assert row["lang"] == "ko"
    assert row["sentiment"] == "negative"
    assert row["score"] == pytest.approx(row["p_positive"] - row["p_negative"])
    assert row["p_negative"] + row["p_neutral"] + row["p_positive"] == pytest.approx(1, abs=1e-5)
    assert {"lemma": "환불하다", "tag": "VV"} in row["terms"]
    assert row["terms"][0] == {"lemma": "배송", "tag": "NNG"}
    assert row["fingerprint"] > 0


def test_hostile_texts_are_annotated_or_unknown(annotator: Annotator) -> None:
    found = annotator.annotate(pa.table({"text": pa.array(HOSTILE, pa.string())}))
    found.validate(full=True)
    assert found.schema.equals(SCHEMA)
    assert found.num_rows == len(HOSTILE)
    for text, row in zip(HOSTILE, found.to_pylist(), strict=True):
        if row["sentiment"] == "unknown":
            assert row["score"] is row["p_negative"] is row["p_positive"] is None
        else:
            assert row["lang"] in ("ko", "en"), text
    unknown = {i for i, row in enumerate(found.to_pylist()) if row["sentiment"] == "unknown"}
    nothing_to_read = {0, 1, 2, 3, 8, 12, 13, 15, 16}
    assert nothing_to_read <= unknown
    assert found["sentiment"][10].as_py() == found["sentiment"][11].as_py() == "positive"


def test_rows_keep_their_order_across_slices(annotator: Annotator) -> None:
    texts = ["좋아요", "", "별로예요", "fine"] * 600
    found = annotator.annotate(pa.table({"text": texts, "other": list(range(2400))}))
    assert found["lang"].to_pylist() == ["ko", "und", "ko", "en"] * 600
    words = [[term["lemma"] for term in row] for row in found["terms"].to_pylist()]
    assert words[:4] == words[2396:]
    assert words[0] == ["좋다"]
    assert words[1] == []
    assert words[3] == ["fine"]


def test_title_counts_for_sentiment_and_terms_and_not_for_the_copy(annotator: Annotator) -> None:
    body = "어제 받아서 오늘 처음 켜 보았습니다"
    table = pa.table({"title": ["최악의 배송", None], "text": [body, body]})
    titled, plain = annotator.annotate(table).to_pylist()
    assert titled["score"] < plain["score"]
    assert titled["terms"][0]["lemma"] == "최악"
    assert titled["fingerprint"] == plain["fingerprint"]


def test_an_empty_table_and_a_table_without_text(annotator: Annotator) -> None:
    empty = annotator.annotate(pa.table({"text": pa.array([], pa.string())}))
    assert empty.schema.equals(SCHEMA)
    with pytest.raises(NlpError, match="no column text"):
        annotator.annotate(pa.table({"review": ["좋아요"]}))


def test_the_version_names_the_models_and_is_had_without_loading_them(
    annotator: Annotator, tmp_path: Path
) -> None:
    assert version_of(AnnotatorConfig()) == annotator.version
    assert version_of(AnnotatorConfig(threads=1)) == annotator.version
    shutil.copytree(MODELS, tmp_path / "models")
    folder = tmp_path / "models" / "sentiment"
    shutil.copy(MODELS / "cascade.json", folder)
    own = AnnotatorConfig(model=folder)
    before = version_of(own)
    assert own.cascade_file == folder / "cascade.json"
    (folder / "cascade.json").write_text('{"languages": {"ko": {"teacher": 1, "surety": 1}}}')
    assert version_of(own) != before
    assert own.pairings["ko"].teacher == 1
    (folder / "cascade.json").unlink()
    assert own.pairings == {}
    words = tmp_path / "ours.toml"
    words.write_text('[aspects.wifi]\nname = {ko = "와이파이", en = "Wi-Fi"}\nko = ["와이파이"]\n')
    named = PipelineConfig(lexicons=(words,))
    assert version_of(AnnotatorConfig(pipeline=named)) != annotator.version
    with pytest.raises(NlpError, match="no model folder"):
        version_of(AnnotatorConfig(model=tmp_path / "nowhere"))


def test_another_model_takes_the_place_of_the_teacher(annotator: Annotator, tmp_path: Path) -> None:
    folder = tmp_path / "turned"
    shutil.copytree(MODELS / "sentiment", folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["id2label"] = {"0": "positive", "1": "neutral", "2": "negative"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "cascade.json").write_text('{"languages": {"ko": {"teacher": 1, "surety": 1}}}')
    turned = Annotator(AnnotatorConfig(model=folder))
    text = ["두 번 다시 안 사요. 돈만 버렸네요"]
    assert annotator.probabilities(text)[0].argmax() == 0
    assert turned.probabilities(text)[0].argmax() == 2, "its word alone counts, for it is asked"
    assert turned.version != annotator.version


def test_a_head_has_the_last_word(annotator: Annotator, tmp_path: Path) -> None:
    neutral = Head(np.array([-9.0, 9.0, -9.0]), np.zeros((6, 3)), ("ko",), annotator.version, True)
    neutral.write(tmp_path / "head.json")
    headed = Annotator(AnnotatorConfig(head=tmp_path / "head.json"))
    texts = ["정말 최고예요", "I love it"]
    assert annotator.probabilities(texts).argmax(1).tolist() == [2, 2]
    assert headed.probabilities(texts).argmax(1).tolist() == [1, 2], "English had no labels"
    assert headed.version != annotator.version


def test_everything_that_is_said_is_read(annotator: Annotator) -> None:
    text = "배송은 빨랐지만 포장이 엉망이에요. 환불해 주세요 ㅠㅠ"
    (row,) = annotator.annotate(pa.table({"title": ["공기청정기"], "text": [text]})).to_pylist()
    whole = f"공기청정기\n{text}"
    found = {whole[a["start"] : a["end"]]: (a["aspect"], a["polarity"]) for a in row["aspects"]}
    assert found["배송"] == ("delivery", "positive")
    assert found["포장"] == ("packaging", "negative")
    assert "complaint" in row["intents"]
    assert 0 <= row["toxicity"] < 0.5 and 0 <= row["spam"] < 0.5 and row["sponsored"] is False
    advert = "소정의 원고료를 제공받아 작성한 후기입니다. 정말 좋아요"
    (row,) = annotator.annotate(pa.table({"text": [advert]})).to_pylist()
    assert row["sponsored"] is True


def test_names_of_the_brand_are_found_under_all_their_spellings() -> None:
    names = (("brand", "해담", ("HAEDAM",)), ("product", "해담 가습기", ()))
    annotator = Annotator(AnnotatorConfig(pipeline=PipelineConfig(entities=names)))
    text = "haedam 청소기보다 해담 가습기가 나아요"
    (row,) = annotator.annotate(pa.table({"text": [text]})).to_pylist()
    found = [(e["label"], e["name"], text[e["start"] : e["end"]]) for e in row["entities"]]
    assert found == [("brand", "해담", "haedam"), ("product", "해담 가습기", "해담 가습기")]


def test_asking_for_the_version_imports_no_model_library() -> None:
    code = (
        "import sys; from nlp.annotate import AnnotatorConfig, version_of;"
        "version_of(AnnotatorConfig());"
        "heavy = {'onnxruntime', 'transformers', 'sklearn', 'kiwipiepy', 'torch', 'spacy'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_what_ships_stays_small() -> None:
    assert sum(p.stat().st_size for p in MODELS.rglob("*") if p.is_file()) < 35_000_000
