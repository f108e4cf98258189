"""What must leave the house: written in the transaction of the act, carried out afterwards.

A row is leased, sent and marked. Whoever dies between sending and marking leaves a lease that runs
out, and the next one tries again under the same key: that is how the other side knows a repeat.
"""

from django.db import models
from django.utils import timezone


class Delivery(models.Model):
    """One mail, text message, alert or answer.

    `route` is how it travels: the channel's name, or `answer:SOURCE`. `recipient` is the keyed hash
    of the address it goes to, by which a person's deliveries are found; empty where it has none.
    `payload` is emptied once the delivery is sent or given up: nothing is kept that nobody needs.
    `begun` stands before a try and is taken back when the sender says that nothing went: where it
    is found, a try was cut short, and nobody knows if it went.
    """

    class Channel(models.TextChoices):
        """What kind of thing leaves."""

        MAIL = "mail", "mail"
        TEXT = "text", "text"
        ALERT = "alert", "alert"
        ANSWER = "answer", "answer"

    class State(models.TextChoices):
        """How far it has come; `held` waits for a carrier that there is not yet."""

        WAITING = "waiting", "waiting"
        LEASED = "leased", "leased"
        SENT = "sent", "sent"
        FAILED = "failed", "failed"
        HELD = "held", "held"

    key = models.CharField(max_length=160, unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    route = models.CharField(max_length=80)
    recipient = models.CharField(max_length=64, blank=True, db_index=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    begun = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=255, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=("waiting", "leased", "sent", "failed", "held")),
                name="delivery_state_known",
            ),
        )
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                condition=models.Q(state__in=("waiting", "leased")),
                name="delivery_due",
            ),
            models.Index(fields=("route",), condition=models.Q(state="held"), name="delivery_held"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"
