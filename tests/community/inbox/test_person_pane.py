"""What the inbox shows of a person, with the warehouse's own answer."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.template.loader import render_to_string
from django.utils import timezone

from warehouse.queries.people import Contact, Customer, Person, Purchase, Said, Spent

LONG_AGO = datetime(2024, 3, 5, 3, tzinfo=UTC)
STRANGER = Person(
    customer=None,
    name="dorothy_91",
    accounts=(),
    orders=(),
    totals=(),
    contacts=(),
    mentions=(),
    mentions_count=0,
    negative=0,
    neutral=0,
    positive=0,
    posts=0,
    votes=0,
    member_since=None,
)
CUSTOMER = Customer(
    customer_id="C-7",
    name="박서연",
    email="seoyeon@example.kr",
    phone="+821000000000",
    city="수원",
    country="KR",
    since=LONG_AGO,
    reason="email and phone",
    probability=1.0,
)


def known() -> Person:
    yesterday = timezone.now() - timedelta(days=1, hours=1)
    said = Said(
        mention_id="m",
        source="x",
        kind="post",
        product=None,
        created_at=yesterday,
        sentiment="negative",
        score=-0.8,
        title=None,
        text="물통에서 물이 새요. " + "아" * 400,
        url=None,
    )
    orders = (
        Purchase("o2", "해담 가습기", 1, 189_000, "KRW", "web", yesterday),
        Purchase("o1", None, None, 1_250, "USD", None, LONG_AGO),
    )
    return replace(
        STRANGER,
        customer=CUSTOMER,
        name="박서연",
        orders=orders,
        totals=(Spent("KRW", 1, 189_000), Spent("USD", 1, 1_250)),
        contacts=(Contact("repair", "해담 가습기", "물통 교환", LONG_AGO),),
        mentions=(said, replace(said, sentiment="unread", source="community")),
        member_since=LONG_AGO,
        posts=3,
        votes=12_000,
    )


def pane(person: Person | None) -> str:
    return render_to_string("inbox/person.html", {"person": person})


def words(page: str) -> str:
    """What is read of a page."""
    return " ".join(re.sub("<[^>]+>", "", page).split())


def test_a_customer_is_shown_with_the_reason_for_thinking_so() -> None:
    page = words(pane(known()))
    for seen in (
        "박서연",
        "수원 · 2024. 3. 5.부터 고객",
        "같은 이메일 주소와 전화번호로 알아봤어요",
        "100 %",
        "₩189,000",
        "US$12.50",
        "수리 · 해담 가습기",
        "물통 교환",
        "x · 1일 전 · 부정",
        "마당 · 1일 전",
        "2024. 3. 5.부터 마당에서 활동 (글 3개",
    ):
        assert seen in page, seen
    assert "None" not in page and "아" * 200 not in page
    assert "seoyeon@example.kr" not in page, "an answer goes where the post stands"


def test_one_asked_for_by_name_has_no_reason_to_show() -> None:
    customer = replace(CUSTOMER, reason=None, probability=None, city=None, since=None)
    page = pane(replace(STRANGER, customer=customer, name=None))
    assert "이름 없음" in page and "알아봤어요" not in page and "None" not in page


def test_strangers_stay_prospects() -> None:
    for nobody in (None, STRANGER):
        assert "아직 누구인지 몰라요" in pane(nobody)


def test_hostile_names_stay_words() -> None:
    harm = "<script>alert(1)</script>"
    customer = replace(CUSTOMER, city=harm, reason=harm)
    page = pane(replace(known(), customer=customer, name=harm))
    assert "<script>" not in page and page.count("&lt;script&gt;") == 3
