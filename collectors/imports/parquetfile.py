"""Parquet: read in batches of columns, without a look at single rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from collectors.base import CollectorError
from collectors.imports.readers import ROWS_A_CHUNK, Chunk


def open_parquet(path: Path) -> "ParquetFile":
    """Read the footer; CollectorError when the file is cut short or of another kind."""
    try:
        with pq.ParquetFile(path) as file:
            return ParquetFile(path, tuple(file.schema_arrow.names), file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise CollectorError(f"{path.name} cannot be read as Parquet: {error}") from error


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file."""

    path: Path
    columns: tuple[str, ...]
    records: int

    def chunks(self, wanted: Sequence[str]) -> Iterator[Chunk]:
        number = 1
        with pq.ParquetFile(self.path) as file:
            try:
                for batch in file.iter_batches(ROWS_A_CHUNK, columns=list(wanted)):
                    columns = {name: batch.column(name) for name in wanted}
                    numbers = np.arange(number, number + batch.num_rows, dtype=np.int64)
                    yield Chunk(columns, numbers)
                    number += batch.num_rows
            except (pa.ArrowException, OSError) as error:
                raise CollectorError(
                    f"{self.path.name} is damaged after record {number - 1}: {error}. "
                    "What came before it has been imported."
                ) from error
