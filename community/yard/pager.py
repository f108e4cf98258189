"""The link to a list's next page: the same filters, begun after the last row seen."""

from django.http import HttpRequest


def next_page(request: HttpRequest, after: str | None) -> str:
    """The next page's address, or empty on the last one."""
    if after is None:
        return ""
    query = request.GET.copy()
    query.pop("said", None)
    query["after"] = after
    return f"{request.path}?{query.urlencode()}"
