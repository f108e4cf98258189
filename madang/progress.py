"""How work tells of itself: the step's name, how much is done, how much there is (0: not known)."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """For callers that show no progress."""
