"""How a post is named: in facts and mentions (`review-12`), in addresses (`/reviews/12`)."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

from community.errors import CommunityError

SOURCE: Final = "community"  # as mentions of the yard name their source
_NATIVE_ID: Final = re.compile(r"(review|idea|comment)-([1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True)
class PostId:
    """A post's kind (review, idea or comment) and number."""

    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.number}"

    @property
    def path(self) -> str:
        """The page of a review or an idea; a comment has none of its own."""
        if self.kind == "comment":
            raise CommunityError(f"{self} stands on the page of what it answers.")
        return f"/{self.kind}s/{self.number}"

    @property
    def mention_id(self) -> str:
        """The identity of the post's mention in the warehouse (see warehouse.records)."""
        digest = hashlib.md5(f"{SOURCE}\x1f{self}".encode(), usedforsecurity=False)
        return str(uuid.UUID(bytes=digest.digest()))


def post_id(native_id: str) -> PostId:
    """Read `review-12`, `idea-5` or `comment-9`; raises CommunityError for anything else."""
    match = _NATIVE_ID.fullmatch(native_id)
    if match is None:
        raise CommunityError(gettext("There is no post of this name."))
    return PostId(match[1], int(match[2]))
