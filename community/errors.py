"""The one exception of this package: what happened, to which item, and what mends it."""


class CommunityError(Exception):
    """Raised for what a caller can mend; the message says how."""
