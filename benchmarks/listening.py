"""How fast a stream lands when it gives its mentions one by one, and whether memory stays flat.

Run from the project: `.venv/bin/python benchmarks/listening.py [ROWS]`.
"""

import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from collectors.base import Cursor, covered
from collectors.listen import listen
from collectors.rows.mentions import mentions_of
from warehouse.landing import Batch, Landing

TEXTS = ("배송이 사흘째 멈춰 있어요", "전화는 010-1234-5678이에요", "필터를 갈았더니 조용해졌어요")


class Pouring:
    """A stream of so many batches of one mention each."""

    name = "pouring"

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.halfway = 0

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        yield from ()

    def stream(self, cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
        before = datetime.now(UTC)
        for number in range(self.rows):
            now = datetime.now(UTC)
            row = {
                "native_id": str(number),
                "kind": "post",
                "author_id": str(number % 500),
                "text": f"{TEXTS[number % 3]} {number}",
                "created_at": now,
            }
            table, rejected = mentions_of([row], source=self.name, now=now)
            heard = covered(self.name, "collected", before, now)
            before = now
            if number == self.rows // 2:
                self.halfway = peak()
            yield Batch(table, {"n": number}, rejected, covered=heard)


def peak() -> int:
    """The most memory this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    source = Pouring(rows)
    with tempfile.TemporaryDirectory() as folder:
        landing = Landing(Path(folder))
        began = time.perf_counter()
        landed = listen(source, landing, threading.Event())
        took = time.perf_counter() - began
        files = len(landing.batches("mentions"))
    assert landed.rows == rows
    print(
        f"{rows:,} mentions one by one in {took:.1f} s: {rows / took:,.0f} a second, {files} files"
    )
    print(f"memory: {source.halfway} MB half-way, {peak()} MB at the end")


if __name__ == "__main__":
    main()
