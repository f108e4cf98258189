"""Facts in the order in which they were committed, and which findings were applied.

A fact takes its number from one locked row, at the end of the act's transaction: nobody can see a
number while a lower one is still to appear, so a reader that keeps the last number misses nothing.
"""

from django.db import models
from django.utils import timezone


class FactCounter(models.Model):
    """The last number given; there is one row."""

    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class Fact(models.Model):
    """Something that happened here and that the warehouse must know."""

    sequence = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=96)
    body = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("sequence",)
        indexes = (models.Index(fields=("subject", "sequence"), name="fact_subject"),)

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind} {self.subject}"


class AppliedFinding(models.Model):
    """A finding that came down, and what it met here; `refused` is empty where it was applied."""

    finding_id = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=32)
    refused = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.kind} {self.finding_id}"


class FindingsCursor(models.Model):
    """How far the findings were read; there is one row."""

    cursor = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.cursor)
