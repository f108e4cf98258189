"""What a query means, as a tree of frozen values: what is looked for, and how it is joined.

`language.parse` makes the tree of what was typed, `words.understood` adds the lemmas, and then
`match` and `sql` answer it, each in its own way and both alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from warehouse.errors import WarehouseError

Span: TypeAlias = tuple[int, int]  # where it stands in the text of the query, the end not included
NOWHERE: Final = (0, 0)


class QueryError(WarehouseError):
    """A query that cannot be understood: what is wrong, at which column (from 1), what to write."""

    def __init__(self, message: str, column: int, hint: str) -> None:
        super().__init__(f"{message} (column {column}) {hint}".strip())
        self.message = message
        self.column = column
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Words:
    """Words side by side: a mention must have all their lemmas, in any order and form."""

    typed: tuple[str, ...]
    lemmas: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A word with `*` (any letters, or none) or `?` (one letter), held against whole lemmas."""

    glob: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand one after the other, in any form."""

    typed: str
    lemmas: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


Operand: TypeAlias = Words | Pattern | Phrase


@dataclass(frozen=True, slots=True)
class Near:
    """One of `left` and one of `right`, at most `distance` words on; `ordered`: left comes first.

    Neighbours are 1 apart. Where an operand has several words, it is counted from its nearer end.
    """

    left: tuple[Operand, ...]
    right: tuple[Operand, ...]
    distance: int
    ordered: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag (`#`) or an account that is spoken to (`@`); its name may have wildcards."""

    sign: str
    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Raw:
    """Letters just as they are written, in the title or the text."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A number held against limits, all of which must hold: (`<=`, 3.0) and the like."""

    limits: tuple[tuple[str, float], ...]


Value: TypeAlias = str | Bounds | date


@dataclass(frozen=True, slots=True)
class Having:
    """A field that has one of these values."""

    name: str
    values: tuple[Value, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: "tuple[Node, ...]"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """One of these, or more."""

    parts: "tuple[Node, ...]"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    part: "Node"
    span: Span = field(default=NOWHERE, compare=False)


Leaf: TypeAlias = Words | Pattern | Phrase | Near | Tag | Raw | Having
Node: TypeAlias = Leaf | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A query: its text, and its tree. `read`: its words have their lemmas (`words.understood`)."""

    text: str
    root: Node
    read: bool = False

    def said(self, node: Node) -> str:
        """The part of the text that a node of the tree was made of."""
        return self.text[slice(*node.span)]


def leaves(node: Node) -> Iterator[Leaf]:
    """Every condition of the tree, in the order of the text."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    elif isinstance(node, Not):
        yield from leaves(node.part)
    else:
        yield node
