"""What the tests of this room share: a landing zone, and what has been landed in it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from warehouse.landing import Landing

Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def the_present(request: pytest.FixtureRequest) -> None:
    """Tests tell times from NOW on, which is when a test runs and not when its file was read: in a
    long suite these lie far apart."""
    if hasattr(request.module, "NOW"):
        request.module.NOW = datetime.now(UTC).replace(microsecond=0)


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
