"""Ideas: posted, voted for, moved on, and their voters told."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from community.belts.facts import facts_since
from community.decisions.actions import COMMAND_LINE, Actor
from community.discussion.actions import comment, post_official_answer
from community.discussion.models import Comment
from community.errors import CommunityError
from community.ideas.actions import (
    change_status,
    edit_idea,
    propose_idea,
    remove_idea,
    vote_idea,
    withdraw_vote,
)
from community.ideas.heat import HALF_LIFE, weight
from community.ideas.models import Idea, StatusChange, Vote
from community.ideas.queries import (
    ORDERS,
    IdeaPage,
    idea,
    idea_counts,
    ideas_page,
    people_told,
    status_change,
)
from community.members.models import Member
from community.notices.queries import notices_page, unread_count
from community.outbox.models import Delivery
from community.queries import Staff, audit_trail

Join = Callable[..., Member]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TITLE, TEXT = "물통을 더 크게 만들어 주세요", "매일 물을 두 번씩 채워요. 6리터쯤이면 좋겠어요."


def found(number: int, viewer: int | None = None) -> IdeaPage:
    page = idea(number, viewer)
    assert page is not None
    return page


def crowd(count: int) -> list[Member]:
    people = [Member(email=f"many{n}@example.kr", name=f"회원 {n}") for n in range(count)]
    return Member.objects.bulk_create(people)


def test_an_idea_is_shown_as_it_was_proposed(join: Join) -> None:
    seoyeon = join("박서연")
    number = propose_idea(seoyeon, f"  {TITLE}\n", f"{TEXT}\r\n\r\n\r\n\r\n부탁드려요  ", now=NOW)
    shown = found(number, seoyeon.pk).idea
    assert (shown.title, shown.text) == (TITLE, f"{TEXT}\n\n부탁드려요")
    assert (shown.status, shown.votes, shown.comments, shown.evidence) == ("open", 0, 0, 0)
    assert shown.author is not None
    assert (shown.author.name, shown.author.public_id) == ("박서연", seoyeon.public_id)
    assert shown.is_mine and shown.can_vote and not shown.my_vote and not shown.author.is_staff
    assert (shown.created_at, shown.language, shown.native_id) == (NOW, "ko", f"idea-{number}")
    (fact,) = facts_since(0)
    assert (fact.kind, fact.subject, fact.body) == (
        "post_written",
        f"idea-{number}",
        {"author": seoyeon.public_id},
    )


def test_a_form_sent_twice_proposes_once(join: Join) -> None:
    seoyeon, dohyun = join(), join("김도현")
    first = propose_idea(seoyeon, TITLE, TEXT, now=NOW)
    assert propose_idea(seoyeon, TITLE, TEXT, now=NOW + timedelta(minutes=5)) == first
    assert propose_idea(dohyun, TITLE, TEXT, now=NOW) != first
    assert propose_idea(seoyeon, TITLE, TEXT, now=NOW + timedelta(hours=2)) != first
    assert len(facts_since(0)) == 3


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", TEXT),
        (TITLE, " \n\t "),
        (TITLE, "\u200b\u2800\u3164"),
        ("가" * 121, TEXT),
        (TITLE, "가" * 4001),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(join: Join, title: str, text: str) -> None:
    with pytest.raises(CommunityError):
        propose_idea(join(), title, text)
    assert not Idea.objects.exists() and facts_since(0) == ()


def test_who_has_no_open_account_may_not_write_or_vote(join: Join) -> None:
    seoyeon, gone = join(), join("나간 사람")
    number = propose_idea(seoyeon, TITLE, TEXT)
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(CommunityError):
        propose_idea(gone, TITLE, TEXT)
    with pytest.raises(CommunityError):
        vote_idea(gone, number)
    assert found(number).idea.votes == 0


def test_staff_posts_are_marked_as_such(mina: Staff) -> None:
    member = Member.objects.get(pk=mina.member_id)
    author = found(propose_idea(member, TITLE, TEXT)).idea.author
    assert author is not None and author.is_staff


def test_a_vote_counts_once_and_can_be_taken_back(join: Join) -> None:
    seoyeon, dohyun = join(), join("김도현")
    number = propose_idea(seoyeon, TITLE, TEXT, now=NOW)
    assert [vote_idea(dohyun, number, now=NOW), vote_idea(dohyun, number, now=NOW)] == [1, 1]
    assert vote_idea(seoyeon, number, now=NOW) == 2
    assert found(number, dohyun.pk).idea.my_vote and not found(number).idea.my_vote
    assert [withdraw_vote(dohyun, number), withdraw_vote(dohyun, number)] == [1, 1]
    assert not found(number, dohyun.pk).idea.my_vote
    told = [(fact.kind, fact.body) for fact in facts_since(1)]
    assert told == [
        ("vote_cast", {"member": dohyun.public_id}),
        ("vote_cast", {"member": seoyeon.public_id}),
        ("vote_withdrawn", {"member": dohyun.public_id}),
    ]


def test_decided_and_missing_ideas_take_no_votes(join: Join) -> None:
    seoyeon = join()
    number = propose_idea(seoyeon, TITLE, TEXT)
    change_status(number, "done", "새 모델의 물통은 6리터입니다.", COMMAND_LINE)
    assert not found(number).idea.can_vote
    for missing in (number, 999_999, 10**30):
        with pytest.raises(CommunityError):
            vote_idea(seoyeon, missing)
    with pytest.raises(CommunityError):
        withdraw_vote(seoyeon, 10**30)
    assert idea(10**30) is None
    assert not Vote.objects.exists()


def test_votes_at_the_same_time_are_all_counted_and_none_twice(join: Join) -> None:
    number = propose_idea(join(), TITLE, TEXT)
    people = crowd(6)
    failed: list[BaseException] = []
    start = threading.Barrier(len(people) * 2)

    def press(member: Member) -> None:
        try:
            start.wait(20)
            vote_idea(member, number)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    # Everyone presses twice at the same moment.
    threads = [threading.Thread(target=press, args=(member,)) for member in people * 2]
    close_old_connections()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert found(number).idea.votes == Vote.objects.filter(idea_id=number).count() == 6
    cast = [fact.sequence for fact in facts_since(0) if fact.kind == "vote_cast"]
    assert cast == [2, 3, 4, 5, 6, 7]


def test_counters_are_the_truth_after_everything_at_once(join: Join) -> None:
    number = propose_idea(join(), TITLE, TEXT)
    people = crowd(4)
    failed: list[BaseException] = []
    start = threading.Barrier(len(people))

    def act(member: Member, seed: int) -> None:
        rng = Random(seed)
        try:
            start.wait(20)
            for step in range(12):
                match rng.randrange(4):
                    case 0 | 1:
                        vote_idea(member, number)
                    case 2:
                        withdraw_vote(member, number)
                    case _:
                        comment(member, f"idea-{number}", f"{seed}-{step}")
            change_status(number, "planned", f"{seed}번째 이유", COMMAND_LINE)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(each, n)) for n, each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    row = Idea.objects.get(pk=number)
    votes = list(Vote.objects.filter(idea_id=number).values_list("at", flat=True))
    assert row.votes == len(votes)
    assert row.comments == Comment.objects.filter(idea_id=number).count()
    assert row.heat == pytest.approx(weight(row.created_at) + sum(map(weight, votes)))
    facts = facts_since(0)
    assert [fact.sequence for fact in facts] == list(range(1, len(facts) + 1))
    told = Counter(fact.kind for fact in facts)
    assert told["vote_cast"] - told["vote_withdrawn"] == row.votes
    assert told["idea_status"] == len(people) == StatusChange.objects.count()


def test_trending_is_the_order_of_votes_that_fade(join: Join) -> None:
    seoyeon, people = join(), crowd(5)
    old = propose_idea(seoyeon, "예전에 인기 있던 것", TEXT, now=NOW - 12 * HALF_LIFE)
    for voter in people:
        vote_idea(voter, old, now=NOW - 12 * HALF_LIFE)
    quiet = propose_idea(seoyeon, "아무도 모르는 것", TEXT, now=NOW - 3 * HALF_LIFE)
    fresh = propose_idea(seoyeon, "요즘 뜨는 것", TEXT, now=NOW - 2 * HALF_LIFE)
    for voter in people[:2]:
        vote_idea(voter, fresh, now=NOW)
    assert [line.idea_id for line in ideas_page("trending").ideas] == [fresh, quiet, old]
    assert [line.idea_id for line in ideas_page("votes").ideas] == [old, fresh, quiet]
    assert [line.idea_id for line in ideas_page("newest").ideas] == [fresh, quiet, old]
    # The sum kept is the sum of today's worth, up to a factor that is the same for all.
    worth = sum(0.5 ** ((NOW - at) / HALF_LIFE) for at in (NOW, NOW, NOW - 2 * HALF_LIFE))
    assert Idea.objects.get(pk=fresh).heat / weight(NOW) == pytest.approx(worth)
    withdraw_vote(people[0], fresh)
    assert Idea.objects.get(pk=fresh).heat / weight(NOW) == pytest.approx(worth - 1)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("status", [None, "planned"])
def test_pages_in_every_order_show_each_idea_once(
    join: Join, order: str, status: str | None
) -> None:
    author = join()
    Idea.objects.bulk_create(
        Idea(
            author=author,
            title=f"제안 {n}",
            text=TEXT,
            votes=n % 3,
            heat=(n % 4) * 1e12 / 7,
            created_at=NOW - timedelta(microseconds=n % 5),
            status="planned" if n % 2 else "open",
        )
        for n in range(40)
    )
    seen: list[int] = []
    after: str | None = None
    while True:
        page = ideas_page(order, status, after, size=3)
        seen += [line.idea_id for line in page.ideas]
        if page.after is None:
            break
        after = page.after
    rows = Idea.objects.all() if status is None else Idea.objects.filter(status=status)
    key = f"-{ORDERS[order].column}"
    assert seen == list(rows.order_by(key, "-id").values_list("pk", flat=True))


def test_an_unknown_order_or_status_is_refused() -> None:
    with pytest.raises(CommunityError):
        ideas_page("random()")
    with pytest.raises(CommunityError):
        ideas_page("votes", "gone'; --")


def test_only_its_author_changes_an_idea_and_only_before_it_is_reviewed(join: Join) -> None:
    seoyeon, dohyun = join(), join("김도현")
    number = propose_idea(seoyeon, TITLE, TEXT)
    with pytest.raises(CommunityError):
        edit_idea(dohyun, number, "내 것으로", TEXT)
    edit_idea(seoyeon, number, TITLE, TEXT)
    assert found(number).idea.edited_at is None
    edit_idea(seoyeon, number, TITLE, "8리터면 더 좋겠어요.")
    shown = found(number).idea
    assert shown.text == "8리터면 더 좋겠어요." and shown.edited_at is not None
    assert [fact.kind for fact in facts_since(0)] == ["post_written", "post_edited"]
    change_status(number, "under_review", "살펴보고 있어요.", COMMAND_LINE)
    with pytest.raises(CommunityError):
        edit_idea(seoyeon, number, TITLE, "다른 이야기로 바꿀래요.")


def test_its_author_removes_an_idea_and_the_words_are_gone(join: Join) -> None:
    seoyeon, dohyun = join(), join("김도현")
    number = propose_idea(seoyeon, TITLE, TEXT)
    said = comment(dohyun, f"idea-{number}", "저도 필요해요.")
    with pytest.raises(CommunityError):
        remove_idea(dohyun, number)
    remove_idea(seoyeon, number)
    remove_idea(seoyeon, number)
    page = found(number)
    assert page.removal is not None and (page.removal.by, page.removal.reason) == ("author", "")
    assert (page.idea.title, page.idea.text, page.answers) == ("", "", ())
    row = Idea.objects.get(pk=number)
    assert (row.title, row.text) == ("", "")
    assert ideas_page("newest").ideas == ()
    removed = [fact.subject for fact in facts_since(0) if fact.kind == "post_removed"]
    assert removed == [f"idea-{number}", f"comment-{said}"]


def test_staff_remove_with_a_reason_that_the_author_reads(join: Join, mina: Staff) -> None:
    seoyeon, staff = join(), Member.objects.get(pk=mina.member_id)
    number = propose_idea(seoyeon, TITLE, TEXT)
    with pytest.raises(CommunityError):
        remove_idea(staff, number)
    remove_idea(staff, number, "광고 글이라 내렸습니다.")
    page = found(number)
    assert page.removal is not None
    assert (page.removal.by, page.removal.reason) == ("staff", "광고 글이라 내렸습니다.")
    assert (page.idea.title, page.idea.text) == ("", "")
    (notice,) = notices_page(seoyeon.pk).notices
    assert (notice.kind, notice.title) == ("removed", None)
    assert notice.data == {"reason": "광고 글이라 내렸습니다."}
    (line,) = audit_trail("idea", number)
    assert (line.action, line.member_id) == ("remove_post", mina.member_id)


def test_everybody_concerned_is_told_of_a_status_once(join: Join, mina: Staff) -> None:
    seoyeon, people = join(), crowd(40)
    number = propose_idea(seoyeon, TITLE, TEXT)
    Vote.objects.bulk_create(Vote(idea_id=number, member=voter) for voter in people)
    vote_idea(seoyeon, number)  # author and voter, told once
    Member.objects.filter(pk=people[0].pk).update(is_active=False)
    by = Actor(mina.member_id)
    assert change_status(number, "planned", "내년 봄 모델에 넣을게요.", by) == 40
    assert change_status(number, "planned", "내년 봄 모델에 넣을게요.", by) == 0
    assert unread_count(people[0].pk) == 0
    for member in (seoyeon, people[1], people[-1]):
        (notice,) = notices_page(member.pk).notices
        assert (notice.kind, notice.path, notice.title) == (
            "idea_status",
            f"/ideas/{number}",
            TITLE,
        )
        assert notice.data["status"] == "planned" and not notice.is_read
    change = StatusChange.objects.get()
    (job,) = Delivery.objects.all()
    assert (job.channel, job.key) == ("mail", f"idea-status-{change.pk}")
    assert job.payload == {"template": "idea_status", "idea": number, "change": change.pk}
    (line,) = audit_trail("idea", number)
    assert (line.action, line.detail["told"]) == ("change_status", 40)
    fact = facts_since(0)[-1]
    assert (fact.kind, fact.subject) == ("idea_status", f"idea-{number}")
    assert fact.body == {
        "status": "planned",
        "before": "open",
        "reason": "내년 봄 모델에 넣을게요.",
    }
    (step,) = found(number).history
    assert step.by is not None and (step.by.name, step.told) == ("이미나", 40)


def test_the_people_told_come_in_portions(join: Join) -> None:
    people = crowd(7)
    number = propose_idea(people[3], TITLE, TEXT)
    for voter in (*people[:3], *people[4:]):
        vote_idea(voter, number)
    change_status(number, "planned", "만들기로 했어요.", COMMAND_LINE)
    change = StatusChange.objects.get().pk
    first = people_told(change, 0, 4)
    rest = people_told(change, first[-1].member_id, 4)
    assert [person.email for person in first + rest] == [person.email for person in people]
    step = status_change(change)
    assert step is not None and step.reason == "만들기로 했어요."
    assert people_told(change + 1) == () and status_change(change + 1) is None


def test_a_status_costs_the_same_queries_for_many_voters(join: Join) -> None:
    counts = []
    people = crowd(300)
    for voters in (people[:3], people):
        number = propose_idea(join(), TITLE, TEXT)
        Vote.objects.bulk_create(Vote(idea_id=number, member=voter) for voter in voters)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert change_status(number, "planned", "만들게요.", COMMAND_LINE) == len(voters) + 1
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("status", "reason"), [("king", "이유"), ("planned", "  "), ("planned", "가" * 1001)]
)
def test_a_status_that_does_not_fit_changes_nothing(join: Join, status: str, reason: str) -> None:
    number = propose_idea(join(), TITLE, TEXT)
    with pytest.raises(CommunityError):
        change_status(number, status, reason, COMMAND_LINE)
    assert found(number).idea.status == "open" and not Delivery.objects.exists()


def test_customers_do_not_change_a_status(join: Join) -> None:
    seoyeon = join()
    number = propose_idea(seoyeon, TITLE, TEXT)
    with pytest.raises(CommunityError):
        change_status(number, "planned", "제가 정할게요.", Actor(seoyeon.pk))


def test_the_newest_official_word_stands_beside_an_idea(join: Join, mina: Staff) -> None:
    number, by = propose_idea(join(), TITLE, TEXT), Actor(mina.member_id)
    assert ideas_page("votes").ideas[0].official is None
    post_official_answer(f"idea-{number}", "의견 고맙습니다.", by, "key-1")
    official = ideas_page("votes").ideas[0].official
    assert official is not None and official.text == "의견 고맙습니다."
    change_status(number, "under_review", "검토를 시작했어요.", by)
    official = ideas_page("votes").ideas[0].official
    assert official is not None and official.text == "검토를 시작했어요."
    assert idea_counts()["under_review"] == 1 and sum(idea_counts().values()) == 1


@pytest.mark.parametrize("viewer", [True, False])
def test_a_page_costs_the_same_queries_whatever_it_shows(join: Join, viewer: bool) -> None:
    people = crowd(10)
    Idea.objects.bulk_create(
        Idea(author=people[n % 10], title=f"제안 {n}", text=TEXT) for n in range(300)
    )
    reader = people[0].pk if viewer else None
    counts = []
    for size in (10, 300):
        with CaptureQueriesContext(connection) as captured:
            assert len(ideas_page("votes", viewer=reader, size=size).ideas) == size
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4


def test_a_page_reads_the_index_of_its_order() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan of an empty table says nothing on PostgreSQL")
    for name, order in ORDERS.items():
        for status in (None, "planned"):
            rows = Idea.objects.filter(removed_at__isnull=True)
            rows = rows.filter(status=status) if status else rows
            plan = rows.order_by(f"-{order.column}", "-id")[:20].explain()
            assert "USING INDEX idea_" in plan and "TEMP B-TREE" not in plan, (name, plan)
