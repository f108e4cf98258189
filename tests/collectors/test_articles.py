"""Articles found by sitemaps and read whatever surrounds them; sitemaps that are made to harm."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.crawling.articles import articles_on
from collectors.crawling.pages import read_page
from collectors.crawling.sitemaps import SitemapRefused, read_sitemap
from collectors.crawling.sites import Site
from collectors.run import collect
from collectors.web import Web, WebSettings
from tests.fakes.news import SPACE, XML, Article, NewsSite
from tests.fakes.server import Answer
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
WORDS = (
    "로봇청소기를 두고 평가가 엇갈린다. 물걸레 성능은 좋아졌지만 문턱을 넘지 못한다는 지적이 많다.",
    "업계는 내년 봄에 이 문제를 풀겠다고 밝혔다. 문의는 press@example.com으로 하면 된다.",
    "전문가들은 집의 구조를 먼저 살피라고 말한다. 문턱이 2센티미터를 넘으면 먼저 확인해야 한다.",
)


def articles(count: int, **changes: Any) -> list[Article]:
    first = Article(1, "로봇청소기, 문턱 앞에서 멈추다", WORDS, **changes)
    return [replace(first, number=n, title=f"{first.title} {n}") for n in range(1, count + 1)]


def web(news: NewsSite, **changes: Any) -> Web:
    usual = {
        "name": "news", "start": (f"{news.url}/",), "kind": "articles",
        "sitemaps": ("robots.txt",), "follow_pattern": "/article/", "revisits": 0,
    }  # fmt: skip
    site = Site(**(usual | changes))
    return Web(WebSettings(sites=(site,), delay_seconds=0.0, allow_private_addresses=True))


def asked(news: NewsSite) -> list[str]:
    return sorted(path for path in news.asked if path.startswith("/article/"))


def test_sitemaps_lead_to_what_is_new_or_changed(landing: Landing, landed: Landed) -> None:
    told = articles(3, changed="2026-11-20", comments=("저희 집도 그래요.",))
    told[2] = replace(told[2], changed=None)
    with NewsSite(told) as news:
        elsewhere = f"<urlset {SPACE}><url><loc>https://other.kr/article/5</loc></url></urlset>"
        news.others["/sitemap-2.xml"] = Answer(elsewhere.encode(), headers=XML)
        done = collect(web(news), landing)
        assert (done.rows, done.quarantined) == (6, 0)
        rows = {row["native_id"]: row for row in landed("mentions")}
        first = rows[f"{news.url}/article/1"]
        assert first["title"] == "로봇청소기, 문턱 앞에서 멈추다 1"
        assert (first["kind"], first["author_name"]) == ("post", "김기자")
        assert first["created_at"] == datetime(2026, 11, 20, tzinfo=UTC)
        assert first["text"].startswith("로봇청소기를 두고")
        assert "[email]" in first["text"]
        assert not any(word in first["text"] for word in ("무단 전재", "주말 날씨", "처음으로"))
        comments = [row for row in rows.values() if row["kind"] == "comment"]
        assert {row["thread_id"] for row in comments} == {
            f"{news.url}/article/{n}" for n in (1, 2, 3)
        }
        (heard,) = landed("coverage")
        assert (heard["state"], heard["part"]) == ("collected", "news")
        assert heard["begin_at"] == first["created_at"]

        news.asked.clear()
        assert collect(web(news), landing).rows == 0
        assert asked(news) == []

        news.asked.clear()
        told[0] = replace(
            told[0], paragraphs=(*WORDS, "이 기사는 바로잡았다."), changed="2099-01-01T00:00:00Z"
        )
        told.append(replace(told[1], number=4, changed="2099-01-01"))
        collect(web(news), landing)
        assert asked(news) == ["/article/1", "/article/4"]
        assert any("바로잡았다" in row["text"] for row in landed("mentions")[6:])


def test_sitemaps_made_to_harm_are_refused_and_the_rest_is_had(
    landing: Landing, landed: Landed
) -> None:
    with NewsSite(articles(2)) as news:
        itself = f"<sitemapindex {SPACE}><sitemap><loc>{news.url}/sitemap.xml</loc></sitemap>"
        bomb = b" " * 60_000_000
        entity = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
        news.others |= {
            "/sitemap-itself.xml": Answer(f"{itself}</sitemapindex>".encode(), headers=XML),
            "/sitemap-bomb.xml.gz": Answer(gzip.compress(bomb)),
            "/sitemap-twice.xml.gz": Answer(gzip.compress(gzip.compress(b"<urlset/>"))),
            "/sitemap-entity.xml": Answer(f"{entity}<urlset>&a;</urlset>".encode(), headers=XML),
            "/sitemap-none.xml": Answer(b"<html>nothing</html>", headers=XML),
            "/sitemap-half.xml": Answer(
                f"<urlset {SPACE}><url><loc>{news.url}/article/2</loc></url><url><lo".encode()
            ),
            "/article/private": Answer("<p>짧다</p>".encode()),
        }  # fmt: skip
        done = collect(web(news), landing)
        assert done.rows == 2
        told = "\n".join(done.failures)
        for path, reason in {
            "/sitemap-bomb.xml.gz": "cannot be unpacked",
            "/sitemap-twice.xml.gz": "packed more than once",
            "/sitemap-entity.xml": "brings a document type",
            "/sitemap-none.xml": "no sitemap",
        }.items():
            assert any(path in line and reason in line for line in done.failures), told
        assert len(done.failures) == 4, told
        assert len([path for path in news.asked if path == "/sitemap.xml"]) == 1


def test_a_page_without_an_article_says_so() -> None:
    site = Site("news", ("https://news.example/",), kind="articles")
    for content in (b"", b"<html><body></body></html>", b"<div>" * 20_000):
        assert articles_on(read_page("https://news.example/1", content, "text/html"), site) == []


def test_an_article_without_markup_is_read_by_its_looks() -> None:
    body = "".join(f"<p>{words}</p>" for words in WORDS)
    content = (
        "<html><head><title>무선 이어폰 비교</title>"
        '<meta property="article:published_time" content="2026-11-19T08:00:00+09:00"></head>'
        f"<body><div class='menu'><a href='/'>홈</a></div><main>{body}</main></body></html>"
    )
    site = Site("news", ("https://news.example/",), kind="articles")
    page = read_page("https://news.example/1?b=2&a=1", content.encode("euc-kr"), "text/html")
    (article,) = articles_on(page, site)
    assert article.native_id == "https://news.example/1?a=1&b=2"
    assert article.title == "무선 이어폰 비교"
    assert article.date == "2026-11-19T08:00:00+09:00"
    assert "문턱이 2센티미터" in article.text


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08broken", b"not xml", b"<a/>"])
def test_what_is_no_sitemap_is_refused(content: bytes) -> None:
    with pytest.raises(SitemapRefused):
        list(read_sitemap(content, "https://news.example/sitemap.xml").entries)
