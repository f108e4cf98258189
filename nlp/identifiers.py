"""The one form in which e-mail addresses and phone numbers are compared, and its keyed hash.

Two stores meet over these hashes and never over the values: HMAC-SHA256 (RFC 2104) under a key
that belongs to the instance, so that nobody without it can try addresses or numbers out.
"""

import hashlib
import hmac
import re
import unicodedata

_NOT_DIGIT = re.compile(r"\D")
_SHORTEST_NUMBER = 8


def normal_email(address: str) -> str | None:
    """Case and width folded; None for what has not the form of an address."""
    folded = unicodedata.normalize("NFKC", address).strip().casefold()
    name, at, host = folded.rpartition("@")
    return folded if at and name and "." in host and not re.search(r"\s", folded) else None


def normal_phone(number: str) -> str | None:
    """Digits with the country's code: 010-1234-5678 and +82 10 1234 5678 are 821012345678.

    A number without a code is read as Korean. None for what is too short to be one person's.
    """
    written = unicodedata.normalize("NFKC", number).strip()
    digits = _NOT_DIGIT.sub("", written)
    if digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = f"82{digits[1:]}"
    elif not written.startswith("+") and not digits.startswith("82"):
        # An Excel sheet that took a number for a quantity has dropped its zero: 1012345678.
        digits = f"82{digits}" if digits.startswith("1") else digits
    if digits.startswith("820"):  # +82 (0)10-…
        digits = f"82{digits[3:]}"
    return digits if len(digits) >= _SHORTEST_NUMBER else None


def email_key(address: str, key: bytes) -> str | None:
    """The hash, in hexadecimal, by which an address is compared; None where it is none."""
    normal = normal_email(address)
    return None if normal is None else keyed("email", normal, key)


def phone_key(number: str, key: bytes) -> str | None:
    """The hash, in hexadecimal, by which a phone number is compared; None where it is none."""
    normal = normal_phone(number)
    return None if normal is None else keyed("phone", normal, key)


def keyed(kind: str, value: str, key: bytes) -> str:
    """HMAC-SHA256 of a value that is in its one form already; `kind` keeps kinds apart."""
    return hmac.digest(key, f"{kind}\x1f{value}".encode(), hashlib.sha256).hex()
