"""The same person's address or number, however written, has one key; different people have two."""

import hashlib
import hmac

import pytest

from nlp.identifiers import email_key, keyed, normal_email, normal_phone, phone_key

KEY = b"an instance's own key"


@pytest.mark.parametrize(
    "number",
    ["010-1234-5678", "010 1234 5678", "+82 10-1234-5678", "+82 (0)10 1234 5678", "821012345678",
     "0082 10 1234 5678", "０１０-１２３４-５６７８", "1012345678"],
)  # fmt: skip
def test_one_number_however_written(number: str) -> None:
    assert normal_phone(number) == "821012345678"
    assert phone_key(number, KEY) == phone_key("010-1234-5678", KEY)


@pytest.mark.parametrize(
    ("number", "normal"),
    [
        ("02-345-6789", "8223456789"),
        ("+1 212 555 0100", "12125550100"),
        ("031-1234-5678", "823112345678"),
    ],
)
def test_landlines_and_other_countries_keep_their_digits(number: str, normal: str) -> None:
    assert normal_phone(number) == normal


@pytest.mark.parametrize("number", ["", "없음", "112", "1588", "-"])
def test_what_is_nobodys_number_has_no_key(number: str) -> None:
    assert phone_key(number, KEY) is None


def test_one_address_however_written() -> None:
    assert normal_email(" Mina.Lee@Example.KR ") == "mina.lee@example.kr"
    assert email_key("ＭＩＮＡ@example.kr", KEY) == email_key("mina@example.kr", KEY)


@pytest.mark.parametrize(
    "address", ["", "없음", "mina@", "@example.kr", "mina@집", "a b@example.kr"]
)
def test_what_is_no_address_has_no_key(address: str) -> None:
    assert email_key(address, KEY) is None


def test_the_key_is_hmac_sha256_and_the_instances_own() -> None:
    expected = hmac.new(KEY, b"email\x1fmina@example.kr", hashlib.sha256).hexdigest()
    assert email_key("mina@example.kr", KEY) == expected
    assert email_key("mina@example.kr", b"another instance") != expected
    assert keyed("phone", "821012345678", KEY) != keyed("email", "821012345678", KEY)
