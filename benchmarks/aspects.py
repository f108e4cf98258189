"""What words and aspects cost: milliseconds of one core a text, for each step on its own.

    python benchmarks/aspects.py [--rows 4000] [--rounds 3]

Film reviews where they are, else made-up ones of a shop. Kiwi alone is the baseline, in the same
run; the least of the rounds is given, for other work on the machine only ever adds.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from annotate import REVIEWS, made_up, real

from nlp.aspects import AspectReader
from nlp.korean import morphology
from nlp.spacy_pipeline import Pipeline, made, terms_of


def least(work: Callable[[], Any], texts: int, rounds: int) -> float:
    """Milliseconds of processor time a text."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return round(min(spent) / texts * 1000, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    texts = real(options.rows) if REVIEWS.exists() else made_up(options.rows)
    pipeline = Pipeline(threads=1)
    reader = AspectReader(pipeline.lexicon)
    chances = np.full((len(texts), 3), 1 / 3, np.float32)
    docs = pipeline.docs(texts)
    reader.aspects(docs, chances)
    words = morphology(1)
    kiwi = words.load()
    analysed = words.analyse(texts)
    vocab = docs[0].vocab
    steps = {
        "kiwi_alone": lambda: list(kiwi.tokenize(texts)),
        "kiwi_with_offsets": lambda: words.analyse(texts),
        "docs_of_tokens": lambda: [made(vocab, one) for one in analysed],
        "docs": lambda: pipeline.docs(texts),
        "terms": lambda: [terms_of(doc) for doc in docs],
        "aspects": lambda: reader.aspects(docs, chances),
    }
    costs = {name: least(work, len(texts), options.rounds) for name, work in steps.items()}
    report = {
        "texts": len(texts),
        "real_reviews": REVIEWS.exists(),
        "milliseconds_a_text": costs,
        "in_all": round(costs["docs"] + costs["terms"] + costs["aspects"], 4),
        "aspects_found": sum(map(len, reader.aspects(docs, chances))),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
