"""`madang query` speaks the language of queries, and points at what it cannot read."""

import pytest

from madang.console import pointed
from tests.instance import Instance


@pytest.mark.parametrize(
    ("text", "column", "shown"),
    [
        ("(cream", 1, ["  (cream", "  ^"]),
        ("배송 AND", 4, ["  배송 AND", "       ^"]),
        ("배송\tAND", 4, ["  배송 AND", "       ^"]),
    ],
)
def test_the_caret_stands_below_the_column(text: str, column: int, shown: list[str]) -> None:
    assert pointed(text, column).splitlines() == shown


def test_of_a_long_query_what_is_around_the_mistake_is_shown() -> None:
    line, caret = pointed("배송 OR " * 500 + ")", 3001).splitlines()
    assert len(line) < 130
    assert line.endswith(")")
    assert caret.endswith("^")


def found(instance: Instance, *query: str) -> set[str]:
    return {row["text"] for row in instance.answer("query", *query)["mentions"]}


def test_a_query_finds_what_it_says(read_instance: Instance) -> None:
    delivery = found(read_instance, "배송")
    assert len(delivery) == 2
    assert found(read_instance, "배송 NEAR/3 늦어요") == found(read_instance, "배송 rating:<=2")
    assert found(read_instance, "배송 -늦어요") < delivery
    assert found(read_instance, "(환불* OR 소음) lang:ko") == {
        "배송은 늦고 포장도 엉망이네요. 환불하고 싶어요 ㅠㅠ",
        "소음이 너무 커서 잠을 못 자겠어요",
    }


def test_a_mistake_is_pointed_at(read_instance: Instance) -> None:
    errors = read_instance.fails("query", "배송 AND (환불")
    assert "is not closed" in errors
    assert "\n  배송 AND (환불\n           ^\n" in errors
