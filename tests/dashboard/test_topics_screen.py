"""The screen of topics over the market: what it lists, what a topic's page says, and its story."""

from datetime import timedelta

import pyarrow as pa
import pytest

from tests.dashboard.conftest import NOW, VERSION, Browser
from tests.dashboard.test_screens import said
from warehouse import topics
from warehouse.store import Warehouse
from warehouse.topics import EVENTS, FOUND, Refitted, Task

WEIGHTS = {"배송": 1, "포장": 1, "늦다": 1, "소음": 2, "밤": 2, "필터": 2, "refund": 3, "app": 3}
NAMES = {1: "배송·포장", 2: "소음·필터", 3: "refund·app"}


def fitted() -> Refitted:
    split = {"kind": "split", "topic_id": 2, "name": NAMES[2], "other_id": 1, "share": 0.7}
    return Refitted(
        topics=pa.Table.from_pylist(
            [
                {
                    "topic_id": n,
                    "name": name,
                    "words": name.split("·"),
                    "centre": [1.0],
                    "share": 0.3,
                }
                for n, name in NAMES.items()
            ],
            FOUND,
        ),
        words=pa.table(
            {
                "word": list(WEIGHTS),
                "topic_id": list(WEIGHTS.values()),
                "weight": pa.array([1.0] * len(WEIGHTS), pa.float32()),
            }
        ),
        events=pa.Table.from_pylist([split], pa.schema(list(EVENTS)[1:])),
        space="here",
        texts=179,
        unassigned=0.0,
        agreement=0.9,
    )


@pytest.fixture
def told(browser: Browser, warehouse: Warehouse) -> Browser:
    none = FOUND.empty_table()
    task = Task(warehouse.jobs, none, none, "", 1, (), VERSION, 179)
    with warehouse.reading() as cursor:
        known = cursor.execute("SELECT count(*) FROM topics").fetchall()
    if known == [(0,)]:
        topics.keep(warehouse, task, fitted(), NOW - timedelta(hours=1))
        topics.refresh(warehouse)
    return browser


@pytest.mark.parametrize(("lang", "word"), [("ko", "순감성"), ("en", "net sentiment")])
def test_topics_are_listed_by_name_with_their_mood(told: Browser, lang: str, word: str) -> None:
    words = said(told.open("topics", lang=lang))
    for name in NAMES.values():
        assert name in words
    assert word in words


def test_a_topic_has_its_quotes_and_its_story(told: Browser) -> None:
    words = said(told.open("topics", topic="2"))
    assert "소음이 생각보다 커서 밤에는 못 틀겠어요" in words
    assert "‘배송·포장’에서 갈라져 나왔어요" in words
    assert "‘소음·필터’ 주제가 여기서 갈라져 나갔어요" in said(told.open("topics", topic="1"))


def test_a_topic_nobody_knows_is_said_to_be_none(told: Browser) -> None:
    for topic in ("99", "<script>", "²"):
        assert "그런 주제가 없어요" in said(told.open("topics", topic=topic))


def test_before_there_are_topics_the_screen_says_when(browser: Browser, empty: Warehouse) -> None:
    words = said(browser.over(warehouse=empty).open("topics"))
    assert "madang" in words
