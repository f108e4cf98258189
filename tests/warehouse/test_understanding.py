"""What is understood is kept with its text, rolled up by day, and answered from both alike."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from warehouse import annotations, queries, store
from warehouse.errors import WarehouseError
from warehouse.queries import Filter
from warehouse.trackers.tree import Query, Words

SEOUL = ZoneInfo("Asia/Seoul")
SIGNS = {"-": "negative", ".": "neutral", "+": "positive"}
TEXTS = (
    "배송이 너무 늦어요. 일주일이나 기다렸습니다.",
    "배송은 빨랐어요. 배송 기사님 연락이 늦은 건 아쉽네요.",
    "포장이 찌그러져서 왔는데 내용물은 괜찮네요.",
    "고객센터 연결이 안 됩니다. 환불 부탁드려요.",
    "Love this cream, my skin feels soft all day.",
    "가격 대비 무난해요. 배송은 빨랐습니다.",
    "향이 은은하고 발림성이 좋아서 재구매했어요!",
)


def signs(spoken: list[dict[str, object]]) -> dict[str, str]:
    """What a mention says of each aspect, once; praise and blame together are neutral."""
    found: dict[str, set[str]] = {}
    for each in spoken:
        found.setdefault(str(each["aspect"]), set()).add(str(each["polarity"]))
    sides = {aspect: told - {"neutral"} for aspect, told in found.items()}
    return {a: min(told) if len(told) == 1 else "neutral" for a, told in sides.items()}


@pytest.fixture(scope="module")
def asked(new_house, row, annotated, tmp_path_factory):
    """A house of 240 mentions, 200 of them read, and what was read of each, known without SQL."""
    house = new_house(tmp_path_factory.mktemp("understood"))
    chance = random.Random(5)
    rows = [
        row(
            number,
            text=chance.choice(TEXTS),
            source=chance.choice(["shop-reviews", "forum"]),
            product=chance.choice(["수분크림", "선크림", None]),
        )
        for number in range(240)
    ]
    for source in ("shop-reviews", "forum"):
        house.land([r for r in rows if r["source"] == source], source=source)
    house.load()
    known: dict[str, dict[str, object]] = {}
    for _ in range(4):
        pending = annotations.pending(house.warehouse, "v1", 50)
        moods = [chance.choice(["negative", "positive"]) for _ in range(pending.num_rows)]
        told = iter(moods)
        read = annotated(pending, sentiment=lambda _, told=told: next(told))
        annotations.record(house.warehouse, read)
        for each in read.to_pylist():
            known[each["mention_id"]] = each
    held = house.rows("SELECT mention_id::VARCHAR AS id, source, product, day FROM heard")
    yield house, [{**h, **known.get(h["id"], {}), "read": h["id"] in known} for h in held]
    house.warehouse.close()


SEARCH = Query("배송은", Words(("배송은",), ("배송은",)), read=True)
PLAIN = Filter(since=date(2026, 11, 10), until=date(2026, 12, 9))
FILTERS = [
    Filter(),
    PLAIN,
    Filter(sources=("forum",), products=("선크림",)),
    Filter(sentiments=("negative",)),
    Filter(query=SEARCH, sentiments=("negative", "positive")),
    Filter(aspects=("delivery",)),
    Filter(aspects=("delivery", "price"), polarity="positive"),
    Filter(polarity="negative"),
    Filter(intents=("complaint",)),
    Filter(intents=("request", "praise"), sources=("shop-reviews",)),
    Filter(emotions=("anger",), since=date(2026, 11, 20)),
    Filter(sponsored=True),
    Filter(sponsored=False, polarity="positive"),
    Filter(spam=True),
    Filter(spam=False),
    Filter(aspects=("deliver",)),
    Filter(intents=("'; DROP TABLE heard; --",)),
]


def matches(f: Filter, r) -> bool:
    said = signs(r["aspects"]) if r["read"] else {}
    asked_of = f.aspects or tuple(said)
    return (
        (f.since is None or r["day"] >= f.since)
        and (f.until is None or r["day"] <= f.until)
        and (not f.sources or r["source"] in f.sources)
        and (not f.products or r["product"] in f.products)
        and (not f.sentiments or (r["read"] and r["sentiment"] in f.sentiments))
        and (f.query is None or (r["read"] and any(t["lemma"] == "배송은" for t in r["terms"])))
        and (not f.aspects or any(name in said for name in f.aspects))
        and (f.polarity is None or any(said.get(name) == f.polarity for name in asked_of))
        and (not f.intents or (r["read"] and any(x in r["intents"] for x in f.intents)))
        and (not f.emotions or (r["read"] and any(x in r["emotions"] for x in f.emotions)))
        and (f.sponsored is None or (r["read"] and r["sponsored"]) == f.sponsored)
        and (f.spam is None or (r["read"] and r["spam"] > 0.5) == f.spam)
    )


def test_the_filters_do_choose(asked):
    _, known = asked
    sizes = [sum(matches(chosen, r) for r in known) for chosen in FILTERS]
    assert sizes.count(0) == 2 and sizes.count(len(known)) == 1
    assert len(set(sizes)) > 10


@pytest.mark.parametrize("chosen", FILTERS)
def test_counts_and_pages_agree(asked, chosen):
    house, known = asked
    expected = {r["id"] for r in known if matches(chosen, r)}
    assert queries.count_mentions(house.warehouse, chosen) == len(expected)
    assert queries.totals(house.warehouse, chosen).mentions == len(expected)
    page = queries.newest_mentions(house.warehouse, chosen, limit=300)
    assert set(page.column("mention_id").to_pylist()) == expected


def spoken_in(rows) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for r in rows:
        for aspect, polarity in signs(r["aspects"]).items() if r["read"] else ():
            found.setdefault(aspect, Counter())[polarity] += 1
    return found


@pytest.mark.parametrize("chosen", FILTERS)
def test_aspects_are_counted_by_mention(asked, chosen):
    house, known = asked
    answer = queries.aspects(house.warehouse, chosen).to_pylist()
    expected = spoken_in(r for r in known if matches(chosen, r))
    assert {a["aspect"]: a["n"] for a in answer} == {k: c.total() for k, c in expected.items()}
    for a in answer:
        mine = expected[a["aspect"]]
        assert {p: a[p] for p in SIGNS.values()} == {p: mine[p] for p in SIGNS.values()}
        assert a["net"] == pytest.approx((mine["positive"] - mine["negative"]) / mine.total())
    sizes = [a["n"] for a in answer]
    assert sizes == sorted(sizes, reverse=True)


def test_aspects_against_the_period_before(asked):
    house, known = asked
    chosen = Filter(since=date(2026, 11, 26), until=date(2026, 12, 5))
    earlier = Filter(since=date(2026, 11, 16), until=date(2026, 11, 25))
    before = spoken_in(r for r in known if matches(earlier, r))
    answer = queries.aspects(house.warehouse, chosen).to_pylist()
    assert answer and any(a["n_before"] for a in answer)
    for a in answer:
        assert a["n_before"] == before.get(a["aspect"], Counter()).total()
        assert a["negative_before"] == before.get(a["aspect"], Counter())["negative"]


@pytest.mark.parametrize("chosen", FILTERS)
def test_intents_emotions_and_marks(asked, chosen):
    house, known = asked
    rows = [r for r in known if matches(chosen, r) and r["read"]]
    for question, column in ((queries.intents, "intents"), (queries.emotions, "emotions")):
        answer = question(house.warehouse, chosen).to_pylist()
        expected = Counter(label for r in rows for label in r[column])
        assert {a["label"]: a["n"] for a in answer if a["n"]} == expected
        for a in answer:
            blamed = sum(a["label"] in r[column] and r["sentiment"] == "negative" for r in rows)
            assert a["negative"] == blamed
    marks = queries.labels(house.warehouse, chosen, "mark").to_pylist()
    assert {a["label"]: a["n"] for a in marks if a["n"]} == {
        mark: n
        for mark, n in (
            ("sponsored", sum(r["sponsored"] for r in rows)),
            ("spam", sum(r["spam"] > 0.5 for r in rows)),
        )
        if n
    }


@pytest.mark.parametrize("chosen", [PLAIN, replace(PLAIN, intents=("complaint",))])
def test_an_aspect_by_itself(asked, chosen):
    house, known = asked
    page = queries.aspect(house.warehouse, chosen, "delivery", words=40)
    mine = [r for r in known if matches(replace(chosen, aspects=("delivery",)), r)]
    counted = spoken_in(mine)["delivery"]
    assert page.compared.now.mentions == len(mine) > 0
    assert page.compared.now.negative == counted["negative"]
    assert page.compared.before.mentions == len(
        [
            r
            for r in known
            if matches(
                replace(
                    chosen, since=PLAIN.since - timedelta(days=30),
                    until=PLAIN.since - timedelta(days=1), aspects=("delivery",),
                ),
                r,
            )
        ]
    )  # fmt: skip
    days = page.days.to_pylist()
    assert len(days) == 30
    assert sum(d["positive"] for d in days) == counted["positive"]
    products = {p["product"]: p["n"] for p in page.products.to_pylist()}
    assert products == Counter(r["product"] for r in mine if r["product"])
    words = {w["word"]: w for w in page.words.to_pylist()}
    assert "배송이" in words and "고객센터" not in words
    assert words["배송이"]["negative"] == words["배송이"]["n"]


def test_an_aspect_nobody_speaks_of(asked):
    house, _ = asked
    page = queries.aspect(house.warehouse, PLAIN, "없는 측면")
    assert page.compared.now.mentions == page.words.num_rows == page.products.num_rows == 0


def test_a_mention_tells_what_was_understood(asked):
    house, known = asked
    read = next(r for r in known if r["read"] and r["entities"])
    page = queries.mention(house.warehouse, read["id"])
    assert page is not None and page.annotation is not None
    assert [(e.label, e.name, e.start, e.end) for e in page.annotation.entities] == [
        ("product", "cream", 10, 15)
    ]
    assert page.whole[10:15] == "cream"
    late = next(r for r in known if r["read"] and len(r["aspects"]) > 1)
    page = queries.mention(house.warehouse, late["id"])
    assert page is not None and page.annotation is not None
    for spoken, given in zip(page.annotation.aspects, late["aspects"], strict=True):
        assert (spoken.aspect, spoken.polarity) == (given["aspect"], given["polarity"])
        assert page.whole[spoken.start : spoken.end] == given["lemma"]
    assert page.annotation.intents == tuple(late["intents"])
    assert page.annotation.sponsored == late["sponsored"]


def test_what_an_earlier_annotator_left_is_not_read_yet(house, row, annotated):
    house.land([row(number) for number in range(4)])
    house.load()
    read = annotated(annotations.pending(house.warehouse, "v1", 9))
    for name in ("aspects", "entities", "intents", "emotions", "toxicity", "spam", "sponsored"):
        place = read.schema.get_field_index(name)
        kind = read.schema.field(name).type
        read = read.set_column(place, name, pa.nulls(4, kind))
    annotations.record(house.warehouse, read)
    page = queries.mention(house.warehouse, read.column("mention_id")[0].as_py())
    assert page is not None and page.annotation is not None
    assert (page.annotation.intents, page.annotation.toxicity) == (None, None)
    assert page.annotation.aspects == ()
    assert house.value("SELECT count(*) FROM heard WHERE aspects IS NULL AND intents IS NULL") == 4
    assert queries.aspects(house.warehouse, Filter()).num_rows == 0
    assert queries.intents(house.warehouse, Filter()).num_rows == 0


def test_a_changed_text_takes_its_aspects_with_it(house, row, annotated):
    house.land([row(1, text="배송이 늦어요"), row(2, text="가격이 좋아요")])
    house.load()
    annotations.record(house.warehouse, annotated(annotations.pending(house.warehouse, "v1", 9)))
    assert house.value("SELECT count(*) FROM aspects") == 2
    assert house.value("SELECT sum(n) FROM daily_aspects") == 2
    house.land([row(1, text="포장이 찌그러졌어요"), row(2, text="가격이 좋아요", likes=3)])
    house.load()
    assert house.rows("SELECT aspect FROM aspects") == [{"aspect": "price"}]
    assert house.rows("SELECT aspect, n::INT AS n FROM daily_aspects") == [
        {"aspect": "price", "n": 1}
    ]
    assert (
        house.value("SELECT coalesce(sum(n), 0) FROM daily_labels WHERE label = 'complaint'") == 0
    )


def test_a_new_version_replaces_what_the_old_one_understood(house, row, annotated):
    house.land([row(number) for number in range(6)])
    house.load()
    pending = annotations.pending(house.warehouse, "v1", 9)
    annotations.record(house.warehouse, annotated(pending, "v1"))
    old = queries.aspects(house.warehouse, Filter()).num_rows
    silent = annotated(annotations.pending(house.warehouse, "v2", 9), "v2")
    place = silent.schema.get_field_index("aspects")
    none = pa.array([[]] * 6, silent.schema.field("aspects").type)
    annotations.record(house.warehouse, silent.set_column(place, "aspects", none))
    assert old > 0 and annotations.current_version(house.warehouse) == "v2"
    assert queries.aspects(house.warehouse, Filter()).num_rows == 0
    assert house.value("SELECT count(*) FROM aspects") == 0  # the old reading is let go whole


def test_the_last_migration_finds_what_was_before_it(new_house, row, annotated, tmp_path):
    """A warehouse of the time before opens, keeps its annotations, and shows them as not read."""
    house = new_house(tmp_path / "old")
    house.land([row(number) for number in range(3)])
    house.load()
    annotations.record(house.warehouse, annotated(annotations.pending(house.warehouse, "v1", 9)))
    house.warehouse.close()
    later = [path.stem for path in store.MIGRATIONS.glob("[0-9]*.sql") if path.stem >= "0006"]
    with duckdb.connect(str(house.warehouse.path)) as past:
        for table in ("aspects", "entities", "daily_aspects", "daily_labels"):
            past.execute(f"DROP TABLE {table}")
        for column in ("intents", "emotions", "toxicity", "spam", "sponsored", "aspect_signs"):
            past.execute(f"ALTER TABLE annotations DROP COLUMN {column}")
        for column in ("aspects", "intents", "emotions", "toxic", "spam", "sponsored"):
            past.execute(f"ALTER TABLE heard DROP COLUMN {column}")
        past.execute("DELETE FROM migrations WHERE name = '0006_understanding'")
    assert "0006_understanding" in later
    house.open()
    assert house.value("SELECT count(*) FROM heard WHERE sentiment <> 'unread'") == 3
    page = queries.newest_mentions(house.warehouse, Filter()).to_pylist()
    assert [each["intents"] for each in page] == [None, None, None]
    house.warehouse.close()


def test_an_unknown_polarity_is_an_error():
    with pytest.raises(WarehouseError, match="no polarity angry"):
        Filter(polarity="angry")
