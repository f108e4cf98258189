"""What a query would have found lately, before it is saved: how much, what, and which part of it
brings noise.

A clause is one of the alternatives that an OR joins. One that brings many hits and whose hits are
unlike those of the others (another mood, language or topic, more spam or copies) is noise, mostly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nlp.korean import morphology
from warehouse import ask
from warehouse.queries.choice import Filter, on_heard
from warehouse.queries.mentions import newest_mentions
from warehouse.store import Warehouse
from warehouse.trackers.sql import condition
from warehouse.trackers.tree import And, Node, Or, Query
from warehouse.trackers.words import Analyser, understood

MIXES: Final = ("sentiment", "lang", "topic")
JUNK: Final = ("spam", "sponsored", "copy")
SAMPLES: Final = 10
MOST_CLAUSES: Final = 40  # of a query; what is more is counted as one
# When a clause is called noise: a fair share of the hits, enough of them to tell, and a mix that is
# this far (total variation, 0 to 1) from that of the hits it has no part in.
FAIR_SHARE: Final = 0.2
ENOUGH: Final = 20
FAR: Final = 0.35
JUNK_MORE: Final = 0.25  # more of it, in shares, than the others have


@dataclass(frozen=True)
class Clause:
    """One alternative of a query, and what it brings to the whole.

    `hits` of the whole have it (`share` of all); `lost` of them would go without it. `junk` is the
    share of its hits that are spam, sponsored or copies; `negative` of those with a known sentiment
    (None: there are none). `reasons` say wherein its hits are unlike all others: sentiment, lang,
    topic, spam, sponsored, copy; each with how much, 0 to 1. `noisy` when there is one.
    """

    text: str
    hits: int
    share: float
    lost: int
    negative: float | None
    junk: float
    reasons: tuple[tuple[str, float], ...] = ()

    @property
    def noisy(self) -> bool:
        """Whether it mostly brings what the rest of the query does not look for."""
        return bool(self.reasons)


@dataclass(frozen=True)
class Preview:
    """What a query finds from `since` to `until`, both included.

    `days` has the columns day and mentions, a row for each day. `samples` are the newest, as
    `queries.newest_mentions` gives them. `clauses` are empty where nothing is joined by OR; the
    noisy ones come first, then those with the most hits.
    """

    query: Query
    since: date
    until: date
    count: int
    days: pa.Table
    samples: pa.Table
    clauses: tuple[Clause, ...]


def preview(
    warehouse: Warehouse,
    query: Query,
    days: int = 30,
    analyser: Analyser | None = None,
    *,
    until: date | None = None,
) -> Preview:
    """What `query` would have found in the `days` up to `until` (default: today, in the zone).

    `analyser` reads its words as the instance does; None: without names of its own.
    """
    read = understood(query, analyser or morphology())
    last = until or datetime.now(UTC).astimezone(ZoneInfo(warehouse.zone)).date()
    chosen = Filter(since=last - timedelta(days=days - 1), until=last, query=read)
    groups = list(_groups(read))
    cube = _cube(warehouse, chosen, read, [clause for group in groups for clause in group])
    counts = _array(cube, "n")
    clauses = [
        clause for place, group in enumerate(groups) for clause in _judged(cube, groups, place)
    ]
    clauses.sort(key=lambda clause: (not clause.noisy, -clause.hits))
    return Preview(
        read,
        last - timedelta(days=days - 1),
        last,
        int(counts.sum()),
        _by_day(cube, last, days),
        newest_mentions(warehouse, chosen, SAMPLES),
        tuple(clauses),
    )


@dataclass(frozen=True)
class _Alternative:
    text: str
    node: Node


def _groups(query: Query) -> Iterator[list[_Alternative]]:
    """The alternatives of each OR that the whole depends on."""
    waiting: list[Node] = [query.root]
    left = MOST_CLAUSES
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, And):
            waiting[:0] = node.parts
        if not isinstance(node, Or):
            continue
        kept, more = node.parts[:left], node.parts[left:]
        left -= len(kept)
        group = [_Alternative(query.said(part), part) for part in kept]
        if more:
            group.append(_Alternative("…", Or(tuple(more)) if len(more) > 1 else more[0]))
        yield group


def _cube(
    warehouse: Warehouse, chosen: Filter, query: Query, alternatives: Sequence[_Alternative]
) -> pa.Table:
    """How many hits there are of each kind: by day, mix, junk, and the clauses that they have."""
    with warehouse.reading() as cursor:
        whole = on_heard(cursor, chosen)
        parameters = dict(whole.parameters)
        columns = []
        for place, each in enumerate(alternatives):
            part = condition(
                replace(query, root=each.node), prefix=f"clause_{place}", **whole.reach
            )
            parameters |= part.parameters
            columns.append(f", coalesce({part.text}, false) AS clause_{place}")
        return ask.table(
            cursor,
            f"""
            WITH hits AS (
                SELECT day, sentiment, lang, coalesce(spam, false) AS spam,
                    coalesce(sponsored, false) AS sponsored, mention_id, text_hash
                    {"".join(columns)}
                FROM heard WHERE {whole.where}
            )
            SELECT hits.* EXCLUDE (mention_id, text_hash), t.topic_id::VARCHAR AS topic,
                c.mention_id IS NOT NULL AS copy, count(*) AS n
            FROM hits
            LEFT JOIN mention_topics t
                ON t.mention_id = hits.mention_id AND t.text_hash = hits.text_hash
            LEFT JOIN copies c ON c.mention_id = hits.mention_id
            GROUP BY ALL
            """,
            parameters,
        )


def _by_day(cube: pa.Table, last: date, days: int) -> pa.Table:
    """The hits of each day, of none as well."""
    counts = dict.fromkeys((last - timedelta(days=days - 1 - n) for n in range(days)), 0)
    for row in cube.select(["day", "n"]).to_pylist():
        counts[row["day"]] += row["n"]
    return pa.table(
        {
            "day": pa.array(list(counts), pa.date32()),
            "mentions": pa.array(list(counts.values()), pa.int64()),
        }
    )


def _judged(
    cube: pa.Table, groups: Sequence[Sequence[_Alternative]], place: int
) -> Iterator[Clause]:
    """The clauses of one group, each against the hits that it has no part in."""
    first = sum(len(group) for group in groups[:place])
    counts = _array(cube, "n")
    having = np.array(
        [_array(cube, f"clause_{first + n}") for n in range(len(groups[place]))], bool
    ).reshape(len(groups[place]), len(counts))
    several = having.sum(0)
    for its, alternative in zip(having, groups[place], strict=True):
        hits = int(counts[its].sum())
        share = hits / counts.sum() if hits else 0.0
        judged = hits >= ENOUGH and share >= FAIR_SHARE and counts[~its].sum() >= ENOUGH
        yield Clause(
            alternative.text,
            hits,
            share,
            int(counts[its & (several == 1)].sum()),
            _negative(cube, counts, its),
            _share(_junk(cube), counts, its),
            tuple(_unlike(cube, counts, its)) if judged else (),
        )


def _unlike(
    cube: pa.Table, counts: npt.NDArray[np.int64], its: npt.NDArray[np.bool_]
) -> Iterator[tuple[str, float]]:
    """Wherein the hits of a clause are far from all others, and how far."""
    for name in MIXES:
        far = _distance(cube.column(name), counts, its)
        if far >= FAR:
            yield name, far
    for name in JUNK:
        flags = _array(cube, name)
        more = _share(flags, counts, its) - _share(flags, counts, ~its)
        if more >= JUNK_MORE:
            yield name, more


def _distance(column: Any, counts: npt.NDArray[np.int64], its: npt.NDArray[np.bool_]) -> float:
    """Total variation between the mixes of two parts: 0 for equal ones, 1 for disjoint ones."""
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode").indices.to_numpy()
    size = int(coded.max(initial=-1)) + 1
    one, other = (np.bincount(coded[side], counts[side], size) for side in (its, ~its))
    return float(abs(one / one.sum() - other / other.sum()).sum() / 2)


def _negative(
    cube: pa.Table, counts: npt.NDArray[np.int64], its: npt.NDArray[np.bool_]
) -> float | None:
    moods = np.array(cube.column("sentiment").to_pylist(), object)
    known = its & np.isin(moods, ("negative", "neutral", "positive"))
    return _share(moods == "negative", counts, known) if counts[known].any() else None


def _junk(cube: pa.Table) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.logical_or.reduce([_array(cube, name) for name in JUNK])
    return found


def _share(
    flags: npt.NDArray[Any], counts: npt.NDArray[np.int64], of: npt.NDArray[np.bool_]
) -> float:
    total = counts[of].sum()
    return float(counts[of & flags].sum() / total) if total else 0.0


def _array(cube: pa.Table, name: str) -> npt.NDArray[Any]:
    found: npt.NDArray[Any] = cube.column(name).to_numpy()
    return found
