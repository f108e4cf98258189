"""What the inbox holds of one member of the yard, for them to take along; see also erasing.py."""

from typing import Any

from community.inbox.models import CaseMention, Reply
from community.yard.posts import SOURCE


def inbox_data(public_id: str) -> dict[str, list[dict[str, Any]]]:
    """The conversations with a member: what was quoted of them, and what they were answered."""
    mentions = CaseMention.objects.filter(source=SOURCE, author_id=public_id)
    replies = Reply.objects.filter(mention__in=mentions)
    return {
        "conversations": [
            {
                "quoted": list(mentions.order_by("written_at").values("text", "written_at")),
                "answered": list(replies.order_by("written_at").values("text", "written_at")),
            }
        ]
        if mentions.exists()
        else []
    }
