"""Topics in the warehouse: told in columns, rolled up by day, kept through changes and rebuilds."""

import zlib
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse import annotations, queries, topics
from warehouse.queries import Filter
from warehouse.rebuild import digest, rebuild
from warehouse.topics import EVENTS, FOUND, Refitted, Task

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DELIVERY, SCENT = 1, 2
WEIGHTS = {
    "배송이": (DELIVERY, 2.0),
    "택배": (DELIVERY, 1.5),
    "늦어요": (DELIVERY, 1.0),
    "향이": (SCENT, 2.0),
    "은은해요": (SCENT, 1.0),
}


def task(heard: int = 0, version: str = "v1") -> Task:
    none = FOUND.empty_table()
    return Task(None, none, none, "", 1, (), version, heard)  # type: ignore[arg-type]


def fitted(*named: tuple[int, str], events: tuple[dict[str, object], ...] = ()) -> Refitted:
    """What a job might have found: topics by id and name, with the words above."""
    ids = {topic_id for topic_id, _ in named}
    return Refitted(
        topics=pa.Table.from_pylist(
            [
                {
                    "topic_id": topic_id,
                    "name": name,
                    "words": name.split("·"),
                    "centre": [1.0, 0.0],
                    "share": 0.5,
                }
                for topic_id, name in named
            ],
            FOUND,
        ),
        words=pa.table(
            {
                "word": [word for word, (topic, _) in WEIGHTS.items() if topic in ids],
                "topic_id": [topic for topic, _ in WEIGHTS.values() if topic in ids],
                "weight": pa.array(
                    [weight for topic, weight in WEIGHTS.values() if topic in ids], pa.float32()
                ),
            }
        ),
        events=pa.Table.from_pylist(list(events), pa.schema(list(EVENTS)[1:])),
        space="here",
        texts=10,
        unassigned=0.1,
        agreement=0.9,
    )


BOTH = ((DELIVERY, "배송·택배"), (SCENT, "향"))


def said(row, number: int, text: str, day: int, **told):
    at = datetime(2026, 11, 1, 3, 0, tzinfo=UTC) + timedelta(days=day - 1, minutes=number)
    return row(number, text=text, created_at=at, **told)


@pytest.fixture
def spoken(house, row, read):
    """Three mentions of delivery, two of scent, one of neither, read; two topics found."""
    house.land(
        [
            said(row, 1, "배송이 너무 늦어요 사흘째 기다려요", 1, product="수분크림"),
            said(row, 2, "택배 상자가 찌그러져서 왔어요 속상해요", 1, product="수분크림"),
            said(row, 3, "배송이 빨라서 좋아요 향이 별로라도", 2, product="립밤"),
            said(row, 4, "향이 은은해요 매일 쓰고 있어요", 2, product="립밤"),
            said(row, 5, "향이 금방 날아가서 아쉬워요 정말로", 3, product="립밤"),
            said(row, 6, "ㅋㅋㅋ", 3, product="립밤"),
        ]
    )
    house.load()
    read(house, lambda text: "negative" if "늦어요" in text or "상자" in text else "positive")
    topics.keep(house.warehouse, task(6), fitted(*BOTH), NOW)
    topics.refresh(house.warehouse)
    return house


def told(house) -> dict[str, int | None]:
    rows = house.rows(
        "SELECT native_id, topic_id FROM mentions JOIN mention_topics USING (mention_id, text_hash)"
    )
    return {row["native_id"]: row["topic_id"] for row in rows}


def test_a_mention_is_of_the_topic_its_words_speak_for(spoken) -> None:
    assert told(spoken) == {
        "r1": DELIVERY,
        "r2": DELIVERY,
        "r3": DELIVERY,  # the same weight for both: the older topic
        "r4": SCENT,
        "r5": SCENT,
        "r6": None,
    }


def test_topics_of_a_period_are_counted_by_sentiment(spoken) -> None:
    found = queries.topics(spoken.warehouse, Filter())
    assert [(t.name, t.mentions, t.negative, t.positive) for t in found.topics] == [
        ("배송·택배", 3, 2, 1),
        ("향", 2, 0, 2),
    ]
    assert (found.assigned, found.unassigned, found.agreement) == (5, 1, 0.9)
    only = queries.topics(spoken.warehouse, Filter(products=("립밤",)))
    assert [(t.name, t.mentions) for t in only.topics] == [("향", 2), ("배송·택배", 1)]


def test_a_period_is_held_against_the_one_before(spoken) -> None:
    late = Filter(since=date(2026, 11, 2), until=date(2026, 11, 2))
    found = {t.name: (t.mentions, t.before) for t in queries.topics(spoken.warehouse, late).topics}
    assert found == {"배송·택배": (1, 2), "향": (1, 0)}


def test_new_mentions_are_told_without_finding_anew(spoken, row, read) -> None:
    spoken.land([said(row, 7, "택배 기사님이 친절하세요 고맙습니다", 4)])
    spoken.load()
    read(spoken)
    assert topics.refresh(spoken.warehouse) == 1
    assert told(spoken)["r7"] == DELIVERY
    assert topics.refresh(spoken.warehouse) == 0
    assert spoken.value("SELECT sum(n) FROM daily_topics") == 6


def test_a_changed_text_is_told_anew(spoken, row, read) -> None:
    spoken.land([said(row, 1, "다시 써 보니 향이 참 좋네요 추천해요", 1, product="수분크림")])
    spoken.load()
    topics.refresh(spoken.warehouse)
    assert "r1" not in told(spoken)  # until it is read, nobody knows
    read(spoken)
    topics.refresh(spoken.warehouse)
    assert told(spoken)["r1"] == SCENT
    found = queries.topics(spoken.warehouse, Filter()).topics
    assert {t.name: t.mentions for t in found} == {"배송·택배": 2, "향": 3}


def test_a_removed_mention_is_gone_from_topics(spoken) -> None:
    assert "배송이 너무 늦어요 사흘째 기다려요" in quotes(spoken)
    spoken.land(
        [{"source": "shop-reviews", "native_id": "r1", "removed_at": NOW}], record="removals"
    )
    spoken.load()
    assert "배송이 너무 늦어요 사흘째 기다려요" not in quotes(spoken)
    topics.refresh(spoken.warehouse)
    assert "r1" not in told(spoken)
    assert spoken.value("SELECT sum(n) FROM daily_topics") == 4


def quotes(house) -> list[str]:
    page = queries.topic(house.warehouse, DELIVERY)
    assert page is not None
    return [quote.text for quote in page.quotes]


def test_a_topic_has_days_sources_quotes_and_its_story(spoken) -> None:
    split = {
        "kind": "split", "topic_id": 3, "name": "상자", "other_id": DELIVERY,
        "before": None, "share": 0.8,
    }  # fmt: skip
    renamed = {
        "kind": "renamed", "topic_id": DELIVERY, "name": "배송", "other_id": None,
        "before": "배송·택배", "share": None,
    }  # fmt: skip
    found = fitted((DELIVERY, "배송"), (SCENT, "향"), (3, "상자"), events=(split, renamed))
    topics.keep(spoken.warehouse, task(6), found, NOW + timedelta(days=1))
    topics.refresh(spoken.warehouse)
    page = queries.topic(spoken.warehouse, DELIVERY)
    assert page is not None
    assert (page.name, page.sources, page.series.num_rows) == ("배송", (("shop-reviews", 3),), 2)
    assert page.products == (("수분크림", 2), ("립밤", 1))
    assert [(e.kind, e.other_name, e.before) for e in page.events] == [
        ("renamed", None, "배송·택배"),
        ("split_here", "상자", None),
    ]
    assert queries.topic(spoken.warehouse, 99) is None


def test_a_topic_that_is_not_found_again_ends_and_keeps_its_page(spoken) -> None:
    topics.keep(spoken.warehouse, task(6), fitted((SCENT, "향")), NOW)
    topics.refresh(spoken.warehouse)
    assert [t.name for t in queries.topics(spoken.warehouse, Filter()).topics] == ["향"]
    page = queries.topic(spoken.warehouse, DELIVERY)
    assert page is not None
    assert page.ended_at == NOW


def test_copies_are_quoted_once(house, row, read) -> None:
    same = "배송이 늦어요 문의해도 답이 없어요"
    house.land([said(row, number, same, 1) for number in range(5)])
    house.load()
    read(house)
    topics.keep(house.warehouse, task(5), fitted(*BOTH), NOW)
    topics.refresh(house.warehouse)
    assert quotes(house) == [same]


def test_topics_survive_a_rebuild(spoken) -> None:
    before = digest(spoken.warehouse)
    assert before["main.topics"][0] == 2
    rebuild(spoken.warehouse, spoken.landing, complete=lambda fresh: topics.refresh(fresh) and None)
    assert digest(spoken.warehouse) == before


def test_it_is_time_for_topics_when_much_is_new(house, row, read) -> None:
    assert not topics.is_due(house.warehouse)
    fill(house, row, read, 0, 200)
    assert topics.is_due(house.warehouse)
    topics.keep(house.warehouse, task(200), fitted(*BOTH), NOW)
    assert not topics.is_due(house.warehouse)
    fill(house, row, read, 200, 250)
    assert not topics.is_due(house.warehouse)
    fill(house, row, read, 250, 261)
    assert topics.is_due(house.warehouse)


def test_another_annotator_finds_topics_anew(house, row, read) -> None:
    fill(house, row, read, 0, 200)
    topics.keep(house.warehouse, task(200, "v0"), fitted(*BOTH), NOW)
    assert topics.is_due(house.warehouse)


def fill(house, row, read, first: int, last: int) -> None:
    house.land([row(number) for number in range(first, last)])
    house.load()
    read(house)


def test_a_sample_holds_each_copy_once(house, row, read, tmp_path) -> None:
    texts = ["배송이 늦어요 정말"] * 7 + [
        "향이 좋아요 매일 써요",
        "상자가 찌그러졌어요 이번에도 또",
    ]
    house.land([said(row, number, text, 1) for number, text in enumerate(texts)])
    house.load()
    read(house)
    folder = house.folder / "jobs" / "topics"
    folder.mkdir(parents=True)
    handed = topics.hand_out(house.warehouse, folder)
    assert pq.read_table(handed.terms).num_rows == 3
    assert (handed.version, handed.heard, handed.next_id) == ("v1", 9, 1)


WORDS = ("포장이 튼튼해요", "가격도 착하네요", "매일 바르고 있어요", "선물로 샀어요")


def months(row, burst: list[str]) -> list[dict[str, object]]:
    """Nine weeks of four ordinary mentions a day, six more on Sundays of one word, and what bursts
    on the last three days. No two are alike but in `burst`."""
    rows = []
    for day in range(63):
        rows += [(day, f"{words} {day}번째") for words in WORDS]
        if day % 7 == 6:
            rows += [(day, f"주말특가 기다렸어요 {day * 10 + n}원") for n in range(6)]
    rows += [(60 + n % 3, text) for n, text in enumerate(burst)]
    return [
        row(number, text=text, created_at=NOW - timedelta(days=63 - day, minutes=number))
        for number, (day, text) in enumerate(rows)
    ]


def trending(house, row, annotated, burst: list[str]) -> list[str]:
    house.land(months(row, burst))
    house.load()
    waiting = annotations.pending(house.warehouse, "v1", 1000)
    texts = waiting.column("text").to_pylist()
    prints = pa.array([zlib.crc32(text.encode()) for text in texts], pa.uint64())
    read = annotated(waiting)
    place = read.schema.get_field_index("fingerprint")
    annotations.record(house.warehouse, read.set_column(place, "fingerprint", prints))
    topics.refresh(house.warehouse)
    return [found.term for found in queries.trending_terms(house.warehouse, Filter(), top=20)]


def test_a_word_that_bursts_is_trending(house, row, annotated) -> None:
    burst = [f"리콜 소식 들었어요 {'그래도 ' * n}괜찮을까요" for n in range(1, 9)]
    found = trending(house, row, annotated, burst)
    assert "리콜" in found
    assert "주말특가" not in found  # every Sunday has it


def test_copies_do_not_make_a_trend(house, row, annotated) -> None:
    assert "협찬" not in trending(house, row, annotated, ["협찬 받은 크림이에요"] * 30)
    heard = house.value("SELECT sum(n) FROM daily_terms WHERE lemma = '협찬' AND source IS NULL")
    assert heard == 1


def test_nothing_is_trending_where_nothing_is(house) -> None:
    assert queries.trending_terms(house.warehouse, Filter()) == ()
    found = queries.topics(house.warehouse, Filter())
    assert (found.topics, found.assigned, found.fitted_at) == ((), 0, None)
