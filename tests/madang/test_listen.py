"""A stream is landed as it comes: whatever it does, and however often its listener is killed."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collectors.base import CollectorError, Cursor, covered, removals
from collectors.listen import Pace, listen
from collectors.rows.mentions import mentions_of
from tests.collectors.collecting import Task, collects, listens, working
from tests.fakes.stream import TOKEN, StreamServer
from tests.fakes.tape import Tape, TapeSettings
from tests.working import until
from warehouse import queries
from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.store import open_warehouse

ROUNDS = [pytest.param(5, id="5"), pytest.param(200, id="200", marks=pytest.mark.soak)]
QUICK = Pace(seconds=0.05, rows=500, quiet=0.2, ending=1.0)
TEXTS = ("배송이 사흘째 멈춰 있어요", "필터를 갈았더니 조용해졌어요", "색이 사진과 달라요")


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as running:
        yield running


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


def rows(landing: Landing, record: str = "mentions") -> list[dict[str, Any]]:
    return [
        row
        for batch in landing.batches(record)
        for row in pq.ParquetFile(batch.path).read().to_pylist()
    ]


@contextmanager
def listening(source: Any, landing: Landing, pace: Pace = QUICK) -> Iterator[threading.Event]:
    """A listener in a thread; what ended it is raised at the end."""
    stopping, ended = threading.Event(), []

    def work() -> None:
        try:
            listen(source, landing, stopping, pace=pace)
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        thread.join(20)
        assert not thread.is_alive()
    if ended:
        raise ended[0]


def tape(server: StreamServer, token: str = TOKEN) -> Tape:
    return Tape(TapeSettings(server.url, token))


def landed_texts(landing: Landing) -> list[str]:
    return [row["text"] for row in rows(landing)]


def test_what_is_said_lands_within_moments_and_masked(
    server: StreamServer, landing: Landing
) -> None:
    server.log.post("1", "전화는 010-1234-5678이에요")
    with listening(tape(server), landing):
        until(lambda: landed_texts(landing) == ["전화는 [phone]이에요"])
        server.log.post("2", TEXTS[0])
        until(lambda: len(rows(landing)) == 2)
        server.log.post("1", "전화번호를 지웠어요")
        server.log.delete("2")
        until(lambda: [gone["native_id"] for gone in rows(landing, "removals")] == ["2"])
    assert landed_texts(landing) == ["전화는 [phone]이에요", TEXTS[0], "전화번호를 지웠어요"]


def test_a_stream_that_breaks_repeats_and_goes_down_is_heard_once(
    server: StreamServer, landing: Landing
) -> None:
    server.behaviour.drop_after, server.behaviour.repeats = 7, 5
    server.trouble.busy, server.trouble.broken, server.trouble.halved = 3, 3, 3
    with listening(tape(server), landing):
        until(lambda: server.connections > 0)
        for number in range(60):
            server.log.post(str(number), f"{TEXTS[number % 3]} {number}")
            time.sleep(0.005)
            server.behaviour.down = 20 <= number < 40
        until(lambda: len(rows(landing)) == 60)
    assert Counter(row["native_id"] for row in rows(landing)) == {str(n): 1 for n in range(60)}
    assert {row["state"] for row in rows(landing, "coverage")} == {"collected"}
    assert server.connections > 1


def test_an_hour_without_the_service_is_caught_up_and_the_others_hear_nothing_of_it(
    server: StreamServer, landing: Landing, tmp_path: Path
) -> None:
    began = datetime.now(UTC) - timedelta(hours=2)
    with StreamServer() as steady, listening(tape(server), landing):
        other = Landing(tmp_path / "other")
        with listening(tape(steady), other):
            until(lambda: server.connections > 0 and steady.connections > 0)
            for minute in range(0, 60, 5):
                server.behaviour.down = 10 <= minute < 50
                for service in (server, steady):
                    at = began + timedelta(minutes=minute)
                    service.log.post(str(minute), f"{TEXTS[0]} {minute}", at)
                seen = minute // 5 + 1
                until(lambda seen=seen: len(rows(other)) == seen)
            until(lambda: len(rows(landing)) == 12)
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    warehouse = open_warehouse(tmp_path / "w.duckdb", landing.folder, jobs, "Asia/Seoul")
    load(warehouse, landing)
    (front,) = queries.frontiers(warehouse)
    assert front.frontier == began + timedelta(minutes=55) and front.failing_since is None
    assert queries.gaps(warehouse, began, datetime.now(UTC)).num_rows == 0
    warehouse.close()


def test_what_the_service_forgot_is_a_gap(server: StreamServer, landing: Landing) -> None:
    for number in range(3):
        server.log.post(str(number), TEXTS[number])
    with listening(tape(server), landing):
        until(lambda: len(rows(landing)) == 3)
    for number in range(3, 40):
        server.log.post(str(number), TEXTS[number % 3])
    server.behaviour.keeps = 10
    with listening(tape(server), landing):
        until(lambda: len(rows(landing)) == 13)
    (gap,) = [row for row in rows(landing, "coverage") if row["state"] == "gap"]
    at = [datetime.fromisoformat(entry["at"]) for entry in server.log.entries]
    assert (gap["begin_at"], gap["end_at"]) == (at[2], at[30])
    assert gap["reason"] == "The service had forgotten it."


def test_a_refused_token_ends_it_and_is_remembered(server: StreamServer, landing: Landing) -> None:
    with (
        pytest.raises(CollectorError, match=r"tape\.token"),
        listening(tape(server, "wrong"), landing),
    ):
        until(lambda: bool(rows(landing, "coverage")))
    (failed,) = rows(landing, "coverage")
    assert failed["state"] == "failed" and "tape.token" in failed["reason"]
    assert "wrong" not in failed["reason"]


class Script:
    """A stream of batches written beforehand, after which nothing comes."""

    name = "script"

    def __init__(self, *batches: Batch) -> None:
        self.batches = batches

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        yield from self.batches

    def stream(self, cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
        yield from self.batches
        stopping.wait()


def batch(number: int, *names: str, gone: tuple[str, ...] = (), **more: Any) -> Batch:
    now = datetime.now(UTC)
    said = [
        {"native_id": name, "kind": "post", "text": TEXTS[0], "created_at": now} for name in names
    ]
    table, rejected = mentions_of(said, source="script", now=now)
    removed = removals("script", gone) if gone else None
    return Batch(table, {"n": number}, rejected, removed, **more)


SLOW = Pace(seconds=0.5, rows=500, quiet=0.5, ending=1.0)


def test_single_rows_land_together(landing: Landing) -> None:
    script = Script(*(batch(number, str(number)) for number in range(40)))
    with listening(script, landing, SLOW):
        until(lambda: len(rows(landing)) == 40)
    assert len(landing.batches("mentions")) <= 2
    with landing.open_source("mentions", "script") as writer:
        assert writer.cursor == {"n": 39}


def test_many_rows_do_not_wait_for_the_clock(landing: Landing) -> None:
    script = Script(*(batch(number, str(number)) for number in range(40)))
    with listening(script, landing, Pace(seconds=3600, rows=10, quiet=3600, ending=1.0)):
        until(lambda: len(rows(landing)) == 40)
    sizes = [pq.ParquetFile(each.path).metadata.num_rows for each in landing.batches("mentions")]
    assert sizes == [10, 10, 10, 10]


def test_a_removal_does_not_overtake_the_post_it_is_about(landing: Landing, tmp_path: Path) -> None:
    script = Script(
        batch(1, "1", "2"),
        batch(2, "3", gone=("1",)),
        batch(3, gone=("9",)),
        batch(4, "1"),
        batch(5, gone=("2", "3")),
    )
    with listening(script, landing, SLOW):
        until(lambda: len(rows(landing, "removals")) == 4)
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    warehouse = open_warehouse(tmp_path / "w.duckdb", landing.folder, jobs, "Asia/Seoul")
    load(warehouse, landing)
    with warehouse.reading() as cursor:
        assert cursor.execute("SELECT native_id FROM mentions").fetchall() == [("1",)]
    warehouse.close()


def test_time_listened_to_is_said_once_for_all_that_touches(landing: Landing) -> None:
    at = [datetime(2026, 11, 20, 9, minute, tzinfo=UTC) for minute in range(6)]

    def heard(begin: int, end: int, state: Any = "collected") -> pa.Table:
        return covered("script", state, at[begin], at[end])

    script = Script(
        batch(1, covered=heard(0, 1)),
        batch(2, "1", covered=heard(1, 2)),
        batch(3, covered=heard(2, 3, "gap")),
        batch(4, covered=heard(3, 4)),
        batch(5, "2", covered=heard(4, 5)),
    )
    with listening(script, landing, SLOW):
        until(lambda: len(rows(landing, "coverage")) == 3)
    spans = {(row["state"], row["begin_at"], row["end_at"]) for row in rows(landing, "coverage")}
    assert spans == {
        ("collected", at[0], at[2]),
        ("gap", at[2], at[3]),
        ("collected", at[3], at[5]),
    }


def test_only_a_source_with_a_stream_is_listened_to(landing: Landing) -> None:
    class Silent:
        name = "silent"

        def fetch(self, cursor: Cursor) -> Iterator[Batch]:
            yield from ()

    with pytest.raises(CollectorError, match="madang collect silent"):
        listen(Silent(), landing, threading.Event())


def task(how: Any, server: StreamServer) -> Task:
    return Task(how, "tape", {"base_url": server.url, "token": TOKEN})


def cursor_of(landing: Landing) -> int:
    newest = landing.batches("mentions")[-1:]
    return int(landing.contents(newest[0]).cursor.get("n", 0)) if newest else 0


def test_an_order_to_stop_lands_what_was_heard(server: StreamServer, tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    with working(task(listens, server), tmp_path) as running:
        for number in range(30):
            server.log.post(str(number), TEXTS[number % 3])
        until(lambda: bool(landing.batches("mentions")))
        running.terminate()
        running.join(30)
        assert running.exitcode == 0
    assert len(rows(landing)) == 30


@pytest.mark.parametrize("how", [collects, listens])
@pytest.mark.parametrize("rounds", ROUNDS)
def test_killed_again_and_again_it_holds_what_the_service_holds(
    rounds: int, how: Any, server: StreamServer, tmp_path: Path
) -> None:
    chance = random.Random(20261122)
    server.behaviour.drop_after, server.behaviour.repeats = 40, 10
    folder, landing = tmp_path / "landing", Landing(tmp_path / "landing")
    interrupted, names = 0, 0
    for _ in range(rounds):
        trouble = server.trouble
        trouble.busy, trouble.broken, trouble.halved = (chance.randint(0, 2) for _ in range(3))
        with working(task(how, server), folder) as running:
            heard = len(landing.batches("mentions"))
            for _ in range(60):
                names = happen(server, chance, names)
            until(
                lambda seen=heard: len(landing.batches("mentions")) > seen or not running.is_alive()
            )
            time.sleep(chance.uniform(0, 0.08))
            interrupted += running.is_alive()
    server.trouble.busy = server.trouble.broken = server.trouble.halved = 0
    server.behaviour.drop_after = None
    with working(task(how, server), folder) as running:
        until(lambda: cursor_of(landing) == len(server.log.entries))
        until(lambda: how is listens or not running.is_alive())
    told = Counter((row["native_id"], row["text"]) for row in rows(landing))
    assert set(told.values()) == {1}, "nothing is landed twice"
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    warehouse = open_warehouse(tmp_path / "w.duckdb", folder, jobs, "Asia/Seoul")
    load(warehouse, landing)
    with warehouse.reading() as cursor:
        held = dict(cursor.execute("SELECT native_id, text FROM mentions").fetchall())
    warehouse.close()
    assert held == server.log.standing()
    assert interrupted > 0, "every run ended before it was killed"
    assert not landing.aside()


def happen(server: StreamServer, chance: random.Random, names: int) -> int:
    """Something happens on the service: most often a post, now and then an edit or a deletion."""
    what, standing = chance.random(), list(server.log.standing())
    if what < 0.8 or not standing:
        server.log.post(f"p{names}", f"{TEXTS[names % 3]} {names}")
        return names + 1
    name = chance.choice(standing)
    if what < 0.9:
        server.log.post(name, f"고쳐 썼어요 {len(server.log.entries)}")
    else:
        server.log.delete(name)
    return names
