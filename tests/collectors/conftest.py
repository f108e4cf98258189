"""What the tests of this room share: a landing zone, and what has been landed in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from warehouse.landing import Landing

Rows = list[dict[str, Any]]


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


@pytest.fixture
def landed(landing: Landing) -> Callable[[str], Rows]:
    """All rows of a record, in the order landed."""

    def rows(record: str) -> Rows:
        return [
            row
            for batch in landing.batches(record)
            for row in pq.ParquetFile(batch.path).read().to_pylist()
        ]

    return rows
