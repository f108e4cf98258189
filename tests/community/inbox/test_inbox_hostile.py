"""Those who should not get in, or not do it; and words that are meant to do harm."""

import re
import uuid
from typing import Any

import pytest

from community.actions import Actor
from community.alerts.actions import raise_alert
from community.belts.findings import Finding
from community.ideas.actions import propose_idea
from community.inbox import actions
from community.inbox.models import Conversation, Draft, Reply
from community.queries import Staff, audit_trail

PASSWORD = "가을 하늘 공활한데 7"
HARM = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}'
SORRY = "기다리게 해서 죄송해요."


def html(response: Any) -> str:
    return str(response.content.decode())


def acts(case: int, mention: str) -> dict[str, dict[str, str]]:
    """Every act of the inbox, with fields that would be taken from those who may."""
    key = str(uuid.uuid4())
    answer = {"text": SORRY, "mention": mention, "key": key, "version": "1", "draft_version": "0"}
    return {
        f"/inbox/{case}/draft": answer,
        f"/inbox/{case}/reply": answer,
        f"/inbox/{case}/assign": {"assignee": ""},
        f"/inbox/{case}/close": {},
        f"/inbox/{case}/reopen": {"state": "open"},
        "/inbox/alerts/acknowledge": {"alert_id": "late-1"},
        "/inbox/alerts/reopen": {"alert_id": "late-1"},
        "/inbox/ideas/1/status": {"status": "done", "reason": "다 만들었어요"},
    }


def pages(case: int) -> tuple[str, ...]:
    return ("/inbox/", "/inbox/list", f"/inbox/{case}", "/inbox/ideas", "/inbox/ideas/1")


@pytest.fixture
def mention(review: Any, join: Any) -> Any:
    """A review that waits for an answer, an alert and an idea."""
    raise_alert(Finding("1", "alert_raised", "late-1", {"product": "해담 가습기", "seen": 9}))
    propose_idea(join("이하은"), "물통 입구를 넓혀 주세요", "물을 넣을 때마다 흘려요.")
    return review()


def nothing_was_done(case: int) -> bool:
    return not (
        Reply.objects.exists()
        or Draft.objects.exists()
        or audit_trail("conversation", case)
        or audit_trail("alert")
        or audit_trail("idea")
    )


def test_strangers_and_customers_are_sent_to_the_sign_in(
    visitor: Any, mention: Any, join: Any, mina: Staff
) -> None:
    case = mention.conversation_id
    customer = type(visitor)()
    customer.client.force_login(join("최지우"), "django.contrib.auth.backends.ModelBackend")
    for each in (visitor, customer):
        for page in pages(case):
            answer = each.get(page)
            assert answer["Location"].startswith("/staff/sign-in?next=%2Finbox%2F"), page
        for act, fields in acts(case, mention.mention_id).items():
            answer = each.submit("/staff/sign-in", act, **fields)
            assert answer["Location"].startswith("/staff/sign-in?next=")
    assert nothing_was_done(case)


def test_engineers_read_and_do_nothing(visitor: Any, mention: Any, sora: Staff) -> None:
    case = mention.conversation_id
    visitor.sign_in(email="sora@example.kr")
    for page in pages(case):
        answer = visitor.get(page)
        assert answer.status_code == 200
        forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', html(answer))
        assert set(forms) <= {"/staff/language"}, "no button that would be refused"
    for act, fields in acts(case, mention.mention_id).items():
        assert visitor.submit("/inbox/", act, **fields).status_code == 403, act
    assert nothing_was_done(case)


@pytest.mark.parametrize("email", ["mina@example.kr", "jun@example.kr"])
def test_brand_and_community_managers_may(
    visitor: Any, mention: Any, mina: Staff, jun: Staff, email: str
) -> None:
    visitor.sign_in(email=email)
    for act, fields in acts(mention.conversation_id, mention.mention_id).items():
        answer = visitor.submit("/inbox/", act, **fields)
        assert answer.status_code == 303, act
        assert answer["Location"].startswith("/inbox/")


def test_no_act_without_the_forms_token(visitor: Any, mention: Any, mina: Staff) -> None:
    case = mention.conversation_id
    visitor.sign_in()
    for act, fields in acts(case, mention.mention_id).items():
        refused = visitor.client.post(act, fields)
        assert refused.status_code == 403, act
        if "text" in fields:
            assert SORRY in html(refused), "what was typed can still be copied"
        assert visitor.client.post(act, fields, headers={"HX-Request": "true"}).status_code == 403
    assert nothing_was_done(case)


def test_an_acts_address_opened_as_a_page_does_nothing(
    visitor: Any, mention: Any, mina: Staff
) -> None:
    case = mention.conversation_id
    visitor.sign_in()
    for act in acts(case, mention.mention_id):
        answer = visitor.get(act)
        assert answer.status_code in (303, 405)
        assert answer.get("Location", "/inbox/").startswith("/inbox/")
    assert nothing_was_done(case)


def test_words_stay_words(visitor: Any, say: Any, join: Any, mina: Staff) -> None:
    author = join(HARM[:40])
    propose_idea(author, HARM, HARM)
    mention = say(
        author_id="9", author_name=HARM, author_handle=HARM, text=HARM, product=HARM, source=HARM
    )
    body = {"product": HARM, "seen": 9, "expected": 1.0, "terms": [HARM]}
    raise_alert(Finding("1", "alert_raised", HARM[:90], body))
    case, by = mention.conversation_id, Actor(mina.member_id)
    actions.send_reply(case, mention.mention_id, HARM, str(uuid.uuid4()), 1, by)
    Conversation.objects.update(state="open")
    actions.save_draft(case, HARM + "</textarea>", by, str(uuid.uuid4()))
    visitor.sign_in()
    for page in (*pages(case), f"/inbox/?words={HARM}", f"/inbox/{case}?said={HARM}&was={HARM}"):
        answer = visitor.get(page)
        text = html(answer)
        assert answer.status_code == 200
        assert "<script>" not in text and "<img src=x" not in text and "</textarea></" not in text
        assert "&lt;script&gt;" in text
        assert not re.search(r'\s(style|on[a-z]+)="', text), "the policy would refuse it"
        assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_only_pages_are_linked(visitor: Any, say: Any, mina: Staff) -> None:
    case = say(url="javascript:alert(document.cookie)").conversation_id
    visitor.sign_in()
    assert "javascript:" not in html(visitor.get(f"/inbox/{case}"))


def test_ids_that_are_not_there_lead_nowhere(visitor: Any, mention: Any, mina: Staff) -> None:
    visitor.sign_in()
    for number in ("0", "4711", str(2**31), str(2**63), "9" * 40):
        assert visitor.get(f"/inbox/{number}").status_code == 404
        assert visitor.get(f"/inbox/ideas/{number}").status_code == 404
        for act, fields in acts(int(number), mention.mention_id).items():
            if "alerts" in act:
                continue
            where = act.replace("ideas/1/", f"ideas/{number}/")
            assert visitor.submit("/inbox/", where, **fields).status_code in (404, 422), where
    for number in ("-1", "1.5", "1%00", "abc", "../1"):
        assert visitor.get(f"/inbox/{number}").status_code == 404
    assert visitor.get("/inbox/list?open=99999999999999999999&version=x").status_code == 200
    assert nothing_was_done(mention.conversation_id)


def test_a_mention_of_somebody_elses_conversation_is_not_answered_here(
    visitor: Any, mention: Any, say: Any, mina: Staff
) -> None:
    other = say()
    visitor.sign_in()
    fields = acts(0, mention.mention_id)["/inbox/0/reply"]
    answer = visitor.submit("/inbox/", f"/inbox/{other.conversation_id}/reply", **fields)
    assert answer.status_code == 422 and not Reply.objects.exists()


def test_the_way_back_is_always_within_the_inbox(visitor: Any, mention: Any, mina: Staff) -> None:
    case = mention.conversation_id
    visitor.sign_in()
    for query in ("next=//evil.example", "whose=//evil.example", "words=https://evil.example"):
        answer = visitor.submit("/inbox/", f"/inbox/{case}/close?{query}")
        assert answer["Location"].startswith(f"/inbox/{case}?")
        visitor.submit("/inbox/", f"/inbox/{case}/reopen", state="open")


@pytest.mark.parametrize("field", ["text", "mention", "key", "version"])
def test_far_too_much_is_refused(visitor: Any, mention: Any, mina: Staff, field: str) -> None:
    case = mention.conversation_id
    visitor.sign_in()
    fields = acts(case, mention.mention_id)[f"/inbox/{case}/reply"]
    for size, status in ((200_000, 422), (3_000_000, 400)):
        sent = {**fields, field: "9" * size}
        assert visitor.submit("/inbox/", f"/inbox/{case}/reply", **sent).status_code == status
    assert not Reply.objects.exists()
