"""Reviews on a page: schema.org Review (JSON-LD, microdata), else by the site's CSS selectors.

Structured data comes first, as it survives a change of design.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin

import extruct
from parsel import Selector
from w3lib.url import canonicalize_url

from collectors.markup import plain
from collectors.sites import Site

_FIRST_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_FULL_STARS: Final = re.compile(r"[★⭐]")
_DEEPEST: Final = 12  # levels of structured data; what is deeper is a trap


@dataclass(frozen=True)
class Found:
    """A review as a page gives it, not yet judged. Ratings and dates are still text."""

    native_id: str
    url: str
    text: str
    title: str | None = None
    author: str | None = None
    product: str | None = None
    lang: str | None = None
    rating: str | None = None
    worst: float = 1.0
    best: float = 5.0
    date: str | None = None
    likes: int | None = None
    replies: int | None = None

    @property
    def digest(self) -> str:
        """What it says, in twelve characters; a review that was edited has another one."""
        said = "\x1f".join(str(p) for p in (self.native_id, self.title, self.text, self.rating))
        return short_digest(said)


def short_digest(text: str) -> str:
    return _digest(text, 6)


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=size).hexdigest()


def reviews_on(page: Selector, text: str, url: str, site: Site, listing: str | None) -> list[Found]:
    """The reviews of a page, each once. `listing` is where the pages of this list begin.

    A review without an identity of its own goes by the page when the page is about it alone, and
    else by what it says: reviews move from page to page as new ones come.
    """
    raw = list(_structured(page, text, url)) or list(_selected(page, site))
    alone = listing is None and len(raw) == 1
    found: dict[str, Found] = {}
    for item in raw:
        review = _found(item, url, site, listing or url, alone)
        found.setdefault(review.native_id, review)
    return list(found.values())


def _found(item: dict[str, Any], url: str, site: Site, base: str, alone: bool) -> Found:
    text, title, author = item.get("text") or "", item.get("title"), item.get("author")
    product = site.product or item.get("product")
    if item.get("id"):
        native_id = urljoin(base, item["id"])
    elif alone:
        native_id = canonicalize_url(url)
    else:
        said = "\x1f".join(str(p) for p in (product, author, item.get("date"), text))
        native_id = f"{site.name} {_digest(said, 16)}"
    return Found(
        native_id=native_id,
        url=url,
        text=text,
        title=title,
        author=author,
        product=product,
        lang=item.get("lang") or site.lang,
        rating=item.get("rating"),
        worst=item.get("worst", site.worst_rating),
        best=item.get("best", site.best_rating),
        date=item.get("date"),
        likes=item.get("likes"),
        replies=item.get("replies"),
    )


def _structured(page: Selector, text: str, url: str) -> Iterator[dict[str, Any]]:
    documents: list[Any] = []
    # Script by script, as one that is not JSON would hide the others.
    for script in page.css('script[type="application/ld+json"]').getall():
        documents += _extract(script, url, "json-ld")
    documents += _extract(text, url, "microdata")
    for document in documents:
        yield from _reviews_in(document, None, 0)


def _extract(markup: str, url: str, syntax: str) -> list[Any]:
    found: dict[str, list[Any]] = extruct.extract(
        markup, base_url=url, syntaxes=[syntax], uniform=True, errors="ignore"
    )
    return found.get(syntax, [])


def _reviews_in(node: Any, product: str | None, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for item in node:
            yield from _reviews_in(item, product, depth + 1)
    elif isinstance(node, dict):
        kinds = _kinds(node)
        if kinds & {"Review", "UserReview", "CriticReview", "EmployerReview"}:
            yield _from_schema(node, product)
            return
        about = _word(node.get("name")) if "review" in node or "reviews" in node else product
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _reviews_in(value, about, depth + 1)


def _kinds(node: dict[str, Any]) -> set[str]:
    said = node.get("@type", [])
    return {str(kind).rsplit("/", 1)[-1] for kind in (said if isinstance(said, list) else [said])}


def _from_schema(node: dict[str, Any], product: str | None) -> dict[str, Any]:
    body = _word(node.get("reviewBody")) or _word(node.get("description")) or ""
    title = _word(node.get("name")) or _word(node.get("headline"))
    rating = node.get("reviewRating")
    rating = rating[0] if isinstance(rating, list) and rating else rating
    item: dict[str, Any] = {
        "id": _word(node.get("@id")) or _word(node.get("identifier")),
        "text": plain(body) or plain(title or ""),
        "title": plain(title) if title else None,
        "author": _word(node.get("author")),
        "product": _word(node.get("itemReviewed")) or product,
        "lang": _word(node.get("inLanguage")),
        "date": _word(node.get("datePublished")) or _word(node.get("dateCreated")),
        "likes": _count(node.get("upvoteCount")),
        "replies": _count(node.get("commentCount")),
    }
    if isinstance(rating, dict):
        item["rating"] = _word(rating.get("ratingValue"))
        # schema.org: "If bestRating is omitted, 5 is assumed", and 1 for worstRating.
        item["best"] = _number(rating.get("bestRating"), 5.0)
        item["worst"] = _number(rating.get("worstRating"), 1.0)
    elif rating is not None:
        item["rating"] = _word(rating)
    return item


def _word(value: Any) -> str | None:
    """A value as text: of a list its first, of a thing its name or what it is worth."""
    if isinstance(value, list):
        return _word(value[0]) if value else None
    if isinstance(value, dict):
        return _word(value.get("name") or value.get("value") or value.get("@value"))
    if value is None or isinstance(value, bool):
        return None
    return str(value).strip() or None


def _number(value: Any, otherwise: float) -> float:
    found = _FIRST_NUMBER.search(_word(value) or "")
    return float(found[0].replace(",", ".")) if found else otherwise


def _count(value: Any) -> int | None:
    said = (_word(value) or "").replace(",", "")
    return int(said) if said.isdecimal() and len(said) < 16 else None


def _selected(page: Selector, site: Site) -> Iterator[dict[str, Any]]:
    if not site.review:
        return
    for part in page.css(site.review):
        yield {
            "id": _pick(part, site.review_id),
            "text": _pick(part, site.text) or "",
            "title": _pick(part, site.title),
            "author": _pick(part, site.author),
            "rating": _pick(part, site.rating),
            "date": _pick(part, site.date),
            "product": _pick(page, site.product_name),
        }


def _pick(part: Selector, css: str) -> str | None:
    """The text of the first element, or what `::attr(…)` or `::text` asks for."""
    if not css:
        return None
    first = part.css(css).get()
    return plain(first) or None if first else None


def rating_of(text: str | None) -> float | None:
    """The number in a rating as sites write it: 4, 4.5, 4,5, 4점, 4/5, ★★★★☆."""
    if text is None:
        return None
    if stars := _FULL_STARS.findall(text):
        return float(len(stars))
    found = _FIRST_NUMBER.search(text)
    return float(found[0].replace(",", ".")) if found else None
