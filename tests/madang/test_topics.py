"""Topics through the house: found by a job in a process of its own, kept, and asked for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from madang import topics
from madang.settings import Settings, load_settings
from nlp.columns import TERM
from warehouse import annotations, queries
from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.queries import Filter
from warehouse.records import MENTION
from warehouse.store import Warehouse, open_warehouse

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SAID = (
    ("배송이 늦어서 택배 기사님께 전화했어요", "배송 늦다 택배 기사 전화"),
    ("택배 상자가 찌그러져 도착했어요", "택배 상자 찌그러지다 도착"),
    ("배송 포장 상자가 튼튼해요", "배송 포장 상자 튼튼하다"),
    ("환불 접수했는데 상담원이 거절했어요", "환불 접수 상담원 거절"),
    ("교환이나 반품은 영수증이 있어야 한대요", "교환 반품 영수증"),
    ("반품 접수하고 환불받았어요", "반품 접수 환불"),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "madang.toml").write_text('brand = "해담"\n', encoding="utf-8")
    found = load_settings(tmp_path)
    found.jobs.mkdir(parents=True)
    found.landing.mkdir(parents=True)
    return found


def fill(settings: Settings, warehouse: Warehouse, mentions: int) -> None:
    rows = [
        {
            "source": "shop", "native_id": f"r{n}", "kind": "review", "product": "해담 숨",
            "text": f"{SAID[n % 6][0]} {n}", "created_at": NOW - timedelta(hours=n),
            "collected_at": NOW,
        }
        for n in range(mentions)
    ]  # fmt: skip
    landing = Landing(settings.landing)
    with landing.open_source("mentions", "shop") as source:
        source.write(Batch(pa.Table.from_pylist(rows, schema=MENTION), {}))
    load(warehouse, landing)
    waiting = annotations.pending(warehouse, "v1", mentions)
    texts = [text.rpartition(" ")[0] for text in waiting["text"].to_pylist()]
    lemmas = dict(SAID)
    terms = [
        [{"lemma": w, "tag": "VV" if w.endswith("다") else "NNG"} for w in lemmas[text].split()]
        for text in texts
    ]
    none = [None] * len(texts)
    read = {
        "version": ["v1"] * len(texts),
        "lang": ["ko"] * len(texts),
        "sentiment": ["neutral"] * len(texts),
        "terms": pa.array(terms, pa.list_(TERM)),
    }
    for name in annotations.COLUMNS:
        if name != "mention_id" and name not in read:
            read[name] = pa.array(none, pa.null())
    annotations.record(
        warehouse,
        pa.table({"mention_id": waiting["mention_id"], "text_hash": waiting["text_hash"], **read}),
    )


def test_topics_are_found_once_and_told_of_every_mention(settings: Settings) -> None:
    warehouse = open_warehouse(
        settings.warehouse_path, settings.landing, settings.jobs, settings.zone
    )
    fill(settings, warehouse, 240)
    done = topics.refresh(settings, warehouse, NOW)
    assert done["found"] >= 2
    assert done["told"] == 240
    found = queries.topics(warehouse, Filter())
    assert found.assigned == 240
    words = {
        word for topic in found.topics for part in topic.name.split("·") for word in part.split()
    }
    assert words <= {word for _, lemmas in SAID for word in lemmas.split()}
    assert topics.refresh(settings, warehouse, NOW) == {"found": 0, "told": 0}
    assert list(settings.jobs.glob("topics-*")) == []
    warehouse.close()
