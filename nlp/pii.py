"""Personal data masked before anything is stored: e-mail, phone, payment card, resident number.

A regular expression of linear time (RE2) looks over the whole column for rows that could hold any
of it; only those few are read one by one. Model numbers, prices, dates, order and tracking numbers
and the public numbers of companies (1588-1234) stay as they are.
"""

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute

Column = TypeVar("Column", "pa.StringArray", "pa.ChunkedArray[Any]")

# An at sign, or seven digits and more that stand together but for single signs between them.
_CANDIDATE: Final = r"[@＠]|(?:[0-9０-９][-–—‐‑.·)(\s/－]{0,3}){6,}[0-9０-９*＊xX●○]"
# One character for one, so that what is found in the translation is cut out of the original.
_SAME: Final = str.maketrans(
    "０１２３４５６７８９＠－–—‐‑·＊●○　", "0123456789@-----.*** "
)  # fmt: skip

_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_%+-])?"
    r"@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}"
)
_START: Final = r"(?<![0-9])(?<![0-9][-.,])"
_END: Final = r"(?![0-9])(?!-[0-9])"
_GAP: Final = r"\s?[-.)/]?\s?"
_MOBILE: Final = re.compile(rf"{_START}\(?01[016789]{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_END}")
_LANDLINE: Final = re.compile(
    rf"{_START}\(?0(?:2|[3-6][1-5]|70|50[0-9]?)(?:\)\s?|\s?-\s?|\.|\s)[0-9]{{3,4}}(?:\s?-\s?|\.|\s)"
    rf"[0-9]{{4}}{_END}"
)
_FROM_ABROAD: Final = re.compile(
    rf"(?<![0-9])(?:\+|00)82[-.\s]?\(?0?\)?(?:1[016789]|2|[3-6][1-5]|70){_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}"
    r"(?![0-9])"
)
_INTERNATIONAL: Final = re.compile(
    r"(?<![0-9+])\+[1-9][0-9]{0,2}[-.\s]?\(?[0-9]{1,4}\)?(?:[-.\s][0-9]{2,4}){2,4}(?![0-9])"
)
_CUED_PHONE: Final = re.compile(
    r"(?:(?:tel|phone|call|text|mobile|cell|fax|contact|전화|연락처|휴대폰|핸드폰|폰번호|문의)"
    r"[^0-9+\n]{0,12}?)(\(?[0-9]{2,4}\)?[-.\s]?[0-9]{3,4}[-.\s]?[0-9]{4})(?![0-9])(?!-[0-9])",
    re.IGNORECASE,
)
_RESIDENT: Final = re.compile(
    r"(?<![0-9])(?<![0-9][-.])([0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
    r"(\s?-\s?|\s)?([1-8])([0-9]{6}|\*{6})(?![0-9])(?!-[0-9])"
)
_RESIDENT_CUE: Final = re.compile(r"주민|외국인\s?등록|등록\s?번호|resident", re.IGNORECASE)
_CARD: Final = re.compile(
    r"(?<![0-9])(?<![0-9][-.])(?:[0-9]{4}([-\s]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}|"
    r"3[47][0-9]{2}([-\s]?)[0-9]{6}\2[0-9]{5}|3[068][0-9]{2}([-\s]?)[0-9]{6}\3[0-9]{4})"
    r"(?![0-9])(?!-[0-9])"
)
# First digits that are given to payment cards (ISO/IEC 7812); 9 is used within Korea.
_ISSUER: Final = re.compile(r"3[0-9]|4|5[0-9]|6|9|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")
_CHECKSUM: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def mask(texts: Column) -> Column:
    """The same texts with `[email]`, `[phone]`, `[card]` and `[id]` in the place of personal data.

    Nulls stay null. Type and chunks are kept.
    """
    if isinstance(texts, pa.ChunkedArray):
        parts: list[Any] = [_masked(cast(pa.StringArray, part)) for part in texts.chunks]
        return pa.chunked_array(parts, texts.type)
    return _masked(texts)


def _masked(texts: pa.StringArray) -> pa.StringArray:
    found = pc.match_substring_regex(texts, _CANDIDATE).fill_null(False)
    rows = np.flatnonzero(found.to_numpy(zero_copy_only=False))
    if not len(rows):
        return texts
    before = cast(list[str], texts.take(rows).to_pylist())
    after = pa.array([mask_text(text) for text in before], texts.type)
    clean: pa.StringArray = pc.replace_with_mask(texts, found, after)
    return clean


def mask_text(text: str) -> str:
    """`mask` for one text."""
    for pattern, label, accepted in _RULES:
        plain = text.translate(_SAME)
        spans = [m.span(group) for m, group in _matches(pattern, plain) if accepted(m)]
        for start, end in reversed(spans):
            text = text[:start] + label + text[end:]
    return text


def _matches(pattern: re.Pattern[str], text: str) -> list[tuple[re.Match[str], int]]:
    """Matches, and the group that holds the personal data itself: a cue before it stays."""
    group = 1 if pattern is _CUED_PHONE else 0
    return [(match, group) for match in pattern.finditer(text)]


def _always(match: re.Match[str]) -> bool:
    return True


def _is_long_enough(match: re.Match[str]) -> bool:
    """Nine digits at least (E.164 allows fifteen): less is a gain or a grouped amount."""
    return 9 <= sum(sign.isdigit() for sign in match.group()) <= 15


def _not_a_code(match: re.Match[str]) -> bool:
    """Eleven bare digits straight after a Latin letter are a code of some shop, not a phone."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    bare = match.group().isdigit()
    return not (
        bare and before.isascii() and (before.isalpha() or before in {"-", "_", "#"}) and before
    )


def _is_card(match: re.Match[str]) -> bool:
    digits = re.sub(r"[^0-9]", "", match.group())
    return bool(_ISSUER.match(digits)) and passes_luhn(digits)


def _is_resident(match: re.Match[str]) -> bool:
    """Written apart it is one; thirteen bare digits need a word that says so or the check digit."""
    if match.group(4) or "*" in match.group(6):
        return True
    if _RESIDENT_CUE.search(match.string[max(0, match.start() - 20) : match.start()]):
        return True
    digits = [int(digit) for digit in match.group()]
    total = sum(weight * digit for weight, digit in zip(_CHECKSUM, digits, strict=False))
    return (11 - total % 11) % 10 == digits[12]


def passes_luhn(digits: str) -> bool:
    """The check of payment card numbers (ISO/IEC 7812-1, annex B)."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


_RULES: Final[tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], bool]], ...]] = (
    (_EMAIL, "[email]", _always),
    (_CARD, "[card]", _is_card),
    (_RESIDENT, "[id]", _is_resident),
    (_FROM_ABROAD, "[phone]", _always),
    (_MOBILE, "[phone]", _not_a_code),
    (_LANDLINE, "[phone]", _always),
    (_INTERNATIONAL, "[phone]", _is_long_enough),
    (_CUED_PHONE, "[phone]", _always),
)
