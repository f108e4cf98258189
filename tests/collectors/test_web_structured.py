"""What pages say that customers wrote: every syntax of schema.org, and pages made to harm."""

import json
from typing import Any

import pytest

from collectors.crawling.pages import read_page
from collectors.crawling.reviews import Found, reviews_on
from collectors.crawling.sites import Site

HERE = "https://shop.example/product/7"
SITE = Site("shop", (HERE,))


def page(body: str, head: str = "") -> bytes:
    return f"<html><head><title>상점</title>{head}</head><body>{body}</body></html>".encode()


def script(data: Any) -> str:
    said = json.dumps(data, ensure_ascii=False)
    return f'<script type="application/ld+json">{said}</script>'


def found(content: bytes, content_type: str = "text/html", site: Site = SITE) -> list[Found]:
    return reviews_on(read_page(HERE, content, content_type), site, None)


def test_a_graph_is_read_by_its_references() -> None:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Person", "@id": "#kim", "name": "김*수"},
            {
                "@type": "Review", "@id": "#r1", "reviewBody": "모터 소리가 작아요",
                "author": {"@id": "#kim"}, "datePublished": "2026-11-01",
                "reviewRating": {"@type": "Rating", "ratingValue": 9, "bestRating": 10},
            },
            {
                "@type": "Product", "@id": "#p", "name": "무선 청소기", "review": {"@id": "#r1"},
                "aggregateRating": {"ratingValue": "4.3", "reviewCount": "1,204"},
            },
        ],
    }  # fmt: skip
    (review,) = found(page(script(data)))
    assert (review.author, review.product) == ("김*수", "무선 청소기")
    assert (review.rating, review.best, review.worst) == ("9", 10.0, 1.0)
    assert review.native_id == f"{HERE}#r1"
    assert review.extra == {"product_rating": {"rating": "4.3", "count": 1204}}


def test_questions_come_with_their_answers() -> None:
    data = {
        "@type": "QAPage",
        "mainEntity": {
            "@type": "Question", "name": "필터는 얼마나 자주 갈아요?", "text": "처음 써 봐서요.",
            "answerCount": 2, "author": {"name": "초보"},
            "acceptedAnswer": {
                "@type": "Answer", "text": "석 달에 한 번이요.", "upvoteCount": 12,
                "comment": {"@type": "Comment", "text": "저도 그래요."},
            },
            "suggestedAnswer": [{"@type": "Answer", "text": "물로 씻어 써요."}],
        },
    }  # fmt: skip
    question, accepted, comment, suggested = found(page(script(data)))
    assert (question.kind, question.native_id, question.replies) == ("question", HERE, 2)
    assert question.title == "필터는 얼마나 자주 갈아요?"
    assert [each.kind for each in (accepted, comment, suggested)] == ["comment"] * 3
    assert {each.thread_id for each in (accepted, comment, suggested)} == {HERE}
    assert (accepted.parent_id, comment.parent_id) == (HERE, accepted.native_id)
    assert accepted.likes == 12


def test_posts_of_boards_come_with_their_comments() -> None:
    data = {
        "@type": "DiscussionForumPosting", "headline": "배송이 사흘째 그대로예요",
        "text": "송장만 나오고 움직이지 않네요.", "datePublished": "2026-11-20T09:00:00+09:00",
        "comment": [{"@type": "Comment", "@id": "#c1", "text": "저도 같은 물류센터예요."}],
    }  # fmt: skip
    post, comment = found(page(script(data)))
    assert (post.kind, post.native_id) == ("post", HERE)
    assert (comment.kind, comment.native_id, comment.thread_id) == ("comment", f"{HERE}#c1", HERE)


def test_rdfa_is_read_where_there_is_nothing_else() -> None:
    content = page(
        '<div vocab="https://schema.org/" typeof="Product"><span property="name">무선 청소기</span>'
        '<div property="review" typeof="Review"><span property="author" typeof="Person">'
        '<span property="name">박*희</span></span><p property="reviewBody">충전이 빨라요</p>'
        '<div property="reviewRating" typeof="Rating"><span property="ratingValue">5</span></div>'
        "</div></div>"
    )
    first, again = found(content), found(content)
    (review,) = first
    assert (review.text, review.author, review.rating) == ("충전이 빨라요", "박*희", "5")
    assert review.product == "무선 청소기"
    assert [each.native_id for each in again] == [review.native_id]  # blank nodes name nothing


@pytest.mark.parametrize("declared", ["utf-8", "euc-kr", "iso-8859-1", "no-such-charset", ""])
def test_korean_survives_what_the_server_declares(declared: str) -> None:
    said = script({"@type": "Review", "reviewBody": "뷁스럽게 시끄럽지만 똠얌 색이 예뻐요"})
    (review,) = found(page(said).decode().encode("cp949"), f"text/html; charset={declared}")
    assert review.text == "뷁스럽게 시끄럽지만 똠얌 색이 예뻐요"


def test_a_page_nested_beyond_sense_is_cut_and_what_stands_before_it_is_read() -> None:
    said = script({"@type": "Review", "reviewBody": "튼튼해요"})
    deep = "<div>" * 100_000 + "끝" + "</div>" * 100_000
    read = read_page(HERE, page(deep, said), "text/html")
    assert read.cut
    assert [review.text for review in reviews_on(read, SITE, None)] == ["튼튼해요"]
    assert found(page(deep)) == []


def test_structured_data_beyond_sense() -> None:
    large = {
        "@type": "Product",
        "review": [{"@type": "Review", "reviewBody": f"좋아요 {n}"} for n in range(60_000)],
    }
    content = page(script(large))
    assert len(content) > 3_000_000
    assert len(found(content)) == 5_000  # what has more is a trap
    nested: Any = {"@type": "Review", "reviewBody": "너무 깊어요"}
    for _ in range(400):
        nested = {"@type": "Thing", "about": nested}
    assert found(page(script(nested))) == []
    broken = '<script type="application/ld+json">' + "[" * 200_000 + "</script>"
    assert [
        r.text for r in found(page(broken + script({"@type": "Review", "reviewBody": "그래도"})))
    ] == ["그래도"]
    circle = {
        "@graph": [
            {"@id": "#a", "@type": "Thing", "about": {"@id": "#b"}},
            {"@id": "#b", "@type": "Thing", "about": [{"@id": "#a"}] * 50},
        ]
    }
    assert found(page(script(circle))) == []


def test_values_of_any_kind_are_taken_or_left() -> None:
    odd = [
        {"@type": "Review", "reviewBody": 5, "author": [], "reviewRating": [], "name": {"a": 1}},
        {"@type": ["Review", 7, None], "reviewBody": ["여러 줄", "두 번째"], "datePublished": True},
        {"@type": "Review", "reviewBody": "ㅋ" * 10, "reviewRating": {"ratingValue": "9" * 5_000}},
        {"@type": None, "review": "글자"}, [], "글자", 7, None,
    ]  # fmt: skip
    assert {review.text for review in found(page(script(odd)))} == {"5", "여러 줄", "ㅋ" * 10}


def test_long_lists_of_attributes_and_empty_pages() -> None:
    attributes = " ".join(f'data-a{n}="x"' for n in range(50_000))
    kind = 'itemscope itemtype="https://schema.org/Review"'
    said = f'<div {kind}><p itemprop="reviewBody">예뻐요</p></div>'
    assert [r.text for r in found(page(f"<div {attributes}></div>{said}"))] == ["예뻐요"]
    for nothing in (
        b"",
        b"\x00\x00",
        b"<",
        b"\xff\xfe",
        "<html>\ud800".encode("utf-8", "surrogatepass"),
    ):
        assert found(nothing) == []
