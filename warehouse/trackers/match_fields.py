"""The conditions of a query that look at something other than words, over a batch."""

import operator
import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute

from warehouse.trackers import globs
from warehouse.trackers.batch import Batch, bits
from warehouse.trackers.fields import MARKS
from warehouse.trackers.sql_fields import aspect_letters, limits_of, url_letters
from warehouse.trackers.tree import Bounds, Having, Raw, Tag, Value

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute
TEXTS: Final = ("title", "text")
_READ: Final = ("negative", "neutral", "positive")
_AUTHOR: Final = ("author_id", "author_handle", "author_name")
_SIGNS: Final[dict[str, Callable[[Any, float], Any]]] = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
_NAMES: Final = {
    "#": re.compile(rf"(?<!\w){globs.SIGNS['#']}(\w+)"),
    "@": re.compile(rf"(?<!\w){globs.SIGNS['@']}(\w+(?:[.-]\w+)*)"),
}
_COLUMNS: Final = {"followers": "author_followers", "intent": "intents", "emotion": "emotions"}


def answer(batch: Batch, leaf: Raw | Tag | Having) -> int:
    """The rows of a batch for which a condition holds."""
    if isinstance(leaf, Raw):
        return batch.letters(TEXTS).having(leaf.text)
    if isinstance(leaf, Tag):
        return _tagged(batch, leaf)
    found = 0
    for value in leaf.values:
        found |= _of_value(batch, leaf.name, value)
    return found


def _of_value(batch: Batch, name: str, value: Value) -> int:
    if isinstance(value, date):
        return batch.where("day", lambda day: day >= value if name == "since" else day <= value)
    if isinstance(value, Bounds):
        numbers = batch.numbers(_COLUMNS.get(name, name))
        holds = np.ones(batch.size, np.bool_)
        for sign, limit in limits_of(name, value):
            holds &= _SIGNS[sign](numbers, limit)
        return bits(holds)
    if name in ("intent", "emotion"):
        letters = f" {value} "
        return batch.where(_COLUMNS[name], lambda line: letters in line)
    if name in _OTHERS:
        return _OTHERS[name](batch, value)
    if name == "author":
        return _any_of(_same(batch, column, value) for column in _AUTHOR)
    return _same(batch, name, value)


def _any_of(found: Any) -> int:
    either = 0
    for each in found:
        either |= each
    return either


def _same(batch: Batch, column: str, value: str) -> int:
    """The column holds this text, in capitals or not; with wildcards, one like it."""
    small = value.lower()
    if globs.is_glob(value):
        return _matching(batch, column, f"^(?:{globs.pattern(small, globs.IN_VALUE)})$")
    return batch.small_where(column, small)


def _matching(batch: Batch, column: str, pattern: str) -> int:
    """The rows in whose column, in small letters, RE2 finds a pattern."""
    found = pc.match_substring_regex(pc.utf8_lower(batch.column(column)), pattern)
    return bits(found.fill_null(False).to_numpy(zero_copy_only=False))


def _tagged(batch: Batch, tag: Tag) -> int:
    names = batch.tags(tag.sign, _NAMES[tag.sign])
    small = tag.name.lower()
    if not globs.is_glob(small):
        return names.get(small, 0)
    fits = pc.match_substring_regex(
        pa.array(list(names), pa.string()), f"^(?:{globs.pattern(small, globs.IN_NAME)})$"
    ).to_pylist()
    return _any_of(found for found, fit in zip(names.values(), fits, strict=True) if fit)


def _url(batch: Batch, value: str) -> int:
    small = value.lower()
    if globs.is_glob(value):
        return _matching(batch, "url", globs.pattern(small, globs.IN_VALUE))
    return batch.letters(("url",), small=True).containing(small)


def _site(batch: Batch, value: str) -> int:
    host = url_letters(value)
    if not batch.letters(("url",), small=True).containing(globs.literal(host)):
        return 0
    return _matching(batch, "url", globs.site(host))


def _sentiment(batch: Batch, value: str) -> int:
    if value == "unread":
        return batch.where("sentiment", lambda mood: mood not in _READ)
    return batch.where("sentiment", lambda mood: mood == value)


def _aspect(batch: Batch, value: str) -> int:
    letters = aspect_letters(value)
    return batch.where("aspects", lambda line: letters in line)


def _topic(batch: Batch, value: str) -> int:
    found = _same(batch, "topic", value)
    if value.isdecimal():
        number = int(value[:18])
        found |= batch.where("topic_id", lambda topic: topic == number)
    return found


def _is(batch: Batch, value: str) -> int:
    if value == "reply":
        return batch.known("parent_id")
    if value in MARKS:
        return batch.where(value, bool)
    found = batch.where("kind", lambda kind: kind == value)
    if value == "question":
        found |= batch.where("intents", lambda line: " question " in line)
    return found


def _has(batch: Batch, value: str) -> int:
    if value == "link":
        letters = batch.letters(TEXTS)
        return letters.containing("http://") | letters.containing("https://")
    if value == "author":
        return _any_of(batch.where(column, bool) for column in _AUTHOR)
    if value in ("aspect", "intent", "emotion"):
        return batch.where(f"{value}s", lambda line: bool(line.strip(" ")))
    if value in ("rating", "topic"):
        return batch.known({"rating": "rating", "topic": "topic_id"}[value])
    return batch.where(value, bool)


_OTHERS: Final[dict[str, Callable[[Batch, str], int]]] = {
    "url": _url,
    "site": _site,
    "sentiment": _sentiment,
    "aspect": _aspect,
    "topic": _topic,
    "is": _is,
    "has": _has,
}
