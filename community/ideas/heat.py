"""How warm an idea is: the sum of its votes, each halved for every two weeks of its age.

The weights are kept relative to a fixed day and not to now (forward decay: Cormode, Shkapenyuk,
Srivastava, Xu 2009, "Forward Decay: A Practical Time Decay Model for Streaming Systems", eq. 2).
All sums decay alike, so their order needs no recomputing: a vote adds its weight and that is all.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

HALF_LIFE: Final = timedelta(days=14)
# Weights double every two weeks and must stay below 2^1023: until the year 2064.
LANDMARK: Final = datetime(2026, 1, 1, tzinfo=UTC)


def weight(at: datetime) -> float:
    """What a vote given at this time adds to an idea's heat; 1 on the landmark's day."""
    return float(2.0 ** ((at - LANDMARK) / HALF_LIFE))
