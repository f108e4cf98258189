"""Questions about products."""

from dataclasses import dataclass

from community.catalogue.models import Product


@dataclass(frozen=True)
class ProductChoice:
    """A product that can be chosen in a form."""

    id: int
    name: str


def products() -> tuple[ProductChoice, ...]:
    """What can be reviewed, by name."""
    listed = Product.objects.filter(is_listed=True).order_by("name").values_list("id", "name")
    return tuple(ProductChoice(number, name) for number, name in listed)


def product(product_id: int) -> ProductChoice | None:
    """One product, listed or not."""
    found = Product.objects.filter(pk=product_id).values_list("id", "name").first()
    return ProductChoice(*found) if found else None
