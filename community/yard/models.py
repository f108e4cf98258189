"""What every post of the yard has: an author who may leave, a text, and a way to be removed.

A removed post keeps its row, for what was said below it stands on; its page says who removed it.
"""

from typing import Final

from django.db import models
from django.utils import timezone

from community.members.models import Member

TITLE_LENGTH: Final = 120
TEXT_LENGTH: Final = 4000


class RemovedBy(models.TextChoices):
    """Who took a post away."""

    AUTHOR = "author", "author"
    STAFF = "staff", "staff"
    THREAD = "thread", "with what it stood under"


class PublicPost(models.Model):
    """`author` is null once the person has left; `by_staff` is what they were when they wrote."""

    author = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, related_name="%(class)ss"
    )
    by_staff = models.BooleanField(default=False)
    text = models.TextField(max_length=TEXT_LENGTH, blank=True)
    language = models.CharField(max_length=8, default="ko")
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.CharField(max_length=8, choices=RemovedBy.choices, blank=True)
    removed_reason = models.TextField(blank=True)

    class Meta:
        abstract = True
