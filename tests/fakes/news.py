"""A news site: articles, a robots.txt that names its sitemaps, an index, packed sitemaps, dates."""

import gzip
import json
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from tests.fakes.server import Answer, Headers, LocalServer

XML = {"Content-Type": "application/xml"}
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@dataclass
class Article:
    """One article; `changed` is what the sitemap says, `comments` stand in its markup."""

    number: int
    title: str
    paragraphs: tuple[str, ...]
    changed: str | None = None
    author: str = "김기자"
    published: str = "2026-11-20T09:00:00+09:00"
    comments: tuple[str, ...] = ()


class NewsSite(LocalServer):
    """`/article/n` is an article; `/sitemap.xml` an index of `/sitemap-1.xml.gz` and others."""

    def __init__(self, articles: list[Article]) -> None:
        super().__init__()
        self.articles = articles
        self.index_changed: str | None = None
        self.others: dict[str, Answer] = {}  # further sitemaps of the index, or any other page

    def answer(self, path: str, headers: Headers) -> Answer:
        path = urlsplit(path).path
        if path in self.others:
            return self.others[path]
        if path == "/robots.txt":
            said = f"User-agent: *\nDisallow: /private/\nSitemap: {self.url}/sitemap.xml\n"
            return Answer(said.encode(), headers={"Content-Type": "text/plain"})
        if path == "/":
            return Answer("<h1>마당일보</h1>".encode(), headers={"Content-Type": "text/html"})
        if path == "/sitemap.xml":
            return Answer(self._index(), headers=XML)
        if path == "/sitemap-1.xml.gz":
            return Answer(
                gzip.compress(self._sitemap()), headers={"Content-Type": "application/gzip"}
            )
        for article in self.articles:
            if path == f"/article/{article.number}":
                return Answer(_page(article).encode(), headers={"Content-Type": "text/html"})
        return Answer(b"not here", 404)

    def _index(self) -> bytes:
        names = ["/sitemap-1.xml.gz", *(name for name in self.others if "sitemap" in name)]
        parts = "".join(f"<sitemap><loc>{self.url}{name}</loc></sitemap>" for name in names)
        return f"<sitemapindex {SPACE}>{parts}</sitemapindex>".encode()

    def _sitemap(self) -> bytes:
        parts = (
            f"<url><loc>{self.url}/article/{article.number}</loc>"
            + (f"<lastmod>{article.changed}</lastmod>" if article.changed else "")
            + "</url>"
            for article in self.articles
        )
        return f"<urlset {SPACE}>{''.join(parts)}</urlset>".encode()


def _page(article: Article) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "author": [{"@type": "Person", "name": article.author}],
        "datePublished": article.published,
        "comment": [{"@type": "Comment", "text": text} for text in article.comments],
    }
    words = "".join(f"<p>{escape(text)}</p>" for text in article.paragraphs)
    return (
        f"<!doctype html><html lang='ko'><head><title>{escape(article.title)} | 마당일보</title>"
        f'<meta property="og:title" content="{escape(article.title)}">'
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script></head>'
        "<body><nav><a href='/'>처음으로</a><a href='/economy'>경제</a></nav>"
        f"<article><h1>{escape(article.title)}</h1>{words}</article>"
        "<aside><h2>많이 본 기사</h2><a href='/article/90'>주말 날씨</a></aside>"
        "<footer>마당일보 서울시 어딘가 무단 전재 금지</footer></body></html>"
    )
