"""Orders about reviews. Each is one transaction that ends with its fact."""

from datetime import date
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from community.belts.facts import write_fact
from community.belts.findings import Finding
from community.catalogue.models import Product
from community.errors import CommunityError
from community.members.models import Member
from community.reviews.models import HelpfulMark, Review
from community.yard.authors import active_member
from community.yard.models import TEXT_LENGTH, TITLE_LENGTH
from community.yard.posts import PostId, post_id
from community.yard.removal import REMOVAL_FIELDS, close_thread, remove
from community.yard.writing import language_of, public_line, public_text

PURCHASE_REASONS: Final = ("email", "phone", "email and phone")


@transaction.atomic
def write_review(member: Member, product_id: int, rating: int, text: str, title: str = "") -> int:
    """Post a review; the same one sent twice is one. Personal data is masked before it is stored.

    Raises CommunityError for what does not fit, and for a second review of the same product.
    """
    author = active_member(member, alone=True)
    chosen = _content(rating, text, title)
    if not Product.objects.filter(pk=product_id, is_listed=True).exists():
        raise CommunityError(gettext("Choose a product from the list."))
    standing = Review.objects.filter(
        author_id=author.pk, product_id=product_id, removed_at__isnull=True
    ).first()
    if standing is not None:
        if (standing.rating, standing.text, standing.title) == chosen:
            return standing.pk
        raise CommunityError(gettext("You have reviewed this product already. Edit that review."))
    review = Review(author=author, by_staff=author.is_staff, product_id=product_id)
    review.rating, review.text, review.title = chosen
    review.language = language_of(review.text, author.language)
    review.save(force_insert=True)
    write_fact("post_written", _name(review), {"author": author.public_id})
    return review.pk


@transaction.atomic
def edit_review(member: Member, review_id: int, rating: int, text: str, title: str = "") -> None:
    """Change one's own review; the same words and stars change nothing."""
    author = active_member(member)
    review = _own(author, review_id)
    chosen = _content(rating, text, title)
    if (review.rating, review.text, review.title) == chosen:
        return
    review.rating, review.text, review.title = chosen
    review.language = language_of(review.text, author.language)
    review.edited_at = timezone.now()
    review.save(update_fields=["rating", "text", "title", "language", "edited_at"])
    write_fact("post_edited", _name(review), {"author": author.public_id})


@transaction.atomic
def remove_review(member: Member, review_id: int, reason: str = "") -> None:
    """Take away one's own review, or as staff anybody's with a reason, and what stands below."""
    remover = active_member(member)
    review = _locked(review_id)
    if not remove(review, PostId("review", review_id), remover, reason):
        return
    review.title = "" if not review.text else review.title
    review.comments = 0
    review.save(update_fields=[*REMOVAL_FIELDS, "title", "comments"])
    close_thread(review, PostId("review", review_id))


@transaction.atomic
def mark_helpful(member: Member, review_id: int) -> int:
    """Say that somebody's review helped; twice is once. Returns how many say so."""
    reader = active_member(member)
    if Review.objects.filter(pk=review_id, author_id=reader.pk).exists():
        raise CommunityError(gettext("This review is your own."))
    _, new = HelpfulMark.objects.get_or_create(review=_shown(review_id), member=reader)
    if new:
        Review.objects.filter(pk=review_id).update(helpful=F("helpful") + 1)
    return _shown(review_id).helpful


@transaction.atomic
def unmark_helpful(member: Member, review_id: int) -> int:
    """Take it back; returns how many say so."""
    reader = active_member(member)
    marks = HelpfulMark.objects.filter(review__id=review_id, member_id=reader.pk)
    if marks.delete()[0]:
        Review.objects.filter(pk=review_id).update(helpful=F("helpful") - 1)
    return _shown(review_id).helpful


def mark_verified_purchase(finding: Finding) -> None:
    """Show beside a review that its author bought the product; takes "verified_purchase"."""
    name = post_id(finding.subject)
    reason, ordered_on = finding.body.get("reason"), finding.body.get("ordered_on")
    if reason not in PURCHASE_REASONS:
        raise CommunityError(
            f"{name} was bought for no known reason: {reason!r}. "
            f"Known: {', '.join(PURCHASE_REASONS)}."
        )
    try:
        day = date.fromisoformat(str(ordered_on)) if ordered_on else None
    except ValueError as error:
        raise CommunityError(f"{name} was bought on no day: {ordered_on!r}.") from error
    rows = Review.objects.filter(pk=name.number, removed_at__isnull=True)
    known = name.kind == "review" and rows.update(
        purchase_verified=True, purchase_reason=reason, purchase_ordered_on=day
    )
    if not known:
        raise CommunityError(f"{name} is no review that stands, so no purchase is shown with it.")


def _content(rating: int, text: str, title: str) -> tuple[int, str, str]:
    """Stars, text and title as they are stored."""
    if isinstance(rating, bool) or rating not in range(1, 6):
        raise CommunityError(gettext("Choose one to five stars."))
    body = public_text(text, TEXT_LENGTH, gettext("The review"))
    head = public_line(title, TITLE_LENGTH, gettext("The title")) if title.strip() else ""
    return rating, body, head


def _name(review: Review) -> PostId:
    return PostId("review", review.pk)


def _shown(review_id: int) -> Review:
    review = Review.objects.filter(pk=review_id, removed_at__isnull=True).first()
    if review is None:
        raise CommunityError(gettext("This review is not there any more."))
    return review


def _locked(review_id: int) -> Review:
    review = Review.objects.select_for_update(no_key=True).filter(pk=review_id).first()
    if review is None:
        raise CommunityError(gettext("This review is not there any more."))
    return review


def _own(member: Member, review_id: int) -> Review:
    review = _locked(review_id)
    if review.removed_at is not None:
        raise CommunityError(gettext("This review is not there any more."))
    if review.author_id != member.pk:
        raise CommunityError(gettext("Only its author can change this review."))
    return review
