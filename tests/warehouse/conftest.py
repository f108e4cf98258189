"""A house to test in: a landing zone and a warehouse under tmp_path, and rows to fill them with."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from nlp.annotate import SCHEMA
from warehouse import annotations
from warehouse.facts import FACTS
from warehouse.landing import Batch, LandedBatch, Landing
from warehouse.load import Loaded, load
from warehouse.records import SCHEMAS
from warehouse.store import Warehouse, open_warehouse

ZONE = "Asia/Seoul"
FIRST = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)

TEXTS = (
    "배송이 너무 늦어요. 일주일이나 기다렸습니다.",
    "향이 은은하고 발림성이 좋아서 재구매했어요!",
    "포장이 찌그러져서 왔는데 내용물은 괜찮네요.",
    "고객센터 연결이 안 됩니다. 환불 부탁드려요.",
    "Love this cream, my skin feels soft all day.",
    "가격 대비 무난해요. 배송은 빨랐습니다.",
)


# What of a text names an aspect, and what in it says how.
ASPECTS = {"배송": "delivery", "포장": "packaging", "가격": "price", "연결": "service"}
BLAME, PRAISE = ("늦", "찌그러", "안 "), ("빨랐", "좋아", "무난")


def spoken_of(text: str) -> list[dict[str, Any]]:
    """The aspects of a text by plain rules: named words, blamed or praised by the sentence."""
    found = []
    for sentence in text.split("."):
        blamed, praised = (any(w in sentence for w in words) for words in (BLAME, PRAISE))
        polarity = "negative" if blamed and not praised else "positive" if praised else "neutral"
        for word, aspect in ASPECTS.items():
            if word in sentence:
                at = text.index(word)
                found.append(
                    {"aspect": aspect, "lemma": word, "start": at, "end": at + len(word),
                     "polarity": polarity, "score": {"negative": -0.7, "positive": 0.8}.get(
                         polarity, 0.0)}
                )  # fmt: skip
    return found


def understood(texts: list[str]) -> dict[str, Any]:
    """The columns of understanding, as nlp.annotate gives them, by plain rules."""
    intents = [
        [*(["complaint"] if "안 " in t or "늦" in t else []), *(["request"] if "부탁" in t else [])]
        for t in texts
    ]
    return {
        "aspects": pa.array([spoken_of(t) for t in texts], SCHEMA.field("aspects").type),
        "entities": pa.array(
            [
                [{"label": "product", "name": "cream", "start": 10, "end": 15}]
                if "cream" in t
                else []
                for t in texts
            ],
            SCHEMA.field("entities").type,
        ),
        "intents": pa.array(intents, pa.list_(pa.string())),
        "emotions": pa.array(
            [["anger"] if "너무" in t else [] for t in texts], pa.list_(pa.string())
        ),
        "toxicity": pa.array([0.1] * len(texts), pa.float32()),
        "spam": pa.array([0.9 if "무난" in t else 0.1 for t in texts], pa.float32()),
        "sponsored": ["재구매" in t for t in texts],
    }


def rows_of(record: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    schema = SCHEMAS[record]
    columns = {f.name: pa.array([row.get(f.name) for row in rows], f.type) for f in schema}
    return pa.table(columns, schema=schema)


def mention_row(number: int, **told: Any) -> dict[str, Any]:
    return {
        "source": "shop-reviews",
        "native_id": f"r{number}",
        "kind": "review",
        "author_handle": f"love{number % 7}****",
        "text": TEXTS[number % len(TEXTS)],
        "product": ("수분크림", "선크림", "립밤")[number % 3],
        "rating": (number % 5) / 4,
        "created_at": FIRST + timedelta(hours=5 * number),
        "collected_at": FIRST + timedelta(days=60),
        **told,
    }


@dataclass
class House:
    folder: Path
    landing: Landing = field(init=False)
    warehouse: Warehouse = field(init=False)

    def __post_init__(self) -> None:
        self.landing = Landing(self.folder / "landing")
        self.open()

    def open(self, zone: str = ZONE) -> None:
        self.warehouse = open_warehouse(
            self.folder / "warehouse.duckdb", self.folder / "landing", self.folder / "jobs", zone
        )

    def land(
        self,
        rows: Sequence[dict[str, Any]],
        record: str = "mentions",
        source: str = "shop-reviews",
        cursor: dict[str, Any] | None = None,
        rejected: pa.Table | None = None,
    ) -> LandedBatch:
        with self.landing.open_source(record, source) as writer:
            return writer.write(Batch(rows_of(record, rows), cursor or {}, rejected))

    def load(self) -> Loaded:
        return load(self.warehouse, self.landing)

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self.warehouse.reading() as cursor:
            found: list[dict[str, Any]] = cursor.sql(query).to_arrow_table().to_pylist()
            return found

    def value(self, query: str) -> Any:
        (row,) = self.rows(query)
        (value,) = row.values()
        return value


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path / "var")
    yield built
    built.warehouse.close()


@pytest.fixture(scope="session")
def new_house() -> Callable[[Path], House]:
    return House


@pytest.fixture(scope="session")
def row() -> Callable[..., dict[str, Any]]:
    return mention_row


@pytest.fixture(scope="session")
def table() -> Callable[..., pa.Table]:
    return rows_of


@pytest.fixture(scope="session")
def annotated() -> Callable[..., pa.Table]:
    """Annotations for a table of `pending`: words as lemmas, the sentiment by the given rule."""

    def annotate(
        pending: pa.Table, version: str = "v1", sentiment: Callable[[str], str] | None = None
    ) -> pa.Table:
        texts = pending.column("text").to_pylist()
        read = [sentiment(text) if sentiment else "neutral" for text in texts]
        scores = [{"negative": -0.8, "positive": 0.7}.get(each, 0.1) for each in read]
        return pa.table(
            {
                "mention_id": pending.column("mention_id"),
                "text_hash": pending.column("text_hash"),
                "version": [version] * len(texts),
                "lang": ["en" if text.isascii() else "ko" for text in texts],
                "p_negative": pa.array([0.2] * len(texts), pa.float32()),
                "p_neutral": pa.array([0.3] * len(texts), pa.float32()),
                "p_positive": pa.array([0.5] * len(texts), pa.float32()),
                "sentiment": read,
                "score": pa.array(scores, pa.float32()),
                "fingerprint": pa.array([len(text) for text in texts], pa.uint64()),
                "terms": pa.array(
                    [
                        [
                            {"lemma": word.strip(".!,").lower(), "tag": "NNG"}
                            for word in text.split()
                        ]
                        for text in texts
                    ],
                    pa.list_(pa.struct([("lemma", pa.string()), ("tag", pa.string())])),
                ),
                **understood(texts),
            }
        )

    return annotate


KEY = b"the key of this instance, 32 byte"
NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def key() -> bytes:
    return KEY


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def facts() -> Callable[..., pa.Table]:
    """A table of facts from (kind, subject, body), numbered from `first` on."""

    def table(*told: tuple[str, str, dict[str, Any]], first: int = 1) -> pa.Table:
        rows = [
            {
                "sequence": number,
                "kind": kind,
                "subject": subject,
                "body": json.dumps(body),
                "happened_at": FIRST + timedelta(minutes=number),
            }
            for number, (kind, subject, body) in enumerate(told, start=first)
        ]
        return pa.Table.from_pylist(rows, schema=FACTS)

    return table


@pytest.fixture(scope="session")
def read(annotated: Callable[..., pa.Table]) -> Callable[..., None]:
    """Annotate all that is unread, by default as negative."""

    def annotate(house: House, sentiment: Callable[[str], str] = lambda _: "negative") -> None:
        waiting = annotations.pending(house.warehouse, "v1", 1_000_000)
        annotations.record(house.warehouse, annotated(waiting, "v1", sentiment))

    return annotate
