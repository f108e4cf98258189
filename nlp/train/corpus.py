"""The labelled texts that the sentiment models learn from, split by product and never by row.

A film's reviews all fall on one side of a split, so that a score on `test` speaks of films the
model has not met. English sets carry no product: they are split by a digest of their text, which
also keeps exact copies on one side.
"""

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

Split = Literal["train", "validation", "test"]
Floats = npt.NDArray[np.float32]

CLASSES = ("negative", "neutral", "positive")

# What a star rating of 1 to 10 says of the three classes. The rows lean towards the neighbours
# because readers disagree about the middle: seven stars are called neutral here but praise often.
STARS: Floats = np.array(
    [
        [0.96, 0.03, 0.01],
        [0.93, 0.06, 0.01],
        [0.84, 0.14, 0.02],
        [0.68, 0.28, 0.04],
        [0.25, 0.66, 0.09],
        [0.12, 0.70, 0.18],
        [0.05, 0.57, 0.38],
        [0.03, 0.27, 0.70],
        [0.01, 0.09, 0.90],
        [0.01, 0.04, 0.95],
    ],
    dtype=np.float32,
)
ORIGINS = [
    "NSMC, raw Naver film reviews (CC0)",
    "Pang and Lee, sentence polarity (CC BY 4.0)",
    "Liu, pros and cons (CC BY 4.0)",
    "VADER's ground truth, Amazon sentences (MIT)",
    "TweetEval sentiment (released without restrictions; Twitter's terms apply)",
]
SURE = {"negative": 0, "neutral": 1, "positive": 2}


@dataclass(frozen=True)
class Corpus:
    """Texts with the probability of each class, and stars where the source has them.

    `texts` has n entries, `labels` the shape (n, 3) in the order of `CLASSES`, `stars` n whole
    numbers from 1 to 10, or 0 where a text has a class but no stars.
    """

    texts: list[str]
    labels: Floats
    stars: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: npt.NDArray[np.int64]) -> "Corpus":
        return Corpus([self.texts[i] for i in rows], self.labels[rows], self.stars[rows])


def joined(parts: list[Corpus]) -> Corpus:
    return Corpus(
        [text for part in parts for text in part.texts],
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.stars for part in parts]),
    )


def split_of(key: str) -> Split:
    """Nine in ten keys train, one in twenty validates, one in twenty tests; stable for ever."""
    bucket = int.from_bytes(hashlib.md5(key.encode()).digest()[:4], "big") % 100
    return "train" if bucket < 90 else "validation" if bucket < 95 else "test"


def korean(data: Path, split: Split) -> Corpus:
    """Naver film reviews (CC0, the raw files of NSMC), one split of the films."""
    table = pq.read_table(
        data / "naver_movie_reviews.parquet", columns=["movie_id", "review", "rating"]
    ).to_pydict()
    side = {film: split_of(film) == split for film in set(table["movie_id"])}
    rows = [i for i, film in enumerate(table["movie_id"]) if side[film]]
    stars = np.array([table["rating"][i] for i in rows], dtype=np.int8)
    return Corpus([table["review"][i] for i in rows], STARS[stars - 1], stars)


def english(data: Path, split: Split) -> Corpus:
    """Tweets, film sentences, product pros and cons, and scored Amazon sentences, one split."""
    pairs = [
        pair
        for source in (_tweets, _film_sentences, _pros_cons, _amazon_sentences)
        for pair in source(data / "english")
        if split_of(pair[0]) == split
    ]
    return sure(pairs)


def by_source(data: Path, split: Split) -> dict[str, Corpus]:
    """Every source by its name, one split."""
    folder = data / "english"
    pairs = {
        "tweets": _tweets(folder),
        "film_sentences": _film_sentences(folder),
        "amazon": _amazon_sentences(folder),
        "pros_cons": _pros_cons(folder),
    }
    english = {
        name: sure([pair for pair in found if split_of(pair[0]) == split])
        for name, found in pairs.items()
    }
    return {"films": korean(data, split)} | english


def tweets(data: Path, split: Split) -> Corpus:
    return sure([pair for pair in _tweets(data / "english") if split_of(pair[0]) == split])


def film_sentences(data: Path, split: Split) -> Corpus:
    return sure([pair for pair in _film_sentences(data / "english") if split_of(pair[0]) == split])


def amazon_sentences(data: Path, split: Split) -> Corpus:
    """Only sentences whose mean human valence is beyond half a point, as two classes."""
    pairs = _amazon_sentences(data / "english", beyond=0.5)
    return sure([pair for pair in pairs if split_of(pair[0]) == split])


def sure(pairs: list[tuple[str, str]]) -> Corpus:
    """Texts whose class is known by name, with little left for the other two."""
    classes = np.array([SURE[label] for _, label in pairs], dtype=np.int64)
    labels = np.full((len(pairs), 3), 0.03, dtype=np.float32)
    labels[np.arange(len(pairs)), classes] = 0.94
    return Corpus([text for text, _ in pairs], labels, np.zeros(len(pairs), dtype=np.int8))


def _tweets(folder: Path) -> list[tuple[str, str]]:
    lines = (folder / "tweeteval_sentiment.tsv").read_text("utf-8").splitlines()[1:]
    return [(text, label) for label, text in (line.split("\t", 1) for line in lines)]


def _film_sentences(folder: Path) -> list[tuple[str, str]]:
    pairs = []
    with zipfile.ZipFile(folder / "sentence_polarity.zip") as archive:
        for name, label in (("rt-polarity.neg", "negative"), ("rt-polarity.pos", "positive")):
            text = archive.read(f"sentence_polarity/{name}").decode("latin-1")
            pairs += [(line.strip(), label) for line in text.splitlines() if line.strip()]
    return pairs


def _pros_cons(folder: Path) -> list[tuple[str, str]]:
    pairs = []
    with zipfile.ZipFile(folder / "pros_cons.zip") as archive:
        for tag, label in (("Cons", "negative"), ("Pros", "positive")):
            text = archive.read(f"pros_cons/Integrated{tag}.txt").decode("latin-1")
            pairs += [(m.strip(), label) for m in re.findall(rf"<{tag}>(.*?)</{tag}>", text)]
    return pairs


def _amazon_sentences(folder: Path, beyond: float = 1.0) -> list[tuple[str, str]]:
    pairs = []
    for line in (folder / "amazon_snippets.tsv").read_text("utf-8").splitlines():
        _, valence, text = line.split("\t", 2)
        if abs(float(valence)) > beyond:
            pairs.append((text, "negative" if float(valence) < 0 else "positive"))
    return pairs
