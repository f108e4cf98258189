"""Feeds that are broken, careless or meant to harm: a mention, a quarantined row, or no feed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.crawling.feeds import Rows, Untold, entries_of
from collectors.rows.mentions import mentions_of
from collectors.run import checked
from warehouse.landing import Batch

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
HERE = "https://blog.example/rss"
ITEM = (
    "<item><title>새 청소기 &lt;b&gt;출시&lt;/b&gt;</title><link>/posts/7</link>"
    "<guid>7</guid><description>&lt;p&gt;소음이 줄었다&lt;/p&gt;</description>"
    "<pubDate>Fri, 20 Nov 2026 10:00:00 +0900</pubDate></item>"
)


def rss(items: str, start: str = "") -> str:
    return f'{start}<rss version="2.0"><channel><title>소식</title>{items}</channel></rss>'


def read(content: str | bytes) -> Rows | None:
    body = content if isinstance(content, bytes) else content.encode()
    untold = Untold(None, None, "Asia/Seoul")
    return entries_of(body, "", address=HERE, base=HERE, untold=untold, now=NOW)


def land(rows: Rows) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """What of the rows would be landed, and what would be refused."""
    table, refused = mentions_of(
        [row | {"native_id": name} for name, row in rows.items()], source="rss", now=NOW
    )
    batch = checked(Batch(table, {}, refused), "rss", NOW)
    assert batch.rejected is not None
    return batch.table.to_pylist(), batch.rejected.to_pylist()


def only(content: str | bytes) -> dict[str, object]:
    (row,) = land(read(content) or {})[0]
    return row


def test_markup_in_titles_and_relative_links() -> None:
    row = only(rss(ITEM))
    assert (row["title"], row["text"]) == ("새 청소기 출시", "소음이 줄었다")
    assert row["url"] == "https://blog.example/posts/7"
    assert row["created_at"] == datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("Fri, 31 Dec 9999 23:59:59 GMT", "more than a day in the future"),
        ("99999-12-31", "more than a day in the future"),
        ("Sat, 01 Jan 0001 00:00:00 GMT", "before 1990"),
        ("1970-01-01T00:00:00Z", "before 1990"),
        ("언젠가", None),
        ("", None),
    ],
)
def test_impossible_dates(date: str, reason: str | None) -> None:
    landed, refused = land(read(rss(ITEM.replace("Fri, 20 Nov 2026 10:00:00 +0900", date))) or {})
    if reason is None:  # what says no date was written now, as far as anybody knows
        assert [row["created_at"] for row in landed] == [NOW]
    else:
        assert landed == []
        assert [reason in str(row["reason"]) for row in refused] == [True]


def test_one_guid_for_several_pages_names_none_of_them() -> None:
    careless = "".join(ITEM.replace("/posts/7", f"/posts/{n}") for n in (1, 2, 3))
    assert set(read(rss(careless)) or {}) == {f"https://blog.example/posts/{n}" for n in (1, 2, 3)}
    twice = read(rss(ITEM + ITEM.replace("줄었다", "늘었다"))) or {}
    assert [row["text"] for row in twice.values()] == ["소음이 줄었다"]


def test_a_podcast_leads_to_its_recording() -> None:
    row = only(
        rss(
            '<item><title>12화: 로봇청소기 고르기</title><guid isPermaLink="false">ep-12</guid>'
            '<enclosure url="https://pod.example/12.mp3" length="1" type="audio/mpeg"/>'
            '<itunes:summary xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">'
            "물걸레까지 되는 세 제품을 비교했습니다</itunes:summary></item>"
        )
    )
    assert row["url"] == "https://pod.example/12.mp3"
    assert row["text"] == "물걸레까지 되는 세 제품을 비교했습니다"


def test_entities_are_neither_blown_up_nor_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("도어락 비밀번호 4821")
    names = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)]
    bomb = f'<!DOCTYPE rss [<!ENTITY a0 "하하하하">{"".join(names)}]>'
    landed, _ = land(read(rss(ITEM.replace("새 청소기", "&a11;"), bomb)) or {})
    assert all(len(str(row)) < 10_000 for row in landed)
    steal = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
    landed, _ = land(read(rss(ITEM.replace("새 청소기", "&x;"), steal)) or {})
    assert "4821" not in str(landed)
    assert len(landed) == 1


def test_what_is_nested_or_long_beyond_sense() -> None:
    deep = "&lt;div&gt;" * 50_000 + "깊은 글" + "&lt;/div&gt;" * 50_000
    assert len(land(read(rss(ITEM.replace("소음이 줄었다", deep))) or {})[0]) == 1
    assert read(rss("<item>" * 5_000)) is not None
    many = " ".join(f'a{n}="x"' for n in range(50_000))
    assert read(rss(ITEM.replace("<item>", f"<item {many}>"))) is not None
    long = "가" * 2_000_000
    assert [row["reason"] for row in land(read(rss(ITEM.replace("소음이 줄었다", long))) or {})[1]]


@pytest.mark.parametrize("link", ["http://[", "javascript:alert(1)", "  ", "//", "http://a:b:c/"])
def test_links_that_are_none(link: str) -> None:
    assert len(land(read(rss(ITEM.replace("/posts/7", link))) or {})[0]) == 1


SCRAPS = st.sampled_from(
    [
        "<", ">", "&", "]]>", "<![CDATA[", "<!--", "&#0;", "&#x110000;", "&nbsp;", "\x00", "\ud7ff",
        "</item>", "<item>", "<entry>", "<id>", "<updated>", "<link href='", "xmlns='http://x'",
        "<?xml version='1.0'?>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "9999-99-99T99:99:99Z",
        "<content type='xhtml'><div>", "<georss:point>1 2</georss:point>", "<media:x url=''/>",
        "<author><name>", "xml:base='http://['", "<dc:date>-1</dc:date>",
        "<itunes:duration>x</itunes:duration>", "<content type='image/png'>!!</content>",
    ]
)  # fmt: skip
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ko"><title>소식</title><entry><id>tag:a,1'
    '</id><title type="html">후기</title><link href="/1"/><updated>2026-11-20T10:00:00Z</updated>'
    '<author><name>김기자</name></author><content type="html">좋아요</content></entry></feed>'
)


@settings(max_examples=100, deadline=timedelta(seconds=20))
@given(
    base=st.sampled_from([rss(ITEM), rss(ITEM * 3), ATOM]),
    cuts=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 40), SCRAPS), max_size=6),
    noise=st.lists(st.tuples(st.integers(0, 800), st.integers(0, 255)), max_size=4),
)
def test_no_feed_however_mutilated_ends_a_run(
    base: str, cuts: list[tuple[int, int, str]], noise: list[tuple[int, int]]
) -> None:
    for start, length, scrap in cuts:
        base = base[:start] + scrap + base[start + length :]
    content = bytearray(base.encode("utf-8", "surrogatepass"))
    for place, value in noise:
        if place < len(content):
            content[place] = value
    rows = read(bytes(content))
    if rows is not None:
        landed, refused = land(rows)
        assert len(landed) + len(refused) == len(rows)
