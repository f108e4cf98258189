"""The yard's pages as customers read and write them, without scripts; and what they cost."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.catalogue.models import Product
from community.decisions.actions import Actor
from community.discussion.actions import comment, post_official_answer
from community.ideas.actions import change_status, propose_idea, vote_idea
from community.ideas.models import Idea, Vote
from community.members.models import Member
from community.notices.queries import unread_count
from community.queries import Staff
from community.reviews.actions import write_review
from community.reviews.models import Review

pytestmark = pytest.mark.usefixtures("web")

TEXT = "필터를 갈고 나니 소음이 줄었어요. 다만 물통 뚜껑이 헐거워요."


@pytest.fixture
def product() -> Product:
    return Product.objects.create(name="해담 공기청정기 A3")


def html(response: Any) -> str:
    assert response.status_code == 200, response.content[:400]
    return str(response.content.decode())


def test_the_front_says_what_was_asked_and_what_was_done(
    visitor: Any, join: Any, mina: Staff, product: Product
) -> None:
    idea = propose_idea(join("한지우"), "물통을 크게 해 주세요", "하루에 두 번 채워요.")
    write_review(join("박서연"), product.pk, 4, TEXT, "조용해졌어요")
    change_status(idea, "planned", "내년 봄 모델에 넣기로 했어요.", Actor(mina.member_id))
    page = html(visitor.get("/"))
    for words in ("물통을 크게 해 주세요", "조용해졌어요", "계획됨", "내년 봄 모델", "새 아이디어"):
        assert words in page
    assert "csrfmiddlewaretoken" not in page


def test_an_empty_yard_says_how_to_begin(visitor: Any) -> None:
    assert "처음으로 올려 보세요" in html(visitor.get("/"))
    assert "처음으로 올려 보세요" in html(visitor.get("/ideas"))
    assert "아직 리뷰가 없어요" in html(visitor.get("/reviews"))


def test_a_customer_reviews_a_product(visitor: Any, join: Any, product: Product) -> None:
    visitor.enter(join())
    sent = visitor.submit(
        "/reviews/new", product=str(product.pk), rating="4", title="조용해요", text=TEXT
    )
    review = Review.objects.get()
    assert sent.status_code == 303
    assert sent["Location"] == f"/reviews/{review.pk}?said=review"
    page = html(visitor.get(sent["Location"]))
    assert "리뷰를 올렸어요" in page and "별점 5점 만점에 4점" in page and TEXT in page
    assert visitor.get(f"/reviews/new?product={product.pk}")["Location"].endswith("/edit")


def test_what_does_not_fit_keeps_what_was_typed(visitor: Any, join: Any, product: Product) -> None:
    visitor.enter(join())
    sent = visitor.submit("/reviews/new", product=str(product.pk), text=TEXT)
    page = sent.content.decode()
    assert sent.status_code == 422
    assert TEXT in page and "별점을 1점에서 5점까지" in page and "selected" in page
    assert not Review.objects.exists()


def test_personal_data_is_covered_and_the_author_is_told(visitor: Any, join: Any) -> None:
    visitor.enter(join())
    sent = visitor.submit("/ideas/new", title="전화로 알려 주세요", text="010-1234-5678로 주세요")
    page = html(visitor.get(sent["Location"]))
    assert "010-1234-5678" not in page and "[phone]" in page and "가렸어요" in page


def test_an_author_edits_and_removes(visitor: Any, join: Any, product: Product) -> None:
    member = join()
    number = write_review(member, product.pk, 2, TEXT)
    visitor.enter(member)
    edit = f"/reviews/{number}/edit"
    assert TEXT in html(visitor.get(edit))
    assert visitor.submit(edit, rating="5", text="고쳐 주셔서 좋아졌어요.").status_code == 303
    assert Review.objects.get().rating == 5
    assert "리뷰를 지울까요?" in html(visitor.get(f"/reviews/{number}/remove"))
    assert visitor.submit(f"/reviews/{number}/remove").status_code == 303
    gone = visitor.get(f"/reviews/{number}")
    assert gone.status_code == 410 and "쓴 사람이 지운 글" in gone.content.decode()


def test_a_vote_is_given_and_taken_back_with_and_without_htmx(visitor: Any, join: Any) -> None:
    idea = propose_idea(join("한지우"), "앱에서 필터 수명을 보고 싶어요", "갈 때를 자꾸 놓쳐요.")
    visitor.enter(join())
    place = f"/ideas/{idea}"
    assert visitor.submit(place, f"{place}/vote").status_code == 303
    assert Vote.objects.count() == 1
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', html(visitor.get(place)))
    assert token
    sent = visitor.client.post(
        f"{place}/vote",
        {"csrfmiddlewaretoken": token[1], "back": "1"},
        headers={"HX-Request": "true"},
    )
    assert "<html" not in html(sent) and 'aria-pressed="false"' in html(sent)
    assert not Vote.objects.exists() and Idea.objects.get().votes == 0


def test_a_decided_idea_takes_no_votes(visitor: Any, join: Any, mina: Staff) -> None:
    idea = propose_idea(join("한지우"), "앱 알림", "필요해요.")
    visitor.enter(join())
    place = f"/ideas/{idea}"
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', html(visitor.get(place)))
    assert token
    change_status(idea, "declined", "전파 인증이 어려워요.", Actor(mina.member_id))
    assert "/vote" not in html(visitor.get(place))
    sent = visitor.client.post(f"{place}/vote", {"csrfmiddlewaretoken": token[1]})
    assert sent.status_code == 422 and "더는 표를 받지 않아요" in sent.content.decode()


def test_similar_ideas_are_shown_before_a_second_one_is_posted(visitor: Any, join: Any) -> None:
    propose_idea(join("한지우"), "필터 교체 알림을 보내 주세요", "갈 때를 자꾸 놓쳐요.")
    visitor.enter(join())
    typed = {"title": "필터 교체할 때 알림", "text": "알림이 오면 좋겠어요."}
    asked = visitor.submit("/ideas/new", **typed)
    page = asked.content.decode()
    assert asked.status_code == 200 and "필터 교체 알림을 보내 주세요" in page
    assert "비슷한 아이디어가 이미 있어요" in page and "알림이 오면 좋겠어요." in page
    assert Idea.objects.count() == 1
    assert visitor.submit("/ideas/new", **typed, seen="1").status_code == 303
    assert Idea.objects.count() == 2


def test_similar_ideas_come_while_typing(visitor: Any, join: Any) -> None:
    propose_idea(join(), "필터 교체 알림을 보내 주세요", "갈 때를 자꾸 놓쳐요.")
    part = visitor.client.get("/ideas/similar?text=필터교체", headers={"HX-Request": "true"})
    assert "필터 교체 알림" in html(part) and "<html" not in html(part)
    assert "필터 교체 알림" in html(visitor.get("/ideas/similar?text=필터"))
    nothing = visitor.client.get("/ideas/similar?text=냉장고", headers={"HX-Request": "true"})
    assert "<li" not in html(nothing)


def test_the_answered_reads_and_gives_thanks(
    visitor: Any, join: Any, mina: Staff, product: Product
) -> None:
    member = join()
    number = write_review(member, product.pk, 1, TEXT)
    post_official_answer(
        f"review-{number}", "새 뚜껑을 보내 드릴게요.", Actor(mina.member_id), "k1"
    )
    visitor.enter(member)
    notices = html(visitor.get("/notices"))
    assert "내 글에 공식 답변이 달렸어요" in notices and "읽지 않은 알림 1개" in notices
    (place,) = re.findall(r'action="(/notices/\d+/open)"', notices)
    opened = visitor.submit("/notices", place)
    assert opened["Location"].startswith(f"/reviews/{number}#comment-")
    assert unread_count(member.pk) == 0
    page = html(visitor.get(f"/reviews/{number}"))
    assert "새 뚜껑을 보내 드릴게요." in page and "공식 답변" in page
    (thanks,) = re.findall(r'action="(/comments/\d+/thanks)"', page)
    done = visitor.submit(f"/reviews/{number}", thanks)
    assert "도움이 되었다고 전했어요" in html(visitor.get(done["Location"].split("#")[0]))


def test_comments_are_written_edited_and_removed(visitor: Any, join: Any) -> None:
    idea = propose_idea(join("한지우"), "앱 알림", "필요해요.")
    visitor.enter(join())
    assert visitor.submit(f"/ideas/{idea}", f"/ideas/{idea}/comments", text=" ").status_code == 422
    sent = visitor.submit(f"/ideas/{idea}", f"/ideas/{idea}/comments", text="저도 필요해요.")
    (number,) = re.findall(r"#comment-(\d+)", sent["Location"])
    assert visitor.submit(f"/comments/{number}/edit", text="꼭 필요해요.").status_code == 303
    assert "꼭 필요해요." in html(visitor.get(f"/ideas/{idea}"))
    assert visitor.submit(f"/comments/{number}/remove").status_code == 303
    assert "꼭 필요해요." not in html(visitor.get(f"/ideas/{idea}"))


def test_strangers_are_sent_to_sign_in_and_back(visitor: Any, join: Any) -> None:
    idea = propose_idea(join(), "앱 알림", "필요해요.")
    door = visitor.get("/ideas/new?text=%EB%AC%BC")
    assert door.status_code == 303
    assert door["Location"] == "/account/sign-in?next=%2Fideas%2Fnew%3Ftext%3D%25EB%25AC%25BC"
    assert f"/account/sign-in?next=%2Fideas%2F{idea}" in html(visitor.get(f"/ideas/{idea}"))


def test_filters_have_addresses(visitor: Any, join: Any, product: Product) -> None:
    other = Product.objects.create(name="해담 가습기 M1")
    write_review(join(), product.pk, 5, "조용하고 좋아요.", "별 다섯")
    write_review(join(), product.pk, 2, "시끄러워요.", "별 둘")
    write_review(join(), other.pk, 5, "촉촉해요.", "가습기 별 다섯")
    page = html(visitor.get(f"/reviews?product={product.pk}&stars=5"))
    assert "별 다섯" in page and "별 둘" not in page and "가습기 별 다섯" not in page
    assert "3.5" in page
    for odd in ("product=x", "stars=9", "order=evil", "after=%00", "product=99999999999999999999"):
        assert visitor.get(f"/reviews?{odd}").status_code == 200
    assert visitor.get("/reviews?product=999999").status_code == 404
    for odd in ("status=x", "order=1;drop", "after=AAAA", "after=" + "A" * 5000):
        assert visitor.get(f"/ideas?{odd}").status_code == 200


def test_machines_find_their_way(visitor: Any, join: Any, mina: Staff) -> None:
    idea = propose_idea(join(), "앱 <알림>", "필요해요.")
    change_status(idea, "done", "3.2 판에 들어갔어요.", Actor(mina.member_id))
    feed = visitor.get("/feed")
    assert feed["Content-Type"].startswith("application/atom+xml")
    assert "완료: 앱 &lt;알림&gt;" in feed.content.decode()
    assert "Disallow: /account/" in html(visitor.get("/robots.txt"))
    assert html(visitor.get("/healthz")) == "ok\n"


@pytest.mark.parametrize("path", ["/", "/ideas", "/reviews", "/ideas/1", "/reviews/1", "/notices"])
def test_a_page_costs_the_same_for_few_rows_and_for_many(
    visitor: Any, join: Any, mina: Staff, product: Product, path: str
) -> None:
    reader = join("읽는 사람")
    visitor.enter(reader)

    def add(number: int) -> None:
        for n in range(number):
            author = join(f"손님 {n}")
            idea = propose_idea(author, f"아이디어 {Idea.objects.count()}", "필요해요.")
            review = write_review(author, product.pk, 4, f"{TEXT} {n}")
            vote_idea(reader, idea)
            by = Actor(mina.member_id)
            post_official_answer(f"review-{review}", "고마워요. 고칠게요.", by, f"r{review}")
            change_status(idea, "planned", f"해 볼게요. {idea}", by)
            comment(author, "idea-1", f"저도 필요해요. {idea}")
            comment(author, "review-1", f"저도 그래요. {idea}")

    def cost() -> int:
        visitor.get(path)
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            html(visitor.get(path))
        return len(seen)

    add(2)
    few = cost()
    add(12)
    assert cost() == few
    assert few <= (16 if path == "/" else 10), few


def test_anonymous_pages_are_kept_and_hold_nothing_personal(visitor: Any, join: Any) -> None:
    idea = propose_idea(join("한지우"), "앱 알림", "필요해요.")
    first = visitor.get(f"/ideas/{idea}")
    assert not first.cookies and "no-store" not in first["Cache-Control"]
    with CaptureQueriesContext(connection) as seen:
        second = visitor.get(f"/ideas/{idea}")
    assert len(seen) == 0 and second.content == first.content
    assert second["Content-Security-Policy"] == first["Content-Security-Policy"]
    visitor.enter(join("박서연"))
    assert "박서연" in html(visitor.get(f"/ideas/{idea}"))
    stranger = type(visitor)()
    assert "박서연" not in html(stranger.get(f"/ideas/{idea}"))
    english = type(visitor)()
    english.client.cookies["madang_language"] = "en"
    assert "Sign in" in html(english.get(f"/ideas/{idea}"))
    assert Member.objects.count() == 2
