"""What the yard tells the collector, and what it forgets of who leaves."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from community.catalogue.models import Product
from community.decisions.actions import COMMAND_LINE, Actor
from community.discussion.actions import comment, post_official_answer
from community.discussion.models import Comment
from community.ideas.actions import edit_idea, propose_idea, remove_idea, vote_idea
from community.ideas.models import Idea, Vote
from community.members.models import Member
from community.queries import Staff
from community.reviews.actions import mark_helpful, remove_review, write_review
from community.reviews.models import Review
from community.yard.privacy import forget_in_yard, yard_data
from community.yard.queries import Post, PostsPage, posts_since

Join = Callable[..., Member]


@pytest.fixture
def cleaner() -> int:
    return Product.objects.create(name="해담 숨 5").pk


def read_all(limit: int) -> list[PostsPage]:
    pages = [posts_since(0, limit)]
    while pages[-1].sequence != (page := posts_since(pages[-1].sequence, limit)).sequence:
        pages.append(page)
    return pages


def test_every_post_is_told_with_what_a_mention_needs(
    join: Join, mina: Staff, cleaner: int
) -> None:
    seoyeon, dohyun = join("박서연"), join("김도현")
    number = write_review(seoyeon, cleaner, 2, "소음이 커요. 010-1234-5678", "아쉬워요")
    said = comment(dohyun, f"review-{number}", "저도 그래요.")
    answer = post_official_answer(f"review-{number}", "살펴보겠습니다.", COMMAND_LINE, "k")
    back = comment(seoyeon, f"comment-{answer}", "기다릴게요.")
    mark_helpful(dohyun, number)
    wish = propose_idea(Member.objects.get(pk=mina.member_id), "밤 모드", "더 조용하게.")
    page = posts_since(0)
    assert page.removed == () and page.sequence == 4
    review, first, second, idea = page.posts
    assert review == Post(
        native_id=f"review-{number}",
        kind="review",
        path=f"/reviews/{number}",
        thread_id=f"review-{number}",
        parent_id=None,
        author_id=seoyeon.public_id,
        author_name="박서연",
        title="아쉬워요",
        text="소음이 커요. [phone]",
        rating=2,
        product="해담 숨 5",
        created_at=Review.objects.get().created_at,
        likes=1,
        replies=3,
        is_official=False,
    )
    assert (first.native_id, first.thread_id, first.parent_id) == (
        f"comment-{said}",
        f"review-{number}",
        f"review-{number}",
    )
    assert (second.native_id, second.parent_id) == (f"comment-{back}", f"comment-{answer}")
    assert second.path == f"/reviews/{number}#comment-{back}"
    assert (idea.native_id, idea.is_official, idea.title) == (f"idea-{wish}", True, "밤 모드")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_reading_in_pages_ends_in_the_same_state(join: Join, cleaner: int, limit: int) -> None:
    seoyeon, dohyun = join("박서연"), join("김도현")
    kept = propose_idea(seoyeon, "앱에서 예약", "퇴근 전에 켜고 싶어요.")
    gone = propose_idea(dohyun, "광고", "사세요.")
    vote_idea(dohyun, kept)
    said = comment(seoyeon, f"idea-{gone}", "이건 광고네요.")
    edit_idea(seoyeon, kept, "앱에서 예약", "주말에도요.")
    review = write_review(seoyeon, cleaner, 5, "좋아요.")
    remove_idea(dohyun, gone)
    remove_review(seoyeon, review)
    vote_idea(seoyeon, kept)
    state: dict[str, str | None] = {}
    for page in read_all(limit):
        state |= {post.native_id: post.text for post in page.posts}
        state |= dict.fromkeys(page.removed)
        assert not {post.native_id for post in page.posts} & set(page.removed)
    assert state == {
        f"idea-{kept}": "주말에도요.",
        f"idea-{gone}": None,
        f"comment-{said}": None,
        f"review-{review}": None,
    }


def test_when_all_is_read_the_next_question_starts_behind_the_votes(join: Join) -> None:
    seoyeon = join()
    assert posts_since(0) == PostsPage((), (), 0)
    number = propose_idea(seoyeon, "앱에서 예약", "퇴근 전에 켜고 싶어요.")
    for _ in range(3):
        vote_idea(join("투표자"), number)
    page = posts_since(0)
    assert page.sequence == 4
    assert posts_since(page.sequence) == PostsPage((), (), 4)
    # A cursor from a store that was set back is kept, and not moved backwards.
    assert posts_since(99) == PostsPage((), (), 99)


def test_a_page_of_posts_costs_the_same_queries(join: Join, cleaner: int) -> None:
    seoyeon = join()
    for number in range(30):
        idea = propose_idea(seoyeon, f"제안 {number}", "이랬으면 좋겠어요.")
        comment(seoyeon, f"idea-{idea}", "덧붙여요.")
    counts = []
    for limit in (10, 60):
        with CaptureQueriesContext(connection) as captured:
            assert len(posts_since(0, limit).posts) == limit
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_member_takes_all_along_and_is_forgotten(join: Join, mina: Staff, cleaner: int) -> None:
    seoyeon, dohyun = join("박서연"), join("김도현")
    number = write_review(seoyeon, cleaner, 4, "조용해요.")
    theirs = propose_idea(dohyun, "밤 모드", "더 조용하게.")
    vote_idea(seoyeon, theirs)
    vote_idea(dohyun, theirs)
    said = comment(seoyeon, f"idea-{theirs}", "꼭 필요해요.")
    other = write_review(dohyun, cleaner, 2, "시끄러워요.")
    mark_helpful(seoyeon, other)
    below = comment(dohyun, f"review-{number}", "정말요?")
    data = yard_data(seoyeon.pk)
    assert {name: len(rows) for name, rows in data.items()} == {
        "reviews": 1,
        "ideas": 0,
        "comments": 1,
        "votes": 1,
        "helpful_marks": 1,
        "notices": 1,
    }
    before = posts_since(0).sequence
    with transaction.atomic():
        assert forget_in_yard(seoyeon.pk) == 2
        seoyeon.delete()
    page = posts_since(before)
    assert set(page.removed) == {f"review-{number}", f"comment-{said}", f"comment-{below}"}
    idea = Idea.objects.get(pk=theirs)
    assert (idea.votes, idea.comments, Vote.objects.count()) == (1, 0, 1)
    assert Review.objects.get(pk=other).helpful == 0
    left = [*Review.objects.filter(author=None), *Comment.objects.filter(author=None)]
    assert [row.text for row in left] == ["", ""] and all(row.removed_at for row in left)


def test_what_staff_answered_outlives_who_wrote_it(join: Join, mina: Staff) -> None:
    wish = propose_idea(join(), "밤 모드", "더 조용하게.")
    by = Actor(mina.member_id)
    answer = post_official_answer(f"idea-{wish}", "살펴볼게요.", by, "k")
    assert forget_in_yard(mina.member_id) == 0
    row = Comment.objects.get(pk=answer)
    assert (row.text, row.author, row.is_official, row.removed_at) == (
        "살펴볼게요.",
        None,
        True,
        None,
    )
