"""Keeps the topics: hands texts out to be looked at, keeps what was found, tells each mention's.

Topics are found anew seldom, in a sample, by a job (`nlp.topics`); each time they are matched with
the old ones, whose ids stay. In between, and after, a mention's topic follows from its words in
columns. Everything is done in slices, each committed, so that a crash loses one slice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from warehouse import ask, revisions, serving
from warehouse.records import TIME, schema_of
from warehouse.store import Warehouse

TOPICS: Final = "topics"  # the room that changes with topics and with mentions' topics
HISTORY: Final = ("topics", "topic_words", "topic_events", "topic_fits")
TOLD: Final = "mention_topics"
CARRIED: Final = (*HISTORY, TOLD)
LEAST: Final = 200  # texts read before topics are looked for
GROWN: Final = 1.3  # times as many texts as when last found, to look again
WORSE: Final = 0.1  # more of the new mentions without a topic than then
SAMPLE: Final = 200_000
TERM_DAYS: Final = 120  # days whose terms are kept for what is trending
QUOTE_DAYS: Final = 90
_PRODUCTS: Final = 50  # products whose names name no topic
_SLICE: Final = 200_000
_DAYS: Final = 30  # rolled up in one transaction
_STEP: Final = "topics"
EVENTS: Final = schema_of(
    pa.field("happened_at", TIME),
    pa.field("kind", pa.string()),
    pa.field("topic_id", pa.int64()),
    pa.field("name", pa.string()),
    pa.field("other_id", pa.int64()),
    pa.field("before", pa.string()),
    pa.field("share", pa.float64()),
)
FOUND: Final = schema_of(
    pa.field("topic_id", pa.int64()),
    pa.field("name", pa.string()),
    pa.field("words", pa.list_(pa.string())),
    pa.field("centre", pa.list_(pa.float32())),
    pa.field("share", pa.float64()),
)


@dataclass(frozen=True)
class Task:
    """What a job needs to find topics anew: the file of `terms` of a sample of texts, the topics as
    they are (FOUND), their words, the space they were found in, the next free id, and names of
    products, which name no topic."""

    terms: Path
    topics: pa.Table
    words: pa.Table
    space: str
    next_id: int
    products: tuple[str, ...]
    version: str
    heard: int


@dataclass(frozen=True)
class Refitted:
    """What it found: `topics` as FOUND, `words` (word, topic_id, weight), `events` (EVENTS without
    the time), and figures of the fit."""

    topics: pa.Table
    words: pa.Table
    events: pa.Table
    space: str
    texts: int
    unassigned: float
    agreement: float


def is_due(warehouse: Warehouse) -> bool:
    """Whether topics should be looked for: the first time, with enough that is new, by a new
    annotator, or when the topics no longer fit what is said."""
    with warehouse.reading() as cursor:
        if revisions.is_done(cursor, _STEP, _state(cursor)):
            return False
        read = ask.number(cursor, "SELECT count(*) FROM heard WHERE lemmas IS NOT NULL")
        last = ask.row(
            cursor,
            "SELECT fit, heard, version, unassigned FROM topic_fits ORDER BY fit DESC LIMIT 1",
        )
        if read < LEAST or last is None:
            return read >= LEAST
        fit, heard, version, unassigned = last
        if read >= GROWN * heard or version != serving.current_version(cursor):
            return True
        fresh = ask.row(
            cursor,
            """
            SELECT count(*), avg((topic_id IS NULL)::INT) FROM mention_topics t
            SEMI JOIN heard h ON h.mention_id = t.mention_id
                AND h.created_at > (SELECT max(fitted_at) FROM topic_fits)
            WHERE fit = $fit
            """,
            {"fit": fit},
        )
        return fresh is not None and fresh[0] >= LEAST and fresh[1] > unassigned + WORSE


def hand_out(warehouse: Warehouse, folder: Path) -> Task:
    """Write a sample of texts, as terms, into `folder` (below the jobs folder): each kind of copy
    once, no spam, the same texts for the same mentions."""
    path = folder / "terms.parquet"
    with warehouse.reading() as cursor:
        read = ask.number(cursor, "SELECT count(*) FROM heard WHERE lemmas IS NOT NULL")
        serving.view(cursor, "read_now", serving.CURRENT)
        cursor.execute(
            f"""
            COPY (
                SELECT terms FROM (
                    SELECT mention_id, text_hash FROM heard
                    WHERE lemmas IS NOT NULL AND NOT coalesce(spam, false)
                        AND hash(mention_id) % {max(1, -(-read // SAMPLE))} = 0
                    QUALIFY fingerprint IS NULL OR row_number() OVER (
                        PARTITION BY fingerprint ORDER BY created_at, mention_id) = 1
                ) JOIN read_now USING (mention_id, text_hash)
                ORDER BY mention_id
            ) TO $path (FORMAT parquet)
            """,
            {"path": str(path)},
        )
        products = ask.table(
            cursor,
            "SELECT product FROM daily WHERE product IS NOT NULL "
            "GROUP BY product ORDER BY sum(n) DESC, product LIMIT $n",
            {"n": _PRODUCTS},
        )
        last = ask.row(cursor, "SELECT space FROM topic_fits ORDER BY fit DESC LIMIT 1")
        return Task(
            path,
            ask.table(
                cursor,
                "SELECT topic_id, name, words, centre, share FROM topics "
                "WHERE ended_at IS NULL ORDER BY topic_id",
            ),
            ask.table(cursor, "SELECT word, topic_id, weight FROM topic_words ORDER BY ALL"),
            str(last[0]) if last else "",
            1 + ask.number(cursor, "SELECT max(topic_id) FROM topics"),
            tuple(str(name) for name in products.column("product").to_pylist()),
            serving.current_version(cursor) or "",
            read,
        )


def keep(warehouse: Warehouse, task: Task, found: Refitted, now: datetime) -> None:
    """Keep the topics found at `now` (aware) and what became of the old ones, in one transaction;
    mentions get their topics by them from `assign`."""
    figures = {
        "now": now, "version": task.version, "space": found.space, "heard": task.heard,
        "texts": found.texts, "unassigned": found.unassigned, "agreement": found.agreement,
    }  # fmt: skip
    with warehouse.writing() as cursor:
        for name in ("topics", "words", "events"):
            cursor.register(f"found_{name}", getattr(found, name))
        cursor.execute(
            "UPDATE topics SET ended_at = $now WHERE ended_at IS NULL "
            "AND topic_id NOT IN (SELECT topic_id FROM found_topics)",
            {"now": now},
        )
        cursor.execute(
            """
            UPDATE topics SET name = f.name, words = f.words, centre = f.centre, share = f.share
            FROM found_topics f WHERE topics.topic_id = f.topic_id
            """
        )
        cursor.execute(
            "INSERT INTO topics BY NAME SELECT *, $now::TIMESTAMPTZ AS found_at FROM found_topics "
            "WHERE topic_id NOT IN (SELECT topic_id FROM topics)",
            {"now": now},
        )
        cursor.execute("TRUNCATE topic_words")
        cursor.execute("INSERT INTO topic_words BY NAME FROM found_words")
        cursor.execute(
            "INSERT INTO topic_events BY NAME "
            "SELECT *, $now::TIMESTAMPTZ AS happened_at FROM found_events",
            {"now": now},
        )
        cursor.execute(
            "INSERT INTO topic_fits SELECT (SELECT 1 + coalesce(max(fit), 0) FROM topic_fits), "
            "$now, $version, $space, $heard, $texts, $unassigned, $agreement",
            figures,
        )
        revisions.changed(cursor, TOPICS)


def refresh(warehouse: Warehouse, on_progress: Callable[[int, int], None] | None = None) -> int:
    """Tell the topic of each mention that has none by the last fit, newest first, and roll up what
    has changed; returns how many were told."""
    with warehouse.reading() as cursor:
        state = _state(cursor)
        if revisions.is_done(cursor, _STEP, state):
            return 0
        total = ask.number(cursor, f"SELECT count(*) {_WITHOUT}")
    done = 0
    while done < total:
        with warehouse.writing() as cursor:
            told = _assign(cursor)
        done += told
        if on_progress is not None:
            on_progress(done, total)
        if told == 0:
            break
    roll_up(warehouse)
    with warehouse.writing() as cursor:
        revisions.done(cursor, _STEP, state)
    return done


def _state(cursor: duckdb.DuckDBPyConnection) -> str:
    return revisions.seen(cursor, serving.HEARD, TOPICS)


# Mentions that were read and have no topic by the last fit, none being an answer too.
_WITHOUT: Final = """
    FROM heard h ANTI JOIN mention_topics t
        ON t.mention_id = h.mention_id AND t.text_hash = h.text_hash
        AND t.fit = (SELECT max(fit) FROM topic_fits)
    WHERE h.lemmas IS NOT NULL AND EXISTS (FROM topic_fits)
"""


def _assign(cursor: duckdb.DuckDBPyConnection) -> int:
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE these AS SELECT h.mention_id, h.text_hash, h.day "
        f"{_WITHOUT} ORDER BY h.created_at DESC, h.mention_id LIMIT {_SLICE}"
    )
    serving.view(
        cursor,
        "these_annotations",
        f"FROM ({serving.CURRENT}) SEMI JOIN these USING (mention_id, text_hash)",
    )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE told AS SELECT *, "
        f"(SELECT max(fit) FROM topic_fits) AS fit FROM ({serving.model('mention_topics')})"
    )
    cursor.execute("DELETE FROM mention_topics WHERE mention_id IN (SELECT mention_id FROM these)")
    told = ask.number(cursor, "INSERT INTO mention_topics BY NAME FROM told")
    cursor.execute("INSERT INTO stale_topic_days SELECT DISTINCT day FROM these")
    return told


def roll_up(warehouse: Warehouse) -> None:
    """Roll up the days that have changed, and choose quotes anew."""
    with warehouse.reading() as cursor:
        stale = ask.table(cursor, "SELECT DISTINCT day FROM stale_topic_days ORDER BY day DESC")
    days = stale.column("day")
    for at in range(0, len(days), _DAYS):
        with warehouse.writing() as cursor:
            _roll_up(cursor, stale.slice(at, _DAYS))
    if len(days):
        with warehouse.writing() as cursor:
            _choose_quotes(cursor)
            revisions.changed(cursor, "topic days")


def _roll_up(cursor: duckdb.DuckDBPyConnection, days: pa.Table) -> None:
    cursor.register("given_days", days)
    cursor.execute("CREATE OR REPLACE TEMP TABLE rolled_days AS FROM given_days")
    cursor.unregister("given_days")
    cursor.execute("DELETE FROM stale_topic_days WHERE day IN (SELECT day FROM rolled_days)")
    serving.view(cursor, "these_heard", "FROM heard SEMI JOIN rolled_days USING (day)")
    cursor.execute("DELETE FROM daily_topics WHERE day IN (SELECT day FROM rolled_days)")
    cursor.execute(f"INSERT INTO daily_topics BY NAME {serving.model('daily_topics')}")
    # A copy counts where the first of its kind stands: the week after a changed day changes too.
    first = f"(SELECT max(day) - {TERM_DAYS} FROM heard)"
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE term_days AS
        SELECT DISTINCT (r.day + o.range::INTEGER)::DATE AS day
        FROM rolled_days r, range(8) o WHERE r.day + o.range::INTEGER >= {first}
        """
    )
    serving.view(cursor, "these_heard", "FROM heard SEMI JOIN term_days USING (day)")
    serving.view(
        cursor,
        "these_annotations",
        f"FROM ({serving.CURRENT}) SEMI JOIN these_heard USING (mention_id, text_hash)",
    )
    cursor.execute(
        f"DELETE FROM daily_terms WHERE day IN (SELECT day FROM term_days) OR day < {first}"
    )
    cursor.execute(f"INSERT INTO daily_terms BY NAME {serving.model('daily_terms')}")


def _choose_quotes(cursor: duckdb.DuckDBPyConnection) -> None:
    serving.view(
        cursor, "since", f"SELECT max(created_at) - INTERVAL {QUOTE_DAYS} DAY AS moment FROM heard"
    )
    cursor.execute("TRUNCATE topic_quotes")
    cursor.execute(f"INSERT INTO topic_quotes BY NAME {serving.model('topic_quotes')}")
