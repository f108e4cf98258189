"""One row in, one annotation out, whatever the row holds."""

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import nlp
from nlp.annotate import SCHEMA, Annotator, AnnotatorConfig, annotate, version_of
from nlp.errors import NlpError

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
    copied = AnnotatorConfig(
        model=tmp_path / "models" / "sentiment",
        linear=tmp_path / "models" / "linear",
        combination=tmp_path / "models" / "combination.json",
    )
    assert version_of(copied) == annotator.version
    (tmp_path / "models" / "combination.json").write_text('{"transformer": 1, "temperature": 1}')
    assert version_of(copied) != annotator.version
    with pytest.raises(NlpError, match="no model at"):
        version_of(AnnotatorConfig(model=tmp_path / "nowhere"))


def test_asking_for_the_version_imports_no_model_library() -> None:
    code = (
        "import sys; from nlp.annotate import AnnotatorConfig, version_of;"
        "version_of(AnnotatorConfig());"
        "heavy = {'onnxruntime', 'transformers', 'sklearn', 'kiwipiepy', 'torch'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_what_ships_stays_small() -> None:
    assert sum(p.stat().st_size for p in MODELS.rglob("*") if p.is_file()) < 20_000_000
