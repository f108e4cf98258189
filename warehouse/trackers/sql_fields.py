"""The fields of a query as conditions of SQL: one line a field, most of them."""

from collections.abc import Callable
from datetime import date
from typing import Final

from warehouse.trackers import globs
from warehouse.trackers.fields import MARKS
from warehouse.trackers.sql_parts import HEARD, MENTIONS, Names, Parameters, Part
from warehouse.trackers.tree import Bounds, Value

# How far a rating may be from the star that was asked for: it is stored as a 32-bit float.
CLOSE: Final = 1e-6
_OF_HEARD: Final = ("lang", "source", "kind", "product")
_OF_MENTIONS: Final = ("country", "city")
_AUTHOR: Final = ("author_id", "author_handle", "author_name")
_LABELS: Final = {"intent": "intents", "emotion": "emotions"}


def field_condition(name: str, value: Value, given: Parameters, names: Names) -> Part:
    """The condition that the field `name` has this value."""
    heard, mention = names
    if isinstance(value, date):
        sign = ">=" if name == "since" else "<="
        return Part(f"{heard}day {sign} {given.add(value)}", HEARD)
    if isinstance(value, Bounds):
        return _number(name, value, given, names)
    if name in _OF_HEARD:
        return Part(_same(f"{heard}{name}", value, given), HEARD)
    if name in _OF_MENTIONS:
        return Part(_same(f"{mention}{name}", value, given), MENTIONS)
    if name == "author":
        tests = (_same(f"{mention}{column}", value, given) for column in _AUTHOR)
        return Part(f"({' OR '.join(tests)})", MENTIONS)
    if name in _LABELS:
        return Part(f"contains({heard}{_LABELS[name]}, {given.add(f' {value} ')})", HEARD)
    return _OTHERS[name](value, given, names)


def limits_of(name: str, bounds: Bounds) -> list[tuple[str, float]]:
    """Limits for the column itself: a rating's from stars, with room for how it is stored."""
    if name != "rating":
        return list(bounds.limits)
    found: list[tuple[str, float]] = []
    for sign, stars in bounds.limits:
        rating = (stars - 1) / 4
        if sign in (">=", "="):
            found.append((">=", rating - CLOSE))
        if sign in ("<=", "="):
            found.append(("<=", rating + CLOSE))
        if sign == ">":
            found.append((">", rating + CLOSE))
        if sign == "<":
            found.append(("<", rating - CLOSE))
    return found


def url_letters(value: str) -> str:
    """What of a site's address is its host: without scheme and path."""
    return value.lower().partition("://")[2].partition("/")[0] or value.lower().partition("/")[0]


def _number(name: str, bounds: Bounds, given: Parameters, names: Names) -> Part:
    column, side = {
        "rating": (f"{names.heard}rating::DOUBLE", HEARD),
        "followers": (f"{names.mention}author_followers", MENTIONS),
        "likes": (f"{names.mention}likes", MENTIONS),
    }[name]
    tests = [f"{column} {sign} {given.add(limit)}" for sign, limit in limits_of(name, bounds)]
    return Part(f"({' AND '.join(tests)})", side)


def _same(column: str, value: str, given: Parameters) -> str:
    """The column holds this text, in capitals or not; with wildcards, one like it."""
    small = value.lower()
    if globs.is_glob(value):
        pattern = given.add(globs.pattern(small, globs.IN_VALUE))
        return f"regexp_full_match(lower({column}), {pattern})"
    return f"lower({column}) = {given.add(small)}"


def _url(value: str, given: Parameters, names: Names) -> Part:
    column, small = f"lower({names.mention}url)", value.lower()
    if globs.is_glob(value):
        pattern = given.add(globs.pattern(small, globs.IN_VALUE))
        return Part(f"regexp_matches({column}, {pattern})", MENTIONS)
    return Part(f"contains({column}, {given.add(small)})", MENTIONS)


def _site(value: str, given: Parameters, names: Names) -> Part:
    host = url_letters(value)
    column = f"lower({names.mention}url)"
    quick = f"contains({column}, {given.add(globs.literal(host))})"
    return Part(f"({quick} AND regexp_matches({column}, {given.add(globs.site(host))}))", MENTIONS)


def _sentiment(value: str, given: Parameters, names: Names) -> Part:
    if value == "unread":
        return Part(f"{names.heard}sentiment NOT IN ('negative', 'neutral', 'positive')", HEARD)
    return Part(f"{names.heard}sentiment = {given.add(value)}", HEARD)


def aspect_letters(value: str) -> str:
    """What `heard.aspects` contains where this aspect is spoken of, blamed (-) or praised (+)."""
    name, sign = (value[:-1], value[-1]) if value[-1] in "+-" and len(value) > 1 else (value, "")
    start = f" {name.replace(' ', '_')}:"
    return f"{start}{sign} " if sign else start


def _aspect(value: str, given: Parameters, names: Names) -> Part:
    return Part(f"contains({names.heard}aspects, {given.add(aspect_letters(value))})", HEARD)


def _topic(value: str, given: Parameters, names: Names) -> Part:
    test = _same("t.name", value, given)
    if value.isdecimal():
        test = f"({test} OR t.topic_id = {given.add(int(value[:18]))})"
    return Part(
        f"({names.heard}mention_id, {names.heard}text_hash) IN (SELECT (k.mention_id, k.text_hash) "
        f"FROM mention_topics k JOIN topics t ON t.topic_id = k.topic_id WHERE {test})",
        HEARD,
    )


def _is(value: str, given: Parameters, names: Names) -> Part:
    heard = names.heard
    if value == "reply":
        return Part(f"{names.mention}parent_id IS NOT NULL", MENTIONS)
    if value in MARKS:
        return Part(f"{heard}{value}", HEARD)
    kind = f"{heard}kind = {given.add(value)}"
    if value != "question":
        return Part(kind, HEARD)
    return Part(f"({kind} OR contains({heard}intents, ' question '))", HEARD)


def _has(value: str, given: Parameters, names: Names) -> Part:
    heard, mention = names
    tests = {
        "link": (" OR ".join(f"contains({mention}{c}, {letters})" for c in ("text", "title")
                             for letters in ("'http://'", "'https://'")), MENTIONS),
        "rating": (f"{heard}rating IS NOT NULL", HEARD),
        "product": (f"{heard}product <> ''", HEARD),
        "title": (f"{mention}title <> ''", MENTIONS),
        "author": (" OR ".join(f"{mention}{column} <> ''" for column in _AUTHOR), MENTIONS),
        "url": (f"{mention}url <> ''", MENTIONS),
        "country": (f"{mention}country <> ''", MENTIONS),
        "city": (f"{mention}city <> ''", MENTIONS),
        "aspect": (f"trim({heard}aspects) <> ''", HEARD),
        "intent": (f"trim({heard}intents) <> ''", HEARD),
        "emotion": (f"trim({heard}emotions) <> ''", HEARD),
        "topic": (
            f"({heard}mention_id, {heard}text_hash) IN (SELECT (mention_id, text_hash) "
            "FROM mention_topics WHERE topic_id IS NOT NULL)",
            HEARD,
        ),
    }  # fmt: skip
    text, side = tests[value]
    return Part(f"({text})", side)


_OTHERS: Final[dict[str, Callable[[str, Parameters, Names], Part]]] = {
    "url": _url,
    "site": _site,
    "sentiment": _sentiment,
    "aspect": _aspect,
    "topic": _topic,
    "is": _is,
    "has": _has,
}
