"""The desk's questions, each checked against plain Python over the same rows."""

import random
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from warehouse import annotations, queries
from warehouse.errors import WarehouseError
from warehouse.queries import Filter
from warehouse.trackers.tree import Query, Raw, Words

SEOUL = ZoneInfo("Asia/Seoul")
READ = ("negative", "neutral", "positive")


@pytest.fixture(scope="module")
def asked(new_house, row, table, annotated, tmp_path_factory):
    """A house of 300 mentions in two sources, two thirds of them annotated, and its rows as known
    without SQL."""
    house = new_house(tmp_path_factory.mktemp("asked"))
    chance = random.Random(11)
    rows = [
        row(
            number,
            source=chance.choice(["shop-reviews", "forum"]),
            product=chance.choice(["수분크림"] * 5 + ["선크림", "립밤", "토너", "앰플", None]),
            title=chance.choice([None, "배송 문의", "Refund please"]),
        )
        for number in range(300)
    ]
    for source in ("shop-reviews", "forum"):
        house.land([r for r in rows if r["source"] == source], source=source)
    house.load()
    for _ in range(4):
        pending = annotations.pending(house.warehouse, "v1", 50)
        annotations.record(
            house.warehouse,
            annotated(pending, sentiment=lambda _: chance.choice([*READ, "unknown"])),
        )
    held = house.rows(
        "SELECT source, native_id, sentiment, heard.lang, lemmas, mention_id::VARCHAR AS id "
        "FROM heard JOIN mentions USING (mention_id, source)"
    )
    read = {(h["source"], h["native_id"]): h for h in held}
    known = []
    for r in rows:
        h = read[r["source"], r["native_id"]]
        day = r["created_at"].astimezone(SEOUL).date()
        known.append({**r, **h, "day": day, "unread": h["sentiment"] == "unread"})
    yield house, known
    house.warehouse.close()


def search(*lemmas: str, typed: tuple[str, ...] = ()) -> Query:
    """What somebody searched by typing words, read as these lemmas."""
    return Query(" ".join(typed or lemmas), Words(typed or lemmas, lemmas), read=True)


def as_written(letters: str) -> Query:
    return Query(f"raw:{letters}", Raw(letters), read=True)


FILTERS = [
    Filter(),
    Filter(since=date(2026, 11, 10), until=date(2026, 12, 9)),
    Filter(since=date(2026, 11, 20)),
    Filter(sources=("forum",)),
    Filter(products=("선크림", "립밤")),
    Filter(langs=("ko",)),
    Filter(sentiments=("negative",)),
    Filter(sentiments=("positive", "unread")),
    Filter(sentiments=("negative", "neutral", "positive")),
    Filter(sentiments=("negative", "neutral", "positive", "unread")),
    Filter(query=search("배송은")),
    Filter(query=search("배송은", "무난해요", typed=("배송",))),
    Filter(query=search("cream", typed=("Cream",)), until=date(2026, 12, 1)),
    Filter(query=as_written("배송")),
    Filter(query=as_written("Refund"), sources=("forum",)),
    Filter(author_handle="love3****", sentiments=("negative", "unread")),
    Filter(sources=("nowhere",)),
    Filter(products=("'; DROP TABLE mentions; --",), query=search("' OR '1'='1")),
]


def matches(f: Filter, r) -> bool:
    bucket = r["sentiment"] if r["sentiment"] in READ else "unread"
    plain = f"{r['title'] or ''}\n{r['text']}"
    words, asked = True, None if f.query is None else f.query.root
    if isinstance(asked, Raw):
        words = asked.text in plain
    elif isinstance(asked, Words) and r["unread"]:
        words = all(word.lower() in plain.lower() for word in asked.typed)
    elif isinstance(asked, Words):
        words = all(f" {lemma} " in r["lemmas"] for lemma in asked.lemmas)
    return (
        (f.since is None or r["day"] >= f.since)
        and (f.until is None or r["day"] <= f.until)
        and (not f.sources or r["source"] in f.sources)
        and (not f.products or r["product"] in f.products)
        and (not f.langs or r["lang"] in f.langs)
        and (not f.sentiments or bucket in f.sentiments)
        and (f.author_handle is None or r["author_handle"] == f.author_handle)
        and words
    )


def counted(rows) -> Counter[str]:
    return Counter(r["sentiment"] if r["sentiment"] in READ else "unread" for r in rows)


def net(rows) -> float | None:
    n = counted(rows)
    read = sum(n[each] for each in READ)
    return (n["positive"] - n["negative"]) / read if read else None


def expect(totals: queries.Totals, rows) -> None:
    n = counted(rows)
    assert (totals.mentions, totals.negative, totals.neutral, totals.positive, totals.unread) == (
        len(rows),
        n["negative"],
        n["neutral"],
        n["positive"],
        n["unread"],
    )
    assert totals.net_sentiment == (None if net(rows) is None else pytest.approx(net(rows)))


@pytest.mark.parametrize("chosen", FILTERS)
def test_totals_and_count(asked, chosen):
    house, known = asked
    rows = [r for r in known if matches(chosen, r)]
    expect(queries.totals(house.warehouse, chosen), rows)
    assert queries.count_mentions(house.warehouse, chosen) == len(rows)


def test_the_filters_do_choose(asked):
    _, known = asked
    sizes = [sum(matches(chosen, r) for r in known) for chosen in FILTERS]
    assert sizes.count(0) == 2 and sizes.count(len(known)) == 2


@pytest.mark.parametrize("chosen", FILTERS)
def test_mentions_per_day(asked, chosen):
    house, known = asked
    rows = [r for r in known if matches(chosen, r)]
    answer = queries.mentions_per_day(house.warehouse, chosen).to_pylist()
    if not rows:
        assert all(sum(v for k, v in each.items() if k != "day") == 0 for each in answer)
        return
    first = chosen.since or min(r["day"] for r in rows)
    last = chosen.until or max(r["day"] for r in rows)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [each["day"] for each in answer] == days
    for each in answer:
        n = counted(r for r in rows if r["day"] == each["day"])
        assert {k: v for k, v in each.items() if k != "day"} == {
            k: n[k] for k in ("negative", "neutral", "positive", "unread")
        }


@pytest.mark.parametrize("chosen", FILTERS)
def test_share_of_voice(asked, chosen):
    house, known = asked
    rows = [r for r in known if matches(chosen, r) and r["product"]]
    loud = sorted(Counter(r["product"] for r in rows).items(), key=lambda each: (-each[1], each[0]))
    answer = queries.share_of_voice(house.warehouse, chosen, top=2).to_pylist()
    expected = [(product, 1, n) for product, n in loud[:2]]
    if loud[2:]:
        expected.append((None, len(loud[2:]), sum(n for _, n in loud[2:])))
    assert [(a["product"], a["products"], a["mentions"]) for a in answer] == expected
    for each in answer:
        mine = [
            r
            for r in rows
            if r["product"] == each["product"]
            or (each["product"] is None and r["product"] not in dict(loud[:2]))
        ]
        assert each["share"] == pytest.approx(len(mine) / len(rows))
        assert each["net_sentiment"] == (None if net(mine) is None else pytest.approx(net(mine)))


@pytest.mark.parametrize("chosen", FILTERS)
def test_the_newest_page_by_page(asked, chosen):
    house, known = asked
    expected = sorted(
        ((r["created_at"], r["id"]) for r in known if matches(chosen, r)), reverse=True
    )
    seen, place = [], None
    while True:
        page = queries.newest_mentions(house.warehouse, chosen, limit=70, before=place)
        place = queries.last_place(page)
        if place is None:
            break
        seen += [(each["created_at"], each["mention_id"]) for each in page.to_pylist()]
    assert seen == expected


def test_pages_do_not_lose_mentions_of_one_moment(house, row):
    at = row(1)["created_at"]
    house.land([row(number, created_at=at) for number in range(25)])
    house.load()
    first = queries.newest_mentions(house.warehouse, Filter(), limit=10)
    second = queries.newest_mentions(
        house.warehouse, Filter(), limit=20, before=queries.last_place(first)
    )
    ids = first.column("mention_id").to_pylist() + second.column("mention_id").to_pylist()
    assert len(set(ids)) == 25


@pytest.mark.parametrize("chosen", [FILTERS[1], FILTERS[2], FILTERS[10]])
def test_compared_with_the_period_before(asked, chosen):
    house, known = asked
    answer = queries.compared(house.warehouse, chosen)
    assert answer.since and answer.until and answer.before_since and answer.before_until
    length = answer.until - answer.since
    assert answer.before_until - answer.before_since == length
    assert answer.before_until + timedelta(days=1) == answer.since
    plain = Filter(query=chosen.query)
    of_filter = [r for r in known if matches(plain, r)]
    expect(answer.now, [r for r in of_filter if answer.since <= r["day"] <= answer.until])
    before = [r for r in of_filter if answer.before_since <= r["day"] <= answer.before_until]
    expect(answer.before, before)


def test_movers(asked):
    house, known = asked
    chosen = Filter(since=date(2026, 12, 1), until=date(2026, 12, 20))
    answer = queries.movers(house.warehouse, chosen, top=99).to_pylist()
    now = [r for r in known if r["product"] and matches(chosen, r)]
    earlier = Filter(since=date(2026, 11, 11), until=date(2026, 11, 30))
    before = [r for r in known if r["product"] and matches(earlier, r)]
    assert {a["product"] for a in answer} == {r["product"] for r in now + before}
    for a in answer:
        mine = [r for r in now if r["product"] == a["product"]]
        past = [r for r in before if r["product"] == a["product"]]
        assert (a["mentions"], a["before"]) == (len(mine), len(past))
        assert (a["negative"], a["negative_before"]) == (
            counted(mine)["negative"],
            counted(past)["negative"],
        )
        assert a["net_sentiment"] == (None if net(mine) is None else pytest.approx(net(mine)))
        assert a["net_before"] == (None if net(past) is None else pytest.approx(net(past)))
    moves = [abs(a["mentions"] - a["before"]) for a in answer]
    assert moves == sorted(moves, reverse=True)


def test_extent_and_choices(asked):
    house, known = asked
    extent = queries.extent(house.warehouse)
    days = [r["day"] for r in known]
    read = sum(not r["unread"] for r in known)
    assert extent == queries.Extent(min(days), max(days), len(known), read)
    choices = queries.choices(house.warehouse)
    loud = sorted(
        Counter(r["product"] for r in known if r["product"]).items(),
        key=lambda each: (-each[1], each[0]),
    )
    assert choices.products == tuple(product for product, _ in loud)
    assert (choices.sources, choices.langs) == (("forum", "shop-reviews"), ("en", "ko"))


def test_sources_overview_and_quarantine(house, row, table):
    at = row(1)["collected_at"]
    refused = [
        {
            "record": "mentions",
            "source": "forum",
            "origin": "a.csv",
            "row": n,
            "reason": "no text",
            "excerpt": None,
            "rejected_at": at + timedelta(hours=n),
        }
        for n in range(3)
    ]
    house.land([row(1), row(2)])
    house.land([row(3)], source="shop-reviews")
    house.land([row(4, source="forum")], source="forum", rejected=table("quarantined", refused))
    house.load()
    answer = {
        each["source"]: each for each in queries.sources_overview(house.warehouse).to_pylist()
    }
    assert {k: (v["batches"], v["mentions"], v["quarantined"]) for k, v in answer.items()} == {
        "shop-reviews": (2, 3, 0),
        "forum": (1, 1, 3),
    }
    assert answer["forum"]["records"] == ["mentions"]
    landed = [b for b in house.landing.batches("mentions") if b.source == "shop-reviews"]
    newest = house.landing.contents(landed[-1]).members[-1].landed_at
    assert answer["shop-reviews"]["last_batch_at"] == newest
    assert answer["shop-reviews"]["first_mention"] == row(1)["created_at"].astimezone(SEOUL).date()
    told = queries.quarantined(house.warehouse, "forum", limit=2).to_pylist()
    assert [each["row"] for each in told] == [2, 1]
    assert queries.quarantined(house.warehouse, "shop-reviews").num_rows == 0
    assert queries.quarantined(house.warehouse).num_rows == 3


def test_a_mention_and_its_annotation(asked):
    house, known = asked
    read = next(r for r in known if r["sentiment"] == "positive")
    page = queries.mention(house.warehouse, read["id"])
    assert page is not None and page.annotation is not None
    assert (page.text, page.native_id, page.created_at) == (
        read["text"],
        read["native_id"],
        read["created_at"],
    )
    assert (page.annotation.version, page.annotation.sentiment) == ("v1", "positive")
    assert "".join(f" {lemma}" for lemma, _ in page.annotation.terms) + " " == read["lemmas"]
    unread = next(r for r in known if r["unread"])
    other = queries.mention(house.warehouse, unread["id"])
    assert other is not None and other.annotation is None
    assert queries.mention(house.warehouse, "00000000-0000-0000-0000-000000000000") is None
    assert queries.mention(house.warehouse, "no id'; --") is None


def test_mentions_of_an_author(asked):
    house, known = asked
    answer = queries.mentions_by_author(house.warehouse, "forum", "love2****", limit=99)
    mine = [r for r in known if r["source"] == "forum" and r["author_handle"] == "love2****"]
    assert set(answer.column("mention_id").to_pylist()) == {r["id"] for r in mine}
    assert len(mine) > 5


def test_what_is_looked_up_again_is_the_newest_of_a_source_from_a_time_on(asked):
    house, known = asked
    of_forum = sorted(
        (r for r in known if r["source"] == "forum"),
        key=lambda r: (-r["created_at"].timestamp(), r["native_id"]),
    )
    middle = of_forum[len(of_forum) // 2]["created_at"]
    since = [r["native_id"] for r in of_forum if r["created_at"] >= middle]
    assert queries.native_ids(house.warehouse, "forum", middle, 1_000) == since
    assert queries.native_ids(house.warehouse, "forum", middle, 10) == since[:10]


def test_an_empty_warehouse_answers(house):
    assert queries.extent(house.warehouse) == queries.Extent(None, None, 0, 0)
    assert queries.choices(house.warehouse) == queries.Choices((), (), ())
    assert queries.compared(house.warehouse, Filter()).now.mentions == 0
    for question in (queries.mentions_per_day, queries.share_of_voice, queries.movers):
        assert question(house.warehouse, Filter()).num_rows == 0
    assert queries.newest_mentions(house.warehouse, Filter(query=search("배송"))).num_rows == 0
    assert queries.sources_overview(house.warehouse).num_rows == 0


def test_an_unknown_sentiment_is_an_error():
    with pytest.raises(WarehouseError, match="no sentiment angry"):
        Filter(sentiments=("angry",))
