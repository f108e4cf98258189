"""Learn the space of words in which topics are found: what is said together lies together.

    nice -n 19 python -m nlp.train.words --data DATA --out nlp/models/words

Reviews in `held_out` are not learned from: benchmarks use them.
"""

import argparse
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from nlp.columns import as_terms
from nlp.korean import morphology
from nlp.texts import readable, strings
from nlp.topics.bags import bags_of
from nlp.topics.space import CONTEXTS, DIMENSIONS, SEED, Space
from nlp.train import kote

HELD_OUT, LEARNED = 130_000, 380_000
LEAST = 25  # texts that a word must be said in
_ROWS = 16_384


def held_out(reviews: int) -> npt.NDArray[np.int64]:
    """The places of the film reviews that are kept for measuring, in order."""
    chance = np.random.default_rng(SEED)
    return np.sort(chance.choice(reviews, min(HELD_OUT, reviews // 2), replace=False))


def texts_of(data: Path) -> list[str]:
    """Film reviews that are not held out, comments, and English reviews, pros, cons and tweets."""
    films = pq.read_table(data / "naver_movie_reviews.parquet", columns=["review"])["review"]
    chance = np.random.default_rng(SEED)
    apart = chance.choice(len(films), HELD_OUT, replace=False)
    rest = np.setdiff1d(np.arange(len(films)), apart)
    chosen = np.sort(chance.choice(rest, LEARNED, replace=False))
    found: list[str] = films.take(pa.array(chosen)).to_pylist()
    found += [text for text, _ in kote.comments(data)]
    return found + english(data / "english")


def english(folder: Path) -> list[str]:
    found: list[str] = []
    for name in ("pros_cons.zip", "sentence_polarity.zip"):
        with zipfile.ZipFile(folder / name) as archive:
            for inside in archive.namelist():
                if not inside.endswith(("README.txt", "/")):
                    lines = archive.read(inside).decode("latin-1").splitlines()
                    found += [line.removeprefix("<Pros>").removeprefix("<Cons>") for line in lines]
    for name in ("amazon_snippets.tsv", "tweeteval_sentiment.tsv"):
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        found += [line.split("\t")[-1] for line in lines]
    return found


def learn(terms: "pa.ListArray[Any]", out: Path) -> None:
    """Write words, vectors and tree of texts given as terms to the folder `out`."""
    space = Space.learn(bags_of(terms, least=LEAST))
    space.write(out)
    about = {
        "texts": len(terms),
        "words": len(space.words),
        "dimensions": DIMENSIONS,
        "smoothing": CONTEXTS,
        "origins": ["NSMC, raw Naver film reviews (CC0)", "KOTE (MIT)",
                    "Pang and Lee, sentence polarity (CC BY 4.0)",
                    "Liu, pros and cons (CC BY 4.0)",
                    "VADER's ground truth, Amazon sentences (MIT)",
                    "TweetEval sentiment (released without restrictions; Twitter's terms apply)"],
    }  # fmt: skip
    (out / "config.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({"texts": len(terms), "words": len(space.words)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    clean = strings(readable(texts_of(options.data)))
    parts = [
        as_terms(morphology().terms(clean[at : at + _ROWS])) for at in range(0, len(clean), _ROWS)
    ]
    learn(pa.concat_arrays(parts), options.out)


if __name__ == "__main__":
    main()
