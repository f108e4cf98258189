"""Findings are told once, again when they changed, and anew after a rebuild."""

from datetime import timedelta

import pytest

from nlp.identifiers import email_key
from warehouse import revisions
from warehouse.facts import take_facts
from warehouse.findings import FindingOptions, findings_since, refresh_findings
from warehouse.people.keys import refresh_keys
from warehouse.people.match import match_known
from warehouse.rebuild import rebuild

OPTIONS = FindingOptions(brand="해담", inbox_days=14)


@pytest.fixture
def market(house, row, now, read, facts, key):
    """Our products and a rival's; reviews in the yard, one by a customer who bought before."""
    house.land(
        [{"customer_id": "c1", "email": "hana@mail.kr"}, {"customer_id": "c2"}], "customers", "crm"
    )
    house.land(
        [
            {
                "order_id": f"o{number}",
                "customer_id": "c1",
                "product": product,
                "amount": 1,
                "currency": "KRW",
                "ordered_at": now + timedelta(days=days),
            }
            for number, (product, days) in enumerate([("해담 숨", -30), ("해담 길", 1)])
        ],
        "orders",
        "erp",
    )

    def said(number, product, days=1, **told):
        return row(number, product=product, created_at=now - timedelta(days=days), **told)

    yard = {"source": "community", "author_id": "m1", "author_handle": None}
    house.land(
        [
            said(1, "해담 숨", native_id="review-1", **yard),
            said(2, "해담 길", native_id="review-2", **yard),
        ],
        source="community",
    )
    house.land(
        [
            said(3, "해담 숨", url="https://shop.example/3"),
            said(4, "누리홈 에어"),
            said(5, "해담 숨", days=15),
            said(6, "해담 숨", author_handle=None),
            said(7, "해담 숨", extra='{"official": true}'),
            said(8, "해담 숨", text="정말 마음에 들어요, 고맙습니다!"),
        ]
    )
    house.load()
    read(house, lambda text: "positive" if "고맙" in text else "negative")
    joined = facts(("member_joined", "m1", {"email_key": email_key("hana@mail.kr", key)}))
    take_facts(house.warehouse, joined)
    refresh_keys(house.warehouse, key)
    match_known(house.warehouse)
    return house


def all_findings(house):
    return findings_since(house.warehouse, {}).findings


def test_each_kind_is_found_where_it_should(market, now):
    assert refresh_findings(market.warehouse, now, OPTIONS) == 6
    found = {(each.kind, each.body.get("native_id", each.subject)): each.body
             for each in all_findings(market)}  # fmt: skip
    assert set(found) == {
        ("product", "해담 길"),
        ("product", "해담 숨"),
        ("verified_purchase", "review-1"),  # review-2 was written before its order
        ("open_conversation", "review-1"),
        ("open_conversation", "review-2"),
        ("open_conversation", "r3"),
    }
    assert found["verified_purchase", "review-1"] == {
        "reason": "email",
        "confidence": 1.0,
        "ordered_on": "2026-10-23",
    }
    ours, theirs = found["open_conversation", "review-1"], found["open_conversation", "r3"]
    assert (ours["customer_id"], ours["reply"]) == ("c1", "community")
    assert (theirs["customer_id"], theirs["reply"]) == (None, "outbox")
    assert theirs["url"] == "https://shop.example/3"
    assert theirs["written_at"] == "2026-11-21T05:30:00.000000+00:00"


def test_told_once_and_again_when_changed(market, now):
    refresh_findings(market.warehouse, now, OPTIONS)
    assert refresh_findings(market.warehouse, now, OPTIONS) == 0
    assert refresh_findings(market.warehouse, now + timedelta(days=1), OPTIONS) == 0
    cursor = findings_since(market.warehouse, {}).cursor
    assert findings_since(market.warehouse, cursor).findings == ()
    with market.warehouse.writing() as writer:
        writer.execute("TRUNCATE identities")
        revisions.changed(writer, "identities")
    assert refresh_findings(market.warehouse, now, OPTIONS) == 2
    told = findings_since(market.warehouse, cursor).findings
    assert {each.body["customer_id"] for each in told} == {None}


def test_pages_join_without_gaps(market, now):
    refresh_findings(market.warehouse, now, OPTIONS)
    cursor, told = {}, []
    while page := findings_since(market.warehouse, cursor, limit=2).findings:
        told += page
        cursor = findings_since(market.warehouse, cursor, limit=2).cursor
    assert tuple(told) == all_findings(market)
    assert len({each.finding_id for each in told}) == 6


def test_after_a_rebuild_all_is_told_anew_under_the_same_ids(market, now, facts, key):
    refresh_findings(market.warehouse, now, OPTIONS)
    page = findings_since(market.warehouse, {})
    joined = facts(("member_joined", "m1", {"email_key": email_key("hana@mail.kr", key)}))

    def complete(fresh):
        take_facts(fresh, joined)
        refresh_keys(fresh, key)
        match_known(fresh)
        refresh_findings(fresh, now, OPTIONS)

    rebuild(market.warehouse, market.landing, None, complete)
    again = findings_since(market.warehouse, page.cursor)
    assert {each.finding_id for each in again.findings} == {
        each.finding_id for each in page.findings
    }
    assert again.cursor != page.cursor


def test_without_a_brand_every_product_is_ours(market, now):
    refresh_findings(market.warehouse, now, FindingOptions())
    products = [each.subject for each in all_findings(market) if each.kind == "product"]
    assert products == ["누리홈 에어", "해담 길", "해담 숨"]


def test_products_by_name(market, now):
    refresh_findings(market.warehouse, now, FindingOptions(products=("누리홈 에어", "새 제품")))
    products = [each.subject for each in all_findings(market) if each.kind == "product"]
    assert products == ["누리홈 에어", "새 제품"]


def test_a_post_that_its_source_took_away_is_told_and_one_that_came_back_is_not(
    market, house, row, now
):
    refresh_findings(market.warehouse, now, OPTIONS)
    cursor = findings_since(market.warehouse, {}).cursor
    for removed_at in (now - timedelta(days=40), now):
        house.land(
            [
                {"source": "shop-reviews", "native_id": native_id, "removed_at": removed_at}
                for native_id in (("r4",) if removed_at < now else ("r3", "r8", "r9"))
            ],
            "removals",
        )
    house.land([row(8, product="해담 숨", created_at=now)])
    house.load()
    refresh_findings(market.warehouse, now, OPTIONS)
    told = findings_since(market.warehouse, cursor).findings
    assert [(each.kind, each.body["native_id"]) for each in told] == [
        ("mention_removed", "r3"),
        ("mention_removed", "r9"),
    ]


def test_a_finding_that_was_deleted_leaves_its_number_unused(market, house, now):
    refresh_findings(market.warehouse, now, OPTIONS)
    page = findings_since(market.warehouse, {})
    last = page.findings[-1]
    assert last.kind == "verified_purchase"
    with market.warehouse.writing() as writer:
        writer.execute("DELETE FROM findings WHERE finding_id = ?", [last.finding_id])
        revisions.changed(writer, "identities")
    refresh_findings(market.warehouse, now, OPTIONS)
    told = findings_since(market.warehouse, page.cursor).findings
    assert [each.finding_id for each in told] == [last.finding_id]
