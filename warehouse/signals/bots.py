"""Which accounts post like machines: a score and its reasons, for people to judge by.

Six habits of machines are looked for: posts that are copies, even pauses, no time of sleep, bursts,
posts on the same minute of the hour, and links everywhere. Each is weak alone, for a keen customer
has one of them too; together they add up (noisy-or; Pearl 1988, "Probabilistic Reasoning in
Intelligent Systems", 4.3). Masked handles (love****) are many people and are not judged.
"""

from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from warehouse import ask, revisions, serving
from warehouse.records import TIME, schema_of
from warehouse.signals.copies import COPIES
from warehouse.store import Warehouse

LEAST_MENTIONS: Final = 10
LIKE_A_MACHINE: Final = 0.6  # the score from which the desk says so
ACCOUNTS: Final = "accounts_scored"
_TOLD: Final = 0.3  # how much of a habit is worth naming as a reason

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Habit:
    """How strongly a feature speaks: nothing at `from_`, all it can at `full`; at most `weight`."""

    name: str
    feature: str
    from_: float
    full: float
    weight: float

    def strength(self, values: Values) -> Values:
        """0..1 for each value; 0 where there is none."""
        risen = (values - self.from_) / (self.full - self.from_)
        strength: Values = np.nan_to_num(np.clip(risen, 0.0, 1.0), nan=0.0)
        return strength


# People's pauses are bursty: their standard deviation is above their mean (Barabási 2005, "The
# origin of bursts and heavy tails in human dynamics"). People leave six hours of the day nearly
# empty; posts strewn evenly over the clock leave there what chance leaves.
HABITS: Final = (
    Habit("copies", "share_of_copies", 0.3, 0.8, 0.75),
    Habit("regular", "interval_variation", 0.7, 0.2, 0.75),
    Habit("sleepless", "quiet_share", 0.06, 0.14, 0.6),
    Habit("bursts", "busiest_minutes", 6, 20, 0.6),
    Habit("on_the_minute", "minute_entropy", 0.6, 0.25, 0.65),
    Habit("links", "share_of_links", 0.5, 0.95, 0.4),
)
_STATES: Final = """
    SELECT h.source, coalesce(h.author_id, h.author_handle) AS author,
        bit_xor(hash(h.mention_id, h.created_at, h.product, h.text_hash, c.first_id, f.first_id))
            AS state
    FROM heard h
    LEFT JOIN copies c ON c.mention_id = h.mention_id
    LEFT JOIN (SELECT DISTINCT first_id FROM copies) f ON f.first_id = h.mention_id
    WHERE NOT contains(coalesce(h.author_id, h.author_handle), '*')
    GROUP BY ALL HAVING count(*) >= $least
"""
_SCORES: Final = schema_of(
    pa.field("source", pa.string()),
    pa.field("author", pa.string()),
    pa.field("score", pa.float32()),
    pa.field("reasons", pa.list_(pa.string())),
    pa.field("mentions", pa.int64()),
    pa.field("first_at", TIME),
    pa.field("last_at", TIME),
    pa.field("products", pa.int64()),
    pa.field("share_of_copies", pa.float32()),
    pa.field("share_of_links", pa.float32()),
    pa.field("interval_variation", pa.float32()),
    pa.field("minute_entropy", pa.float32()),
    pa.field("quiet_share", pa.float32()),
    pa.field("busiest_minutes", pa.int64()),
    pa.field("state", pa.uint64()),
)


def refresh_accounts(warehouse: Warehouse) -> int:
    """Judge the accounts of which anything has changed; returns how many were judged anew.

    Comes after `refresh_copies`, on which it depends.
    """
    with warehouse.reading() as cursor:
        state = revisions.seen(cursor, serving.HEARD, COPIES)
        if revisions.is_done(cursor, ACCOUNTS, state):
            return 0
    with warehouse.writing() as cursor:
        state = revisions.seen(cursor, serving.HEARD, COPIES)
        cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE account_states AS {_STATES}", {"least": LEAST_MENTIONS}
        )
        cursor.execute(
            "CREATE OR REPLACE TEMP TABLE asked_accounts AS "
            "FROM account_states ANTI JOIN accounts_scored USING (source, author, state)"
        )
        cursor.execute(
            "DELETE FROM accounts_scored WHERE (source, author, state) NOT IN "
            "(SELECT (source, author, state) FROM account_states)"
        )
        judged = _judge(cursor)
        revisions.done(cursor, ACCOUNTS, state)
    return judged


def scores(features: dict[str, Values]) -> tuple[Values, list[list[str]]]:
    """The score of each account, and its reasons, the strongest first.

    `features` are columns named as in the habits, nan where a feature cannot be told.
    """
    strengths = np.stack([h.weight * h.strength(features[h.feature]) for h in HABITS], axis=1)
    told = np.array([h.weight * _TOLD for h in HABITS])
    reasons = [
        [
            HABITS[place].name
            for place in np.argsort(-row, kind="stable")
            if row[place] >= told[place]
        ]
        for row in strengths
    ]
    score: Values = 1 - np.prod(1 - strengths, axis=1)
    return score, reasons


def _values(column: Any) -> Values:
    values: Values = column.cast(pa.float64()).fill_null(np.nan).to_numpy()
    return values


def _judge(cursor: duckdb.DuckDBPyConnection) -> int:
    query = serving.model("account_features")
    table = ask.table(
        cursor,
        f"SELECT f.*, a.state FROM ({query}) f JOIN asked_accounts a USING (source, author)",
    )
    features = {h.feature: _values(table.column(h.feature)) for h in HABITS}
    score, reasons = scores(features)
    columns: dict[str, Any] = {name: table.column(name) for name in table.column_names}
    columns |= {"score": pa.array(np.round(score, 4), pa.float32()), "reasons": reasons}
    judged = pa.table({each.name: columns[each.name] for each in _SCORES}, schema=_SCORES)
    cursor.register("judged_accounts", judged)
    cursor.execute("INSERT INTO accounts_scored BY NAME FROM judged_accounts")
    cursor.unregister("judged_accounts")
    return int(judged.num_rows)
