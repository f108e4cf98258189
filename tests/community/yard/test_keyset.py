"""Cursors: they lead on where they were written, and no made-up one breaks a page."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.ideas.models import Idea
from community.ideas.queries import ORDERS, ideas_page
from community.members.models import Member
from community.yard.keyset import LONGEST_CURSOR, Order, read_cursor, write_cursor

COUNT = Order("count", "votes")
HEAT = Order("heat", "heat", "float")
TIME = Order("time", "created_at", "time")
NUMBERS = st.integers(-(10**18) + 1, 10**18 - 1)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(NUMBERS, NUMBERS)
def test_counts_come_back(value: int, number: int) -> None:
    cursor = write_cursor(COUNT, value, number)
    assert read_cursor(COUNT, cursor) == (value, number) and len(cursor) <= LONGEST_CURSOR


@given(st.floats(allow_nan=False, allow_infinity=False), NUMBERS)
def test_floats_come_back_to_the_last_bit(value: float, number: int) -> None:
    cursor = write_cursor(HEAT, value, number)
    assert read_cursor(HEAT, cursor) == (value, number) and len(cursor) <= LONGEST_CURSOR


@given(TIMES, NUMBERS)
def test_times_come_back_to_the_microsecond(value: datetime, number: int) -> None:
    cursor = write_cursor(TIME, value, number)
    assert read_cursor(TIME, cursor) == (value, number) and len(cursor) <= LONGEST_CURSOR


def encoded(plain: str) -> str:
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@given(st.text(max_size=150) | st.text("0123456789e.+- _infa~", max_size=60).map(encoded))
def test_whatever_else_comes_is_read_as_the_beginning(cursor: str) -> None:
    for order in (COUNT, HEAT, TIME):
        place = read_cursor(order, cursor)
        assert place is None or read_cursor(order, write_cursor(order, *place)) == place


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "가나다",
        "A",
        "=" * 80,
        "a" * 5000,
        encoded("ideas-votes 1"),
        encoded("ideas-votes 1 2 3"),
        encoded("ideas-votes 99999999999999999999 1"),
        encoded("ideas-votes 1 99999999999999999999"),
        encoded("ideas-votes 1 1; DROP TABLE ideas_idea"),
        encoded("ideas-votes ٣ 1"),
        encoded("ideas-trending nan 1"),
        encoded("ideas-trending 1e999 1"),
        encoded("ideas-trending . 1"),
        encoded("ideas-newest 9999999999999999999 1"),
        encoded("ideas-newest 2026-11-22 1"),
        encoded("ideas-newest -5 1"),
    ],
)
def test_a_made_up_cursor_shows_the_first_page(cursor: str) -> None:
    author = Member.objects.create(email="a@example.kr", name="박서연")
    Idea.objects.create(author=author, title="앱에서 예약", text="퇴근 전에요.")
    for order in ORDERS:
        assert len(ideas_page(order, after=cursor).ideas) == 1


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("extreme", [10**18 - 1, -(10**18) + 1, 0])
def test_a_cursor_at_the_edge_of_numbers_is_a_place_like_any_other(
    order: str, extreme: int
) -> None:
    value = f"{abs(extreme) % 10**16}" if order == "newest" else str(extreme)
    page = ideas_page(order, after=encoded(f"ideas-{order} {value} {extreme}"))
    assert page.ideas == () and page.after is None
