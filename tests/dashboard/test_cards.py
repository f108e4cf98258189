"""The HTML pieces: what customers write stays text, whatever it is."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from dashboard import cards
from dashboard.i18n import Words

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'><svg onload=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "</p></article><iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>배송</a>",
    "<style>*{display:none}</style>",
    "&lt;script&gt;배송&lt;/script&gt;",
    "{0.__class__} {} %s",
)
OURS = {"article", "p", "span", "b", "time", "mark", "i"}
ATTRIBUTES = {"class", "title", "aria-hidden"}


class Reader(HTMLParser):
    """What a browser would make of it: the tags, their attributes, the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def mention(**fields: object) -> dict[str, object]:
    return {
        "source": "shop", "author_name": None, "author_handle": "love****", "title": None,
        "text": "배송은 빠른데 포장이 아쉬워요", "rating": 0.5, "rating_raw": "3",
        "product": "해담 숨", "sentiment": "neutral",
        "created_at": datetime(2026, 11, 22, 1, 0, tzinfo=UTC), **fields,
    }  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(
    "field", ["text", "title", "author_name", "author_handle", "product", "source", "rating_raw"]
)
def test_a_hostile_mention_stays_text(field: str, hostile: str) -> None:
    found = cards.found_words(["배송", "script", "늦다"])
    card = cards.mention_card(mention(**{field: hostile}), Words("ko"), NOW, "Asia/Seoul", found)
    page = read(str(card))
    assert page.tags <= OURS
    assert page.attributes <= ATTRIBUTES
    if field == "text":
        assert hostile in page.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_other_pieces_escape_too(hostile: str) -> None:
    say = Words("en")
    row = {"reason": hostile, "origin": hostile, "row": 3, "excerpt": hostile, "rejected_at": NOW}
    pieces = (
        cards.notice(hostile, hostile, hostile),
        cards.failure(hostile, hostile),
        cards.title(hostile, hostile),
        cards.heading(hostile, hostile),
        cards.sentences([hostile]),
        cards.figure(hostile, hostile, hostile, (), "light", hostile, hostile),
        cards.terms([(hostile, hostile)]),
        cards.facts([(hostile, hostile)]),
        cards.sources([cards.Source(hostile, ((hostile, hostile),))]),
        cards.rejected([row], say, NOW, "Asia/Seoul"),
        cards.link_out("https://example.com/?q=" + hostile, hostile),
    )
    known = OURS | {
        "section",
        "h1",
        "h2",
        "header",
        "ul",
        "li",
        "pre",
        "div",
        "dl",
        "dt",
        "dd",
        "a",
    }
    for piece in pieces:
        page = read(str(piece))
        assert page.tags <= known
        assert not any(name.startswith("on") for name in page.attributes)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://shop.example/리뷰/1", True),
        ("http://shop.example", True),
        ("javascript:alert(1)", False),
        (" JavaScript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//shop.example/x", False),
        ("https:", False),
        ("http://[bad", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address: str | None, safe: bool) -> None:
    assert (cards.safe_link(address) is not None) is safe


@pytest.mark.parametrize(
    ("lemmas", "text", "marked"),
    [
        (["배송"], "총알배송은 좋아요", "<mark>배송</mark>은"),
        (["늦다"], "너무 늦어요", "<mark>늦</mark>어요"),
        (["늦다"], "매일 늦게 왔다", "<mark>늦</mark>게"),
        (["늦다"], "뒤늦은 답", ""),
        (["사과하다"], "사과했어요", "<mark>사과</mark>했어요"),
        (["refund"], "Refund please", "<mark>Refund</mark> please"),
        (["c"], "abc", ""),
    ],
)
def test_found_words_are_marked(lemmas: list[str], text: str, marked: str) -> None:
    html = str(cards.marked(text, cards.found_words(lemmas)))
    assert marked in html
    assert bool(marked) == ("<mark>" in html)
    assert read(html).text == text


def test_sentiment_is_never_colour_alone() -> None:
    say = Words("ko")
    for sentiment, sign, word in (
        ("positive", "+", "긍정"), ("neutral", "·", "중립"), ("negative", "−", "부정"),
    ):  # fmt: skip
        text = read(str(cards.sentiment_chip(sentiment, say))).text
        assert sign in text
        assert word in text
    assert "아직 읽지 않음" in cards.sentiment_chip(None, say)
    assert "아직 읽지 않음" in cards.sentiment_chip("unread", say)


def test_stars() -> None:
    say = Words("ko")
    assert "★★★<i>★★</i>" in cards.stars(0.5, "3", say)
    assert "5.0" in cards.stars(1.0, "10", say)
    assert cards.stars(None, None, say) == ""


def test_a_large_count_keeps_its_exact_figure() -> None:
    assert "title='638,622'" in cards.count(638_622, "ko")
    assert cards.count(638_622, "en") == "<span class='m-num'>638,622</span>"


def test_a_sparkline_needs_three_points() -> None:
    assert cards.sparkline([1, None, 2], "light") == ""
    assert "data:image/svg+xml" in cards.sparkline([1, 2, None, 3], "dark")
