"""How many mentions a second are held against a thousand trackers, given their terms.

    python benchmarks/trackers.py [--trackers 1000] [--mentions 40000]

Each tracker has 20 terms under mixed operators: OR-groups joined by AND, NOT, phrases, NEAR,
wildcards, hashtags, raw letters and fields. The baseline, in the same run and over the same texts,
is what one would write first: each tracker as compiled regular expressions of Python (one for each
of its groups), tried on each text in a loop; it is asked for much fewer rows and needs no fields.
Both must find something, and the matcher's answer does not depend on how a stream is cut.
"""

import argparse
import json
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from nlp.korean import Term
from warehouse.trackers.language import parse
from warehouse.trackers.match import Matcher, Tracker
from warehouse.trackers.words import understood_all

COMMON = (
    "배송", "환불", "포장", "향", "가격", "고객", "센터", "좋다", "늦다", "빠르다", "비싸다",
    "보다", "쓰다", "사다", "많다", "너무", "제품", "피부", "사용", "구매", "추천", "재구매",
    "느낌", "크림", "정말", "같다", "받다", "없다", "있다", "선물", "마음", "들다", "생각",
    "용량", "냄새", "문의", "교환", "반품", "사과", "사과하다", "refund", "cream", "delivery",
)  # fmt: skip
RARE = 30_000
TERMS = 20  # of a tracker
BATCH = 16_384  # mentions that a stream hands over at once
REGEX_ROWS = 60


class Lemmas:
    """Words that are lemmas already."""

    def terms(self, texts: Sequence[str]) -> list[list[Term]]:
        return [[Term(word, "NNG") for word in text.split()] for text in texts]


def word(chance: random.Random) -> str:
    """A word as texts have them: half are common, the others from a long tail."""
    if chance.random() < 0.45:
        return COMMON[int(len(COMMON) * chance.random() ** 1.5)]
    return f"낱말{int(RARE * chance.random() ** 2)}"


def mentions(rows: int, chance: random.Random) -> pa.Table:
    """Mentions of 5 to 25 lemmas, with the columns that trackers ask for."""
    lines = [[word(chance) for _ in range(chance.randint(5, 25))] for _ in range(rows)]
    texts = [" ".join(line) + (" #이벤트" if chance.random() < 0.05 else "") for line in lines]
    return pa.table(
        {
            "lemmas": [f" {' '.join(line)} " for line in lines],
            "text": texts,
            "lang": ["en" if chance.random() < 0.1 else "ko" for _ in lines],
            "source": [chance.choice(("shop", "forum", "blog")) for _ in lines],
            "sentiment": [chance.choice(("negative", "neutral", "positive")) for _ in lines],
            "rating": pa.array([chance.randint(0, 4) / 4 for _ in lines], pa.float32()),
            "intents": [chance.choice(("  ", " complaint ", " question ")) for _ in lines],
            "day": pa.array([date(2026, 11, chance.randint(1, 22)) for _ in lines], pa.date32()),
        }
    )


def sought(chance: random.Random) -> str:
    """A word as people look for them: names and complaints, so mostly from the tail."""
    return word(chance) if chance.random() < 0.3 else f"낱말{chance.randrange(RARE)}"


def tracker(number: int, chance: random.Random) -> str:
    """A query of TERMS terms; the kinds of operators go round."""
    words = [sought(chance) for _ in range(TERMS)]
    first, second = " OR ".join(words[:10]), " OR ".join(words[10:14])
    kinds = (
        f"({first}) ({second} OR {words[14]}) -({' OR '.join(words[15:])})",
        f"({first}) NEAR/5 ({second}) OR ({' OR '.join(words[14:])}) lang:ko rating:<=2",
        f'({first} OR "{words[10]} {words[11]}") -({" OR ".join(words[12:])}) source:(shop OR b*)',
        f"({first} OR {words[10]}*) ({' OR '.join(words[11:])}) sentiment:negative",
        f"({first}) NEARF/3 ({' OR '.join(words[10:])}) -is:question",
        f"(#이벤트 OR raw:{words[0]} OR {first}) ({' OR '.join(words[11:])}) since:2026-11-05",
    )
    return kinds[number % len(kinds)]


def expressions(text: str) -> list[re.Pattern[str]]:
    """The words of a query as compiled alternations, one for each of its groups."""
    groups = re.findall(r"\(([^()]*)\)", text)
    return [
        re.compile(
            "|".join(
                re.escape(each.strip('"#').removeprefix("raw:")).replace(r"\*", r"\w*")
                for each in group.split(" OR ")
            )
        )
        for group in groups
    ]


def timed(work: Callable[[], Any], runs: int = 1) -> tuple[float, float, Any]:
    """Seconds of the best of some runs, of which of work of this process, and what it gave."""
    best, busy, given = float("inf"), float("inf"), None
    for _ in range(runs):
        began, worked = time.perf_counter(), time.process_time()
        given = work()
        best = min(best, time.perf_counter() - began)
        busy = min(busy, time.process_time() - worked)
    return best, busy, given


def measure(trackers: int, rows: int) -> dict[str, Any]:
    chance = random.Random(20261122)
    texts = [tracker(number, chance) for number in range(trackers)]
    queries = understood_all([parse(text) for text in texts], Lemmas())
    table = mentions(rows, chance)
    built, _, matcher = timed(
        lambda: Matcher([Tracker(str(n), query) for n, query in enumerate(queries)])
    )

    def stream(size: int) -> int:
        return sum(matcher.matches(table.slice(at, size)).num_rows for at in range(0, rows, size))

    compiled = [expressions(text) for text in texts]
    some = table.column("text").to_pylist()[:REGEX_ROWS]

    def loop() -> int:
        return sum(
            all(each.search(text) for each in patterns) for text in some for patterns in compiled
        )

    regex, regex_busy, loop_hits = timed(loop, 3)
    seconds, busy, hits = timed(lambda: stream(BATCH), 3)
    small, small_busy, hits_of_small = timed(lambda: stream(1_000))
    assert hits == hits_of_small > 0
    assert loop_hits > 0
    per_second, baseline = rows / seconds, REGEX_ROWS / regex
    by_work = (rows / busy) / (REGEX_ROWS / regex_busy)  # both of one thread: what others do is out
    return {
        "trackers": trackers, "terms": TERMS, "mentions": rows, "hits": hits,
        "lemmas_a_mention": round(float(np.mean([
            line.count(" ") - 1 for line in table.column("lemmas").to_pylist()])), 1),
        "mentions_per_second": round(per_second),
        "mentions_per_second_by_thousands": round(rows / small),
        "regex_loop_per_second": round(baseline, 1),
        "times_the_regex_loop": round(per_second / baseline, 1),
        "by_processor_time": {
            "mentions_per_second": round(rows / busy),
            "by_thousands": round(rows / small_busy),
            "regex_loop_per_second": round(REGEX_ROWS / regex_busy, 1),
            "times_the_regex_loop": round(by_work, 1),
        },
        "matcher_built_seconds": round(built, 2),
        "load": [round(each, 1) for each in os.getloadavg()],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trackers", type=int, default=1_000)
    parser.add_argument("--mentions", type=int, default=40_000)
    asked = parser.parse_args()
    print(json.dumps(measure(asked.trackers, asked.mentions), indent=2))


if __name__ == "__main__":
    main()
