"""The language of queries: what is read as what, and where an error points."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.korean import Term, morphology
from warehouse.trackers.fields import FIELDS, NAMES
from warehouse.trackers.language import DEEPEST, FARTHEST, LONGEST, MOST, QueryError, parse
from warehouse.trackers.tree import (
    And,
    Bounds,
    Having,
    Near,
    Node,
    Not,
    Or,
    Pattern,
    Phrase,
    Raw,
    Tag,
    Words,
    leaves,
)
from warehouse.trackers.words import understood

PAGE = Path(__file__).parents[2] / "docs" / "queries.md"


def w(*typed: str) -> Words:
    return Words(typed)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("환불", w("환불")),
        ("배송이 늦어요", w("배송이", "늦어요")),
        ("환불 되나요?", w("환불", "되나요?")),
        ("배송 - 늦음", w("배송", "늦음")),
        ("e-mail", w("e-mail")),
        ("환불 AND 배송", And((w("환불"), w("배송")))),
        ("환불 and 배송 or 향", Or((And((w("환불"), w("배송"))), w("향")))),
        ("가 OR 나 다 OR 라", Or((w("가"), w("나", "다"), w("라")))),
        ("(가 OR 나) 다", And((Or((w("가"), w("나"))), w("다")))),
        ("배송 -광고", And((w("배송"), Not(w("광고"))))),
        ("배송 NOT (광고 OR 협찬)", And((w("배송"), Not(Or((w("광고"), w("협찬"))))))),
        ("배송 NOT NOT 광고", And((w("배송"), w("광고")))),
        ('"배송이 늦어요"', Phrase("배송이 늦어요")),
        ("“배송이 늦어요”", Phrase("배송이 늦어요")),
        ("사과*", Pattern("사과*")),
        ("Wom?n", Pattern("wom?n")),
        ("#환불 @min.ji_", And((Tag("#", "환불"), Tag("@", "min.ji_")))),
        ("#환불#반품", And((Tag("#", "환불"), Tag("#", "반품")))),
        ("raw:US", Raw("US")),
        ('raw:"As Written"', Raw("As Written")),
        ("raw:(US OR KR)", Or((Raw("US"), Raw("KR")))),
        ("가 NEAR/3 나", Near((w("가"),), (w("나"),), 3, False)),
        ("가 nearf/2 나*", Near((w("가"),), (Pattern("나*"),), 2, True)),
        (
            '(가 OR "나 다") NEAR/5 라 마',
            And((Near((w("가"), Phrase("나 다")), (w("라"),), 5, False), w("마"))),
        ),
        ("가 -나 NEAR/1 다", And((w("가"), Not(Near((w("나"),), (w("다"),), 1, False))))),
        ("lang:KO", Having("lang", ("ko",))),
        ("lang:(ko OR en)", Having("lang", ("ko", "en"))),
        ("lang:(ko, en)", Having("lang", ("ko", "en"))),
        ('product:"수분 크림"', Having("product", ("수분 크림",))),
        ("rating:<=2", Having("rating", (Bounds((("<=", 2.0),)),))),
        ("rating:2..4", Having("rating", (Bounds(((">=", 2.0), ("<=", 4.0))),))),
        ("followers:>1.5만", Having("followers", (Bounds(((">", 15000.0),)),))),
        ("intent:life_event:moving", Having("intent", ("life_event:moving",))),
        ("since:2026-11-01", Having("since", (date(2026, 11, 1),))),
        ("is:question", Having("is", ("question",))),
        ("lang:ko -환불", And((Having("lang", ("ko",)), Not(w("환불"))))),
    ],
)
def test_what_is_typed_is_read_as(text: str, tree: Node) -> None:
    assert parse(text).root == tree


@pytest.mark.parametrize(
    ("text", "column", "said", "hint"),
    [
        ("", 1, "nothing to look for", "환불"),
        (" !! ", 1, "nothing to look for", "환불"),
        ("배송 AND (환불", 8, "not closed", ")"),
        ("배송 환불)", 6, "closes none", "open one"),
        ("환불 ()", 4, "nothing in this parenthesis", "Leave"),
        ('배송 "환불', 4, "does not end", '"'),
        ('"!!"', 1, "no word", "raw:"),
        ("AND 환불", 1, "must stand", "between"),
        ("환불 OR", 4, "Nothing comes after OR", "quotes"),
        ("환불 OR OR 배송", 7, "must stand", "between"),
        ("환불 NOT", 4, "Nothing comes after NOT", "quotes"),
        ("-환불", 1, "left out", "lang:ko"),
        ("환불 OR -배송", 7, "left out", "lang:ko"),
        ("NOT (환불 OR 배송)", 1, "left out", "lang:ko"),
        ("환불 NEAR 늦다", 4, "within how many", "NEAR/5"),
        ("환불 NEAR/x 늦다", 4, "within how many", "NEAR/5"),
        ("환불 NEAR/0 늦다", 4, "within how many", str(FARTHEST)),
        ("환불 NEAR/101 늦다", 4, "within how many", str(FARTHEST)),
        ("환불 NEAR/" + "9" * 60 + " 늦다", 4, "within how many", str(FARTHEST)),
        ("가 NEAR/3 나 NEAR/3 다", 1, "words and phrases", "two of them"),
        ("(가 나) NEAR/3 다", 1, "words and phrases", "quotes"),
        ("환불 NEAR/3 lang:ko", 11, "words and phrases", "quotes"),
        ("환불 *", 4, "wildcard", "환불*"),
        ("lnag:ko 환불", 1, "no field lnag:", "lang:?"),
        ("환불 nonesuch:1", 4, "no field nonesuch:", "followers"),
        ("https://x.kr/a", 1, "An address", "url:"),
        ("환불 lang:fr", 9, "'fr'", "lang: knows ko, en"),
        ("sentiment:negativ", 11, "'negativ'", "mean negative"),
        ("lang: ko", 6, "no value", "lang: knows"),
        ("lang:(ko AND en)", 10, "values alone", "lang:(one OR another)"),
        ("lang:(ko (en))", 10, "values alone", "lang:(one OR another)"),
        ("lang:()", 6, "no value", "one or more"),
        ("lang:(ko", 6, "not closed", ")"),
        ("lang:(ko OR fr)", 13, "'fr'", "lang: knows"),
        ("rating:good", 8, "needs a number", "rating:<=3"),
        ("since:2026-02-30", 7, "needs a day", "2026-11-01"),
        ("author:*", 8, "a letter", "author:"),
        ("raw:", 5, "no letters", "raw:"),
        ("(" * (DEEPEST + 1) + "환불" + ")" * (DEEPEST + 1), DEEPEST + 1, "parentheses", "fewer"),
        (" ".join(["가 OR"] * MOST) + " 나", 5 * MOST + 1, "at most", "two"),
        ("가" * (LONGEST + 1), LONGEST + 1, "letters", "two"),
    ],
)
def test_an_error_points_at_its_column(text: str, column: int, said: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.column, said in caught.value.message) == (column, True), caught.value
    assert hint in caught.value.hint
    assert f"column {column}" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000, ")" * 100_000, "-" * 100_000 + "가", "NOT " * 100_000, "가 OR " * 100_000,
     '"' * 100_001, "(" * 5_000, "NOT " * 2_499 + "가", "a:" * 5_000, "*" * 10_000,
     "lang:(" + "ko " * 3_000, "가 NEAR/1 " * 900, "#가" * 5_000],
)  # fmt: skip
def test_no_text_breaks_it(text: str) -> None:
    with pytest.raises(QueryError):
        parse(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='가나 ()"*?-:#@/ANDORNEARF12lang:korw,\n“”：', max_size=60))
def test_any_text_is_read_or_refused_at_one_of_its_columns(text: str) -> None:
    try:
        query = parse(text)
    except QueryError as error:
        assert 1 <= error.column <= len(text) + 1
        assert error.message
        assert error.hint
    else:
        for leaf in leaves(query.root):
            start, end = leaf.span
            assert 0 <= start < end <= len(text)
        assert query.said(query.root).strip()


def test_each_part_knows_where_it_stands() -> None:
    query = parse("(환불 OR 반품) 배송 -광고")
    assert isinstance(query.root, And)
    assert [query.said(part) for part in query.root.parts] == ["(환불 OR 반품)", "배송", "-광고"]


def examples() -> list[str]:
    """What the page shows in backticks in the column of what is typed, and in its blocks."""
    text = PAGE.read_text("utf-8")
    found: list[str] = []
    header: Sequence[str] = ()
    for line in text.splitlines():
        if not line.startswith("|"):
            header = ()
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not header:
            header = cells
            continue
        for name, cell in zip(header, cells, strict=False):
            if name in ("you type", "example", "write"):
                found += re.findall(r"`([^`]+)`", cell)
    return found


@pytest.mark.parametrize("text", examples())
def test_every_example_of_the_page_is_a_query(text: str) -> None:
    assert parse(text).text == text


def test_the_page_has_every_field_and_every_operator() -> None:
    text = PAGE.read_text("utf-8")
    named = re.findall(r"^\| `(\w+):` \|", text, re.MULTILINE)
    assert sorted(named) == sorted(NAMES)
    assert len(examples()) >= 40
    kinds = {type(leaf) for each in examples() for leaf in leaves(parse(each).root)}
    assert kinds == {Words, Pattern, Phrase, Near, Tag, Raw, Having}
    for field in FIELDS.values():
        parse(field.example)
        assert all(choice.removeprefix("life_event:") in text for choice in field.choices)


@pytest.mark.parametrize(
    ("typed", "lemmas"),
    [
        ("환불", ("환불",)),
        ("환불을", ("환불",)),
        ("환불이요", ("환불",)),
        ("늦어요", ("늦다",)),
        ("배송이 늦어요", ("배송", "늦다")),
        ("사과", ("사과",)),
        ("사과하다", ("사과하다",)),
        ("사과했어요", ("사과하다",)),
        ("Refund", ("refund",)),
    ],
)
def test_typed_words_are_read_as_lemmas(typed: str, lemmas: tuple[str, ...]) -> None:
    root = understood(parse(typed), morphology()).root
    assert isinstance(root, Words)
    assert root.lemmas == lemmas


def test_beside_near_and_in_phrases_every_lemma_counts() -> None:
    near = understood(parse("고객센터 NEAR/3 (늦어요 OR 환불*)"), morphology()).root
    assert isinstance(near, Near)
    assert near.left[0] == Phrase("고객센터", tuple(morphology().search_lemmas("고객센터")))
    assert near.right == (Phrase("늦어요", ("늦다",)), Pattern("환불*"))
    phrase = understood(parse('"배송이 너무 늦어요"'), morphology()).root
    assert phrase == Phrase("배송이 너무 늦어요", ("배송", "너무", "늦다"))


def test_what_is_no_word_is_looked_for_as_written() -> None:
    assert understood(parse("♥"), morphology()).root == Raw("♥")
    with pytest.raises(QueryError, match="column 1"):
        understood(parse("♥ NEAR/3 환불"), morphology())


def test_words_that_were_read_are_not_read_again() -> None:
    class Asked:
        def terms(self, texts: Sequence[str]) -> list[list[Term]]:
            assert not texts, "another analyser would have to be loaded"
            return []

    read = understood(parse("배송 AND (늦다 OR 느리다)"), morphology())
    assert understood(read, Asked()) is read
