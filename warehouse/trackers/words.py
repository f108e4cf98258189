"""Words of queries as lemmas, and texts as lines of lemmas: the two sides that must meet.

A mention's line (' 배송 늦다 ') is made in one place, the macro `lemma_line` of the warehouse:
`heard.lemmas` holds it, and `lines` makes it of texts that nobody has read yet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Protocol

import pyarrow as pa

from nlp.korean import Term, searched
from warehouse import ask
from warehouse.store import Warehouse
from warehouse.trackers.tree import (
    And,
    Near,
    Node,
    Not,
    Operand,
    Or,
    Phrase,
    Query,
    QueryError,
    Raw,
    Words,
)

_TERMS: Final = pa.list_(pa.struct([("lemma", pa.string()), ("tag", pa.string())]))


class Analyser(Protocol):
    """What reads words: `nlp.korean.Morphology`, with the names of the instance."""

    def terms(self, texts: Sequence[str]) -> list[list[Term]]:
        """The content words of each text, in order."""


def understood(query: Query, analyser: Analyser) -> Query:
    """`query` with the lemmas of its words; see `understood_all`."""
    return understood_all([query], analyser)[0]


def understood_all(queries: Sequence[Query], analyser: Analyser) -> list[Query]:
    """Queries with the lemmas of their words, each word read once for all of them.

    A word that stands apart is looked for by its content lemmas, as any search is; in a phrase and
    beside NEAR every lemma counts. What has no lemma at all (♥) is looked for as it is written.
    """
    unread = (query for query in queries if not query.read)
    typed = dict.fromkeys(text for query in unread for text in _typed(query.root))
    read = dict(zip(typed, analyser.terms(list(typed)), strict=True))
    return [
        query if query.read else Query(query.text, _read(query.root, read), read=True)
        for query in queries
    ]


def lines(warehouse: Warehouse, texts: Sequence[str], analyser: Analyser) -> pa.Table:
    """Texts that nobody has read yet (title, line break, text) as a table of `lemmas`, in order."""
    terms = pa.array(
        [[term._asdict() for term in found] for found in analyser.terms(texts)], _TERMS
    )
    with warehouse.reading() as cursor:
        given = pa.table({"turn": pa.array(range(len(texts)), pa.int64()), "terms": terms})
        cursor.register("given_terms", given)
        found = ask.table(
            cursor, "SELECT lemma_line(terms) AS lemmas FROM given_terms ORDER BY turn"
        )
        cursor.unregister("given_terms")
        return found


def _typed(node: Node) -> Iterator[str]:
    """What there is to read in a tree."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _typed(part)
    elif isinstance(node, Not):
        yield from _typed(node.part)
    elif isinstance(node, Near):
        for operand in (*node.left, *node.right):
            yield from _typed(operand)
    elif isinstance(node, Words):
        yield " ".join(node.typed)
    elif isinstance(node, Phrase):
        yield node.typed


def _read(node: Node, read: dict[str, list[Term]]) -> Node:
    if isinstance(node, And | Or):
        return replace(node, parts=tuple(_read(part, read) for part in node.parts))
    if isinstance(node, Not):
        return replace(node, part=_read(node.part, read))
    if isinstance(node, Near):
        left, right = (
            tuple(_operand(part, read) for part in side) for side in (node.left, node.right)
        )
        return replace(node, left=left, right=right)
    if isinstance(node, Words):
        words = " ".join(node.typed)
        if found := searched(words, read[words]):
            return replace(node, lemmas=tuple(_word(lemma) for lemma in found))
        written = tuple(Raw(word, node.span) for word in node.typed)
        return written[0] if len(written) == 1 else And(written, node.span)
    if isinstance(node, Phrase):
        lemmas = _sequence(node.typed, read)
        return replace(node, lemmas=lemmas) if lemmas else Raw(node.typed, node.span)
    return node


def _operand(operand: Operand, read: dict[str, list[Term]]) -> Operand:
    """A word beside NEAR becomes the phrase of its lemmas: 고객센터 is 고객 and 센터 in a row."""
    if not isinstance(operand, Words | Phrase):
        return operand
    typed = operand.typed if isinstance(operand, Phrase) else " ".join(operand.typed)
    lemmas = _sequence(typed, read)
    if not lemmas:
        raise QueryError(
            f"{typed} is no word.", operand.span[0] + 1, "NEAR stands between words and phrases."
        )
    return Phrase(typed, lemmas, operand.span)


def _sequence(typed: str, read: dict[str, list[Term]]) -> tuple[str, ...]:
    lemmas = [term.lemma for term in read[typed]] or searched(typed, [])
    return tuple(_word(lemma) for lemma in lemmas)


def _word(lemma: str) -> str:
    """A lemma as it stands in a line, where a space parts two."""
    return lemma.replace(" ", "_")
