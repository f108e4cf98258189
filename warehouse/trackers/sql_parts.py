"""The pieces that conditions of SQL are put together from."""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

HEARD: Final = "heard"
MENTIONS: Final = "mentions"  # what no column of `heard` knows


class Names(NamedTuple):
    """What stands before the columns of `heard` and of `mentions`."""

    heard: str
    mention: str


@dataclass(frozen=True, slots=True)
class Part:
    """A condition over one of the tables. `negative`: it is what must not hold."""

    text: str
    side: str
    negative: bool = False

    @property
    def whole(self) -> str:
        """The condition with its negation. What is not known does not hold, so NOT of it does."""
        return f"(NOT coalesce({self.text}, false))" if self.negative else self.text


@dataclass
class Parameters:
    """Values by name, each given a name of its own."""

    prefix: str
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, value: Any) -> str:
        """Keep a value; how SQL names it."""
        name = f"{self.prefix}_{len(self.values)}"
        self.values[name] = value
        return f"${name}"
