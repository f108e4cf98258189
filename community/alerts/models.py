"""Alerts as people deal with them: the warehouse raises them, and a person takes note of each."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class AlertState(models.Model):
    """One alert. `data` holds what the warehouse said last: product, window, seen, expected, …

    `at` is when somebody took note of it; both `by` and `at` are null while nobody has.
    """

    class State(models.TextChoices):
        """Whether somebody has taken note."""

        RAISED = "raised", "raised"
        ACKNOWLEDGED = "acknowledged", "acknowledged"

    alert_id = models.CharField(max_length=96, unique=True)
    data = models.JSONField(default=dict)
    raised_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RAISED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("state", "-raised_at"), name="alert_newest"),)

    def __str__(self) -> str:
        return self.alert_id
