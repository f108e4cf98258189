"""How many accounts that post like machines are found, on made-up accounts whose truth is known.

    python benchmarks/bots.py [--accounts 1000] [--seed 1]

People: casual and keen ones with a rhythm of day and week, people who work at night, and fans who
write many texts in one evening. Machines: copiers, timers, sleepless posters, floods, and cautious
ones that keep office hours but copy. The truth is kept apart from what is judged. The baseline, in
the same run, calls every account a machine that posts more than the busiest twentieth.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from nlp.fingerprint import fingerprints
from warehouse import revisions, serving
from warehouse.signals.bots import LIKE_A_MACHINE, refresh_accounts
from warehouse.signals.copies import refresh_copies
from warehouse.store import Warehouse, open_warehouse

DAY = 86_400.0
START = 1_790_000_000.0 // DAY * DAY + 15 * 3600  # midnight in Seoul
SPAN = 60  # days
HOURS = np.array(
    [2, 1, 0, 0, 0, 0, 2, 6, 9, 9, 9, 10, 12, 10, 9, 9, 9, 10, 12, 14, 16, 17, 14, 8.0]
)
NOUNS = (
    "배송",
    "포장",
    "색상",
    "배터리",
    "화면",
    "가격",
    "상담",
    "사이즈",
    "소음",
    "마감",
    "향",
    "질감",
    "무게",
    "디자인",
)
SAYS = (
    "만족스러워요",
    "별로였어요",
    "보통이에요",
    "최고예요",
    "실망했어요",
    "괜찮네요",
    "아쉬워요",
    "기대 이상이에요",
)
Chance = np.random.Generator
Posts = tuple[np.ndarray, list[str]]  # seconds since 1970, texts


def said(chance: Chance, count: int) -> list[str]:
    """Texts of which no two are near copies but by chance."""
    return [
        " ".join(
            f"{chance.choice(NOUNS)}{chance.choice(['은', '도', '이'])} {chance.choice(SAYS)}"
            for _ in range(chance.integers(2, 5))
        )
        + f" {chance.integers(10**6):06}번째 후기"
        for _ in range(count)
    ]


def lived(chance: Chance, count: int, shift: int = 0) -> np.ndarray:
    """Moments of a person's day: by the hours of the day, in sittings of one to four texts."""
    moments: list[float] = []
    while len(moments) < count:
        hour = (chance.choice(24, p=HOURS / HOURS.sum()) + shift) % 24
        at = START + chance.integers(SPAN) * DAY + (hour + chance.random()) * 3600
        for _ in range(chance.integers(1, 5)):
            moments.append(at)
            at += chance.exponential(400) + 20
    return np.sort(moments[:count])


def casual(chance: Chance) -> Posts:
    count = int(chance.integers(10, 25))
    return lived(chance, count), said(chance, count)


def keen(chance: Chance) -> Posts:
    count = int(chance.integers(60, 250))
    texts = said(chance, count)
    for at in range(0, count, 12):  # a phrase of their own
        texts[at] = "잘 받았습니다 번창하세요 감사합니다"
    return lived(chance, count), texts


def nightly(chance: Chance) -> Posts:
    count = int(chance.integers(20, 80))
    return lived(chance, count, shift=12), said(chance, count)


def fan(chance: Chance) -> Posts:
    count = int(chance.integers(10, 20))
    evening = START + chance.integers(SPAN) * DAY + 20 * 3600
    return evening + np.cumsum(chance.exponential(240, count) + 40), said(chance, count)


def copier(chance: Chance) -> Posts:
    count = int(chance.integers(15, 60))
    texts = said(chance, 2)
    link = " https://bit.example/" + str(chance.integers(1000))
    return lived(chance, count), [texts[chance.integers(2)] + link for _ in range(count)]


def timer(chance: Chance) -> Posts:
    count = int(chance.integers(30, 120))
    pause = float(chance.choice([1800, 3600, 7200]))
    begin = START + chance.integers(30) * DAY
    return begin + np.arange(count) * pause + chance.normal(0, 20, count), said(chance, count)


def sleepless(chance: Chance) -> Posts:
    count = int(chance.integers(60, 200))
    return START + np.sort(chance.random(count)) * SPAN * DAY, said(chance, count)


def flood(chance: Chance) -> Posts:
    count = int(chance.integers(40, 120))
    begin = START + chance.integers(SPAN) * DAY + chance.random() * DAY
    return begin + np.cumsum(chance.exponential(12, count)), said(chance, count)


def cautious(chance: Chance) -> Posts:
    count = int(chance.integers(20, 60))
    texts, some = said(chance, count), said(chance, 3)
    copied = chance.random(count) < 0.7
    return lived(chance, count), [
        some[chance.integers(3)] if copy else text for copy, text in zip(copied, texts, strict=True)
    ]


PEOPLE: dict[str, Callable[[Chance], Posts]] = {
    "casual": casual,
    "keen": keen,
    "nightly": nightly,
    "fan": fan,
}
MACHINES: dict[str, Callable[[Chance], Posts]] = {
    "copier": copier,
    "timer": timer,
    "sleepless": sleepless,
    "flood": flood,
    "cautious": cautious,
}


@dataclass(frozen=True)
class World:
    """Mentions as columns, and apart from them which kind each account is."""

    mentions: pa.Table
    kinds: dict[str, str]


def world(accounts: int, seed: int) -> World:
    """Seven people to each machine, the kinds of both in turn."""
    chance = np.random.default_rng(seed)
    kinds: dict[str, str] = {}
    rows: dict[str, list[Any]] = {"author": [], "time": [], "text": [], "product": []}
    for number in range(accounts):
        some = MACHINES if number % 8 == 0 else PEOPLE
        kind = list(some)[number // 8 % len(some) if some is MACHINES else number % len(some)]
        moments, texts = some[kind](chance)
        name = f"account-{number}"
        kinds[name] = kind
        rows["author"] += [name] * len(texts)
        rows["time"] += (moments * 1e6).astype(np.int64).tolist()
        rows["text"] += texts
        rows["product"] += [f"product-{chance.integers(20)}" for _ in texts]
    return World(pa.table(rows), kinds)


def hear(house: Warehouse, mentions: pa.Table) -> None:
    """Put mentions with their fingerprints where the screens read."""
    table = mentions.append_column("fingerprint", pa.array(fingerprints(mentions["text"])))
    with house.writing() as cursor:
        cursor.register("told", table)
        common = (
            "md5(author || time::VARCHAR || text)::UUID AS mention_id, 'forum' AS source, "
            "'post' AS kind, author AS author_id, author AS author_handle, "
            "make_timestamp(time)::TIMESTAMPTZ AS created_at, product, 0 AS text_hash"
        )
        cursor.execute(
            f"INSERT INTO mentions BY NAME SELECT {common}, mention_id::VARCHAR AS native_id, "
            "text, created_at AS collected_at, 0 AS content_hash, 'b' AS batch_id FROM told"
        )
        cursor.execute(
            f"INSERT INTO heard BY NAME SELECT {common}, created_at::DATE AS day, "
            "'neutral' AS sentiment, nullif(fingerprint, 0) AS fingerprint FROM told"
        )
        cursor.unregister("told")
        revisions.changed(cursor, serving.HEARD)


def judged(made: World) -> tuple[dict[str, float], float]:
    """The score of each account, and the seconds of processor time that judging took."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        house = open_warehouse(place / "w.duckdb", place / "landing", place / "jobs", "Asia/Seoul")
        try:
            hear(house, made.mentions)
            refresh_copies(house)
            began = time.process_time()
            refresh_accounts(house)
            spent = time.process_time() - began
            with house.reading() as cursor:
                rows = cursor.sql("SELECT author, score FROM accounts_scored").fetchall()
        finally:
            house.close()
    return dict(rows), spent


def measured(called: set[str], kinds: dict[str, str]) -> dict[str, float]:
    """Precision and recall of the accounts called machines."""
    machines = {name for name, kind in kinds.items() if kind in MACHINES}
    right = len(called & machines)
    return {
        "precision": round(right / max(1, len(called)), 4),
        "recall": round(right / max(1, len(machines)), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    made = world(options.accounts, options.seed)
    score, spent = judged(made)
    called = {name for name, each in score.items() if each >= LIKE_A_MACHINE}
    counts = dict.fromkeys(made.kinds, 0)
    for author in made.mentions["author"].to_pylist():
        counts[author] += 1
    busiest = {name for name, n in counts.items() if n > np.quantile(list(counts.values()), 0.95)}
    by_kind = {
        kind: f"{sum(made.kinds[name] == kind for name in called)} of {n}"
        for kind, n in zip(*np.unique(list(made.kinds.values()), return_counts=True), strict=True)
    }
    report = {
        "accounts": len(made.kinds),
        "mentions": made.mentions.num_rows,
        **measured(called, made.kinds),
        "called_by_kind": by_kind,
        "processor_seconds": round(spent, 2),
        "baseline_busiest": measured(busiest, made.kinds),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
