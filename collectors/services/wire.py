"""Values as services send them, read with care: what is not as documented never ends a run.

A time that cannot be read is None, so that its row is refused alone; an answer of another shape is
an ApiError, as a page that failed.
"""

from datetime import UTC, datetime
from typing import Any

from collectors.services.api import ApiError


def objects(said: Any, name: str) -> list[dict[str, Any]]:
    """The objects in the list `name` of an answer; none where it is missing or null.

    Raises ApiError when the answer is no object or `name` is no list of objects.
    """
    if not isinstance(said, dict):
        raise ApiError(f"The service answers with a {type(said).__name__} in place of an object.")
    found = said.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ApiError(f"The service answers without a list of objects in {name!r}.")
    return found


def part(said: Any, *names: str) -> dict[str, Any]:
    """The object found by going down `names`; empty where one of them is missing or no object."""
    for name in names:
        said = said.get(name) if isinstance(said, dict) else None
    return said if isinstance(said, dict) else {}


def text(value: Any) -> str:
    """A text, empty for null; anything else as it is written."""
    return "" if value is None else str(value)


def whole(value: Any) -> int | None:
    """A count, as a number or in digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return None


def moment(value: Any) -> datetime | None:
    """A time in ISO 8601 with its zone, else None."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None


def since_epoch(value: Any, per_second: int = 1) -> datetime | None:
    """A time as a number, or digits, counted from 1970 in UTC."""
    count = whole(value)
    try:
        return None if count is None else datetime.fromtimestamp(count / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None
