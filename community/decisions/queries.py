"""Reading the audit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.decisions.models import AuditEntry


@dataclass(frozen=True)
class AuditLine:
    """One act: when (UTC), by which member (None: the command line), what, to whom, why."""

    at: datetime
    member_id: int | None
    action: str
    subject_kind: str
    subject_id: str
    why: str
    detail: dict[str, Any]


def audit_trail(
    subject_kind: str | None = None, subject_id: object | None = None, limit: int = 100
) -> tuple[AuditLine, ...]:
    """The newest acts first, of one subject or of all."""
    entries = AuditEntry.objects.order_by("-id")
    if subject_kind is not None:
        entries = entries.filter(subject_kind=subject_kind)
    if subject_id is not None:
        entries = entries.filter(subject_id=str(subject_id))
    return tuple(
        AuditLine(
            entry.at,
            entry.member_id,
            entry.action,
            entry.subject_kind,
            entry.subject_id,
            entry.why,
            entry.detail,
        )
        for entry in entries[:limit]
    )
