"""What an analyser reads of a text as stored, and where each character of it stands in the text.

Annotations point into texts as people wrote them, with markup, half characters and all. So whatever
is left out for the analyser is either blanked at the same length or remembered by its place.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# Analysis is linear, but at about 20,000 characters a second: a pasted book must not stop a batch.
LONGEST: Final = 4000

_HALVES: Final = re.compile(r"[\ud800-\udfff]")
_MARKUP: Final = re.compile(
    r"</?[A-Za-z][^<>]{0,500}>|<!--[^<>]{0,500}-->|(?i:https?://|www\.)[!-;=?-~]+"
    r"|&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});"
)
_UNSEEN: Final = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\x00-\x08\x0e-\x1f\x7f]+"
)
_MARKS: Final = "\u0300-\u036f\u1160-\u11ff\u3099\u309a"
_APART: Final = re.compile(f"[^{_MARKS}][{_MARKS}]{{1,9}}")
_REPEATED: Final = re.compile(r"(\S{1,8}?)\1{3,}")


@dataclass(frozen=True, slots=True)
class Readable:
    """A text as stored (`stored`), and what is analysed of it (`text`).

    `origin` has the place in `stored` of each character of `text` and one more for its end; None
    where they are the same. A run that was shortened belongs to the character before it.
    """

    stored: str
    text: str
    origin: list[int] | None

    def place(self, at: int) -> int:
        """Where the character `at` of `text` stands in `stored`."""
        return at if self.origin is None else self.origin[at]


def readable(given: str) -> Readable:
    """What is analysed of the first `LONGEST` characters of a text.

    Lone surrogates become "?" in both. Markup, addresses and entities are blanked; invisible
    characters are left out, characters written as several code points are joined (NFC), and what is
    repeated more than three times on end is written three times.
    """
    stored = given[:LONGEST]
    if not stored.isascii() and _HALVES.search(stored):
        stored = _HALVES.sub("?", stored)
    text, origin = stored, None
    if any(mark in text for mark in "<&/w"):
        text = _MARKUP.sub(lambda found: " " * len(found.group()), text)
    text, origin = _replaced(text, origin, _UNSEEN, lambda _: "")
    if not unicodedata.is_normalized("NFC", text):
        text, origin = _replaced(text, origin, _APART, _joined)
    text, origin = _replaced(text, origin, _REPEATED, lambda found: found.group(1) * 3)
    return Readable(stored, text, origin)


def _joined(found: re.Match[str]) -> str:
    joined = unicodedata.normalize("NFC", found.group())
    return joined if len(joined) <= len(found.group()) else found.group()


def _replaced(
    text: str,
    origin: list[int] | None,
    pattern: re.Pattern[str],
    shorter: Callable[[re.Match[str]], str],
) -> tuple[str, list[int] | None]:
    """`text` with each match made shorter, and the places that its characters came from."""
    if not pattern.search(text):
        return text, origin
    before = origin or list(range(len(text) + 1))
    parts: list[str] = []
    places: list[int] = []
    done = 0
    for found in pattern.finditer(text):
        start, end = found.span()
        kept = shorter(found)
        parts += (text[done:start], kept)
        places += before[done : min(start + len(kept), end)]
        done = end
    return "".join((*parts, text[done:])), places + before[done:]
