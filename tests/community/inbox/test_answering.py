"""One answer, whatever is pressed twice, dies half-way, or is written by two at once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from community.actions import Actor
from community.belts.facts import facts_since
from community.discussion.actions import give_thanks
from community.discussion.models import Comment
from community.errors import CommunityError
from community.inbox import actions
from community.inbox.answering import Sent
from community.inbox.models import CaseMention, Conversation, Draft, Reply
from community.inbox.queries import conversation
from community.outbox.actions import deliver_due
from community.outbox.models import Delivery
from community.queries import Staff, audit_trail
from community.reviews.actions import remove_review
from community.reviews.models import Review

SORRY = "기다리게 해서 죄송해요. 물류센터에 확인했고 내일 출발해요."


def send(mention: CaseMention, by: Staff, key: str, text: str = SORRY, version: int = 1) -> Sent:
    return actions.send_reply(
        mention.conversation_id, mention.mention_id, text, key, version, Actor(by.member_id)
    )


def at_once(jobs: list[Any]) -> list[Any]:
    """Run the jobs at the same moment, each in a thread with a connection of its own."""
    start = Barrier(len(jobs))

    def run(job: Any) -> Any:
        start.wait()
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [done.result() for done in [pool.submit(run, job) for job in jobs]]


def test_an_answer_at_home_stands_under_the_post(review: Any, jun: Staff, key: str) -> None:
    mention = review()
    actions.save_draft(mention.conversation_id, "기다리게", Actor(jun.member_id), key)
    sent = send(mention, jun, key)
    assert (sent.outcome, sent.state, sent.version) == ("sent", "sent", 2)
    comment = Comment.objects.get(is_official=True)
    assert (comment.text, comment.answers) == (SORRY, mention.native_id)
    case = Conversation.objects.get()
    assert (case.state, case.assignee_id) == ("answered", jun.member_id)
    assert not Draft.objects.exists() and not Delivery.objects.filter(channel="answer").exists()
    fact = facts_since(0)[-1]
    assert (fact.kind, fact.subject) == ("reply_sent", mention.mention_id)
    assert fact.body["conversation"] == case.pk and "정준호" not in str(fact.body)
    assert audit_trail("conversation", case.pk)[0].action == "send_reply"


def test_an_answer_elsewhere_waits_in_the_outbox(say: Any, jun: Staff, key: str) -> None:
    mention = say()
    assert send(mention, jun, key).state == "waiting"
    delivery = Delivery.objects.get(channel="answer")
    assert (delivery.key, delivery.route) == (key, "answer:x")
    assert delivery.payload["text"] == SORRY and delivery.payload["native_id"] == mention.native_id
    assert not Comment.objects.exists()


def test_what_the_outbox_did_is_taken_over(say: Any, jun: Staff) -> None:
    gone, refused, held = say(), say(author_id="2"), say(author_id="3", source="reddit")
    keys = [str(uuid.uuid4()) for _ in range(3)]
    for mention, key in zip((gone, refused, held), keys, strict=True):
        send(mention, jun, key)
    deliver_due({"answer:x": lambda payload, key: f"x-{key}"}, timezone.now())
    Delivery.objects.filter(key=keys[1]).update(state="failed", reason="the post is gone")
    assert actions.settle_answers() == 2
    assert actions.settle_answers() == 0
    states = dict(Reply.objects.values_list("key", "state"))
    assert [states[key] for key in keys] == ["sent", "failed", "waiting"]
    assert Reply.objects.get(key=keys[1]).reason == "the post is gone"


def test_the_same_key_sends_once(review: Any, jun: Staff, key: str) -> None:
    mention = review()
    first = send(mention, jun, key)
    again = send(mention, jun, key, text="다른 글", version=2)
    assert (again.outcome, again.reply_id, again.text) == ("known", first.reply_id, SORRY)
    assert Comment.objects.count() == Reply.objects.count() == 1


def test_many_clicks_at_once_send_once(review: Any, jun: Staff, key: str) -> None:
    mention = review()
    connection.close()
    outcomes = at_once([lambda: send(mention, jun, key)] * 6)
    assert sorted(outcome.outcome for outcome in outcomes) == ["known"] * 5 + ["sent"]
    assert len({outcome.reply_id for outcome in outcomes}) == 1
    assert Comment.objects.count() == Reply.objects.count() == 1
    assert len([fact for fact in facts_since(0) if fact.kind == "reply_sent"]) == 1


def test_of_two_who_answer_at_once_the_second_is_told(review: Any, mina: Staff, jun: Staff) -> None:
    mention = review()
    connection.close()
    one, two = str(uuid.uuid4()), str(uuid.uuid4())
    outcomes = at_once(
        [
            lambda: send(mention, mina, one, "미나의 답변이에요."),
            lambda: send(mention, jun, two, "준호의 답변이에요."),
        ]
    )
    assert sorted(outcome.outcome for outcome in outcomes) == ["overtaken", "sent"]
    assert Reply.objects.count() == Comment.objects.count() == 1
    page = conversation(mention.conversation_id, mina.member_id)
    assert page is not None
    assert [type(turn).__name__ for turn in page.since(1)] == ["Answered"]


def test_an_answer_that_dies_half_way_leaves_nothing_and_goes_again(
    review: Any, jun: Staff, key: str
) -> None:
    mention = review()
    before = facts_since(0)
    with pytest.raises(RuntimeError), transaction.atomic():
        send(mention, jun, key)
        raise RuntimeError("the power is gone before the commit")
    assert not Reply.objects.exists() and not Comment.objects.exists()
    assert facts_since(0) == before
    assert send(mention, jun, key).outcome == "sent"


def test_a_post_that_was_taken_back_cannot_be_answered(review: Any, jun: Staff, key: str) -> None:
    mention = review()
    post = Review.objects.get()
    assert post.author is not None
    remove_review(post.author, post.pk)
    with pytest.raises(CommunityError):
        send(mention, jun, key)
    case = Conversation.objects.get()
    assert (case.state, case.version) == ("open", 1) and not Reply.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n ", "아" * 4001, "물\x00이"])
def test_words_that_cannot_be_sent_are_refused(
    review: Any, jun: Staff, key: str, text: str
) -> None:
    with pytest.raises(CommunityError):
        send(review(), jun, key, text=text)
    assert not Reply.objects.exists()


def test_a_key_and_a_mention_belong_to_one_answer(
    say: Any, mina: Staff, jun: Staff, key: str
) -> None:
    mine, other = say(), say(author_id="2")
    send(mine, jun, key)
    for mention, by in ((mine, mina), (other, jun)):
        with pytest.raises(CommunityError):
            send(mention, by, key, version=mention.conversation.version)
    with pytest.raises(CommunityError):
        actions.send_reply(
            other.conversation_id,
            mine.mention_id,
            SORRY,
            str(uuid.uuid4()),
            1,
            Actor(jun.member_id),
        )
    for wrong in ("", "short", "한글 열쇠는 안 되는 열쇠예요 정말로", "a" * 65, "a" * 20 + "\n"):
        with pytest.raises(CommunityError):
            send(other, jun, wrong)


def test_a_turn_of_the_conversation_overtakes_who_was_writing(
    say: Any, mina: Staff, jun: Staff, key: str
) -> None:
    mention = say()
    say(text="아직도 안 왔어요.")
    assert send(mention, jun, key).outcome == "overtaken"
    actions.close_conversation(mention.conversation_id, Actor(mina.member_id))
    assert send(mention, jun, key, version=2).outcome == "overtaken"
    assert send(mention, jun, key, version=3).outcome == "sent"


def test_thanks_come_back(review: Any, join: Any, jun: Staff, key: str) -> None:
    author = join("최지우")
    mention = review(author)
    assert actions.note_thanks(mention.mention_id) is False, "nobody has answered yet"
    send(mention, jun, key)
    give_thanks(author, Comment.objects.get(is_official=True).pk)
    assert Reply.objects.get().thanked_at is not None
    assert actions.note_thanks(mention.mention_id) is False, "once is enough"


def test_drafts_are_each_ones_own_and_newer_ones_are_kept(
    say: Any, mina: Staff, jun: Staff, key: str
) -> None:
    case = say().conversation_id
    mine, theirs = Actor(jun.member_id), Actor(mina.member_id)
    first = actions.save_draft(case, "기다리게", mine, key, 0)
    assert (first.outcome, first.version) == ("saved", 1)
    actions.save_draft(case, "안녕하세요", theirs, str(uuid.uuid4()), 0)
    assert actions.save_draft(case, "기다리게 해서", mine, key, 1).version == 2
    late = actions.save_draft(case, "기다", mine, key, 1)
    assert (late.outcome, late.text) == ("newer", "기다리게 해서")
    assert actions.save_draft(case, "버튼으로 저장", mine, key).outcome == "saved"
    page = conversation(case, jun.member_id)
    assert page is not None and page.draft.text == "버튼으로 저장" and page.draft.key == key
    assert page.writing == ("이미나",)


def test_a_draft_that_comes_after_its_answer_is_not_kept(say: Any, jun: Staff, key: str) -> None:
    mention = say()
    send(mention, jun, key)
    late = actions.save_draft(mention.conversation_id, "기다리게", Actor(jun.member_id), key, 0)
    assert late.outcome == "sent" and not Draft.objects.exists()


def test_assigning_closing_and_reopening_are_decisions(
    say: Any, mina: Staff, jun: Staff, sora: Staff
) -> None:
    case, by = say().conversation_id, Actor(mina.member_id)
    assert actions.assign(case, jun.member_id, by) is True
    assert actions.assign(case, jun.member_id, by) is False
    with pytest.raises(CommunityError):
        actions.assign(case, sora.member_id, by)
    with pytest.raises(CommunityError):
        actions.assign(case, 4711, by)
    assert actions.close_conversation(case, by, why="중복이에요") == "open"
    assert actions.close_conversation(case, by) == ""
    assert actions.reopen(case, by, "answered") is True
    with pytest.raises(CommunityError):
        actions.reopen(case, by, "closed")
    for missing in (4711, 2**62):
        with pytest.raises(CommunityError):
            actions.close_conversation(missing, by)
    acts = [line.action for line in reversed(audit_trail("conversation", case))]
    assert acts == ["assign_conversation", "close_conversation", "reopen_conversation"]
    kinds = [fact.kind for fact in facts_since(0)]
    assert kinds == ["conversation_opened", "conversation_closed", "conversation_reopened"]


def test_who_leaves_takes_their_conversations_along(
    say: Any, review: Any, jun: Staff, key: str
) -> None:
    gone, kept = say(author_id="1"), say(author_id="2")
    customer = say(source="naver", author_id="sky", customer_id="C-7")
    say(source="x", author_id="9", customer_id="C-7")
    send(gone, jun, key)
    assert actions.forget_person(authors=[("x", "1"), ("x", "")]) == 1
    assert actions.forget_person(authors=[("x", "9")]) == 1, "a customer is one person everywhere"
    assert actions.forget_person(customer_id="") == 0
    left = set(Conversation.objects.values_list("pk", flat=True))
    assert left == {kept.conversation_id} and customer.conversation_id not in left
    assert not Reply.objects.exists() and not Delivery.objects.exists()


def test_a_post_taken_back_leaves_no_words(review: Any, say: Any) -> None:
    mention = review()
    assert actions.forget_post("community", mention.native_id) is True
    assert actions.forget_post("community", mention.native_id) is False
    assert actions.forget_post("community", "review-999") is False
    row = CaseMention.objects.get()
    assert (row.text, row.url) == ("", "")
    assert Conversation.objects.get().state == "closed"
