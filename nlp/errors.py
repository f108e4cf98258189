"""The one exception that the language room raises."""


class NlpError(Exception):
    """Says what happened, to which item, and what to do about it."""
