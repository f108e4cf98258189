"""What staff type to find mentions: read as a query, its mistakes pointed at, its words marked."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

import streamlit as st

from dashboard import cards, mistakes
from dashboard.context import Visit
from warehouse.trackers.language import parse
from warehouse.trackers.tree import (
    And,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Phrase,
    Query,
    QueryError,
    Raw,
    Tag,
    Words,
)
from warehouse.trackers.words import understood

_WILD: Final = {"*": r"\w*", "?": r"\w"}


def read(here: Visit, text: str) -> Query | None:
    """The query that `text` is; where it is none, what is wrong and where is drawn here."""
    try:
        return understood(parse(text), here.desk.analyser)
    except QueryError as error:
        st.html(mistakes.shown(text, error, here.say))
        return None


def of_trackers(here: Visit, ids: Sequence[str]) -> list[Query]:
    """The queries of these trackers; without those that can no longer be read."""
    found = []
    for tracker in here.desk.tracking.trackers(False):
        if tracker.tracker_id in ids:
            with suppress(QueryError):
                found.append(understood(parse(tracker.query), here.desk.analyser))
    return found


def any_of(queries: Sequence[Query]) -> Query | None:
    """The query that finds what one of these finds; None where there is none."""
    return _joined(Or, queries)


def all_of(queries: Sequence[Query]) -> Query | None:
    """The query that finds what each of these finds; None where there is none."""
    return _joined(And, queries)


def _joined(kind: type[And | Or], queries: Sequence[Query]) -> Query | None:
    if len(queries) < 2:
        return queries[0] if queries else None
    text = f" {kind.__name__.upper()} ".join(f"({query.text})" for query in queries)
    return Query(text, kind(tuple(query.root for query in queries)), read=True)


def marks(queries: Sequence[Query]) -> re.Pattern[str] | None:
    """What to mark in a text that answers these queries: their words in most of their forms."""
    wanted = [leaf for query in queries for leaf in _looked_for(query.root)]
    lemmas = [lemma.replace("_", " ") for leaf in wanted for lemma in _lemmas(leaf)]
    written = [pattern for leaf in wanted if (pattern := _written(leaf))]
    found = cards.found_words(lemmas)
    parts = [*([found.pattern] if found else []), *written]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _looked_for(node: Node) -> Iterator[Node]:
    """The leaves that a text must have; not those that it must not."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _looked_for(part)
    elif isinstance(node, Near):
        yield from (*node.left, *node.right)
    elif not isinstance(node, Not):
        yield node


def _lemmas(leaf: Node) -> tuple[str, ...]:
    return leaf.lemmas if isinstance(leaf, Words | Phrase) else ()


def _written(leaf: Node) -> str | None:
    """A pattern of Python for what is looked for letter by letter."""
    if isinstance(leaf, Raw):
        return re.escape(leaf.text)
    if isinstance(leaf, Tag):
        return rf"(?<!\w){re.escape(leaf.sign)}{_glob(leaf.name)}(?!\w)"
    if isinstance(leaf, Pattern):
        return r"(?<!\w)" + _glob(leaf.glob)
    return None


def _glob(text: str) -> str:
    return "".join(_WILD.get(letter) or re.escape(letter) for letter in text)
