"""What is marked in a text that a query found: what was looked for, and nothing that was not."""

import pytest

from dashboard.cards import marked
from dashboard.searching import marks
from nlp.korean import morphology
from warehouse.trackers.language import parse
from warehouse.trackers.words import understood


def marked_in(text: str, *queries: str) -> list[str]:
    found = marks([understood(parse(query), morphology()) for query in queries])
    return [part.partition("</mark>")[0] for part in str(marked(text, found)).split("<mark>")[1:]]


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("배송", "배송은 빨랐어요", ["배송"]),
        ("늦다", "사흘이나 늦어서", ["늦"]),
        ("배송 NOT 이벤트", "이벤트 배송", ["배송"]),
        ("배송 -(이벤트 OR 광고)", "이벤트 배송 광고", ["배송"]),
        ('"배송비 무료"', "배송비 무료래요", ["배송비", "무료"]),
        ("배송 NEAR/3 늦다", "배송이 또 늦어요", ["배송", "늦"]),
        ("(배송 OR 택배) AND lang:ko", "택배와 배송", ["택배", "배송"]),
        ("공기청정*", "새 공기청정기를 샀다", ["공기청정기를"]),
        ("#추천* 선물", "선물로 좋아요 #추천템", ["선물", "#추천템"]),
        ("@haedam", "@haedam 보세요 a@haedamX", ["@haedam"]),
        ("raw:U.S", "U.S에서 샀고 UXS는 아니에요", ["U.S"]),
        ("lang:ko rating:<=2", "배송이 늦어요", []),
        ("refund", "Refund took weeks", ["Refund"]),
    ],
)
def test_words_are_marked(query: str, text: str, words: list[str]) -> None:
    assert marked_in(text, query) == words


def test_the_words_of_several_queries_are_marked() -> None:
    assert marked_in("배송이 늦고 소음도 커요", "배송", "소음 OR 진동") == ["배송", "소음"]
    assert marks([]) is None


def test_a_text_stays_escaped_around_its_marks() -> None:
    found = marks([understood(parse("배송"), morphology())])
    assert marked("<b>배송", found) == "&lt;b&gt;<mark>배송</mark>"
