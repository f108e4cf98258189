"""Screens on which somebody decides or looks at a person: alerts, customers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from nlp.identifiers import email_key
from tests.dashboard.conftest import HOSTILE, NOW, Browser, Member, annotated, mention
from tests.dashboard.test_screens import read, said
from warehouse import annotations, queries
from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.people.keys import refresh_keys
from warehouse.people.match import match_known
from warehouse.records import CUSTOMER, MENTION, ORDER
from warehouse.signals.detect import raise_alerts
from warehouse.store import Warehouse, open_warehouse

KEY = b"only-for-tests"
LATE = "배송이 사흘이나 늦어서 속상했어요"


@dataclass(frozen=True)
class State:
    """What people did about one alert."""

    state: str
    by: str = ""
    at: datetime | None = None
    note: str = ""


@dataclass
class Notebook:
    """The community's side of the desk, as lists: what was taken on, and who was looked at."""

    states: dict[str, State] = field(default_factory=dict)
    looks: list[tuple[str, int]] = field(default_factory=list)

    def take(self, alert_id: str, by: Member, note: str) -> None:
        self.states[alert_id] = State("acknowledged", by.name, NOW, note)

    def give_back(self, alert_id: str, by: Member) -> None:
        self.states[alert_id] = State("raised")

    def look(self, customer_id: str, by: Member) -> None:
        self.looks.append((customer_id, by.member_id))


def talk() -> list[dict[str, object]]:
    """Eight quiet weeks of one product, and twelve complaints in the last four hours."""
    quiet = [
        {**mention(n, NOW - timedelta(hours=10 * n + 30)), "product": "해담 숨"} for n in range(130)
    ]
    loud = [
        {
            **mention(1000 + n, NOW - timedelta(minutes=18 * n + 5)), "product": "해담 숨",
            "text": LATE if n else HOSTILE, "lang": "ko", "author_handle": None,
            "author_id": f"a{n}",
            "extra": f'{{"email_key": "{email_key(f"m{n}@example.kr", KEY)}"}}',
        }
        for n in range(12)
    ]  # fmt: skip
    return quiet + loud


def cast(schema: pa.Schema, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)


@pytest.fixture(scope="module")
def alarmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A product in trouble; three of those who complain are customers, one with a hostile name."""
    home = tmp_path_factory.mktemp("alarmed")
    landing = Landing(home / "landing", KEY)
    rows = talk()
    names = ("박서연", "<b>이준</b>", "최하나")
    customers = [
        {"customer_id": f"c{n}", "name": name, "email": f"M{n}@example.kr", "city": "대전"}
        for n, name in enumerate(names)
    ]
    orders = [
        {"order_id": f"o{n}", "customer_id": f"c{n}", "product": "해담 숨", "amount": 189000 + n,
         "quantity": 1, "currency": "KRW", "ordered_at": NOW - timedelta(days=40)}
        for n in range(3)
    ]  # fmt: skip
    for record, source, table in (
        ("mentions", "shop", cast(MENTION, rows)),
        ("customers", "crm", cast(CUSTOMER, customers)),
        ("orders", "shop", cast(ORDER, orders)),
    ):
        with landing.open_source(record, source) as writer:
            writer.write(Batch(table, {}))
    house = open_warehouse(home / "w.duckdb", home / "landing", home / "jobs", "Asia/Seoul")
    load(house, landing)
    annotations.record(house, annotated(rows))
    refresh_keys(house, KEY)
    match_known(house)
    assert raise_alerts(house, NOW) == 1
    yield house
    house.close()


@pytest.fixture
def notebook(alarmed: Warehouse) -> Notebook:
    return Notebook({queries.alerts(alarmed)[0].alert_id: State("raised")})


@pytest.fixture
def desk(browser: Browser, alarmed: Warehouse, notebook: Notebook) -> Browser:
    return browser.over(
        warehouse=alarmed, identity_key=KEY, look_at_customer=notebook.look,
        alert_states=lambda ids: notebook.states, acknowledge=notebook.take,
        reopen=notebook.give_back,
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_front_says_what_waits_for_a_decision(
    desk: Browser, alarmed: Warehouse, lang: str
) -> None:
    seen = queries.alerts(alarmed)[0].seen
    assert seen >= 10
    korean, english = f"부정 멘션이 {seen}개예요", f"{seen} negative mentions of 해담 숨"
    sentence = korean if lang == "ko" else english
    assert sentence in said(desk.open(lang=lang))


def test_an_alert_that_somebody_has_does_not_wait(desk: Browser, notebook: Notebook) -> None:
    for alert_id in notebook.states:
        notebook.take(alert_id, Member(), "")
    assert "부정 멘션이" not in said(desk.open())
    assert "김하늘 님이 맡았어요" in said(desk.open("alerts"))


def test_an_alert_shows_hours_causes_and_who_is_hit(desk: Browser, notebook: Notebook) -> None:
    (alert_id,) = notebook.states
    at = desk.open("alerts", id=alert_id)
    words = said(at)
    assert "해담 숨" in words and LATE in words
    assert "확인된 고객 3명이 글을 썼어요." in words
    assert read(at).foreign == []
    links = [link.proto.label for link in at.get("page_link")]
    assert "박서연 · ₩189,000" in links


def test_taking_an_alert_on_is_a_decision_and_can_be_given_back(
    desk: Browser, notebook: Notebook
) -> None:
    (alert_id,) = notebook.states
    at = desk.open("alerts", id=alert_id)
    at.text_input[0].set_value("물류팀에 확인 중이에요")
    at.button[0].click().run()
    assert notebook.states[alert_id] == State(
        "acknowledged", "김하늘", NOW, "물류팀에 확인 중이에요"
    )
    assert "물류팀에 확인 중이에요" in said(at)
    at.button(key="reopen").click().run()
    assert notebook.states[alert_id].state == "raised"


def test_an_alert_of_the_past_asks_for_nothing(desk: Browser, notebook: Notebook) -> None:
    (alert_id,) = notebook.states
    notebook.states.clear()
    at = desk.open("alerts", id=alert_id)
    assert len(at.button) == 0 and "지난 기록에서 찾았거나" in said(at)


def test_no_alert_says_why(browser: Browser, empty: Warehouse) -> None:
    assert "알림이 없어요" in said(browser.over(warehouse=empty).open("alerts"))
    assert "이 알림은 여기에 없어요" in said(browser.open("alerts", id="nonesuch"))


@pytest.mark.parametrize("words", ["박서연", "m0@EXAMPLE.kr", "c0"])
def test_a_customer_is_found_by_name_address_and_number(desk: Browser, words: str) -> None:
    at = desk.open("customers")
    assert "누구를 찾을까요?" in said(at)
    at.text_input[0].set_value(words).run()
    assert "박서연" in said(at) and "최하나" not in said(at)
    at.text_input[0].set_value("없는 사람").run()
    assert "찾는 고객이 없어요" in said(at)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_customers_card_says_why_it_is_they_and_leaves_a_record(
    desk: Browser, notebook: Notebook, lang: str
) -> None:
    at = desk.open("customers", id="c0", lang=lang)
    words = said(at)
    reason = "확인된 전자우편이 같아요" if lang == "ko" else "the same verified e-mail"
    assert "박서연" in words and "₩189,000" in words and reason in words
    assert notebook.looks and set(notebook.looks) == {("c0", 7)}


def test_a_hostile_name_is_only_a_name(desk: Browser) -> None:
    at = desk.open("customers", id="c1")
    assert "<b>이준</b>" in said(at)
    assert read(at).foreign == []


def test_who_is_not_here_is_said_to_be_gone(desk: Browser, notebook: Notebook) -> None:
    assert "이 고객은 여기에 없어요" in said(desk.open("customers", id="erased-1"))
    assert notebook.looks == []


def test_money_is_written_by_its_currency(tmp_path: Path) -> None:
    from dashboard.formats import money

    assert money(1260000, "KRW", "ko") == "₩1,260,000"
    assert money(1250, "USD", "en") == "$12.50"
    assert money(980, "JPY", "ko") == "JP¥980"
