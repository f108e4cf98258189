"""Events of the company's own pages, as the yard kept them: views, searches, catalogue requests.

They are no mentions but a record of their own. Pages include /events.js of the yard, which sends
nothing before somebody agrees.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import pyarrow as pa

from collectors.base import Cursor, SourceKind, SourceUnavailable
from warehouse.landing import Batch
from warehouse.records import WEB_EVENT

_PAGE: Final = 5_000  # events a batch


@dataclass(frozen=True)
class WebEventsSettings:
    """The section `[webevents]` of madang.toml."""

    origins: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Your sites that may tell of visits, as in https://www.haedam.kr.",
                  "ask": True},
    )  # fmt: skip
    keep_days: int = field(
        default=395, metadata={"help": "How long events are kept, in days; then they are deleted."}
    )


def open_webevents(settings: WebEventsSettings) -> "WebEvents":
    """Raises SourceUnavailable when no site is set, or one that is none."""
    if not settings.origins:
        raise SourceUnavailable(
            "No site is set. Add origins to the section [webevents], as in "
            '["https://www.haedam.kr"], and include /events.js of the yard in its pages.'
        )
    for origin in settings.origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise SourceUnavailable(
                f"webevents.origins has {origin!r}, which is no origin. Write scheme and host "
                "alone, as in https://www.haedam.kr."
            )
    return WebEvents(settings)


KIND: Final = SourceKind(
    name="webevents",
    summary="Visits to the company's own pages, of those who agreed: views, searches.",
    settings=WebEventsSettings,
    open=open_webevents,
    verified="local server",
    in_store=True,
)


@dataclass(frozen=True)
class WebEvents:
    """The source `webevents`. Its cursor: {"sequence": of the last event read}."""

    settings: WebEventsSettings
    name: str = "webevents"
    record: str = "web_events"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        """Events since; needs a configured community. What is too old goes from its store."""
        from community.intake.actions import forget_events
        from community.intake.queries import events_since

        sequence, now = int(cursor.get("sequence", 0)), datetime.now(UTC)
        forget_events(sequence, now - timedelta(days=self.settings.keep_days))
        while page := events_since(sequence, _PAGE):
            sequence = page[-1].sequence
            rows = [{**asdict(event), "collected_at": now} for event in page]
            yield Batch(pa.Table.from_pylist(rows, schema=WEB_EVENT), {"sequence": sequence})
