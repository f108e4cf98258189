"""Numbers in addresses: of posts in paths, of products and stars in queries."""

from typing import Final

from django.http import HttpRequest

LONGEST: Final = 9


class PostNumber:
    """A path converter for the numbers of posts, which fit into every database's integer."""

    regex = f"[1-9][0-9]{{0,{LONGEST - 1}}}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def number_in(request: HttpRequest, name: str) -> int | None:
    """The number under this name in the query; None where there is none or it is no number."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= LONGEST else None


def word_in(request: HttpRequest, name: str, known: tuple[str, ...]) -> str | None:
    """One of the known words under this name in the query; None for any other."""
    value = request.GET.get(name, "")
    return value if value in known else None
