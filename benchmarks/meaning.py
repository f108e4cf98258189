"""What reading the meaning of a text costs beside its Doc: intents, emotions, toxicity, spam.

    python benchmarks/meaning.py [--rows 4096]

Milliseconds of one core a text, each part alone, the best of three rounds, in slices as the
annotator takes them. Budget: 0.25 ms for all together. With `--rows 1` it shows what a single text
pays for compiling the patterns. Real reviews where they are, else made-up Korean ones.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from nlp.emotions import EmotionReader
from nlp.intents import intents
from nlp.ngrams import grams
from nlp.spacy_pipeline import Pipeline
from nlp.spam import spam, sponsored
from nlp.texts import readable, strings
from nlp.toxicity import toxicity

ROOT = Path(__file__).parents[1]
REVIEWS = ROOT.parent / "shared" / "data" / "naver_movie_reviews.parquet"
SLICE = 2048
BUDGET = 0.25


def reviews(rows: int) -> list[str]:
    """Reviews from the whole period, evenly spaced, or made-up ones of that length."""
    if not REVIEWS.exists():
        return [
            f"배송은 빨랐지만 포장이 엉망이에요 {i}번째 구매인데 또 사고 싶네요"
            for i in range(rows)
        ]
    column = pq.read_table(REVIEWS, columns=["review"])["review"].combine_chunks()
    step = len(column) // rows
    return [column[i].as_py() for i in range(0, step * rows, step)][:rows]


def cost(work: Callable[[], object], rows: int) -> float:
    """Milliseconds of processor time a text, the best of three rounds."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent) * 1000 / rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4096)
    options = parser.parse_args()
    raw = reviews(options.rows)
    clean = strings(readable(raw))
    pipeline, reader = Pipeline(), EmotionReader(ROOT / "nlp" / "models" / "emotions")
    found: dict[str, float] = {}
    for at in range(0, len(raw), SLICE):
        texts, stored = clean[at : at + SLICE], raw[at : at + SLICE]
        docs, hashed = pipeline.docs(stored), grams(texts)
        chances = np.full((len(texts), 3), 1 / 3, np.float32)
        parts: dict[str, Callable[[], object]] = {
            "intents": lambda docs=docs, chances=chances: intents(docs, chances),
            "emotions": lambda t=texts, h=hashed, c=chances: reader.emotions(h, c, t),
            "toxicity": lambda texts=texts: toxicity(texts),
            "spam": lambda texts=texts, stored=stored: spam(texts, stored),
            "sponsored": lambda texts=texts: sponsored(texts),
        }
        for name, work in parts.items():
            found[name] = found.get(name, 0) + cost(work, len(texts)) * len(texts) / len(raw)
    report = {
        "texts": len(raw),
        "real_reviews": REVIEWS.exists(),
        "milliseconds_a_text": {name: round(value, 4) for name, value in found.items()},
        "together": round(sum(found.values()), 4),
        "budget": BUDGET,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
