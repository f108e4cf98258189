"""Questions about alerts: what was raised, and who has taken note of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.dateparse import parse_datetime

from community.alerts.models import AlertState

STRIP: Final = 3  # alerts at the top of the inbox: more would hide the list


@dataclass(frozen=True)
class AlertStateLine:
    """One alert: `state` is raised or acknowledged, then with whom, when (UTC) and the note."""

    alert_id: str
    state: str
    raised_at: datetime
    by: str
    at: datetime | None
    note: str
    data: dict[str, Any]

    @property
    def product(self) -> str:
        """What it is about, as the warehouse names it."""
        return str(self.data.get("product") or "")

    @property
    def seen(self) -> int:
        """How many negative mentions there were in the window."""
        return round(_number(self.data, "seen"))

    @property
    def expected(self) -> float:
        """How many there usually are in such hours."""
        return _number(self.data, "expected")

    @property
    def times(self) -> float | None:
        """How many times as many as usual; None where next to none are usual."""
        return self.seen / self.expected if self.expected >= 0.5 else None

    @property
    def begins(self) -> datetime | None:
        """When the window begins."""
        try:
            return parse_datetime(str(self.data.get("window_start") or ""))
        except ValueError:
            return None

    @property
    def terms(self) -> tuple[str, ...]:
        """The first words that stand out in it."""
        named = self.data.get("terms")
        if not isinstance(named, list):
            return ()
        words = (term.get("lemma", "") if isinstance(term, dict) else str(term) for term in named)
        return tuple(word for word in words if word)[:3]


def alert_states(ids: Iterable[str] | None = None) -> dict[str, AlertStateLine]:
    """How it stands with each of these alerts, or with all; one query."""
    rows = AlertState.objects.select_related("by").order_by("-raised_at", "-pk")
    if ids is not None:
        rows = rows.filter(alert_id__in=list(ids))
    return {row.alert_id: _line(row) for row in rows}


def raised_alerts(limit: int = STRIP) -> tuple[AlertStateLine, ...]:
    """Those of which nobody has taken note yet, the newest first."""
    rows = AlertState.objects.filter(state=AlertState.State.RAISED).select_related("by")
    return tuple(_line(row) for row in rows.order_by("-raised_at", "-pk")[:limit])


def _line(row: AlertState) -> AlertStateLine:
    by = row.by.name if row.by else ""
    return AlertStateLine(
        row.alert_id, row.state, row.raised_at, by, row.at, row.note, dict(row.data)
    )


def _number(data: Mapping[str, Any], name: str) -> float:
    value = data.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
