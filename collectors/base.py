"""What a source is: a name, its settings, and `fetch(cursor)`, which yields batches of mentions.

A new source is one file with its settings on top, and one line in `collectors/__init__.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from warehouse.landing import Batch

Cursor = dict[str, Any]


class CollectorError(Exception):
    """Something could not be collected or imported.

    The message says what happened, to which file or address, and what to do about it.
    """


class SourceUnavailable(CollectorError):  # noqa: N818 - it is a state of the source, not a mistake
    """A source removes itself: it lacks a setting or a credential. The message is the reason."""


class Source(Protocol):
    """Where mentions come from. It neither masks nor stores: `collectors.run.collect` does."""

    @property
    def name(self) -> str:
        """The name of the source in the landing zone: small letters, digits, hyphens."""
        ...

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        """Yield what is new since `cursor` (empty at first), each batch with the cursor after it.

        The tables have the schema `warehouse.records.MENTION`. A page that failed is a rejected
        row number 0 of its address, never an exception; CollectorError is for what ends the run.
        """
        ...


Verified = Literal["local server", "recorded answers", "live service"]


@dataclass(frozen=True)
class SourceKind:
    """An entry of the list of sources.

    `settings` is a frozen dataclass whose fields carry a sentence of `help` in their metadata.
    `open` makes a source of such settings, or raises SourceUnavailable with the reason.
    `verified` says against what the source has been shown to work.
    """

    name: str
    summary: str
    settings: type[Any]
    open: Callable[[Any], Source]
    verified: Verified
