"""What a member is told on the site. A notice names posts by number and holds nobody's words.

So whoever leaves, or removes a post, is not quoted in other people's notices.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from community.members.models import Member


class Notice(models.Model):
    """One thing to know: `kind` is one of `notices.actions.KINDS`, `subject` a native id."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=32)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("member", "-id"), name="notice_newest"),
            models.Index(
                fields=("member",), condition=Q(read_at__isnull=True), name="notice_unread"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
