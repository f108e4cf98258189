"""A tracker as it stands, and all that it ever was: no version is changed or thrown away."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

LONGEST_NAME: Final = 80  # characters
LONGEST_WHY: Final = 500


class Tracker(models.Model):
    """A query with a name. `version` is the number of the version that it is now.

    Two trackers that are in use never have the same name, whatever its case.
    """

    tracker_id = models.CharField(max_length=26, unique=True)
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.TextField()
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                Lower("name"), condition=Q(active=True), name="tracker_name_once"
            ),
        )

    def __str__(self) -> str:
        return self.name


class TrackerVersion(models.Model):
    """What a tracker was from `at` on, until the version after it. Who made it, and why.

    `by` is null for the command line of this machine.
    """

    class Act(models.TextChoices):
        """What made this version."""

        CREATED = "created", "created"
        EDITED = "edited", "edited"
        RENAMED = "renamed", "renamed"
        RETIRED = "retired", "retired"
        RESTORED = "restored", "restored"

    tracker = models.ForeignKey(Tracker, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=8, choices=Act.choices)
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.TextField()
    active = models.BooleanField()
    why = models.CharField(max_length=LONGEST_WHY, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("tracker", "number"), name="tracker_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
