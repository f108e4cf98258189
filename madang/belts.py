"""The two belts between the stores: facts go up to the warehouse, findings come down from it.

Each moves its cursor in the transaction that takes the goods in, so either may be killed at any
point and is simply turned again: nothing is taken twice and nothing is left behind.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import structlog

from collectors.community import NAME as YARD
from collectors.community import YardSource
from collectors.run import Collected, collect
from madang.progress import Progress, silent
from warehouse.facts import FACTS, facts_cursor, take_facts
from warehouse.findings import FindingOptions, findings_since, refresh_findings
from warehouse.store import Warehouse

if TYPE_CHECKING:
    from community.queries import Fact
    from madang.loop import House

PAGE: Final = 5_000
log = structlog.get_logger()


def facts_up(
    house: "House", progress: Progress = silent, warehouse: Warehouse | None = None
) -> int:
    """Tell the warehouse (or the one that a rebuild is making) what people did since it was last
    told; returns how many facts. The inbox forgets the words of posts that were taken back."""
    told = warehouse or house.warehouse
    taken = 0
    with house.community():
        from community.actions import forget_post
        from community.queries import facts_since, last_fact

        total = last_fact() - facts_cursor(told)
        while facts := facts_since(facts_cursor(told), PAGE):
            for fact in facts:
                if fact.kind == "post_removed":
                    forget_post(YARD, fact.subject)
            taken += take_facts(told, _columns(facts))
            progress("facts", taken, max(total, taken))
    return taken


def collect_yard(house: "House") -> Collected:
    """Land what was posted in our own yard: one more source, read here and not over the network."""
    with house.community():
        return collect(YardSource(house.settings.yard_url), house.landing)


def find(house: "House", warehouse: Warehouse) -> int:
    """Look for what the community should know; returns how many findings are new."""
    settings = house.settings
    options = FindingOptions(settings.brand, settings.inbox.days, settings.yard.products)
    return refresh_findings(warehouse, datetime.now(UTC), options)


def findings_down(house: "House", progress: Progress = silent) -> dict[str, int]:
    """Hand the yard and the inbox what the warehouse found out; returns the counts."""
    counts = {"applied": 0, "refused": 0}
    with house.community():
        from community.actions import Finding, apply_findings
        from community.queries import findings_cursor

        while True:
            page = findings_since(house.warehouse, findings_cursor(), PAGE)
            if not page.findings:
                return counts
            applied = apply_findings(
                [Finding(f.finding_id, f.kind, f.subject, f.body) for f in page.findings],
                page.cursor,
            )
            counts["applied"] += applied.applied
            counts["refused"] += applied.refused
            if applied.refused:
                log.warning("findings_refused", count=applied.refused)
            progress("findings", counts["applied"], 0)


def _columns(facts: Sequence["Fact"]) -> pa.Table:
    rows: list[dict[str, Any]] = [
        {
            "sequence": fact.sequence,
            "kind": fact.kind,
            "subject": fact.subject,
            "body": json.dumps(fact.body, ensure_ascii=False),
            "happened_at": fact.happened_at,
        }
        for fact in facts
    ]
    return pa.Table.from_pylist(rows, schema=FACTS)
