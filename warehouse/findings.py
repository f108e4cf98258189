"""Findings down: what the community is to be told of what was found out here.

A finding is told once; one whose body has changed is told again under another `finding_id`. The
receiver drops what it knows by that id, so that after a rebuild everything may be told anew.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import duckdb

from warehouse import ask, revisions, serving
from warehouse.store import Warehouse

_STEP: Final = "findings"
_REMOVALS: Final = timedelta(days=30)  # for which they are told again after a rebuild
_ROOMS: Final = (serving.HEARD, "orders", "identities", "alerts")


@dataclass(frozen=True)
class FindingOptions:
    """What is ours: products named `products`, and those whose name begins with `brand`.

    With neither, every product is. `inbox_days`: how old a complaint or an alert may be when it
    comes to the inbox.
    """

    brand: str = ""
    inbox_days: int = 14
    products: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What was found out: `finding_id` is a digest of all the rest, `body` is plain JSON."""

    finding_id: str
    kind: str
    subject: str
    body: dict[str, Any]


@dataclass(frozen=True)
class FindingsPage:
    """Some findings in their order, and the cursor after them."""

    findings: tuple[Finding, ...]
    cursor: dict[str, Any]


def refresh_findings(warehouse: Warehouse, now: datetime, options: FindingOptions) -> int:
    """Add what is newly found or has changed; returns how many findings were added.

    Kinds: product (subject: its name), verified_purchase (a review's native id), alert_raised (the
    alert's id), open_conversation (the id of a negative mention by somebody who can be told apart),
    mention_removed (the id of a mention that its source, other than our yard, shows no more).
    """
    with warehouse.reading() as cursor:
        state = revisions.seen(cursor, *_ROOMS, also=f"{now.date()} {options}")
        if revisions.is_done(cursor, _STEP, state):
            return 0
    with warehouse.writing() as cursor:
        _ask(cursor, now, options)
        # A finding that quotes a removed post is deleted; its number must not be given out again,
        # for whoever was told of it would not ask for that number any more.
        last = max(
            ask.number(cursor, "SELECT coalesce(max(sequence), 0) FROM findings"),
            revisions.mark(cursor, _STEP),
        )
        added = ask.number(
            cursor,
            f"""
            INSERT INTO findings
            SELECT
                row_number() OVER (ORDER BY kind <> 'product', kind, subject) + $last,
                sha256(kind || chr(31) || subject || chr(31) || body) AS finding_id,
                kind, subject, body, $now
            FROM ({serving.model("found")})
            WHERE finding_id NOT IN (SELECT finding_id FROM findings)
            """,
            {"now": now, "last": last},
        )
        revisions.keep_mark(cursor, _STEP, last + added)
        revisions.done(cursor, _STEP, state)
    return added


def findings_since(
    warehouse: Warehouse, cursor: Mapping[str, Any], limit: int = 1000
) -> FindingsPage:
    """The findings after `cursor`, at most `limit`; an empty cursor, or one of a file that a
    rebuild has replaced, begins at the first. The end is reached when a page is empty.
    """
    with warehouse.reading() as reader:
        here = ask.row(reader, "SELECT id FROM incarnation")
        incarnation = str(here[0]) if here else ""
        sequence = int(cursor.get("sequence", 0))
        if cursor.get("incarnation") != incarnation:
            sequence = 0
        rows = reader.execute(
            "SELECT sequence, finding_id, kind, subject, body FROM findings "
            "WHERE sequence > ? ORDER BY sequence LIMIT ?",
            [sequence, limit],
        ).fetchall()
    findings = tuple(
        Finding(finding_id, kind, subject, json.loads(body))
        for _, finding_id, kind, subject, body in rows
    )
    last = rows[-1][0] if rows else sequence
    return FindingsPage(findings, {"incarnation": incarnation, "sequence": last})


def _ask(cursor: duckdb.DuckDBPyConnection, now: datetime, options: FindingOptions) -> None:
    """Make the temporary tables that the model reads."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE asked AS "
        "SELECT $since::TIMESTAMPTZ AS since, $removed_since::TIMESTAMPTZ AS removed_since",
        {"since": now - timedelta(days=options.inbox_days), "removed_since": now - _REMOVALS},
    )
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE ours AS
        SELECT unnest($products::VARCHAR[]) AS product
        UNION
        SELECT product FROM (SELECT product FROM daily UNION SELECT product FROM orders)
        WHERE product IS NOT NULL AND starts_with(product, $brand)
            AND ($brand <> '' OR len($products::VARCHAR[]) = 0)
        """,
        {"products": list(options.products), "brand": options.brand},
    )
    cursor.execute(
        "CREATE OR REPLACE TEMP MACRO utc_iso(moment) AS "
        "strftime(moment AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f+00:00')"
    )
