"""Readers of sentiment: each turns texts into log-probabilities of negative, neutral and positive.

A linear model over letters reads every text: it knows slang, and reads thousands a second. A small
transformer knows meaning across domains; `nlp/cascade.py` asks it where the first is unsure.
"""

import contextlib
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from nlp.errors import NlpError
from nlp.labels import CLASSES, Floats, meaning_of
from nlp.ngrams import Grams, grams

__all__ = ["CLASSES", "Floats", "LinearReader", "Reader", "TransformerReader", "reader_of"]

Tokens = npt.NDArray[np.int64]
Numbers = TypeVar("Numbers", Floats, npt.NDArray[np.float64])
Run = Callable[[Tokens, Tokens], Floats]  # token ids and mask of shape (n, tokens): logits (n, k)

# Padded tokens in one call. More spill the processor's cache, fewer waste the call: measured texts
# a processor second with 1 text a call 156, 128 tokens 190, 256 tokens 202, 1024 tokens 169.
_TOKENS_A_CALL: Final = 256


LINEAR: Final = "madang-linear"  # the model type that a linear model's config.json names


class Reader(Protocol):
    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        """Natural logarithms of shape (n, 3), in the order of `CLASSES`."""


class LinearReader:
    """Softmax regression over hashed n-grams: `config.json` and `weights.safetensors`.

    The weights hold, of each feature, the signature of the n-gram it stands for and, one byte a
    number (see `squeezed`), what it says for negative and for positive against neutral. The sum
    over a text is divided by the root of how many n-grams are known, so that long texts are not
    surer than short ones.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file

        weights = load_file(_present(folder / "weights.safetensors"))
        if not {"signatures", "codes", "scales", "bias"} <= set(weights):
            raise NlpError(f"{folder} is no linear model of this version; train it anew")
        self._signatures = weights["signatures"]
        self._weights = unsqueezed(weights["codes"], weights["scales"])
        self._bias = weights["bias"].astype(np.float32)

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        return self.of_grams(grams(texts))

    def of_grams(self, found: Grams) -> Floats:
        """As `log_probabilities`, for texts whose n-grams are known already."""
        known = found.known(self._signatures)
        logits = np.zeros((len(found), 3), np.float32)
        logits[:, [0, 2]] = known.sums(self._weights) / known.roots[:, None] + self._bias
        return log_softmax(logits)


def squeezed(columns: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Numbers in one byte each and the largest of each column; small ones keep their differences.

    A code c stands for sign(c) · (c / 127)² · scale.
    """
    scales: Floats = np.abs(columns).max(axis=0).astype(np.float32)
    roots = np.sqrt(np.abs(columns) / np.maximum(scales, 1e-30))
    return np.rint(127 * np.sign(columns) * roots).astype(np.int8), scales


def unsqueezed(codes: npt.NDArray[np.int8], scales: Floats) -> Floats:
    """What `squeezed` was given, but for what one byte cannot tell apart."""
    parts: Floats = codes.astype(np.float32) / np.float32(127)
    found: Floats = parts * np.abs(parts) * scales
    return found


class TransformerReader:
    """A Hugging Face sequence classifier, run by ONNX Runtime on `threads` cores, or by torch.

    The folder holds `config.json` (with `id2label`), the tokenizer's files and `model.onnx` (or
    `onnx/model.onnx`); one with torch weights alone needs the `train` extra. Texts are read in
    order of length, so that hardly any padding is computed; of a text of more than `max_tokens` the
    first three quarters and the last quarter are read. Raises NlpError where a file is missing or
    the labels tell no sentiment (see `nlp/labels.py`).
    """

    def __init__(self, folder: Path, threads: int = 2) -> None:
        config = read_json(folder / "config.json")
        self._meaning = meaning_of(config, folder)
        self._encode = _encoder(folder)
        self._max_tokens = int(config.get("max_tokens", 64))
        self._pad = int(config.get("pad_token_id") or 0)
        self._threads = max(1, threads)
        files = (folder / "model.onnx", folder / "onnx" / "model.onnx")
        model = next((path for path in files if path.exists()), None)
        self._run = _by_torch(folder) if model is None else _by_onnx(model)

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, 3), np.float32)
        ids = self._token_ids(texts)
        calls = _calls(np.array([len(row) for row in ids]))
        with ThreadPoolExecutor(self._threads) as pool:
            answers = list(pool.map(lambda rows: self._logits([ids[i] for i in rows]), calls))
        result = np.zeros((len(texts), answers[0].shape[1]), np.float32)
        for rows, logits in zip(calls, answers, strict=True):
            result[rows] = logits
        return self._meaning.log_probabilities(log_softmax(result))

    def _token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        found = self._encode(list(texts))
        tail = self._max_tokens // 4
        head = self._max_tokens - tail
        return [row if len(row) <= self._max_tokens else row[:head] + row[-tail:] for row in found]

    def _logits(self, ids: list[list[int]]) -> Floats:
        longest = max(len(row) for row in ids)
        tokens = np.full((len(ids), longest), self._pad, np.int64)
        mask = np.zeros((len(ids), longest), np.int64)
        for i, row in enumerate(ids):
            tokens[i, : len(row)] = row
            mask[i, : len(row)] = 1
        return self._run(tokens, mask)


def _by_onnx(model: Path) -> Run:
    """Logits by ONNX Runtime. Each call runs on the thread that makes it; calls run side by side:
    for short batches that uses two cores better than splitting every product in two."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    inputs = {given.name for given in session.get_inputs()}

    def run(tokens: Tokens, mask: Tokens) -> Floats:
        given = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": mask * 0}
        logits: Floats = session.run(None, {name: given[name] for name in inputs})[0]
        return logits

    return run


def _by_torch(folder: Path) -> Run:
    """Logits by torch, for a folder that holds torch weights alone."""
    try:
        import torch
    except ImportError as error:
        raise NlpError(
            f"{folder} holds no model.onnx, and torch is not installed to read its other weights; "
            "install the project's train extra or export the model to ONNX"
        ) from error
    from transformers import AutoModelForSequenceClassification

    try:
        model = AutoModelForSequenceClassification.from_pretrained(str(folder)).eval().float()
    except (OSError, ValueError) as error:
        raise NlpError(f"no model weights to read in {folder} ({error}); copy it anew") from error

    def run(tokens: Tokens, mask: Tokens) -> Floats:
        with torch.inference_mode():
            given = {
                "input_ids": torch.from_numpy(tokens),
                "attention_mask": torch.from_numpy(mask),
            }
            logits: Floats = model(**given).logits.numpy()
        return logits

    return run


def reader_of(folder: Path, threads: int) -> Reader:
    """The reader of a folder: of a linear model where `config.json` says so, else a transformer."""
    if read_json(folder / "config.json").get("model_type") == LINEAR:
        return LinearReader(folder)
    return TransformerReader(folder, threads)


def folder_of(name: str | Path) -> Path:
    """The folder of a model given by a folder or by its name on the Hugging Face hub.

    A name is fetched once and then found in the hub's cache. Raises NlpError where it cannot be.
    """
    if Path(name).is_dir():
        return Path(name)
    if isinstance(name, Path) or str(name).count("/") > 1:
        raise NlpError(f"no model folder at {name}; check the folder in the annotator's settings")
    from huggingface_hub import snapshot_download

    wanted = ["*.json", "*.txt", "*.model", "*.safetensors", "model.onnx", "onnx/model.onnx"]
    with contextlib.suppress(OSError, ValueError):  # it is not in the cache yet
        return Path(snapshot_download(str(name), allow_patterns=wanted, local_files_only=True))
    try:
        return Path(snapshot_download(str(name), allow_patterns=wanted))
    except (OSError, ValueError) as error:
        raise NlpError(
            f"the model {name!r} is neither a folder nor to be had from the hub ({error}); "
            "fetch it elsewhere and name its folder in the annotator's settings"
        ) from error


def _encoder(folder: Path) -> Callable[[list[str]], list[list[int]]]:
    """Texts into token ids, whole and unpadded, with what stands before and after a text.

    A folder with a `tokenizer.json` is read by `tokenizers`, on which transformers builds: the
    same ids, a second and a half sooner. Any other folder is left to transformers.
    """
    file = folder / "tokenizer.json"
    if file.exists():
        from tokenizers import Tokenizer

        fast = Tokenizer.from_file(str(file))
        fast.no_truncation()
        fast.no_padding()
        return lambda texts: [found.ids for found in fast.encode_batch(texts)]
    logging.getLogger("transformers").addFilter(_not_about_torch)
    from transformers import AutoTokenizer

    slow = AutoTokenizer.from_pretrained(str(folder))

    def encode(texts: list[str]) -> list[list[int]]:
        found = slow(texts, return_attention_mask=False, verbose=False)["input_ids"]
        return [list(ids) for ids in found]

    return encode


def _not_about_torch(record: logging.LogRecord) -> bool:
    """Drops the advice to install PyTorch: only the tokenizer is wanted, on purpose."""
    return "PyTorch was not found" not in record.getMessage()


def _calls(lengths: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Rows grouped by length, each group within the tokens of one call; the longest come first."""
    order = np.argsort(-lengths, kind="stable")
    groups, at = [], 0
    while at < len(order):
        size = max(1, _TOKENS_A_CALL // int(lengths[order[at]]))
        groups.append(order[at : at + size])
        at += size
    return groups


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file of a model folder; NlpError names what is missing or broken."""
    try:
        found = json.loads(_present(path).read_text("utf-8"))
    except ValueError as error:
        raise NlpError(f"{path} is not JSON ({error}); copy the model folder anew") from error
    if not isinstance(found, dict):
        raise NlpError(f"{path} holds no JSON object; copy the model folder anew")
    return found


def _present(path: Path) -> Path:
    if not path.exists():
        raise NlpError(f"the model file {path} is missing; check the folder in the settings")
    return path


def log_softmax(logits: Numbers) -> Numbers:
    """Logits (n, k) as log-probabilities, in the precision they are given in."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: Numbers = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
