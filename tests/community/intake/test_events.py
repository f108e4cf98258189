"""Visits are counted of those who agreed, without a name until they give it, and go with them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client, override_settings

from community.accounts.privacy import erase_member, personal_data
from community.decisions.actions import COMMAND_LINE
from community.intake.actions import forget_events, join_visitor
from community.intake.events import LARGEST, MOST
from community.intake.limits import EVENTS_A_MINUTE, wait_for_events
from community.intake.models import Visitor, WebEvent
from community.intake.queries import events_since
from community.settings_test import TEST_SETTINGS

SITE = "https://www.haedam.kr"
VISITOR = "a1b2c3d4e5f6a7b8c9d0ee"


@pytest.fixture(autouse=True)
def sites(web):
    known = replace(TEST_SETTINGS, event_origins=(SITE,))
    with override_settings(MADANG=(known, "web", None)):
        yield


def event(number=1, **told):
    return {"i": f"event-id-{number:012d}", "k": "view", "p": "/products/7", "r": "", **told}


def send(*events, visitor=VISITOR, origin=SITE, **headers):
    body = json.dumps({"v": visitor, "e": list(events)})
    return Client(enforce_csrf_checks=True).post(
        "/events", body, content_type="text/plain", headers={"Origin": origin, **headers}
    )


def test_what_a_page_tells_is_kept_once():
    answer = send(
        event(), event(2, k="search", w="조용한 가습기"), event(3, k="catalogue", d="해담 숨")
    )
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == SITE
    assert "Access-Control-Allow-Credentials" not in answer
    assert not answer.cookies
    send(event(), event())
    view, search, catalogue = events_since(0)
    assert (view.kind, view.site, view.path, view.visitor_id) == (
        "view", "www.haedam.kr", "/products/7", VISITOR
    )  # fmt: skip
    assert (search.words, catalogue.product, view.member_id) == ("조용한 가습기", "해담 숨", None)


def test_what_people_type_is_masked_and_addresses_lose_their_questions():
    send(
        event(k="search", w="010-1234-5678 주문", p="/find?email=hana@example.kr#x", r="NAVER.com")
    )
    (kept,) = events_since(0)
    assert kept.words == "[phone] 주문"
    assert (kept.path, kept.referrer) == ("/find", "naver.com")


def test_how_long_it_waited_is_counted_back_but_not_for_ever():
    send(event(t=60_000), event(2, t=10**12), event(3, t=-5))
    ages = [datetime.now(UTC) - kept.happened_at for kept in events_since(0)]
    assert timedelta(seconds=59) < ages[0] < timedelta(minutes=5)
    assert timedelta(minutes=59) < ages[1] < timedelta(minutes=65)
    assert ages[2] < timedelta(minutes=5)


@pytest.mark.parametrize("wish", ["DNT", "Sec-GPC"])
def test_who_wants_not_to_be_tracked_is_not(wish):
    assert send(event(), **{wish: "1"}).status_code == 204
    assert events_since(0) == ()


def test_only_pages_of_the_sites_set_may_tell():
    for origin in ("https://evil.example", "", "null", f"{SITE}.evil.example"):
        answer = send(event(), origin=origin)
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer
    assert events_since(0) == ()


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"v": "short", "e": []}', json.dumps({"v": VISITOR, "e": []}),
     json.dumps({"v": VISITOR, "e": [event(k="click")]}), json.dumps({"v": VISITOR, "e": [7]}),
     json.dumps({"v": VISITOR, "e": [event(i="<script>")]}), json.dumps({"v": 7, "e": [event()]}),
     json.dumps({"v": VISITOR, "e": [event(n) for n in range(MOST + 1)]}), "[" * 9_000,
     json.dumps({"v": VISITOR, "e": [event(t="soon")]}), json.dumps({"v": VISITOR, "e": {"a": 1}})],
)  # fmt: skip
def test_what_the_script_would_not_send_is_refused(body):
    answer = Client().post("/events", body, content_type="text/plain", headers={"Origin": SITE})
    assert answer.status_code == 400
    assert events_since(0) == ()


def test_large_and_many_requests_are_refused():
    assert send(event(w="가" * LARGEST)).status_code == 413
    for _ in range(2):  # a minute may end in between, but not twice
        with transaction.atomic():
            for _ in range(EVENTS_A_MINUTE):
                wait_for_events("127.0.0.1")
        answer = send(event())
        if answer.status_code == 429:
            break
    assert 0 < int(answer["Retry-After"]) <= 60


def test_a_preflight_is_answered():
    answer = Client().options("/events", headers={"Origin": SITE})
    assert (answer.status_code, answer["Access-Control-Allow-Methods"]) == (204, "POST")


def test_the_script_is_small_and_served_where_sites_are_set():
    with override_settings(MADANG=(TEST_SETTINGS, "web", None)):
        assert Client().get("/events.js").status_code == 404
    answer = Client().get("/events.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert len(answer.content) < 2048
    assert b"document.cookie" not in answer.content


def test_a_member_joins_a_browser_after_being_asked(visitor, join):
    send(event(), event(2))
    member = join()
    door = visitor.get(f"/events/join?visitor={VISITOR}")
    assert door.status_code == 303 and "sign-in" in door["Location"]
    visitor.enter(member)
    page = visitor.get(f"/events/join?visitor={VISITOR}").content.decode()
    assert "이 브라우저를 내 계정과 이을까요?" in page
    assert Visitor.objects.count() == 0
    visitor.submit(f"/events/join?visitor={VISITOR}", "/events/join", visitor=VISITOR)
    told = events_since(2)
    assert [each.member_id for each in told] == [member.public_id] * 2
    assert [each.event_id for each in told] == [event()["i"], event(2)["i"]]
    send(event(3))
    assert events_since(4)[0].member_id == member.public_id


def test_nobody_can_be_made_to_join(visitor, join):
    """A page elsewhere cannot send the form, and a link alone does nothing."""
    visitor.enter(join())
    visitor.get(f"/events/join?visitor={VISITOR}")
    for token in ({}, {"csrfmiddlewaretoken": "x" * 64}):
        answer = visitor.client.post("/events/join", {"visitor": VISITOR, **token})
        assert answer.status_code == 403
    assert Visitor.objects.count() == 0


def test_a_browser_belongs_to_one_account(visitor, join):
    join_visitor(join().pk, VISITOR)
    visitor.enter(join("김하나"))
    answer = visitor.submit(f"/events/join?visitor={VISITOR}", "/events/join", visitor=VISITOR)
    assert answer.status_code == 422


@pytest.mark.parametrize("visitor_id", ["", "short", "<script>alert(1)</script>", "x" * 40])
def test_no_other_ids_can_be_joined(visitor, join, visitor_id):
    visitor.enter(join())
    assert visitor.client.get("/events/join", {"visitor": visitor_id}).status_code == 404


def test_visits_can_be_taken_along_and_go_with_their_person(join):
    member, other = join(), join("김하나")
    send(event(k="search", w="가습기"))
    join_visitor(member.pk, VISITOR)
    send(event(2), visitor="f" * 22)
    join_visitor(other.pk, "f" * 22)
    taken = personal_data(member)
    assert [each["words"] for each in taken["web_events"]] == ["가습기"]
    assert [each["visitor"] for each in taken["browsers"]] == [VISITOR]
    erase_member(member.pk, COMMAND_LINE)
    assert [row.visitor for row in WebEvent.objects.all()] == ["f" * 22]
    assert Visitor.objects.count() == 1


def test_old_events_go_once_they_are_collected():
    send(event(), event(2), event(3))
    old = datetime.now(UTC) - timedelta(days=400)
    WebEvent.objects.filter(sequence__in=(1, 3)).update(happened_at=old)
    assert forget_events(2, datetime.now(UTC) - timedelta(days=395)) == 1
    assert [each.sequence for each in events_since(0)] == [2, 3]
