"""The shipped readers, and what is said of a model folder that is not right."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import nlp
from nlp.errors import NlpError
from nlp.sentiment import (
    LinearReader,
    Reader,
    TransformerReader,
    folder_of,
    reader_of,
    squeezed,
    unsqueezed,
)

MODELS = Path(nlp.__file__).parent / "models"
GOOD = [
    "정말 만족합니다. 배송도 빠르고 품질도 최고예요",
    "Absolutely love it, works great and looks beautiful",
    "인생 영화예요. 배우들 연기가 너무 좋았습니다",
]
BAD = [
    "최악이에요. 이틀 만에 고장나서 환불했습니다",
    "Awful and boring, bad acting, a waste of time and money",
    "돈 아깝다 진짜 재미없고 지루한 영화",
]


@pytest.fixture(scope="module", params=["linear", "transformer"])
def reader(request: pytest.FixtureRequest) -> Reader:
    if request.param == "linear":
        return LinearReader(MODELS / "linear")
    return TransformerReader(MODELS / "sentiment")


def test_praise_and_blame_are_told_apart(reader: Reader) -> None:
    found = reader.log_probabilities(GOOD + BAD)
    assert (found[:3, 2] > found[:3, 0]).all()
    assert (found[3:, 2] < found[3:, 0]).all()


def test_probabilities_sum_to_one_and_do_not_depend_on_the_company(reader: Reader) -> None:
    many = [f"{text} {i}" for i in range(40) for text in GOOD + BAD]
    together = np.exp(reader.log_probabilities(many))
    assert together.shape == (240, 3)
    np.testing.assert_allclose(together.sum(1), 1, atol=1e-5)
    alone = np.exp(np.concatenate([reader.log_probabilities([text]) for text in many[:12]]))
    # Activations are quantised by the largest value in a call, so the company moves a little.
    np.testing.assert_allclose(together[:12], alone, atol=0.1)
    assert reader.log_probabilities([]).shape == (0, 3)


def test_a_long_text_is_read_at_both_ends(tmp_path: Path) -> None:
    reader = TransformerReader(MODELS / "sentiment")
    neutral = "이 제품은 상자에 담겨 있습니다. " * 200
    found = reader.log_probabilities([neutral + "최악이에요 절대 사지 마세요 환불했어요", neutral])
    assert found[0, 0] > found[1, 0]


def test_one_byte_keeps_small_numbers_apart() -> None:
    given = np.array([[0.001, -40.0], [0.5, 3.0], [-1.0, 0.0]], np.float32)
    codes, scales = squeezed(given)
    assert codes.dtype == np.int8
    found = unsqueezed(codes, scales)
    np.testing.assert_allclose(found, given, rtol=0.15, atol=1e-6)
    assert (np.sign(found) == np.sign(given)).all()


def test_a_folder_says_itself_what_reads_it(tmp_path: Path) -> None:
    assert isinstance(reader_of(MODELS / "linear", 1), LinearReader)
    assert isinstance(reader_of(MODELS / "sentiment", 1), TransformerReader)
    assert folder_of(str(MODELS / "sentiment")) == MODELS / "sentiment"
    with pytest.raises(NlpError, match="no model folder"):
        folder_of(tmp_path / "nowhere")


def test_a_folder_with_torch_weights_alone_says_what_it_needs(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(MODELS / "sentiment" / name, tmp_path / name)
    with pytest.raises(NlpError, match=r"train extra|no model weights"):
        TransformerReader(tmp_path)


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(NlpError, match=r"weights\.safetensors is missing"):
        LinearReader(tmp_path)
    with pytest.raises(NlpError, match=r"config\.json is missing"):
        TransformerReader(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(NlpError, match="not JSON"):
        reader_of(tmp_path, 1)


def test_a_model_with_other_labels_is_refused(tmp_path: Path) -> None:
    config = json.loads((MODELS / "sentiment" / "config.json").read_text("utf-8"))
    config["id2label"] = {"0": "sport", "1": "politics"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(NlpError, match="id2label"):
        TransformerReader(tmp_path)


def test_labels_in_another_order_are_put_in_ours(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MODELS / "sentiment", folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["id2label"] = {"0": "Positive", "1": "neutral", "2": "NEGATIVE"}
    (folder / "config.json").write_text(json.dumps(config))
    turned = TransformerReader(folder).log_probabilities(GOOD)
    ours = TransformerReader(MODELS / "sentiment").log_probabilities(GOOD)
    np.testing.assert_allclose(turned, ours[:, ::-1], atol=1e-6)
