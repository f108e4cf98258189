"""SIGKILL at any point: what was finished is kept, what was not is done again, nothing twice."""

import os
import random
import signal
import time

import pytest

from tests.instance import TEXTS, Instance

ONCE = """
    SELECT count(*) AS mentions, count(DISTINCT mention_id) AS people_said,
           (SELECT count(*) FROM annotations) AS annotations,
           (SELECT count(DISTINCT mention_id) FROM annotations) AS annotated
    FROM mentions
"""
ROUNDS = [pytest.param(5, id="5"), pytest.param(200, id="200", marks=pytest.mark.soak)]


def many(rows: int) -> list[tuple[str, str, int]]:
    return [
        (f"m{number}", f"{TEXTS[number % 5][1]} {number}번째", TEXTS[number % 5][2])
        for number in range(rows)
    ]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_the_loop_is_killed_and_started_again(instance: Instance, rounds: int) -> None:
    rng = random.Random(20261122)
    path = instance.reviews(many(800))
    command = (
        "import", "mentions", str(path), "--source", "shop", "--rating-scale", "1-5",
        "--map", "id=native_id", "--map", "body=text", "--map", "stars=rating",
        "--map", "at=created_at", "--map", "item=product",
    )  # fmt: skip
    for number in range(rounds):
        process = instance.start(*(command if number % 2 == 0 else ("run",)))
        time.sleep(rng.uniform(0.5, 6))
        process.kill()
        process.communicate()
    instance.run(*command)
    instance.run("run")
    assert instance.answer("sql", ONCE) == [
        {"mentions": 800, "people_said": 800, "annotations": 800, "annotated": 800}
    ]


def test_no_child_outlives_a_killed_up(read_instance: Instance) -> None:
    process = read_instance.up()
    note = read_instance.note()
    assert note is not None
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while alive(note["pid"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(note["pid"])
    assert read_instance.answer("sql", "SELECT count(*) AS n FROM mentions") == [{"n": 5}]


def test_a_killed_desk_is_started_again(read_instance: Instance) -> None:
    process = read_instance.up()
    first = read_instance.note()
    assert first is not None
    os.kill(first["pid"], signal.SIGKILL)
    second = read_instance.await_desk(process, but_not=first["pid"])
    assert second["pid"] != first["pid"]
    assert read_instance.answer("sql", "SELECT count(*) AS n FROM mentions") == [{"n": 5}]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
