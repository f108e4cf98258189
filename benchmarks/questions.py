"""How fast the desk's questions are answered over ten million mentions.

    python benchmarks/questions.py [--mentions 10000000] [--runs 15]

Questions served by the roll-up must stay under 300 ms at the 95th percentile. One that must look at
every mention is set against the bare DuckDB scan it cannot do without, in the same run: at most 1.5
times that. The mentions are made inside DuckDB: two years, 200 products, 5 sources, 8 words each.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from warehouse import ask, queries, serving, topics
from warehouse.queries import Filter
from warehouse.store import Warehouse, open_warehouse
from warehouse.trackers.tree import Query, Raw, Words

FIRST = date(2024, 11, 1)
LAST = date(2026, 10, 31)
CHANCE = "CREATE TEMP MACRO chance(a, b, n) AS (hash(a, b) % n)::BIGINT"
PHRASES = """
    CREATE TEMP TABLE phrases AS
    WITH words AS (
        SELECT ['배송', '포장', '향', '가격', '고객센터', '환불', '재구매', '성분', '피부', '용량',
            '늦다', '좋다', '빠르다', '비싸다', '찢어지다', '촉촉하다', 'cream', 'refund'] AS common
    ),
    picked AS (
        SELECT p, CASE WHEN chance(p, k, 4) = 0 THEN common[1 + chance(k, p, 18)]
            ELSE '낱말' || chance(p, 100 + k, 5000) END AS word
        FROM range(4000) AS r(p), range(4) AS s(k), words
    )
    SELECT p, string_agg(word, ' ') AS text,
        list({'lemma': word, 'tag': 'NNG'}) AS terms
    FROM picked GROUP BY p
"""
MENTIONS = """
    INSERT INTO mentions BY NAME
    SELECT md5(i::VARCHAR)::UUID AS mention_id,
        ['shop', 'forum', 'blog', 'news', 'video'][1 + chance(i, 1, 5)] AS source,
        i::VARCHAR AS native_id, 'review' AS kind, 'user' || chance(i, 2, 400000) AS author_handle,
        a.text || ' ' || b.text AS text,
        'product-' || floor(200 * pow(chance(i, 3, 10000) / 10000, 2))::INT AS product,
        (chance(i, 4, 5) / 4)::FLOAT AS rating, '2024-11-01'::DATE::TIMESTAMPTZ
            + to_seconds((i * 63072000.0 / $n)::BIGINT) AS created_at,
        created_at AS collected_at, i AS text_hash, i AS content_hash, 'made' AS batch_id
    FROM range($n) AS r(i)
    JOIN phrases a ON a.p = chance(i, 5, 4000)
    JOIN phrases b ON b.p = chance(i, 6, 4000)
"""
ANNOTATIONS = """
    INSERT INTO annotations BY NAME
    SELECT md5(i::VARCHAR)::UUID AS mention_id, 'made-1' AS version, i AS text_hash,
        CASE WHEN chance(i, 7, 8) = 0 THEN 'en' ELSE 'ko' END AS lang,
        ['negative', 'neutral', 'positive'][1 + chance(i, 8, 3)] AS sentiment,
        (chance(i, 9, 2001) / 1000.0 - 1)::FLOAT AS score,
        list_concat(a.terms, b.terms) AS terms,
        ' ' || signs[1 + chance(i, 10, 4)] || signs[5 + chance(i, 11, 4)] AS aspect_signs,
        CASE WHEN chance(i, 12, 3) = 0 THEN []
            ELSE [wants[1 + chance(i, 13, 6)]] END AS intents,
        CASE WHEN chance(i, 14, 2) = 0 THEN []
            ELSE [feelings[1 + chance(i, 15, 6)]] END AS emotions,
        chance(i, 16, 100) / 100.0 AS spam, chance(i, 17, 50) = 0 AS sponsored
    FROM range($n - $n // 1000) AS r(i), (SELECT
        ['delivery:- ', 'delivery:+ ', 'price:. ', '', 'service:- ', 'design:+ ', 'taste:+ ', '']
            AS signs,
        ['complaint', 'question', 'praise', 'request', 'leaving', 'life_event life_event:moving']
            AS wants,
        ['anger', 'joy', 'sadness', 'trust', 'gratitude', 'disappointment'] AS feelings)
    JOIN phrases a ON a.p = chance(i, 5, 4000)
    JOIN phrases b ON b.p = chance(i, 6, 4000)
"""

TOPICS = (
    "INSERT INTO topics SELECT i, 'topic ' || i, ['word'], [1.0], 0.06, now(), NULL "
    "FROM range(1, 17) AS r(i)",
    "INSERT INTO topic_fits VALUES (1, now(), 'made-1', 'made', $n, $n, 0.1, 0.9)",
    """
    INSERT INTO mention_topics
    SELECT mention_id, text_hash, 1, nullif(chance(text_hash, 10, 18), 17), 0.7
    FROM heard WHERE lemmas IS NOT NULL
    """,
)


def fill(warehouse: Warehouse, mentions: int) -> dict[str, float]:
    """Make the mentions, their annotations (the last thousandth stays unread) and the models."""
    seconds: dict[str, float] = {}
    with warehouse.writing() as cursor:
        cursor.execute(CHANCE)
        cursor.execute(PHRASES)
        for name, query in (("mentions", MENTIONS), ("annotations", ANNOTATIONS)):
            began = time.perf_counter()
            ask.number(cursor, query, {"n": mentions})
            seconds[name] = round(time.perf_counter() - began, 1)
        began = time.perf_counter()
        serving.set_current_version(cursor, "made-1")
        seconds["models"] = round(time.perf_counter() - began, 1)
        began = time.perf_counter()
        for query in TOPICS:
            cursor.execute(query, {"n": mentions} if "$n" in query else {})
    topics.roll_up(warehouse)
    seconds["topics"] = round(time.perf_counter() - began, 1)
    return seconds


def timed(work: Callable[[], object], runs: int, *, warm: bool = True) -> list[float]:
    """Milliseconds of each run, after one that does not count where `warm` says so."""
    if warm:
        work()
    taken: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return sorted(taken)


def side_by_side(
    one: Callable[[], object], other: Callable[[], object], runs: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of both, by turns, so that both meet the same noise."""
    timed(one, 0), timed(other, 0)
    pairs = [(timed(one, 1, warm=False), timed(other, 1, warm=False)) for _ in range(runs)]
    return sorted(a[0] for a, _ in pairs), sorted(b[0] for _, b in pairs)


def rolled_up(w: Warehouse) -> dict[str, Callable[[], object]]:
    """The questions that the roll-up, or a few rows, must answer."""
    everything = Filter()
    month = Filter(since=date(2026, 10, 1), until=LAST)
    narrow = Filter(since=date(2026, 1, 1), sources=("shop", "blog"), langs=("ko",),
                    sentiments=("negative", "unread"))  # fmt: skip
    asked: dict[str, Callable[[], object]] = {
        "extent": lambda: queries.extent(w),
        "choices": lambda: queries.choices(w),
        "sources_overview": lambda: queries.sources_overview(w),
        "quarantined": lambda: queries.quarantined(w),
    }
    for name, chosen in {"all": everything, "month": month, "narrow": narrow}.items():
        for question in (
            queries.mentions_per_day, queries.totals, queries.compared, queries.share_of_voice,
            queries.movers,
        ):  # fmt: skip
            asked[f"{question.__name__}, {name}"] = _ask(question, w, chosen)
    for name, chosen in {"all": everything, "month": month}.items():
        for question in (queries.aspects, queries.intents, queries.emotions):
            asked[f"{question.__name__}, {name}"] = _ask(question, w, chosen)
    asked["aspect, month"] = lambda: queries.aspect(w, month, "delivery")
    asked["life_events, month"] = lambda: queries.life_events(w, month)
    for name, chosen in {"all": everything, "month": month, "narrow": narrow}.items():
        asked[f"topics, {name}"] = _ask(queries.topics, w, chosen)
        asked[f"trending_terms, {name}"] = _ask(queries.trending_terms, w, chosen)
    asked["topic"] = lambda: queries.topic(w, 3)
    asked["count_mentions, month"] = lambda: queries.count_mentions(w, month)
    asked["newest_mentions, all"] = lambda: queries.newest_mentions(w, everything)
    asked["newest_mentions, month"] = lambda: queries.newest_mentions(w, month)
    return asked


def _ask(
    question: Callable[[Warehouse, Filter], object], w: Warehouse, chosen: Filter
) -> Callable[[], object]:
    return lambda: question(w, chosen)


def search(*lemmas: str) -> Query:
    """What somebody searched who typed these words."""
    return Query(" ".join(lemmas), Words(lemmas, lemmas), read=True)


def scanning(w: Warehouse) -> dict[str, tuple[Callable[[], object], str]]:
    """The questions that must look at every mention, each with the scan it cannot do without."""
    word = Filter(query=search("배송"))
    words = Filter(query=search("배송", "늦다"), products=("product-3",))
    plain = Filter(query=Query("raw:배송", Raw("배송"), read=True))
    author = Filter(author_handle="user77")
    blamed = Filter(aspects=("delivery",), polarity="negative")
    in_aspects = "SELECT day, sentiment FROM heard WHERE contains(aspects, ' delivery:- ')"
    lemma = "SELECT day, sentiment FROM heard WHERE contains(lemmas, ' 배송 ')"
    by_day = f"SELECT day, sentiment, count(*) FROM ({lemma}) GROUP BY ALL"
    both = (
        "SELECT count(*) FROM heard WHERE contains(lemmas, ' 배송 ') "
        "AND contains(lemmas, ' 늦다 ') AND product = 'product-3'"
    )
    text = "SELECT count(*) FROM mentions WHERE contains(text, '배송') OR contains(title, '배송')"
    of_author = "SELECT count(*) FROM heard WHERE author_handle = 'user77'"
    one = str(queries.newest_mentions(w, Filter(), limit=1).column("mention_id")[0])
    by_id = (
        f"SELECT * FROM (SELECT * FROM mentions WHERE mention_id = '{one}') "
        f"LEFT JOIN (SELECT * FROM annotations WHERE mention_id = '{one}') USING (mention_id)"
    )
    return {
        "mentions_per_day, a word": (_ask(queries.mentions_per_day, w, word), by_day),
        "totals, a word": (_ask(queries.totals, w, word), by_day),
        "share_of_voice, a word": (
            _ask(queries.share_of_voice, w, word),
            by_day.replace("day", "product"),
        ),
        "newest_mentions, a word": (_ask(queries.newest_mentions, w, word), by_day),
        "count_mentions, two words": (_ask(queries.count_mentions, w, words), both),
        "count_mentions, plain text": (_ask(queries.count_mentions, w, plain), text),
        "mentions_per_day, an aspect blamed": (
            _ask(queries.mentions_per_day, w, blamed),
            f"SELECT day, sentiment, count(*) FROM ({in_aspects}) GROUP BY ALL",
        ),
        "totals, an author": (_ask(queries.totals, w, author), of_author),
        "mention": (lambda: queries.mention(w, one), by_id),
    }


def measure(w: Warehouse, runs: int) -> Iterator[dict[str, Any]]:
    """A line a question, as each is measured."""
    for name, question in rolled_up(w).items():
        taken = timed(question, runs)
        p95 = statistics.quantiles(taken, n=20)[-1]
        yield {"question": name, "p95_ms": round(p95), "median_ms": round(taken[runs // 2])}
    few = max(3, runs // 2)
    for name, (question, bare) in scanning(w).items():
        with w.reading() as cursor:
            taken, scan = side_by_side(question, lambda c=cursor, q=bare: ask.table(c, q), few)
        yield {
            "question": name,
            "median_ms": round(taken[few // 2]),
            "scan_ms": round(scan[few // 2]),
            "ratio": round(taken[few // 2] / scan[few // 2], 2),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mentions", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        w = open_warehouse(path / "w.duckdb", path / "landing", path / "jobs", "Asia/Seoul")
        print(json.dumps({"mentions": asked.mentions, "made_in_seconds": fill(w, asked.mentions)}))
        for line in measure(w, asked.runs):
            print(json.dumps(line, ensure_ascii=False), flush=True)
        w.close()
        print(json.dumps({"file_mb": round((path / "w.duckdb").stat().st_size / 1e6)}))


if __name__ == "__main__":
    main()
