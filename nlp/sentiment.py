"""Readers of sentiment: each turns texts into log-probabilities of negative, neutral and positive.

A linear model over character n-grams knows slang and film talk; a small transformer knows meaning
across domains. Their weighted average beats either, so that is what the annotator asks.
"""

import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from nlp.errors import NlpError

CLASSES: Final = ("negative", "neutral", "positive")
Floats = npt.NDArray[np.float32]

# Padded tokens in one call. More spill the processor's cache, fewer waste the call: measured texts
# a processor second with 1 text a call 156, 128 tokens 190, 256 tokens 202, 1024 tokens 169.
_TOKENS_A_CALL: Final = 256


class Reader(Protocol):
    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        """Natural logarithms of shape (n, 3), in the order of `CLASSES`."""


class LinearReader:
    """Softmax regression over hashed character n-grams: `config.json` and `weights.safetensors`.

    The weights hold `weight` (features, 3) in half precision and `bias` (3). `config.json` gives
    the arguments of scikit-learn's HashingVectorizer under `features`.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file

        config = read_json(folder / "config.json")
        weights = load_file(_present(folder / "weights.safetensors"))
        self._weight = weights["weight"].astype(np.float32)
        self._bias = weights["bias"].astype(np.float32)
        self._vectorizer = vectorizer(config["features"])

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, 3), np.float32)
        logits: Floats = self._vectorizer.transform(texts) @ self._weight + self._bias
        return _log_softmax(logits)


def vectorizer(features: dict[str, Any]) -> Any:
    """The HashingVectorizer that training and reading share; `features` are its arguments."""
    from sklearn.feature_extraction.text import HashingVectorizer

    given = features | {"ngram_range": tuple(features["ngram_range"]), "dtype": np.float32}
    return HashingVectorizer(**given)


class TransformerReader:
    """A Hugging Face sequence classifier exported to ONNX, run by ONNX Runtime on `threads` cores.

    The folder holds `config.json` (with `id2label`), the tokenizer's files and `model.onnx` (or
    `onnx/model.onnx`). Texts are read in order of length, so that hardly any padding is computed;
    of a text of more than `max_tokens` the first three quarters and the last quarter are read.
    Raises NlpError where a file is missing or the labels are not the three classes.
    """

    def __init__(self, folder: Path, threads: int = 2) -> None:
        import onnxruntime

        config = read_json(folder / "config.json")
        self._columns = _label_columns(config, folder)
        self._encode = _encoder(folder)
        self._max_tokens = int(config.get("max_tokens", 64))
        self._pad = int(config.get("pad_token_id") or 0)
        options = onnxruntime.SessionOptions()
        # Each call runs on the thread that makes it; calls run side by side. For short batches
        # that uses two cores better than splitting every product in two.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        model = folder / "model.onnx"
        model = model if model.exists() else _present(folder / "onnx" / "model.onnx")
        self._session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._threads = max(1, threads)

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        result = np.zeros((len(texts), 3), np.float32)
        if not texts:
            return result
        ids = self._token_ids(texts)
        lengths = np.array([len(row) for row in ids])
        calls = _calls(lengths)
        with ThreadPoolExecutor(self._threads) as pool:
            answers = pool.map(lambda rows: self._logits([ids[i] for i in rows]), calls)
            for rows, logits in zip(calls, answers, strict=True):
                result[rows] = logits
        return _log_softmax(result)

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
        given = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": mask * 0}
        feed = {name: given[name] for name in self._inputs}
        logits: Floats = self._session.run(None, feed)[0]
        return logits[:, self._columns]


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


def _label_columns(config: dict[str, Any], folder: Path) -> list[int]:
    labels = {str(name).lower(): int(i) for i, name in config.get("id2label", {}).items()}
    if set(labels) != set(CLASSES):
        raise NlpError(
            f"{folder / 'config.json'}: id2label names {sorted(labels)}; "
            f"name the model's outputs {', '.join(CLASSES)} there"
        )
    return [labels[name] for name in CLASSES]


@dataclass(frozen=True)
class Combination:
    """How much each reader counts, and how sure their average may be.

    log p = (w · log p_transformer + (1 - w) · log p_linear) / temperature, normalised: a
    logarithmic opinion pool (Genest and Zidek 1986) with temperature scaling (Guo et al. 2017).
    """

    transformer: float
    temperature: float

    @classmethod
    def read(cls, path: Path) -> "Combination":
        """From a JSON object with these two fields, both measured on validation texts."""
        given = read_json(path)
        return cls(float(given["transformer"]), float(given["temperature"]))

    def probabilities(self, transformer: Floats, linear: Floats) -> Floats:
        """Probabilities of shape (n, 3) from two tables of log-probabilities of that shape."""
        mixed = self.transformer * transformer + (1 - self.transformer) * linear
        mixed /= np.float32(self.temperature)
        chances: Floats = np.exp(_log_softmax(mixed))
        return chances


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


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
