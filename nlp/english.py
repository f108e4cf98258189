"""English words as far as rules go: tokens, singular forms, and words that close a class.

No trained English tagger is shipped; the plain rules here are shared by lexicons and by what is
found, so that both speak of the same lemma.
"""

import functools
import re
import zlib
from typing import Final

TOKEN: Final = re.compile(
    r"n['’]t(?![A-Za-z])|\d+(?:[.,]\d+)+|[^\W_]+(?:['’][^\W\d_]+)*|[!?.…。！？]+|[^\w\s]|_+"
)
_ENDS: Final = frozenset("!?.…。！？")

# Words that end in s and are no plurals.
_WRITTEN: Final = (
    "is was has does this his its us as yes less unless plus thus always perhaps besides hers "
    "ours yours theirs whereas lens series species news gas bus bias bonus focus status virus "
    "canvas atlas process access across class glass pass mass boss loss press mess guess "
    "address business wireless previous various serious famous obvious gorgeous fabulous "
    "ridiculous cons gps windows towards afterwards sometimes nowadays overseas headquarters "
    "alas minus census campus chaos cosmos analysis basis crisis emphasis dos ios kudos ps"
)
_WHOLE: Final = frozenset(_WRITTEN.split())
_IRREGULAR: Final = {
    "lenses": "lens",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "people": "person",
    "knives": "knife",
    "lives": "life",
    "shelves": "shelf",
    "leaves": "leaf",
    "movies": "movie",
    "cookies": "cookie",
    "selfies": "selfie",
    "batteries": "battery",
    "buses": "bus",
    "gases": "gas",
    "caches": "cache",
    "headaches": "headache",
    "menus": "menu",
}
_ES: Final = re.compile(r"(?:ss|sh|ch|x|zz|us)es$")


@functools.lru_cache(maxsize=50_000)
def lemma(word: str) -> str:
    """A lower-case word with its plural s taken off: batteries is battery, glass stays glass."""
    word = word.replace("’", "'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word[-1] != "s" or word in _WHOLE or not word.isalpha():
        return word[:-2] if word.endswith("'s") else word
    if word.endswith(("ss", "us", "is", "ous")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if _ES.search(word):
        return word[:-2]
    return word[:-1]


def words(text: str) -> list[str]:
    """The words and marks of a text."""
    return TOKEN.findall(text)


@functools.lru_cache(maxsize=200_000)
def number(word: str) -> int:
    """A number of a word that is the same in every process; 0 for none."""
    return zlib.crc32(word.encode("utf-8")) if word else 0


def tag(word: str) -> str:
    """Kiwi's tag for a token without Hangul: SL words, SN numbers, SF ends, SP pauses, SW rest."""
    if word[0] in _ENDS:
        return "SF"
    if word[0].isdecimal() and not any(map(str.isalpha, word)):
        return "SN"
    if word[0].isalnum():
        return "SL"
    return "SP" if word in ",:;/·" else "SW"
