"""What a channel takes is known before an answer leaves; what did not arrive is sent again."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone, translation

from community.actions import Actor
from community.channels import ChannelLimits, length
from community.configure import instance
from community.errors import CommunityError
from community.inbox import actions
from community.inbox.models import CaseMention, Conversation, Reply
from community.inbox.queries import conversation
from community.outbox.actions import Refused, Retry, Uncertain, deliver_due
from community.outbox.models import Delivery
from community.queries import Staff, audit_trail

SORRY = "기다리게 해서 죄송해요. 물류센터에 확인했고 내일 출발해요."
HTMX = {"HX-Request": "true"}
CHANNELS = {
    "x": ChannelLimits(characters=60, counted="weighted"),
    "store": ChannelLimits(characters=350, once=True),
    "page": ChannelLimits(window=timedelta(days=7)),
}


@pytest.fixture(autouse=True)
def carried() -> Iterator[None]:
    """Three sources that carry answers."""
    _, role, urls = settings.MADANG
    with override_settings(MADANG=(replace(instance(), channels=CHANNELS), role, urls)):
        yield


@pytest.fixture
def desk(visitor: Any, mina: Staff) -> Any:
    visitor.sign_in()
    return visitor


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("hello", 5),
        ("안녕하세요", 10),
        ("ㅋㅋㅋ", 6),
        ("日本", 4),
        ("“따옴표”—", 9),
        ("👨‍👩‍👧‍👦", 2),
        ("🇰🇷❤️1️⃣", 6),
        ("가", 2),  # two code points that compose to one syllable
        ("https://shop.example.com/very/long/path?page=1", 23),
        ("http://한글.com/안내", 23 + 1 + 4 - 1),
        ("홈페이지haedam.co.kr에서", 8 + 23 + 4),
        ("haedam.com/a, haedam.com.", 23 + 2 + 23 + 1),
        ("(https://haedam.com/a_(b))", 25),
        ("help@haedam.com", 15),
        ("file.py t.co", 7 + 1 + 23),
        ("끝났어요.그리고 3.14", 7 * 2 + 2 + 4),
    ],
)
def test_a_weighted_length_is_that_of_twitter_text(text: str, weight: int) -> None:
    assert length(text, "weighted") == weight


def test_the_other_lengths() -> None:
    family = "👨‍👩‍👧‍👦 가족"
    assert length(family, "graphemes") == 4
    assert length(family, "characters") == 10
    assert length(family, "utf8") == 32


@pytest.mark.parametrize(
    "text", ["a." * 2000, "haedam.com/" + "(a" * 1900, "http://" + "가-" * 1900]
)
def test_no_text_takes_the_counting_long(text: str) -> None:
    assert length(text, "weighted") > 23


def send(mention: CaseMention, by: Staff, text: str = SORRY, **more: Any) -> Any:
    version = Conversation.objects.get(pk=mention.conversation_id).version
    return actions.send_reply(
        mention.conversation_id,
        mention.mention_id,
        text,
        str(uuid.uuid4()),
        version,
        Actor(by.member_id),
        **more,
    )


def test_an_answer_too_long_for_its_channel_is_not_sent(say: Any, jun: Staff) -> None:
    with pytest.raises(CommunityError, match="60자까지인데 62자"):
        send(say(), jun, "가" * 31)
    assert not Reply.objects.exists()
    assert send(say(author_id="2"), jun, "가" * 30).is_carried
    translation.activate("en")
    with pytest.raises(CommunityError, match="62 of 60 characters"):
        send(say(author_id="3"), jun, "가" * 31)


def test_a_post_past_its_window_is_not_answered(say: Any, jun: Staff) -> None:
    now = timezone.now()
    old = say(source="page", written_at=(now - timedelta(days=8)).isoformat())
    with pytest.raises(CommunityError, match="까지만 받았어요"):
        send(old, jun)
    late = say(source="page", author_id="2", written_at=(now - timedelta(days=6)).isoformat())
    send(late, jun)
    payload = Delivery.objects.get().payload
    assert payload["until"] == (late.written_at + timedelta(days=7)).isoformat()
    senders = {"answer:page": lambda payload, key: "never"}
    assert deliver_due(senders, now + timedelta(days=2)).failed == 1
    assert actions.settle_answers() == 1
    assert Reply.objects.get().state == "failed"


def test_a_second_answer_where_one_stands_must_be_meant(say: Any, jun: Staff) -> None:
    mention = say(source="store")
    assert send(mention, jun).state == "waiting"
    with pytest.raises(CommunityError, match="하나만 남고"):
        send(mention, jun, "다시 확인해 보니 오늘 출발했어요.")
    assert send(mention, jun, "다시 확인해 보니 오늘 출발했어요.", replace=True).outcome == "sent"
    assert Delivery.objects.count() == 2


def test_what_did_not_arrive_opens_the_case_and_is_tried_again(say: Any, jun: Staff) -> None:
    mention = say()
    sent = send(mention, jun, "내일 출발해요.")

    def refuse(payload: Any, key: str) -> str:
        raise Refused("the author does not take answers")

    def carry(payload: Any, key: str) -> str:
        assert payload["text"] == "내일 출발해요." and payload["native_id"] == mention.native_id
        return f"https://x.example/answers/{key}"

    assert deliver_due({"answer:x": refuse}, timezone.now()).failed == 1
    actions.settle_answers()
    reply = Reply.objects.get()
    assert (reply.state, reply.reason) == ("failed", "the author does not take answers")
    assert Conversation.objects.get().state == "open"
    case, by = mention.conversation_id, Actor(jun.member_id)
    assert actions.retry_reply(case, sent.reply_id, by) is True
    assert actions.retry_reply(case, sent.reply_id, by) is False, "it is under way"
    assert Conversation.objects.get().state == "answered"
    assert deliver_due({"answer:x": carry}, timezone.now()).sent == 1
    actions.settle_answers()
    reply.refresh_from_db()
    assert (reply.state, reply.receipt) == ("sent", f"https://x.example/answers/{reply.key}")
    assert actions.retry_reply(case, sent.reply_id, by) is False
    assert [line.action for line in audit_trail("conversation", case)] == [
        "retry_reply",
        "send_reply",
    ]
    with pytest.raises(CommunityError):
        actions.retry_reply(say(author_id="2").conversation_id, sent.reply_id, by)


def test_an_answer_whose_delivery_was_forgotten_is_handed_over_anew(say: Any, jun: Staff) -> None:
    mention = say()
    sent = send(mention, jun, "내일 출발해요.")
    Delivery.objects.all().delete()
    Reply.objects.update(state="failed", reason="it took too long")
    assert actions.retry_reply(mention.conversation_id, sent.reply_id, Actor(jun.member_id))
    assert Delivery.objects.get().payload["text"] == "내일 출발해요."


def test_a_delay_is_told_with_its_reason(say: Any, jun: Staff) -> None:
    mention = say()
    send(mention, jun, "내일 출발해요.")

    def later(payload: Any, key: str) -> str:
        raise Retry("X is over capacity")

    deliver_due({"answer:x": later}, timezone.now())
    assert actions.settle_answers() == 0
    page = conversation(mention.conversation_id, jun.member_id)
    assert page is not None
    (answer,) = page.answers
    assert (answer.state, answer.reason, answer.is_carried) == (
        "waiting",
        "X is over capacity",
        True,
    )


def html(response: Any) -> str:
    return " ".join(str(response.content.decode()).split())


def form_of(page: str) -> dict[str, str]:
    form = page[page.index('class="reply"') :]
    names = ("mention", "key", "version", "draft_version")
    found = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', form) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def test_the_form_counts_while_it_is_typed(desk: Any, say: Any) -> None:
    case = say().conversation_id
    page = html(desk.get(f"/inbox/{case}"))
    assert "60자 중 0자" in page and "한글은 한 글자에 2자" in page
    fields = form_of(page)
    token = desk.client.cookies["madang_desk_csrf"].value
    typed = {**fields, "csrfmiddlewaretoken": token, "text": "가" * 31}
    kept = html(desk.client.post(f"/inbox/{case}/draft", typed, headers=HTMX))
    assert 'id="way" class="soft way" hx-swap-oob="true"' in kept
    assert "60자 중 62자" in kept and "2자 넘었어요" in kept
    refused = desk.submit(f"/inbox/{case}", f"/inbox/{case}/reply", text="가" * 31, **fields)
    assert refused.status_code == 422 and "2자를 줄여 주세요" in html(refused)
    assert f">{'가' * 31}</textarea>" in html(refused)


def test_the_form_says_that_an_answer_takes_the_place_of_another(desk: Any, say: Any) -> None:
    mention = say(source="store")
    case = mention.conversation_id
    page = html(desk.get(f"/inbox/{case}"))
    assert 'name="replace"' not in page and "350자 중 0자" in page
    way = f"/inbox/{case}/reply"
    assert desk.submit(f"/inbox/{case}", way, text=SORRY, **form_of(page)).status_code == 303
    page = html(desk.get(f"/inbox/{case}?state=answered"))
    assert 'name="replace"' in page and "store에 올리고 있어요" in page
    again = desk.submit(f"/inbox/{case}", way, text="오늘 출발했어요.", **form_of(page))
    assert again.status_code == 422 and "하나만 남고" in html(again)
    meant = {**form_of(html(desk.get(f"/inbox/{case}"))), "replace": "yes"}
    done = desk.submit(f"/inbox/{case}", way, text="오늘 출발했어요.", **meant)
    assert done.status_code == 303 and "said=carried" in done["Location"]
    assert Reply.objects.count() == 2


def test_the_page_shows_what_failed_and_tries_it_again(desk: Any, say: Any) -> None:
    mention = say()
    case = mention.conversation_id
    page = html(desk.get(f"/inbox/{case}"))
    desk.submit(f"/inbox/{case}", f"/inbox/{case}/reply", text="내일 출발해요.", **form_of(page))

    def refuse(payload: Any, key: str) -> str:
        raise Refused("<b>the author</b> does not take answers")

    deliver_due({"answer:x": refuse}, timezone.now())
    actions.settle_answers()
    page = html(desk.get(f"/inbox/{case}"))
    assert "&lt;b&gt;the author" in page and "다시 올리기" in page and "직접 답하기" in page
    reply = Reply.objects.get()
    again = desk.submit(f"/inbox/{case}", f"/inbox/{case}/retry", reply=str(reply.pk))
    assert again.status_code == 303 and "said=retried" in again["Location"]
    assert Delivery.objects.get().state == "waiting"
    wrong = desk.submit(f"/inbox/{case}", f"/inbox/{case}/retry", reply="4711")
    assert wrong.status_code == 422


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_says_that_nobody_knows_and_stays_careful(
    desk: Any, say: Any, language: str
) -> None:
    case = say().conversation_id
    desk.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = html(desk.get(f"/inbox/{case}"))
    desk.submit(f"/inbox/{case}", f"/inbox/{case}/reply", text="내일 출발해요.", **form_of(page))
    told: list[bool] = []

    def lose(payload: Any, key: str) -> str:
        told.append(payload["begun"])
        raise Uncertain("The mail server did not say whether it took it.")

    for _ in range(2):
        deliver_due({"answer:x": lose}, timezone.now())
        actions.settle_answers()
        page = html(desk.get(f"/inbox/{case}"))
        assert "The mail server did not say whether it took it.</p>" in page
        assert {"ko": "도착하지 않았다면", "en": "if it did not arrive"}[language] in page
        assert {"ko": "도착했는지 알 수 없음", "en": "May have arrived"}[language] in page
        assert {"ko": "다시 올리기", "en": "Try again"}[language] in page
        reply = str(Reply.objects.get().pk)
        desk.submit(f"/inbox/{case}", f"/inbox/{case}/retry", reply=reply)
    assert told == [False, True], "a colleague's order to try again forgets nothing"


def test_a_source_without_a_carrier_leads_to_the_post(desk: Any, say: Any) -> None:
    mention = say(source="blog", url="https://blog.example/7")
    page = html(desk.get(f"/inbox/{mention.conversation_id}"))
    assert "보낼 편지함에서 기다려요" in page
    assert (
        'href="https://blog.example/7" target="_blank" rel="noopener noreferrer">직접 답하기'
        in page
    )
