"""Questions about reviews; a page costs the same number of queries whatever it shows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Count, QuerySet
from django.utils.translation import gettext

from community.catalogue.queries import ProductChoice, product
from community.discussion.queries import OfficialWord, newest_official_words
from community.errors import CommunityError
from community.reviews.models import HelpfulMark, Review
from community.yard.authors import Author, Removal, author_of, removal_of
from community.yard.keyset import Order, cut

PAGE: Final = 20
ORDERS: Final = {
    "newest": Order("reviews-newest", "created_at", "time"),
    "helpful": Order("reviews-helpful", "helpful"),
}


@dataclass(frozen=True)
class Purchase:
    """That the author bought the product: the key they were known by, and the day of the order.

    `reason` is "email", "phone" or "email and phone".
    """

    reason: str
    ordered_on: date | None


@dataclass(frozen=True)
class ReviewLine:
    """One review with all that a row shows. `purchase` is None where none is verified."""

    review_id: int
    native_id: str
    product: ProductChoice
    author: Author | None
    rating: int
    title: str
    text: str
    language: str
    created_at: datetime
    edited_at: datetime | None
    purchase: Purchase | None
    helpful: int
    my_mark: bool
    comments: int
    official: OfficialWord | None
    is_mine: bool


@dataclass(frozen=True)
class ReviewsPage:
    """Reviews in their order, and the cursor of those that follow."""

    reviews: tuple[ReviewLine, ...]
    after: str | None


@dataclass(frozen=True)
class ReviewPage:
    """One review. Where `removal` says that it was taken away, title and text are empty."""

    review: ReviewLine
    removal: Removal | None


@dataclass(frozen=True)
class ProductSummary:
    """What all reviews of a product come to; `distribution` counts one to five stars.

    `mean` is None and `share_verified` 0 where there is no review.
    """

    product: ProductChoice
    count: int
    mean: float | None
    distribution: tuple[int, int, int, int, int]
    share_verified: float


def reviews_page(
    product_id: int | None = None,
    stars: int | None = None,
    order: str = "newest",
    after: str | None = None,
    viewer: int | None = None,
    size: int = PAGE,
) -> ReviewsPage:
    """Reviews of one product or all, with so many stars or any; `viewer` is a member's number.

    Raises CommunityError for an order or a number of stars that there is not.
    """
    if order not in ORDERS:
        raise CommunityError(gettext("Reviews cannot be put in this order."))
    if stars is not None and stars not in range(1, 6):
        raise CommunityError(gettext("Choose one to five stars."))
    rows = shown_reviews()
    if product_id is not None:
        # Asked by the product's own key, a number too large for the store finds nothing.
        rows = rows.filter(product__id=product_id)
    if stars is not None:
        rows = rows.filter(rating=stars)
    page = cut(rows, ORDERS[order], after, size)
    return ReviewsPage(review_lines(page.rows, viewer), page.after)


def review(review_id: int, viewer: int | None = None) -> ReviewPage | None:
    """One review, as its page shows it; None if there never was one."""
    row = Review.objects.select_related("author", "product").filter(pk=review_id).first()
    if row is None:
        return None
    removal = removal_of(row)
    if removal is not None:
        row.title = row.text = ""
    return ReviewPage(review_lines((row,), viewer)[0], removal)


def product_summary(product_id: int) -> ProductSummary | None:
    """Number, mean and distribution of a product's ratings, and the share of verified purchases."""
    chosen = product(product_id)
    if chosen is None:
        return None
    rows = Review.objects.filter(product_id=product_id, removed_at__isnull=True)
    counts = dict(rows.order_by().values_list("rating").annotate(Count("id")))
    verified = rows.filter(purchase_verified=True).count()
    stars = (
        counts.get(1, 0),
        counts.get(2, 0),
        counts.get(3, 0),
        counts.get(4, 0),
        counts.get(5, 0),
    )
    total = sum(stars)
    if not total:
        return ProductSummary(chosen, 0, None, stars, 0.0)
    mean = sum(rating * number for rating, number in enumerate(stars, start=1)) / total
    return ProductSummary(chosen, total, mean, stars, verified / total)


def my_review(member_id: int, product_id: int) -> int | None:
    """The number of the review that a member wrote of a product, if it still stands."""
    rows = Review.objects.filter(
        author_id=member_id, product__id=product_id, removed_at__isnull=True
    )
    return rows.values_list("pk", flat=True).first()


def shown_reviews() -> QuerySet[Review]:
    """Reviews that stand, with author and product."""
    return Review.objects.select_related("author", "product").filter(removed_at__isnull=True)


def review_lines(rows: tuple[Review, ...], viewer: int | None) -> tuple[ReviewLine, ...]:
    """Rows with what stands beside them: two queries whatever their number."""
    numbers = [row.pk for row in rows]
    official = newest_official_words("review", numbers)
    marked: set[int] = set()
    if viewer is not None:
        marks = HelpfulMark.objects.filter(member_id=viewer, review_id__in=numbers)
        marked = set(marks.values_list("review_id", flat=True))
    return tuple(
        ReviewLine(
            row.pk,
            f"review-{row.pk}",
            ProductChoice(row.product_id, row.product.name),
            author_of(row),
            row.rating,
            row.title,
            row.text,
            row.language,
            row.created_at,
            row.edited_at,
            Purchase(row.purchase_reason, row.purchase_ordered_on)
            if row.purchase_verified
            else None,
            row.helpful,
            row.pk in marked,
            row.comments,
            official.get(row.pk),
            viewer is not None and row.author_id == viewer,
        )
        for row in rows
    )
