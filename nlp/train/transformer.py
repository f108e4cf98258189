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
# How often each source is seen. Tweets and film sentences are hard and few, pros and cons are easy.
SHARES = {"films": 0.65, "tweets": 0.17, "film_sentences": 0.10, "amazon": 0.05, "pros_cons": 0.03}
UNSPACED = 0.08  # share of Korean texts that are read without their spaces, as many are typed
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


def balanced_order(
    data: Corpus, sources: npt.NDArray[Any], rng: np.random.Generator
) -> npt.NDArray[Any]:
    """One pass: the sources by `SHARES`, and within each its classes equally often.

    `sources` has the name of each row's source; a pass is as long as half of the films.
    """
    classes = data.labels.argmax(1)
    size = int((sources == "films").sum() * 0.55 / SHARES["films"])
    picked = []
    for name, share in SHARES.items():
        found = [np.flatnonzero((sources == name) & (classes == label)) for label in range(3)]
        found = [rows for rows in found if len(rows)]
        each = int(size * share / len(found))
        picked += [rng.choice(rows, each, replace=len(rows) < each) for rows in found]
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
    parts = corpus.by_source(data, "train")
    everything = corpus.joined(list(parts.values()))
    sources = np.repeat(list(parts), [len(part) for part in parts.values()])
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
        order = balanced_order(everything, sources, order_rng)
        for index, rows in enumerate(batches(order, lengths, order_rng)):
            if index < offset:
                continue
            texts = [everything.texts[i] for i in rows]
            unspaced = (sources[rows] == "films") & (rng.random(len(rows)) < UNSPACED)
            for i in np.flatnonzero(unspaced):
                texts[i] = texts[i].replace(" ", "")
            inputs = encoded(tokenizer, texts)
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
