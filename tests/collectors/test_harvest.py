"""What a crawl brings becomes batches: dates and pages of any kind, the cursor with them."""

import json
from datetime import UTC, datetime
from typing import Any

from collectors.crawling.harvest import Harvest
from collectors.crawling.site_memory import SiteMemory
from collectors.crawling.sites import Site
from collectors.run import checked

WHEN = datetime(2026, 11, 22, 3, tzinfo=UTC)
HERE = "https://shop.example/review/1"


def harvest() -> Harvest:
    return Harvest("web", {"shop": Site("shop", (HERE,))}, {"shop": SiteMemory()}, WHEN)


def take(gathered: Harvest, url: str, body: bytes) -> None:
    head = {
        "what": "page", "site": "shop", "asked": url, "url": url, "type": "text/html",
        "revisit": False, "list": [HERE, 1],
    }  # fmt: skip
    gathered.take(head, body)


def review(date: Any, text: str = "조용해서 밤에도 돌려요") -> bytes:
    data = {"@type": "Review", "reviewBody": text, "datePublished": date}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'.encode()


def test_dates_of_any_kind_are_taken_or_refused() -> None:
    dates = {
        "2026-11-20": datetime(2026, 11, 19, 15, tzinfo=UTC),
        "2026. 11. 20. 오후 3:05": datetime(2026, 11, 20, 6, 5, tzinfo=UTC),
        "2026-11-20T10:00:00+0900": datetime(2026, 11, 20, 1, tzinfo=UTC),
        "9999-12-31T23:59:59-14:00": None,
        "0001-01-01T00:00:00+14:00": None,
        "9997-01-01": None,
        "\ud800": None,
        "그저께": None,
        "": WHEN,
        None: WHEN,
    }
    gathered = harvest()
    for number, date in enumerate(dates):
        take(gathered, f"https://shop.example/review/{number}", review(date))
    batch = checked(gathered.batch(), "web", WHEN)
    read = {
        row["native_id"].rsplit("/", 1)[1]: row["created_at"] for row in batch.table.to_pylist()
    }
    wanted = {str(n): when for n, when in enumerate(dates.values()) if when is not None}
    assert read == wanted
    assert batch.rejected is not None
    assert batch.rejected.num_rows == len(dates) - len(wanted)


def test_a_page_that_cannot_be_read_is_told_and_remembered() -> None:
    gathered = harvest()
    take(gathered, HERE, b"")
    take(gathered, "https://shop.example/review/2", review("2026-11-20"))
    batch = gathered.batch()
    assert batch.table.num_rows == 1
    assert batch.rejected is not None
    assert batch.rejected["reason"].to_pylist() == ["no review on the page"]
    memory = SiteMemory.of(batch.cursor, "shop")
    assert len(memory.seen) == 3  # two pages and what one of them said
    assert list(memory.pages) == ["https://shop.example/review/2"]
    assert gathered.batch().table.num_rows == 0
    take(gathered, "https://shop.example/review/2", review("2026-11-20"))
    assert gathered.batch().table.num_rows == 0  # it says what it said
    take(gathered, "https://shop.example/review/2", review("2026-11-20", "한 달 뒤에는 시끄러워요"))
    assert gathered.batch().table["text"].to_pylist() == ["한 달 뒤에는 시끄러워요"]
