"""What was handed in, in the order in which it was committed, until the collectors have it.

Numbers come from a locked row, as those of facts do: nobody can see a number while a lower one is
still to appear, so a collector that keeps the last number misses nothing.
"""

from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone

LONGEST_ID: Final = 256  # characters of a sender's id of a message
LONGEST_KIND: Final = 32
LONGEST_PATH: Final = 500
LONGEST_WORDS: Final = 200
LONGEST_SITE: Final = 253  # RFC 1035, section 2.3.4


class Counter(models.Model):
    """The last number given, by what is counted."""

    name = models.CharField(max_length=16, primary_key=True)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.last}"


class HookMessage(models.Model):
    """A webhook whose signature was right, as it came. The sender's id makes it the same one."""

    sequence = models.BigIntegerField(primary_key=True)
    hook = models.CharField(max_length=64)
    message_id = models.CharField(max_length=LONGEST_ID)
    body = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("sequence",)
        constraints = (
            models.UniqueConstraint(fields=("hook", "message_id"), name="hook_message_once"),
        )
        indexes = (models.Index(fields=("received_at",), name="hook_received"),)

    def __str__(self) -> str:
        return f"{self.hook} {self.message_id}"


class WebEvent(models.Model):
    """Something somebody did on one of the company's pages, after they agreed to be counted.

    `visitor` is the random id that their browser keeps. `member` is set where they had signed in
    at the yard from the same browser.
    """

    sequence = models.BigIntegerField(primary_key=True)
    event_id = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=LONGEST_KIND)
    site = models.CharField(max_length=LONGEST_SITE)
    path = models.CharField(max_length=LONGEST_PATH)
    words = models.CharField(max_length=LONGEST_WORDS, blank=True)
    product = models.CharField(max_length=LONGEST_WORDS, blank=True)
    referrer = models.CharField(max_length=LONGEST_SITE, blank=True)
    visitor = models.CharField(max_length=32)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("sequence",)
        indexes = (
            models.Index(fields=("visitor",), name="event_visitor"),
            models.Index(fields=("happened_at",), name="event_happened"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.site}{self.path}"


class Visitor(models.Model):
    """Whose browser it is: the member who signed in at the yard with it and agreed."""

    visitor = models.CharField(max_length=32, primary_key=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.visitor
