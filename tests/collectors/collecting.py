"""What processes do that are killed by tests, and such processes.

They are forked from one that has imported what the sources need, so that two hundred kills of each
source fit into an hour.
"""

import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from os import devnull
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from collectors import SOURCES
from collectors.base import Source
from collectors.imports.files import import_file
from collectors.listen import Pace, listen
from collectors.run import collect
from tests.fakes.tape import Tape, TapeSettings
from warehouse.landing import Landing

# What sources import when they fetch, and pandas by pyarrow.
_HEAVY: Final = (
    "atproto", "feedparser", "google.oauth2.service_account", "googleapiclient.discovery",
    "googleapiclient.discovery_cache", "h11", "httpcore", "imap_tools", "mastodon", "pandas",
    "praw", "pydantic.dataclasses", "tweepy",
)  # fmt: skip
_CONTEXT: Final = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, *_HEAVY])


@dataclass(frozen=True)
class Task:
    """What a process is to do: `how`, from which source, with which settings."""

    how: Callable[[Path, str, dict[str, Any]], None]
    source: str
    settings: dict[str, Any]


def collects(folder: Path, source: str, settings: dict[str, Any]) -> None:
    """Collect once."""
    collect(_opened(source, settings), Landing(folder))


def listens(folder: Path, source: str, settings: dict[str, Any]) -> None:
    """Listen until told to end."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
    pace = Pace(seconds=0.02, rows=20, quiet=0.1, ending=1.0)
    listen(_opened(source, settings), Landing(folder), stopping, pace=pace)


def imports(folder: Path, source: str, settings: dict[str, Any]) -> None:
    """Import the file at `path`."""
    import_file(Path(settings["path"]), "mentions", Landing(folder), source=source)


@contextmanager
def working(task: Task, folder: Path) -> Iterator[ForkServerProcess]:
    """A process at its task in a landing folder, killed when the block ends."""
    process = _CONTEXT.Process(target=_work, args=(task, folder))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _work(task: Task, folder: Path) -> None:
    sys.stdout = Path(devnull).open("w")  # noqa: SIM115 - to the end of the process
    task.how(folder, task.source, task.settings)


def _opened(source: str, settings: dict[str, Any]) -> Source:
    if source == "tape":
        return Tape(TapeSettings(**settings))
    kind = SOURCES[source]
    return kind.open(TypeAdapter(kind.settings).validate_python(settings))
