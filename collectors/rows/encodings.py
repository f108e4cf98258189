"""In which encoding a text is, by rules that can be told: files of lines, and pages from the web.

A file is UTF-16 if it begins with that byte order mark. It is CP949 (which contains EUC-KR) if it
is not wholly UTF-8, is wholly CP949, and fewer than half of its lines with bytes beyond ASCII are
UTF-8: a file of UTF-8 with some broken lines stays UTF-8, and only those lines are refused.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BLOCK: Final = 8 * 1024 * 1024
_BEYOND_ASCII: Final = re.compile(rb"[\x80-\xff]")
_DECLARED: Final = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""")
_LATIN: Final = frozenset({"iso-8859-1", "latin-1", "latin1", "windows-1252", "us-ascii", "ascii"})
_HANGUL: Final = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")  # two bytes of KS X 1001
_SAME_AS: Final = {"euc-kr": "cp949", "euc_kr": "cp949", "ks_c_5601-1987": "cp949"}


@dataclass(frozen=True)
class Looks:
    """What a first pass over a file of lines tells."""

    encoding: str
    lines: int
    quotes: int
    sound: bool  # whether all of it is of that encoding


def look_at(path: Path) -> Looks:
    """Read a file once for its encoding, its number of lines and of double quotes."""
    with path.open("rb") as file:
        start = file.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _count(path, "utf-16", _decodes(path, "utf-16"))
    if _decodes(path, "utf-8"):
        return _count(path, "utf-8", True)
    if _decodes(path, "cp949") and not _mostly_utf8(path):
        return _count(path, "cp949", True)
    return _count(path, "utf-8", False)


def _count(path: Path, encoding: str, sound: bool) -> Looks:
    lines = quotes = 0
    last = b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            lines += block.count(b"\n")
            quotes += block.count(b'"')
            last = block[-1:]
    return Looks(encoding, lines + (last != b"\n"), quotes, sound)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(path: Path) -> bool:
    good = bad = 0
    with path.open("rb") as file:
        for line in file:
            if _BEYOND_ASCII.search(line) is None:
                continue
            if _is_utf8(line):
                good += 1
            else:
                bad += 1
    return good >= bad


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode_page(content: bytes, content_type: str) -> str:
    """The text of a page or feed, whatever its server says.

    What is valid UTF-8 is UTF-8, as other encodings hardly ever are by chance. Else the encoding
    that the header or the document declares is tried, then CP949; what remains is read as UTF-8
    with replacement characters. Latin-1 is believed only of what does not look Korean: every text
    is Latin-1 to a decoder, and servers declare it unasked.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    declared = [
        found.group(1).decode("ascii").lower()
        for found in (_DECLARED.search(content_type.encode()), _DECLARED.search(content[:2048]))
        if found
    ]
    if any(name in _LATIN for name in declared) and _looks_korean(content):
        declared = [name for name in declared if name not in _LATIN]
    for name in ("utf-8-sig", *declared, "cp949"):
        try:
            return content.decode(_SAME_AS.get(name, name))
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8", "replace")


def _looks_korean(content: bytes) -> bool:
    """Whether most bytes beyond ASCII come in pairs that are Hangul in EUC-KR."""
    beyond = len(content.translate(None, bytes(range(128))))
    return beyond > 0 and 2 * len(_HANGUL.findall(content)) >= 0.7 * beyond
