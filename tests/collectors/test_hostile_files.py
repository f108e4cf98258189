"""Files that are broken on purpose: each bad row is set aside with its place, the rest loads."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from collectors.base import CollectorError
from collectors.imports.files import Imported, import_file
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
GOOD = "화면이 선명하고 소리도 좋아요"
TOMORROW_WEEK = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()

# (text, rating, date) as bytes of a CSV, and the reason it should be refused for.
BAD: list[tuple[bytes, bytes, bytes, str]] = [
    (b"", b"5", b"2026-11-01", "no text"),
    (b"   ", b"5", b"2026-11-01", "no text"),
    (GOOD.encode(), b"5", b"2026-13-01", "created_at is no possible date"),
    (GOOD.encode(), b"5", b"1970-01-01", "created_at is before 1990"),
    (GOOD.encode(), b"5", TOMORROW_WEEK.encode(), "created_at is more than a day in the future"),
    (GOOD.encode(), b"5", b"", "no created_at"),
    (GOOD.encode(), b"6", b"2026-11-01", "rating is out of its range"),
    (GOOD.encode(), b"0", b"2026-11-01", "rating is out of its range"),
    (GOOD.encode(), b"nan", b"2026-11-01", "rating is not a number"),
    (GOOD.encode() + b"\xed\xa0\x80\xff", b"5", b"2026-11-01", "broken UTF-8"),
    (GOOD.encode() + b"\x00", b"5", b"2026-11-01", "text holds a NUL character"),
    ("가".encode() * 700_000, b"5", b"2026-11-01", "text is longer than 1 MB"),
]


def import_reviews(path: Path, landing: Landing) -> Imported:
    return import_file(path, "mentions", landing, source="hostile", rating_scale=(1, 5))


def check(landed: Landed, path: Path, good: int, reasons: dict[int, str]) -> None:
    """`reasons` are by record number; everything else is `good` rows of the good text."""
    refused = landed("quarantined")
    assert {row["row"]: row["reason"] for row in refused} == reasons
    assert len(refused) == len(reasons)
    assert {row["origin"] for row in refused} == {path.name}
    assert all(row["excerpt"] is None or len(row["excerpt"]) <= 200 for row in refused)
    kept = landed("mentions")
    assert len(kept) == good
    assert {row["text"] for row in kept} == {GOOD}


def test_each_bad_row_of_a_csv_is_refused_alone(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "bad.csv"
    lines = [b"text,rating,created_at"]
    reasons = {}
    for number, (text, rating, when, reason) in enumerate(BAD, start=1):
        lines.append(b",".join((text, rating, when)))
        lines.append(GOOD.encode() + b",5,2026-11-01")
        reasons[2 * number - 1] = reason
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert import_reviews(path, landing) == Imported(len(BAD), 0, len(BAD))
    check(landed, path, len(BAD), reasons)
    assert import_reviews(path, landing) == Imported(0, len(BAD), 0)


def test_rows_with_another_number_of_fields(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "ragged.csv"
    good = f"{GOOD},5,2026-11-01"
    lines = ["text,rating,created_at", good, "좋아요, 아주,5,2026-11-01", "", good, "좋아요", good]
    path.write_text("\r\n".join(lines))
    import_reviews(path, landing)
    check(landed, path, 3, {
        2: "4 fields where the header has 3", 4: "1 fields where the header has 3",
    })  # fmt: skip
    assert landed("quarantined")[0]["excerpt"].startswith("좋아요, 아주")


def test_a_quote_that_is_never_closed_costs_one_row(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "unclosed.csv"
    good = f"{GOOD},5,2026-11-01\n"
    path.write_text("text,rating,created_at\n" + good + '"좋아요,5,2026-11-01\n' + good * 3)
    import_reviews(path, landing)
    check(landed, path, 4, {2: "a quote is opened and never closed"})


def test_quotes_inside_of_plain_fields_are_text(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "inches.csv"
    path.write_text('text,rating,created_at\n27" 모니터 좋아요,5,2026-11-01\n')
    import_reviews(path, landing)
    assert [row["text"] for row in landed("mentions")] == ['27" 모니터 좋아요']


def test_a_record_longer_than_a_block_does_not_stop_the_file(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "giant.csv"
    good = f"{GOOD},5,2026-11-01\n"
    giant = '"' + "가나다\n" * 1_200_000 + '",5,2026-11-01\n'
    path.write_text("text,rating,created_at\n" + good + giant + good)
    import_reviews(path, landing)
    kept = landed("mentions")
    assert {row["text"] for row in kept} == {GOOD}
    assert len(kept) == 2
    assert landed("quarantined")[0]["row"] == 2


def test_broken_utf8_in_one_row_does_not_make_a_file_cp949(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "mixed.csv"
    good = f"{GOOD},5,2026-11-01\n".encode()
    path.write_bytes(
        b"text,rating,created_at\n" + good + "좋아요,5,2026-11-01\n".encode("cp949") + good
    )
    import_reviews(path, landing)
    check(landed, path, 2, {2: "broken UTF-8"})


def test_bad_rows_with_too_many_fields_and_broken_text_together(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "both.csv"
    good = f"{GOOD},5,2026-11-01\n".encode()
    path.write_bytes(b"text,rating,created_at\n" + good + b"\xff\xfe,a,b,c,d\n" + good)
    import_reviews(path, landing)
    check(landed, path, 2, {2: "5 fields where the header has 3"})


def test_bad_lines_of_json(tmp_path: Path, landing: Landing, landed: Landed) -> None:
    path = tmp_path / "bad.jsonl"
    good = json.dumps({"text": GOOD, "rating": 5, "created_at": "2026-11-01"}).encode()
    bad = {
        2: (b'{"text": "cut', "not JSON"),
        4: (b"[1, 2]", "not a JSON object"),
        6: (b'{"text": "\xff\xfe", "created_at": "2026-11-01"}', "broken UTF-8"),
        8: (b'{"text": "\\ud800", "created_at": "2026-11-01"}', "broken UTF-8"),
        10: (b'{"text": "a\\u0000b", "created_at": "2026-11-01"}', "text holds a NUL character"),
        12: (b'{"text": "' + b"x" * 5_000_000 + b'"}', "a record longer than 4 MB"),
        14: (b"[" * 100_000, "not JSON"),
    }
    lines = [bad[n][0] if n in bad else good for n in range(1, 16)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    import_reviews(path, landing)
    check(landed, path, 8, {number: reason for number, (_, reason) in bad.items()})


def test_json_numbers_and_texts_in_one_column(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "mixed.jsonl"
    rows: list[dict[str, Any]] = [
        {"native_id": 1, "text": "2026-11-01", "created_at": "2026-11-01"},
        {"native_id": "b", "text": "좋아요", "created_at": 1793458800},
        {"native_id": 3.0, "text": True, "created_at": "2026-11-01"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_file(path, "mentions", landing, source="hostile")
    kept = landed("mentions")
    assert [row["native_id"] for row in kept] == ["1", "b", "3"]
    assert [row["text"] for row in kept] == ["2026-11-01", "좋아요", "true"]
    assert len({row["created_at"] for row in kept}) == 1


def test_error_cells_of_excel_refuse_their_row(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "errors.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["text", "rating", "created_at"])
        for row in (1, 2, 3, 6):
            sheet.write_row(row, 0, [GOOD, 5, "2026-11-01"])
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 0, "=NA()", None, "#N/A")
    import_reviews(path, landing)
    check(landed, path, 2, {
        2: "rating holds the Excel error #DIV/0!", 3: "text holds the Excel error #N/A",
    })  # fmt: skip


def test_parquet_with_text_that_is_not_utf8(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    raw = pa.array([GOOD.encode(), b"\xff\xfe", GOOD.encode()], pa.binary())
    unchecked = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    path = tmp_path / "bad.parquet"
    pq.write_table(pa.table({"text": unchecked, "created_at": ["2026-11-01"] * 3}), path)
    import_file(path, "mentions", landing, source="hostile")
    check(landed, path, 2, {2: "broken UTF-8"})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("twice.csv", b"text,text,created_at\na,b,c\n", "names the columns text twice"),
        ("cut.parquet", b"PAR1abc", "cannot be read as Parquet"),
        ("no.xlsx", b"PK\x03\x04 no", "cannot be read as a workbook"),
        ("array.jsonl", b"[]\n", "no JSON object"),
        ("notes.hwp", b"x", "unknown kind.*csv"),
    ],
)
def test_files_of_which_nothing_can_be_read_are_explained(
    name: str, content: bytes, said: str, tmp_path: Path, landing: Landing
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CollectorError, match=said):
        import_reviews(path, landing)
    with pytest.raises(CollectorError, match="There is no file"):
        import_reviews(tmp_path / "nothing.csv", landing)


def test_a_parquet_column_of_lists_is_refused_by_name(tmp_path: Path, landing: Landing) -> None:
    path = tmp_path / "lists.parquet"
    pq.write_table(pa.table({"text": [["a"]], "created_at": ["2026-11-01"]}), path)
    with pytest.raises(CollectorError, match=r"column 'text'.*cannot be read as text.*list"):
        import_file(path, "mentions", landing, source="hostile")
