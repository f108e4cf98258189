"""Orders about products: the warehouse says which there are."""

from community.belts.findings import Finding
from community.catalogue.models import Product
from community.errors import CommunityError

LONGEST_NAME = 160


def list_product(finding: Finding) -> None:
    """Offer the product that a finding names for reviews; one known already stays as it is."""
    name = finding.subject.strip()
    if not name or len(name) > LONGEST_NAME:
        raise CommunityError(
            f"A product's name has 1 to {LONGEST_NAME} characters, and this one {len(name)}: "
            f"{name[:40]!r}. Correct it in the orders that name it."
        )
    Product.objects.get_or_create(name=name)
