"""The fields a query can ask for, one list: how each is written, and which values it knows."""

import difflib
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from nlp.emotions import EMOTIONS
from nlp.intents import INTENTS, LIFE_EVENTS
from warehouse.records import MENTION_KINDS
from warehouse.trackers.tree import Bounds, Value

SENTIMENTS: Final = ("negative", "neutral", "positive", "unread")
LANGS: Final = ("ko", "en", "ja", "zh", "und")  # what nlp.language tells apart
MARKS: Final = ("spam", "sponsored", "toxic", "corrected")
IS: Final = (*MENTION_KINDS, "reply", *MARKS)
HAS: Final = (
    "link", "rating", "product", "title", "author", "url", "country", "city",
    "aspect", "intent", "emotion", "topic",
)  # fmt: skip
_SIZES: Final = {"": 1, "k": 1_000, "천": 1_000, "만": 10_000, "m": 1_000_000, "백만": 1_000_000}
_NUMBER: Final = r"(\d{1,12}(?:\.\d{1,3})?)(천|백만|만|[kKmM]|)"
_COMPARED: Final = re.compile(rf"(<=|>=|<|>|=|){_NUMBER}")
_BETWEEN: Final = re.compile(rf"{_NUMBER}\.\.{_NUMBER}")


class FieldError(ValueError):
    """A value that a field does not take; the hint says what it takes."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Field:
    """A field: what it is for, an example, and the kind of its values.

    `kind` is text (anything, with wildcards), choice (one of `choices`), number or day.
    """

    name: str
    help: str
    example: str
    kind: str = "text"
    choices: tuple[str, ...] = ()

    def read(self, value: str) -> Value:
        """What was written as a value; raises FieldError."""
        if not value.strip():
            raise FieldError(f"{self.name}: has no value right behind it.", self.hint)
        return _READERS[self.kind](self, value.strip())

    @property
    def hint(self) -> str:
        """What can be written, in one sentence."""
        if self.choices:
            return f"{self.name}: knows {', '.join(self.choices)}."
        return f"Write it as in {self.example}."


FIELDS: Final = {
    found.name: found
    for found in (
        Field("lang", "language of the text", "lang:ko", "choice", LANGS),
        Field("source", "where it was collected", "source:naver-blog"),
        Field("site", "the site of its address, with all below it", "site:naver.com"),
        Field("url", "letters in its address", "url:/reviews/"),
        Field("author", "name or handle of who wrote it", "author:minji*"),
        Field("country", "country of who wrote it", "country:KR"),
        Field("city", "city of who wrote it", "city:서울"),
        Field("rating", "stars from 1 to 5", "rating:<=2", "number"),
        Field("followers", "followers of who wrote it", "followers:>1만", "number"),
        Field("likes", "likes it had", "likes:>=100", "number"),
        Field("kind", "what kind of mention it is", "kind:review", "choice", MENTION_KINDS),
        Field("product", "the product it is about", "product:수분크림"),
        Field("sentiment", "how it was read", "sentiment:negative", "choice", SENTIMENTS),
        Field("aspect", "of what it speaks; with - blamed, with + praised", "aspect:delivery-"),
        Field(
            "intent", "what its writer wants", "intent:complaint", "choice",
            (*INTENTS, *(f"life_event:{name}" for name in LIFE_EVENTS)),
        ),
        Field("emotion", "how its writer feels", "emotion:anger", "choice", EMOTIONS),
        Field("topic", "its topic, by name or number", 'topic:"배송·포장"'),
        Field("is", "what it is", "is:question", "choice", IS),
        Field("has", "what it has", "has:link", "choice", HAS),
        Field("since", "from this day on", "since:2026-11-01", "day"),
        Field("until", "up to this day, which is included", "until:2026-11-22", "day"),
    )
}  # fmt: skip
NAMES: Final = (*FIELDS, "raw")


def field_of(name: str) -> Field:
    """The field of this name; raises FieldError, which names the nearest."""
    known = name.lower()
    if known in FIELDS:
        return FIELDS[known]
    if known in ("http", "https"):
        raise FieldError(
            "An address is no word.", "Look for letters in addresses with url:, as in url:naver.com"
        )
    near = difflib.get_close_matches(known, NAMES, n=1, cutoff=0.5)
    meant = f"Did you mean {near[0]}:? " if near else ""
    raise FieldError(
        f"There is no field {name}:.",
        f"{meant}The fields are {', '.join(NAMES)}; a colon in the text is searched in quotes.",
    )


def _text(of: Field, value: str) -> Value:
    if not re.search(r"[^\s*?]", value):
        raise FieldError(f"{of.name}: needs a letter beside a wildcard.", of.hint)
    return value


def _choice(of: Field, value: str) -> Value:
    known = value.lower()
    if known in of.choices:
        return known
    near = difflib.get_close_matches(known, of.choices, n=1, cutoff=0.6)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise FieldError(f"{of.name}: does not know {value!r}.", meant + of.hint)


def _number(of: Field, value: str) -> Value:
    if found := _COMPARED.fullmatch(value):
        sign, digits, size = found.groups()
        return Bounds(((sign or "=", _size(digits, size)),))
    if found := _BETWEEN.fullmatch(value):
        low, low_size, high, high_size = found.groups()
        return Bounds(((">=", _size(low, low_size)), ("<=", _size(high, high_size))))
    raise FieldError(
        f"{of.name}: needs a number, not {value!r}.",
        f"Write {of.name}:3, {of.name}:<=3, {of.name}:>3 or {of.name}:2..4.",
    )


def _size(digits: str, size: str) -> float:
    return float(digits) * _SIZES[size.lower()]


def _day(of: Field, value: str) -> Value:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise FieldError(f"{of.name}: needs a day, not {value!r}.", of.hint) from None


_READERS: Final = {"text": _text, "choice": _choice, "number": _number, "day": _day}
