"""A member: everyone with an account, staff and customers alike, known by e-mail address."""

import secrets
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


def random_id() -> str:
    """A name for a member that says nothing and cannot be guessed from another's."""
    return secrets.token_hex(8)


class Role(models.TextChoices):
    """What a member of staff is here for; a customer has none."""

    BRAND_MANAGER = "brand_manager", "brand manager"
    COMMUNITY_MANAGER = "community_manager", "community manager"
    ENGINEER = "engineer", "engineer"


class Members(BaseUserManager["Member"]):
    """Finds members by address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email=normal_address(username or ""))


class Member(AbstractBaseUser):
    """An account. `is_staff` and `role` go together; the database holds them so.

    `public_id` is how pages, facts and mentions name the member.
    """

    public_id = models.CharField(max_length=16, unique=True, default=random_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    language = models.CharField(max_length=8, default="ko")
    is_staff = models.BooleanField(default=False)
    role = models.CharField(max_length=32, choices=Role.choices, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Members] = Members()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("email"), name="member_email_any_case"),
            models.CheckConstraint(
                condition=(Q(is_staff=True) & Q(role__in=Role.values))
                | (Q(is_staff=False) & Q(role="")),
                name="member_staff_has_role",
            ),
        )

    def __str__(self) -> str:
        return self.name


class SignInAttempt(models.Model):
    """A try to sign in that has not succeeded; counted by where it came from and what it was for.

    The account is a keyed hash of the address typed, so that the table names nobody.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    origin = models.CharField(max_length=64, db_index=True)
    account = models.CharField(max_length=64, db_index=True)

    def __str__(self) -> str:
        return f"attempt {self.pk}"


def normal_address(email: str) -> str:
    """The one form in which an e-mail address is stored and looked for."""
    return email.strip().casefold()
