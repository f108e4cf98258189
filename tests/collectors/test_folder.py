"""Files in a folder are taken once, when they are whole, and put aside when done or broken."""

import json
import os
import time
from pathlib import Path

import pytest

from collectors.base import CollectorError, SourceUnavailable
from collectors.folder import Drop, FolderSettings, open_folder
from collectors.run import collect

CSV = "번호,내용,별점,쓴 날\n1,향이 좋아요,5,2026-11-20\n2,배송이 늦었어요,2,2026-11-21\n"
MAPPING = {"번호": "native_id", "내용": "text", "별점": "rating", "쓴 날": "created_at"}
CALL = {
    "id": "c1",
    "turns": [{"speaker": "agent", "text": "네"}, {"speaker": "고객", "text": "물이 새요"}],
}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def run(inbox: Path, landing):
    """Look into the folder once."""

    def look(**changed):
        drop = Drop(**{"path": str(inbox), "mapping": MAPPING, "rating_scale": (1, 5)} | changed)
        return collect(open_folder(FolderSettings({"shop": drop})), landing)

    return look


def put(folder: Path, name: str, content: str | bytes, *, old: float = 60) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (time.time() - old,) * 2)
    return path


def there(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_is_taken_once_and_put_aside(inbox, run, landed):
    put(inbox, "11월.csv", CSV)
    assert run().rows == 2
    assert there(inbox) == ["done/11월.csv"]
    assert run().rows == 0
    first, second = landed("mentions")
    assert (first["native_id"], first["rating"], first["kind"]) == ("shop-1", 1.0, "review")
    assert second["text"] == "배송이 늦었어요"


def test_the_same_content_under_another_name_brings_nothing(inbox, run, landed):
    put(inbox, "a.csv", CSV)
    run()
    put(inbox, "b.csv", CSV)
    put(inbox, "a.csv", CSV + "3,소음이 커요,1,2026-11-21\n")
    assert run().rows == 3
    assert there(inbox) == ["done/a-2.csv", "done/a.csv", "done/b.csv"]
    assert {row["native_id"] for row in landed("mentions")} == {"shop-1", "shop-2", "shop-3"}


def test_what_is_being_written_waits(inbox, run):
    for name in ("a.csv.part", ".hidden.csv", "~$book.xlsx"):
        put(inbox, name, CSV)
    growing = put(inbox, "a.csv", CSV, old=1)
    assert run().rows == 0
    assert len(there(inbox)) == 4
    os.utime(growing, (time.time() - 60,) * 2)
    assert run().rows == 2


def test_a_link_to_elsewhere_is_left_alone(inbox, run, tmp_path):
    secret = put(tmp_path, "secret.csv", CSV)
    (inbox / "a.csv").symlink_to(secret)
    assert run().rows == 0
    assert secret.exists()


BROKEN = {
    "zip.xlsx": b"PK no workbook",
    "columns.csv": "무엇,언제\n가,나\n".encode(),
    "empty.csv": b"",
    "unknown.pdf": b"%PDF-1.4",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_goes_aside_with_its_reason(inbox, run, landed, name):
    put(inbox, name, BROKEN[name])
    put(inbox, "good.csv", CSV)
    done = run()
    assert (done.rows, done.quarantined) == (2, 1)
    assert there(inbox) == ["done/good.csv", f"failed/{name}", f"failed/{name}.reason.txt"]
    (refused,) = landed("quarantined")
    assert refused["origin"] == name
    assert (inbox / "failed" / f"{name}.reason.txt").read_text().strip() == refused["reason"]


def test_a_bad_row_is_refused_alone(inbox, run, landed):
    put(inbox, "a.csv", CSV + "3,,1,2026-11-21\n4,좋아요,9,2026-11-21\n")
    assert run().quarantined == 2
    assert len(landed("mentions")) == 2


def test_a_crash_between_landing_and_moving_doubles_nothing(inbox, run, landing, landed):
    path = put(inbox, "a.csv", CSV)
    drop = Drop(path=str(inbox), mapping=MAPPING, rating_scale=(1, 5))
    with landing.open_source("mentions", "folder") as writer:
        batches = open_folder(FolderSettings({"shop": drop})).fetch({})
        writer.write(next(batches))
        batches.close()
    assert path.exists()
    assert run().rows == 0
    assert there(inbox) == ["done/a.csv"]
    assert len(landed("mentions")) == 2


CALLS = [CALL, {**CALL, "id": "c2"}]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(CALLS),
        json.dumps({"calls": CALLS}),
        "\n".join(json.dumps(each) for each in CALLS),
    ],
)
def test_transcripts_of_calls(inbox, run, landed, content):
    put(inbox, "calls.json", content)
    assert run(profile="transcript", product="해담 숨").rows == 2
    row, _ = landed("mentions")
    assert (row["text"], row["kind"], row["native_id"]) == ("물이 새요", "call", "shop-c1")
    assert row["product"] == "해담 숨"
    put(inbox, "again.json", content)
    assert run(profile="transcript").rows == 0
    assert there(inbox) == ["done/again.json", "done/calls.json"]


def test_broken_transcripts(inbox, run, landed):
    put(inbox, "a.json", "{")
    put(inbox, "b.json", json.dumps([CALL, {"id": "c2"}]))
    assert run(profile="transcript").rows == 1
    reasons = {row["origin"]: row["reason"] for row in landed("quarantined")}
    assert "no JSON" in reasons["a.json"]
    assert "no turns" in reasons["b.json"]


def test_more_transcripts_than_go_into_a_batch(inbox, run, landed):
    put(inbox, "a.json", json.dumps([{**CALL, "id": f"c{n}"} for n in range(1200)]))
    assert run(profile="transcript").rows == 1200
    assert len({row["native_id"] for row in landed("mentions")}) == 1200


def test_the_product_of_a_folder(inbox, run, landed):
    put(inbox, "a.csv", CSV)
    run(product="해담 결")
    assert {row["product"] for row in landed("mentions")} == {"해담 결"}


def test_what_was_looked_at_is_said(run, landed):
    run()
    (row,) = landed("coverage")
    assert row["state"] == "collected"


def test_folders_that_are_not_there(inbox, run):
    with pytest.raises(SourceUnavailable, match=r"folder.drops.NAME"):
        open_folder(FolderSettings())
    with pytest.raises(SourceUnavailable, match="is no folder"):
        open_folder(FolderSettings({"shop": Drop(path=str(inbox / "none"))}))
    source = open_folder(FolderSettings({"shop": Drop(path=str(inbox))}))
    inbox.rmdir()
    with pytest.raises(CollectorError, match="is gone"):
        list(source.fetch({}))
