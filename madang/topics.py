"""Topics in a turn of the loop: found anew by a job when it is time, told of every mention after.

Files go to the job and come back; neither the texts nor the libraries that find topics in them come
into the desk's process.
"""

import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from ulid import ULID

from madang.jobs import Job
from madang.progress import Progress, silent
from madang.settings import Settings
from warehouse import topics
from warehouse.store import Warehouse
from warehouse.topics import EVENTS, FOUND, Refitted

OWN_SPACE: Final = "topics"  # folder below var: the words' space, where the shipped one is strange
_TABLES: Final = ("topics", "words", "events")
_FIGURES: Final = ("space", "texts", "unassigned", "agreement")


def refresh(
    settings: Settings, warehouse: Warehouse, now: datetime, progress: Progress = silent
) -> dict[str, Any]:
    """Find topics anew if it is time, and tell each new mention's; what was done, in counts."""
    found = _find(settings, warehouse, now, progress) if topics.is_due(warehouse) else None
    told = topics.refresh(warehouse, lambda done, total: progress("topics", done, total))
    return {"found": 0 if found is None else found.topics.num_rows, "told": told}


def _find(
    settings: Settings, warehouse: Warehouse, now: datetime, progress: Progress
) -> Refitted | None:
    folder = settings.jobs / f"topics-{ULID()}"
    folder.mkdir()
    progress("find topics", 0, 0)
    try:
        task = topics.hand_out(warehouse, folder)
        pq.write_table(task.topics, folder / "known.parquet")
        pq.write_table(task.words, folder / "known-words.parquet")
        request = {
            "folder": str(folder),
            "space": task.space,
            "next_id": task.next_id,
            "products": list(task.products),
        }
        found: Refitted | None = None
        with Job("topics", settings) as job:
            for answer in job.ask(request):
                tables: dict[str, Any] = {
                    name: pq.read_table(folder / f"found-{name}.parquet") for name in _TABLES
                }
                figures: dict[str, Any] = {name: answer[name] for name in _FIGURES}
                found = Refitted(**tables, **figures)
        if found is not None:
            topics.keep(warehouse, task, found, now)
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def carry_out(settings: Settings, request: dict[str, Any]) -> dict[str, Any]:
    """The job's side: read the folder's files, find topics, write them there; its figures."""
    from nlp.korean import morphology
    from nlp.topics.follow import Known
    from nlp.topics.refit import refit
    from nlp.topics.spheres import as_centre

    folder = Path(request["folder"])
    known = [
        Known(row["topic_id"], row["name"], as_centre(row["centre"]))
        for row in pq.read_table(folder / "known.parquet").to_pylist()
    ]
    named = settings.annotator.brands | settings.annotator.products
    aliases = [alias for each in named.values() for alias in each]
    names = [*request["products"], settings.brand, *named, *aliases]
    said = morphology(1).terms(names)
    refitted = refit(
        pq.read_table(folder / "terms.parquet")["terms"],
        settings.var / OWN_SPACE,
        known,
        pq.read_table(folder / "known-words.parquet"),
        request["space"],
        {term.lemma for terms in said for term in terms}
        | {part.lower() for name in names for part in name.split()},
        request["next_id"],
    )
    tables = {
        "topics": pa.Table.from_pylist([asdict(topic) for topic in refitted.topics], FOUND),
        "words": refitted.weights,
        "events": pa.Table.from_pylist(
            [asdict(event) for event in refitted.events],
            pa.schema([field for field in EVENTS if field.name != "happened_at"]),
        ),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"found-{name}.parquet")
    return {name: getattr(refitted, name) for name in _FIGURES}
