"""How many texts a second one annotation job reads, against the plain way of calling the model.

    python benchmarks/annotate.py [--rows 4000] [--threads 2]

The baseline, in the same run, is the same transformer asked for one text at a time, unsorted, on as
many threads; it gives sentiment only, while the annotator also gives language, terms, fingerprint
and the linear model's opinion. Real reviews where they are, else made-up Korean ones.
"""

import argparse
import json
import random
import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nlp.annotate import Annotator, AnnotatorConfig
from nlp.sentiment import TransformerReader
from nlp.texts import readable, strings

REVIEWS = Path(__file__).parents[2] / "shared" / "data" / "naver_movie_reviews.parquet"


def real(rows: int) -> list[str]:
    """Reviews from the whole period, evenly spaced."""
    column = pq.read_table(REVIEWS, columns=["review"])["review"].combine_chunks()
    step = max(1, len(column) // rows)
    return [column[i].as_py() for i in range(0, step * rows, step)][:rows]


def made_up(rows: int) -> list[str]:
    """Reviews of 20 to 80 characters; no two alike."""
    dice = random.Random(1)
    things = ["배송", "포장", "색상", "배터리", "화면", "가격", "상담원", "사이즈", "소음", "마감"]
    says = [
        "아주 만족스러워요",
        "생각보다 별로네요",
        "그냥 보통이에요",
        "정말 최고입니다",
        "실망했습니다",
    ]
    ends = ["ㅋㅋㅋ", "ㅠㅠ", "재구매할게요", "환불하고 싶어요", "추천합니다", "참고하세요"]
    return [
        " ".join(
            f"{thing}은 {dice.choice(says)} {dice.choice(ends)}"
            for thing in dice.sample(things, dice.randint(1, 4))
        )
        + f" {i}"
        for i in range(rows)
    ]


ROUNDS = 4  # annotator and baseline take turns, so that other work on the machine slows both


def seconds(work: Callable[[], object]) -> np.ndarray:
    """Seconds by the clock and of processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return np.array([time.perf_counter() - clock, time.process_time() - processor])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    texts = real(options.rows) if REVIEWS.exists() else made_up(options.rows)
    config = AnnotatorConfig(threads=options.threads)
    annotator, plain = Annotator(config), TransformerReader(config.teacher_folder, options.threads)
    annotator.annotate(pa.table({"text": texts[:64]}))
    spent, plain_spent, plain_texts = np.zeros(2), np.zeros(2), 0
    for turn in range(ROUNDS):
        table = pa.table({"text": texts[turn::ROUNDS]})
        spent += seconds(partial(annotator.annotate, table))
        few = strings(readable(table["text"]))[:100]
        plain_texts += len(few)
        plain_spent += seconds(lambda few=few: [plain.log_probabilities([text]) for text in few])
    rates, plain_rates = len(texts) / spent, plain_texts / plain_spent
    report = {
        "texts": len(texts),
        "real_reviews": REVIEWS.exists(),
        "threads": options.threads,
        "texts_per_second": round(rates[0], 1),
        "texts_per_processor_second": round(rates[1], 1),
        "baseline_texts_per_second": round(plain_rates[0], 1),
        "ratio": round(rates[0] / plain_rates[0], 2),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
