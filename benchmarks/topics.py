"""Topics of 100,000 film reviews: time, memory, how many have none, and whether two halves agree.

    python benchmarks/topics.py [--reviews 100000] [--terms FILE]

The reviews are among those that the shipped space of words was not learned from. Halves overlap in
a fifth of all reviews, where their topics are compared; and two halves without overlap are compared
on reviews of neither. The baseline of the same run is k-means on 50 singular vectors of TF-IDF,
with as many topics. Reading terms takes the annotator's time, not that of topics: it is told apart,
and with `--terms` they are kept in a file from run to run.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import adjusted_rand_score

from nlp.columns import as_terms
from nlp.korean import morphology
from nlp.texts import readable, strings
from nlp.topics.bags import Bags, bags_of
from nlp.topics.refit import Refit, refit
from nlp.train.words import held_out

REVIEWS = Path(__file__).parents[2] / "shared" / "data" / "naver_movie_reviews.parquet"
Labels = npt.NDArray[np.int64]
_ROWS = 8192


def terms_of(rows: int, kept: Path | None) -> tuple[Any, float]:
    """Terms of held-out reviews in a random order, and the seconds that reading them took."""
    if kept is not None and kept.exists():
        return pq.read_table(kept)["terms"].combine_chunks(), 0.0
    reviews = pq.read_table(REVIEWS, columns=["review"])["review"]
    places = np.random.default_rng(1).permutation(held_out(len(reviews)))[:rows]
    clean = strings(readable(reviews.take(pa.array(places))))
    began = time.perf_counter()
    parts = [
        as_terms(morphology().terms(clean[at : at + _ROWS])) for at in range(0, len(clean), _ROWS)
    ]
    found: Any = pa.concat_arrays(parts)
    if kept is not None:
        pq.write_table(pa.table({"terms": found}), kept)
    return found, time.perf_counter() - began


def told(found: Refit, bags: Bags) -> Labels:
    """The topic of each text by the words' weights; -1 for none."""
    words = {word: place for place, word in enumerate(bags.words)}
    topics = {topic.topic_id: place for place, topic in enumerate(found.topics)}
    weights = np.zeros((len(words), len(topics)), np.float32)
    for row in found.weights.to_pylist():
        if row["word"] in words:
            weights[words[row["word"]], topics[row["topic_id"]]] = row["weight"]
    scores = np.asarray(bags.matrix @ weights)
    labels: Labels = scores.argmax(1)
    labels[scores.max(1) <= 0] = -1
    return labels


def agreement(one: Labels, other: Labels) -> float:
    """Adjusted Rand index over the texts that have a topic in both."""
    both = (one >= 0) & (other >= 0)
    return round(float(adjusted_rand_score(one[both], other[both])), 3)


def splits(texts: int, spare: int) -> dict[str, tuple[Labels, Labels, Labels]]:
    """Two sets of texts to find topics in, and those to compare them on."""
    every = np.arange(texts)
    first, last = every[: texts * 6 // 10], every[texts * 4 // 10 :]
    return {
        "halves_overlapping": (first, last, np.intersect1d(first, last)),
        "halves_apart": (
            every[: texts // 2], every[texts // 2 :], np.arange(texts, texts + spare),
        ),
    }  # fmt: skip


def baseline(bags: Bags, rows: Labels, compared: Labels, topics: int, seed: int) -> Labels:
    tfidf = TfidfTransformer(sublinear_tf=True).fit(bags.matrix[rows])
    reduce = TruncatedSVD(50, random_state=seed)
    points = reduce.fit_transform(tfidf.transform(bags.matrix[rows]))
    groups = MiniBatchKMeans(topics, random_state=seed, n_init=3, batch_size=4096).fit(points)
    labels: Labels = groups.predict(reduce.transform(tfidf.transform(bags.matrix[compared])))
    return labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument("--terms", type=Path)
    options = parser.parse_args()
    spare = options.reviews // 5
    terms, reading = terms_of(options.reviews + spare, options.terms)
    terms, texts = terms.slice(0, options.reviews + spare), options.reviews
    own = Path(tempfile.mkdtemp())
    began = time.perf_counter()
    found = refit(terms.slice(0, texts), own)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for topic in sorted(found.topics, key=lambda topic: -topic.share):
        print(f"{topic.share:6.1%}  {topic.name}  ({', '.join(topic.words[:8])})")
    bags = bags_of(terms)
    report: dict[str, Any] = {
        "texts": texts,
        "topics": len(found.topics),
        "seconds_of_terms": round(reading, 1),
        "seconds": round(seconds, 1),
        "peak_memory_mb": round(peak),
        "unassigned": round(found.unassigned, 3),
    }
    for name, (one, other, compared) in splits(texts, spare).items():
        halves = [refit(terms.take(pa.array(rows)), own) for rows in (one, other)]
        labels = [told(half, bags.take(compared)) for half in halves]
        report[name] = {
            "topics": [len(half.topics) for half in halves],
            "adjusted_rand": agreement(*labels),
        }
        began = time.perf_counter()
        plain = [
            baseline(bags, rows, compared, len(half.topics), seed)
            for seed, (rows, half) in enumerate(zip((one, other), halves, strict=True))
        ]
        report[name] |= {
            "baseline_adjusted_rand": agreement(*plain),
            "baseline_seconds_of_both": round(time.perf_counter() - began, 1),
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
