"""A product's ratings as the page draws them: the mean, and a bar for each number of stars."""

from dataclasses import dataclass

from django.utils.http import urlencode

from community.reviews.queries import ProductSummary


@dataclass(frozen=True)
class Bar:
    """So many reviews with so many stars; `percent` of all, and the list that shows them."""

    stars: int
    count: int
    percent: int
    path: str


@dataclass(frozen=True)
class Picture:
    """`mean` with one decimal, `rounded` for the stars, `verified` as a share in words."""

    mean: str
    rounded: int
    verified: str
    bars: tuple[Bar, ...]


def picture_of(summary: ProductSummary, order: str) -> Picture:
    """Five bars from five stars down; each leads to the reviews it counts."""
    mean = summary.mean or 0.0
    bars = tuple(
        Bar(
            stars,
            number,
            round(100 * number / summary.count) if summary.count else 0,
            _path(summary, stars, order),
        )
        for stars, number in reversed(list(enumerate(summary.distribution, start=1)))
    )
    # Half a star up, as everybody rounds, and not to the even number.
    return Picture(f"{mean:.1f}", int(mean + 0.5), f"{summary.share_verified:.0%}", bars)


def _path(summary: ProductSummary, stars: int, order: str) -> str:
    query = {"product": str(summary.product.id), "stars": str(stars), "order": order}
    return f"/reviews?{urlencode(query)}"
