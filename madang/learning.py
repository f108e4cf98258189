"""Learning from what people said: the labelled texts as a file, and the head fitted on them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from madang.jobs import head_path, sentiment_models, shipped_config
from madang.settings import MadangError, Settings
from nlp.annotate import Annotator
from nlp.head import Head
from nlp.head_fit import Labelled, fit_head
from nlp.sentiment import CLASSES

EXPORTED: Final = ("text", "label", "lang", "source")
# What a spreadsheet would take for a formula; an apostrophe before it makes it a text again.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def fit(settings: Settings, labelled: pa.Table) -> Head:
    """Fit a head on the table of `warehouse.meter.labelled_texts`, and write it with its figures.

    It is in use from the next turn on if it was measured to help; the annotator is then another
    version, and reads history again. Raises NlpError where the labels are too few.
    """
    config = shipped_config(settings)
    given = Labelled(
        Annotator(config).readings(labelled["text"]),
        np.array([CLASSES.index(label) for label in labelled["label"].to_pylist()], np.int64),
        np.array(labelled["by_chance"].to_pylist(), bool),
        np.array(labelled["weight"].to_pylist(), np.float64),
    )
    head = fit_head(given, sentiment_models(config))
    head.write(head_path(settings))
    return head


def shown(settings: Settings) -> dict[str, Any]:
    """Whether a head is in use, and what was measured; raises MadangError where there is none."""
    head = Head.read(_present(settings))
    same = head.models == sentiment_models(shipped_config(settings))
    return {
        "on": head.on and same,
        "languages": list(head.languages),
        "is_of_these_models": same,
        **head.figures,
    }


def turn_off(settings: Settings) -> None:
    """Read without the head again; its file goes, the labels stay."""
    _present(settings).unlink()


def export(table: pa.Table, path: Path) -> int:
    """Write the labelled texts as training data, by the file's suffix: .csv, .jsonl or .parquet.

    `madang eval sentiment` reads it back: --text text --label label. In CSV, for spreadsheets, a
    text that begins like a formula has an apostrophe before it. Returns the rows.
    """
    rows = table.select([name for name in EXPORTED if name in table.column_names])
    write_rows(rows, path)
    return int(rows.num_rows)


def write_rows(table: pa.Table, path: Path) -> None:
    """A table of texts as CSV, JSONL or Parquet; raises MadangError for another suffix."""
    writers: dict[str, Callable[[pa.Table, Path], object]] = {
        ".csv": _write_csv,
        ".jsonl": _write_jsonl,
        ".parquet": pq.write_table,
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise MadangError(f"{path.name}: name the file .csv, .jsonl or .parquet.")
    try:
        writer(table, path)
    except OSError as error:
        raise MadangError(f"{path} cannot be written: {error.strerror}.") from error


def _write_csv(table: pa.Table, path: Path) -> None:
    # With the mark by which spreadsheets know UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        for row in table.to_pylist():
            writer.writerow([_cell(value) for value in row.values()])


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_jsonl(table: pa.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in table.to_pylist():
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _present(settings: Settings) -> Path:
    path = head_path(settings)
    if not path.exists():
        raise MadangError("No head has been fitted yet. Run: madang head fit")
    return path
