"""Orders about alerts: the warehouse raises one, a person takes note of it."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from community.alerts.models import AlertState
from community.belts.facts import write_fact
from community.belts.findings import Finding
from community.decisions.actions import Actor, record
from community.errors import CommunityError
from community.members.queries import public_id_of_number
from community.outbox.actions import enqueue

LONGEST_NOTE: Final = 2000  # characters


@transaction.atomic
def raise_alert(finding: Finding) -> None:
    """Keep the alert and tell those whom settings name; one that goes on is kept up to date.

    Raises CommunityError for a finding without an alert's name.
    """
    alert_id = finding.subject
    if not alert_id or len(alert_id) > 96:
        raise CommunityError(f"No alert is called {alert_id!r}. Bring the warehouse up to date.")
    _, is_new = AlertState.objects.update_or_create(
        alert_id=alert_id, defaults={"data": dict(finding.body)}
    )
    if is_new:
        enqueue("alert", f"alert:{alert_id}", {"alert_id": alert_id, **finding.body})


@transaction.atomic
def acknowledge_alert(alert_id: str, by: Actor, note: str = "") -> bool:
    """Take note of an alert; False, and nothing written, where somebody has done so already.

    Raises CommunityError for an alert that nobody raised.
    """
    alert = _locked(alert_id)
    if alert.state == AlertState.State.ACKNOWLEDGED:
        return False
    alert.state, alert.by_id, alert.at = AlertState.State.ACKNOWLEDGED, by.member_id, timezone.now()
    alert.note = note.strip()[:LONGEST_NOTE]
    alert.save()
    record(by, "acknowledge_alert", "alert", alert_id, why=alert.note)
    write_fact("alert_acknowledged", alert_id, {"by": public_id_of_number(by.member_id)})
    return True


@transaction.atomic
def reopen_alert(alert_id: str, by: Actor) -> bool:
    """Take an acknowledgement back; False where there is none. Raises as `acknowledge_alert`."""
    alert = _locked(alert_id)
    if alert.state == AlertState.State.RAISED:
        return False
    alert.state, alert.by, alert.at, alert.note = AlertState.State.RAISED, None, None, ""
    alert.save()
    record(by, "reopen_alert", "alert", alert_id)
    write_fact("alert_reopened", alert_id, {"by": public_id_of_number(by.member_id)})
    return True


def _locked(alert_id: str) -> AlertState:
    alert = AlertState.objects.select_for_update().filter(alert_id=alert_id).first()
    if alert is None:
        raise CommunityError(f"There is no alert {alert_id!r}. Look at the list of alerts.")
    return alert
