"""What is understood of mentions: of what they speak and how, what they want, how they feel.

From the roll-ups by day where a filter asks only for days, sources, products and languages; else
from `heard`. A mention counts once for an aspect; where it both praises and blames it, as neutral.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

import duckdb
import pyarrow as pa

from warehouse import ask
from warehouse.queries.charts import NET, Compared, compared_by, per_day, with_period_before
from warehouse.queries.choice import SENTIMENTS, Filter, aspect_token, on_daily, on_heard
from warehouse.store import Warehouse

Kind = Literal["intent", "emotion", "mark"]
Counting = tuple[str, dict[str, object]]  # a query and its parameters

_LABELS: Final[dict[Kind, str]] = {
    "intent": "string_split(trim(intents), ' ')",
    "emotion": "string_split(trim(emotions), ' ')",
    "mark": "[CASE WHEN sponsored THEN 'sponsored' END, CASE WHEN spam THEN 'spam' END, "
    "CASE WHEN toxic THEN 'toxic' END]",
}
_SAMPLE: Final = 5_000  # newest mentions of an aspect whose words are counted, in whole days
_TELLING: Final = 1.64  # the one-sided 5 % point of the normal distribution


@dataclass(frozen=True)
class AspectPage:
    """An aspect by itself.

    `compared` counts its mentions by how they speak of it, now and in the period before. `days`:
    day, negative, neutral, positive, unread (always 0), every day of the period. `words`: word, n,
    negative, positive: what its mentions say more often than others, the most telling first.
    `products`: product, n, negative, neutral, positive, net, the most spoken of first.
    """

    aspect: str
    compared: Compared
    days: pa.Table
    words: pa.Table
    products: pa.Table


def aspects(warehouse: Warehouse, chosen: Filter, top: int = 12) -> pa.Table:
    """aspect, n, negative, neutral, positive, net (-1..1), n_before, negative_before, net_before:
    the most spoken of first. "Before" is the period of equal length just before.
    """
    with warehouse.reading() as cursor:
        since, both = with_period_before(cursor, chosen)
        counted, parameters = _spoken(cursor, both)
        return ask.table(
            cursor,
            f"""
            WITH summed AS (
                SELECT aspect, day >= $start AS late, sum(n)::BIGINT AS n,
                    sum(negative)::BIGINT AS negative, sum(neutral)::BIGINT AS neutral,
                    sum(positive)::BIGINT AS positive, ({NET})::DOUBLE AS net
                FROM ({counted}) GROUP BY ALL
            )
            SELECT now.* EXCLUDE (late), coalesce(earlier.n, 0) AS n_before,
                coalesce(earlier.negative, 0) AS negative_before, earlier.net AS net_before
            FROM summed AS now
            LEFT JOIN summed AS earlier ON earlier.aspect = now.aspect AND NOT earlier.late
            WHERE now.late
            ORDER BY now.n DESC, now.aspect LIMIT $top
            """,
            {**parameters, "start": since, "top": top},
        )


def aspect(
    warehouse: Warehouse, chosen: Filter, name: str, words: int = 12, products: int = 8
) -> AspectPage:
    """All of one aspect within a filter; every count is 0 where nobody spoke of it."""

    def counted(cursor: duckdb.DuckDBPyConnection, each: Filter) -> Counting:
        return _of_one(cursor, each, name)

    with warehouse.reading() as cursor:
        return AspectPage(
            name,
            compared_by(cursor, chosen, counted),
            per_day(cursor, *counted(cursor, chosen), chosen),
            _words(cursor, chosen, name, words),
            _by_product(cursor, counted(cursor, chosen), products),
        )


def intents(warehouse: Warehouse, chosen: Filter) -> pa.Table:
    """label, n, negative, n_before, the commonest first; `life_event:moving` beside `life_event`.

    `negative` are those of negative sentiment; "before" is the period of equal length before.
    """
    return labels(warehouse, chosen, "intent")


def emotions(warehouse: Warehouse, chosen: Filter) -> pa.Table:
    """label, n, negative, n_before, as in `intents`."""
    return labels(warehouse, chosen, "emotion")


def life_events(warehouse: Warehouse, chosen: Filter) -> pa.Table:
    """label, mentions, people, customers: whose life changes, as they say, most people first.

    `people` are accounts of a source, `customers` those of them who are known to be customers.
    """
    with warehouse.reading() as cursor:
        heard = on_heard(cursor, chosen)
        return ask.table(
            cursor,
            f"""
            WITH told AS (
                SELECT mention_id, source, coalesce(author_id, author_handle) AS author, author_id,
                    unnest(string_split(trim(intents), ' ')) AS label
                FROM heard WHERE contains(intents, ' life_event:') AND {heard.where}
            )
            SELECT label, count(DISTINCT mention_id) AS mentions,
                count(DISTINCT coalesce(source || '|' || author, mention_id::VARCHAR)) AS people,
                count(DISTINCT customer_id) AS customers
            FROM told LEFT JOIN identities USING (source, author_id)
            WHERE starts_with(label, 'life_event:')
            GROUP BY label ORDER BY people DESC, label
            """,
            heard.parameters,
        )


def labels(warehouse: Warehouse, chosen: Filter, kind: Kind) -> pa.Table:
    """label, n, negative, n_before of a kind; of the kind mark: sponsored, spam, toxic."""
    with warehouse.reading() as cursor:
        since, both = with_period_before(cursor, chosen)
        counted, parameters = _labelled(cursor, both, kind)
        return ask.table(
            cursor,
            f"""
            SELECT label, coalesce(sum(n) FILTER (day >= $start), 0)::BIGINT AS n,
                coalesce(sum(negative) FILTER (day >= $start), 0)::BIGINT AS negative,
                coalesce(sum(n) FILTER (day < $start), 0)::BIGINT AS n_before
            FROM ({counted}) GROUP BY label ORDER BY n DESC, label
            """,
            {**parameters, "start": since},
        )


def _is_rolled_up(chosen: Filter) -> bool:
    return chosen.rolled_up and set(chosen.sentiments) in (set(), set(SENTIMENTS))


def _spoken(cursor: duckdb.DuckDBPyConnection, chosen: Filter) -> Counting:
    """A query of day, product, aspect, n, negative, neutral, positive, unread (0) for a filter."""
    if _is_rolled_up(chosen):
        daily = on_daily(chosen)
        return f"SELECT *, 0 AS unread FROM daily_aspects WHERE {daily.where}", daily.parameters
    heard = on_heard(cursor, chosen)
    query = f"""
        SELECT day, product, left(token, -2) AS aspect, 1 AS n,
            ends_with(token, '-')::INT AS negative, ends_with(token, '.')::INT AS neutral,
            ends_with(token, '+')::INT AS positive, 0 AS unread
        FROM (
            SELECT day, product, unnest(string_split(trim(aspects), ' ')) AS token FROM heard
            WHERE length(aspects) > 2 AND {heard.where}
        )
    """
    return query, heard.parameters


def _of_one(cursor: duckdb.DuckDBPyConnection, chosen: Filter, name: str) -> Counting:
    if not _is_rolled_up(chosen):
        chosen = replace(chosen, aspects=(*chosen.aspects, name))
    spoken, parameters = _spoken(cursor, chosen)
    aspect = name.replace(" ", "_")
    return f"SELECT * FROM ({spoken}) WHERE aspect = $aspect", {**parameters, "aspect": aspect}


def _labelled(cursor: duckdb.DuckDBPyConnection, chosen: Filter, kind: Kind) -> Counting:
    """A query of day, label, n, negative for a filter."""
    if _is_rolled_up(chosen):
        daily = on_daily(chosen)
        daily.add("kind = $kind", kind=kind)
        return f"SELECT day, label, n, negative FROM daily_labels WHERE {daily.where}", (
            daily.parameters
        )
    heard = on_heard(cursor, chosen)
    query = f"""
        SELECT day, label, 1 AS n, (sentiment = 'negative')::INT AS negative
        FROM (SELECT day, sentiment, unnest({_LABELS[kind]}) AS label FROM heard
            WHERE {heard.where})
        WHERE label <> ''
    """
    return query, heard.parameters


def _words(cursor: duckdb.DuckDBPyConnection, chosen: Filter, name: str, limit: int) -> pa.Table:
    """Words by the log odds ratio of being in a mention of the aspect rather than in another one of
    the same days, divided by its standard error (Haldane's halves added; Agresti 2013, "Categorical
    Data Analysis", 3.1)."""
    heard = on_heard(cursor, chosen)
    return ask.table(
        cursor,
        f"""
        WITH days AS (
            SELECT day, sum(sum(n)) OVER (ORDER BY day DESC) - sum(n) AS later
            FROM daily_aspects
            WHERE aspect = $aspect AND day BETWEEN coalesce($first::DATE, '0001-01-01')
                AND coalesce($last::DATE, '9999-12-31')
            GROUP BY day
        ),
        said AS (
            SELECT lemmas, contains(aspects, $start) AS here,
                contains(aspects, $start || '- ') AS negative,
                contains(aspects, $start || '+ ') AS positive
            FROM heard
            WHERE day >= (SELECT min(day) FROM days WHERE later < $sample)
                AND aspects IS NOT NULL AND {heard.where}
        ),
        sizes AS (
            SELECT count(*) FILTER (here) AS n, count(*) FILTER (NOT here) AS m FROM said
        ),
        words AS (
            SELECT word, count(*) FILTER (here) AS y, count(*) FILTER (NOT here) AS b,
                count(*) FILTER (negative) AS negative, count(*) FILTER (positive) AS positive
            FROM (
                SELECT here, negative, positive,
                    unnest(list_distinct(string_split(trim(lemmas), ' '))) AS word
                FROM said
            )
            WHERE length(word) > 1 GROUP BY word HAVING y >= 3
        )
        SELECT word, y AS n, negative, positive
        FROM (
            SELECT *, (ln((y + 0.5) / (n - y + 0.5)) - ln((b + 0.5) / (m - b + 0.5)))
                / sqrt(1 / (y + 0.5) + 1 / (n - y + 0.5) + 1 / (b + 0.5) + 1 / (m - b + 0.5)) AS z
            FROM words, sizes
        )
        WHERE z > {_TELLING} ORDER BY z DESC, word LIMIT $limit
        """,
        {
            **heard.parameters, "aspect": name.replace(" ", "_"), "start": aspect_token(name),
            "first": chosen.since, "last": chosen.until, "sample": _SAMPLE, "limit": limit,
        },
    )  # fmt: skip


def _by_product(cursor: duckdb.DuckDBPyConnection, counting: Counting, top: int) -> pa.Table:
    counted, parameters = counting
    return ask.table(
        cursor,
        f"""
        SELECT product, sum(n)::BIGINT AS n, sum(negative)::BIGINT AS negative,
            sum(neutral)::BIGINT AS neutral, sum(positive)::BIGINT AS positive,
            ({NET})::DOUBLE AS net
        FROM ({counted}) WHERE product IS NOT NULL
        GROUP BY product ORDER BY n DESC, product LIMIT $top
        """,
        {**parameters, "top": top},
    )
