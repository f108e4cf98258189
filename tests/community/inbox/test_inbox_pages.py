"""The inbox as staff use it, without JavaScript; and what htmx asks of it."""

import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.actions import Actor
from community.alerts.actions import raise_alert
from community.belts.findings import Finding
from community.discussion.models import Comment
from community.ideas.actions import propose_idea, vote_idea
from community.ideas.models import Idea
from community.inbox import actions
from community.inbox.models import Conversation, Draft, Reply
from community.queries import Staff, audit_trail

SORRY = "기다리게 해서 죄송해요. 물류센터에 확인했고 내일 출발해요."
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(visitor: Any, mina: Staff) -> Any:
    """Mina's browser, signed in."""
    visitor.sign_in()
    return visitor


def html(response: Any) -> str:
    return str(response.content.decode())


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, f"no {name} on the page"
    return found[1]


def answer_form(desk: Any, case: int) -> dict[str, str]:
    """The hidden fields of the answer's form, as a browser sends them."""
    page = html(desk.get(f"/inbox/{case}"))
    form = page[page.index('class="reply"') :]
    return {name: hidden(form, name) for name in ("mention", "key", "version", "draft_version")}


def answer(desk: Any, case: int, text: str, **fields: str) -> Any:
    sent = {**answer_form(desk, case), "text": text, **fields}
    return desk.submit(f"/inbox/{case}", f"/inbox/{case}/reply", **sent)


def test_from_the_list_to_the_answer_without_scripts(desk: Any, review: Any) -> None:
    case = review().conversation_id
    assert f'href="/inbox/{case}"' in html(desk.get("/inbox/"))
    fields = answer_form(desk, case)
    kept = desk.submit(f"/inbox/{case}", f"/inbox/{case}/draft", text="기다리게 해서", **fields)
    assert kept.status_code == 303 and kept["Location"] == f"/inbox/{case}?said=draft"
    page = html(desk.get(f"/inbox/{case}"))
    assert ">기다리게 해서</textarea>" in page and hidden(page, "key") == fields["key"]
    sent = answer(desk, case, SORRY)
    assert sent.status_code == 303
    assert re.fullmatch(rf"/inbox/{case}\?said=sent#answer-\d+", sent["Location"])
    page = html(desk.get(sent["Location"]))
    assert SORRY in page and "답변을 보냈어요" in page
    assert Comment.objects.get().text == SORRY
    assert f'id="c{case}"' not in html(desk.get("/inbox/"))
    assert f'id="c{case}"' in html(desk.get("/inbox/?state=answered"))


def test_a_form_sent_twice_shows_the_answer_that_went_out(desk: Any, review: Any) -> None:
    case = review().conversation_id
    fields = answer_form(desk, case)
    send = f"/inbox/{case}/reply"
    first = desk.submit(f"/inbox/{case}", send, text=SORRY, **fields)
    again = desk.submit(f"/inbox/{case}", send, text=SORRY, **fields)
    assert again.status_code == 303 and "said=known" in again["Location"]
    assert urlsplit(again["Location"]).fragment == urlsplit(first["Location"]).fragment
    assert "한 번만 나갔어요" in html(desk.get(again["Location"]))
    other = desk.submit(f"/inbox/{case}", send, text="덧붙일 말이 있어요.", **fields)
    assert "said=other" in other["Location"]
    assert ">덧붙일 말이 있어요.</textarea>" in html(desk.get(other["Location"]))
    assert Reply.objects.count() == 1


def test_who_was_overtaken_sees_the_other_answer_and_keeps_the_text(
    desk: Any, review: Any, jun: Staff
) -> None:
    mention = review()
    case, by = mention.conversation_id, Actor(jun.member_id)
    fields = answer_form(desk, case)
    actions.send_reply(case, mention.mention_id, "준호가 먼저 답했어요.", str(uuid.uuid4()), 1, by)
    late = desk.submit(f"/inbox/{case}", f"/inbox/{case}/reply", text=SORRY, **fields)
    assert late.status_code == 409
    page = html(late)
    told = page[page.index('class="summary overtaken"') :]
    assert "준호가 먼저 답했어요." in told and "정준호" in told
    assert f">{SORRY}</textarea>" in page
    assert Draft.objects.get().text == SORRY
    assert Reply.objects.count() == 1
    fresh = {name: hidden(told, name) for name in ("mention", "key", "version")}
    assert fresh["key"] == fields["key"] and fresh["version"] == "2"
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)), "what is quoted must not be there twice by name"
    meant = desk.submit(f"/inbox/{case}", f"/inbox/{case}/reply", text=SORRY, **fresh)
    assert meant.status_code == 303 and Reply.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": "  "}, "답변이 비어 있어요"),
        ({"text": "아" * 4001}, "4,000자까지"),
        ({"mention": str(uuid.uuid4())}, "이 글은 이제 없어요"),
        ({"mention": ""}, "오래된 화면이에요"),
        ({"key": "<script>"}, "오래된 화면이에요"),
        ({"version": ""}, "오래된 화면이에요"),
    ],
)
def test_an_error_clears_nothing(desk: Any, review: Any, changed: Any, said: str) -> None:
    case = review().conversation_id
    refused = answer(desk, case, **{"text": SORRY, **changed})
    page = html(refused)
    assert refused.status_code == 422 and said in page
    assert f">{changed.get('text', SORRY)}</textarea>" in page
    assert not Reply.objects.exists() and Conversation.objects.get().state == "open"


def test_a_post_of_the_yard_is_linked_where_customers_reach_it(desk: Any, review: Any) -> None:
    mention = review()
    page = html(desk.get(f"/inbox/{mention.conversation_id}"))
    assert f'href="http://127.0.0.1:8000{mention.url}"' in page


def test_outside_answers_say_that_they_wait(desk: Any, say: Any) -> None:
    case = say().conversation_id
    assert "보낼 편지함에서 기다려요" in html(desk.get(f"/inbox/{case}"))
    sent = answer(desk, case, SORRY)
    assert "said=waiting" in sent["Location"]
    page = html(desk.get(sent["Location"]))
    assert "나가기를 기다림" in page and "x에는 아직 답변을 올릴 수 없어요" in page


def test_typing_is_kept_now_and_then(desk: Any, review: Any) -> None:
    case = review().conversation_id
    fields = answer_form(desk, case)
    token = hidden(html(desk.get(f"/inbox/{case}")), "csrfmiddlewaretoken")

    def typed(text: str, version: str) -> Any:
        sent = {**fields, "text": text, "draft_version": version, "csrfmiddlewaretoken": token}
        return desk.client.post(f"/inbox/{case}/draft", sent, headers=HTMX)

    kept = typed("기다리게", "0")
    assert kept.status_code == 200 and "초안 저장함" in html(kept)
    assert 'id="draft_version" value="1" hx-swap-oob="true"' in html(kept)
    typed("기다리게 해서", "1")
    assert "다른 창에" in html(typed("기다", "1"))
    assert Draft.objects.get().text == "기다리게 해서"
    too_long = typed("아" * 4001, "2")
    assert too_long.status_code == 422 and "4,000" in html(too_long)
    answer(desk, case, SORRY)
    assert "이미 보낸 답변이에요" in html(typed("기다리게 해서 죄송", "2"))
    assert not Draft.objects.exists()


def test_the_list_is_sent_anew_only_where_something_changed(desk: Any, say: Any) -> None:
    mention = say()
    case = mention.conversation_id
    page = html(desk.get(f"/inbox/{case}"))
    found = re.search(r'hx-get="(/inbox/list\?[^"]+)"', page)
    assert found
    poll = found[1].replace("&amp;", "&")
    assert desk.client.get(poll, headers=HTMX).status_code == 204
    say(text="아직도 안 왔어요.")
    anew = desk.client.get(poll, headers=HTMX)
    assert anew.status_code == 200
    part = html(anew)
    assert "아직도 안 왔어요." in part and 'id="moved" hx-swap-oob="true"' in part
    assert "달라진 것이 있어요" in part and "<html" not in part


def test_an_ended_session_does_not_put_the_sign_in_page_into_the_list(desk: Any) -> None:
    desk.submit("/staff/sign-out")
    assert desk.client.get("/inbox/list", headers=HTMX).status_code == 401


def test_assign_close_and_undo(desk: Any, say: Any, mina: Staff, jun: Staff) -> None:
    case = say().conversation_id
    page = f"/inbox/{case}"
    given = desk.submit(page, f"{page}/assign?whose=unassigned", assignee=str(jun.member_id))
    assert given["Location"] == f"{page}?whose=unassigned&said=assigned"
    assert "이미나 님이 정준호 님에게 맡겼어요" in html(desk.get(page))
    closed = desk.submit(page, f"{page}/close")
    assert closed["Location"] == f"{page}?said=closed&was=open"
    assert "되돌리기" in html(desk.get(closed["Location"]))
    desk.submit(page, f"{page}/reopen", state="open")
    assert Conversation.objects.get().state == "open"
    desk.submit(page, f"{page}/assign", assignee="")
    assert Conversation.objects.get().assignee is None
    acts = {line.member_id for line in audit_trail("conversation", case)}
    assert acts == {mina.member_id}


def test_filters_and_search_find_what_they_say(desk: Any, say: Any, mina: Staff) -> None:
    mine = say(author_id="1", author_name="박서연", text="물통에서 물이 새요").conversation_id
    other = say(author_id="2", author_name="김도윤", product="해담 로봇청소기").conversation_id
    actions.assign(mine, mina.member_id, Actor(mina.member_id))

    def listed(query: str) -> set[int]:
        page = html(desk.get(f"/inbox/?{query}"))
        return {int(number) for number in re.findall(r'id="c(\d+)"', page)}

    assert listed("") == {mine, other}
    assert listed("whose=mine") == {mine}
    assert listed("whose=unassigned") == {other}
    assert listed("state=closed") == set()
    assert listed("words=박서연") == listed("words=물통") == {mine}
    assert listed("words=로봇청소기") == {other}
    assert listed("words=%25") == listed("words=물_에") == set(), "no wild cards"
    assert listed("words=" + "a%00b") == set()
    assert listed("whose=%27&state=nonsense&after=../..") == {mine, other}


def test_pages_pass_every_conversation_once_in_order(desk: Any, say: Any) -> None:
    for number in range(65):
        say(author_id=str(number), score=-(number % 4) / 4)
    Conversation.objects.filter(pk__lte=20).update(due_at=timezone.now() + timedelta(hours=3))
    for state in ("open", "closed"):
        Conversation.objects.update(state=state)
        query, seen = f"state={state}", []
        while query:
            page = html(desk.get(f"/inbox/?{query}"))
            seen += [int(number) for number in re.findall(r'id="c(\d+)"', page)]
            onward = re.search(r'\?([^"]*after=[^"]*)">더 보기', page)
            query = onward[1].replace("&amp;", "&") if onward else ""
        assert len(seen) == len(set(seen)) == 65
        if state == "open":
            rows = {row.pk: row for row in Conversation.objects.all()}
            order = [(-rows[pk].priority, rows[pk].due_at, pk) for pk in seen]
            assert order == sorted(order)


def test_queries_do_not_grow_with_rows(desk: Any, say: Any, jun: Staff, review: Any) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert desk.get(path).status_code == 200
        return len(seen)

    case = say().conversation_id
    few = [cost(path) for path in ("/inbox/", f"/inbox/{case}", "/inbox/list")]
    for number in range(40):
        mention = say(author_id=str(number))
        say(text=f"{number}번째 글")
        actions.assign(mention.conversation_id, jun.member_id, Actor(jun.member_id))
        turn = Conversation.objects.get(pk=mention.conversation_id).version
        if number % 2:
            actions.send_reply(
                mention.conversation_id,
                mention.mention_id,
                SORRY,
                str(uuid.uuid4()),
                turn,
                Actor(jun.member_id),
            )
    many = [cost(path) for path in ("/inbox/", f"/inbox/{case}", "/inbox/list")]
    assert many[0] <= few[0] and many[2] <= few[2] and max(many) <= 16
    assert many[1] <= few[1] + 1, "names of those who acted, asked for once"


def test_alerts_stand_above_the_list_until_somebody_takes_note(desk: Any, mina: Staff) -> None:
    body = {"product": "해담 가습기", "seen": 21, "expected": 5.0, "terms": ["배송"]}
    raise_alert(Finding("1", "alert_raised", "late-1", body))
    page = html(desk.get("/inbox/"))
    assert "‘해담 가습기’ 불만이 평소의 4.2배예요 (21건, 평소 5.0건)." in page
    noted = desk.submit("/inbox/", "/inbox/alerts/acknowledge", alert_id="late-1")
    assert noted["Location"] == "/inbox/?said=noted&alert=late-1"
    page = html(desk.get(noted["Location"]))
    assert "평소의 4.2배" not in page and "되돌리기" in page
    back = desk.submit(noted["Location"], "/inbox/alerts/reopen", alert_id="late-1")
    assert "평소의 4.2배" in html(desk.get(back["Location"]))
    missing = desk.submit("/inbox/", "/inbox/alerts/acknowledge", alert_id="no-such")
    assert missing.status_code == 404


def test_a_status_is_changed_with_a_reason_and_its_voters_counted(desk: Any, join: Any) -> None:
    author, *voters = [join(name) for name in ("박서연", "김도윤", "이하은")]
    idea = propose_idea(author, "물통 입구를 넓혀 주세요", "물을 넣을 때마다 흘려요.")
    for voter in voters:
        vote_idea(voter, idea)
    assert "물통 입구를 넓혀 주세요" in html(desk.get("/inbox/ideas"))
    assert "물통 입구를" not in html(desk.get("/inbox/ideas?status=done"))
    page = f"/inbox/ideas/{idea}"
    assert "3명에게 알려요" in html(desk.get(page))
    empty = desk.submit(page, f"{page}/status", status="planned", reason="  ")
    assert empty.status_code == 422 and "이유를 써 주세요" in html(empty)
    assert '<option value="planned" selected>' in html(empty)
    reason = "새 금형을 주문했어요. 2월에 나와요."
    done = desk.submit(page, f"{page}/status", status="planned", reason=reason)
    assert done["Location"] == f"{page}?told=3"
    told = html(desk.get(done["Location"]))
    assert "3명에게 알렸어요" in told and reason in told
    assert Idea.objects.get().status == "planned"
    for wrong in ({"status": "evil", "reason": "x"}, {"status": "done", "reason": "아" * 2001}):
        assert desk.submit(page, f"{page}/status", **wrong).status_code == 422


def test_pages_are_in_english_too(desk: Any, say: Any) -> None:
    case = say().conversation_id
    desk.submit(f"/inbox/{case}", "/staff/language", language="en", next=f"/inbox/{case}")
    page = html(desk.get(f"/inbox/{case}"))
    assert '<html lang="en">' in page and "Send the answer" in page
    assert "The answer waits in the outbox until x can carry answers." in page
