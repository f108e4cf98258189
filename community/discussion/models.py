"""What is said below a review or an idea, by customers and, marked as such, by the company."""

from django.db import models
from django.db.models import Q

from community.ideas.models import Idea
from community.reviews.models import Review
from community.yard.models import PublicPost


class Comment(PublicPost):
    """Stands below exactly one review or idea.

    An official answer names what it answers (`answers`: a native id such as review-12), the key
    that lets it be given once, and the time at which the customer gave thanks for it.
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, null=True, related_name="replies")
    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, null=True, related_name="replies")
    is_official = models.BooleanField(default=False)
    answers = models.CharField(max_length=32, blank=True)
    key = models.CharField(max_length=64, unique=True, null=True, blank=True)
    thanked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(review__isnull=True) ^ Q(idea__isnull=True), name="comment_below_one"
            ),
        )
        indexes = (
            models.Index(fields=("review", "id"), name="comment_of_review"),
            models.Index(fields=("idea", "id"), name="comment_of_idea"),
            models.Index(
                fields=("created_at",), condition=Q(is_official=True), name="comment_official"
            ),
        )

    def __str__(self) -> str:
        return f"comment-{self.pk}"
