"""Trackers on the desk: the list, the editor with its preview, versions, and the search box."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import drafting
from dashboard.i18n import LANGUAGES, Words
from dashboard.tracking import Draft, Tracking
from nlp.korean import morphology
from tests.dashboard.conftest import NOW, Browser, Member
from tests.dashboard.test_screens import read, said
from warehouse.store import Warehouse
from warehouse.trackers.language import parse
from warehouse.trackers.preview import SAMPLES
from warehouse.trackers.words import understood

LATE = "배송 AND (늦다 OR 느리다)"


@dataclass(frozen=True)
class Kept:
    """A tracker as it stands, and each of its versions."""

    tracker_id: str
    name: str
    query: str
    number: int = 1
    act: str = "created"
    active: bool = True
    why: str = ""
    by: str = "이미나"
    at: datetime = NOW - timedelta(hours=3)

    @property
    def version(self) -> int:
        return self.number


@dataclass(frozen=True)
class Answer:
    """What became of an order."""

    tracker_id: str
    version: int
    outcome: str


@dataclass
class Keeper:
    """The community's side of the desk: trackers with their versions, kept in a list."""

    may: bool = True
    kept: dict[str, list[Kept]] = field(default_factory=dict)

    def put(self, each: Kept) -> None:
        self.kept.setdefault(each.tracker_id, []).insert(0, each)

    def newest(self, tracker_id: str) -> Kept | None:
        return next(iter(self.kept.get(tracker_id, [])), None)

    def trackers(self, retired: bool) -> list[Kept]:
        heads = [versions[0] for versions in self.kept.values()]
        return [head for head in heads if head.active != retired]

    def save(self, draft: Draft, by: Member) -> Answer:
        if any(
            head.name == draft.name and head.tracker_id != draft.tracker_id
            for head in self.trackers(False)
        ):
            return Answer(draft.tracker_id or "", draft.seen, "named_twice")
        if draft.tracker_id is None:
            self.put(Kept(f"T{len(self.kept) + 1}", draft.name, draft.query, by=by.name))
            return Answer(f"T{len(self.kept)}", 1, "saved")
        return self.change(
            draft.tracker_id, draft.seen, by, "edited", name=draft.name, query=draft.query,
            why=draft.why,
        )  # fmt: skip

    def change(self, tracker_id: str, seen: int, by: Member, act: str, **to: Any) -> Answer:
        head = self.kept[tracker_id][0]
        if head.number != seen:
            return Answer(tracker_id, head.number, "overtaken")
        self.put(replace(head, number=seen + 1, act=act, by=by.name, at=NOW, **to))
        return Answer(tracker_id, seen + 1, "saved")

    def restore(self, tracker_id: str, number: int, seen: int, by: Member) -> Answer:
        old = next(each for each in self.kept[tracker_id] if each.number == number)
        return self.change(
            tracker_id, seen, by, "restored", name=old.name, query=old.query, active=True
        )

    def tracking(self) -> Tracking:
        return Tracking(
            trackers=self.trackers,
            tracker=self.newest,
            versions=lambda tracker_id: self.kept.get(tracker_id, []),
            may_save=lambda by: self.may,
            save=self.save,
            retire=lambda name, seen, by: self.change(name, seen, by, "retired", active=False),
            restore=self.restore,
        )


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def desk(browser: Browser, keeper: Keeper) -> Browser:
    return browser.over(tracking=keeper.tracking())


def typed(at: AppTest, name: str, query: str) -> AppTest:
    at.text_input(key="draft-name").set_value(name)
    at.text_area(key="draft-query").set_value(query).run()
    assert not at.exception, at.exception
    return at


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception, at.exception
    return at


def drafted(desk: Browser, name: str, query: str, lang: str = "ko") -> AppTest:
    at = desk.open("trackers", lang=lang, edit="new")
    return typed(at, name, query)


def test_without_trackers_an_example_is_offered(desk: Browser) -> None:
    at = desk.open("trackers")
    assert "아직 저장한 트래커가 없어요" in said(at)
    press(at, "try-example")
    assert at.text_input(key="draft-name").value == "늦은 배송"
    assert at.text_area(key="draft-query").value == Words("ko")("trackers.example_query")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_example_that_is_shown_can_be_read(lang: str) -> None:
    say = Words(lang)
    shown = [say(example) for example in drafting.SYNTAX]
    for text in (*shown, drafting.FIELDS, say("trackers.example_query")):
        assert understood(parse(text), morphology()).read


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ko", "지난 30일에 멘션 20개를 찾았을 거예요"),
        ("en", "found 20 mentions in the last 30 days"),
    ],
)
def test_a_query_is_tried_before_it_is_saved(desk: Browser, lang: str, words: str) -> None:
    at = drafted(desk, "소음", "소음이", lang)
    assert words in said(at)
    assert len(at.get("vega_lite_chart")) == 1
    bodies = [piece.proto.body for piece in at.get("html")]
    cards = [body for body in bodies if body.startswith("<article class='m-card'")]
    assert len(cards) == SAMPLES
    assert all("<mark>소음</mark>" in card for card in cards)


def test_the_part_of_a_query_that_brings_noise_is_named(desk: Browser) -> None:
    at = drafted(desk, "소음", "소음 OR 배송 OR 필터 OR 잠수함")
    words = said(at)
    (reasons,) = re.findall("‘필터’로 찾은 글은 나머지와 많이 달라요: ([^.]+)\\.", words)
    assert "분위기가 달라요" in reasons
    assert "필터 20 빼면 사라지는 글 20개 · 부정 0 %" in words
    assert "잠수함 0 지난 30일에는 찾은 글이 없어요." in words


def test_of_a_few_hits_no_part_is_made_much_of(desk: Browser) -> None:
    words = said(drafted(desk, "밤", "(밤 OR 낮) AND (소음 OR 필터)"))
    assert "‘밤’이 가장 많은 100 %를 찾았어요" in words
    at = drafted(desk, "가습기", "가습기 OR 낮")
    assert "부분마다 찾은 글" in said(at) and "가장 많은" not in said(at)


def test_without_alternatives_there_are_no_parts(desk: Browser) -> None:
    at = drafted(desk, "소음", "소음 밤")
    assert "사라지는 글" not in said(at) and "멘션 20개를" in said(at)


def test_a_mistake_is_pointed_at_and_nothing_is_lost(desk: Browser, keeper: Keeper) -> None:
    at = drafted(desk, "늦은 배송", "배송 AND (늦다 OR")
    assert "OR 뒤에 아무것도 없어요." in said(at)
    assert "지난 30일에" not in said(at).replace("지난 30일에 무엇을", "")
    press(at, "save-draft")
    assert at.text_area(key="draft-query").value == "배송 AND (늦다 OR"
    assert keeper.kept == {}
    at = typed(at, "늦은 배송", "배송 lang:kr")
    bodies = [piece.proto.body for piece in at.get("html")]
    (piece,) = [body for body in bodies if body.startswith("<section class='m-mistake'")]
    assert "배송 lang:<span class='m-caret'>k</span>r" in piece
    assert "쓸 수 있는 값: ko, en, ja, zh, und." in said(at)


@pytest.mark.parametrize("name", ["", "  "])
def test_what_is_not_complete_is_not_saved(desk: Browser, keeper: Keeper, name: str) -> None:
    at = press(drafted(desk, name, ""), "save-draft")
    assert "이름을 써 주세요." in said(at) and "찾을 말이 없어요." in said(at)
    assert keeper.kept == {}


def test_a_tracker_that_is_saved_shows_what_it_finds_at_once(desk: Browser, keeper: Keeper) -> None:
    at = press(drafted(desk, "늦은 배송", LATE), "save-draft")
    assert keeper.kept["T1"][0].query == LATE and keeper.kept["T1"][0].by == "김하늘"
    words = said(at)
    assert "저장했어요. 지난 글에서 찾은 것부터 보여 드려요." in words
    assert "사흘이나 늦 어서" in words and "소음이" not in words
    assert at.query_params["tracker"] == "T1" and "edit" not in at.query_params
    assert "저장했어요" not in said(at.run())


def test_who_was_overtaken_sees_both_and_chooses(desk: Browser, keeper: Keeper) -> None:
    keeper.put(Kept("T1", "늦은 배송", LATE))
    at = desk.open("trackers", edit="T1")
    typed(at, "늦은 배송", "배송 늦다 NOT 이벤트")
    keeper.change("T1", 1, Member("최준호"), "edited", query="택배 늦다")
    press(at, "save-draft")
    assert "그사이 최준호가 이 트래커를 고쳤어요" in said(at) and "택배 늦다" in said(at)
    assert at.text_area(key="draft-query").value == "배송 늦다 NOT 이벤트"
    assert keeper.kept["T1"][0].number == 2
    press(at, "keep-mine")
    assert (keeper.kept["T1"][0].number, keeper.kept["T1"][0].query) == (3, "배송 늦다 NOT 이벤트")


def test_who_was_overtaken_may_take_what_is_saved(desk: Browser, keeper: Keeper) -> None:
    keeper.put(Kept("T1", "늦은 배송", LATE))
    at = typed(desk.open("trackers", edit="T1"), "늦은 배송", "배송")
    keeper.change("T1", 1, Member("최준호"), "edited", query="택배 늦다")
    press(at, "save-draft")
    press(at, "take-theirs")
    assert at.text_area(key="draft-query").value == "택배 늦다"
    press(at, "save-draft")
    assert keeper.kept["T1"][0].number == 3


def test_what_was_typed_is_there_again_and_what_was_not_is_as_it_stands(
    desk: Browser, keeper: Keeper
) -> None:
    keeper.put(Kept("T1", "늦은 배송", LATE))
    at = desk.open("trackers", edit="T1")
    keeper.change("T1", 1, Member("최준호"), "edited", query="택배 늦다")
    assert at.run().text_area(key="draft-query").value == "택배 늦다"
    typed(at, "늦은 배송", "택배 NEAR/3 늦다")
    at.switch_page("screens/sources.py").run()
    at.switch_page("screens/trackers.py")
    at.query_params["edit"] = "T1"
    assert at.run().text_area(key="draft-query").value == "택배 NEAR/3 늦다"
    keeper.change("T1", 2, Member("최준호"), "retired", active=False)
    assert "지금은 쓰지 않는 트래커예요." in said(at.run())


def test_a_name_is_given_once(desk: Browser, keeper: Keeper) -> None:
    keeper.put(Kept("T1", "늦은 배송", LATE))
    at = press(drafted(desk, "늦은 배송", "배송"), "save-draft")
    assert "‘늦은 배송’은 이미 쓰고 있는 이름이에요." in said(at)
    assert len(keeper.kept) == 1


def test_versions_are_told_and_one_can_be_gone_back_to(desk: Browser, keeper: Keeper) -> None:
    keeper.put(Kept("T1", "늦은 배송", LATE))
    keeper.change("T1", 1, Member("최준호"), "edited", query="택배", why="택배라고들 해서")
    at = desk.open("trackers", tracker="T1")
    words = said(at)
    assert "버전 2 최준호가 찾을 말을 고쳤어요" in words and "까닭: 택배라고들 해서" in words
    assert "버전 1 이미나가 만들었어요" in words
    press(at, "restore-1")
    assert keeper.kept["T1"][0].query == LATE and keeper.kept["T1"][0].number == 3
    assert "버전 3 김하늘이 이 버전으로 되돌렸어요" in said(at)


def test_a_tracker_is_retired_and_taken_up_again(desk: Browser, keeper: Keeper) -> None:
    keeper.put(Kept("T1", "늦은 배송", LATE))
    at = press(desk.open("trackers", tracker="T1"), "retire-tracker")
    assert "지금은 쓰지 않는 트래커예요." in said(at)
    assert "쓰지 않는 트래커 1개" in [each.label for each in desk.open("trackers").expander]
    press(at, "use-again")
    assert keeper.kept["T1"][0].active and keeper.kept["T1"][0].number == 3


def test_who_may_not_save_reads_along(desk: Browser, keeper: Keeper) -> None:
    keeper.may = False
    assert "브랜드 매니저와 엔지니어가" in said(desk.open("trackers"))
    keeper.put(Kept("T1", "늦은 배송", LATE))
    for at in (
        desk.open("trackers"),
        desk.open("trackers", tracker="T1"),
        desk.open("trackers", edit="T1"),
        desk.open("trackers", edit="new"),
    ):
        assert not at.text_area and {each.key for each in at.button} <= {None}


def test_what_staff_write_is_escaped(desk: Browser, keeper: Keeper) -> None:
    attack = "<img src=x onerror=alert(1)>"
    keeper.put(Kept("T1", attack, f"{attack} OR 배송", why=attack, by=attack))
    for at in (
        desk.open("trackers"),
        desk.open("trackers", tracker="T1"),
        typed(desk.open("trackers", edit="T1"), attack, f'({attack} AND "'),
    ):
        assert read(at).foreign == []


@pytest.mark.parametrize("screen", [{"tracker": "T9"}, {"edit": "T9"}])
def test_a_tracker_nobody_knows_is_said_to_be_none(desk: Browser, screen: dict[str, str]) -> None:
    assert "그런 트래커가 없어요" in said(desk.open("trackers", **screen))


def test_what_was_searched_for_is_kept_as_a_tracker(desk: Browser, keeper: Keeper) -> None:
    at = desk.open("mentions")
    at.text_input(key="search").set_value("소음 NOT 이벤트").run()
    assert "생각보다 커서" in said(at)
    press(at, "keep-search")
    assert at.text_area(key="draft-query").value == "소음 NOT 이벤트"
    keeper.may = False
    at = desk.open("mentions")
    at.text_input(key="search").set_value("소음").run()
    assert "keep-search" not in [each.key for each in at.button]


def test_a_search_that_cannot_be_read_is_pointed_at(desk: Browser) -> None:
    at = desk.open("mentions")
    at.text_input(key="search").set_value("(소음").run()
    assert "여기서 연 괄호가 닫히지 않았어요." in said(at)
    assert "생각보다 커서" not in said(at)


@pytest.fixture
def counted(warehouse: Warehouse, keeper: Keeper) -> Iterator[None]:
    """A tracker of noise whose hits stand in the warehouse."""
    keeper.put(Kept("N1", "소음 불만", "소음"))
    with warehouse.writing() as cursor:
        cursor.execute(
            "INSERT INTO tracker_hits SELECT 'N1', mention_id FROM heard "
            "WHERE contains(lemmas, ' 소음 ')"
        )
        cursor.execute("INSERT INTO tracked VALUES ('N1', '', NULL), ('E1', '', 'No field x:.')")
    yield
    with warehouse.writing() as cursor:
        cursor.execute("DELETE FROM tracker_hits")
        cursor.execute("DELETE FROM tracked")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "ko",
            "20 최근 30일 멘션 그 전 30일에는 10개, 견주기에는 적어요 "
            "순감성 −100 마지막 글 7시간 전",
        ),
        (
            "en",
            "20 mentions in 30 days 10 in the 30 days before: too few to compare "
            "net sentiment −100 last one 7 hours ago",
        ),
    ],
)
def test_a_card_says_how_a_tracker_goes(
    desk: Browser, keeper: Keeper, counted: None, lang: str, words: str
) -> None:
    assert words in said(desk.open("trackers", lang=lang))
    keeper.put(Kept("E1", "깨진 것", "x:1"))
    keeper.put(Kept("F1", "새것", "배송"))
    both = said(desk.open("trackers"))
    assert "찾을 말을 읽지 못했어요: No field x:." in both and "지난 글에서 찾는 중이에요." in both


@pytest.mark.parametrize("screen", ["overview", "mentions", "aspects"])
def test_a_tracker_narrows_every_screen(
    desk: Browser, keeper: Keeper, counted: None, screen: str
) -> None:
    at = desk.open(screen)
    at.multiselect(key="trackers").set_value(["N1"]).run()
    assert not at.exception, at.exception
    assert "필터 1개 적용 중" in [each.proto.popover.label for each in at.get("popover")]
    words = said(at)
    if screen == "overview":
        assert "멘션 20개" in words
    assert "배송" not in words
    keeper.change("N1", 1, Member(), "retired", active=False)
    assert not at.run().exception


def test_topics_offer_no_choice_that_they_cannot_keep(desk: Browser, counted: None) -> None:
    at = desk.open("topics")
    assert not at.exception, at.exception
    assert "trackers" not in {each.key for each in at.multiselect}
    assert at.multiselect, "other filters are there"


def test_an_address_leads_to_the_mentions_of_a_tracker(desk: Browser, counted: None) -> None:
    at = desk.open("mentions", tracker="N1")
    assert at.multiselect(key="trackers").value == ["N1"]
    bodies = [piece.proto.body for piece in at.get("html")]
    cards = [body for body in bodies if body.startswith("<article class='m-card'")]
    assert len(cards) == 20 and all("<mark>소음</mark>" in card for card in cards)
    at = desk.open("mentions", tracker="nonesuch")
    assert at.multiselect(key="trackers").value == []


def test_a_tracker_without_hits_yet_is_asked_by_its_query(
    desk: Browser, keeper: Keeper, counted: None
) -> None:
    keeper.put(Kept("F1", "새것", "배송 OR 소음"))
    at = desk.open("mentions", tracker="F1")
    assert "소음 이 생각보다" in said(at) and "배송 은 빨랐는데" in said(at)
    at.multiselect(key="trackers").set_value(["F1", "N1"]).run()
    assert "배송 은 빨랐는데" in said(at)
    at.text_input(key="search").set_value("sentiment:positive OR 밤").run()
    assert "소음 이 생각보다 커서 밤 에는" in said(at) and "배송" not in said(at)
    keeper.put(Kept("E1", "깨진 것", "x:1"))
    at = desk.open("mentions", tracker="E1")
    assert "이 조건에 맞는 멘션이 없어요" in said(at)
