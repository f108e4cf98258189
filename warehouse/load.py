"""Takes landed batches into the warehouse: each exactly once, its rows and its record together.

Within a source the later batch wins; between sources the one landed later. What a batch says is
compared with what is known, so that only a real change counts as an update.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from warehouse import coverage, revisions, serving, staging
from warehouse.errors import WarehouseError
from warehouse.landing import Landing, SetAside
from warehouse.staging import Sound
from warehouse.store import Warehouse

_ROWS_A_TRANSACTION: Final = 250_000
_BATCHES_A_TRANSACTION: Final = 1_000


@dataclass(frozen=True)
class Loaded:
    """What one load did, in rows; `known` rows said nothing new."""

    loaded: int = 0
    updated: int = 0
    known: int = 0
    quarantined: int = 0
    batches: int = 0
    set_aside: tuple[SetAside, ...] = ()
    removed: int = 0

    def __add__(self, other: "Loaded") -> "Loaded":
        return Loaded(
            self.loaded + other.loaded,
            self.updated + other.updated,
            self.known + other.known,
            self.quarantined + other.quarantined,
            self.batches + other.batches,
            self.set_aside + other.set_aside,
            self.removed + other.removed,
        )


def load(
    warehouse: Warehouse,
    landing: Landing,
    on_progress: Callable[[int, int], None] | None = None,
) -> Loaded:
    """Load every batch not yet loaded; `on_progress` gets the rows done and the rows in all.

    A file that cannot be read is set aside and told in the result; it never stops the others.
    """
    sound, total = _not_yet_loaded(warehouse, landing)
    rows, done = _rows(sound), 0
    for group in _groups(sound):
        total += _load_group(warehouse, landing, group)
        done += _rows(group)
        if on_progress is not None:
            on_progress(done, rows)
    return total


def _rows(sound: Sequence[Sound]) -> int:
    return sum(each.contents.rows for each in sound)


def _not_yet_loaded(warehouse: Warehouse, landing: Landing) -> tuple[list[Sound], Loaded]:
    with warehouse.reading() as cursor:
        found = cursor.execute("SELECT batch_id FROM loaded_batches").fetchall()
    known = {batch_id for (batch_id,) in found}
    sound: list[Sound] = []
    aside: list[SetAside] = []
    for batch in landing.batches():
        if batch.batch_id in known:
            continue
        try:
            sound.append(Sound(batch, landing.contents(batch)))
        except WarehouseError as error:
            aside.append(landing.set_aside(batch.path, str(error)))
    return sound, Loaded(set_aside=tuple(aside))


def _groups(sound: Sequence[Sound]) -> Iterator[list[Sound]]:
    """Cut into transactions of one record; merged files apart, as they have a column more.

    Removals come first: a mention that landed before its removal is then never taken in.
    """
    group: list[Sound] = []
    for each in sorted(sound, key=_turn):
        kind = (each.batch.record, each.batch.merged)
        if group and (
            kind != (group[0].batch.record, group[0].batch.merged)
            or _rows(group) + each.contents.rows > _ROWS_A_TRANSACTION
            or len(group) == _BATCHES_A_TRANSACTION
        ):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _turn(sound: Sound) -> tuple[bool, str, str]:
    return sound.batch.record != "removals", sound.batch.record, sound.batch.batch_id


def _load_group(warehouse: Warehouse, landing: Landing, group: Sequence[Sound]) -> Loaded:
    """Load some batches in one transaction, without those that are damaged inside.

    Every page is checked first, at a tenth of the cost of the load: DuckDB reads over damage that
    happens to decode.
    """
    aside: list[SetAside] = []
    whole: list[Sound] = []
    for each in group:
        try:
            landing.contents(each.batch, every_page=True)
            whole.append(each)
        except WarehouseError as error:
            aside.append(landing.set_aside(each.batch.path, str(error)))
    loaded = Loaded(set_aside=tuple(aside))
    if not whole:
        return loaded
    try:
        with warehouse.writing() as cursor:
            return loaded + _load_rows(cursor, whole)
    except duckdb.Error as error:
        paths = ", ".join(str(each.batch.path) for each in whole[:3])
        raise WarehouseError(
            f"Loading {len(whole)} batches ({paths}, …) failed and was undone: {error}. "
            "Nothing that landed is lost: load again once the cause is mended."
        ) from error


def _load_rows(cursor: duckdb.DuckDBPyConnection, group: Sequence[Sound]) -> Loaded:
    record = group[0].batch.record
    batches = staging.keep_batches(cursor, group)
    staging.stage(cursor, group)
    updated = staging.compare(cursor, record)
    stored = staging.store(cursor, record, updated)
    removed = 0
    if record == "mentions":
        serving.mentions_changed(cursor, updated)
    elif record == "removals":
        staging.mark_removed(cursor)
        removed = serving.mentions_removed(cursor)
    elif stored:
        if record == "coverage":
            coverage.follow(cursor)
        revisions.changed(cursor, record)
    cursor.execute("DROP TABLE staged")
    if record == "removals":
        return Loaded(removed=removed, batches=batches)
    if record == "quarantined":
        return Loaded(quarantined=stored - updated, batches=batches)
    if record in ("coverage", "web_events"):
        return Loaded(batches=batches)
    return Loaded(stored - updated, updated, _rows(group) - stored, batches=batches)
