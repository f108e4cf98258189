"""What people say of texts on the desk: corrections, labels without the model's word, and trust."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from dashboard.judging import Judging, Sample
from tests.dashboard.conftest import HOSTILE, NOW, Browser, Member, annotated, market
from tests.dashboard.test_screens import an_id, read, said
from warehouse import annotations, meter, queries
from warehouse.facts import FACTS, take_facts
from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.queries import Filter
from warehouse.records import MENTION
from warehouse.store import Warehouse, open_warehouse


@dataclass(frozen=True)
class Said:
    """One correction."""

    text_hash: str
    sentiment: str
    by: str
    at: datetime = NOW


@dataclass
class Item:
    """One mention of a sample, with its label."""

    mention_id: str
    text_hash: str
    source: str
    lang: str
    predicted: str
    label: str = ""


@dataclass
class Notebook:
    """The community's side of the desk: what was said of texts, kept in lists."""

    warehouse: Warehouse
    corrections: dict[str, Said] = field(default_factory=dict)
    sample: Sample | None = None
    told: list[tuple[str, str | None]] = field(default_factory=list)

    def correct(self, mention: str, text_hash: str, sentiment: str, by: Member) -> None:
        self.corrections[mention] = Said(text_hash, sentiment, by.name)

    def withdraw(self, mention: str, by: Member) -> None:
        del self.corrections[mention]

    def draw(self, size: int, by: Member) -> None:
        drawn = meter.draw(self.warehouse, size, seed=1)
        items = [
            Item(i.mention_id, i.text_hash, i.source, i.lang, i.predicted) for i in drawn.items
        ]
        self.sample = Sample("S", items)

    def label(self, sample: str, mention: str, label: str | None, by: Member) -> None:
        assert self.sample is not None
        (item,) = (item for item in self.sample.items if item.mention_id == mention)
        item.label = label or ""
        self.told.append((mention, label))

    def judging(self) -> Judging:
        return Judging(
            lambda ids: self.corrections, self.correct, self.withdraw, lambda: self.sample,
            self.draw, self.label,
        )  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Warehouse]:
    """The market in a warehouse of one's own, where labels may be told."""
    landing, rows = Landing(tmp_path / "landing"), market()
    with landing.open_source("mentions", "shop") as source:
        source.write(Batch(pa.Table.from_pylist(rows, schema=MENTION), {}))
    house = open_warehouse(
        tmp_path / "w.duckdb", tmp_path / "landing", tmp_path / "j", "Asia/Seoul"
    )
    load(house, landing)
    annotations.record(house, annotated(rows[:-1]))
    yield house
    house.close()


@pytest.fixture
def notebook(small: Warehouse) -> Notebook:
    return Notebook(small)


@pytest.fixture
def desk(browser: Browser, notebook: Notebook) -> Browser:
    return browser.over(warehouse=notebook.warehouse, judging=notebook.judging())


def label_all(warehouse: Warehouse, right: int, of: int) -> None:
    """Tell the warehouse of a sample of `of` mentions, `right` of which people agreed with."""
    drawn = meter.draw(warehouse, of, seed=1)
    items = [
        [i.mention_id, i.text_hash, i.source, i.lang, i.week.isoformat(), i.predicted,
         i.probability]
        for i in drawn.items
    ]  # fmt: skip
    body = {"version": drawn.version, "seed": 1, "population": drawn.population, "items": items}
    other = {"negative": "neutral", "neutral": "positive", "positive": "neutral"}
    told: list[tuple[str, str, Mapping[str, object]]] = [("sample_drawn", "S", body)]
    for number, item in enumerate(drawn.items):
        label = item.predicted if number < right else other[item.predicted]
        told.append(("sample_labelled", f"S|{item.mention_id}", {"label": label}))
    rows = [
        {"sequence": n, "kind": kind, "subject": subject, "body": json.dumps(said),
         "happened_at": NOW}
        for n, (kind, subject, said) in enumerate(told, start=1)
    ]  # fmt: skip
    take_facts(warehouse, pa.Table.from_pylist(rows, schema=FACTS))


@pytest.mark.parametrize(
    ("lang", "words"),
    [("ko", "사람이 바로잡았어요: 긍정"), ("en", "Corrected by a person: Positive")],
)
def test_a_mention_is_corrected_and_the_correction_undone(
    desk: Browser, notebook: Notebook, lang: str, words: str
) -> None:
    at = desk.open("mention", lang=lang, id=an_id(1))
    assert words not in said(at)
    at.button(key="judge-positive").click().run()
    page = queries.mention(notebook.warehouse, an_id(1))
    assert page is not None
    assert notebook.corrections[an_id(1)] == Said(page.text_hash, "positive", "김하늘")
    assert words in said(at) and "김하늘" in said(at)
    assert at.button(key="judge-positive").disabled
    at.button(key="judge-undo").click().run()
    assert notebook.corrections == {} and words not in said(at)


def test_a_correction_of_another_text_is_not_shown(desk: Browser, notebook: Notebook) -> None:
    notebook.corrections[an_id(1)] = Said("7", "positive", "김하늘")
    assert "바로잡았어요" not in said(desk.open("mention", id=an_id(1)))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_nobody_has_checked_yet(desk: Browser, notebook: Notebook, lang: str) -> None:
    nobody = "아직 아무도 확인하지 않았어요" if lang == "ko" else "Nobody has checked yet"
    for screen in ("overview", "mentions", "meter"):
        assert nobody in said(desk.open(screen, lang=lang))
    at = desk.open("meter", lang=lang)
    at.button(key="draw").click().run()
    assert notebook.sample is not None and len(notebook.sample.items) == 179
    assert at.get("progress")


def test_texts_are_labelled_one_after_another_without_the_verdict(
    desk: Browser, notebook: Notebook
) -> None:
    notebook.draw(5, Member())
    assert notebook.sample is not None
    at = desk.open("meter")
    texts = meter.texts_of(
        notebook.warehouse, [(i.mention_id, i.text_hash) for i in notebook.sample.items]
    )
    for number, (item, label) in enumerate(
        zip(list(notebook.sample.items), ("negative", "neutral", "positive"), strict=False)
    ):
        words = said(at)
        assert " ".join(texts[item.mention_id].split()) in words
        assert not [piece for piece in at.get("html") if "class='m-chip" in piece.proto.body]
        assert at.get("progress")[0].proto.text == f"5개 중 {number + 1}번째"
        at.button(key=f"label-{label}").click().run()
        assert notebook.told[-1] == (item.mention_id, label)
    at.button(key="undo").click().run()
    assert notebook.told[-1] == (notebook.sample.items[2].mention_id, None)
    assert at.get("progress")[0].proto.text == "5개 중 3번째"
    for _ in range(3):
        at.button(key="label-unclear").click().run()
    assert "다 답했어요" in said(at)


def test_a_text_that_has_gone_is_not_asked_for(desk: Browser, notebook: Notebook) -> None:
    gone = Item("00000000-0000-4000-8000-000000000000", "1", "shop", "ko", "neutral")
    notebook.sample = Sample("S", [gone])
    assert "다 답했어요" in said(desk.open("meter"))


def test_a_hostile_text_is_only_a_text(desk: Browser, notebook: Notebook) -> None:
    notebook.draw(500, Member())
    assert notebook.sample is not None
    hostile = an_id(200)
    notebook.sample = Sample("S", [i for i in notebook.sample.items if i.mention_id == hostile])
    at = desk.open("meter")
    assert HOSTILE in said(at) and read(at).foreign == []


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_accuracy_stands_beside_the_charts_and_on_its_screen(
    desk: Browser, notebook: Notebook, lang: str
) -> None:
    label_all(notebook.warehouse, right=80, of=100)
    share = meter.accuracy_of(notebook.warehouse)
    assert share.value is not None and 0.7 < share.value < 0.9
    percent = f"{share.value * 100:.0f} %"
    chosen = Filter(since=NOW.date() - timedelta(days=29), until=NOW.date())
    these = meter.accuracy_of(notebook.warehouse, chosen)
    assert these.value is not None and 30 <= these.n < 100
    part = f"{these.value * 100:.0f} %"
    beside = f"이 글들에서 감정의 {part}" if lang == "ko" else f"Of these mentions, {part} were"
    for screen in ("overview", "mentions"):
        words = said(desk.open(screen, lang=lang))
        assert beside in words and str(these.n) in words
    words = said(desk.open("meter", lang=lang))
    headline = f"감정을 {percent} 맞게 읽어요" if lang == "ko" else f"{percent} of sentiments are"
    assert headline in words
    assert ("출처별" if lang == "ko" else "By source") in words
    assert ("가장 흔한 실수" if lang == "ko" else "The commonest mistake") in words


def test_a_handful_of_labels_is_not_called_an_accuracy(desk: Browser, notebook: Notebook) -> None:
    label_all(notebook.warehouse, right=3, of=5)
    for screen in ("overview", "meter"):
        words = said(desk.open(screen))
        assert "아직 5개뿐이라" in words and "맞게 읽었어요" not in words
        assert "출처별" not in words


def test_history_being_read_again_is_said_beside_the_charts(
    desk: Browser, notebook: Notebook
) -> None:
    assert "다시 읽고 있어요" not in said(desk.open())
    rows = market()[:45]
    newer = annotated(rows)
    newer = newer.set_column(
        newer.schema.get_field_index("version"), "version", pa.array(["by-hand-2"] * 45)
    )
    annotations.record(notebook.warehouse, newer)
    assert "다시 읽고 있어요: 25 %" in said(desk.open())
    assert "by-hand-1 모델이 읽은 대로" in said(desk.open("meter"))
