"""Numbers of papers and of money: residents, licences, passports, cards, bank accounts.

A number is judged by its own law (dates, check digits, issuers) and by the words beside it.
"""

import calendar
import re
from typing import Final

from nlp.pii.rules import BETWEEN, Rule, after, before, digits_of, in_a_code, of_a_thing

_START: Final = r"(?<![0-9])(?<![0-9][-.,])"
_END: Final = r"(?![0-9])(?!-[0-9])"

_RESIDENT: Final = re.compile(
    rf"{_START}(?<![0-9]\s)([0-9]{{6}})(\s?[-./~]\s?|\s)?([1-8])(?:([0-9]{{6}})|[*xX]{{6}}){_END}"
)
_RESIDENT_SPACED: Final = re.compile(
    rf"(?<![0-9]\s){_START}[0-9](?:\s[0-9]){{5}}\s?[-\s]\s?[1-8](?:\s[0-9]){{6}}{_END}"
)
_RESIDENT_CUE: Final = re.compile(
    rf"(?:주민|외국인|민증|등록\s?번호|생년|resident|alien|arc|rrn){BETWEEN}{{0,16}}\Z",
    re.IGNORECASE,
)
_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_OLDEST, _YOUNGEST = 1926, 2036  # years of birth that thirteen bare digits may tell

_LICENCE: Final = re.compile(
    rf"{_START}(?:1[1-9]|2[0-8])-[0-9]{{2}}-[0-9]{{6}}-[0-9]{{2}}{_END}"
    rf"|(?:서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산)\s?"
    rf"[0-9]{{2}}-[0-9]{{6}}-[0-9]{{2}}{_END}"
)
_SOCIAL: Final = re.compile(
    rf"{_START}(?!000|666|9)[0-9]{{3}}([- ])(?!00)[0-9]{{2}}\1(?!0000)[0-9]{{4}}{_END}"
)
_CUED_ID: Final = re.compile(
    r"(?:passport|여권|면허|보험증|driver'?s?\slicen[cs]e|social\ssecurity|ssn|national\sinsurance|nino"
    r"|itin|ni\snumber)(?:(?:\s?(?:number|no\.?|번호|is|was|are|:|#|은|는|이|가)){0,4}\s?\(?)"
    r"([A-Z]{1,2}\s?[0-9]{6,9}|[A-Z][0-9]{3}[A-Z][0-9]{4}|[0-9]{2}-[0-9]{2}-[0-9]{6}-[0-9]{2}"
    r"|[A-Z]{2}\s?[0-9]{2}\s?[0-9]{2}\s?[0-9]{2}\s?[A-D]|[0-9]{3}[\s-][0-9]{2}[\s-][0-9]{4}|[0-9]{8,12})(?![0-9A-Za-z-])",
    re.IGNORECASE,
)

# Korean ones of today and, since December 2021, with a second letter.
_PASSPORT: Final = re.compile(
    r"(?<![0-9A-Za-z_-])M(?:[0-9]{8}|[0-9]{3}[A-Z][0-9]{4})(?![0-9A-Za-z_-])"
)

_SEPARATOR: Final = r"(?:[-.\s]|\s-\s)?"
_CARD: Final = re.compile(
    rf"{_START}(?<![0-9]\s)(?:[0-9]{{4}}({_SEPARATOR})[0-9]{{4}}\1[0-9]{{4}}\1[0-9]{{4}}(?:\1[0-9]{{3}})?|"
    rf"3[47][0-9]{{2}}({_SEPARATOR})[0-9]{{6}}\2[0-9]{{5}}|3[0689][0-9]{{2}}({_SEPARATOR})[0-9]{{6}}\3[0-9]{{4}})"
    r"(?![0-9])(?!-[0-9])(?!\s[0-9]{4}(?![0-9]))"
)
# First digits that are given to payment cards (ISO/IEC 7812); 9 is used within Korea.
_ISSUER: Final = re.compile(r"3[0-9]|4|5[0-9]|6|9|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")

_IBAN: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?"
    r"(?![A-Za-z0-9])"
)
# Words that are nothing but a bank, and short names that are words of their own as well.
_BANKS: Final = (
    r"(?:[가-힣A-Za-z]{1,6}은행|카카오\s?뱅크|토스\s?뱅크|케이\s?뱅크|k\s?뱅크|카뱅|케뱅|농협|신협|수협|축협|새마을\s?금고|우체국(?!\s?(?:택배|등기|소포))|kb|nh|ibk|sc"
    r"|(?:shinhan|woori|kookmin|hana|kakao|toss|nonghyup|my)\s?bank|sc제일|제일은행|저축은행|증권|계좌(?:\s?번호)?|입금|송금|이체)"
)
_SHORT_BANKS: Final = (
    r"(?<![가-힣])(?:국민|신한|우리|하나|기업|토스|카카오|씨티|산업|부산|대구|경남|광주|전북|제주"
    r"|수출입|아이엠)"
)
_ACCOUNT: Final = re.compile(
    rf"{_START}(?<![0-9]\s)(?:[0-9]{{2,6}}(?:-[0-9]{{1,8}}){{1,4}}|[0-9]{{3,6}}(?:\s[0-9]{{1,8}}){{1,3}}|[0-9]{{10,16}})"
    r"(?![-.,:]?[0-9])(?!\s?(?:원|개|명|won|krw|[%₩]))"
)
_ACCOUNT_AHEAD: Final = re.compile(
    rf"(?:{_BANKS}{BETWEEN}{{0,14}}"
    rf"|{_SHORT_BANKS}(?:\s?(?:은행|뱅크|계좌|통장|번호|\([^0-9)\n]{{1,12}}\)|[:(은는이가])){{0,3}}\s?"
    rf"|(?:account|acct|a/c)(?:\s(?:number|no|num))?{BETWEEN}{{0,8}})\Z",
    re.IGNORECASE,
)
_ACCOUNT_BEHIND: Final = re.compile(
    rf"\s?\(?\s?(?:{_BANKS}|{_SHORT_BANKS}(?![가-힣])|예금주)"
    r"|\s?(?:으로|로|에)\s?(?:꼭\s?|좀\s?|다시\s?)?(?:입금|송금|이체|환불)",
    re.IGNORECASE,
)
_STAMP: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]([0-5][0-9])?\Z"
)
_FOREIGN_ACCOUNT: Final = re.compile(
    r"(?:routing|sort\scode|aba)(?:\s(?:number|no\.?))?(?:\s?(?:is|:|#))?\s?"
    r"([0-9]{9}|[0-9]{2}-[0-9]{2}-[0-9]{2})(?![0-9-])",
    re.IGNORECASE,
)


def passes_luhn(digits: str) -> bool:
    """The check of payment card numbers (ISO/IEC 7812-1, annex B)."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def _is_card(match: re.Match[str]) -> bool:
    digits = digits_of(match.group())
    if not _ISSUER.match(digits) or not passes_luhn(digits):
        return False
    return not of_a_thing(match) and not (match.group().isdigit() and in_a_code(match))


def _is_resident(match: re.Match[str]) -> bool:
    """A day that there was and, in thirteen bare digits, nothing that says it is something else.

    Since October 2020 the last digits are random, so a wrong check digit proves nothing.
    """
    digits = digits_of(match.group())
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    year += 2000 if digits[6] in "3478" else 1900
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return False
    cued = _RESIDENT_CUE.search(before(match, 28)) is not None
    cued = cued and "법인" not in before(match, 12)
    if cued or (not match.group().isdigit() and not of_a_thing(match)):
        return True
    return match.group().isdigit() and _is_bare_resident(match, digits, year)


def _is_bare_resident(match: re.Match[str], digits: str, year: int) -> bool:
    if of_a_thing(match) or in_a_code(match) or not _OLDEST <= year <= _YOUNGEST:
        return False
    if _ACCOUNT_AHEAD.search(before(match, 32)):
        return False
    if _passes_resident_check(digits):
        return True
    if _passes_barcode_check(digits) or digits.startswith("880"):  # GS1 Korea's own prefix
        return False
    # Milliseconds since 1970 look like children of 2014 to 2018, whose numbers pass their check.
    return not 1_400_000_000_000 <= int(digits) < 1_900_000_000_000


def _passes_resident_check(digits: str) -> bool:
    """The check digit of numbers given before October 2020; foreigners' differed by two."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    expected = 11 - total % 11 + (2 if digits[6] in "5678" else 0)
    return expected % 10 == int(digits[12])


def _passes_barcode_check(digits: str) -> bool:
    """The check digit of GTIN-13 (GS1 General Specifications, section 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits[:12]))
    return (10 - total % 10) % 10 == int(digits[12])


def _is_iban(match: re.Match[str]) -> bool:
    """ISO 13616: the first four to the end, letters as 10 to 35, remainder 1 by 97."""
    signs = re.sub(r"[ -]", "", match.group())
    if not 15 <= len(signs) <= 34:
        return False
    return int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])) % 97 == 1


def _is_account(match: re.Match[str]) -> bool:
    """Ten to sixteen digits with a bank before or behind them."""
    digits = digits_of(match.group())
    if not 10 <= len(digits) <= 16 or of_a_thing(match):
        return False
    if match.group().isdigit() and (in_a_code(match) or _STAMP.match(digits)):
        return False
    ahead = _ACCOUNT_AHEAD.search(before(match, 32)) is not None
    return ahead or _ACCOUNT_BEHIND.match(after(match, 20)) is not None


def _is_of_a_person(match: re.Match[str]) -> bool:
    return not of_a_thing(match)


# Read before telephones: digits in the midst of them look like some.
CARDS: Final = (Rule("[account]", _IBAN, _is_iban), Rule("[card]", _CARD, _is_card))
RULES: Final = (
    Rule("[id]", _RESIDENT, _is_resident),
    Rule("[id]", _RESIDENT_SPACED, _is_resident),
    Rule("[id]", _CUED_ID, group=1),
    Rule("[id]", _PASSPORT, _is_of_a_person),
    Rule("[account]", _ACCOUNT, _is_account),
    Rule("[id]", _LICENCE, _is_of_a_person),
    Rule("[id]", _SOCIAL, _is_of_a_person),
    Rule("[account]", _FOREIGN_ACCOUNT, group=1),
)
