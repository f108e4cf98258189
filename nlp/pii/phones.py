"""Telephone numbers of people: Korean (national numbering plan), NANP, British, and E.164.

The public numbers of companies stay: 15xx, 16xx and 18xx, 080, and American toll-free numbers.
"""

import re
from typing import Final

from nlp.pii.rules import Rule, after, before, digits_of, in_a_code, of_a_thing

_START: Final = r"(?<![0-9])(?<![0-9][-.,])"
_END: Final = r"(?![0-9])(?!-[0-9A-Za-z])(?![a-f]{1,2}[0-9])"
_GAP: Final = r"\s?[-.)/]?\s?"
_AREA: Final = r"(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50[0-9]?)"
# Digits as Korean words, and letters that look like digits.
_ZERO, _ONE, _LETTER, _WORD = "[0공영Oo]", "[1일lI]", "[0-9OolI]", "[공영일이삼사오육륙칠팔구]"
_SAID: Final = r"\s?(?:[-./)]|에|다시)?\s?"  # how a dash is read aloud
_THIRD: Final = "[016789공영Oo일육륙칠팔구lI]"

_CUE: Final = re.compile(
    r"(?:tel|phone|call|text|mobile|cell|fax|contact|whatsapp|reach|ring|전화|연락|휴대폰|핸드폰|휴대전화"
    r"|폰\s?번호|번호|문의|문자|카톡|팩스)"
    r"[^0-9\n\[￼]{0,14}\Z",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(
    r"\s?(?:번?으로|로|번)?\s?(?:전화|연락|문자|콜|톡|카톡|팩스|call|text|to\s(?:call|reach))",
    re.IGNORECASE,
)
_COMPANY: Final = re.compile(
    r"0?80[0-9]{6,8}\Z|1[5-8][0-9]{6}\Z|1?8(?:00|33|44|55|66|77|88)[0-9]{7}\Z"
)


def _not_a_code(match: re.Match[str]) -> bool:
    """Bare digits in a longer code, or announced as an order's, are no phone number."""
    return not match.group().isdigit() or not (in_a_code(match) or of_a_thing(match))


def _is_spoken(match: re.Match[str]) -> bool:
    """Some signs stand for digits (공일공 일이삼사 오육칠팔, O1O-1234-5678), not letters alone."""
    said = match.group()
    return bool(re.search(r"[^0-9\s().-]", said) and re.search(r"[^Ool I().-]", said))


def _is_called(match: re.Match[str]) -> bool:
    """Something before or behind it says that it is called, and nothing that it is of a thing."""
    if _COMPANY.match(digits_of(match.group(1))) or of_a_thing(match, 1) or in_a_code(match, 1):
        return False
    return bool(_CUE.search(before(match, 30, 1)) or _CALLED.match(after(match, 16, 1)))


def _is_long_enough(match: re.Match[str]) -> bool:
    """Nine digits at least (E.164 allows fifteen): less is a gain or a grouped amount."""
    return 9 <= len(digits_of(match.group())) <= 15


def _is_private(match: re.Match[str]) -> bool:
    return not _COMPANY.match(digits_of(match.group())) and not of_a_thing(match)


# Read before accounts, whose forms are wider.
MOBILES: Final = (
    Rule(
        "[phone]",
        re.compile(
            rf"(?<![0-9])(?:\+\s?|00)82[-.\s]{{0,2}}\(?0?\)?[-.\s]?(?:1[016789]|{_AREA})\)?{_GAP}"
            rf"[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_END}"
        ),
        _not_a_code,
    ),
    Rule(
        "[phone]",
        re.compile(
            rf"{_START}(?:\(01[016789]\)|01[016789]){_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}{_END}"
        ),
        _not_a_code,
    ),
    Rule("[phone]", re.compile(rf"{_START}07[0-9]{{9}}{_END}"), _not_a_code),
    Rule(
        "[phone]",
        re.compile(rf"(?<![0-9]\s){_START}0 1 [016789](?:\s?[-.]?\s?[0-9]){{7,8}}{_END}"),
    ),
    Rule(
        "[phone]",
        re.compile(
            rf"(?<![가-힣A-Za-z0-9]){_ZERO}\s?{_ONE}\s?{_THIRD}{_SAID}(?:{_LETTER}(?:\s?{_LETTER}){{2,3}}"
            rf"|{_WORD}(?:\s?{_WORD}){{2,3}}){_SAID}"
            rf"(?:{_LETTER}(?:\s?{_LETTER}){{3}}|{_WORD}(?:\s?{_WORD}){{3}})(?![0-9])"
        ),
        _is_spoken,
    ),
)  # fmt: skip
PHONES: Final = (
    Rule(
        "[phone]",
        re.compile(
            rf"{_START}(?:\(0{_AREA}\s?\)\s?-?\s?|0{_AREA}(?:\)\s?-?\s?|\s?-\s?|\.|\s))"
            rf"[0-9]{{3,4}}(?:\s?-\s?|\.|\s)[0-9]{{4}}{_END}"
        ),
        _is_private,
    ),
    Rule(
        "[phone]",
        re.compile(
            r"(?<![0-9+])\+[1-9][0-9]{0,2}[-.\s]?\(?[0-9]{1,5}\)?(?:[-.\s]?[0-9]{2,6}){1,4}(?![0-9])"
        ),
        _is_long_enough,
    ),
    Rule(  # NANP: neither the area nor the exchange begins with 0 or 1
        "[phone]",
        re.compile(
            rf"{_START}(?:1[-.\s])?(?:\([2-9][0-9]{{2}}\)\s?|[2-9][0-9]{{2}}[-.\s])"
            rf"[2-9][0-9]{{2}}[-.\s][0-9]{{4}}{_END}(?!\.[0-9])"
        ),
        _is_private,
    ),
    Rule(  # British: mobile, London, other cities, other areas
        "[phone]",
        re.compile(
            rf"{_START}(?:07[1-9][0-9]{{2}}[\s-](?:[0-9]{{3}}[\s-][0-9]{{3}}|[0-9]{{6}})"
            r"|(?:\(02[03489]\)|02[03489])[\s-][0-9]{4}[\s-][0-9]{4}"
            r"|(?:\(01(?:1[0-9]|[0-9]1)\)|01(?:1[0-9]|[0-9]1))[\s-][0-9]{3}[\s-][0-9]{4}"
            rf"|(?:\(01[2-9][0-9]{{2}}\)|01[2-9][0-9]{{2}})[\s-][0-9]{{5,6}}){_END}"
        ),
        _is_private,
    ),
    Rule(
        "[phone]",
        re.compile(
            rf"{_START}((?:\([0-9]{{2,4}}\)|[0-9]{{2,4}})[-.\s]?[0-9]{{3,4}}[-.\s]?[0-9]{{4}}"
            rf"|07[0-9]{{9}}|0[0-9]{{8,10}}|[2-9][0-9]{{2,3}}-[0-9]{{4}}){_END}"
        ),
        _is_called,
        group=1,
    ),
)
