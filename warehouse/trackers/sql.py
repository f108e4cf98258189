"""A query as a condition of SQL over `heard`: what it finds in all that was heard so far.

Values are parameters, always. What `mentions` alone knows (texts, addresses) is asked of it by as
few subqueries as will do. Text that nobody has read is held to the typed words, plainly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from warehouse.errors import WarehouseError
from warehouse.trackers import globs
from warehouse.trackers.sql_fields import field_condition
from warehouse.trackers.sql_parts import HEARD, MENTIONS, Names, Parameters, Part
from warehouse.trackers.tree import (
    And,
    Having,
    Near,
    Node,
    Not,
    Operand,
    Or,
    Pattern,
    Phrase,
    Query,
    Raw,
    Tag,
    Words,
    leaves,
)

MANY: Final = (
    5  # words of which one will do, from where a pattern is quicker than a search for each
)
_OF_WORDS: Final = (Words, Pattern, Phrase, Near)


@dataclass(frozen=True)
class Condition:
    """A condition over the rows of `heard`, named so, with its parameters by name."""

    text: str
    parameters: dict[str, Any] = field(default_factory=dict)


def has_words(query: Query) -> bool:
    """Whether a query looks for words, which only texts that were read can answer for well."""
    return any(isinstance(leaf, _OF_WORDS) for leaf in leaves(query.root))


def condition(
    query: Query,
    *,
    unread_since: Any = None,
    bounds: str = "true",
    prefix: str = "sought",
) -> Condition:
    """What `query` finds in `heard`; it must have been `words.understood`.

    `unread_since` is when the oldest mention was made that nobody has read; None: leave those out
    where words are looked for. `bounds`, a condition that holds for all rows that are asked of,
    keeps texts outside of it from being read; it may name `created_at` alone.
    """
    if not query.read:
        raise WarehouseError(
            f"The words of the query {query.text!r} have no lemmas yet. "
            "Give what warehouse.trackers.words.understood returns."
        )
    parameters = Parameters(prefix)
    read = _Writer(parameters, bounds).whole(query.root)
    if not has_words(query):
        return Condition(read, parameters.values)
    read = f"(lemmas IS NOT NULL AND {read})"
    if unread_since is None:
        return Condition(read, parameters.values)
    since = parameters.add(unread_since)
    plain = _Writer(parameters, bounds, unread=True).whole(query.root)
    return Condition(
        f"({read} OR (lemmas IS NULL AND mention_id IN ("
        f"SELECT h.mention_id FROM heard h JOIN mentions m ON m.mention_id = h.mention_id "
        f"WHERE h.lemmas IS NULL AND m.created_at >= {since}::TIMESTAMPTZ AND {plain})))",
        parameters.values,
    )


class _Writer:
    """Writes a tree; with `unread`, over the columns of h (heard) and m (mentions) at once."""

    def __init__(self, parameters: Parameters, bounds: str, *, unread: bool = False) -> None:
        self._parameters = parameters
        self._bounds = bounds
        self._unread = unread
        self._names = Names("h.", "m.") if unread else Names("", "")

    def whole(self, root: Node) -> str:
        return self._on_heard(self._part(root))

    def _part(self, node: Node) -> Part:
        if isinstance(node, Not):
            part = self._part(node.part)
            return Part(part.text, part.side, not part.negative)
        if isinstance(node, And):
            return self._joined("AND", [self._part(part) for part in node.parts])
        if isinstance(node, Or):
            return self._alternatives(node)
        if isinstance(node, Having):
            return self._joined(
                "OR",
                [
                    field_condition(node.name, value, self._parameters, self._names)
                    for value in node.values
                ],
            )
        if isinstance(node, Raw):
            return self._raw(node.text)
        if isinstance(node, Tag):
            return self._tag(node)
        return self._typed(node) if self._unread else Part(self._lemmas(node), HEARD)

    def _alternatives(self, node: Or) -> Part:
        """One of these. Many words are looked for by one pattern, in one walk over a line."""
        words = [part for part in node.parts if _in_a_row(part)]
        if self._unread or len(words) < MANY:
            return self._joined("OR", [self._part(part) for part in node.parts])
        either = "|".join(f"(?:{_operand(part)})" for part in words)
        found = [Part(self._like(f" (?:{either}) ", []), HEARD)]
        others = [self._part(part) for part in node.parts if not _in_a_row(part)]
        return self._joined("OR", found + others)

    def _joined(self, by: str, parts: Sequence[Part]) -> Part:
        """Parts as one. Those about `mentions` stay together, so that it is asked once."""
        if len(parts) == 1:
            return parts[0]
        asked = [part for part in parts if part.side == MENTIONS and not self._unread]
        together: list[str] = []
        others = [part for part in parts if part not in asked]
        if len({part.negative for part in asked}) == 1 or (by == "AND" and asked):
            negative = all(part.negative for part in asked)
            inner = {"AND": "OR", "OR": "AND"}[by] if negative else by
            texts = [part.text if negative else part.whole for part in asked]
            one = Part(_between(texts, inner), MENTIONS, negative)
            if not others:
                return one
            together = [self._on_heard(one)]
        else:
            others = list(parts)
        return Part(_between([*map(self._on_heard, others), *together], by), HEARD)

    def _on_heard(self, part: Part) -> str:
        """A part as a condition of `heard`."""
        if part.side == HEARD or self._unread:
            return part.whole
        inside = (
            f"mention_id IN (SELECT mention_id FROM mentions WHERE {self._bounds} AND {part.text})"
        )
        return f"(NOT {inside})" if part.negative else inside

    def _lemmas(self, node: Words | Pattern | Phrase | Near) -> str:
        if isinstance(node, Words):
            return _between([self._has(f" {lemma} ") for lemma in node.lemmas], "AND")
        if isinstance(node, Phrase):
            return self._has(f" {' '.join(node.lemmas)} ")
        if isinstance(node, Pattern):
            return self._like(f" {_operand(node)} ", [_literal(node)])
        between = f"(?: {globs.IN_LINE}+){{0,{node.distance - 1}}}"
        left, right = (
            "|".join(f"(?:{_operand(each)})" for each in side) for side in (node.left, node.right)
        )
        pattern = f"(?:{left}){between} (?:{right})"
        if not node.ordered:
            pattern = f"(?:{pattern}|(?:{right}){between} (?:{left}))"
        sides = [
            _between([self._has(_literal(each)) for each in side], "OR")
            for side in (node.left, node.right)
        ]
        matched = f"regexp_matches(lemmas, {self._parameters.add(f' {pattern} ')})"
        return _between([*sides, matched], "AND")

    def _like(self, pattern: str, literals: Sequence[str]) -> str:
        matched = f"regexp_matches(lemmas, {self._parameters.add(pattern)})"
        return _between([*(self._has(each) for each in literals), matched], "AND")

    def _has(self, letters: str) -> str:
        return f"contains(lemmas, {self._parameters.add(letters)})"

    def _typed(self, node: Words | Pattern | Phrase | Near) -> Part:
        """Words in a text that nobody has read: as typed, in capitals or not."""
        if isinstance(node, Words):
            return self._joined("AND", [self._in_text(word) for word in node.typed])
        if isinstance(node, Phrase):
            return self._in_text(node.typed)
        if isinstance(node, Pattern):
            return self._in_text(globs.literal(node.glob))
        sides = [
            self._joined("OR", [self._typed(each) for each in side])
            for side in (node.left, node.right)
        ]
        return self._joined("AND", sides)

    def _in_text(self, letters: str) -> Part:
        small = letters.lower()
        # Hangul has no capitals, and not lowering the texts makes their scan three times faster.
        cased = small != letters.upper()
        name = self._parameters.add(small)
        return self._either(f"contains({'lower({})' if cased else '{}'}, {name})")

    def _raw(self, text: str) -> Part:
        name = self._parameters.add(text)
        test = f"contains({{}}, {name})"
        if (edges := globs.as_written(text)) is not None:
            test = f"({test} AND regexp_matches({{}}, {self._parameters.add(edges)}))"
        return self._either(test)

    def _tag(self, tag: Tag) -> Part:
        pattern = self._parameters.add(globs.tag(tag.sign, tag.name))
        signs = " OR ".join(f"contains({{}}, '{sign}')" for sign in globs.SIGNS[tag.sign][1:-1])
        return self._either(f"(({signs}) AND regexp_matches(lower({{}}), {pattern}))")

    def _either(self, test: str) -> Part:
        """`test`, with `{}` for the column, of the text or of the title."""
        of = self._names.mention
        tests = [test.replace("{}", f"{of}{column}") for column in ("text", "title")]
        return Part(_between(tests, "OR"), MENTIONS)


def _in_a_row(node: Node) -> TypeGuard[Operand]:
    """Whether a condition is that one stretch of words is there."""
    return isinstance(node, Pattern | Phrase) or (isinstance(node, Words) and len(node.lemmas) == 1)


def _operand(operand: Operand) -> str:
    """The pattern of a word or some in a row, without the spaces around."""
    if isinstance(operand, Pattern):
        return globs.pattern(operand.glob, globs.IN_LINE)
    return globs.pattern_of(" ".join(_lemmas_of(operand)))


def _literal(operand: Operand) -> str:
    """What a line with the operand must contain: a search for it is quicker than a pattern's."""
    if not isinstance(operand, Pattern):
        return f" {' '.join(_lemmas_of(operand))} "
    glob = f" {operand.glob} "
    return globs.literal(glob)


def _lemmas_of(operand: Words | Phrase) -> tuple[str, ...]:
    return operand.lemmas


def _between(texts: Sequence[str], by: str) -> str:
    return texts[0] if len(texts) == 1 else f"({f' {by} '.join(texts)})"
