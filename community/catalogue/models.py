"""The products that customers speak about, by the name that they are sold under."""

from django.db import models


class Product(models.Model):
    """One product; `is_listed` says whether it can be chosen for a new review."""

    name = models.CharField(max_length=160, unique=True)
    is_listed = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
