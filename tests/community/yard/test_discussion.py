"""Comments and official answers: said once, counted, told, thanked for, taken away."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.belts.facts import facts_since
from community.decisions.actions import COMMAND_LINE, Actor
from community.discussion.actions import (
    comment,
    edit_comment,
    give_thanks,
    post_official_answer,
    remove_comment,
)
from community.discussion.models import Comment
from community.discussion.queries import (
    answered_member,
    comment_line,
    comments_page,
    official_answer,
    thread_of,
)
from community.errors import CommunityError
from community.ideas.actions import propose_idea
from community.ideas.queries import idea
from community.members.models import Member
from community.notices.queries import notices_page, unread_count
from community.outbox.models import Delivery
from community.queries import Staff, audit_trail

Join = Callable[..., Member]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def seoyeon(join: Join) -> Member:
    return join("박서연")


@pytest.fixture
def post(seoyeon: Member) -> str:
    return f"idea-{propose_idea(seoyeon, '앱에서 예약', '퇴근 전에 켜 두고 싶어요.')}"


def counted(post: str) -> int:
    page = idea(int(post.removeprefix("idea-")))
    assert page is not None
    return page.idea.comments


def test_comments_stand_below_in_the_order_they_were_written(
    join: Join, seoyeon: Member, post: str
) -> None:
    dohyun = join("김도현")
    first = comment(dohyun, post, "저는 매일 쓸 것 같아요.")
    second = comment(seoyeon, f"comment-{first}", "그렇죠? 여름엔 더요.")
    lines = comments_page(post, viewer=dohyun.pk).comments
    assert [(line.comment_id, line.answers) for line in lines] == [
        (first, ""),
        (second, f"comment-{first}"),
    ]
    assert lines[0].is_mine and not lines[1].is_mine and not lines[0].is_official
    assert counted(post) == 2 and thread_of(second) == post
    written = [fact.subject for fact in facts_since(1)]
    assert written == [f"comment-{first}", f"comment-{second}"]


def test_who_is_answered_is_told_and_nobody_of_their_own_words(
    join: Join, seoyeon: Member, post: str
) -> None:
    dohyun = join("김도현")
    comment(seoyeon, post, "덧붙이자면 주말에도요.")
    assert unread_count(seoyeon.pk) == 0
    said = comment(dohyun, post, "좋은 생각이에요.")
    comment(seoyeon, f"comment-{said}", "고마워요!")
    (told,) = notices_page(seoyeon.pk).notices
    assert (told.kind, told.path) == ("comment", f"/{post.replace('-', 's/')}#comment-{said}")
    assert unread_count(dohyun.pk) == 1


def test_the_same_words_sent_twice_are_one_comment(join: Join, post: str) -> None:
    dohyun = join("김도현")
    first = comment(dohyun, post, "좋아요!", now=NOW)
    assert comment(dohyun, post, " 좋아요! ", now=NOW + timedelta(minutes=1)) == first
    assert comment(dohyun, f"comment-{first}", "좋아요!", now=NOW) != first
    assert comment(dohyun, post, "좋아요!", now=NOW + timedelta(days=1)) != first
    assert counted(post) == 3


@pytest.mark.parametrize(
    "name",
    ["idea-99", "comment-99", "idea-0", "idea-1 ", "idea-٣", "king-1", "", f"idea-{'9' * 40}"],
)
def test_what_is_not_there_is_not_commented_on(seoyeon: Member, name: str) -> None:
    with pytest.raises(CommunityError):
        comment(seoyeon, name, "여기 있나요?")
    with pytest.raises(CommunityError):
        post_official_answer(name, "답변드립니다.", COMMAND_LINE, "key")
    assert not Comment.objects.exists()


def test_only_its_author_changes_or_removes_a_comment(
    join: Join, mina: Staff, seoyeon: Member, post: str
) -> None:
    dohyun = join("김도현")
    said = comment(dohyun, post, "좋아요!")
    for act in (
        lambda: edit_comment(seoyeon, said, "싫어요!"),
        lambda: remove_comment(seoyeon, said),
    ):
        with pytest.raises(CommunityError):
            act()
    edit_comment(dohyun, said, "아주 좋아요! 010-1234-5678")
    line = comment_line(said)
    assert line is not None and line.text == "아주 좋아요! [phone]" and line.edited_at is not None
    remove_comment(Member.objects.get(pk=mina.member_id), said, "전화번호를 적으셔서 내렸어요.")
    assert comment_line(said) is None and comments_page(post).comments == ()
    assert counted(post) == 0
    removed = notices_page(dohyun.pk).notices[0]
    assert (removed.kind, removed.title) == ("removed", "앱에서 예약")
    assert audit_trail("comment", said)[0].why == "전화번호를 적으셔서 내렸어요."
    remove_comment(dohyun, said)
    assert counted(post) == 0
    kinds = [fact.kind for fact in facts_since(1)]
    assert kinds == ["post_written", "post_edited", "post_removed"]


def test_an_official_answer_is_given_once_and_its_reader_told(
    mina: Staff, seoyeon: Member, post: str
) -> None:
    by = Actor(mina.member_id)
    text = "다음 달 앱에 예약이 들어갑니다. 문의: help@haedam.example"
    number = post_official_answer(post, text, by, "key-1")
    assert post_official_answer(post, "다른 말", by, "key-1") == number
    (line,) = comments_page(post, viewer=seoyeon.pk).comments
    assert line.is_official and line.can_thank and line.text == text  # the company's own address
    assert line.author is not None and (line.author.name, line.author.is_staff) == ("이미나", True)
    (notice,) = notices_page(seoyeon.pk).notices
    assert (notice.kind, notice.data) == ("official_answer", {"comment": number})
    (job,) = Delivery.objects.all()
    assert job.payload == {"template": "official_answer", "comment": number}
    assert official_answer(number) == (text, f"/{post.replace('-', 's/')}#comment-{number}")
    assert answered_member(number) == seoyeon and official_answer(number + 1) is None
    assert [line.detail for line in audit_trail("idea")] == [{"comment": number}]
    assert counted(post) == 1


def test_one_answer_whatever_number_of_hands_send_it(mina: Staff, post: str) -> None:
    start, given, failed = threading.Barrier(4), [], []

    def send() -> None:
        try:
            start.wait(20)
            given.append(post_official_answer(post, "곧 됩니다.", Actor(mina.member_id), "same"))
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and len(given) == 4 and len(set(given)) == 1
    assert Comment.objects.count() == 1 and counted(post) == 1 and Delivery.objects.count() == 1


def test_customers_give_no_official_answers(seoyeon: Member, post: str) -> None:
    with pytest.raises(CommunityError):
        post_official_answer(post, "제가 회사입니다.", Actor(seoyeon.pk), "key")


def test_thanks_are_given_once_by_the_one_who_was_answered(
    join: Join, mina: Staff, seoyeon: Member, post: str
) -> None:
    dohyun = join("김도현")
    said = comment(dohyun, post, "예약이 왜 안 되나요?")
    number = post_official_answer(f"comment-{said}", "곧 됩니다.", Actor(mina.member_id), "k")
    with pytest.raises(CommunityError):
        give_thanks(seoyeon, number)  # whose idea it is, but not whose question it was
    with pytest.raises(CommunityError):
        give_thanks(dohyun, said)
    assert [line.can_thank for line in comments_page(post, viewer=seoyeon.pk).comments] == [
        False
    ] * 2
    give_thanks(dohyun, number)
    give_thanks(dohyun, number)
    line = comments_page(post, viewer=dohyun.pk).comments[1]
    assert line.thanked_at is not None and not line.can_thank
    thanks = [fact for fact in facts_since(0) if fact.kind == "thanks_given"]
    from warehouse.records import mention_id

    assert [(fact.subject, fact.body) for fact in thanks] == [
        (str(mention_id("community", f"comment-{said}")), {"member": dohyun.public_id})
    ]
    assert notices_page(mina.member_id).notices[0].kind == "thanks"


def test_long_threads_come_in_pages_at_the_same_cost(
    join: Join, mina: Staff, seoyeon: Member, post: str
) -> None:
    dohyun, number = join("김도현"), int(post.removeprefix("idea-"))
    Comment.objects.bulk_create(
        Comment(
            author=dohyun,
            idea_id=number,
            text=f"{n}번째",
            is_official=n % 2 == 0,
            answers=post if n % 2 == 0 else "",
        )
        for n in range(300)
    )
    counts = []
    for size in (10, 300):
        with CaptureQueriesContext(connection) as captured:
            assert len(comments_page(post, viewer=seoyeon.pk, size=size).comments) == size
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 2
    page = comments_page(post, size=200)
    rest = comments_page(post, page.after, size=200)
    texts = [line.text for line in page.comments + rest.comments]
    assert texts == [f"{n}번째" for n in range(300)] and rest.after is None
