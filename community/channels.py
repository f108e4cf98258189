"""What a channel takes of an answer, and how it counts: checked here, before anything is sent."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final, Literal

import regex

Counting = Literal["characters", "graphemes", "utf8", "weighted"]

# Weighted counting is that of twitter-text, configuration 3 (github.com/twitter/twitter-text):
# Latin and punctuation weigh 1, all other code points 2, an emoji 2 and an address 23.
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_HEAVY_WEIGHT: Final = 2
_ADDRESS_WEIGHT: Final = 23
_EMOJI: Final = regex.compile(
    r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3"
)
_IN_PATH: Final = r"[\p{Latin}\p{Cyrillic}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_BRACKETED: Final = rf"\({_IN_PATH}+\)"
_PATH_ENDS: Final = rf"(?:[\p{{Latin}}\p{{Cyrillic}}0-9=_#/+\-]|{_BRACKETED})"
_PATH: Final = rf"(?:/(?:(?:{_IN_PATH}|{_BRACKETED})*{_PATH_ENDS})?)?"
_QUERY: Final = r"(?:\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[A-Za-z0-9\-_&=#/])?"
_BEFORE: Final = r"(?<![A-Za-z0-9@＠$#＃_.\-/])"
_AFTER: Final = r"(?![A-Za-z0-9@+\-])"
_ANY_NAME: Final = r"(?:[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}_\-]*\.)+"
_PLAIN_NAME: Final = r"(?:[A-Za-z0-9][A-Za-z0-9_\-]*\.)+"
_SHORT_AND_KNOWN: Final = ("co", "tv")  # of two letters, and an address without a path as well


@dataclass(frozen=True)
class ChannelLimits:
    """What a source takes of an answer.

    characters: the longest, counted as `counted` says (`weighted`: as X counts). window: for how
    long after a post was written it may be answered. once: a post has one answer, and another one
    takes its place.
    """

    characters: int | None = None
    counted: Counting = "characters"
    window: timedelta | None = None
    once: bool = False


Channels = Mapping[str, ChannelLimits]


def length(text: str, counted: Counting) -> int:
    """How long a text is by the rule of a channel."""
    if counted == "graphemes":
        return len(regex.findall(r"\X", text))
    if counted == "utf8":
        return len(text.encode("utf-8", "replace"))
    if counted == "weighted":
        return _weight(text)
    return len(text)


def _weight(text: str) -> int:
    composed = unicodedata.normalize("NFC", text)
    weight, place = 0, 0
    for address in _addresses().finditer(composed) if "." in composed else ():
        if not _is_address(address):
            continue
        weight += _plain_weight(composed[place : address.start()]) + _ADDRESS_WEIGHT
        place = address.end()
    return weight + _plain_weight(composed[place:])


def _plain_weight(text: str) -> int:
    weight = 0
    for cluster in regex.findall(r"\X", text):
        if _EMOJI.search(cluster):
            weight += _HEAVY_WEIGHT
        else:
            weight += sum(1 if _is_light(ord(char)) else _HEAVY_WEIGHT for char in cluster)
    return weight


def _is_light(code: int) -> bool:
    return any(first <= code <= last for first, last in _LIGHT)


def _is_address(found: "regex.Match[str]") -> bool:
    """Without a protocol, a name of one part under a country's ending (file.py) is no address."""
    if found["protocol"] or found["rest"]:
        return True
    labels = found[0].split(".")
    ending = found["ending"].lower()
    return len(ending) != 2 or len(labels) > 2 or ending in _SHORT_AND_KNOWN


@cache
def _addresses() -> "regex.Pattern[str]":
    """Addresses as twitter-text finds them; the endings are those of the public suffix list."""
    from tldextract import TLDExtract

    suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None).tlds
    known = {suffix.rpartition(".")[2] for suffix in suffixes}
    longest_first = sorted(known, key=lambda ending: (-len(ending), ending))
    every, plain = "|".join(longest_first), "|".join(e for e in longest_first if e.isascii())
    host = rf"(?:(?P<protocol>https?://){_ANY_NAME}(?:{every})|{_PLAIN_NAME}(?P<ending>{plain}))"
    rest = rf"(?P<rest>(?::[0-9]+)?{_PATH}{_QUERY})"
    return regex.compile(_BEFORE + host + _AFTER + rest, regex.IGNORECASE)
