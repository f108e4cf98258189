"""What the cursor knows of a site: bounded, the same after a round trip, and patient with pages."""

import json
from datetime import UTC, datetime, timedelta

from collectors.crawling.reviews import short_digest
from collectors.crawling.site_memory import REMEMBERED, WATCHED, SiteMemory

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def again(memory: SiteMemory) -> SiteMemory:
    """The memory as the next run has it."""
    cursor = {"sites": {"shop": memory.to_cursor()}}
    return SiteMemory.of(json.loads(json.dumps(cursor)), "shop")


def test_it_is_the_same_after_a_round_trip() -> None:
    memory = SiteMemory(complete=True, walked=NOW)
    for said in ("첫 후기", "둘째 후기"):
        memory.remember(short_digest(said))
    memory.watch("https://shop.example/1", ("https://shop.example/1#a",), NOW)
    assert again(memory) == memory
    assert again(memory).knows(short_digest("첫 후기"))
    assert not again(memory).knows(short_digest("셋째 후기"))
    assert SiteMemory.of({}, "shop") == SiteMemory()
    old = {"sites": {"shop": {"seen": ["0123456789ab"], "complete": True}}}
    assert SiteMemory.of(old, "shop") == SiteMemory()


def test_it_forgets_the_oldest_first() -> None:
    memory = SiteMemory()
    for number in range(REMEMBERED + 10):
        memory.remember(short_digest(str(number)))
        memory.remember(short_digest("0"))  # seen again and again
        memory.watch(f"https://shop.example/{number}", (), NOW)
    assert len(memory.seen) == REMEMBERED
    assert memory.knows(short_digest("0"))
    assert not memory.knows(short_digest("1"))
    assert memory.knows(short_digest(str(REMEMBERED)))
    assert list(memory.pages) == [
        f"https://shop.example/{n}" for n in range(REMEMBERED + 10 - WATCHED, REMEMBERED + 10)
    ]
    assert len(json.dumps(memory.to_cursor())) < 160_000  # it goes with every batch


def test_looks_are_few_a_day_apart_and_the_oldest_comes_first() -> None:
    memory = SiteMemory()
    for hours in (30, 50, 2, 40):
        memory.watch(f"{hours} hours ago", (), NOW - timedelta(hours=hours))
    assert memory.due(NOW, 10) == ["50 hours ago", "40 hours ago", "30 hours ago"]
    assert memory.due(NOW, 1) == ["50 hours ago"]
    memory.missed("2 hours ago", for_good=False, now=NOW)
    assert memory.due(NOW, 2) == ["2 hours ago", "50 hours ago"]  # what was missing is asked first


def test_a_page_is_gone_at_the_second_look_and_one_that_comes_back_was_never_away() -> None:
    memory = SiteMemory()
    memory.watch("page", ("a", "b"), NOW)
    assert memory.missed("page", for_good=False, now=NOW) == ()
    memory.watch("page", ("a", "b"), NOW)
    assert again(memory).missed("page", for_good=False, now=NOW) == ()
    assert memory.missed("page", for_good=False, now=NOW) == ()
    assert again(memory).missed("page", for_good=False, now=NOW) == ("a", "b")
    assert memory.missed("page", for_good=True, now=NOW) == ("a", "b")
    assert memory.pages == {}
