"""How often one member, and one address, may write. Pages hold to these; the values are here."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Limit:
    """At most `member` acts of a member, and `address` of a network address, in `seconds`."""

    name: str
    member: int
    address: int
    seconds: int


# A keen customer stays below these by far; a script does not. Many customers may share the address
# of a mobile carrier, so the limit by address is wide.
WRITE_REVIEW: Final = Limit("write_review", member=10, address=60, seconds=3600)
PROPOSE_IDEA: Final = Limit("propose_idea", member=10, address=60, seconds=3600)
COMMENT: Final = Limit("comment", member=30, address=180, seconds=3600)
EDIT: Final = Limit("edit", member=60, address=360, seconds=3600)
VOTE: Final = Limit("vote", member=120, address=1200, seconds=600)
THANK: Final = Limit("thank", member=30, address=180, seconds=3600)
