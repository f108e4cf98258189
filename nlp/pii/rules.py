"""What a rule of masking is, and the plain form of a text that rules read.

Every pattern is of bounded width, so that the time of a text grows with its length alone; where
words around a number decide, they are looked for in a window of fixed size.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

# Stands where something was masked already; no pattern reads across it, nor across a label's "[".
TAKEN: Final = "￼"
# Between a cue and what it announces: no digit, line break or label.
BETWEEN: Final = r"[^0-9\n\[￼]"

Judge = Callable[[re.Match[str]], bool]


def always(match: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True)
class Rule:
    """A form, what it is masked with, and how a find is judged; `group` is what is masked of it."""

    label: str
    pattern: re.Pattern[str]
    judge: Judge = always
    group: int = 0

    def span(self, match: re.Match[str]) -> tuple[int, int] | None:
        """Where the personal data is, or None where it only looks like some."""
        return match.span(self.group) if self.judge(match) else None


# Full-width letters and signs, every dash, dot and blank people put between digits: one character
# for one, so that what is found in the translation can be cut out of the original.
_PLAIN: Final[dict[int, int | str]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−ー⁃﹣ㅡ_"), "-"),
    **dict.fromkeys(map(ord, "·ㆍ∙•․。"), "."),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\u3000\t"), " "),
    **dict.fromkeys(map(ord, "＊●○◯※✱"), "*"),
    **dict.fromkeys(map(ord, "﹫"), "@"),
}
# Characters that are not seen, by which numbers are hidden from readers like this one.
UNSEEN: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff"
_UNSEEN: Final = re.compile(f"[{UNSEEN}]")


def plainly(text: str) -> tuple[str, list[int] | None]:
    """The text as rules read it, and for each of its characters the place in `text`.

    None for the places where they are the same.
    """
    if not _UNSEEN.search(text):
        return text.translate(_PLAIN), None
    places = [place for place, sign in enumerate(text) if sign not in UNSEEN]
    return "".join(text[place] for place in places).translate(_PLAIN), places


def before(match: re.Match[str], signs: int, group: int = 0) -> str:
    """Up to so many characters of the text before a find."""
    start = match.start(group)
    return match.string[max(0, start - signs) : start]


def after(match: re.Match[str], signs: int, group: int = 0) -> str:
    """Up to so many characters of the text behind a find."""
    end = match.end(group)
    return match.string[end : end + signs]


def digits_of(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


# A number that these words announce is of a thing: an order, a parcel, a product, a company.
_THING: Final = (
    r"(?:(?:주문|예약|접수|승인|거래|결제|구매|배송|택배|등기|송장|상품|제품|물품|품목|모델|기기|회원|고객|사번|문서"
    r"|사건|관리|일련|고유|특허|출원|허가|인증|조회|쿠폰|영수증|티켓|법인|사업자|청구|게시글?|글)\s?(?:등록\s?)?"
    r"(?:번호|코드|넘버|no\.?|id)"
    r"|모델명?|기종|부품|운송장(?:\s?번호)?|송장|품번|시리얼(?:\s?(?:번호|넘버))?|바코드(?:\s?번호)?|타임스탬프|주문|주문서"
    r"|isbn(?:-1[03])?|ean(?:-13)?|upc|gtin|imei|sku|s/n|p/n|asin|udid|mac|timestamp|epoch"
    r"|(?:order|tracking|invoice|serial|item|model|barcode|bar\scode|case|ticket|reference|ref|booking"
    r"|confirmation|transaction|receipt|part|product|article|shipment|parcel|patent|coupon|waybill)"
    r"(?:\s?(?:number|num|no|nr|id|code|#))?\.?)"
)
_ANNOUNCED: Final = re.compile(
    rf"{_THING}(?:\s?(?:은|는|이|가|is|was|:|=|#|\())*\s?[A-Za-z]{{0,3}}[-#]?\s?\Z", re.IGNORECASE
)
_IN_ADDRESS: Final = re.compile(r"(?:https?:|www\.)[!-~]{0,300}\Z", re.IGNORECASE)


def of_a_thing(match: re.Match[str], group: int = 0) -> bool:
    """Whether the words right before a number say that it is of a thing and not of a person."""
    return _ANNOUNCED.search(before(match, 40, group)) is not None


def in_a_code(match: re.Match[str], group: int = 0) -> bool:
    """Whether bare digits are part of a longer code or of a web address."""
    start, end = match.span(group)
    text = match.string
    ahead, behind = text[max(0, start - 1) : start], text[end : end + 1]
    joined = ahead.isascii() and (ahead.isalpha() or ahead in {"-", "_", "#"}) and bool(ahead)
    joined = joined or (behind.isascii() and (behind.isalpha() or behind == "_") and bool(behind))
    return joined or _IN_ADDRESS.search(text[max(0, start - 300) : start]) is not None
