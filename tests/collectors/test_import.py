"""Import of files: what is good lands once, in the right types; a known file lands nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from collectors.base import CollectorError
from collectors.imports.files import Imported, import_file
from collectors.imports.readers import ROWS_A_CHUNK
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "naver_movie_reviews.parquet"

HEADER = ["글번호", "작성자", "내용", "별점", "작성일"]
REVIEWS = [
    ["1", "minji****", "배송이 하루 만에 왔어요. 포장도 꼼꼼하고 좋습니다.", "5", "2026-11-01"],
    ["2", "dool****", '"이 가격에?" 싶을 만큼 좋아요,\n재구매 의사 있음', "4", "2026-11-02"],
    ["3", "", "소음이 너무 심해서 밤에는 못 써요 ㅠㅠ", "1", "2026-11-03"],
]
MAPPING = {
    "글번호": "native_id",
    "작성자": "author_handle",
    "내용": "text",
    "별점": "rating",
    "작성일": "created_at",
}


def _quoted(cell: str) -> str:
    return f'"{cell.replace(chr(34), chr(34) * 2)}"' if set(cell) & set(',"\n') else cell


def csv_text(rows: list[list[str]]) -> str:
    return "".join(",".join(map(_quoted, row)) + "\n" for row in [HEADER, *rows])


def write_csv(folder: Path, encoding: str) -> Path:
    path = folder / "reviews.csv"
    path.write_bytes(csv_text(REVIEWS).encode(encoding))
    return path


def write_jsonl(folder: Path, encoding: str) -> Path:
    import json

    path = folder / "reviews.jsonl"
    lines = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in REVIEWS]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_parquet(folder: Path, encoding: str) -> Path:
    path = folder / "reviews.parquet"
    columns = dict(zip(HEADER, map(list, zip(*REVIEWS, strict=True)), strict=True))
    typed: dict[str, Any] = columns | {
        "글번호": pa.array(range(1, 4), pa.int32()),
        "별점": pa.array([5, 4, 1], pa.int8()),
        "작성일": pa.array([date(2026, 11, day) for day in (1, 2, 3)]),
        "내용": pa.array(columns["내용"], pa.large_string()),
        "작성자": pa.array(columns["작성자"]).dictionary_encode(),
    }
    pq.write_table(pa.table(typed), path)
    return path


def write_excel(folder: Path, encoding: str) -> Path:
    path = folder / "reviews.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("후기")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for at, row in enumerate(REVIEWS, start=1):
            sheet.write_row(at, 0, [int(row[0]), row[1], row[2], int(row[3])])
            sheet.write_datetime(at, 4, datetime.fromisoformat(row[4]), day)
    return path


@pytest.mark.parametrize(
    ("write", "encoding"),
    [
        (write_csv, "utf-8"),
        (write_csv, "utf-8-sig"),
        (write_csv, "cp949"),
        (write_csv, "utf-16"),
        (write_jsonl, "utf-8"),
        (write_parquet, "utf-8"),
        (write_excel, "utf-8"),
    ],
)
def test_every_kind_of_file_lands_the_same_rows(
    write: Callable[[Path, str], Path],
    encoding: str,
    tmp_path: Path,
    landing: Landing,
    landed: Landed,
) -> None:
    path = write(tmp_path, encoding)
    imported = import_file(
        path, "mentions", landing, source="shop", mapping=MAPPING, rating_scale=(1, 5)
    )
    assert imported == Imported(rows=3, known=0, quarantined=0)
    rows = landed("mentions")
    assert [row["native_id"] for row in rows] == ["1", "2", "3"]
    assert [row["text"] for row in rows] == [row[2] for row in REVIEWS]
    assert [row["author_handle"] for row in rows] == ["minji****", "dool****", None]
    assert [row["rating"] for row in rows] == [1.0, 0.75, 0.0]
    assert [row["rating_raw"] for row in rows] == ["5", "4", "1"]
    assert {row["kind"] for row in rows} == {"review"}
    assert rows[0]["created_at"] == datetime(2026, 10, 31, 15, tzinfo=UTC)  # midnight in Seoul
    again = import_file(
        path, "mentions", landing, source="shop", mapping=MAPPING, rating_scale=(1, 5)
    )
    assert again == Imported(rows=0, known=3, quarantined=0)
    assert len(landed("mentions")) == 3


def test_another_way_to_read_a_known_file_is_another_import(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = write_csv(tmp_path, "utf-8")
    for best in (10, 5):
        import_file(path, "mentions", landing, source="shop", mapping=MAPPING,
                    rating_scale=(1, best))  # fmt: skip
    assert [row["rating"] for row in landed("mentions")][-3:] == [1.0, 0.75, 0.0]


def test_rows_without_an_identity_get_one_that_lasts(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "posts.csv"
    lines = ["좋아요,2026-11-01", "별로예요,2026-11-01", "좋아요,2026-11-01"]
    path.write_text("\n".join(["text,created_at", *lines]) + "\n")
    import_file(path, "mentions", landing, source="board")
    first = [row["native_id"] for row in landed("mentions")]
    assert len(set(first)) == 3
    path.write_text("\n".join(["text,created_at", *lines, "좋아요,2026-11-01"]) + "\n")
    import_file(path, "mentions", landing, source="board")
    second = [row["native_id"] for row in landed("mentions")][3:]
    assert second[:3] == first
    assert len(set(second)) == 4
    assert {row["kind"] for row in landed("mentions")} == {"post"}


def test_people_are_masked_before_anything_is_written(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(
        "text,title,created_at,연락처\n"
        "환불은 010-1234-5678로 연락 주세요,문의 kim@example.com,2026-11-01,010-9876-5432\n"
        "연락 주세요,문의,2026-13-01,010-9876-5432\n"
    )
    import_file(path, "mentions", landing, source="board", extra=True)
    row = landed("mentions")[0]
    assert row["text"] == "환불은 [phone]로 연락 주세요"
    assert row["title"] == "문의 [email]"
    assert row["extra"] == '{"연락처": "[phone]"}'
    for file in landing.folder.rglob("*.parquet"):
        table = pq.ParquetFile(file).read()
        assert "9876" not in str(table.to_pylist())
    assert "[phone]" in landed("quarantined")[0]["excerpt"]


def test_customers_orders_and_interactions(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    customers = tmp_path / "customers.csv"
    customers.write_text(
        "회원번호,name,email,birth_date,joined_at\n"
        "C1,김민지,minji@example.com,1988.03.04,1989-05-01\n"
        "C2,박서준,,1931-13-04,2020-01-01\n"
    )
    done = import_file(customers, "customers", landing, source="crm",
                       mapping={"회원번호": "customer_id"})  # fmt: skip
    assert done == Imported(1, 0, 1)
    kept = landed("customers")[0]
    assert (kept["email"], kept["birth_date"]) == ("minji@example.com", date(1988, 3, 4))
    refused = landed("quarantined")[0]
    assert refused["reason"] == "birth_date is no possible date"
    assert "박서준" not in refused["excerpt"]

    orders = tmp_path / "orders.jsonl"
    orders.write_text(
        '{"order_id": 1, "customer_id": "C1", "amount": 12900, "ordered_at": "2026-11-01 10:00"}\n'
        '{"order_id": 2, "customer_id": "C1", "amount": 19.99, "currency": "usd",'
        ' "ordered_at": "2026-11-02"}\n'
        '{"order_id": 3, "customer_id": "C1", "amount": 19.99, "ordered_at": "2026-11-02"}\n'
    )
    assert import_file(orders, "orders", landing, source="crm") == Imported(2, 0, 1)
    assert [(r["amount"], r["currency"]) for r in landed("orders")] == [
        (12900, "KRW"),
        (1999, "USD"),
    ]

    visits = tmp_path / "visits.tsv"
    visits.write_text(
        'customer_id\thappened_at\tnote\nC1\t2026.11.01\t"재방문, 010-1234-5678로 안내\n'
    )
    with pytest.raises(CollectorError, match="need a kind"):
        import_file(visits, "interactions", landing, source="crm")
    import_file(visits, "interactions", landing, source="crm", kind="visit")
    assert landed("interactions")[0]["note"] == '"재방문, [phone]로 안내'


@pytest.mark.parametrize(
    ("mapping", "scale", "said"),
    [
        (
            {"내용": "txet", "작성일": "created_at"},
            None,
            r"did you mean 'text'.*Map columns to: na",
        ),
        ({"내용들": "text"}, None, r"no column '내용들' \(did you mean '내용'\?\).*글번호, 작성자"),
        ({"내용": "text"}, None, r"gives no created_at"),
        ({"내용": "text", "글번호": "text"}, None, r"Both '내용' and '글번호'"),
        ({"내용": "text", "작성일": "created_at", "별점": "rating"}, None, "--rating-scale 1-5"),
        (MAPPING, (5, 5), "needs two ends"),
    ],
)
def test_a_mapping_that_does_not_fit_is_explained(
    mapping: dict[str, str],
    scale: tuple[float, float] | None,
    said: str,
    tmp_path: Path,
    landing: Landing,
) -> None:
    path = write_csv(tmp_path, "utf-8")
    with pytest.raises(CollectorError, match=said):
        import_file(path, "mentions", landing, source="shop", mapping=mapping, rating_scale=scale)
    assert not landing.batches()


def test_a_file_of_many_chunks_keeps_order_and_numbers(
    tmp_path: Path, landing: Landing, landed: Landed
) -> None:
    rows = ROWS_A_CHUNK + 50_000
    path = tmp_path / "many.parquet"
    texts = [f"{n}번째 후기입니다" for n in range(1, rows + 1)]
    texts[ROWS_A_CHUNK + 4] = " "
    pq.write_table(pa.table({"text": texts, "created_at": ["20261101"] * rows}), path)
    seen: list[tuple[int, int | None]] = []
    done = import_file(path, "mentions", landing, source="many",
                       on_progress=lambda n, of: seen.append((n, of)))  # fmt: skip
    assert done == Imported(rows - 1, 0, 1)
    assert landed("quarantined")[0]["row"] == ROWS_A_CHUNK + 5
    assert seen == [(ROWS_A_CHUNK, rows), (rows, rows)]
    tables = [
        pq.ParquetFile(batch.path).read(columns=["native_id", "text"])
        for batch in landing.batches("mentions")
    ]
    kept = pa.concat_tables(tables)
    assert len(kept["native_id"].unique()) == rows - 1
    assert kept["text"].to_pylist() == [text for text in texts if text != " "]


@pytest.mark.skipif(not REAL.exists(), reason="the real reviews are not on this machine")
def test_real_reviews_land_as_they_are(tmp_path: Path, landing: Landing, landed: Landed) -> None:
    table = pq.read_table(REAL).slice(300_000, 5_000)
    path = tmp_path / "naver.parquet"
    pq.write_table(table, path)
    mapping = {
        "review_id": "native_id",
        "movie_id": "product",
        "author": "author_handle",
        "review": "text",
        "date": "created_at",
    }
    done = import_file(
        path, "mentions", landing, source="naver-movies", mapping=mapping, rating_scale=(1, 10)
    )
    assert done == Imported(5_000, 0, 0)
    rows = landed("mentions")
    assert [row["native_id"] for row in rows] == table["review_id"].to_pylist()
    assert [round(1 + 9 * row["rating"]) for row in rows] == table["rating"].to_pylist()
    assert rows[0]["created_at"].astimezone(UTC).hour == 15
