"""What customers wrote on a page: reviews, questions with their answers, posts with comments.

Structured data (schema.org) comes first, as it survives a change of design; else the site's CSS
selectors say where a review stands.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin

from w3lib.url import canonicalize_url

from collectors.crawling.pages import Page, picked
from collectors.crawling.sites import Site
from collectors.crawling.structured import DEEPEST, Thing, identity, kinds_of, things_on, word
from collectors.rows.markup import plain

_FIRST_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_FULL_STARS: Final = re.compile(r"[★⭐]")
_KINDS: Final = {
    "Review": "review", "UserReview": "review", "CriticReview": "review",
    "EmployerReview": "review", "Question": "question", "DiscussionForumPosting": "post",
    "SocialMediaPosting": "post", "Answer": "comment", "Comment": "comment",
    "CorrectionComment": "comment",
}  # fmt: skip
_BELOW: Final = ("acceptedAnswer", "suggestedAnswer", "comment")
_MOST: Final = 5_000  # posts of one page; what has more is a trap

Item = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What one person wrote, as a page gives it, not yet judged. Dates are still text."""

    native_id: str
    url: str
    text: str
    kind: str = "review"
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
    thread_id: str | None = None
    parent_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> bytes:
        """What it says, in a few bytes; a review that was edited has another one."""
        said = "\x1f".join(str(p) for p in (self.native_id, self.title, self.text, self.rating))
        return short_digest(said)


def short_digest(text: str) -> bytes:
    """Forty bits: among 20,000 known pages of a site, one new page in 50 million is mistaken."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=5).digest()


def reviews_on(page: Page, site: Site, listing: str | None) -> list[Found]:
    """What customers wrote on a page, each once. `listing` is where the pages of this list begin.

    A review without an identity of its own goes by the page when the page is about it alone, and
    else by what it says: reviews move from page to page as new ones come.
    """
    return found_of(said_on(page) or list(_selected(page, site)), page.url, site, listing)


def said_on(page: Page) -> list[Item]:
    """What the structured data of a page says that customers wrote."""
    posts = Posts()
    for thing in things_on(page):
        posts.look_into(thing, About())
    return posts.items


def found_of(items: Sequence[Item], url: str, site: Site, listing: str | None) -> list[Found]:
    """Give `items` their identities, and those that answer another its identity as well."""
    names: dict[int, str] = {}
    found: dict[str, Found] = {}
    of_page = sum(1 for item in items if item.get("below") is None)
    for item in items:
        thread = parent = None
        if (above := item.get("below")) is not None:
            parent, thread = names[id(above)], names[id(item["thread"])]
        if listing is None and of_page == 1 and above is None and not item.get("id"):
            native_id = str(canonicalize_url(url))
        else:
            native_id = _native_id(item, site, listing or url, parent)
        names[id(item)] = native_id
        found.setdefault(native_id, _found(item, native_id, url, site, thread, parent))
    return list(found.values())


def _native_id(item: Item, site: Site, base: str, parent: str | None) -> str:
    if given := item.get("id"):
        try:
            return urljoin(base, str(given))
        except ValueError:  # such as http://[
            return f"{site.name} {given}"
    about = parent or site.product or item.get("product")
    said = "\x1f".join(
        str(part) for part in (about, item.get("author"), item.get("date"), item.get("text") or "")
    )
    digest = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{site.name} {digest}"


def _found(
    item: Item, native_id: str, url: str, site: Site, thread: str | None, parent: str | None
) -> Found:
    return Found(
        native_id=native_id,
        url=url,
        text=item.get("text") or "",
        kind=item.get("kind", "review"),
        title=item.get("title"),
        author=item.get("author"),
        product=site.product or item.get("product"),
        lang=item.get("lang") or site.lang,
        rating=item.get("rating"),
        worst=item.get("worst", site.worst_rating),
        best=item.get("best", site.best_rating),
        date=item.get("date"),
        likes=item.get("likes"),
        replies=item.get("replies"),
        thread_id=thread,
        parent_id=parent,
        extra=item.get("extra", {}),
    )


@dataclass(frozen=True)
class About:
    """What the things around a review say of it: of which product it is, and how that is rated."""

    product: str | None = None
    rated: dict[str, Any] = field(default_factory=dict)


@dataclass
class Posts:
    """Gathers what customers wrote from things, each thing once: data may refer in circles."""

    items: list[Item] = field(default_factory=list)
    _visited: set[int] = field(default_factory=set)

    def look_into(self, node: Any, about: About, depth: int = 0) -> None:
        """Find the posts in a thing and in those within it."""
        if isinstance(node, list):
            for each in node:
                self.look_into(each, about, depth)
        elif isinstance(node, dict) and self._is_new(node, depth):
            if kind := _kind(node):
                self._take(node, kind, about, None, depth)
                return
            about = _about(node, about)
            for value in node.values():
                if isinstance(value, dict | list):
                    self.look_into(value, about, depth + 1)

    def below(self, node: Thing, above: Item, depth: int = 0) -> None:
        """Find the answers and comments of a thing, whose own item is `above`."""
        for name in _BELOW:
            held = node.get(name)
            for each in held if isinstance(held, list) else [held]:
                if isinstance(each, dict) and self._is_new(each, depth):
                    self._take(each, _kind(each) or "comment", About(), above, depth)

    def _take(self, node: Thing, kind: str, about: About, above: Item | None, depth: int) -> None:
        item = item_of(node, kind, about)
        if above is not None:
            item |= {"below": above, "thread": above.get("thread", above)}
            item["product"] = item["product"] or above.get("product")
        if item["text"]:
            self.items.append(item)
            above = item
        if above is not None:
            self.below(node, above, depth + 1)

    def _is_new(self, node: Thing, depth: int) -> bool:
        if depth > DEEPEST or len(self.items) >= _MOST or id(node) in self._visited:
            return False
        self._visited.add(id(node))
        return True


def _kind(node: Thing) -> str | None:
    return next((_KINDS[kind] for kind in kinds_of(node) if kind in _KINDS), None)


def _about(node: Thing, otherwise: About) -> About:
    if not node.keys() & {"review", "reviews", "aggregateRating"}:
        return otherwise
    rated = node.get("aggregateRating")
    said: dict[str, Any] = {}
    if isinstance(rated, dict):
        known = {
            "rating": word(rated.get("ratingValue")),
            "best": word(rated.get("bestRating")),
            "count": _count(rated.get("reviewCount")) or _count(rated.get("ratingCount")),
        }
        said = {"product_rating": {name: v for name, v in known.items() if v is not None}}
    return About(word(node.get("name")) or otherwise.product, said)


def item_of(node: Thing, kind: str, about: About) -> Item:
    """What a schema.org thing says, by the names of `Found`."""
    body = next((word(node[n]) for n in ("reviewBody", "text", "description") if n in node), None)
    title = word(node.get("name")) or word(node.get("headline"))
    item: Item = {
        "kind": kind,
        "id": identity(node),
        "text": plain(body or "") or plain(title or ""),
        "title": plain(title) if title else None,
        "author": word(node.get("author")),
        "product": word(node.get("itemReviewed")) or about.product,
        "lang": word(node.get("inLanguage")),
        "date": word(node.get("datePublished")) or word(node.get("dateCreated")),
        "likes": _count(node.get("upvoteCount")),
        "replies": _count(node.get("commentCount")) or _count(node.get("answerCount")),
        "extra": about.rated,
    }
    rating = node.get("reviewRating")
    rating = rating[0] if isinstance(rating, list) and rating else rating
    if isinstance(rating, dict):
        item["rating"] = word(rating.get("ratingValue"))
        # schema.org: "If bestRating is omitted, 5 is assumed", and 1 for worstRating.
        item["best"] = _number(rating.get("bestRating"), 5.0)
        item["worst"] = _number(rating.get("worstRating"), 1.0)
    elif rating is not None:
        item["rating"] = word(rating)
    return item


def _number(value: Any, otherwise: float) -> float:
    found = _FIRST_NUMBER.search((word(value) or "")[:40])
    return float(found[0].replace(",", ".")) if found else otherwise


def _count(value: Any) -> int | None:
    said = (word(value) or "").replace(",", "")
    return int(said) if said.isdecimal() and len(said) < 16 else None


def _selected(page: Page, site: Site) -> Iterator[Item]:
    if not site.review:
        return
    product = picked(page.selector, site.product_name)
    for part in page.selector.css(site.review)[:_MOST]:
        yield {
            "id": picked(part, site.review_id),
            "text": picked(part, site.text) or "",
            "title": picked(part, site.title),
            "author": picked(part, site.author),
            "rating": picked(part, site.rating),
            "date": picked(part, site.date),
            "product": product,
        }


def rating_of(text: str | None) -> float | None:
    """The number in a rating as sites write it: 4, 4.5, 4,5, 4점, 4/5, ★★★★☆."""
    if text is None:
        return None
    if stars := _FULL_STARS.findall(text):
        return float(len(stars))
    found = _FIRST_NUMBER.search(text[:40])
    return float(found[0].replace(",", ".")) if found else None
