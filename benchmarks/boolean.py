"""How fast queries of the language are answered over ten million mentions.

    python benchmarks/boolean.py [--mentions 10000000] [--runs 5] [--keep FOLDER]

The newest 50 should come within 300 ms, a count of all within 3 s, with NEAR within 5 s, on two
cores at rest; `work_s` is processor time, of which two cores at rest do two seconds each second.
The mentions are made inside DuckDB: two years, 12 lemmas each, two in five of them from 60 common
words and the others from a long tail; the newest thousandth is not read yet.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from nlp.korean import morphology
from warehouse import queries, serving
from warehouse.queries import Filter
from warehouse.store import Warehouse, open_warehouse
from warehouse.trackers.language import parse
from warehouse.trackers.words import understood

CHANCE = "CREATE TEMP MACRO chance(a, b, n) AS (hash(a, b) % n)::BIGINT"
PHRASES = """
    CREATE TEMP TABLE phrases AS
    WITH words AS (
        SELECT ['배송', '환불', '포장', '향', '가격', '고객', '센터', '좋다', '늦다', '빠르다',
            '비싸다', '보다', '쓰다', '사다', '많다', '너무', '안', '제품', '피부', '사용',
            '구매', '추천', '재구매', '느낌', '크림', '정말', '같다', '받다', '하다', '없다',
            '있다', '되다', '선물', '마음', '들다', '생각', '용량', '냄새', '문의', '교환',
            '반품', '사과', '사과하다', '기다리다', '친절하다', '답답하다', '빨리', '다시',
            '조금', '촉촉하다', '찢어지다', '성분', '세트', '할인', '쿠폰', '포인트', 'refund',
            'cream', 'delivery', 'late'] AS common
    )
    SELECT p, string_agg(word, ' ' ORDER BY k) AS text
    FROM (
        SELECT p, k, CASE WHEN chance(p, k, 100) < 40
            THEN common[1 + floor(59.9 * pow(chance(k, p, 10000) / 10000.0, 1.3))::INT]
            ELSE '낱말' || floor(30000 * pow(chance(p, 100 + k, 100000) / 100000.0, 3))::INT END
            AS word
        FROM range(50000) AS r(p), range(4) AS s(k), words
    )
    GROUP BY p
"""
MENTIONS = """
    INSERT INTO mentions BY NAME
    SELECT md5(i::VARCHAR)::UUID AS mention_id,
        ['shop', 'forum', 'blog', 'news', 'video'][1 + chance(i, 1, 5)] AS source,
        i::VARCHAR AS native_id, ['review', 'post', 'comment'][1 + chance(i, 21, 3)] AS kind,
        'https://' || ['shop.example.com', 'm.blog.example.net'][1 + chance(i, 22, 2)] || '/' || i
            AS url,
        'user' || chance(i, 2, 400000) AS author_handle,
        (pow(chance(i, 24, 10000) / 10000.0, 6) * 1000000)::BIGINT AS author_followers,
        a.text || ' ' || b.text || ' ' || c.text || CASE chance(i, 25, 40)
            WHEN 0 THEN ' #환불' WHEN 1 THEN ' https://x.example' ELSE '' END AS text,
        'product-' || floor(200 * pow(chance(i, 3, 10000) / 10000, 2))::INT AS product,
        (chance(i, 4, 5) / 4)::FLOAT AS rating, '2024-11-01'::DATE::TIMESTAMPTZ
            + to_seconds((i * 63072000.0 / $n)::BIGINT) AS created_at,
        created_at AS collected_at, i AS text_hash, i AS content_hash, 'made' AS batch_id
    FROM range($n) AS r(i)
    JOIN phrases a ON a.p = chance(i, 5, 50000)
    JOIN phrases b ON b.p = chance(i, 6, 50000)
    JOIN phrases c ON c.p = chance(i, 7, 50000)
    ORDER BY i
"""
HEARD = """
    INSERT INTO heard BY NAME
    SELECT mention_id, source, kind, product, author_handle, rating, created_at,
        created_at::DATE AS day, text_hash,
        CASE WHEN chance(text_hash, 31, 8) = 0 THEN 'en' ELSE 'ko' END AS lang,
        CASE WHEN text_hash >= $n - $n // 1000 THEN 'unread'
            ELSE ['negative', 'neutral', 'positive'][1 + chance(text_hash, 32, 3)] END AS sentiment,
        0.1::FLOAT AS score, CASE WHEN text_hash < $n - $n // 1000
            THEN ' ' || regexp_replace(text, ' (#|http).*', '') || ' ' END AS lemmas,
        ' ' || ['delivery:- ', 'delivery:+ ', 'price:. ', ''][1 + chance(text_hash, 33, 4)]
            AS aspects,
        ' ' || ['complaint', 'question', 'praise', ''][1 + chance(text_hash, 34, 4)] || ' '
            AS intents,
        ' ' || ['anger', 'joy', ''][1 + chance(text_hash, 35, 3)] || ' ' AS emotions,
        chance(text_hash, 36, 100) = 0 AS spam, chance(text_hash, 37, 50) = 0 AS sponsored
    FROM mentions
"""
ASKED: Final = {
    "a word": "환불",
    "two words": "환불 배송",
    "three alternatives": "환불 OR 반품 OR 교환",
    "one without another": "배송 -환불",
    "groups, NOT and fields": "(배송 OR 포장) (늦어요 OR 비싸요) -추천 lang:ko rating:<=2",
    "twenty alternatives": " OR ".join(f"낱말{37 * n}" for n in range(20)),
    "a phrase": '"고객 센터"',
    "wildcards": "낱말12* 배송",
    "NEAR": "환불 NEAR/3 (늦어요 OR 기다려요)",
    "NEARF of groups": "(배송 OR 포장) NEARF/5 (늦어요 OR 비싸요)",
    "a hashtag": "#환불",
    "a field of mentions": "환불 followers:>10만",
    "a link": "배송 has:link",
    "a site": "배송 site:example.net",
    "letters as written": "raw:환불",
}


def fill(w: Warehouse, mentions: int) -> float:
    """Make the mentions and what is heard of them; seconds it took."""
    began = time.perf_counter()
    with w.writing() as cursor:
        cursor.execute(CHANCE)
        cursor.execute(PHRASES)
        cursor.execute(MENTIONS, {"n": mentions})
        cursor.execute(HEARD, {"n": mentions})
        serving.refresh_all_days(cursor)
    return time.perf_counter() - began


def timed(work: Callable[[], int], runs: int) -> dict[str, Any]:
    """The median of some runs after one that does not count, and the least work of one."""
    found = work()
    taken, worked = [], []
    for _ in range(runs):
        began, busy = time.perf_counter(), time.process_time()
        work()
        taken.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
    return {
        "found": found,
        "median_s": round(sorted(taken)[runs // 2], 2),
        "best_s": round(min(taken), 2),
        "work_s": round(min(worked), 2),
    }


def measure(w: Warehouse, runs: int) -> Iterator[dict[str, Any]]:
    """A line a query, as each is measured."""
    reader = morphology()
    for name, text in ASKED.items():
        chosen = Filter(query=understood(parse(text), reader))

        def newest(chosen: Filter = chosen) -> int:
            return queries.newest_mentions(w, chosen).num_rows

        def count(chosen: Filter = chosen) -> int:
            return queries.count_mentions(w, chosen)

        yield {
            "query": name,
            "newest_50": timed(newest, runs),
            "count": timed(count, max(1, runs // 2)),
            "load": round(os.getloadavg()[0], 1),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mentions", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder to make them in once, and ask again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder)
        made = (path / "w.duckdb").exists()
        w = open_warehouse(path / "w.duckdb", path / "landing", path / "jobs", "Asia/Seoul")
        if not made:
            seconds = fill(w, asked.mentions)
            print(json.dumps({"mentions": asked.mentions, "made_in_s": round(seconds)}))
        for line in measure(w, asked.runs):
            print(json.dumps(line, ensure_ascii=False), flush=True)
        w.close()


if __name__ == "__main__":
    main()
