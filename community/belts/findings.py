"""Findings down: each applied once, whatever is sent twice or dies half-way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from community.belts.models import AppliedFinding, FindingsCursor
from community.errors import CommunityError


@dataclass(frozen=True)
class Finding:
    """What the warehouse found out: `finding_id` is a digest of all the rest."""

    finding_id: str
    kind: str
    subject: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Applied:
    """Counts of one delivery; `refused` findings are kept with their reason."""

    applied: int
    known: int
    refused: int


Handler = Callable[[Finding], None]


def handlers() -> dict[str, Handler]:
    """Who takes a finding of each kind. A handler runs inside a transaction and may refuse it."""
    from community.alerts.actions import raise_alert
    from community.catalogue.actions import list_product
    from community.inbox.actions import open_conversation, take_out
    from community.reviews.actions import mark_verified_purchase

    return {
        "product": list_product,
        "verified_purchase": mark_verified_purchase,
        "alert_raised": raise_alert,
        "open_conversation": open_conversation,
        "mention_removed": take_out,
    }


def findings_cursor() -> dict[str, Any]:
    """How far the warehouse's findings were taken; empty at first."""
    row = FindingsCursor.objects.filter(pk=1).first()
    return dict(row.cursor) if row else {}


def refused_findings(limit: int = 20) -> tuple[str, ...]:
    """Why the newest findings that met a refusal were refused."""
    rows = AppliedFinding.objects.exclude(refused="").order_by("-at", "-finding_id")[:limit]
    return tuple(f"{row.kind}: {row.refused}" for row in rows)


@transaction.atomic
def apply_findings(findings: Sequence[Finding], cursor: dict[str, Any]) -> Applied:
    """Apply what is new among `findings` and remember `cursor`, all in one transaction."""
    takers = handlers()
    ids = [finding.finding_id for finding in findings]
    known = set(
        AppliedFinding.objects.filter(finding_id__in=ids).values_list("finding_id", flat=True)
    )
    new = {finding.finding_id: finding for finding in findings if finding.finding_id not in known}
    outcomes = [_outcome(finding, takers) for finding in new.values()]
    AppliedFinding.objects.bulk_create(outcomes, batch_size=500)
    FindingsCursor.objects.update_or_create(pk=1, defaults={"cursor": cursor})
    refused = sum(1 for outcome in outcomes if outcome.refused)
    return Applied(len(outcomes) - refused, len(findings) - len(new), refused)


def _outcome(finding: Finding, takers: dict[str, Handler]) -> AppliedFinding:
    outcome = AppliedFinding(finding_id=finding.finding_id, kind=finding.kind)
    try:
        if finding.kind not in takers:
            raise CommunityError(f"Nothing here takes findings of the kind {finding.kind!r}.")
        with transaction.atomic():
            takers[finding.kind](finding)
    except CommunityError as error:
        outcome.refused = str(error)
    return outcome
