"""Import of files: CSV, TSV, JSON Lines, Parquet and Excel as mentions, customers, orders or
interactions, in columns, through the landing zone.

Each batch says in its cursor how far into which file it reaches, so that an import that was
killed goes on after its last batch, and a file that is known lands nothing.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from collectors.base import CollectorError, Cursor
from collectors.imports.columns import choose
from collectors.imports.readers import Chunk, Reader, open_file
from collectors.imports.records import Plan, to_batch
from collectors.imports.serials import Serials
from warehouse.landing import Batch, Landing
from warehouse.records import MENTION_KINDS

_REMEMBERED: Final = 500  # files in a cursor; one forgotten is loaded again, as known rows
_log = structlog.get_logger(__name__)

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Imported:
    """What an import did: rows landed now, rows landed by an earlier import, rows refused now."""

    rows: int
    known: int
    quarantined: int


@dataclass(frozen=True)
class Reached:
    """How far a file has been landed."""

    records: int = 0  # the number of the last record taken
    rows: int = 0  # rows landed of them
    whole: bool = False


def import_file(
    path: Path,
    record: str,
    landing: Landing,
    *,
    source: str,
    mapping: Mapping[str, str] | None = None,
    rating_scale: tuple[float, float] | None = None,
    zone: str = "Asia/Seoul",
    kind: str | None = None,
    currency: str = "KRW",
    extra: bool = False,
    on_progress: Progress | None = None,
) -> Imported:
    """Land the rows of `path` as `record` of `source`.

    `mapping` is {column of the file: field}; columns named as a field need none. `rating_scale`
    gives the worst and the best rating. `zone` is that of times without an offset. `kind` is for
    rows without one. `currency` is for amounts without one. With `extra`, the other columns are
    kept as JSON. `on_progress` is told the records read and about how many there are.

    Bad rows go to quarantine. Raises CollectorError when the file cannot be read at all, or when
    it does not fit `mapping`; WarehouseError when another run holds the source.
    """
    file = open_import(
        path, record, source=source, mapping=mapping, rating_scale=rating_scale, zone=zone,
        kind=kind, currency=currency, extra=extra,
    )  # fmt: skip
    with landing.open_source(record, source) as writer:
        reached = file.reached(writer.cursor)
        if reached.whole:
            _log.info("file is known", file=path.name, source=source, rows=reached.rows)
            return Imported(0, reached.rows, 0)
        known, quarantined = reached.rows, 0
        for batch, position in file.batches(writer.cursor):
            writer.write(batch)
            quarantined += batch.rejected.num_rows if batch.rejected is not None else 0
            reached = position
            if on_progress:
                on_progress(position.records, file.reader.records)
    _log.info("imported", file=path.name, source=source, rows=reached.rows - known)
    return Imported(reached.rows - known, known, quarantined)


def open_import(
    path: Path,
    record: str,
    *,
    source: str,
    mapping: Mapping[str, str] | None = None,
    rating_scale: tuple[float, float] | None = None,
    zone: str = "Asia/Seoul",
    kind: str | None = None,
    currency: str = "KRW",
    extra: bool = False,
) -> "FileImport":
    """A file, and how it is to be read, as `import_file` is told; raises CollectorError as it."""
    reader = open_file(path)
    chosen = choose(record, reader.columns, mapping or {}, path.name)
    plan = Plan(
        record=record,
        source=source,
        origin=path.name,
        chosen=chosen,
        others=tuple(n for n in reader.columns if n not in chosen.values()) if extra else (),
        rating_scale=_scale(chosen, rating_scale),
        zone=zone,
        kind=_kind(record, chosen, kind),
        currency=currency,
        now=datetime.now(UTC),
    )
    return FileImport(reader, plan, _key(path, plan))


@dataclass(frozen=True)
class FileImport:
    """A file that is read as rows of a record. `key`: its bytes and how they are read."""

    reader: Reader
    plan: Plan
    key: str

    def reached(self, cursor: Cursor) -> Reached:
        """How far it has been landed, by the cursor of its source."""
        return _reached(cursor, self.key)

    def batches(self, cursor: Cursor) -> Iterator[tuple[Batch, Reached]]:
        """What has not been landed of it, each batch with its cursor and how far it reaches."""
        for batch, position in _batches(self.reader, self.plan, self.reached(cursor)):
            cursor = _moved(cursor, self.key, position)
            yield replace(batch, cursor=cursor), position


def _batches(reader: Reader, plan: Plan, reached: Reached) -> Iterator[tuple[Batch, Reached]]:
    """The batches after `reached`, each with how far it reaches; the last one says `whole`."""
    serials = Serials() if plan.needs_serials else None
    waiting: tuple[Batch, Reached] | None = None
    for chunk in reader.chunks(plan.wanted):
        fresh = _fresh(chunk, plan, reached.records, serials)
        if fresh is None:
            continue
        batch, last = fresh
        if waiting:
            yield waiting
        rows = (waiting[1].rows if waiting else reached.rows) + batch.table.num_rows
        waiting = batch, Reached(last, rows)
    batch, position = waiting or (Batch(plan.empty_table(), {}), reached)
    yield batch, replace(position, whole=True)


def _fresh(
    chunk: Chunk, plan: Plan, done: int, serials: Serials | None
) -> tuple[Batch, int] | None:
    if chunk.last <= done:
        if serials:  # equal rows are counted from the start of the file
            serials.native_ids(chunk.columns, len(chunk.numbers))
        return None
    ids = serials.native_ids(chunk.columns, len(chunk.numbers)) if serials else None
    if ids is not None:
        chunk = replace(chunk, columns={**chunk.columns, Plan.SERIAL: ids})
    fresh = chunk.after(done)
    return to_batch(fresh, plan), fresh.last


def _scale(
    chosen: Mapping[str, str], scale: tuple[float, float] | None
) -> tuple[float, float] | None:
    if "rating" not in chosen:
        return None
    if scale is None:
        raise CollectorError(
            f"The column {chosen['rating']!r} is a rating, but on which scale? "
            "Say the worst and the best, such as --rating-scale 1-5."
        )
    if scale[0] == scale[1]:
        raise CollectorError(f"A rating scale needs two ends; {scale[0]}-{scale[1]} has one.")
    return scale


def _kind(record: str, chosen: Mapping[str, str], kind: str | None) -> str | None:
    if record == "mentions":
        if kind is not None and kind not in MENTION_KINDS:
            raise CollectorError(f"There is no kind {kind!r}: {', '.join(MENTION_KINDS)}.")
        return kind or ("review" if "rating" in chosen else "post")
    if record == "interactions" and kind is None and "kind" not in chosen:
        raise CollectorError(
            "interactions need a kind, such as call, visit or delivery: map a column to kind, "
            "or give one for all with --kind."
        )
    return kind


def _key(path: Path, plan: Plan) -> str:
    """What makes an import the same one: the file's bytes and how they are read."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    how: dict[str, Any] = {
        "chosen": plan.chosen, "others": plan.others, "scale": plan.rating_scale,
        "zone": plan.zone, "kind": plan.kind, "currency": plan.currency,
    }  # fmt: skip
    said = json.dumps(how, sort_keys=True).encode()
    return hashlib.blake2b(content.encode() + said, digest_size=16).hexdigest()


def _reached(cursor: Cursor, key: str) -> Reached:
    found = cursor.get("imports", {}).get(key)
    return Reached(*found) if found else Reached()


def _moved(cursor: Cursor, key: str, position: Reached) -> Cursor:
    others = {k: v for k, v in cursor.get("imports", {}).items() if k != key}
    kept = dict(list(others.items())[-(_REMEMBERED - 1) :])
    kept[key] = [position.records, position.rows, position.whole]
    return {**cursor, "imports": kept}
