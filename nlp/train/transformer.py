"""Fine-tune the compact encoder for sentiment, in the background, from checkpoints.

    nice -n 19 python -m nlp.train.transformer --data DATA --start MODEL --work FOLDER --layers 6

The start is a plain BERT folder (the multilingual-e5-small of the notice, or a fine-tuned one with
its `head.safetensors`). Every checkpoint holds weights, optimiser, random state and position, so a
run killed at any point goes on from its last checkpoint when it is started again.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer

from nlp.train import corpus
from nlp.train.corpus import Corpus

BATCH = 32
TOKENS = 64
ENGLISH_SHARE = 0.15
CHECKPOINT_EVERY = 400
VALIDATE_EVERY = 1600


class SentimentEncoder(nn.Module):
    """Token states averaged over a text, then `out(tanh(dense(mean)))`: logits of shape (n, 3)."""

    def __init__(self, encoder: nn.Module, hidden: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dense = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 3)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask)[0]
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        return self.out(torch.tanh(self.dense(mean)))  # type: ignore[no-any-return]


def started(folder: Path, layers: int) -> SentimentEncoder:
    """The first `layers` layers of the encoder in `folder`, with its head where it has one."""
    config = AutoConfig.from_pretrained(folder)
    full = AutoModel.from_pretrained(folder, dtype=torch.float32, add_pooling_layer=False)
    full.encoder.layer = full.encoder.layer[:layers]
    full.config.num_hidden_layers = layers
    model = SentimentEncoder(full, config.hidden_size)
    head = folder / "head.safetensors"
    if head.exists():
        state = {name: value.float() for name, value in load_file(head).items()}
        model.load_state_dict(state, strict=False)
    return model


def balanced_order(data: Corpus, english_from: int, rng: np.random.Generator) -> npt.NDArray[Any]:
    """One pass with the three classes equally often, Korean and English in fixed shares."""
    classes = data.labels.argmax(1)
    korean_size = int(english_from * 0.55)
    sizes = {True: korean_size, False: int(korean_size * ENGLISH_SHARE / (1 - ENGLISH_SHARE))}
    korean_rows = np.arange(len(data)) < english_from
    picked = []
    for is_korean, size in sizes.items():
        for label in range(3):
            rows = np.flatnonzero((korean_rows == is_korean) & (classes == label))
            picked.append(rng.choice(rows, size // 3, replace=len(rows) < size // 3))
    order = np.concatenate(picked)
    rng.shuffle(order)
    return order


def batches(
    order: npt.NDArray[Any], lengths: npt.NDArray[Any], rng: np.random.Generator
) -> Iterator[npt.NDArray[Any]]:
    """Batches of texts of like length, the batches themselves in random order.

    Padding is work without worth: sorting inside windows of 100 batches halves the tokens computed.
    """
    window = BATCH * 100
    for start in range(0, len(order), window):
        part = order[start : start + window]
        part = part[np.argsort(lengths[part], kind="stable")]
        groups = [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
        for index in rng.permutation(len(groups)):
            yield groups[index]


def encoded(tokenizer: Any, texts: list[str]) -> dict[str, torch.Tensor]:
    return (
        dict(
            tokenizer(texts, truncation=True, max_length=TOKENS, padding=True, return_tensors="pt")
        )
        | {}
    )


def scores(model: SentimentEncoder, tokenizer: Any, data: Corpus) -> npt.NDArray[np.float32]:
    """Class probabilities of shape (n, 3), computed in order of length and given back as asked."""
    order = np.argsort([len(text) for text in data.texts], kind="stable")
    result = np.zeros((len(data), 3), dtype=np.float32)
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            inputs = encoded(tokenizer, [data.texts[i] for i in rows])
            logits = model(inputs["input_ids"], inputs["attention_mask"])
            result[rows] = logits.softmax(-1).numpy()
    model.train()
    return result


def accuracy(probabilities: npt.NDArray[np.float32], data: Corpus) -> dict[str, float]:
    """Two classes (1-4 against 9-10 stars) and balanced recall of three (1-4, 5-7, 8-10)."""
    sure = (data.stars <= 4) | (data.stars >= 9)
    says = probabilities[:, 2] > probabilities[:, 0]
    two = float((says[sure] == (data.stars[sure] >= 9)).mean())
    truth = np.digitize(data.stars, [5, 8])
    top = probabilities.argmax(1)
    return {"two": two, "three": float(np.mean([(top[truth == c] == c).mean() for c in range(3)]))}


def train(data: Path, start: Path, work: Path, layers: int, rate: float, steps: int) -> None:
    """Train until `steps` batches are seen; resumes from `work` when it holds a checkpoint."""
    torch.set_num_threads(1)
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(start)
    korean, english = corpus.korean(data, "train"), corpus.english(data, "train")
    everything = corpus.joined([korean, english])
    lengths = np.array([min(len(text), 4 * TOKENS) for text in everything.texts])
    validation = corpus.korean(data, "validation")
    rng = np.random.default_rng(7)
    validation = validation.take(_balanced(validation, 1000, rng))

    model = started(start, layers)
    grouped = [
        {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": 0.01},
        {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(grouped, lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _warm(step, steps))
    step, epoch, offset = 0, 0, 0
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        step, epoch, offset = state["step"], state["epoch"], state["offset"]
        torch.set_rng_state(state["random"])
    model.train()
    began, seen = time.monotonic(), 0
    while step < steps:
        order_rng = np.random.default_rng(1000 + epoch)
        order = balanced_order(everything, len(korean), order_rng)
        for index, rows in enumerate(batches(order, lengths, order_rng)):
            if index < offset:
                continue
            inputs = encoded(tokenizer, [everything.texts[i] for i in rows])
            logits = model(inputs["input_ids"], inputs["attention_mask"])
            loss = nn.functional.cross_entropy(logits, torch.from_numpy(everything.labels[rows]))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            step, offset, seen = step + 1, index + 1, seen + len(rows)
            if step % CHECKPOINT_EVERY == 0 or step == steps:
                _save(checkpoint, model, optimizer, schedule, (step, epoch, offset))
                line = {
                    "step": step,
                    "loss": round(loss.item(), 4),
                    "rows_per_second": round(seen / (time.monotonic() - began), 1),
                }
                if step % VALIDATE_EVERY == 0 or step == steps:
                    line |= accuracy(scores(model, tokenizer, validation), validation)
                with (work / "log.jsonl").open("a") as log:
                    log.write(json.dumps(line) + "\n")
            if step >= steps:
                break
        epoch, offset = epoch + 1, 0


def _balanced(data: Corpus, each: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    classes = np.digitize(data.stars, [5, 8])
    return np.concatenate(
        [rng.choice(np.flatnonzero(classes == label), each, replace=False) for label in range(3)]
    )


def _warm(step: int, steps: int) -> float:
    return min((step + 1) / 500, max(0.02, 1 - step / steps))


def _save(
    path: Path, model: nn.Module, optimizer: Any, schedule: Any, at: tuple[int, int, int]
) -> None:
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "random": torch.get_rng_state(),
        "step": at[0],
        "epoch": at[1],
        "offset": at[2],
    }
    temporary = path.with_suffix(".part")
    torch.save(state, temporary)
    temporary.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--steps", type=int, default=14000)
    options = parser.parse_args()
    train(options.data, options.start, options.work, options.layers, options.rate, options.steps)


if __name__ == "__main__":
    main()
