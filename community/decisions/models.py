"""The audit: who did what to which subject, when, and why. Rows are added and never changed.

The member is kept as a number and not as a foreign key, so that a person can be erased without a
row of the audit being touched; the database itself refuses updates and deletions (see migrations).
"""

from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """One act. `member_id` is null for what the command line did."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    member_id = models.BigIntegerField(null=True, db_index=True)
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    why = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("subject_kind", "subject_id"), name="audit_subject"),)

    def __str__(self) -> str:
        return f"{self.action} {self.subject_kind} {self.subject_id}"
