"""A shop with reviews: listing pages, review pages, schema.org data, and ways to go wrong."""

import json
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer, gzip_bomb


@dataclass
class Review:
    """One review; `form` is how its page says it: json-ld, microdata, plain, or scripted."""

    number: int
    text: str
    author: str = "김*수"
    rating: str = "4"
    date: str = "2026-11-01"
    best: str | None = None
    form: str = "json-ld"


class Shop(LocalServer):
    """`/reviews?page=n` lists reviews, newest first; `/review/n` is one; `/all` has all."""

    per_page = 5

    def __init__(self, reviews: list[Review]) -> None:
        super().__init__()
        self.reviews = reviews
        self.robots = "User-agent: *\nDisallow: /private/\n"
        self.charset = "utf-8"
        self.declares: str | None = None
        self.endless = False
        self.repeated = False  # each page shows the last review of the page before again
        self.bombs: set[int] = set()
        self.gone: set[int] = set()  # 404
        self.deleted: set[int] = set()  # 410
        self.unlisted: set[int] = set()
        self.pages: dict[str, Answer] = {}  # any other page, by its path
        self.redirects: dict[int, str] = {}
        self.extra_links: list[str] = []
        self.broken_script = False

    def answer(self, path: str, headers: Headers) -> Answer:
        parts = urlsplit(path)
        if parts.path == "/robots.txt":
            return Answer(self.robots.encode(), headers={"Content-Type": "text/plain"})
        if parts.path in self.pages:
            return self.pages[parts.path]
        if parts.path == "/reviews":
            return self._page(self._listing(int(parse_qs(parts.query).get("page", ["1"])[0])))
        if parts.path == "/all":
            return self._page("".join(map(_body, self.reviews)))
        number = int(parts.path.rsplit("/", 1)[-1])
        if number in self.deleted:
            return Answer(b"gone", 410)
        if number in self.redirects:
            return Answer(b"", 302, {"Location": self.redirects[number]})
        if number in self.bombs:
            return gzip_bomb(3_000_000)
        review = next((r for r in self.reviews if r.number == number), None)
        if review is None or number in self.gone:
            return Answer(b"gone", 404)
        script = '<script type="application/ld+json">{not json</script>' * self.broken_script
        return self._page(script + _body(review))

    def _listing(self, page: int) -> str:
        listed = [r for r in self.reviews if r.number not in self.unlisted]
        newest = sorted(listed, key=lambda r: -r.number)
        start = (page - 1) * self.per_page
        shown = newest[max(start - self.repeated, 0) : start + self.per_page]
        if self.endless and not shown:
            shown = newest[: self.per_page]
        links = [f"/review/{review.number}" for review in shown] + self.extra_links
        rows = "".join(f'<li><a class="review" href="{link}">후기</a></li>' for link in links)
        more = self.endless or start + self.per_page < len(newest)
        following = f'<a class="next" href="/reviews?page={page + 1}">다음</a>' if more else ""
        return f"<ul>{rows}</ul>{following}"

    def _page(self, body: str) -> Answer:
        said = self.declares if self.declares is not None else self.charset
        kind = f"text/html; charset={said}" if said else "text/html"
        text = f"<html><head><title>마당 상점</title></head><body>{body}</body></html>"
        return Answer(text.encode(self.charset), headers={"Content-Type": kind})


def _body(review: Review) -> str:
    forms = {
        "json-ld": _json_ld, "microdata": _microdata, "plain": _plain, "scripted": _scripted,
    }  # fmt: skip
    return forms[review.form](review)


def _json_ld(review: Review) -> str:
    rating = {"@type": "Rating", "ratingValue": review.rating}
    if review.best:
        rating |= {"bestRating": review.best}
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "무선 청소기",
        "review": [
            {
                "@type": "Review",
                "reviewBody": review.text,
                "author": {"@type": "Person", "name": review.author},
                "datePublished": review.date,
                "reviewRating": rating,
            }
        ],
    }
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def _microdata(review: Review) -> str:
    return (
        '<div itemscope itemtype="https://schema.org/Product">'
        '<span itemprop="name">무선 청소기</span>'
        '<div itemprop="review" itemscope itemtype="https://schema.org/Review">'
        f'<span itemprop="author">{review.author}</span>'
        f'<meta itemprop="datePublished" content="{review.date}">'
        f'<p itemprop="reviewBody">{escape(review.text)}</p>'
        '<div itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">'
        f'<meta itemprop="ratingValue" content="{review.rating}"></div></div></div>'
    )


def _plain(review: Review) -> str:
    return (
        f'<div class="item"><b class="who">{review.author}</b>'
        f'<i class="stars">{review.rating}점</i><span class="day">{review.date}</span>'
        f'<p class="words">{escape(review.text)}</p></div>'
    )


def _scripted(review: Review) -> str:
    """Nothing for a reader of HTML: the review is fetched and drawn by the page itself."""
    return (
        '<div id="reviews">불러오는 중</div><script>'
        f"fetch('/api/{review.number}').then(r => r.json()).then(said => {{"
        "const item = document.createElement('div'); item.className = 'item';"
        "for (const [name, value] of Object.entries(said)) {"
        "  const part = document.createElement('p'); part.className = name;"
        "  part.textContent = value; item.append(part); }"
        "document.getElementById('reviews').replaceChildren(item); });</script>"
    )
