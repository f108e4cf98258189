"""Patterns of letters, written once for DuckDB and for Arrow, which both read RE2.

A wildcard never reaches over the end of a word: what a letter of a word may be is an argument.
"""

import re
from collections.abc import Callable
from typing import Final

IN_LINE: Final = "[^ ]"  # of a word in a line of lemmas
IN_NAME: Final = r"[\pL\pN_]"  # of a hashtag or an account
IN_VALUE: Final = "[^\n]"  # of a field
_LATIN: Final = re.compile(r"[0-9A-Za-z]")


def is_glob(text: str) -> bool:
    """Whether a text has wildcards."""
    return "*" in text or "?" in text


def pattern(glob: str, letter: str) -> str:
    """A pattern of RE2 for a text with `*` (any letters) and `?` (one letter)."""
    wild = {"*": f"{letter}*", "?": letter}
    return "".join(wild.get(each) or _quoted(each) for each in glob)


def literal(glob: str) -> str:
    """The longest part of a text without wildcards: what every match of it must contain."""
    return max(re.split(r"[*?]", glob), key=lambda part: (len(part.strip()), len(part)))


def as_written(text: str) -> str | None:
    """The pattern of letters that stand apart where they begin or end in Latin: raw:US is not in
    USB, and 갤럭시 is in 갤럭시가. None: wherever they stand will do."""
    before = r"(?:^|[^0-9A-Za-z])" if _LATIN.match(text[0]) else ""
    after = r"(?:$|[^0-9A-Za-z])" if _LATIN.match(text[-1]) else ""
    return f"{before}{pattern_of(text)}{after}" if before or after else None


def stands_apart(text: str, start: int, end: int) -> bool:
    """Whether letters of a text are as `as_written` asks."""
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (
        (_LATIN.match(first) and _LATIN.match(before))
        or (_LATIN.match(last) and _LATIN.match(after))
    )


def compiled(glob: str) -> Callable[[str], object]:
    """Whether a word is as a text with wildcards says."""
    return re.compile(pattern(glob, IN_LINE)).fullmatch


def tag(sign: str, name: str) -> str:
    """The pattern of a hashtag or an account in a text in small letters. An account's name may hold
    dots and hyphens, but does not end in one."""
    after = r"(?:$|[^\pL\pN_])"
    if sign == "@":
        after = r"(?:$|[^\pL\pN_.\-]|[.\-](?:$|[^\pL\pN_]))"
    return rf"(?:^|[^\pL\pN_]){SIGNS[sign]}{pattern(name.lower(), IN_NAME)}{after}"


def site(host: str) -> str:
    """The pattern of an address, in small letters, of this site or of one below it."""
    return rf"^[a-z][a-z0-9+.\-]*://(?:[^/?#]*[.@])?{pattern(host, '[^/?#:]')}(?:[:/?#]|$)"


def pattern_of(text: str) -> str:
    """The pattern of just these letters."""
    return "".join(_quoted(each) for each in text)


SIGNS: Final = {"#": "[#＃]", "@": "[@＠]"}


def _quoted(letter: str) -> str:
    """A letter as itself: RE2 and Python read an ASCII punctuation behind a backslash alike."""
    if letter == "\0":
        return r"\x00"
    return f"\\{letter}" if letter.isascii() and not letter.isalnum() and letter != "_" else letter
