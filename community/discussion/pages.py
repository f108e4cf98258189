"""What stands below a review or an idea, for the page of either."""

from typing import Any

from django.http import HttpRequest

from community.discussion.forms import CommentForm
from community.discussion.queries import comments_page
from community.yard.access import viewer_of
from community.yard.pager import next_page
from community.yard.posts import post_id


def thread_context(
    request: HttpRequest, post: str, form: CommentForm | None = None
) -> dict[str, Any]:
    """Comments of this page, the next one's address, and the form for another comment."""
    page = comments_page(post, request.GET.get("after"), viewer_of(request))
    return {
        "thread": page,
        "path": post_id(post).path,
        "next_page": next_page(request, page.after),
        "comment_form": form or CommentForm(),
    }
