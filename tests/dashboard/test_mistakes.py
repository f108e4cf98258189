"""What is wrong with a query is said in the reader's language, for every error that there is."""

import ast
from pathlib import Path

import pytest

import warehouse.trackers
from dashboard.i18n import LANGUAGES, Words
from dashboard.mistakes import in_words, known_as, shown
from warehouse.trackers.language import parse
from warehouse.trackers.tree import QueryError

ROOM = Path(warehouse.trackers.__file__).parent
RAISED = ("QueryError", "FieldError")


def sentences() -> set[str]:
    """Every sentence that the language raises, with a number in place of its values."""
    return {
        _sentence(call.args[0])
        for path in ROOM.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") in RAISED
        and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    }


def _sentence(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr)
    return "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in node.values)


def wrong(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text)
    return caught.value


def test_every_error_of_the_language_is_known_here() -> None:
    found = sentences()
    assert len(found) > 20
    assert {sentence for sentence in found if known_as(sentence)[0] is None} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_error_says_what_is_wrong_and_what_to_write(lang: str) -> None:
    say = Words(lang)
    for sentence in sentences():
        lines = in_words(QueryError(sentence, 1, "hint"), say).split("\n")
        assert len(lines) == 2 and all(lines), sentence
        assert "hint" not in lines[1]


@pytest.mark.parametrize(
    ("text", "korean"),
    [
        ("(환불 OR 반품", "여기서 연 괄호가 닫히지 않았어요.\n끝에 )를 써 주세요."),
        ("rating:많이", "rating:에는 숫자가 와야 해요. '많이'는 숫자가 아니에요."),
        ("soruce:shop", "soruce: 조건은 없어요."),
        ("NOT 이벤트", "뺄 말만 있어서 거의 모든 글이 걸려요."),
        ("lang:kr", "'kr': lang에 쓸 수 없는 값이에요.\n쓸 수 있는 값: ko, en, ja, zh, und."),
        ("since:어제", "since:에는 날짜가 와야 해요."),
    ],
)
def test_errors_in_korean(text: str, korean: str) -> None:
    assert in_words(wrong(text), Words("ko")).startswith(korean)


def test_the_nearest_word_is_offered() -> None:
    assert in_words(wrong("soruce:shop"), Words("ko")).endswith("혹시 source인가요?")
    assert in_words(wrong("soruce:shop"), Words("en")).endswith("Did you mean source?")


@pytest.mark.parametrize(
    ("text", "column", "drawn"),
    [
        ("배송 AND", 4, "배송 <span class='m-caret'>A</span>ND"),
        ("배송\n늦다", 3, "배송<span class='m-caret'>\xa0</span>\n늦다"),
        ("배송 (", 7, "배송 (<span class='m-caret'>\xa0</span>"),
        ("", 1, "<span class='m-caret'>\xa0</span>"),
        ("배송", 99, "배송<span class='m-caret'>\xa0</span>"),
        ("<b>배송", 4, "&lt;b&gt;<span class='m-caret'>배</span>송"),
    ],
)
def test_the_caret_stands_under_the_letter(text: str, column: int, drawn: str) -> None:
    error = QueryError("There is nothing to look for.", column, "")
    assert f"<code class='m-query'>{drawn}</code>" in shown(text, error, Words("ko"))


def test_an_error_nobody_translated_is_shown_as_it_is() -> None:
    assert in_words(QueryError("The moon is full.", 1, "Wait."), Words("ko")) == (
        "The moon is full.\nWait."
    )
