"""Amounts become integers of the smallest coin, and nothing is rounded."""

import pyarrow as pa
import pytest

from collectors.imports.money import minor_units


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12900", "KRW", 12900),
        ("12,900원", "KRW", 12900),
        ("₩ 12,900", "KRW", 12900),
        ("12900.00", "KRW", 12900),
        ("12900.5", "KRW", None),
        ("19.99", "USD", 1999),
        ("20", "USD", 2000),
        ("-5.5", "EUR", -550),
        ("1.234", "KWD", 1234),
        ("0.1", "JPY", None),
        ("공짜", "KRW", None),
        ("1e9", "KRW", None),
    ],
)
def test_minor_units(amount: str, currency: str, minor: int | None) -> None:
    read = minor_units(pa.array([amount, "1"]), pa.array([currency, "KRW"]))
    assert read.values.to_pylist() == [minor, 1]
    assert read.failed is not None and read.failed.to_pylist() == [minor is None, False]
