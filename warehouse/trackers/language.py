"""The language of queries: text in, a tree out, or an error that points at its column.

A parser after Pratt ("Top Down Operator Precedence", 1973): each operator has a power, and the
stronger one takes what stands between two. From weak to strong: OR, AND (or a space), NOT, NEAR.
docs/queries.md tells users of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from warehouse.trackers.fields import FieldError, field_of
from warehouse.trackers.lexer import Piece, pieces
from warehouse.trackers.tree import (
    And,
    Having,
    Leaf,
    Near,
    Node,
    Not,
    Operand,
    Or,
    Pattern,
    Phrase,
    Query,
    QueryError,
    Raw,
    Span,
    Tag,
    Words,
)

__all__ = ["DEEPEST", "FARTHEST", "LONGEST", "MOST", "Query", "QueryError", "parse"]

LONGEST: Final = 10_000  # letters of a query
DEEPEST: Final = 40  # parentheses within each other
MOST: Final = 500  # words and other conditions of a query
FARTHEST: Final = 100  # words that NEAR reaches

# The power of what stands between two parts; `space` is AND unsaid, `end` stops every expression.
_POWERS: Final = {"end": 0, "OR": 1, "AND": 2, "space": 2, "NEAR": 4}
_NOT: Final = 3
_NEAR: Final = re.compile(r"(NEARF?)(?:/(.*))?|(nearf?)/(\d.*)", re.DOTALL)
_FIELD: Final = re.compile(r"([A-Za-z_]+):(.*)", re.DOTALL)
_TAG: Final = re.compile(r"(#)([\w*?]*[\w*])|(@)([\w*?]+(?:[.-][\w*?]+)*)")
_SAYS: Final = re.compile(r"[^\W_]|[^\x00-\x7f‐-⁯　-〿！-／：-＠·]")
_PARTS: Final = re.compile(r'[\w()"]')  # what is more between two words than a space
_EDGES: Final = re.compile(r"^[^\w*?]+|[^\w*]+$")  # a ? that ends a word is a question mark


def parse(text: str) -> Query:
    """Read a query; raises QueryError. Takes time in proportion to its length."""
    if len(text) > LONGEST:
        raise QueryError(
            f"A query has at most {LONGEST:,} letters, and this one has {len(text):,}.",
            LONGEST + 1,
            "Make two of it.",
        )
    return Query(text, _Parser(text).whole())


class _Parser:
    """Walks over the pieces of one text once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces = [piece for piece in pieces(text) if not _is_mark(piece)]
        self._at = 0
        self._depth = 0
        self._enclosed: set[Span] = set()  # by parentheses
        self._conditions = 0

    def whole(self) -> Node:
        if self._next.kind == "end":
            raise QueryError("There is nothing to look for.", 1, "Write a word, as in 환불.")
        root = self._expression(0)
        if self._next.kind == "close":
            raise QueryError(
                "This parenthesis closes none.", self._next.column, "Leave it out, or open one."
            )
        if (alone := _negative(root)) is not None:
            raise QueryError(
                "This only says what is left out, so that it would find nearly everything.",
                alone[0] + 1,
                "Say beside it what is looked for, as in: lang:ko -환불",
            )
        return root

    @property
    def _next(self) -> Piece:
        return self._pieces[self._at]

    def _take(self) -> Piece:
        piece = self._pieces[self._at]
        self._at += 1
        return piece

    def _expression(self, power: int) -> Node:
        """What stands here, up to an operator that is no stronger than `power`."""
        left = self._single()
        while _POWERS[operator := _between(self._next)] > power:
            sign = self._next if operator == "space" else self._take()
            if operator != "space":
                self._must_go_on(sign)
            right = self._expression(_POWERS[operator])
            if operator == "NEAR":
                left = self._near(left, right, sign)
            elif operator == "OR":
                left = self._joined(Or, left, right)
            else:
                left = self._joined(And, left, right)
        return left

    def _single(self) -> Node:
        """One part, with what stands before it."""
        piece = self._take()
        if _is_not(piece):
            return self._negated(piece)
        if piece.kind == "open":
            return self._parenthesis(piece)
        if piece.kind in ("end", "close") or _between(piece) != "space":
            name = piece.text or "The end"
            raise QueryError(
                f"{name} comes where something to look for must stand.",
                piece.column,
                "Operators stand between two parts: 환불 AND 배송",
            )
        if piece.kind == "quoted":
            return self._counted(_phrase(piece))
        return self._word(piece)

    def _negated(self, first: Piece) -> Node:
        """What is behind one NOT or more; two of them say nothing."""
        odd, sign = True, first
        while _is_not(self._next):
            odd, sign = not odd, self._take()
        self._must_go_on(sign)
        part = self._expression(_NOT)
        return Not(part, (first.span[0], part.span[1])) if odd else part

    def _parenthesis(self, opened: Piece) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(
                f"More than {DEEPEST} parentheses are open here.", opened.column, "Use fewer."
            )
        if self._next.kind == "close":
            raise QueryError(
                "There is nothing in this parenthesis.", opened.column, "Leave it out."
            )
        if self._next.kind == "end":
            raise _unclosed(opened)
        inner = self._expression(0)
        closed = self._take()
        if closed.kind != "close":
            raise _unclosed(opened)
        self._depth -= 1
        self._enclosed.add((opened.span[0], closed.span[1]))
        return replace(inner, span=(opened.span[0], closed.span[1]))

    def _word(self, piece: Piece) -> Node:
        if field := _FIELD.fullmatch(piece.text):
            return self._field(piece, field.group(1), field.group(2))
        if piece.text[0] in "#@" and (tags := list(_TAG.finditer(piece.text))):
            found = [
                self._counted(Tag(tag[1] or tag[3], tag[2] or tag[4], piece.span)) for tag in tags
            ]
            return found[0] if len(found) == 1 else And(tuple(found), piece.span)
        word = _EDGES.sub("", piece.text)
        if not {"*", "?"} & set(word):
            return self._counted(Words((piece.text,), span=piece.span))
        if not re.search(r"[^\W_]", word):
            raise QueryError(
                "A wildcard needs a letter beside it.", piece.column, "Write as in 환불*"
            )
        return self._counted(Pattern(word.lower(), piece.span))

    def _field(self, piece: Piece, name: str, rest: str) -> Node:
        start = piece.span[0]
        values = list(self._values(piece, name, rest))
        span = (start, self._pieces[self._at - 1].span[1])
        if name.lower() == "raw":
            written = tuple(self._raw(value, at, span) for value, at in values)
            return written[0] if len(written) == 1 else Or(written, span)
        try:
            field = field_of(name)
        except FieldError as error:
            raise QueryError(error.message, start + 1, error.hint) from None
        read = []
        for value, at in values:
            try:
                read.append(field.read(value))
            except FieldError as error:
                raise QueryError(error.message, at + 1, error.hint) from None
        return self._counted(Having(field.name, tuple(read), span))

    def _raw(self, value: str, at: int, span: Span) -> Node:
        if not value.strip():
            raise QueryError("raw: has no letters.", at + 1, 'Write raw:Word or raw:"as written".')
        return self._counted(Raw(value, span))

    def _values(self, piece: Piece, name: str, rest: str) -> Iterator[tuple[str, int]]:
        """The values behind a field's colon, each with its place in the text."""
        place = piece.span[1] - len(rest)
        if rest or not self._next.glued or self._next.kind not in ("quoted", "open"):
            yield self._text[place : piece.span[1]], place
            return
        opened = self._take()
        if opened.kind == "quoted":
            yield opened.text, opened.span[0]
            return
        several = False
        while (inner := self._take()).kind in ("word", "quoted"):
            if inner.kind == "word" and inner.text in ("OR", "or"):
                continue
            if inner.kind == "word" and (_between(inner) != "space" or _is_not(inner)):
                break
            value = inner.text if inner.kind == "quoted" else inner.text.strip(",")
            if value:
                several = True
                yield value, inner.span[0]
        if inner.kind == "end":
            raise _unclosed(opened)
        if inner.kind != "close":
            raise QueryError(
                f"In the values of {name}: stand values alone.",
                inner.column,
                f"Write {name}:(one OR another), and NOT before {name}: itself.",
            )
        if not several:
            raise QueryError(
                f"There is no value for {name}: here.", opened.column, "Write one or more."
            )

    def _near(self, left: Node, right: Node, sign: Piece) -> Node:
        found = _NEAR.fullmatch(sign.text)
        written = (found[2] or found[4] or "") if found else ""
        if not written.isdecimal() or not 1 <= int(written[:9]) <= FARTHEST:
            raise QueryError(
                "NEAR needs to know within how many words.",
                sign.column,
                f"Write NEAR/5, or any number from 1 to {FARTHEST}.",
            )
        return self._counted(
            Near(
                self._operands(left),
                self._operands(right),
                int(written),
                sign.text.upper().startswith("NEARF"),
                (left.span[0], right.span[1]),
            )
        )

    def _operands(self, node: Node) -> tuple[Operand, ...]:
        """A word, a phrase, or several of them of which one will do."""
        parts: Sequence[Node] = node.parts if isinstance(node, Or) else (node,)
        found: list[Operand] = []
        for part in parts:
            if isinstance(part, Pattern | Phrase) or (
                isinstance(part, Words) and len(part.typed) == 1
            ):
                found.append(part)
                continue
            hint = (
                "Join words in a row by quotes, and alternatives by OR: (환불 OR 반품) NEAR/3 늦다"
            )
            if isinstance(part, Near):
                hint = "Write two of them: (가 NEAR/3 나) (나 NEAR/3 다)"
            raise QueryError("NEAR stands between words and phrases alone.", part.span[0] + 1, hint)
        return tuple(found)

    def _joined(self, kind: type[And] | type[Or], left: Node, right: Node) -> Node:
        """Both in one; words side by side become one, so that they are read together."""
        span = (left.span[0], right.span[1])
        before: tuple[Node, ...] = (left,)
        if isinstance(left, kind) and not self._in_parentheses(left):
            before = left.parts
        last = before[-1]
        if (
            kind is And
            and isinstance(last, Words)
            and isinstance(right, Words)
            and not _PARTS.search(self._text[last.span[1] : right.span[0]])
            and not self._in_parentheses(last)
            and not self._in_parentheses(right)
        ):
            side = Words(last.typed + right.typed, span=(last.span[0], right.span[1]))
            return side if len(before) == 1 else And((*before[:-1], side), span)
        return kind((*before, right), span)

    def _in_parentheses(self, node: Node) -> bool:
        return node.span in self._enclosed

    def _must_go_on(self, operator: Piece) -> None:
        if self._next.kind in ("end", "close"):
            raise QueryError(
                f"Nothing comes after {operator.text}.",
                operator.column,
                "Say what, or leave it out; a word that is an operator is searched in quotes.",
            )

    def _counted(self, leaf: Leaf) -> Leaf:
        self._conditions += 1
        if self._conditions > MOST:
            raise QueryError(
                f"A query has at most {MOST} words and conditions.",
                leaf.span[0] + 1,
                "Make two of it.",
            )
        return leaf


def _phrase(piece: Piece) -> Phrase:
    if not _SAYS.search(piece.text):
        raise QueryError("This quotation has no word.", piece.column, "Put a word in, or raw:")
    return Phrase(piece.text, span=piece.span)


def _is_mark(piece: Piece) -> bool:
    """Whether it is punctuation that stands alone, which means nothing here."""
    return piece.kind == "word" and "*" not in piece.text and not _SAYS.search(piece.text)


def _is_not(piece: Piece) -> bool:
    return piece.kind == "minus" or (piece.kind == "word" and piece.text in ("NOT", "not"))


def _between(piece: Piece) -> str:
    """The operator that a piece is, after a part: a part that follows is joined by a space."""
    if piece.kind in ("end", "close"):
        return "end"
    if piece.kind != "word":
        return "space"
    if piece.text in ("AND", "and", "OR", "or"):
        return piece.text.upper()
    return "NEAR" if _NEAR.fullmatch(piece.text) else "space"


def _unclosed(opened: Piece) -> QueryError:
    return QueryError("The parenthesis that opens here is not closed.", opened.column, "Add a ).")


def _negative(node: Node) -> Span | None:
    """Where a part only says what is left out, of which the whole would be nearly everything."""
    if isinstance(node, Not):
        return node.span
    if isinstance(node, Or):
        return next((found for part in node.parts if (found := _negative(part))), None)
    if isinstance(node, And):
        parts = [_negative(part) for part in node.parts]
        return None if None in parts else parts[0]
    return None
