"""What the source `web` needs to know of a site: where its lists begin and what to look for."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Site:
    """An entry `[[web.sites]]` of madang.toml."""

    name: str = field(metadata={"help": "A short name of the site, used in identities."})
    start: tuple[str, ...] = field(
        metadata={"help": "Addresses of listing pages or review pages to begin with."}
    )
    follow: str = field(
        default="", metadata={"help": "CSS selector of the links to review pages, as in a.review."}
    )
    follow_pattern: str = field(
        default="", metadata={"help": "Regular expression that a followed address must contain."}
    )
    next_page: str = field(
        default="", metadata={"help": "CSS selector of the link to the next listing page."}
    )
    max_pages: int = field(
        default=50, metadata={"help": "How many listing pages to walk from each start."}
    )
    max_reviews: int = field(
        default=2000, metadata={"help": "How many review pages to fetch in one run."}
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
