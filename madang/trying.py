"""A source tried before it is written down: its first mentions, with nothing landed or moved."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

import pyarrow as pa

from collectors.base import CollectorError, Cursor, Source, SourceKind
from collectors.run import checked, record_of
from collectors.webhook import HOOKS
from madang.adding import Values, chosen, sections_of
from madang.people import community_opened
from madang.settings import Settings
from warehouse.landing import Batch

SHOWN: Final = 3  # mentions
PATIENCE: Final = 60.0  # seconds for the first mentions to come
_SAMPLED: Final = 10  # files of a folder
_LARGEST: Final = 100_000_000  # bytes of one of them
_SETTLED: Final = 86_400  # seconds: as if nobody had written to it for a day


@dataclass
class Tried:
    """What a trial brought: the first mentions, masked, the pages that failed, and how many rows
    of another record than mentions."""

    mentions: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    others: int = 0


@contextmanager
def on_trial(kind: SourceKind, settings: Settings, values: Values) -> Iterator[Source]:
    """The source with these values, of which only the sections they are about are asked.

    What it would take out of folders it takes from copies. Raises SourceUnavailable for what it
    lacks still.
    """
    whole = chosen(kind, settings, values)
    kind.open(whole)  # what is wrong with the other sections is wrong with the source
    about = {name: values[name] for name in sections_of(kind.settings) if name in values}
    with ExitStack() as held:
        parts = {
            setting: {
                name: _with_copies(entry, settings, held)
                for name, entry in getattr(whole, setting).items()
                if name in about.get(setting, {name})
            }
            for setting in sections_of(kind.settings)
        }
        source = kind.open(replace(whole, **parts))
        if kind.in_store:
            before = chosen(kind, settings, {})
            known = tuple(name for setting in about for name in getattr(before, setting))
            hooks = tuple(name for names in about.values() for name in names)
            source = _InStore(source, settings, hooks, known)
        yield source


def tried(source: Source, patience: float = PATIENCE) -> Tried:
    """Fetch the first mentions of `source` and land nothing; raises CollectorError as it does."""
    found, enough = Tried(), threading.Event()
    batches: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_fetch, args=(source, batches, enough), daemon=True).start()
    deadline = time.monotonic() + patience
    while len(found.mentions) < SHOWN:
        try:
            batch = batches.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        if batch is None:
            break
        if isinstance(batch, CollectorError):
            raise batch
        if isinstance(batch, Exception):
            raise CollectorError(f"It failed: {type(batch).__name__}: {batch}") from batch
        _look(source, batch, found)
    enough.set()
    return found


def _look(source: Source, batch: Batch, found: Tried) -> None:
    if record_of(source) != "mentions":
        found.others += batch.table.num_rows
        return
    ready = checked(batch, source.name, datetime.now(UTC))
    found.mentions.extend(ready.table.slice(0, SHOWN - len(found.mentions)).to_pylist())
    refused = [] if ready.rejected is None else ready.rejected.to_pylist()
    found.failures.extend(f"{row['origin']}: {row['reason']}" for row in refused)


def _fetch(source: Source, batches: "SimpleQueue[Any]", enough: threading.Event) -> None:
    """Hand over batches until there are enough; an error, or None for the end, comes last."""
    try:
        for batch in source.fetch({}):
            batches.put(batch)
            if enough.is_set():
                return
    except Exception as error:
        batches.put(error)  # raised by whoever waits
    else:
        batches.put(None)


@dataclass(frozen=True)
class _InStore:
    """A source with the community's store open to it while it fetches, in whatever thread.

    With `hooks` it is about these alone; what came to others is not theirs to refuse. To one that
    is not `known` the yard has let nobody send.
    """

    source: Source
    settings: Settings
    hooks: tuple[str, ...]
    known: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def record(self) -> str:
        return record_of(self.source)

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        if self.hooks and not set(self.hooks) & set(self.known):
            return
        with community_opened(self.settings):
            for batch in self.source.fetch(cursor):
                yield replace(batch, rejected=self._own(batch.rejected))

    def _own(self, rejected: pa.Table | None) -> pa.Table | None:
        if rejected is None or not self.hooks:
            return rejected
        own = [f"{HOOKS}{name}" for name in self.hooks]
        told = [str(each) for each in rejected["origin"].to_pylist()]
        is_own = [each in own or not each.startswith(HOOKS) for each in told]
        return rejected.filter(pa.array(is_own, pa.bool_()))


def _with_copies(entry: Any, settings: Settings, held: ExitStack) -> Any:
    """A section whose folders are copies that hold the oldest files of the real ones."""
    copies = {}
    for key in fields(entry):
        if key.metadata.get("folder"):
            copy = tempfile.TemporaryDirectory(
                prefix="trial-", dir=settings.var, ignore_cleanup_errors=True
            )
            copies[key.name] = held.enter_context(copy)
            _copy(Path(getattr(entry, key.name)), Path(copies[key.name]))
    return replace(entry, **copies)


def _copy(folder: Path, copy: Path) -> None:
    files = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    shown = sorted(
        (path for path in files if path.name[0] not in ".~" and path.stat().st_size <= _LARGEST),
        key=lambda path: path.stat().st_mtime_ns,
    )
    settled = time.time() - _SETTLED
    for place, path in enumerate(shown[:_SAMPLED]):
        os.utime(shutil.copyfile(path, copy / path.name), (settled + place, settled + place))
