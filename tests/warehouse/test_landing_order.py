"""What a batch lands beside its rows comes in an order that no crash in between can harm."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.landing import Landing

# Lands one batch with rows, a gap and an hour that was heard; kills itself before file number N.
WORKER = textwrap.dedent(
    """
    import os, signal, sys
    from datetime import UTC, datetime, timedelta
    from pathlib import Path
    import pyarrow as pa
    from warehouse.landing import Batch, Landing
    from warehouse.records import COVERAGE, MENTION

    at = datetime(2026, 11, 1, tzinfo=UTC)
    row = {"source": "feed", "native_id": "1", "kind": "post", "text": "배송이 늦어요",
           "created_at": at, "collected_at": at}
    columns = {f.name: pa.array([row.get(f.name)], f.type) for f in MENTION}
    times = [
        {"source": "feed", "part": "", "state": state, "begin_at": at + timedelta(hours=n),
         "end_at": at + timedelta(hours=n + 1), "recorded_at": at}
        for n, state in enumerate(("gap", "collected"))
    ]
    covered = pa.Table.from_pylist(times, schema=COVERAGE)
    batch = Batch(pa.table(columns, schema=MENTION), {"next": 1}, covered=covered)

    left = int(sys.argv[2])

    def watch(event, _):
        global left
        if event == "os.rename":
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    with Landing(Path(sys.argv[1])).open_source("mentions", "feed") as writer:
        sys.addaudithook(watch)
        writer.write(batch)
    """
)


def landed(folder: Path) -> list[str]:
    """What lies in the landing zone: rows, and the states of what was covered."""
    tables: list[pa.Table] = [
        pq.ParquetFile(batch.path).read() for batch in Landing(folder).batches()
    ]
    states = [
        table["state"].to_pylist() if "state" in table.schema.names else ["rows"]
        for table in tables
    ]
    return sorted(state for each in states for state in each)


def test_a_gap_is_known_before_the_rows_and_they_before_what_was_heard(tmp_path):
    seen = []
    for files in range(10):
        ended = subprocess.run(
            [sys.executable, "-c", WORKER, str(tmp_path / str(files)), str(files)]
        )
        assert ended.returncode in (0, -signal.SIGKILL)
        seen.append(landed(tmp_path / str(files)))
        if ended.returncode == 0:
            break
    # A time may not be told as heard whose gap, or whose rows, a crash has kept back.
    assert [each for n, each in enumerate(seen) if each not in seen[:n]] == [
        [],
        ["gap"],
        ["gap", "rows"],
        ["collected", "gap", "rows"],
    ]
