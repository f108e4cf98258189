"""What is understood, on the screens: bars that lead to mentions, filters, underlined aspects."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import meanings
from dashboard.i18n import Words
from nlp.emotions import EMOTIONS
from nlp.intents import INTENTS
from nlp.life_events import EVENTS
from tests.dashboard.test_screens import an_id, read, said
from warehouse.queries import Spoken

NAMES = {"delivery": {"ko": "배송", "en": "Delivery"}, "noise": {"ko": "소음", "en": "Noise"}}
KO = Words("ko")


def ways(at: AppTest) -> dict[str, str]:
    """The links of a page to mentions: what they are called, and what they ask for."""
    return {
        link.proto.label: link.proto.query_string
        for link in at.get("page_link")
        if re.search("(aspect|intent|emotion)=", link.proto.query_string)
    }


def test_everything_understood_has_a_name() -> None:
    assert set(meanings.INTENTS) == set(INTENTS)
    assert {label.partition(":")[2] for label in meanings.LIFE_EVENTS} == set(EVENTS)
    assert set(meanings.EMOTIONS) == set(EMOTIONS)


def test_the_overview_says_what_is_praised_and_blamed(browser) -> None:
    at = browser.over(aspect_names=NAMES).open()
    words = said(at)
    assert "가장 칭찬받은 것: 필터 교체 · 불만이 가장 많은 것: 배송" in words
    assert "함께" not in words
    links = ways(at)
    assert links["소음 멘션 보기"].endswith("aspect=noise")
    assert links["분노·짜증 멘션 보기"].endswith("emotion=anger")
    assert "intent=complaint" in links["불만 멘션 보기"]


def test_the_overview_calls_to_those_whose_life_changes(browser) -> None:
    at = browser.open(lang="en")
    assert "Customers whose life is changing" in said(at)
    assert "life_event%3Amoving" in ways(at)["See mentions: Moving"]


def test_a_way_leads_to_just_these_mentions(browser) -> None:
    at = browser.open("mentions", aspect="noise", polarity="negative", lang="en")
    words = said(at)
    assert "소음이 생각보다" in words
    assert "배송이 사흘이나" not in words
    assert at.session_state["aspects"] == ["noise"]
    assert "aspect" not in at.query_params
    at.multiselect(key="aspects").set_value([]).run()
    at.multiselect(key="intents").set_value(["life_event:moving"]).run()
    words = said(at)
    assert "배송이 사흘이나" in words  # the polarity still asks for blame, of anything
    assert "소음이 생각보다" not in words
    assert not at.exception


def test_filters_of_what_is_understood_narrow(browser) -> None:
    at = browser.open("mentions", intent="life_event:moving")
    assert "배송이 사흘이나" in said(at)
    assert "소음이 생각보다" not in said(at)
    at = browser.open("mentions", emotion="joy")
    assert "필터 교체가 쉬워서" in said(at)
    assert "배송이 사흘이나" not in said(at)
    at = browser.open("mentions", spam="only")
    assert "1개" in said(at) and "스팸" in said(at)
    at.button_group(key="spam").set_value("without").run()
    assert "119개" in said(at)


@pytest.mark.parametrize("asked", ["'; DROP TABLE heard; --", "<script>", "☃", ""])
def test_a_strange_address_finds_nothing_and_breaks_nothing(browser, asked: str) -> None:
    at = browser.open("mentions", aspect=asked, intent=asked, polarity=asked, spam=asked)
    assert not at.exception
    assert read(at).foreign == []


def test_a_card_has_few_chips(browser) -> None:
    at = browser.over(aspect_names=NAMES).open("mentions", aspect="delivery")
    card = next(p.proto.body for p in at.get("html") if "배송은 빨랐는데" in p.proto.body)
    assert card.count("m-small") == 2
    assert "배송<span class='m-sr'> 칭찬</span>" in card
    card = next(p.proto.body for p in at.get("html") if "배송이 사흘이나" in p.proto.body)
    assert "이사</span>" in card and "생활의 변화" not in card


def test_all_aspects_and_one_of_them(browser) -> None:
    over = browser.over(aspect_names=NAMES)
    words = said(over.open("aspects"))
    for expected in ("칭찬과 불만", "배송", "소음", "필터 교체", "멘션 "):
        assert expected in words
    at = over.open("aspects", aspect="delivery", lang="en")
    words = said(at)
    expected = ("mentions speak of Delivery", "What is said with it", "Product by product",
                "Blame for Delivery", "Praise for Delivery")  # fmt: skip
    for text in expected:
        assert text in words
    assert at.get("vega_lite_chart") or at.get("arrow_vega_lite_chart")
    assert read(at).foreign == []


def test_an_aspect_nobody_knows_says_so(browser) -> None:
    assert "이 조건에 맞는 멘션이 없어요" in said(browser.open("aspects", aspect="<b>없음</b>"))


def test_a_mentions_page_underlines_its_aspects(browser) -> None:
    at = browser.over(aspect_names=NAMES).open("mention", id=an_id(0))
    bodies = "".join(piece.proto.body for piece in at.get("html"))
    assert "<mark class='m-aspect m-positive' title='배송 · 칭찬'>배송</mark>은 빨랐는데" in bodies
    assert "<mark class='m-aspect m-negative' title='packaging · 불만'>포장</mark>" in bodies
    assert "실망" in said(at)


def test_hostile_aspects_stay_texts(browser) -> None:
    at = browser.open("mention", id=an_id(200))
    page = read(at)
    assert page.foreign == []
    for expected in ("<script>", "<b>x</b>", "스팸", "협찬·광고", "거친 말"):
        assert expected in page.said


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        (
            [(0, 2), (1, 3)],
            "<mark class='m-aspect m-neutral' title='a · 언급'>배송</mark>은 느려요",
        ),
        ([(5, 99)], "배송은 느려요"),
        ([(3, 3), (-2, 1)], "배송은 느려요"),
        ([(4, 7)], "배송은 <mark class='m-aspect m-neutral' title='a · 언급'>느려요</mark>"),
    ],
)
def test_offsets_that_do_not_fit_are_left_out(spans, expected: str) -> None:
    spoken = [Spoken("a", None, start, end, "neutral", None) for start, end in spans]
    assert str(meanings.underlined("배송은 느려요", spoken, 0, {}, KO)) == expected


def test_offsets_count_the_title_and_its_line_break() -> None:
    spoken = [Spoken("a", None, 0, 2, "neutral", None), Spoken("b", None, 6, 8, "negative", None)]
    assert "배송</mark> 문의" in meanings.underlined("배송 문의", spoken, 0, {}, KO)
    assert "title='b · 불만'>환불</mark>" in meanings.underlined("환불 언제", spoken, 6, {}, KO)
