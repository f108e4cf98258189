"""The screens over a real warehouse: what each says, in both languages, and what it must not."""

from html.parser import HTMLParser

import pytest
from streamlit.testing.v1 import AppTest

from warehouse.records import mention_id
from warehouse.store import Warehouse

SCREENS = ("overview", "mentions", "mention", "sources")


class Text(HTMLParser):
    """The words of a page, and any tag that only an attack would bring."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        bad = [
            name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")
        ]
        if tag in ("script", "svg", "iframe") or bad or (tag == "img" and not _spark(attrs)):
            self.foreign.append(tag)

    def handle_data(self, data: str) -> None:
        self.said += data + " "


def _spark(attrs: list[tuple[str, str | None]]) -> bool:
    return str(dict(attrs).get("src")).startswith("data:image/svg+xml;base64,")


def read(at: AppTest) -> Text:
    text = Text()
    for piece in at.get("html"):
        if not piece.proto.body.startswith("<style>"):
            text.feed(piece.proto.body)
    return text


def said(at: AppTest) -> str:
    return " ".join(read(at).said.split())


def an_id(number: int = 0) -> str:
    return str(mention_id("shop", f"r{number}"))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_reads_in_both_languages(browser, screen: str, lang: str) -> None:
    at = browser.open(screen, lang=lang, id=an_id())
    words = said(at)
    assert len(words) > 80
    title = {"overview": ("한눈에 보기", "Overview"), "mentions": ("멘션", "Mentions"),
             "mention": ("의 글", "A mention by"), "sources": ("출처", "Sources")}  # fmt: skip
    assert title[screen][lang == "en"] in words


def test_the_overview_says_three_things_first(browser) -> None:
    words = said(browser.open())
    assert "30일 동안 멘션 120개가 올라왔어요. 그 전 30일보다 103 % 늘었어요." in words
    assert "순감성은 " in words
    assert "제품 가운데서는" in words
    assert "멘션 1개는 아직 읽지 않아서" in words


def test_a_short_period_is_not_made_much_of(browser) -> None:
    at = browser.open(lang="en")
    at.segmented_control(key="period").set_value("7").run()
    words = said(at)
    assert "too few to compare" in words or "about as" in words
    assert not at.exception


def test_all_of_it_has_no_period_before(browser) -> None:
    at = browser.open()
    at.segmented_control(key="period").set_value("all").run()
    assert "견줄 앞 기간은 없어요" in said(at)


def test_old_data_are_shown_as_of_their_last_day(browser) -> None:
    later = browser.desk.now().replace(year=2029)
    words = said(browser.over(now=lambda: later).open())
    assert "가장 새로운 멘션이 2026. 11. 22.에 올라와서" in words
    assert "멘션 120개" in words


def test_a_search_finds_a_word_with_any_particle(browser) -> None:
    at = browser.open("mentions")
    at.text_input(key="search").set_value("배송").run()
    words = said(at)
    assert "배송 은 빨랐는데" in words
    assert "배송 이 사흘이나" in words
    assert "방금 산 가습기, 배송 은 언제" in words  # not read yet, found by its text
    assert "소음이" not in words


def test_a_search_for_a_verb_finds_its_forms(browser) -> None:
    at = browser.open("mentions")
    at.text_input(key="search").set_value("늦다").run()
    assert "사흘이나 늦 어서" in said(at)


def test_a_search_without_words_says_so(browser) -> None:
    at = browser.open("mentions", lang="en")
    at.text_input(key="search").set_value("???").run()
    assert "There is nothing to look for." in said(at)


def test_filters_narrow(browser) -> None:
    at = browser.open("mentions", lang="en")
    at.button_group(key="sentiments").set_value(["positive"]).run()
    words = said(at)
    assert "Works quietly" in words
    assert "Refund took" not in words
    at.multiselect(key="langs").set_value(["ko"]).run()
    assert "Works quietly" not in said(at)


def test_nothing_found_says_what_to_do(browser) -> None:
    at = browser.open("mentions")
    at.text_input(key="search").set_value("잠수함").run()
    assert "기간을 늘리거나 필터를 줄여 보세요." in said(at)


def test_more_shows_the_next_fifty_and_none_twice(browser) -> None:
    at = browser.open("mentions")
    links = [link for link in at.get("page_link") if "id=" in link.proto.query_string]
    assert len(links) == 50
    at.button[0].click().run()
    at.button[0].click().run()
    links = [
        link.proto.query_string for link in at.get("page_link") if "id=" in link.proto.query_string
    ]
    assert len(links) == len(set(links)) == 120
    assert not at.button


def test_a_mentions_page_tells_how_it_was_read(browser) -> None:
    words = said(browser.open("mention", id=an_id(3)))
    for expected in ("배송이 사흘이나", "80 %", "배송", "늦다", "by-hand-1", "Asia/Seoul", "4/5",
                     "love3****의 다른 글", "여러 사람일 수 있어요", "새 창에서 열기"):  # fmt: skip
        assert expected in words


def test_an_unread_mention_says_so(browser) -> None:
    assert "아직 읽지 않았어요" in said(browser.open("mention", id=an_id(201)))


@pytest.mark.parametrize("wanted", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_mention_says_so(browser, wanted: str) -> None:
    assert "그 멘션을 찾을 수 없어요" in said(browser.open("mention", id=wanted))


def test_sources_tell_what_came_and_what_was_refused(browser) -> None:
    words = said(browser.open("sources"))
    for expected in ("shop", "180", "방금", "reviews.csv, 7번째 줄", "r7,,5", VERSION_LINE):
        assert expected in words


VERSION_LINE = "읽는 모델 by-hand-1 · 읽은 멘션 179 / 180"


@pytest.mark.parametrize("screen", SCREENS)
def test_hostile_texts_stay_texts(browser, screen: str) -> None:
    page = read(browser.open(screen, id=an_id(200)))
    assert page.foreign == []
    if screen != "overview":
        assert "<script>" in page.said


def test_hostile_words_in_the_search_box_stay_words(browser) -> None:
    at = browser.open("mentions")
    for words in ("<img src=x onerror=alert(1)>", "'; DROP TABLE heard; --", "%", "배송\x00"):
        at.text_input(key="search").set_value(words).run()
        assert not at.exception
        assert read(at).foreign == []


@pytest.mark.parametrize("screen", ["overview", "mentions", "sources"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_empty_house_says_what_to_do(browser, empty: Warehouse, screen: str, lang: str) -> None:
    words = said(browser.over(warehouse=empty).open(screen, lang=lang))
    assert "madang import mentions" in words
    assert "madang demo" in words


def test_without_a_session_nothing_is_shown(browser) -> None:
    asked: list[str] = []
    signed_out = browser.over(staff=lambda cookies: None, release=lambda: asked.append("released"))
    at = signed_out.open()
    assert "로그인이 끝났어요" in said(at)
    assert any("href='/staff/'" in piece.proto.body for piece in at.get("html"))
    assert "배송" not in said(at)
    assert not at.get("vega_lite_chart")
    assert asked == ["released"]


def test_what_the_warehouse_cannot_do_is_told(browser, empty: Warehouse) -> None:
    empty.close()
    words = said(browser.over(warehouse=empty).open(lang="en"))
    assert "The question could not be answered" in words
    assert "is closed. Open it again" in words


def test_the_language_is_kept_in_the_address_and_the_session(browser) -> None:
    at = browser.open()
    at.segmented_control(key="language-ko").set_value("en").run()
    assert at.query_params["lang"] == "en"
    assert "Overview" in said(at)
    at.switch_page("screens/sources.py")
    at.query_params.clear()
    at.run()
    assert "All times are in Asia/Seoul" in said(at)
    assert at.query_params["lang"] == "en"
