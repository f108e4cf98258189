"""The past of a community, as it is moved in from elsewhere: who was there, and what they did.

Plain values that any room may make. Members are named by e-mail address, posts by a `ref` of the
history's own, which nobody sees later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class PastMember:
    """Somebody whose address, and number if there is one, were proved where they come from.

    Without a password they ask for one by mail before they sign in.
    """

    email: str
    name: str
    joined_at: datetime
    language: str = "ko"
    phone: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class PastReview:
    ref: str
    member: str
    product: str
    rating: int
    text: str
    at: datetime
    title: str = ""


@dataclass(frozen=True)
class PastIdea:
    ref: str
    member: str
    title: str
    text: str
    at: datetime


@dataclass(frozen=True)
class PastComment:
    """Said below a post or in answer to a comment; without a member it is the company's answer."""

    ref: str
    member: str | None
    post: str
    text: str
    at: datetime


@dataclass(frozen=True)
class PastVote:
    member: str
    idea: str
    at: datetime


@dataclass(frozen=True)
class PastMark:
    """A member found a review helpful."""

    member: str
    review: str
    at: datetime


@dataclass(frozen=True)
class PastStep:
    """An idea got a status, for a reason."""

    idea: str
    status: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class History:
    """`key` names the history, so that it is moved in once. Comments stand in their order."""

    key: str
    members: Sequence[PastMember] = ()
    reviews: Sequence[PastReview] = ()
    ideas: Sequence[PastIdea] = ()
    comments: Sequence[PastComment] = ()
    votes: Sequence[PastVote] = ()
    marks: Sequence[PastMark] = ()
    steps: Sequence[PastStep] = ()


@dataclass(frozen=True)
class MovedIn:
    """Counts of what is new here."""

    members: int = 0
    posts: int = 0
    votes: int = 0
