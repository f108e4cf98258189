"""Amounts as files write them to integer minor units, in columns.

How many decimals a currency has is ISO 4217's list (amendment 177), not a locale's habit.
"""

from typing import Final

import numpy as np
import pyarrow as pa

from collectors.rows.arrow import Column, pc
from collectors.rows.dates import Converted, Integers

_NONE: Final = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
_THREE: Final = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_FOUR: Final = ("CLF", "UYW")
_SIGNS: Final = r"[,\s₩￦$€£¥원]"
_AMOUNT: Final = r"^(?P<sign>[+-]?)(?P<whole>\d{1,14})(?:\.(?P<part>\d{1,9}))?$"
_PLACES: Final = 9


def decimals(currency: str) -> int:
    """The number of decimals of an ISO 4217 currency: 0 for KRW, 2 for USD."""
    if currency in _NONE:
        return 0
    if currency in _THREE:
        return 3
    return 4 if currency in _FOUR else 2


def minor_units(amounts: Column, currencies: Column) -> Converted:
    """Amounts in major units (12,900 won; 19.99 dollars) as integers of minor units.

    An amount with more decimals than its currency has fails; nothing is rounded.
    """
    text = pc.replace_substring_regex(amounts.cast(pa.string()), _SIGNS, "")
    parts = pc.extract_regex(text, _AMOUNT)
    whole = _numbers(parts.field("whole"))
    part = _numbers(pc.utf8_rpad(parts.field("part"), _PLACES, "0"))
    places = _places(currencies)
    unit = 10**places
    step = 10 ** (_PLACES - places)
    negative = pc.equal(parts.field("sign"), "-").fill_null(False).to_numpy(zero_copy_only=False)
    minor = (whole * unit + part // step) * np.where(negative, -1, 1)
    good = parts.is_valid().to_numpy(zero_copy_only=False) & (part % step == 0)
    failed = pc.and_(amounts.is_valid(), pa.array(~good))
    return Converted(pa.array(minor, pa.int64(), mask=~good), failed)


def _places(currencies: Column) -> Integers:
    encoded = currencies.dictionary_encode()
    by_code = np.array([decimals(code.as_py() or "") for code in encoded.dictionary] or [2])
    codes = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    places: Integers = by_code.astype(np.int64)[codes]
    return places


def _numbers(digits: Column) -> Integers:
    filled = pc.if_else(pc.equal(digits, ""), "0", digits).fill_null("0")
    numbers: Integers = filled.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers
