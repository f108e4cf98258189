"""Keeps which mentions each tracker finds in step with the trackers and with what is heard.

A tracker that is new or changed looks at all of history, by SQL. Mentions that are new, changed or
read anew are held against all trackers at once, by the matcher. Both leave the same hits. A mention
counts once it has been read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from nlp.korean import morphology
from warehouse import ask, revisions
from warehouse.serving import HEARD
from warehouse.store import Warehouse
from warehouse.topics import TOPICS
from warehouse.trackers.language import parse
from warehouse.trackers.match import Matcher, Tracker
from warehouse.trackers.sql import condition
from warehouse.trackers.tree import Having, Query, QueryError, leaves
from warehouse.trackers.words import Analyser, understood_all

# What the matcher is shown of mentions: `heard`, what `mentions` knows beside it, and the topic.
ROWS: Final = """
    SELECT h.lemmas, h.lang, h.source, h.kind, h.product, h.rating, h.day, h.sentiment, h.aspects,
        h.intents, h.emotions, h.toxic, h.spam, h.sponsored, h.corrected, m.title, m.text, m.url,
        m.parent_id, m.author_id, m.author_handle, m.author_name, m.author_followers, m.likes,
        m.country, m.city, k.topic_id, t.name AS topic, h.mention_id::VARCHAR AS mention_id
    FROM heard h JOIN mentions m ON m.mention_id = h.mention_id
    LEFT JOIN mention_topics k ON k.mention_id = h.mention_id AND k.text_hash = h.text_hash
    LEFT JOIN topics t ON t.topic_id = k.topic_id
"""
_ROOMS: Final = ("facts", HEARD, TOPICS)
_STEP: Final = "trackers"
_SLICE: Final = 100_000  # mentions held against the trackers in one transaction


@dataclass(frozen=True)
class Tracked:
    """What was done: `trackers` that looked at all of history, `mentions` that were held against
    the others, and the queries that cannot be asked, by tracker, with why."""

    trackers: int = 0
    mentions: int = 0
    errors: tuple[tuple[str, str], ...] = ()


def refresh(warehouse: Warehouse, analyser: Analyser | None = None) -> Tracked:
    """Let every tracker in use have its hits, and no other; costs nothing where nothing changed.

    `analyser` reads the words of queries as the instance reads texts. A crash loses no more than
    the tracker, or the slice of mentions, that was being looked at.
    """
    with warehouse.reading() as cursor:
        state = revisions.seen(cursor, *_ROOMS)
        if revisions.is_done(cursor, _STEP, state):
            return Tracked()
        texts = dict(cursor.execute("SELECT tracker, query FROM trackers WHERE active").fetchall())
    queries, errors = _understood(texts, analyser)
    with warehouse.writing() as cursor:
        meanings = _meanings(cursor, queries)
        standing = _standing(cursor, meanings, errors)
    mentions = _follow(warehouse, {name: queries[name] for name in standing})
    changed = [name for name in queries if name not in standing]
    for name in changed:
        with warehouse.writing() as cursor:
            look_back(cursor, name, queries[name], meanings[name])
    with warehouse.writing() as cursor:
        revisions.done(cursor, _STEP, state)
    return Tracked(len(changed), mentions, tuple(errors.items()))


def look_back(cursor: duckdb.DuckDBPyConnection, tracker: str, query: Query, meaning: str) -> int:
    """Put the hits of a tracker in all of history in place of what it had; returns how many."""
    cursor.execute("DELETE FROM tracker_hits WHERE tracker = ?", [tracker])
    found = condition(query)
    hits = ask.number(
        cursor,
        "INSERT INTO tracker_hits SELECT $tracker, mention_id FROM heard "
        f"WHERE lemmas IS NOT NULL AND {found.text}",
        {"tracker": tracker, **found.parameters},
    )
    cursor.execute("DELETE FROM tracked WHERE tracker = ?", [tracker])
    cursor.execute("INSERT INTO tracked VALUES (?, ?, NULL)", [tracker, meaning])
    return hits


def _understood(
    texts: Mapping[str, str], analyser: Analyser | None
) -> tuple[dict[str, Query], dict[str, str]]:
    """The queries of trackers, and of those that cannot be asked why."""
    parsed: dict[str, Query] = {}
    errors: dict[str, str] = {}
    for name, text in texts.items():
        try:
            parsed[name] = parse(text)
        except QueryError as error:
            errors[name] = str(error)
    if not parsed:
        return {}, errors
    reader = analyser or morphology()
    try:
        read = understood_all(list(parsed.values()), reader)
    except QueryError:  # one of them cannot be read: each by itself tells which
        return _one_by_one(parsed, errors, reader)
    return dict(zip(parsed, read, strict=True)), errors


def _one_by_one(
    parsed: Mapping[str, Query], errors: dict[str, str], reader: Analyser
) -> tuple[dict[str, Query], dict[str, str]]:
    queries: dict[str, Query] = {}
    for name, query in parsed.items():
        try:
            queries[name] = understood_all([query], reader)[0]
        except QueryError as error:
            errors[name] = str(error)
    return queries, errors


def _meanings(cursor: duckdb.DuckDBPyConnection, queries: Mapping[str, Query]) -> dict[str, str]:
    """What the hits of each query depend on beside the mentions: its lemmas and, where it asks for
    them, the topics, which are told anew without any mention changing."""
    topics = revisions.seen(cursor, TOPICS)
    return {
        name: f"{query.root!r} {topics if _asks_for_topics(query) else ''}"
        for name, query in queries.items()
    }


def _asks_for_topics(query: Query) -> bool:
    return any(
        isinstance(leaf, Having) and (leaf.name == "topic" or "topic" in leaf.values)
        for leaf in leaves(query.root)
    )


def _standing(
    cursor: duckdb.DuckDBPyConnection, meanings: Mapping[str, str], errors: Mapping[str, str]
) -> list[str]:
    """The trackers whose hits stand as they are; the hits of all others are let go."""
    kept = dict(cursor.execute("SELECT tracker, meaning FROM tracked").fetchall())
    standing = [name for name, meaning in meanings.items() if kept.get(name) == meaning]
    for table in ("tracker_hits", "tracked"):
        cursor.execute(f"DELETE FROM {table} WHERE NOT list_contains(?, tracker)", [standing])
    for name, error in errors.items():
        cursor.execute("INSERT INTO tracked VALUES (?, '', ?)", [name, error])
    return standing


def _follow(warehouse: Warehouse, queries: Mapping[str, Query]) -> int:
    """Hold the mentions that changed against these trackers; returns how many there were."""
    matcher = Matcher([Tracker(name, query) for name, query in queries.items()], warehouse.zone)
    total = 0
    while True:
        with warehouse.writing() as cursor:
            if not queries:
                cursor.execute("TRUNCATE untracked_mentions")
                return 0
            taken = ask.number(
                cursor,
                "CREATE OR REPLACE TEMP TABLE these_untracked AS "
                f"SELECT DISTINCT mention_id FROM untracked_mentions LIMIT {_SLICE}",
            )
            if not taken:
                return total
            _hold(cursor, matcher)
            total += taken


def _hold(cursor: duckdb.DuckDBPyConnection, matcher: Matcher) -> None:
    """Put what the matcher finds in `these_untracked` in place of what was found in them."""
    these = "SELECT mention_id FROM these_untracked"
    rows = ask.table(cursor, f"{ROWS} WHERE h.lemmas IS NOT NULL AND h.mention_id IN ({these})")
    found = matcher.matches(rows)
    ids = rows.column("mention_id").take(found.column("row"))
    hits = pa.Table.from_arrays([found.column("tracker"), ids], ["tracker", "mention_id"])
    cursor.register("found_hits", hits)
    for table in ("tracker_hits", "untracked_mentions"):
        cursor.execute(f"DELETE FROM {table} WHERE mention_id IN ({these})")
    cursor.execute("INSERT INTO tracker_hits SELECT tracker, mention_id::UUID FROM found_hits")
    cursor.unregister("found_hits")
