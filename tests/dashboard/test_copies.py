"""The mention's page says whose copy it is, and whether its author posts like a machine."""

import re
from typing import Any

import pytest

from dashboard import copies
from dashboard.i18n import Words
from warehouse import queries
from warehouse.queries import Account
from warehouse.records import mention_id
from warehouse.signals.bots import HABITS
from warehouse.signals.copies import refresh_copies
from warehouse.store import Warehouse


def said(at: Any) -> str:
    """What the page says, without its tags."""
    pieces = (piece.proto.body for piece in at.get("html"))
    return re.sub(r"<[^>]+>", "", " ".join(pieces))


@pytest.fixture
def copied(warehouse: Warehouse) -> Warehouse:
    refresh_copies(warehouse)
    return warehouse


def test_a_copy_names_the_first_and_leads_to_it(browser: Any, copied: Warehouse) -> None:
    one = str(mention_id("shop", "r3"))
    group = queries.copies_of(copied, one)
    assert group is not None
    assert group.first_id != one
    at = browser.open("mention", id=one)
    words = said(at)
    assert f"{group.first_author} 님이 먼저 올린 글과 거의 같아요" in words
    assert f"같은 글 {group.copies}개" in words
    links = [link.proto for link in at.get("page_link")]
    assert any(group.first_id in link.query_string for link in links)


def test_the_first_says_how_many_came_after(browser: Any, copied: Warehouse) -> None:
    group = queries.copies_of(copied, str(mention_id("shop", "r3")))
    assert group is not None
    words = said(browser.open("mention", id=group.first_id, lang="en"))
    assert f"Posted first; {group.copies} copies came after" in words


def test_what_stands_alone_says_nothing_of_copies(browser: Any, copied: Warehouse) -> None:
    words = said(browser.open("mention", id=str(mention_id("shop", "r201"))))
    assert "거의 같아요" not in words


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "ko",
            "기계처럼 글을 올리는 계정일 수 있어요(92 %): 같은 글을 되풀이함, 하루 종일 쉬지 않음",
        ),
        ("en", "The account may be a machine (92 %): says the same again and again, never sleeps"),
    ],
)
def test_a_machine_is_named_with_its_reasons(language: str, expected: str) -> None:
    judged = Account("shop", "<b>bot</b>", 0.92, ("copies", "sleepless"), 40, 3, 0.9)
    assert expected in copies.machine(judged, Words(language))


def test_every_habit_has_words() -> None:
    assert set(copies.HABITS) == {habit.name for habit in HABITS}
