"""How pressing a conversation is: points that anybody can add up, shown as they stand.

The points are a convention of this house and not a measured model: an answer that is waited for by
somebody angry, within an alert, comes before a mild one.
"""

from collections.abc import Iterable
from typing import Final, Protocol

NEGATIVE: Final = 40  # at a sentiment score of -1
RATING: Final = 15  # at the lowest rating
ALERT: Final = 25  # the mention belongs to an alert
CUSTOMER: Final = 10  # somebody who has bought
REPEATED: Final = 5  # for each further mention of the same person, up to twice


class Weighed(Protocol):
    """What of a mention counts: `score` is -1..1, `rating` 0..1, both None where unknown."""

    score: float | None
    rating: float | None
    alert_id: str


def priority_parts(mentions: Iterable[Weighed], known_customer: bool) -> dict[str, int]:
    """The points by reason, those of none left out; they add up to 100 at most."""
    weighed = tuple(mentions)
    scores = [mention.score for mention in weighed if mention.score is not None]
    ratings = [mention.rating for mention in weighed if mention.rating is not None]
    parts = {
        "negative": round(NEGATIVE * max(0.0, -min(scores, default=0.0))),
        "rating": round(RATING * (1 - min(ratings, default=1.0))),
        "alert": ALERT if any(mention.alert_id for mention in weighed) else 0,
        "customer": CUSTOMER if known_customer else 0,
        "repeated": REPEATED * min(2, max(0, len(weighed) - 1)),
    }
    return {name: points for name, points in parts.items() if points > 0}
