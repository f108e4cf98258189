"""JSON from elsewhere into rows of mentions: which value goes into which column.

A path is JMESPath (https://jmespath.org), as in `ticket.comments[-1].body`. jmespath is imported
when there is something to map, as every command reads the list of sources.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from collectors.base import SourceUnavailable
from collectors.rows.dates import instants
from warehouse.records import MENTION, MENTION_KINDS

_MADE: Final = frozenset({"source", "collected_at", "extra", "rating_raw"})
_CONTACTS: Final = ("email", "phone")
FIELDS: Final = (*(each.name for each in MENTION if each.name not in _MADE), *_CONTACTS)
_NUMBERS: Final = frozenset({"author_followers", "likes", "replies", "shares", "views"})
_LONGEST: Final = 50_000  # characters of a text


class Unmapped(ValueError):  # noqa: N818 - it says what a value lacks
    """A value that makes no mention: the message says why, and `value` what it was."""

    def __init__(self, reason: str, value: Any = None) -> None:
        super().__init__(reason)
        self.value = value


@dataclass(frozen=True)
class Shape:
    """How the JSON of one origin is read.

    `fields` is {column: path}; `rows` the path of a list, where one text holds several. What has no
    `native_id` gets one from where it came. `scale` is the worst and the best rating.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    kind: str = "post"
    product: str | None = None
    scale: tuple[float, float] | None = None
    zone: str = "Asia/Seoul"

    def check(self, where: str) -> None:
        """Raises SourceUnavailable for a shape that cannot be used, naming its setting."""
        import jmespath

        if "text" not in self.fields:
            raise SourceUnavailable(f"{where}.fields lacks text: the path of what was said.")
        for name in self.fields:
            if name not in FIELDS:
                raise SourceUnavailable(
                    f"{where}.fields names {name}; there are {', '.join(FIELDS)}."
                )
        if "rating" in self.fields and (self.scale is None or self.scale[0] == self.scale[1]):
            raise SourceUnavailable(f"{where} maps a rating; say its scale, as in [1, 5].")
        if self.kind not in MENTION_KINDS:
            raise SourceUnavailable(f"{where}.kind is one of {', '.join(MENTION_KINDS)}.")
        for name, path in (*self.fields.items(), *([("rows", self.rows)] if self.rows else [])):
            try:
                jmespath.compile(path)
            except jmespath.exceptions.JMESPathError as error:
                raise SourceUnavailable(
                    f"{where}: the path of {name} cannot be read: {error}. See jmespath.org."
                ) from error

    def items(self, said: Any) -> list[Any]:
        """The values that are one mention each. Raises Unmapped where `rows` leads to no list."""
        if not self.rows:
            return [said]
        import jmespath

        found = jmespath.search(self.rows, said)
        if not isinstance(found, list):
            raise Unmapped(f"there is no list at {self.rows}")
        return found

    def mention(self, item: Any, fallback_id: str, received: datetime) -> dict[str, Any]:
        """One value as the row of a mention. Raises Unmapped with the reason."""
        found = {name: _value(path, item) for name, path in self.fields.items()}
        text = _said(found.pop("text"))
        if not text:
            raise Unmapped("no text")
        contacts = {
            name: _said(found.pop(name)) for name in _CONTACTS if found.get(name) is not None
        }
        row: dict[str, Any] = {name: _typed(name, value, self.zone) for name, value in found.items()
                               if name not in (*_CONTACTS, "rating")}  # fmt: skip
        row |= _rating(found.get("rating"), self.scale)
        row["text"] = text[:_LONGEST]
        row["native_id"] = row.get("native_id") or fallback_id
        row["kind"] = row["kind"] if row.get("kind") in MENTION_KINDS else self.kind
        row["product"] = row.get("product") or self.product
        row["created_at"] = row.get("created_at") or received
        row["extra"] = json.dumps(contacts, ensure_ascii=False) if contacts else None
        return row


def moment(value: Any, zone: str) -> datetime | None:
    """A point in time as other systems write it, in UTC; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    written: list[Any] = [value if isinstance(value, str) else float(value)]
    column = pa.array(written)
    found: datetime | None = instants(column, zone).values[0].as_py()
    return found


def _value(path: str, item: Any) -> Any:
    import jmespath

    try:
        return jmespath.search(path, item)
    except jmespath.exceptions.JMESPathError as error:
        raise Unmapped(f"the path {path} does not fit") from error


def _said(value: Any) -> str:
    """A text, number or list of texts as one text; anything else is none."""
    if isinstance(value, bool) or value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, list):
        return "\n".join(filter(None, map(_said, value)))
    return str(value).strip()


def _typed(name: str, value: Any, zone: str) -> Any:
    if value is None:
        return None
    if name == "created_at":
        found = moment(value, zone)
        if found is None:
            raise Unmapped("created_at is no point in time", value)
        return found
    if name in _NUMBERS:
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise Unmapped(f"{name} is no number", value) from error
    return _said(value) or None


def _rating(value: Any, scale: tuple[float, float] | None) -> dict[str, Any]:
    if value is None or scale is None:
        return {}
    worst, best = scale
    try:
        rating = (float(value) - worst) / (best - worst)
    except (TypeError, ValueError) as error:
        raise Unmapped("rating is no number", value) from error
    if not 0 <= rating <= 1:
        raise Unmapped(f"rating is outside of {worst:g} to {best:g}", value)
    return {"rating": rating, "rating_raw": str(value)}


def contacts_of(person: Any) -> dict[str, str]:
    """`email` and `phone` of an object, where it has them."""
    if not isinstance(person, Mapping):
        return {}
    return {name: said for name in _CONTACTS if (said := _said(person.get(name)))}


def text_at(item: Any, names: Sequence[str]) -> str:
    """The first of these names under which an object holds something, as text."""
    if not isinstance(item, Mapping):
        return ""
    return next((said for name in names if (said := _said(item.get(name)))), "")
