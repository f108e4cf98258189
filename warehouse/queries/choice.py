"""What a screen has chosen to look at, as conditions of SQL with parameters.

What was typed to search is a query of `warehouse.trackers`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import duckdb

from warehouse import ask
from warehouse.errors import WarehouseError
from warehouse.trackers.sql import condition, has_words
from warehouse.trackers.tree import Query

READ: Final = ("negative", "neutral", "positive")
SENTIMENTS: Final = (*READ, "unread")
REACHED: Final = "reached"  # names the time since which the mentions of a query are looked at
BEGINNING: Final = "0001-01-01 00:00:00+00"
SIGNS: Final = {"negative": "-", "neutral": ".", "positive": "+"}  # in `heard.aspects`


@dataclass(frozen=True)
class Filter:
    """A choice of mentions; what is left empty does not narrow it.

    `since` and `until` are days in the warehouse's zone, both included. `sentiments` are among
    negative, neutral, positive and unread (which includes those whose sentiment is unknown).
    `aspects`, `intents` and `emotions` are alternatives, too: a mention must have one of each list
    that is given. `polarity` is how it speaks of one of `aspects`, or of any where none is named.
    `sponsored` and `spam` keep only these (True) or all others (False); both count by default.
    `query` is a query of the language of trackers whose words were read (`words.understood`).
    `trackers` are ids of saved queries; a mention must be found by one of them.
    """

    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    polarity: str | None = None
    intents: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    sponsored: bool | None = None
    spam: bool | None = None
    author_id: str | None = None
    author_handle: str | None = None
    query: Query | None = None
    trackers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if unknown := set(self.sentiments) - set(SENTIMENTS):
            raise WarehouseError(
                f"There is no sentiment {', '.join(sorted(unknown))}. "
                f"Choose among {', '.join(SENTIMENTS)}."
            )
        if self.polarity not in (None, *READ):
            raise WarehouseError(
                f"There is no polarity {self.polarity}. Choose among {', '.join(READ)}."
            )

    @property
    def rolled_up(self) -> bool:
        """Whether `daily` can answer: nothing is asked of single mentions but their sentiment."""
        return not (
            self.author_id or self.author_handle or self.understood or self.query or self.trackers
        )

    @property
    def understood(self) -> bool:
        """Whether it asks for what is understood of a mention beside its sentiment."""
        return bool(
            self.aspects or self.polarity or self.intents or self.emotions
            or self.sponsored is not None or self.spam is not None
        )  # fmt: skip


@dataclass
class Conditions:
    """Conditions joined by AND, with their parameters by name."""

    parts: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    reach: dict[str, Any] = field(default_factory=dict)  # of a query: see `sql.condition`

    def add(self, part: str, **parameters: Any) -> None:
        self.parts.append(part)
        self.parameters.update(parameters)

    def among(self, column: str, values: Sequence[str]) -> None:
        """`column` is one of `values`, if there are any."""
        if values:
            names = {f"{column}_{place}": value for place, value in enumerate(values)}
            self.add(f"{column} IN ({', '.join(f'${name}' for name in names)})", **names)

    def one_of(self, column: str, tokens: Sequence[str]) -> None:
        """`column`, a text of tokens between spaces, has one of these texts, if there are any."""
        if tokens:
            names = {f"{column}_{place}": token for place, token in enumerate(tokens)}
            has = " OR ".join(f"contains({column}, ${name})" for name in names)
            self.add(f"({has})", **names)

    @property
    def where(self) -> str:
        return " AND ".join(self.parts) or "true"


def on_daily(chosen: Filter) -> Conditions:
    """What narrows `daily` and `heard` alike: days, sources, products, languages."""
    conditions = Conditions()
    if chosen.since is not None:
        conditions.add("day >= $since", since=chosen.since)
    if chosen.until is not None:
        conditions.add("day <= $until", until=chosen.until)
    conditions.among("source", chosen.sources)
    conditions.among("product", chosen.products)
    conditions.among("lang", chosen.langs)
    return conditions


def on_heard(cursor: duckdb.DuckDBPyConnection, chosen: Filter) -> Conditions:
    """All of a filter, over the rows of `heard`."""
    conditions = on_daily(chosen)
    if chosen.author_id is not None:
        conditions.add("author_id = $author_id", author_id=chosen.author_id)
    if chosen.author_handle is not None:
        conditions.add("author_handle = $author_handle", author_handle=chosen.author_handle)
    if chosen.sentiments and set(chosen.sentiments) != set(SENTIMENTS):
        conditions.add(_sentiments(chosen.sentiments))
    _add_understood(chosen, conditions)
    if chosen.trackers:
        names = {f"tracker_{place}": each for place, each in enumerate(chosen.trackers)}
        conditions.add(
            "mention_id IN (SELECT mention_id FROM tracker_hits "
            f"WHERE tracker IN ({', '.join(f'${name}' for name in names)}))",
            **names,
        )
    if chosen.query is not None:
        _add_query(cursor, chosen.query, chosen, conditions)
    return conditions


def aspect_token(name: str, polarity: str | None = None) -> str:
    """How an aspect begins in `heard.aspects`, and with a polarity all of it."""
    start = f" {name.replace(' ', '_')}:"
    return start if polarity is None else f"{start}{SIGNS[polarity]} "


def _add_understood(chosen: Filter, conditions: Conditions) -> None:
    tokens = [aspect_token(name, chosen.polarity) for name in chosen.aspects]
    if chosen.polarity and not tokens:
        tokens = [f":{SIGNS[chosen.polarity]} "]
    conditions.one_of("aspects", tokens)
    conditions.one_of("intents", [f" {intent} " for intent in chosen.intents])
    conditions.one_of("emotions", [f" {emotion} " for emotion in chosen.emotions])
    for flag, wanted in (("sponsored", chosen.sponsored), ("spam", chosen.spam)):
        if wanted is not None:
            conditions.add(flag if wanted else f"{flag} IS NOT TRUE")


def _sentiments(sentiments: Sequence[str]) -> str:
    if "unread" in sentiments:
        others = [f"'{name}'" for name in READ if name not in sentiments]
        return f"sentiment NOT IN ({', '.join(others)})"
    kept = [f"'{name}'" for name in sentiments]
    return f"sentiment IN ({', '.join(kept)})"


def _oldest_unread(cursor: duckdb.DuckDBPyConnection, conditions: Conditions) -> str | None:
    """When the first of the mentions was made that nobody has read: it bounds the scan of texts,
    and is most often a recent one. None: all are read."""
    found = ask.row(
        cursor,
        f"SELECT min(created_at)::VARCHAR FROM heard WHERE lemmas IS NULL AND {conditions.where}",
        conditions.parameters,
    )
    return None if found is None else found[0]


def _add_query(
    cursor: duckdb.DuckDBPyConnection, query: Query, chosen: Filter, conditions: Conditions
) -> None:
    bounds = [f"created_at >= ${REACHED}::TIMESTAMPTZ"]
    conditions.add(bounds[0], **{REACHED: BEGINNING})
    if chosen.since is not None:
        bounds.append("created_at >= $since::DATE::TIMESTAMPTZ")
    if chosen.until is not None:
        bounds.append("created_at < ($until::DATE + 1)::TIMESTAMPTZ")
    conditions.reach = {
        "unread_since": _oldest_unread(cursor, conditions) if has_words(query) else None,
        "bounds": " AND ".join(bounds),
    }
    found = condition(query, **conditions.reach)
    conditions.add(found.text, **found.parameters)
