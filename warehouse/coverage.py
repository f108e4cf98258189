"""Which time was not listened to, as intervals computed from what sources said of themselves.

A gap stays open where no `collected` recorded after it covers it; the whole of a source (part '')
covers its parts too. A source whose run has failed since it was last heard is deaf from then on.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import duckdb
import pyarrow as pa

from warehouse import ask

# Of an hour: shorter breaks of a stream hardly change its count.
LEAST_MISSED: Final = 300  # seconds

# A whole source is heard until the latest of any of its parts; a part with the whole, too.
_FAILING: Final = """
    fronts AS (
        SELECT f.source, f.part, max(h.frontier) AS frontier
        FROM (SELECT DISTINCT source, part FROM open_failures) f LEFT JOIN heard_until h
            ON h.source = f.source AND (h.part = f.part OR h.part = '' OR f.part = '')
        GROUP BY ALL
    ),
    failing AS (
        SELECT source, part, frontier, min(begin_at) AS failing_since,
            arg_max(reason, end_at) AS reason
        FROM open_failures JOIN fronts USING (source, part)
        WHERE frontier IS NULL OR end_at > frontier
        GROUP BY ALL
    )
"""
FAILING: Final = f"WITH {_FAILING} FROM failing"

_GAPS: Final = f"""
    WITH {_FAILING},
    unheard AS (
        SELECT source, part, 'gap' AS state, begin_at, end_at, reason FROM gap_pieces
        UNION ALL
        SELECT source, part, 'failed', coalesce(frontier, failing_since), $until, reason
        FROM failing
    ),
    within AS (
        SELECT * REPLACE (greatest(begin_at, $since) AS begin_at, least(end_at, $until) AS end_at)
        FROM unheard
        WHERE begin_at < $until AND end_at > $since
            AND (len($sources::VARCHAR[]) = 0 OR list_contains($sources::VARCHAR[], source))
    ),
    placed AS (
        SELECT *, begin_at > max(end_at) OVER (
            PARTITION BY source, part, state ORDER BY begin_at, end_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS apart
        FROM within
    ),
    islands AS (
        SELECT *, count(*) FILTER (apart) OVER (
            PARTITION BY source, part, state ORDER BY begin_at, end_at
        ) AS island
        FROM placed
    ),
    open AS (
        SELECT source, part, state, min(begin_at) AS begin_at, max(end_at) AS end_at,
            arg_max(reason, end_at) AS reason
        FROM islands GROUP BY source, part, state, island
    )
"""


# What was collected lately, and all that may close a gap that is new.
_CUTTERS: Final = """
    SELECT source, part, begin_at, end_at, recorded_at FROM staged WHERE state = 'collected'
    UNION
    SELECT source, part, begin_at, end_at, recorded_at FROM coverage
    WHERE state = 'collected'
        AND recorded_at > (SELECT min(recorded_at) FROM staged WHERE state = 'gap')
"""
# A gap is cut at what was heard of it later: between the furthest end so far and the next begin.
_CUT: Final = f"""
    WITH cutters AS ({_CUTTERS}),
    pieces AS (
        SELECT *, row_number() OVER () AS piece FROM (
            FROM gap_pieces ANTI JOIN staged ON staged.state = 'gap'
                AND staged.source = gap_pieces.source AND staged.part = gap_pieces.part
                AND staged.begin_at = gap_begin AND staged.end_at = gap_end
            UNION ALL
            SELECT source, part, begin_at, end_at, recorded_at, reason, begin_at, end_at
            FROM staged WHERE state = 'gap'
        )
    ),
    marks AS (
        SELECT piece, begin_at AS opens, begin_at AS closes FROM pieces
        UNION ALL SELECT piece, end_at, end_at FROM pieces
        UNION ALL
        SELECT p.piece, greatest(c.begin_at, p.begin_at), least(c.end_at, p.end_at)
        FROM pieces p JOIN cutters c ON c.source = p.source
            AND (c.part = p.part OR c.part = '') AND c.recorded_at > p.recorded_at
            AND c.begin_at < p.end_at AND c.end_at > p.begin_at
    ),
    cut AS (
        SELECT piece, opens AS until, max(closes) OVER (
            PARTITION BY piece ORDER BY opens, closes
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS since
        FROM marks
    )
    SELECT source, part, gap_begin, gap_end, recorded_at, reason, cut.since AS begin_at,
        cut.until AS end_at
    FROM cut JOIN pieces USING (piece) WHERE cut.until > cut.since
"""
_HEARD: Final = """
    SELECT source, part, min(since) AS since, max(frontier) AS frontier
    FROM (
        FROM heard_until
        UNION ALL
        SELECT source, part, begin_at, CASE WHEN state = 'collected' THEN end_at END FROM staged
    )
    GROUP BY source, part
"""
_FAILURES: Final = """
    WITH all_failures AS (
        FROM open_failures ANTI JOIN staged USING (source, part, begin_at, end_at)
        UNION
        SELECT source, part, begin_at, end_at, reason FROM staged WHERE state = 'failed'
    )
    SELECT f.* FROM all_failures f
    WHERE NOT EXISTS (
        FROM heard_until h WHERE h.source = f.source AND h.frontier >= f.end_at
            AND (h.part = f.part OR h.part = '' OR f.part = '')
    )
"""


def follow(cursor: duckdb.DuckDBPyConnection) -> None:
    """Bring what follows from coverage up to date: `staged` holds its new rows, stored already."""
    for table, query in (
        ("gap_pieces", _CUT),
        ("heard_until", _HEARD),
        ("open_failures", _FAILURES),
    ):
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE followed AS {query}")
        cursor.execute(f"DELETE FROM {table}")
        cursor.execute(f"INSERT INTO {table} BY NAME FROM followed")
    cursor.execute("DROP TABLE followed")


def gaps(
    cursor: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    sources: Sequence[str] = (),
) -> pa.Table:
    """source, part, state ('gap' or 'failed'), begin_at, end_at, reason: what was not heard between
    two aware times, in order; what overlaps within a part is one. No sources: of every one."""
    return ask.table(
        cursor,
        f"{_GAPS} FROM open ORDER BY begin_at, source, part, state",
        {"since": since, "until": until, "sources": list(sources)},
    )


def unheard_days(
    cursor: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    sources: Sequence[str] = (),
) -> pa.Table:
    """day, source, state, missed (0..1, of the day), reason: a row for each local day of which a
    source did not hear a part or the whole. Where parts of it were deaf, the deafest counts."""
    return ask.table(
        cursor,
        f"""
        {_GAPS},
        by_day AS (
            SELECT *, unnest(generate_series(
                begin_at::DATE, (end_at - INTERVAL 1 MICROSECOND)::DATE, INTERVAL 1 DAY
            ))::DATE AS day
            FROM open
        ),
        cut AS (
            SELECT day, source, part, state, reason,
                epoch(least(end_at, (day + 1)::TIMESTAMPTZ) - greatest(begin_at, day::TIMESTAMPTZ))
                    / epoch((day + 1)::TIMESTAMPTZ - day::TIMESTAMPTZ) AS missed
            FROM by_day
        ),
        by_part AS (
            SELECT day, source, part, least(sum(missed), 1.0) AS missed,
                arg_max(reason, missed) AS reason, arg_max(state, missed) AS state
            FROM cut GROUP BY ALL
        )
        SELECT day, source, arg_max(state, missed) AS state, max(missed)::DOUBLE AS missed,
            arg_max(reason, missed) AS reason
        FROM by_part GROUP BY day, source ORDER BY day, source
        """,
        {"since": since, "until": until, "sources": list(sources)},
    )


def unheard_hours(cursor: duckdb.DuckDBPyConnection, until: datetime, first: date) -> None:
    """Make the temporary table `unheard_hours`: source, day, hour, local, from the day `first` on.

    These are the hours whose counts are no counts: the source did not listen, or a part of it did
    not and now does again, so that its hours cannot be compared. A part that still fails is left:
    its source is heard as little in the hour as in those it is compared with.
    """
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE unheard_hours AS
        {_GAPS},
        by_hour AS (
            SELECT *, unnest(generate_series(
                date_trunc('hour', begin_at), end_at - INTERVAL 1 MICROSECOND, INTERVAL 1 HOUR
            )) AS starts
            FROM open WHERE state = 'gap' OR part = ''
        ),
        deaf AS (
            SELECT source, starts, sum(epoch(
                least(end_at, starts + INTERVAL 1 HOUR) - greatest(begin_at, starts)
            )) AS missed
            FROM by_hour GROUP BY source, starts
        )
        SELECT DISTINCT source, starts::DATE AS day, hour(starts)::BIGINT AS hour
        FROM deaf WHERE missed >= {LEAST_MISSED}
        """,
        {"since": first, "until": until, "sources": []},
    )
