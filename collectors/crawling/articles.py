"""Articles: the main text of a news page, blog or notice, and the comments its markup holds.

The text is found by trafilatura, whatever the page looks like. Who wrote it and when is believed
first of the page's structured data, then of OpenGraph, then as trafilatura finds it.
"""

from typing import Final

import trafilatura
from trafilatura.settings import Document
from w3lib.url import canonicalize_url

from collectors.crawling.pages import Page, picked
from collectors.crawling.reviews import About, Found, Item, Posts, found_of, item_of
from collectors.crawling.sites import Site
from collectors.crawling.structured import Thing, kinds_of, open_graph, things_on
from collectors.rows.markup import plain

_ARTICLES: Final = frozenset(
    {
        "Article", "NewsArticle", "BlogPosting", "Report", "ReportageNewsArticle",
        "AnalysisNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle", "TechArticle",
        "DiscussionForumPosting", "SocialMediaPosting",
    }
)  # fmt: skip


def articles_on(page: Page, site: Site) -> list[Found]:
    """The article of a page and its comments; nothing where the page has no main text."""
    thing = next((t for t in things_on(page) if kinds_of(t) & _ARTICLES), {})
    main = _main(page, thing, site)
    if not main["text"]:
        return []
    posts = Posts([main])
    posts.below(thing, main)
    return found_of(posts.items, page.url, site, None)


def _main(page: Page, thing: Thing, site: Site) -> Item:
    graph = open_graph(page)
    found = trafilatura.bare_extraction(
        page.root, url=page.url, with_metadata=True, include_comments=False
    )
    read = found if isinstance(found, Document) else Document()
    said = item_of(thing, "post", About())
    chosen = page.selector
    item = said | {
        # A news page has one article, whatever names its markup gives to parts of it.
        "id": canonicalize_url(page.url),
        "text": picked(chosen, site.text) or plain(read.text or "") or said["text"],
        "title": picked(chosen, site.title)
        or said["title"]
        or plain(graph.get("og:title") or read.title or ""),
        "author": picked(chosen, site.author) or said["author"] or read.author,
        "date": picked(chosen, site.date)
        or said["date"]
        or graph.get("article:published_time")
        or read.date,
        "product": picked(chosen, site.product_name) or said["product"],
        "rating": None,
    }
    item["text"] = _without_title(item["text"], item["title"])
    return item


def _without_title(text: str, title: str) -> str:
    first, _, rest = text.partition("\n")
    return rest.strip() if rest and title and first.strip() == title.strip() else text
