"""`madang erase` on a real instance: gone from both stores and the landing zone, and not back."""

import json
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq

from tests.instance import Instance
from tests.madang.test_belts import PAST, customers
from tests.working import play

EMAIL, WORDS = "0.m3@example.kr", "배송이 3일이나 늦고"
ABOUT = """
    SELECT (SELECT count(*) FROM mentions WHERE text LIKE '%배송이 3일이나%') AS words,
        (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM orders) AS orders,
        (SELECT sum(amount)::BIGINT FROM orders) AS amount,
        (SELECT count(*) FROM identities WHERE customer_id = 'c0-3') AS matched
"""


def told(home: Path) -> list[str]:
    """Everything that stands in the community's tables and in the landing zone, row by row."""
    with sqlite3.connect(home / "var" / "community.sqlite") as store:
        names = [
            name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        rows = [row for name in names for row in store.execute(f'SELECT * FROM "{name}"')]
    store.close()
    for path in (home / "var" / "landing").rglob("*.parquet"):
        rows += [tuple(row.values()) for row in pq.read_table(path).to_pylist()]
    return [json.dumps(row, default=str, ensure_ascii=False) for row in rows]


def traces(home: Path) -> list[str]:
    marks = (EMAIL, EMAIL.upper(), "0.M3@Example.kr", WORDS, '"c0-3"', '회원 3"')
    return [row for row in told(home) if any(mark in row for mark in marks)]


def test_a_person_is_forgotten_everywhere_and_stays_away(instance: Instance) -> None:
    customers(instance, 1)
    play(instance.environment, PAST.replace("ROUND", "0"))
    instance.run("run")
    before = instance.answer("sql", ABOUT)[0]
    assert (before["words"], before["customers"], before["matched"]) == (1, 8, 1)
    assert traces(instance.home), "the marks do find somebody who is there"
    gone = instance.answer("erase", EMAIL, "--yes")
    assert (gone["people"], gone["customers"], gone["mentions"]) == (1, 1, 1)
    assert gone["community"] >= 1
    expected = {**before, "words": 0, "customers": 7, "matched": 0}
    assert instance.answer("sql", ABOUT) == [expected]
    assert traces(instance.home) == []
    instance.run("run")
    customers(instance, 1)  # the same files once more, as a nightly export would send them
    instance.run("run")
    assert instance.answer("sql", ABOUT) == [expected], "orders keep their figures, nobody is back"
    assert "Nobody is known" in instance.fails("erase", EMAIL, "--yes")


def test_nobody_is_not_erased(instance: Instance) -> None:
    assert "Nobody is known as" in instance.fails("erase", "nobody@example.kr", "--yes")
