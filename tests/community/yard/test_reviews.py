"""Reviews: written once a product, masked, read in pages, and marked as bought."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from community.belts.facts import facts_since
from community.belts.findings import Applied, Finding, apply_findings
from community.catalogue.actions import list_product
from community.catalogue.models import Product
from community.catalogue.queries import ProductChoice, product, products
from community.decisions.actions import COMMAND_LINE
from community.discussion.actions import comment, post_official_answer
from community.errors import CommunityError
from community.members.models import Member
from community.reviews.actions import (
    edit_review,
    mark_helpful,
    mark_verified_purchase,
    remove_review,
    unmark_helpful,
    write_review,
)
from community.reviews.models import Review
from community.reviews.queries import (
    ORDERS,
    Purchase,
    ReviewPage,
    my_review,
    product_summary,
    review,
    reviews_page,
)

Join = Callable[..., Member]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TEXT = "두 달 썼는데 소음이 거의 없어요. 다만 물통이 작아서 하루에 두 번 채웁니다."


@pytest.fixture
def cleaner() -> int:
    list_product(Finding("1", "product", "해담 숨 5", {}))
    return Product.objects.get().pk


def found(number: int, viewer: int | None = None) -> ReviewPage:
    page = review(number, viewer)
    assert page is not None
    return page


def purchase(number: int, **body: object) -> Finding:
    return Finding("v", "verified_purchase", f"review-{number}", dict(body))


def test_products_are_listed_once(cleaner: int) -> None:
    list_product(Finding("2", "product", "해담 숨 5", {}))
    list_product(Finding("3", "product", "가람 밥솥", {}))
    assert [choice.name for choice in products()] == ["가람 밥솥", "해담 숨 5"]
    assert product(cleaner) == ProductChoice(cleaner, "해담 숨 5") and product(0) is None
    for name in ("", "가" * 161):
        with pytest.raises(CommunityError):
            list_product(Finding("4", "product", name, {}))


def test_a_review_is_shown_as_it_was_written(join: Join, cleaner: int) -> None:
    seoyeon = join("박서연")
    number = write_review(seoyeon, cleaner, 4, TEXT, " 조용해요 ")
    shown = found(number, seoyeon.pk).review
    assert (shown.rating, shown.title, shown.text) == (4, "조용해요", TEXT)
    assert shown.product.name == "해담 숨 5" and shown.is_mine and shown.purchase is None
    assert (shown.language, shown.helpful, shown.comments) == ("ko", 0, 0)
    assert my_review(seoyeon.pk, cleaner) == number
    (fact,) = facts_since(0)
    assert (fact.kind, fact.subject) == ("post_written", f"review-{number}")
    assert fact.body == {"author": seoyeon.public_id}


def test_personal_data_is_masked_before_it_is_stored(join: Join, cleaner: int) -> None:
    text = (
        "as 문의는 010-1234-5678 이나 hong@example.com 으로, 주민번호 900101-1234567 적지 마세요."
    )
    number = write_review(join(), cleaner, 1, text, "제 번호 010-9876-5432")
    shown = found(number).review
    assert shown.title == "제 번호 [phone]"
    assert shown.text == "as 문의는 [phone] 이나 [email] 으로, 주민번호 [id] 적지 마세요."
    edit_review(Member.objects.get(), number, 1, "새 번호는 010-5555-6666 이에요", "")
    assert found(number).review.text == "새 번호는 [phone] 이에요"


def test_one_review_a_product_and_a_form_sent_twice_is_one(join: Join, cleaner: int) -> None:
    seoyeon = join()
    number = write_review(seoyeon, cleaner, 4, TEXT)
    assert write_review(seoyeon, cleaner, 4, TEXT) == number
    with pytest.raises(CommunityError):
        write_review(seoyeon, cleaner, 1, "다시 보니 별로예요.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(author=seoyeon, product_id=cleaner, rating=1, text="또")
    remove_review(seoyeon, number)
    assert write_review(seoyeon, cleaner, 1, "다시 보니 별로예요.") != number


@pytest.mark.parametrize("rating", [0, 6, -1, True, 10**20])
def test_ratings_are_one_to_five(join: Join, cleaner: int, rating: int) -> None:
    with pytest.raises(CommunityError):
        write_review(join(), cleaner, rating, TEXT)


def test_only_listed_products_are_reviewed(join: Join, cleaner: int) -> None:
    Product.objects.update(is_listed=False)
    for number in (cleaner, 999, 10**30):
        with pytest.raises(CommunityError):
            write_review(join(f"회원 {number}"), number, 5, TEXT)
    assert products() == ()


def test_only_its_author_changes_a_review(join: Join, cleaner: int) -> None:
    seoyeon, dohyun = join(), join("김도현")
    number = write_review(seoyeon, cleaner, 4, TEXT)
    for act in (
        lambda: edit_review(dohyun, number, 1, "가짜"),
        lambda: remove_review(dohyun, number),
    ):
        with pytest.raises(CommunityError):
            act()
    edit_review(seoyeon, number, 4, TEXT)
    assert found(number).review.edited_at is None
    edit_review(seoyeon, number, 2, TEXT, "물통이 아쉬워요")
    shown = found(number).review
    assert (shown.rating, shown.title) == (2, "물통이 아쉬워요") and shown.edited_at is not None
    assert [fact.kind for fact in facts_since(0)] == ["post_written", "post_edited"]


def test_a_removed_review_leaves_lists_and_figures_and_says_so(join: Join, cleaner: int) -> None:
    seoyeon = join()
    number = write_review(seoyeon, cleaner, 4, TEXT, "조용해요")
    answer = post_official_answer(f"review-{number}", "고맙습니다.", COMMAND_LINE, "k")
    said = comment(join("김도현"), f"comment-{answer}", "저도 궁금했어요.")
    assert found(number).review.comments == 2
    remove_review(seoyeon, number)
    page = found(number)
    assert page.removal is not None and page.removal.by == "author"
    assert (page.review.title, page.review.text, page.review.comments) == ("", "", 0)
    assert reviews_page().reviews == ()
    summary = product_summary(cleaner)
    assert summary is not None and (summary.count, summary.mean) == (0, None)
    # An official answer was never a mention, so its removal is nothing to tell the warehouse.
    removed = [fact.subject for fact in facts_since(0) if fact.kind == "post_removed"]
    assert removed == [f"review-{number}", f"comment-{said}"]
    for act in (
        lambda: edit_review(seoyeon, number, 4, TEXT),
        lambda: comment(seoyeon, f"review-{number}", "아직 있나요?"),
        lambda: mark_helpful(join("이수민"), number),
    ):
        with pytest.raises(CommunityError):
            act()


def test_a_review_helps_each_reader_once(join: Join, cleaner: int) -> None:
    seoyeon, dohyun = join(), join("김도현")
    number = write_review(seoyeon, cleaner, 4, TEXT)
    assert [mark_helpful(dohyun, number), mark_helpful(dohyun, number)] == [1, 1]
    assert found(number, dohyun.pk).review.my_mark
    assert [unmark_helpful(dohyun, number), unmark_helpful(dohyun, number)] == [0, 0]
    with pytest.raises(CommunityError):
        mark_helpful(seoyeon, number)


def test_a_verified_purchase_is_shown(join: Join, cleaner: int) -> None:
    number = write_review(join(), cleaner, 4, TEXT)
    mark_verified_purchase(
        purchase(number, reason="email and phone", confidence=1.0, ordered_on="2026-10-02")
    )
    assert found(number).review.purchase == Purchase("email and phone", date(2026, 10, 2))
    write_review(join("김도현"), cleaner, 1, "고장 났어요.")
    summary = product_summary(cleaner)
    assert summary is not None
    assert (summary.count, summary.mean, summary.share_verified) == (2, 2.5, 0.5)
    assert summary.distribution == (1, 0, 0, 1, 0)


def test_findings_that_come_twice_are_applied_once(join: Join) -> None:
    listed = Finding("a", "product", "해담 숨 5", {})
    first = apply_findings([listed], {"sequence": 1})
    number = write_review(join(), products()[0].id, 4, TEXT)
    bought = purchase(number, reason="email", confidence=1.0, ordered_on="2026-10-02")
    absent = Finding("c", "verified_purchase", "review-999", {"reason": "email"})
    again = apply_findings([listed, bought, absent], {"sequence": 3})
    assert (first, again) == (Applied(1, 0, 0), Applied(1, 1, 1))
    assert found(number).review.purchase == Purchase("email", date(2026, 10, 2))


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("review-1", {"reason": "a feeling", "ordered_on": "2026-10-02"}),
        ("review-1", {"reason": "email", "ordered_on": "yesterday"}),
        ("review-99", {"reason": "email", "ordered_on": "2026-10-02"}),
        ("idea-1", {"reason": "email"}),
        ("'; DROP TABLE", {"reason": "email"}),
    ],
)
def test_a_purchase_that_does_not_fit_is_refused(
    join: Join, cleaner: int, subject: str, body: dict[str, object]
) -> None:
    assert write_review(join(), cleaner, 4, TEXT) == 1
    with pytest.raises(CommunityError):
        mark_verified_purchase(Finding("v", "verified_purchase", subject, dict(body)))
    assert found(1).review.purchase is None


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("stars", [None, 4])
def test_pages_in_every_order_show_each_review_once(
    join: Join, cleaner: int, order: str, stars: int | None
) -> None:
    other = Product.objects.create(name="가람 밥솥")
    people = [Member(email=f"m{n}@example.kr", name=f"회원 {n}") for n in range(60)]
    Review.objects.bulk_create(
        Review(
            author=author,
            product_id=other.pk if n % 5 == 0 else cleaner,
            rating=3 + n % 2,
            text=TEXT,
            helpful=n % 4,
            created_at=NOW - timedelta(hours=n % 7),
        )
        for n, author in enumerate(Member.objects.bulk_create(people))
    )
    seen: list[int] = []
    after: str | None = None
    while True:
        page = reviews_page(cleaner, stars, order, after, size=4)
        seen += [line.review_id for line in page.reviews]
        if page.after is None:
            break
        after = page.after
    rows = Review.objects.filter(product_id=cleaner)
    rows = rows.filter(rating=stars) if stars else rows
    column = ORDERS[order].column
    assert seen == list(rows.order_by(f"-{column}", "-id").values_list("pk", flat=True))
    assert len(seen) == (24 if stars else 48)


def test_a_number_too_large_for_the_store_is_nothing(join: Join, cleaner: int) -> None:
    huge, seoyeon = 10**30, join()
    assert review(huge, seoyeon.pk) is None and product_summary(huge) is None
    assert reviews_page(huge).reviews == () and my_review(seoyeon.pk, huge) is None
    with pytest.raises(CommunityError):
        unmark_helpful(seoyeon, huge)


def test_an_unknown_order_and_number_of_stars_are_refused() -> None:
    for choice in ({"order": "worst"}, {"stars": 0}, {"stars": 6}):
        with pytest.raises(CommunityError):
            reviews_page(**choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("viewer", [True, False])
def test_a_page_costs_the_same_queries_whatever_it_shows(
    join: Join, cleaner: int, viewer: bool
) -> None:
    people = [Member(email=f"m{n}@example.kr", name=f"회원 {n}") for n in range(300)]
    Review.objects.bulk_create(
        Review(author=author, product_id=cleaner, rating=4, text=TEXT)
        for author in Member.objects.bulk_create(people)
    )
    reader = join().pk if viewer else None
    counts = []
    for size in (10, 300):
        with CaptureQueriesContext(connection) as captured:
            assert len(reviews_page(viewer=reader, size=size).reviews) == size
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 3


def test_a_page_reads_the_index_of_its_order() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan of an empty table says nothing on PostgreSQL")
    rows = Review.objects.filter(removed_at__isnull=True)
    chosen = {
        "review_newest": rows.order_by("-created_at", "-id"),
        "review_helpful": rows.order_by("-helpful", "-id"),
        "review_product_newest": rows.filter(product_id=1).order_by("-created_at", "-id"),
        "review_product_helpful": rows.filter(product_id=1).order_by("-helpful", "-id"),
        "review_product_rating": rows.filter(product_id=1, rating=4).order_by("-created_at", "-id"),
    }
    for index, page in chosen.items():
        plan = page[:20].explain()
        assert f"USING INDEX {index}" in plan and "TEMP B-TREE" not in plan, plan
