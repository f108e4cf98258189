"""Hostile input on every form of the yard: scripts, forged and foreign requests, floods, tricks.

FORMS names every route that takes a POST; a test holds the list to the routes, so that a form
without these tests fails.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from community.catalogue.models import Product
from community.decisions.actions import Actor
from community.discussion.actions import comment, post_official_answer
from community.discussion.models import Comment
from community.ideas.actions import propose_idea
from community.ideas.models import Idea, Vote
from community.members.models import Member
from community.notices.models import Notice
from community.queries import Staff
from community.reviews.actions import write_review
from community.reviews.models import HelpfulMark, Review
from community.yard import limits
from community.yard.limits import Limit
from community.yard.throttle import seconds_to_wait

pytestmark = pytest.mark.usefixtures("web")

# Each form of the yard: its address, and what an honest customer sends. All posts are the first.
FORMS = {
    "write_review": (
        "/reviews/new",
        {"product": "1", "rating": "4", "title": "", "text": "좋아요."},
    ),
    "edit_review": ("/reviews/1/edit", {"rating": "2", "title": "", "text": "고친 리뷰"}),
    "remove_review": ("/reviews/1/remove", {}),
    "review_helpful": ("/reviews/1/helpful", {}),
    "comment_on_review": ("/reviews/1/comments", {"text": "저도 그래요."}),
    "propose_idea": ("/ideas/new", {"title": "새 색", "text": "검정", "seen": "1"}),
    "edit_idea": ("/ideas/1/edit", {"title": "고친 제목", "text": "고친 아이디어"}),
    "remove_idea": ("/ideas/1/remove", {}),
    "vote": ("/ideas/1/vote", {}),
    "comment_on_idea": ("/ideas/1/comments", {"text": "저도 필요해요."}),
    "edit_comment": ("/comments/1/edit", {"text": "고친 댓글"}),
    "remove_comment": ("/comments/1/remove", {}),
    "thank": ("/comments/2/thanks", {}),
    "read_notices": ("/notices/read", {}),
    "open_notice": ("/notices/1/open", {}),
}
TYPED = [name for name, (_, fields) in FORMS.items() if "text" in fields]
ONE_BUTTON = ("review_helpful", "vote", "thank", "read_notices", "open_notice")
OTHERS = {  # whose button must not work for somebody else, and what it answers
    "edit_review": 403,
    "remove_review": 403,
    "edit_idea": 403,
    "remove_idea": 403,
    "edit_comment": 403,
    "remove_comment": 403,
    "thank": 422,
    "open_notice": 404,
}
SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "<svg/onload=alert(1)>",
    "[눌러요](javascript:alert(1))",
    "[눌러요](data:text/html;base64,PHNjcmlwdD4=)",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "{{ request.user.email }}{% debug %}",
    "</textarea><script>alert(1)</script>",
)


ALL_SCRIPTS = "\n\n".join(SCRIPTS)


@pytest.fixture
def owner(join: Any) -> Member:
    """박서연, who wrote everything that stands in the yard."""
    return join("박서연")


@pytest.fixture(autouse=True)
def posts(owner: Member, mina: Staff, join: Any) -> None:
    """A review, an idea, a comment below it and an official answer; one unread notice."""
    product = Product.objects.create(name="해담 공기청정기 A3")
    Product.objects.create(name="해담 가습기 M1")
    review = write_review(owner, product.pk, 1, "물이 샜어요.", "뚜껑")
    idea = propose_idea(owner, "필터 알림", "갈 때를 자꾸 놓쳐요.")
    said = comment(owner, f"idea-{idea}", "꼭 있어야 해요.")
    answer = post_official_answer(f"review-{review}", "고칠게요.", Actor(mina.member_id), "k")
    notice = Notice.objects.get(kind="official_answer").pk
    assert (product.pk, review, idea, said, answer, notice) == (1, 1, 1, 1, 2, 1)


def state() -> tuple[Any, ...]:
    """All that forms could change."""
    return (
        list(Review.objects.order_by("pk").values_list("text", "rating", "removed_at", "author")),
        list(Idea.objects.order_by("pk").values_list("title", "text", "removed_at", "votes")),
        list(Comment.objects.order_by("pk").values_list("text", "removed_at", "thanked_at")),
        HelpfulMark.objects.count(),
        Vote.objects.count(),
        list(Notice.objects.order_by("pk").values_list("read_at", flat=True)),
    )


def token_of(visitor: Any) -> str:
    """The token of any form that the visitor may see."""
    page = visitor.get("/ideas/new").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


def send(visitor: Any, name: str, **changed: str) -> Any:
    """Send a form with its token and honest values, some of them changed."""
    path, fields = FORMS[name]
    token = {"csrfmiddlewaretoken": token_of(visitor)}
    return visitor.client.post(path, {**token, **fields, **changed})


def routes(patterns: list[Any], path: str = "") -> Iterator[tuple[str, str, Any]]:
    for part in patterns:
        if isinstance(part, URLResolver):
            yield from routes(part.url_patterns, path + str(part.pattern))
        elif isinstance(part, URLPattern):
            yield path + str(part.pattern), part.name or "", part.callback


def test_every_route_that_takes_a_post_is_tried_here(visitor: Any, owner: Member) -> None:
    visitor.enter(owner)
    # tests/community/yard/test_frame.py, tests/community/intake
    elsewhere = {"choose_language", "hook", "events", "join_visits"}
    taken = set()
    for route, name, _ in routes(get_resolver().url_patterns):
        if route.startswith("account/") or name in elsewhere:
            continue  # the account's own forms: tests/community/accounts
        path = "/" + re.sub(r"<post:\w+>", "1", re.sub(r"<slug:\w+>", owner.public_id, route))
        answer = visitor.client.post(path, {"csrfmiddlewaretoken": token_of(visitor)})
        if answer.status_code != 405:
            taken.add(name)
    assert taken == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_without_its_token_a_form_does_nothing(visitor: Any, owner: Member, name: str) -> None:
    visitor.enter(owner)
    token_of(visitor)  # sets the cookie, as a visit would
    before = state()
    path, fields = FORMS[name]
    for forged in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": ""}):
        answer = visitor.client.post(path, {**fields, **forged})
        assert answer.status_code == 403
        assert "쓰던 글은 그대로 있어요" in answer.content.decode()
    token = token_of(visitor)
    fields = {**fields, "csrfmiddlewaretoken": token}
    foreign = visitor.client.post(path, fields, HTTP_ORIGIN="https://evil.example")
    assert foreign.status_code == 403
    assert state() == before


@pytest.mark.parametrize("name", FORMS)
def test_who_is_not_signed_in_changes_nothing(visitor: Any, owner: Member, name: str) -> None:
    visitor.enter(owner)
    token = token_of(visitor)
    before = state()
    del visitor.client.cookies["madang_session"]
    path, fields = FORMS[name]
    answer = visitor.client.post(path, {**fields, "csrfmiddlewaretoken": token})
    assert answer.status_code == 303
    assert answer["Location"].startswith("/account/sign-in")
    assert "evil" not in answer["Location"]
    part = {"HX-Request": "true"}
    by_htmx = visitor.client.post(path, {**fields, "csrfmiddlewaretoken": token}, headers=part)
    assert by_htmx["HX-Redirect"].startswith("/account/sign-in")
    assert state() == before


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_acts_for_somebody_else(visitor: Any, join: Any, name: str) -> None:
    visitor.enter(join("김도윤"))
    before = state()
    path = FORMS[name][0]
    assert send(visitor, name).status_code == OTHERS[name]
    # Fields that name another author change nothing about who asks.
    forged = {"author": "1", "author_id": "1", "member": "1", "member_id": "1"}
    assert send(visitor, name, **forged).status_code == OTHERS[name]
    if name not in ONE_BUTTON:
        shown = visitor.get(path)
        assert shown.status_code == 403 and "물이 샜어요" not in shown.content.decode()
    assert state() == before


def test_one_does_not_find_ones_own_review_helpful(visitor: Any, owner: Member) -> None:
    visitor.enter(owner)
    assert send(visitor, "review_helpful").status_code == 422
    assert not HelpfulMark.objects.exists()


def test_others_notices_are_neither_read_nor_listed(visitor: Any, join: Any) -> None:
    visitor.enter(join("김도윤"))
    assert "공식 답변이 달렸어요" not in visitor.get("/notices").content.decode()
    assert send(visitor, "read_notices").status_code == 303
    assert Notice.objects.filter(read_at=None).count() == Notice.objects.count()


@pytest.mark.parametrize("number", ["999999", "999999999", "9999999999", "0", "-1", "1e3", "1%00"])
def test_numbers_of_posts_that_are_not_there(visitor: Any, owner: Member, number: str) -> None:
    visitor.enter(owner)
    token = token_of(visitor)
    for path, fields in FORMS.values():
        other = re.sub(r"/\d+(?=/)", f"/{number}", path)
        if other != path:
            answer = visitor.client.post(other, {**fields, "csrfmiddlewaretoken": token})
            assert answer.status_code in (404, 422), other
    for path in (f"/reviews/{number}", f"/ideas/{number}", f"/people/{number}"):
        assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("name", TYPED)
def test_what_is_stored_comes_back_as_text(
    visitor: Any, owner: Member, join: Any, name: str
) -> None:
    visitor.enter(owner if name.startswith("edit") else join("김도윤"))
    path, fields = FORMS[name]
    typed = {"title": "".join(SCRIPTS[:3]), "text": ALL_SCRIPTS}
    sent = {key: text for key, text in typed.items() if key in fields}
    assert send(visitor, name, **sent).status_code == 303
    pages = [path, "/", "/reviews", "/ideas", "/reviews/1", "/reviews/2", "/ideas/1", "/ideas/2"]
    shown = [visitor.client.get(page).content.decode() for page in pages]
    for page in shown:
        harmless(page)
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in page for page in shown)
    harmless(type(visitor)().get("/feed").content.decode())


@pytest.mark.parametrize("script", [*SCRIPTS[:2], ALL_SCRIPTS])
def test_what_is_reflected_comes_back_as_text(
    visitor: Any, join: Any, owner: Member, script: str
) -> None:
    member = Member.objects.filter(pk=owner.pk)
    member.update(name=script[:80])
    visitor.enter(join("김도윤"))
    names = ("text", "title", "order", "status", "after", "said", "kind", "product", "stars")
    for path in ("/reviews", "/ideas", "/ideas/similar", "/write", "/ideas/new", "/reviews/new"):
        harmless(visitor.client.get(path, dict.fromkeys(names, script)).content.decode())
    for path in (f"/people/{owner.public_id}", "/ideas/1", "/reviews/1", "/notices"):
        harmless(visitor.get(path).content.decode())
    for name in TYPED:
        answer = send(visitor, name, rating=script, product=script, title=script * 99, text="")
        harmless(answer.content.decode())


class Reader(HTMLParser):
    """Reads a page as a browser does, and keeps what could run."""

    def __init__(self) -> None:
        super().__init__()
        self.running: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        address = "".join((found.get("href") or found.get("src") or "").split()).casefold()
        ours = tag == "script" and (found.get("src") or "").startswith("/static/")
        if (tag in ("script", "iframe", "object", "embed", "style", "base") and not ours) or (
            tag == "img" and found.get("src") != "/static/madang.svg"
        ):
            self.running.append(f"<{tag}>")
        self.running += [name for name in found if name.startswith("on") or name == "style"]
        if address.startswith(("javascript:", "data:", "vbscript:")):
            self.running.append(address)


def harmless(page: str) -> None:
    """No element, attribute or address that runs anything, and nobody's address."""
    reader = Reader()
    reader.feed(page)
    assert reader.running == []
    assert "customer1@example.kr" not in page


def test_the_reader_of_pages_sees_what_runs() -> None:
    for script in (
        "<script>1</script>",
        "<p onclick=1>",
        "<a href=' JavaScript:1'>",
        "<img src=x>",
    ):
        with pytest.raises(AssertionError):
            harmless(f"<p>{script}</p>")


def test_links_in_posts_are_not_vouched_for(visitor: Any, join: Any) -> None:
    visitor.enter(join("김도윤"))
    send(visitor, "comment_on_idea", text="[여기](https://shop.example/?a=1&b=2) 보세요.")
    page = visitor.get("/ideas/1").content.decode()
    assert (
        '<a href="https://shop.example/?a=1&amp;b=2" rel="nofollow ugc noopener">여기</a>' in page
    )


@pytest.mark.parametrize("name", TYPED)
def test_signs_that_deceive_are_dropped_and_too_much_is_refused(
    visitor: Any, owner: Member, join: Any, name: str
) -> None:
    visitor.enter(owner if name.startswith("edit") else join("김도윤"))
    before = state()
    assert send(visitor, name, text="가" * 20_000).status_code == 422
    assert send(visitor, name, text="가" * 4_001).status_code == 422
    assert send(visitor, name, text="NUL \x00 zeichen").status_code == 422
    for blank in ("", "   ", "\u200b\u3164\u2800", "\u202e"):
        assert send(visitor, name, text=blank).status_code == 422
    assert state() == before
    assert send(visitor, name, text="앞\u202e뒤\u0007\u2066끝\u200f").status_code == 303
    texts = [*Review.objects.all(), *Idea.objects.all(), *Comment.objects.all()]
    assert "앞뒤끝" in [row.text for row in texts]


def test_a_body_beyond_all_measure_is_not_read(visitor: Any, owner: Member) -> None:
    visitor.enter(owner)
    before = state()
    for name in TYPED:
        assert send(visitor, name, text="가" * 1_000_000).status_code == 400
    many = {f"field{n}": "1" for n in range(1_100)}
    assert send(visitor, "propose_idea", **many).status_code == 400
    assert state() == before


@pytest.mark.parametrize("name", FORMS)
def test_files_and_wrong_encodings_do_not_break_a_form(
    visitor: Any, owner: Member, name: str
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    visitor.enter(owner)
    path, fields = FORMS[name]
    token = token_of(visitor)
    sent = {**fields, "csrfmiddlewaretoken": token}
    sent["text"] = SimpleUploadedFile("x.html", b"<script>alert(1)</script>")  # type: ignore[assignment]
    assert visitor.client.post(path, sent).status_code < 500
    body = b"csrfmiddlewaretoken=" + token.encode() + b"&text=%ff%fe%00&title=%c0%80&rating=%31"
    plain = "application/x-www-form-urlencoded"
    assert visitor.client.post(path, body, content_type=plain).status_code < 500
    broken = visitor.client.post(
        path, b"--x\r\nbroken", content_type="multipart/form-data; boundary=x"
    )
    assert broken.status_code < 500


def test_a_form_takes_only_its_own_fields(visitor: Any, join: Any) -> None:
    member = join("김도윤")
    visitor.enter(member)
    more = {
        "id": "77", "author": "1", "is_official": "1", "by_staff": "1", "purchase_verified": "1",
        "purchase_reason": "email", "helpful": "500", "votes": "500", "status": "done",
        "heat": "1e9", "is_staff": "1", "created_at": "2020-01-01", "answers": "review-1",
        "key": "k", "removed_at": "", "language": "xx",
    }  # fmt: skip
    send(visitor, "write_review", product="2", **more)
    send(visitor, "propose_idea", **more)
    send(visitor, "comment_on_idea", **more)
    review, idea = Review.objects.latest("pk"), Idea.objects.latest("pk")
    said = Comment.objects.latest("pk")
    assert {review.author_id, idea.author_id, said.author_id} == {member.pk}
    assert (review.pk, review.helpful, review.purchase_verified, review.by_staff) == (
        2,
        0,
        False,
        False,
    )
    assert (idea.pk, idea.votes, idea.status, idea.heat < 1e9) == (2, 0, "open", True)
    assert (said.is_official, said.answers, said.key) == (False, "", None)
    assert review.created_at.year > 2020
    member.refresh_from_db()
    assert not member.is_staff


@pytest.mark.parametrize("value", ["0", "6", "-1", "4.5", "１", "1e0", "", "4; DROP TABLE"])
def test_stars_are_one_to_five(visitor: Any, join: Any, value: str) -> None:
    visitor.enter(join("김도윤"))
    assert send(visitor, "write_review", rating=value).status_code == 422
    assert Review.objects.count() == 1


@pytest.mark.parametrize("value", ["999", "0", "-1", "", "x", "1 OR 1=1", "99999999999999999999"])
def test_products_are_those_on_the_list(visitor: Any, join: Any, value: str) -> None:
    visitor.enter(join("김도윤"))
    assert send(visitor, "write_review", product=value).status_code == 422
    assert Review.objects.count() == 1


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused(visitor: Any, owner: Member, method: str) -> None:
    visitor.enter(owner)
    token = {"HTTP_X_CSRFTOKEN": token_of(visitor)}
    before = state()
    for path in [path for path, _ in FORMS.values()] + ["/", "/reviews", "/ideas", "/reviews/1"]:
        assert getattr(visitor.client, method)(path, **token).status_code == 405, path
    for name in ONE_BUTTON:
        assert visitor.get(FORMS[name][0]).status_code == 405
    assert state() == before


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/e"],
)
def test_nobody_is_sent_to_another_site(visitor: Any, owner: Member, elsewhere: str) -> None:
    visitor.enter(owner)
    for name in FORMS:
        answer = send(visitor, name, next=elsewhere, path=elsewhere, back="")
        place = answer.headers.get("Location", "/")
        assert place.startswith("/") and not place.startswith(("//", "/\\"))
        assert "evil" not in place
    fields = {"language": "en", "next": elsewhere}
    switched = visitor.client.post("/language", fields, HTTP_ORIGIN="http://testserver")
    assert switched["Location"] == "/"


def test_pages_tell_nothing_about_who_has_an_account(visitor: Any, owner: Member) -> None:
    known = visitor.get(f"/people/{owner.public_id}").content.decode()
    assert owner.email not in known and "example.kr" not in known
    for guess in (str(owner.pk), "0" * 16, owner.email.split("@")[0]):
        assert visitor.get(f"/people/{guess}").status_code == 404
    for path in ("/", "/reviews", "/ideas", "/reviews/1", "/ideas/1", "/feed"):
        assert "example.kr" not in visitor.get(path).content.decode()


def test_floods_are_stopped(visitor: Any, join: Any) -> None:
    visitor.enter(join("김도윤"))
    most = limits.PROPOSE_IDEA.member
    codes = [
        send(visitor, "propose_idea", title=f"아이디어 {n}").status_code for n in range(most + 1)
    ]
    assert codes == [303] * most + [429]
    refused = send(visitor, "propose_idea", title="한 번 더")
    assert 0 < int(refused["Retry-After"]) <= limits.PROPOSE_IDEA.seconds
    assert "몇 분 기다렸다가" in refused.content.decode()
    assert Idea.objects.count() == most + 1
    other = type(visitor)("198.51.100.4").enter(join("이하은"))
    assert send(other, "propose_idea").status_code == 303


def test_a_limit_counts_members_and_addresses_for_a_time() -> None:
    limit = Limit("tried", member=2, address=3, seconds=60)
    now = 1_800_000_000.0
    assert [seconds_to_wait(limit, 1, "192.0.2.1", now=now) for _ in range(3)] == [0, 0, 60]
    assert seconds_to_wait(limit, 2, "192.0.2.1", now=now + 1) == 0
    assert seconds_to_wait(limit, 3, "192.0.2.1", now=now + 2) == 58, "the address has had three"
    assert seconds_to_wait(limit, 3, "192.0.2.2", now=now + 2) == 0
    assert seconds_to_wait(limit, 1, "192.0.2.1", now=now + 60) == 0
    network = [seconds_to_wait(limit, n, f"2001:db8::{n:x}", now=now) for n in range(4, 8)]
    assert network == [0, 0, 0, 60]


@pytest.mark.parametrize("name", [name for name in FORMS if name != "read_notices"])
def test_every_form_has_a_limit(visitor: Any, owner: Member, name: str) -> None:
    visitor.enter(owner)
    before = state()
    token = token_of(visitor)
    for limit in (one for one in vars(limits).values() if isinstance(one, Limit)):
        for _ in range(limit.member):
            seconds_to_wait(limit, owner.pk, "192.0.2.200")
    path, fields = FORMS[name]
    answer = visitor.client.post(path, {**fields, "csrfmiddlewaretoken": token})
    assert answer.status_code == 429
    assert state() == before


def test_a_broken_page_asks_the_store_for_nothing_and_shows_nothing_of_the_inside() -> None:
    broken = get_resolver().resolve_error_handler(500)
    with CaptureQueriesContext(connection) as seen:
        page = broken(RequestFactory().get("/ideas/1"))
    assert (page.status_code, len(seen)) == (500, 0)
    assert "저희 쪽에서 문제가 생겼어요." in page.content.decode()


def test_a_strange_host_is_refused_and_not_named(visitor: Any) -> None:
    answer = visitor.client.get("/ideas", HTTP_HOST="evil.example")
    assert answer.status_code == 400 and "evil.example" not in answer.content.decode()
    assert visitor.client.get("/ideas").status_code == 200, "it was not kept for others"
