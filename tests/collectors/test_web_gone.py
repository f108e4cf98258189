"""Pages that say, with the status 200, that what was on them has been removed."""

from collections.abc import Iterator
from typing import Any

import pytest

from collectors.base import SourceUnavailable
from collectors.crawling.gone import is_gone, standing
from collectors.crawling.pages import read_page
from collectors.crawling.reviews import reviews_on
from collectors.crawling.sites import Site
from collectors.web import Web, WebSettings, open_web
from tests.collectors.test_web_again import Run, a_day_later
from tests.fakes.server import Answer
from tests.fakes.shop import Review, Shop

WORDS = ("삭제된 게시글입니다", "존재하지 않는 상품평입니다", "This post has been removed")
PLAIN = {"review": ".item", "text": ".words", "author": ".who", "rating": ".stars", "date": ".day"}
HERE = "https://board.example/read/7"


ALERT = "<script>alert('삭제된 게시글입니다.'); history.back()</script>"
REVIEW = '<div class="item"><p class="words">삭제된 게시글입니다</p></div>'
REMOVED = "the page says that what was here has been removed"


@pytest.fixture
def shop() -> Iterator[Shop]:
    said = (
        "물통이 커서 편해요",
        "삭제된 게시글입니다 라고 떠서 또 남겨요",
        "소음이 커요",
        "가벼워요",
        "작아요",
    )
    with Shop([Review(n, text, form="plain") for n, text in enumerate(said, 1)]) as running:
        yield running


@pytest.fixture
def mall() -> Iterator[Shop]:
    with Shop([Review(n, f"필터를 갈았어요 {n}", form="plain") for n in (11, 12)]) as running:
        yield running


def site(shop: Shop, name: str, **changes: Any) -> Site:
    start = (f"{shop.url}/reviews",)
    usual: dict[str, Any] = {"start": start, "follow": "a.review", "next_page": "a.next"}
    return Site(name, **(usual | PLAIN | changes))


def visiting(*sites: Site) -> Web:
    return Web(WebSettings(sites=sites, delay_seconds=0.0, allow_private_addresses=True))


def says(body: str, charset: str = "utf-8") -> Answer:
    text = f"<html><head><title>마당 상점</title></head><body>{body}</body></html>"
    kind = f"text/html; charset={charset}"
    return Answer(text.encode(charset), headers={"Content-Type": kind})


def test_what_pages_say_was_removed_is_removed(shop: Shop, mall: Shop) -> None:
    """At the second look in a row, as what is missing; whatever was never there is not landed."""
    source = visiting(
        site(shop, "words", gone_words=WORDS),
        site(mall, "selector", gone="p", gone_words=("This post has been removed",)),
    )
    shop.pages["/review/5"] = says("<p>존재하지 않는 상품평입니다.</p>")
    first = Run(source.fetch({}))
    assert {row["text"] for row in first.rows} == {
        review.text for review in (*shop.reviews[:4], *mall.reviews)
    }
    assert first.told == [f"{shop.url}/review/5: {REMOVED}"]

    shop.pages["/review/1"] = says("<h1>상점</h1><p>존재하지 않는 상품평입니다.</p>", "euc-kr")
    shop.pages["/review/3"] = says(ALERT, "euc-kr")
    shop.pages["/review/4"] = says(REVIEW)
    mall.pages["/review/11"] = says("<p>This post <b>has been</b> removed.</p>")
    second = Run(source.fetch(a_day_later(first.cursor)))
    assert (second.removed, second.rows, second.told) == (set(), [], [])

    del shop.pages["/review/4"]  # it comes back
    third = Run(source.fetch(second.cursor))
    assert third.removed == {"1", "3", "11"}
    assert (third.rows, third.told) == ([], [])

    shop.pages["/review/4"] = says(REVIEW)
    fourth = Run(source.fetch(a_day_later(third.cursor)))
    assert (fourth.removed, fourth.rows, fourth.told) == (set(), [], [])


class Noticing(Shop):
    """A shop whose lists show that something was removed."""

    per_page = 1

    def _listing(self, page: int) -> str:
        return super()._listing(page) + '<p class="removed">삭제된 게시글입니다</p>'


def test_a_list_goes_on_past_what_was_removed() -> None:
    """Whatever stands in it; and a start that was itself removed is told."""
    reviews = [Review(n, f"필터를 갈았어요 {n}", form="plain") for n in range(1, 4)]
    with Noticing(reviews) as shop:
        shop.pages["/read"] = says(REVIEW)
        source = visiting(
            site(shop, "words", gone_words=WORDS),
            site(shop, "selector", gone=".removed"),
            site(shop, "removed", start=(f"{shop.url}/read",), gone_words=WORDS),
        )
        run = Run(source.fetch({}))
        assert len(run.rows) == 2 * len(reviews)
        assert run.told == [f"{shop.url}/read: {REMOVED}"]


COMMENTED = '<div class="item"><p class="words">환불받았어요</p></div><p>삭제된 게시글입니다</p>'


@pytest.mark.parametrize(
    ("body", "gone"),
    [
        ("<p>삭제된\n 게시글입니다!</p><a href='/'>목록</a>", True),
        ("<div><b>삭제된</b><!-- --> 게시글입니다</div>", True),
        ('<script>alert("삭제된 게시글입니다.\\n목록으로 갑니다.")</script>', True),
        ("<script>const said = '삭제된 게시글입니다'; draw()</script>", False),
        ("<p>삭제된 게시글입니다만 다시 올려요</p>", False),
        ("<p>글이 삭제되었나요? 삭제된 게시글입니다 라고 떠요</p>", False),
        ("<p>후기</p><script>function f() { alert('삭제된 게시글입니다') }</script>", False),
        ("<template><p>삭제된 게시글입니다</p></template><p>후기</p>", False),
        (COMMENTED, False),
        ("", False),
    ],
)
def test_words_are_believed_of_a_page_that_says_nothing_else(body: str, gone: bool) -> None:
    site = Site("board", (HERE,), review=".item", text=".words", gone_words=WORDS)
    page = read_page(HERE, f"<html><body>{body}</body></html>".encode(), "text/html")
    assert is_gone(page, reviews_on(page, site, None), site) is gone


def test_a_notice_among_reviews_is_none_of_them() -> None:
    site = Site("board", (HERE,), review="li", text="p", gone_words=("삭제된 댓글입니다",))
    body = "<ul><li><p>편해요</p></li><li><p>삭제된 댓글입니다.</p></li></ul>"
    page = read_page(HERE, f"<html><body>{body}</body></html>".encode(), "text/html")
    found = reviews_on(page, site, None)
    assert [each.text for each in standing(found, site)] == ["편해요"]
    assert not is_gone(page, found, site)


def test_an_article_is_gone_by_its_notice() -> None:
    site = Site("news", (HERE,), kind="articles", gone="#notice", gone_words=("삭제된 기사입니다",))
    for notice, gone in (("삭제된 기사입니다.", True), ("속보를 받아 보세요", False)):
        body = f'<p id="notice">{notice}</p><p>많이 본 뉴스</p>'
        page = read_page(HERE, f"<html><body>{body}</body></html>".encode(), "text/html")
        assert is_gone(page, [], site) is gone


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"gone": "p["}, "`gone` is no CSS selector"),
        ({"gone_words": ("…",)}, "words without a letter"),
        ({"kind": "articles", "gone_words": WORDS}, "need `gone`"),
    ],
)
def test_settings_that_would_take_anything_for_a_notice_are_refused(
    settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(SourceUnavailable, match=said):
        open_web(WebSettings(sites=(Site("board", (HERE,), **settings),)))
