"""Notices: many at once, unread until seen, and nobody else's."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.errors import CommunityError
from community.ideas.actions import propose_idea, remove_idea
from community.members.models import Member
from community.notices.actions import mark_read, notify, notify_all
from community.notices.models import Notice
from community.notices.queries import notice, notices_page, unread_count

Join = Callable[..., Member]


@pytest.fixture
def post(join: Join) -> str:
    return f"idea-{propose_idea(join('박서연'), '앱에서 예약', '퇴근 전에 켜 두고 싶어요.')}"


def test_each_is_told_once_and_what_is_seen_is_read(join: Join, post: str) -> None:
    dohyun, sumin = join("김도현"), join("이수민")
    notify([dohyun.pk, sumin.pk, dohyun.pk], "comment", post, {"comment": 7})
    assert (unread_count(dohyun.pk), unread_count(sumin.pk)) == (1, 1)
    (line,) = notices_page(dohyun.pk).notices
    assert (line.title, line.path) == ("앱에서 예약", f"/{post.replace('-', 's/')}#comment-7")
    assert not line.is_read and line.data == {"comment": 7}
    # Nobody reads or marks what is another's.
    assert notice(sumin.pk, line.notice_id) is None
    assert notice(dohyun.pk, line.notice_id) == line
    assert mark_read(sumin, [line.notice_id]) == 0 and unread_count(dohyun.pk) == 1
    assert mark_read(dohyun, [line.notice_id]) == 1 and unread_count(dohyun.pk) == 0
    assert mark_read(sumin) == 1 and mark_read(sumin) == 0
    assert notices_page(dohyun.pk).notices[0].is_read


def test_a_query_of_members_is_told_in_one_statement(post: str) -> None:
    people = [Member(email=f"m{n}@example.kr", name=f"회원 {n}") for n in range(500)]
    Member.objects.bulk_create(people)
    whom = Member.objects.filter(email__startswith="m1").values_list("pk")
    said = {"reason": '따옴표 \' 와 % 와 "줄\n바꿈"', "change": 3}
    with CaptureQueriesContext(connection) as captured:
        assert notify_all(whom, "removed", post, said) == 111
    assert len(captured) == 1
    assert Notice.objects.count() == 111 and Notice.objects.all()[110].data == said
    assert notify_all(Member.objects.none().values_list("pk"), "removed", post, {}) == 0


def test_notices_have_a_kind_that_pages_know(post: str) -> None:
    with pytest.raises(CommunityError):
        notify([1], "gossip", post, {})
    with pytest.raises(CommunityError):
        notify_all(Member.objects.values_list("pk"), "gossip", post, {})


def test_a_notice_quotes_nothing_of_a_post_that_was_removed(join: Join) -> None:
    seoyeon, dohyun = join("박서연"), join("김도현")
    number = propose_idea(seoyeon, "지울 제안", "나중에 지울 거예요.")
    notify([dohyun.pk], "idea_status", f"idea-{number}", {"change": 1, "status": "planned"})
    assert notices_page(dohyun.pk).notices[0].title == "지울 제안"
    remove_idea(seoyeon, number)
    assert notices_page(dohyun.pk).notices[0].title is None


def test_many_notices_come_in_pages_at_the_same_cost(join: Join, post: str) -> None:
    dohyun = join("김도현")
    for number in range(301):
        notify([dohyun.pk], "comment", post, {"comment": number})
    counts = []
    for size in (10, 300):
        with CaptureQueriesContext(connection) as captured:
            page = notices_page(dohyun.pk, size=size)
            assert len(page.notices) == size
        counts.append(len(captured))
    assert counts[0] == counts[1] == 2
    (last,) = notices_page(dohyun.pk, page.after).notices
    assert last.data == {"comment": 0}
