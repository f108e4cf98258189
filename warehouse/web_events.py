"""Lets go of web events that are older than they may be kept, in the warehouse and as landed."""

from datetime import UTC, datetime
from typing import Final

from warehouse import ask
from warehouse.durable import sync_folder
from warehouse.landing import Landing
from warehouse.store import Warehouse

RECORD: Final = "web_events"


def forget_before(warehouse: Warehouse, landing: Landing, before: datetime) -> int:
    """Forget events that happened before a time (aware); returns how many rows went.

    A landed batch goes when the whole day on which it landed is past; the newest of a source stays,
    for it holds the cursor. Nothing that is later than its batch can be in it.
    """
    with warehouse.writing() as cursor:
        gone = ask.number(cursor, "DELETE FROM web_events WHERE happened_at < ?", [before])
    day = f"{before.astimezone(UTC):%Y-%m-%d}"
    newest = {batch.source: batch for batch in landing.batches(RECORD)}
    for source, last in newest.items():
        with landing.open_source(RECORD, source, wait=True):
            for batch in landing.batches(RECORD):
                if batch.source == source and batch != last and batch.day < day:
                    batch.path.unlink()
                    sync_folder(batch.path.parent)
    return gone
