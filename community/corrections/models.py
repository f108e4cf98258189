"""Corrections of single texts, and the samples by which people measure the annotator.

Neither holds any words of a text: a mention is named by its id, and by the hash of what it said
when a person judged it.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Correction(models.Model):
    """What a person says one mention means. `text_hash` is a number of 64 bits, as a string."""

    mention_id = models.UUIDField(unique=True)
    text_hash = models.CharField(max_length=20)
    sentiment = models.CharField(max_length=8)
    why = models.TextField(blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.mention_id} {self.sentiment}"


class Sample(models.Model):
    """Mentions drawn by chance, with what one version of the annotator said of them.

    `population` is how many mentions they stand for, `seed` makes the same draw again.
    """

    sample_id = models.CharField(max_length=26, unique=True)
    version = models.CharField(max_length=64)
    seed = models.BigIntegerField()
    population = models.BigIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    drawn_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.sample_id


class SampleItem(models.Model):
    """One mention of a sample. `place` is its turn; `label` is empty until a person gives one.

    `probability` is how likely the draw was to take it: what it is weighted by. `week` is the
    Monday of the week it was written in, in the instance's zone.
    """

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="items")
    place = models.IntegerField()
    mention_id = models.UUIDField()
    text_hash = models.CharField(max_length=20)
    source = models.CharField(max_length=200)
    lang = models.CharField(max_length=16)
    week = models.DateField()
    predicted = models.CharField(max_length=8)
    probability = models.FloatField()
    label = models.CharField(max_length=8, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sample", "mention_id"), name="sample_mention_once"),
        )

    def __str__(self) -> str:
        return f"{self.sample_id} {self.mention_id} {self.label}"
