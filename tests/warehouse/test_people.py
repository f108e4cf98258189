"""Authors are matched by equal keys of verified contacts, and by nothing less."""

from datetime import timedelta

import pytest

from nlp.identifiers import email_key, phone_key
from warehouse.facts import take_facts
from warehouse.people.keys import refresh_keys
from warehouse.people.match import Matched, match_known
from warehouse.queries import customer, find_customers, person

CUSTOMERS = (
    {"customer_id": "c1", "name": "김하나", "city": "부산", "email": "Hana@Mail.kr",
     "phone": "010-1234-5678"},
    {"customer_id": "c2", "name": "이두리", "email": "duri@mail.kr", "phone": "+82 10 9999 0000"},
    {"customer_id": "c3", "name": "이세찬", "email": "sechan@mail.kr", "phone": "010 9999 0000"},
    {"customer_id": "c4", "name": "박나래", "email": "없음"},
    {"customer_id": "c5", "name": "최다온"},
)  # fmt: skip


@pytest.fixture
def known(house, row, now, key):
    """Five customers, their keys, and what members wrote."""
    house.land(CUSTOMERS, "customers", "crm")
    orders = [
        {"order_id": f"o{n}", "customer_id": "c1", "product": "수분크림", "quantity": 1,
         "amount": 30_000 + n, "currency": "KRW", "ordered_at": now - timedelta(days=20 + n)}
        for n in range(3)
    ]  # fmt: skip
    house.land(orders, "orders", "erp")
    posts = [
        row(
            n,
            source="community",
            native_id=f"review-{n}",
            author_id=f"m{n % 5}",
            author_name="하나",
            author_handle=None,
        )
        for n in range(10)
    ]
    house.land(posts, source="community")
    house.load()
    assert refresh_keys(house.warehouse, key) == 4  # the fifth has no contact to hash
    return house


def member(number, key, email=None, phone=None):
    keys = {
        "email_key": email and email_key(email, key),
        "phone_key": phone and phone_key(phone, key),
    }
    return ("member_keys", f"m{number}", keys)


def test_the_same_contact_in_another_spelling(known, facts, key):
    take_facts(
        known.warehouse,
        facts(
            member(0, key, email="hana@mail.kr"),
            member(1, key, email="DURI@mail.kr", phone="010-9999-0000"),
            member(2, key, phone="01012345678"),
            member(3, key, email="hana@mail.kr", phone="010 1234 5678"),
            member(4, key, email="nobody@mail.kr"),
        ),
    )
    assert match_known(known.warehouse) == Matched(4, 0, 0)
    found = known.rows("SELECT author_id, customer_id, reason FROM identities ORDER BY ALL")
    assert [tuple(each.values()) for each in found] == [
        ("m0", "c1", "email"),
        ("m1", "c2", "email"),  # the phone is that of two customers, and tells nothing
        ("m2", "c1", "phone"),
        ("m3", "c1", "email and phone"),
    ]


def test_who_is_not_certain_is_counted_and_not_matched(known, facts, key):
    shared = member(0, key, phone="010-9999-0000")
    torn = member(1, key, email="hana@mail.kr", phone=None)
    torn[2]["phone_key"] = email_key("duri@mail.kr", key)  # a key of another kind is no key
    both = member(2, key, email="duri@mail.kr", phone="010-1234-5678")
    take_facts(known.warehouse, facts(shared, torn, both))
    assert match_known(known.warehouse) == Matched(matched=1, ambiguous=1, conflicting=1)
    assert known.rows("SELECT author_id FROM identities") == [{"author_id": "m1"}]
    assert match_known(known.warehouse) == Matched(1, 1, 1)


def test_what_staff_decided_outranks_the_keys(known, facts, key):
    take_facts(
        known.warehouse,
        facts(
            member(0, key, email="hana@mail.kr"),
            member(1, key, email="duri@mail.kr", phone="010-1234-5678"),
            ("match_decided", "community|m0", {"customer_id": "c1", "verdict": "deny"}),
            ("match_decided", "community|m1", {"customer_id": "c2", "verdict": "deny"}),
            ("match_decided", "community|m2", {"customer_id": "c5", "verdict": "confirm"}),
        ),
    )
    assert match_known(known.warehouse).matched == 2
    found = known.rows("SELECT author_id, customer_id, reason FROM identities ORDER BY ALL")
    assert [tuple(each.values()) for each in found] == [
        ("m1", "c1", "phone"),
        ("m2", "c5", "confirmed"),
    ]


def test_a_ticket_carries_its_authors_key(known, row, key):
    told = f'{{"email_key": "{email_key("hana@mail.kr", key)}"}}'
    known.land([
        row(90, source="helpdesk", kind="ticket", author_id="t1", extra=told),
        row(91, source="helpdesk", kind="ticket", author_id="t2", extra='{"email_key": null}'),
        row(92, source="helpdesk", kind="ticket", author_id="t3", extra='broken "email_key"'),
    ], source="helpdesk")  # fmt: skip
    known.load()
    match_known(known.warehouse)
    assert known.rows("SELECT source, author_id, customer_id FROM identities") == [
        {"source": "helpdesk", "author_id": "t1", "customer_id": "c1"}
    ]


def test_only_what_changed_is_hashed_again(known, key):
    before = known.rows("FROM person.identifiers ORDER BY ALL")
    assert refresh_keys(known.warehouse, key) == 0
    known.land([{**CUSTOMERS[0], "email": "new@mail.kr"}], "customers", "crm")
    known.load()
    assert refresh_keys(known.warehouse, key) == 1
    after = known.rows("FROM person.identifiers ORDER BY ALL")
    changed = {row["key"] for row in after} - {row["key"] for row in before}
    assert changed == {email_key("new@mail.kr", key)}
    assert len(after) == len(before)


def test_another_key_makes_all_hashes_anew(known):
    assert refresh_keys(known.warehouse, b"another key") == 4
    assert {row["key"] for row in known.rows("FROM person.identifiers WHERE kind = 'email'")} == {
        email_key(address, b"another key")
        for address in ("hana@mail.kr", "duri@mail.kr", "sechan@mail.kr")
    }


def test_a_person_is_known_with_orders_and_words(known, facts, read, key):
    votes = [("vote_cast", f"idea-{n}", {"member": "m0"}) for n in range(2)]
    joined = ("member_joined", "m0", {"email_key": email_key("hana@mail.kr", key)})
    take_facts(known.warehouse, facts(joined, *votes))
    match_known(known.warehouse)
    read(known)
    found = person(known.warehouse, "community", "m0", limit=2)
    assert found.customer.name == "김하나"
    assert (found.customer.reason, found.customer.probability) == ("email", 1.0)
    assert [order.order_id for order in found.orders] == ["o0", "o1"]
    assert [(t.currency, t.orders, t.amount) for t in found.totals] == [("KRW", 3, 90_003)]
    assert (found.mentions_count, found.negative, found.posts, found.votes) == (2, 2, 2, 2)
    assert found.mentions[0].created_at > found.mentions[1].created_at
    assert found.member_since is not None
    assert customer(known.warehouse, "c1", limit=2).mentions == found.mentions


def test_who_matches_nobody_is_still_somebody(known):
    found = person(known.warehouse, "community", "m3")
    assert (found.customer, found.name, found.mentions_count) == (None, "하나", 2)
    assert person(known.warehouse, "community", "m9") is None
    assert person(known.warehouse, "community") is None
    assert customer(known.warehouse, "c9") is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("c3", ["c3"]),
        ("HANA@mail.kr", ["c1"]),
        ("01099990000", ["c2", "c3"]),
        ("이", ["c2", "c3"]),
        ("%", []),
        ("' OR 1=1 --", []),
        (" ", []),
    ],
)
def test_customers_are_found_by_id_contact_or_name(known, key, words, expected):
    assert [each.customer_id for each in find_customers(known.warehouse, words, key)] == expected
