"""A small market in a real warehouse, and the desk bound to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.context import Desk, bind
from nlp.annotate import SCHEMA
from nlp.fingerprint import fingerprints
from nlp.korean import morphology, terms
from warehouse import annotations
from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.records import MENTION, QUARANTINED, mention_id
from warehouse.store import Warehouse, open_warehouse

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
VERSION = "by-hand-1"
HOSTILE = "배송 <img src=x onerror=alert(1)> <script>alert(2)</script> 느려요"

# What is said, how it is meant, in which language.
SAID = (
    ("배송은 빨랐는데 포장이 조금 아쉬워요", "neutral", "ko"),
    ("소음이 생각보다 커서 밤에는 못 틀겠어요", "negative", "ko"),
    ("필터 교체가 쉬워서 부모님도 잘 쓰세요", "positive", "ko"),
    ("배송이 사흘이나 늦어서 속상했어요", "negative", "ko"),
    ("Works quietly and the app is easy to use", "positive", "en"),
    ("Refund took three weeks, not happy", "negative", "en"),
)
# Of what each speaks and how, what it wants, what it feels.
UNDERSTOOD = (
    (SAID[0][0], (("배송", "delivery", "positive"), ("포장", "packaging", "negative")),
     ("praise", "complaint"), ("disappointment",)),
    (SAID[1][0], (("소음", "noise", "negative"),), ("complaint",), ("anger",)),
    (SAID[2][0], (("필터", "필터 교체", "positive"),), ("praise",), ("joy",)),
    (SAID[3][0], (("배송", "delivery", "negative"),),
     ("complaint", "life_event", "life_event:moving"), ("sadness",)),
    (SAID[5][0], (("Refund", "service", "negative"),), ("complaint",), ()),
    (HOSTILE, (("배송", "delivery", "negative"), ("<script>", "<b>x</b>", "negative")),
     ("complaint",), ("anger",)),
)  # fmt: skip
PRODUCTS = ("해담 숨", "해담 결", "해담 온")


@dataclass(frozen=True)
class Member:
    """Whoever is signed in."""

    name: str = "김하늘"
    member_id: int = 7


def mention(number: int, at: datetime) -> dict[str, object]:
    text, _, lang = SAID[number % len(SAID)]
    return {
        "source": "shop", "native_id": f"r{number}", "kind": "review", "text": text, "lang": lang,
        "author_handle": f"love{number % 4}****", "product": PRODUCTS[number % 7 % 3],
        "rating": (number % 5) / 4, "rating_raw": f"{number % 5 + 1}/5",
        "url": f"https://shop.example/reviews/{number}",
        "created_at": at, "collected_at": NOW - timedelta(hours=2),
    }  # fmt: skip


def market() -> list[dict[str, object]]:
    """120 mentions of the last month, 60 of the month before, one that is hostile, one unread."""
    late = [mention(n, NOW - timedelta(hours=6 * n + 1)) for n in range(118)]
    early = [
        mention(n, NOW - timedelta(days=30, hours=12 * (n - 118) + 1)) for n in range(118, 178)
    ]
    hostile = {
        **mention(200, NOW - timedelta(minutes=30)), "text": HOSTILE, "author_name": "<b>x</b>",
        "title": "'><svg onload=alert(3)>", "product": "<i>해담</i>", "url": "javascript:alert(4)",
    }  # fmt: skip
    unread = {
        **mention(201, NOW - timedelta(minutes=5)),
        "text": "방금 산 가습기, 배송은 언제 와요?",
    }
    return [*late, *early, hostile, unread]


def rejected() -> pa.Table:
    row = {
        "record": "mentions", "source": "shop", "origin": "reviews.csv", "row": 7,
        "reason": "no text <script>alert(5)</script>", "excerpt": "r7,,5", "rejected_at": NOW,
    }  # fmt: skip
    return pa.Table.from_pylist([row], schema=QUARANTINED)


def annotated(rows: list[dict[str, object]]) -> pa.Table:
    """Readings made by hand, but for terms and fingerprints, which are the real ones."""
    texts = [str(row["text"]) for row in rows]
    meant = {text: sentiment for text, sentiment, _ in SAID}
    sentiments = [meant.get(text, "negative") for text in texts]
    chances = {
        "negative": (0.8, 0.15, 0.05),
        "neutral": (0.2, 0.6, 0.2),
        "positive": (0.1, 0.1, 0.8),
    }
    p = [chances[sentiment] for sentiment in sentiments]
    return pa.table(
        {
            "mention_id": [str(mention_id("shop", str(row["native_id"]))) for row in rows],
            "version": [VERSION] * len(rows),
            "lang": [str(row["lang"]) for row in rows],
            "p_negative": pa.array([x[0] for x in p], pa.float32()),
            "p_neutral": pa.array([x[1] for x in p], pa.float32()),
            "p_positive": pa.array([x[2] for x in p], pa.float32()),
            "sentiment": sentiments,
            "score": pa.array([x[2] - x[0] for x in p], pa.float32()),
            "fingerprint": pa.array(fingerprints(texts), pa.uint64()),
            "terms": [[term._asdict() for term in found] for found in terms(texts)],
            **understood(texts),
        }
    )


def understood(texts: list[str]) -> dict[str, Any]:
    """What a part of the annotator would read in these texts, written down by hand."""
    told = {text: (spoken, intents, felt) for text, spoken, intents, felt in UNDERSTOOD}
    read = [told.get(text, ((), (), ())) for text in texts]
    aspects = [
        [
            {"aspect": aspect, "lemma": word, "start": text.index(word),
             "end": text.index(word) + len(word), "polarity": polarity,
             "score": {"negative": -0.8, "positive": 0.8}.get(polarity, 0.0)}
            for word, aspect, polarity in spoken
        ]
        for text, (spoken, _, _) in zip(texts, read, strict=True)
    ]  # fmt: skip
    words = pa.list_(pa.string())
    return {
        "aspects": pa.array(aspects, SCHEMA.field("aspects").type),
        "entities": pa.array([[] for _ in texts], SCHEMA.field("entities").type),
        "intents": pa.array([list(intents) for _, intents, _ in read], words),
        "emotions": pa.array([list(felt) for _, _, felt in read], words),
        "toxicity": pa.array([0.9 if text == HOSTILE else 0.0 for text in texts], pa.float32()),
        "spam": pa.array([0.8 if text == HOSTILE else 0.0 for text in texts], pa.float32()),
        "sponsored": [text == HOSTILE for text in texts],
    }


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The market, landed, loaded and, but for one mention, annotated."""
    home = tmp_path_factory.mktemp("market")
    landing, rows = Landing(home / "landing"), market()
    with landing.open_source("mentions", "shop") as source:
        source.write(Batch(pa.Table.from_pylist(rows, schema=MENTION), {}, rejected()))
    house = open_warehouse(home / "w.duckdb", home / "landing", home / "jobs", "Asia/Seoul")
    load(house, landing)
    annotations.record(house, annotated(rows[:-1]))
    yield house
    house.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse that nothing has come into."""
    house = open_warehouse(tmp_path / "w.duckdb", tmp_path / "l", tmp_path / "j", "Asia/Seoul")
    yield house
    house.close()


@dataclass
class Browser:
    """Opens the desk's script on a screen: `browser.open("mentions", lang="en")`."""

    desk: Desk

    def open(self, screen: str = "overview", **query: str) -> AppTest:
        bind(self.desk)
        app = Path(dashboard.__file__).with_name("app.py")
        at = AppTest.from_file(str(app), default_timeout=60)
        # Else each of them reads the metadata of all packages for components; the desk has none.
        at._bidi_component_manager = BidiComponentManager()
        at.query_params.update(query)
        at.run()
        if screen != "overview":
            at.switch_page(f"screens/{screen}.py")
            at.query_params.update(query)
            at.run()
        assert not at.exception, at.exception
        return at

    def over(self, **fields: Any) -> "Browser":
        """The same with something of the desk changed."""
        return Browser(replace(self.desk, **fields))


@pytest.fixture
def browser(warehouse: Warehouse) -> Browser:
    """The desk over the market, with a member of staff signed in."""

    def staff(cookies: Mapping[str, str]) -> Member:
        return Member()

    return Browser(
        Desk(
            warehouse=warehouse, zone="Asia/Seoul", language="ko", brand="해담", staff=staff,
            analyser=morphology(), now=lambda: NOW,
        )
    )  # fmt: skip
