"""What the source `web` needs to know of a site: where its lists begin and what to look for."""

from dataclasses import dataclass, field
from typing import Final, Literal

PATIENCE: Final = 2  # listing pages in a row that bring nothing before a walk ends


@dataclass(frozen=True)
class Site:
    """An entry `[[web.sites]]` of madang.toml."""

    name: str = field(
        metadata={"help": "A short name of the site, used in identities.", "ask": True}
    )
    start: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Addresses of listing pages or review pages to begin with.", "ask": True},
    )
    kind: Literal["reviews", "articles"] = field(
        default="reviews",
        metadata={"help": "What its pages hold: reviews (also questions and posts), or articles."},
    )
    sitemaps: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Addresses of sitemaps that list the pages; robots.txt for those it names."
        },
    )
    follow: str = field(
        default="",
        metadata={
            "help": "CSS selector of the links to its pages, as in a.review.",
            "ask": True,
        },
    )
    follow_pattern: str = field(
        default="", metadata={"help": "Regular expression that a followed address must contain."}
    )
    next_page: str = field(
        default="",
        metadata={"help": "CSS selector of the link to the next listing page.", "ask": True},
    )
    max_pages: int = field(
        default=50, metadata={"help": "How many listing pages to walk from each start."}
    )
    max_reviews: int = field(
        default=2000, metadata={"help": "How many review pages to fetch in one run."}
    )
    revisits: int = field(
        default=20,
        metadata={"help": "How many pages landed lately to look at again in one run, at most."},
    )
    javascript: bool = field(
        default=False,
        metadata={
            "help": "Whether a browser must draw its pages first; needs the extra madang[browser]."
        },
    )
    wait_for: str = field(
        default="",
        metadata={"help": "CSS selector of what a page of JavaScript shows when it is drawn."},
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that all reviews of the site are about."}
    )
    lang: str | None = field(
        default=None, metadata={"help": "The language of reviews that do not say theirs."}
    )
    zone: str = field(
        default="Asia/Seoul", metadata={"help": "The zone of dates that do not say theirs."}
    )
    worst_rating: float = field(
        default=1.0, metadata={"help": "The worst rating, where a page does not say it."}
    )
    best_rating: float = field(
        default=5.0, metadata={"help": "The best rating, where a page does not say it."}
    )
    review: str = field(
        default="", metadata={"help": "CSS selector of one review, for pages without schema.org."}
    )
    review_id: str = field(
        default="", metadata={"help": "CSS selector of a review's identity, as in ::attr(id)."}
    )
    text: str = field(default="", metadata={"help": "CSS selector of a review's text."})
    title: str = field(default="", metadata={"help": "CSS selector of a review's title."})
    author: str = field(default="", metadata={"help": "CSS selector of who wrote it."})
    rating: str = field(default="", metadata={"help": "CSS selector of its rating."})
    date: str = field(default="", metadata={"help": "CSS selector of its date."})
    product_name: str = field(
        default="", metadata={"help": "CSS selector of the product's name on the page."}
    )
    gone: str = field(
        default="",
        metadata={
            "help": "CSS selector of what a page shows only when its review was removed, with the "
            "status 200."
        },
    )
    gone_words: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "What such a page says, whole and word for word; alone, it holds for pages of "
            "reviews on which nothing else can be read."
        },
    )
