"""What a customer's account holds beside its Member: wishes, a number proved, and who left."""

from django.db import models
from django.utils import timezone

from community.members.models import Member


class LimitEntry(models.Model):
    """A row of the cache `limits`, which Django's database cache reads and writes by itself."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_limit"

    def __str__(self) -> str:
        return self.cache_key


class Wishes(models.Model):
    """Which mail a member wants beside what their account needs; all of it without a row."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="wishes"
    )
    idea_mail = models.BooleanField(default=True)
    answer_mail = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"wishes of {self.member_id}"


class Phone(models.Model):
    """A number that a member has proved to be theirs.

    Nobody needs the number itself: purchases are matched by its keyed hash, and the page shows its
    last digits. A number belongs to whoever proved it last.
    """

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="phone"
    )
    phone_key = models.CharField(max_length=64, unique=True)
    last_digits = models.CharField(max_length=4)
    verified_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"phone of {self.member_id}"


class PhoneCode(models.Model):
    """The code that was sent to a number, as a keyed hash, until it is used or too old."""

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="phone_code"
    )
    phone_key = models.CharField(max_length=64)
    last_digits = models.CharField(max_length=4)
    code_hash = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"code for {self.member_id}"


class Suppression(models.Model):
    """A person, as a keyed hash, whom no collection and no import may bring back."""

    key = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
