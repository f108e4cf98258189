"""Writing the audit: one call inside the transaction of the act itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from community.decisions.models import AuditEntry
from community.errors import CommunityError


@dataclass(frozen=True)
class Actor:
    """Who gives an order; `member_id` is None for the command line of this machine."""

    member_id: int | None


COMMAND_LINE: Final = Actor(None)


def record(
    by: Actor,
    action: str,
    subject_kind: str,
    subject_id: object,
    *,
    why: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an audit row to the transaction under way; raises CommunityError outside of one.

    `detail` holds plain JSON values and nothing that names a person: rows are never changed.
    """
    if not connection.in_atomic_block:
        raise CommunityError(
            f"The audit row of {action!r} would stand outside the transaction of the act. "
            "Call record() inside transaction.atomic()."
        )
    AuditEntry.objects.create(
        member_id=by.member_id,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        why=why,
        detail=dict(detail or {}),
    )
