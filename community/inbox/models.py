"""Conversations: what one person said and what they were answered, over any number of posts.

A person has one conversation. It is closed when there is nothing left to answer, and opens again
when they speak again. `version` grows with every turn of it, so that whoever answers can be told
that somebody else was quicker.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class State(models.TextChoices):
    """Whose turn it is: ours, theirs, or nobody's."""

    OPEN = "open", "open"
    ANSWERED = "answered", "answered"
    CLOSED = "closed", "closed"


class Conversation(models.Model):
    """One case of one person.

    `person_key` says who it is by the surest name there is; `priority` is 0 to 100, the sum of the
    points in `priority_parts`; `due_at` is when the first answer should have been given.
    """

    person_key = models.CharField(max_length=255, unique=True)
    customer_id = models.CharField(max_length=64, blank=True, db_index=True)
    source = models.CharField(max_length=32)
    author_id = models.CharField(max_length=160, blank=True)
    author_handle = models.CharField(max_length=160, blank=True)
    author_name = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(default=0)
    priority_parts = models.JSONField(default=dict)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    product = models.CharField(max_length=160, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    changed_at = models.DateTimeField(default=timezone.now)
    mention_count = models.PositiveIntegerField(default=0)
    last_mention = models.ForeignKey(
        "inbox.CaseMention", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="conversation_state_known"
            ),
        )
        indexes = (
            # The two orders of the list: what is most pressing, and what was last settled.
            models.Index(fields=("state", "-priority", "due_at", "id"), name="inbox_pressing"),
            models.Index(fields=("state", "-changed_at", "-id"), name="inbox_settled"),
            models.Index(fields=("source", "author_id"), name="inbox_author"),
        )

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class CaseMention(models.Model):
    """A mention that asks for an answer: an excerpt of it, and where it stands.

    `turn` is the conversation's version that it made, in replies likewise.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="mentions"
    )
    mention_id = models.CharField(max_length=36, unique=True)
    source = models.CharField(max_length=32)
    native_id = models.CharField(max_length=255)
    author_id = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=16, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    text = models.TextField()
    product = models.CharField(max_length=160, blank=True)
    sentiment = models.CharField(max_length=16, blank=True)
    score = models.FloatField(null=True)
    rating = models.FloatField(null=True)
    alert_id = models.CharField(max_length=96, blank=True)
    written_at = models.DateTimeField()
    taken_at = models.DateTimeField(default=timezone.now)
    turn = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("conversation", "written_at"), name="case_in_order"),
            models.Index(fields=("source", "native_id"), name="case_of_post"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.native_id}"


class Draft(models.Model):
    """What a member of staff has typed and not sent; one for each of them in a conversation.

    `key` is the key that the answer will be sent under, so that it stays the same in every window.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    key = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("conversation", "author"), name="one_draft_each"),
        )

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Reply(models.Model):
    """An official answer. `key` is unique: one intention to answer, one answer.

    `waiting` is an answer that stands in the outbox until its source has taken it; `reason` says
    why it has not yet, or never will. `receipt` is where it stands, or its identity there.
    """

    class State(models.TextChoices):
        """How far the answer has come."""

        SENT = "sent", "sent"
        WAITING = "waiting", "waiting"
        FAILED = "failed", "failed"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="replies")
    mention = models.ForeignKey(CaseMention, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, choices=State.choices)
    reason = models.TextField(blank=True)
    receipt = models.CharField(max_length=255, blank=True)
    written_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    thanked_at = models.DateTimeField(null=True)
    turn = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("conversation", "written_at"), name="reply_in_order"),)

    def __str__(self) -> str:
        return f"reply {self.pk}"
