"""An idea, its votes, and every step of what became of it."""

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.yard.models import TITLE_LENGTH, PublicPost

SHOWN: Final = Q(removed_at__isnull=True)


class Status(models.TextChoices):
    """How far an idea has come."""

    OPEN = "open", _("Not yet reviewed")
    UNDER_REVIEW = "under_review", _("Under review")
    PLANNED = "planned", _("Planned")
    IN_PROGRESS = "in_progress", _("In the making")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Decided against")


CLOSED: Final = (Status.DONE, Status.DECLINED)


class Idea(PublicPost):
    """What somebody asks for. `votes` and `comments` count what stands beside it.

    `heat` is the sum of its votes, each worth half as much for every two weeks of its age; see
    `community.ideas.heat`.
    """

    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    votes = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    heat = models.FloatField(default=0.0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(status__in=Status.values), name="idea_status_known"),
        )
        # Each order of the page, alone and with a status chosen.
        indexes = (
            models.Index(fields=("-votes", "-id"), condition=SHOWN, name="idea_votes"),
            models.Index(fields=("-created_at", "-id"), condition=SHOWN, name="idea_newest"),
            models.Index(fields=("-heat", "-id"), condition=SHOWN, name="idea_heat"),
            models.Index(fields=("status", "-votes", "-id"), condition=SHOWN, name="idea_st_votes"),
            models.Index(
                fields=("status", "-created_at", "-id"), condition=SHOWN, name="idea_st_newest"
            ),
            models.Index(fields=("status", "-heat", "-id"), condition=SHOWN, name="idea_st_heat"),
        )

    def __str__(self) -> str:
        return f"idea-{self.pk}"


class Vote(models.Model):
    """A member wants this too."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="ballots")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="ballots")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("idea", "member"), name="vote_once"),)

    def __str__(self) -> str:
        return f"idea-{self.idea_id} by {self.member_id}"


class StatusChange(models.Model):
    """One step, with the reason that its voters were told; `told` says how many they were."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(max_length=16, choices=Status.choices)
    after = models.CharField(max_length=16, choices=Status.choices)
    reason = models.TextField()
    by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    told = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=("after", "-at"), name="status_change_after"),)

    def __str__(self) -> str:
        return f"idea-{self.idea_id} {self.before} → {self.after}"
