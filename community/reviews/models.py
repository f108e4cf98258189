"""A customer's review of a product, and who found it helpful."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from community.catalogue.models import Product
from community.members.models import Member
from community.yard.models import TITLE_LENGTH, PublicPost

SHOWN = Q(removed_at__isnull=True)


class Review(PublicPost):
    """One member's word on one product; `helpful` and `comments` count what stands beside it.

    `purchase_*` is what the warehouse found out: whether the author bought the product, by which
    key they were recognised, and the day of the order.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="reviews")
    rating = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    purchase_verified = models.BooleanField(default=False)
    purchase_reason = models.CharField(max_length=32, blank=True)
    purchase_ordered_on = models.DateField(null=True, blank=True)
    helpful = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(rating__range=(1, 5)), name="review_rating_1_to_5"),
            models.UniqueConstraint(
                fields=("author", "product"), condition=SHOWN, name="review_one_a_product"
            ),
        )
        # Each order of the page, alone, within a product and with stars chosen.
        indexes = (
            models.Index(fields=("-created_at", "-id"), condition=SHOWN, name="review_newest"),
            models.Index(fields=("-helpful", "-id"), condition=SHOWN, name="review_helpful"),
            models.Index(
                fields=("product", "-created_at", "-id"),
                condition=SHOWN,
                name="review_product_newest",
            ),
            models.Index(
                fields=("product", "-helpful", "-id"),
                condition=SHOWN,
                name="review_product_helpful",
            ),
            models.Index(
                fields=("product", "rating", "-created_at", "-id"),
                condition=SHOWN,
                name="review_product_rating",
            ),
            models.Index(
                fields=("product",),
                condition=SHOWN & Q(purchase_verified=True),
                name="review_product_verified",
            ),
        )

    def __str__(self) -> str:
        return f"review-{self.pk}"


class HelpfulMark(models.Model):
    """A member found a review helpful."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="marks")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="helpful_marks")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("review", "member"), name="helpful_once"),)

    def __str__(self) -> str:
        return f"review-{self.review_id} helped {self.member_id}"
