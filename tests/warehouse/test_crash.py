"""A process killed at any moment loses nothing that landed and doubles nothing."""

import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from warehouse.landing import Landing
from warehouse.load import load
from warehouse.rebuild import digest
from warehouse.store import open_warehouse

ROUNDS = [*range(5), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(5, 200))]

# Lands batches and loads them, over and over, until it is killed.
WORKER = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    import pyarrow as pa
    from warehouse.landing import Batch, Landing
    from warehouse.load import load
    from warehouse.records import MENTION
    from warehouse.store import open_warehouse

    folder = Path(sys.argv[1])
    at = datetime(2026, 11, 1, tzinfo=UTC)
    landing = Landing(folder / "landing")
    warehouse = open_warehouse(
        folder / "w.duckdb", landing.folder, folder / "jobs", "Asia/Seoul"
    )
    print("ready", flush=True)
    while True:
        load(warehouse, landing)
        with landing.open_source("mentions", "feed") as writer:
            for _ in range(3):
                start = writer.cursor.get("next", 0)
                rows = [
                    {"source": "feed", "native_id": str(n), "kind": "post", "text": "배송이 늦어요",
                     "created_at": at, "collected_at": at}
                    for n in range(start, start + 40)
                ]
                columns = {f.name: pa.array([r.get(f.name) for r in rows], f.type) for f in MENTION}
                table = pa.table(columns, schema=MENTION)
                writer.write(Batch(table, {"next": start + 40}))
        print("landed", flush=True)
    """
)


@pytest.mark.parametrize("seed", ROUNDS)
def test_killed_at_random_every_mention_is_there_once(tmp_path, seed):
    chance = random.Random(seed)
    for _ in range(2):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        worker.stdout.readline()
        time.sleep(chance.random() * 0.5)
        worker.send_signal(signal.SIGKILL)
        worker.stdout.close()
        assert worker.wait() == -signal.SIGKILL
    _check(tmp_path)


def _check(folder):
    landing = Landing(folder / "landing")
    warehouse = open_warehouse(folder / "w.duckdb", landing.folder, folder / "jobs", "Asia/Seoul")
    loaded = load(warehouse, landing)
    assert loaded.set_aside == ()
    with landing.open_source("mentions", "feed") as writer:
        reached = writer.cursor["next"]
    with warehouse.reading() as cursor:
        found = cursor.execute(
            "SELECT count(*), count(DISTINCT native_id), max(native_id::INT) + 1, "
            "(SELECT sum(n) FROM daily), (SELECT count(*) FROM heard) FROM mentions"
        ).fetchall()
    assert found == [(reached,) * 5]
    fresh = open_warehouse(folder / "fresh.duckdb", landing.folder, folder / "jobs", "Asia/Seoul")
    load(fresh, landing)
    assert digest(fresh) == digest(warehouse)
    fresh.close()
    warehouse.close()
