"""What people may say of texts from the desk: the questions and orders of corrections and samples.

Given by the process that mounts the screens; without it nothing is corrected and nothing drawn.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Judge(Protocol):
    """The member of staff in whose name an order is given."""

    @property
    def name(self) -> str:
        """What colleagues call them."""

    @property
    def member_id(self) -> int:
        """How orders and the audit name them."""


class Correction(Protocol):
    """What a person said a mention means."""

    @property
    def text_hash(self) -> str:
        """Of the text that they judged; of another text it says nothing."""

    @property
    def sentiment(self) -> str:
        """negative, neutral or positive."""

    @property
    def by(self) -> str:
        """Who said it, by the name colleagues use."""

    @property
    def at(self) -> datetime:
        """When, in UTC."""


class Item(Protocol):
    """A mention of a sample; `label` is empty until a person gave one."""

    @property
    def mention_id(self) -> str:
        """Which."""

    @property
    def text_hash(self) -> str:
        """Of the text as it was drawn."""

    @property
    def source(self) -> str:
        """Where it was said."""

    @property
    def lang(self) -> str:
        """In which language."""

    @property
    def label(self) -> str:
        """negative, neutral, positive or unclear."""


@dataclass(frozen=True)
class Sample:
    """The sample that is being labelled, its mentions in their places."""

    sample_id: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Judging:
    """`corrections` of mentions by id; `correct` (mention, hash of its text, sentiment) and
    `withdraw`; `sample`, the newest; `draw` another of so many texts; `label` (sample, mention,
    label, or None to take it back)."""

    corrections: Callable[[Sequence[str]], Mapping[str, Correction]] = lambda ids: {}
    correct: Callable[[str, str, str, Judge], object] = lambda mention, text, sentiment, by: None
    withdraw: Callable[[str, Judge], object] = lambda mention, by: None
    sample: Callable[[], Sample | None] = lambda: None
    draw: Callable[[int, Judge], object] = lambda size, by: None
    label: Callable[[str, str, str | None, Judge], object] = lambda sample, mention, label, by: None
