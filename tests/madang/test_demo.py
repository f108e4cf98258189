"""The demo market: the same for the same seed, shaped as scripted, and its truth kept apart."""

import hashlib
import json
import os
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from collectors.run import checked
from madang.demo.buyers import DROPOUT, RATE
from madang.demo.generate import Market, generate
from madang.demo.market import (
    BRAND,
    DAYS,
    INCIDENTS,
    NAMED,
    OWN,
    PLACES,
    PRODUCTS,
    PROGRAMMES,
    SIZES,
    Incident,
)
from madang.demo.speech import Style, aspects, clauses, named, phrases, turned
from madang.demo.times import KOREA
from madang.demo.yard import plan
from nlp.identifiers import email_key, phone_key
from nlp.life_events import EVENTS
from warehouse.landing import Batch
from warehouse.records import CUSTOMER, INTERACTION, MENTION, MENTION_KINDS, ORDER

UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = b"only-for-tests"
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(7, UNTIL, SIZES["full"], KEY)


@pytest.fixture(scope="module")
def mentions(market: Market) -> Rows:
    return market.mentions.to_pylist()


@pytest.fixture(scope="module")
def truth(market: Market) -> Rows:
    return market.truth["mentions"].to_pylist()


def test_the_same_seed_makes_the_same_market_in_any_process() -> None:
    program = (
        "import hashlib; from tests.madang.test_demo import *; m = generate(7, UNTIL, "
        "SIZES['small'], KEY); print(digest(m))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    here = digest(generate(7, UNTIL, SIZES["small"], KEY))
    assert elsewhere.stdout.strip() == here
    assert digest(generate(8, UNTIL, SIZES["small"], KEY)) != here


def digest(market: Market) -> str:
    yard = plan(7, SIZES["small"], market.buyers, market.calendar, "a password")
    tables = [market.mentions, market.customers, market.orders, market.interactions]
    tables += [*market.truth.values(), yard.truth]
    told = "".join(str(table.to_pylist()) for table in tables) + str(yard.history)
    return hashlib.sha256(told.encode()).hexdigest()


def test_rows_are_as_the_landing_zone_wants_them(market: Market) -> None:
    assert market.mentions.schema.equals(MENTION) and market.customers.schema.equals(CUSTOMER)
    assert market.orders.schema.equals(ORDER) and market.interactions.schema.equals(INTERACTION)
    assert market.mentions.num_rows == SIZES["full"].mentions
    assert market.customers.num_rows == SIZES["full"].customers
    for place in PLACES:
        rows = market.mentions.filter(pc.field("source") == place.name)
        assert checked(Batch(rows, {}), place.name, UNTIL).rejected is None


def test_truth_speaks_of_every_mention_and_stands_apart(market: Market, mentions: Rows) -> None:
    for column in ("source", "native_id"):
        assert market.mentions[column].equals(market.truth["mentions"][column])
    assert len({(row["source"], row["native_id"]) for row in mentions}) == len(mentions)
    extras = [json.loads(row["extra"]) for row in mentions if row["extra"]]
    assert {name for extra in extras for name in extra} == {"email_key", "phone_key"}


def test_shares_are_as_scripted(mentions: Rows, truth: Rows) -> None:
    sources = Counter(row["source"] for row in mentions)
    for place in PLACES:
        assert sources[place.name] / len(mentions) == pytest.approx(
            place.weight, rel=0.15, abs=0.004
        )
    products = Counter(row["product"] for row in mentions)
    assert set(products) == {product.name for product in PRODUCTS}
    assert set(MENTION_KINDS) - {row["kind"] for row in mentions} == {"idea"}
    assert 0.06 < sum(row["lang"] == "en" for row in mentions) / len(mentions) < 0.10
    moods = Counter(row["sentiment"] for row in truth)
    assert moods["neutral"] / len(truth) > 0.15 < moods["negative"] / len(truth)
    assert len({row["intent"] for row in truth}) == 10
    for name, least in (("sponsored", 400), ("bot", 150), ("copy_of", 400)):
        assert sum(bool(row[name]) for row in truth) > least


def test_life_events_are_named_as_the_annotator_names_them(mentions: Rows, truth: Rows) -> None:
    told = Counter(row["life_event"] for row in truth if row["intent"] == "life_event")
    assert set(told) | {"bereavement"} == set(EVENTS)
    assert min(told.values()) > 20
    assert all(row["life_event"] is None for row in truth if row["intent"] != "life_event")
    moving = [
        mention["text"]
        for mention, row in zip(mentions, truth, strict=True)
        if row["life_event"] == "moving" and mention["lang"] == "ko" and row["copy_of"] is None
    ]
    assert sum(any(w in text for w in ("이사", "자취", "입주")) for text in moving) > 0.8 * len(
        moving
    )


def test_copies_say_nearly_what_somebody_else_said(mentions: Rows, truth: Rows) -> None:
    texts = {(row["source"], row["native_id"]): row for row in mentions}
    for row in truth:
        if row["copy_of"] is None:
            continue
        first = texts[row["source"], row["copy_of"]]
        copy = texts[row["source"], row["native_id"]]
        assert first["created_at"] <= copy["created_at"] and first["product"] == copy["product"]
        shared = set(first["text"].replace(" ", "")) & set(copy["text"].replace(" ", ""))
        assert len(shared) >= 0.6 * len(set(first["text"].replace(" ", "")))


def test_texts_are_finished_and_mostly_different(mentions: Rows) -> None:
    for row in mentions:
        assert row["text"] == row["text"].strip() and "{" not in row["text"] + (row["title"] or "")
        assert "  " not in row["text"]
    assert len({row["text"] for row in mentions}) > 0.85 * len(mentions)


def test_neutral_texts_hold_no_opinion(truth: Rows) -> None:
    for row in truth:
        if row["sentiment"] == "neutral":
            assert row["aspects"] == "[]" and row["intent"] not in (
                "praise",
                "complaint",
                "leaving",
            )


def test_every_aspect_has_many_clauses_of_one_style() -> None:
    assert len(clauses()) >= 15
    for entry in clauses().values():
        for polarity in ("positive", "negative"):
            assert len(entry[polarity]) >= 5 and len(entry[f"english_{polarity}"]) >= 3
            assert all(clause.endswith("요") for clause in entry[polarity])
            assert len(set(entry[polarity])) == len(entry[polarity])
    assert {"battery", "suction"} <= set(aspects("robot")) and "battery" not in aspects("air")


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("polite", ("하루 만에 왔어요", "그대로예요", "조용해요", "정말 세요", "안 와요")),
        ("plain", ("하루 만에 왔어", "그대로야", "조용해", "정말 세요", "안 와")),
        ("formal", ("하루 만에 왔습니다", "그대로입니다", "조용합니다", "정말 세요", "안 와요")),
        ("clipped", ("하루 만에 왔음", "그대로임", "조용함", "정말 세요", "안 와")),
    ],
)
def test_endings_are_turned(style: Style, said: tuple[str, ...]) -> None:
    meant = ("하루 만에 왔어요", "그대로예요", "조용해요", "정말 세요", "안 와요")
    assert tuple(turned(text, style) for text in meant) == said


def test_particles_agree_with_names() -> None:
    template = "{rival}{이랑} {name}{을}, {name}{으로}"
    assert named(template, "해담 숨", "윈드온 프로") == "윈드온 프로랑 해담 숨을, 해담 숨으로"
    assert named(template, "해담 길", "해담 숨") == "해담 숨이랑 해담 길을, 해담 길로"


def test_days_have_evenings_and_weeks_have_weekends(market: Market, mentions: Rows) -> None:
    times = [row["created_at"] for row in mentions]
    assert max(times) <= UNTIL and min(times) >= UNTIL - timedelta(days=DAYS)
    hours: Counter[int] = Counter((at + KOREA).hour for at in times)
    assert hours[20] > 5 * hours[3]
    office = [
        row["created_at"] + KOREA
        for row, said in zip(
            mentions, market.truth["mentions"]["incident"].to_pylist(), strict=True
        )
        if row["source"] == "tickets" and said is None
    ]
    assert sum(at.weekday() >= 5 for at in office) < 0.1 * len(office)


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda incident: incident.name)
def test_incidents_stand_out_in_counts(
    incident: Incident, market: Market, mentions: Rows, truth: Rows
) -> None:
    (told,) = [row for row in market.truth["incidents"].to_pylist()
               if row["incident"] == incident.name]  # fmt: skip
    began, ended = told["began_at"], told["ended_at"]
    hours = max((ended - began) / timedelta(hours=1), 1)
    span = timedelta(hours=min(hours, 24))
    counted: Counter[int] = Counter()
    for row, said in zip(mentions, truth, strict=True):
        if row["product"] == incident.product and said["sentiment"] == incident.sentiment:
            counted[int((row["created_at"] - began) // span)] += 1
        if said["incident"] == incident.name:
            assert began <= row["created_at"] <= ended
            assert json.loads(said["aspects"]) == [[incident.aspect, incident.sentiment]]
    usual = statistics.median(counted[slot] for slot in range(-14, 0))
    assert max(counted[slot] for slot in range(3)) > 2.5 * max(usual, 1)
    assert sum(said["incident"] == incident.name for said in truth) == told["mentions"]


def test_one_incident_is_still_burning_and_the_others_are_over() -> None:
    burning = [incident for incident in INCIDENTS if incident.ended == 0]
    assert [incident.name for incident in burning] == ["app-outage"]
    assert burning[0].began < 24 and NAMED[burning[0].product].brand == BRAND
    assert all(incident.ended > 20 * 24 for incident in INCIDENTS if incident not in burning)


def test_nobody_has_what_is_not_launched_yet(market: Market, mentions: Rows) -> None:
    (new,) = [product for product in PRODUCTS if product.launched is not None]
    launch = UNTIL - timedelta(days=new.launched or 0)
    orders = [row["ordered_at"] for row in market.orders.to_pylist() if new.name in row["product"]]
    said = [row["created_at"] for row in mentions if row["product"] == new.name]
    assert min(orders) >= launch and min(said) >= launch


def test_contacts_are_nobodys(market: Market) -> None:
    rows = market.customers.to_pylist()
    emails = [row["email"] for row in rows if row["email"]]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith((".example", "example.com", "example.net", "example.org"))
               for email in emails)  # fmt: skip
    phones = [row["phone"] for row in rows if row["phone"]]
    assert all("010-0000" <= phone[:8] <= "010-1999" for phone in phones)
    assert 0 < len(phones) - len(set(phones)) < 0.05 * len(phones)


def test_orders_follow_their_process(market: Market) -> None:
    """Poisson while alive, a beta chance to leave after each order, gamma-gamma values."""
    buyers = market.buyers
    own = [order for order in buyers.orders if order.programme is None]
    counts = Counter(order.customer.customer_id for order in own)
    # Orders after the first are a counting process stopped at leaving: their number less the rate
    # times the time at risk is a martingale, so that the sums agree.
    expected = sum(
        each.rate * (((each.left or UNTIL) - each.joined) / timedelta(days=1))
        for each in buyers.customers
    )
    assert sum(counts.values()) - len(counts) == pytest.approx(expected, rel=0.04)
    at_once = sum(each.left == each.joined for each in buyers.customers)
    assert at_once / len(buyers.customers) == pytest.approx(DROPOUT[0] / sum(DROPOUT), abs=0.02)
    mean = statistics.mean(each.rate for each in buyers.customers)
    assert mean == pytest.approx(RATE[0] / RATE[1], rel=0.05)
    later = [order for order in own if order.at > order.customer.joined]
    spent, due = sum(o.amount for o in later), sum(o.customer.spend for o in later)
    assert spent == pytest.approx(due, rel=0.03)


def test_deliveries_are_late_while_the_incident_says_so(market: Market) -> None:
    (late,) = [row for row in market.truth["incidents"].to_pylist()
               if row["incident"] == "late-deliveries"]  # fmt: skip
    ordered = {row["order_id"][1:]: row["ordered_at"] for row in market.orders.to_pylist()}
    days: dict[bool, list[int]] = {True: [], False: []}
    for row in market.interactions.to_pylist():
        if row["kind"] == "delivery" and row["product"] == late["product"]:
            at = ordered[row["interaction_id"][1:]]
            is_late = late["began_at"] - timedelta(days=3) <= at <= late["ended_at"]
            days[is_late].append(json.loads(row["extra"])["days"])
    assert len(days[True]) > 5 and min(days[True]) >= 6 > max(days[False])


def test_programmes_work_as_the_truth_says(market: Market, truth: Rows, mentions: Rows) -> None:
    coupon = PROGRAMMES[0]
    treated = [each for each in market.buyers.enrolments
               if each.programme == coupon and each.treated]  # fmt: skip
    alive = [each.customer for each in treated
             if each.customer.left is None or each.customer.left >= each.at]  # fmt: skip
    due = sum(customer.rate for customer in alive) * (coupon.reorders - 1) * coupon.days
    brought = sum(order.programme == coupon.name for order in market.buyers.orders)
    assert brought == pytest.approx(due, rel=0.12)
    assert negative_share(market, truth, mentions, treated=True) < 0.85 * negative_share(
        market, truth, mentions, treated=False
    )


def negative_share(market: Market, truth: Rows, mentions: Rows, treated: bool) -> float:
    """Of opinions about the product, by those in the programmes that calm, while they last."""
    windows = defaultdict(list)
    for row in market.truth["programmes"].to_pylist():
        if row["calmed"] > 0 and row["treated"] is treated:
            windows[row["customer_id"]].append((row["at"], row["at"] + timedelta(row["days"])))
    moods = [
        said["sentiment"]
        for said, row in zip(truth, mentions, strict=True)
        if said["intent"] in ("praise", "complaint") and said["incident"] is None
        if any(a <= row["created_at"] <= b for a, b in windows[said["customer_id"]])
    ]
    assert len(moods) > 200
    return moods.count("negative") / len(moods)


def test_who_writes_in_is_known_by_the_customers_keys(
    market: Market, truth: Rows, mentions: Rows
) -> None:
    customers = {row["customer_id"]: row for row in market.customers.to_pylist()}
    agree: Counter[bool] = Counter()
    for row, said in zip(mentions, truth, strict=True):
        if row["extra"] is None or said["customer_id"] is None:
            continue
        keys, customer = json.loads(row["extra"]), customers[said["customer_id"]]
        if "email_key" in keys:
            agree[keys["email_key"] == email_key(customer["email"] or "", KEY)] += 1
        if "phone_key" in keys:
            assert keys["phone_key"] == phone_key(customer["phone"], KEY)
    assert 0.05 < agree[False] / agree.total() < 0.25  # some write from another address


def test_people_have_one_handle_a_place_and_some_are_customers(market: Market) -> None:
    rows = market.truth["persons"].to_pylist()
    assert len({(row["source"], row["author_id"]) for row in rows}) == len(rows)
    assert len({(row["source"], row["person_id"]) for row in rows}) == len(rows)
    assert 0.2 < sum(row["customer_id"] is not None for row in rows) / len(rows) < 0.8


def test_the_yard_is_lively_and_orderly(market: Market) -> None:
    size = SIZES["full"]
    yard = plan(7, size, market.buyers, market.calendar, "a password")
    past = yard.history
    assert (len(past.members), len(past.reviews), len(past.ideas)) == (120, 150, 60)
    votes = sorted(Counter(vote.idea for vote in past.votes).values(), reverse=True)
    assert votes[0] > 8 * votes[len(votes) // 2]  # heavy-tailed
    assert len({(review.member, review.product) for review in past.reviews}) == 150
    joined = {member.email: member.joined_at for member in past.members}
    for written in (*past.reviews, *past.ideas, *past.votes):
        assert joined[written.member] <= written.at <= UNTIL
    emails = {customer.email for customer in market.buyers.customers}
    assert sum(member.email in emails for member in past.members) == 72
    assert {review.product for review in past.reviews} <= {product.name for product in OWN}


def test_all_templates_name_only_slots_that_exist() -> None:
    names = {"name", "rival", "brand", "count", "text", "phone", "email", *phrases()["slots"]}
    for text in texts_in(phrases()) + texts_in(clauses()):
        used = {part.split("}")[0] for part in text.split("{")[1:]}
        assert used <= names | {"은", "을", "이", "과", "이랑", "으로"}, text


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inside for text in texts_in(each)]
