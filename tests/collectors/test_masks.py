"""What is masked on the way in, and what must stay whole."""

import json

import pyarrow as pa

from collectors.rows.validate import masked
from nlp.identifiers import email_key, phone_key
from warehouse.records import INTERACTION, MENTION

KEY = b"only-for-tests"


def extras(*values: dict[str, object]) -> list[dict[str, object]]:
    """`extra` of mentions, as it is landed."""
    rows = [{"extra": json.dumps(value)} for value in values]
    loose = pa.schema([field.with_nullable(True) for field in MENTION])
    table = masked(pa.Table.from_pylist(rows, schema=loose), "mentions")
    return [json.loads(value) for value in table["extra"].to_pylist()]


def test_keyed_hashes_stay_whole() -> None:
    """One hash in a hundred has digits in a row that read like a telephone number."""
    known = [
        {"email_key": email_key(f"a{n}@example.com", KEY), "phone_key": phone_key(f"010{n}", KEY)}
        for n in range(10_000_000, 10_002_000)
    ]
    assert extras(*known) == known


def test_what_only_calls_itself_a_key_is_masked() -> None:
    assert extras({"phone_key": "010-1234-5678", "note": "a@example.com"}) == [
        {"phone_key": "[phone]", "note": "[email]"}
    ]


def test_notes_of_interactions_are_masked() -> None:
    loose = pa.schema([field.with_nullable(True) for field in INTERACTION])
    table = pa.Table.from_pylist([{"note": "010-1234-5678로 다시 전화"}], schema=loose)
    assert masked(table, "interactions")["note"].to_pylist() == ["[phone]로 다시 전화"]
