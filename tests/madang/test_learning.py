"""Drawing, labelling, reporting and taking out, by the commands that people use."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.instance import TEXTS, Instance
from tests.working import play

CORRECT = """
from madang.loop import open_house
from madang.people import community_opened
from madang.settings import load_settings

with community_opened(load_settings()):
    from community.actions import COMMAND_LINE, correct_label
    correct_label("MENTION", "positive", COMMAND_LINE, text_hash="HASH")
"""


def filled(path: Path, labels: list[str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [list(row) for row in rows[:1]] == [
        ["sample", "mention_id", "source", "lang", "text", "label"]
    ]
    for row, label in zip(rows, labels, strict=True):
        row["label"] = label
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_a_sample_is_labelled_by_file_and_reported(read_instance: Instance) -> None:
    nothing = read_instance.answer("meter", "--report")
    assert nothing["versions"] == [] and nothing["waiting"] == 0
    sheet = read_instance.home / "sample.csv"
    drawn = read_instance.answer("meter", "--size", "5", "--out", str(sheet))
    assert (drawn["size"], drawn["labelled"], drawn["population"]) == (5, 0, 5)
    again = read_instance.answer("meter", "--size", "5")
    assert again["sample_id"] == drawn["sample_id"], "a sample that waits is not drawn anew"
    filled(sheet, ["긍정", "negative", "", "모름", "1"])
    report = read_instance.answer("meter", "--labels", str(sheet))
    (version,) = report["versions"]
    assert report["waiting"] == 1 and report["current"] == version["version"]
    assert (version["right"]["n"], version["unclear"]["n"]) == (3, 4)
    assert set(version["by_source"]) == {"shop"} and version["population"] == 5
    assert "right" in read_instance.start("meter", "--report").communicate()[1]


def test_a_sheet_with_a_wrong_label_is_refused_whole(read_instance: Instance) -> None:
    sheet = read_instance.home / "sample.csv"
    read_instance.run("meter", "--size", "5", "--out", str(sheet))
    filled(sheet, ["positive", "good", "", "", ""])
    errors = read_instance.fails("meter", "--labels", str(sheet))
    assert "Row 2" in errors and "'good'" in errors
    assert read_instance.answer("meter", "--report")["versions"] == []


def test_corrections_are_shown_exported_and_read_back(read_instance: Instance) -> None:
    (wrong,) = read_instance.answer(
        "sql",
        "SELECT mention_id::VARCHAR AS m, text_hash::VARCHAR AS h FROM mentions "
        "WHERE native_id = 'r3'",
    )
    play(
        read_instance.environment,
        CORRECT.replace("MENTION", wrong["m"]).replace("HASH", wrong["h"]),
    )
    home = read_instance.home
    for name in ("c.csv", "c.jsonl", "c.parquet"):
        assert read_instance.answer("export", "corrections", str(home / name))["rows"] == 1
    row = {"text": TEXTS[2][1], "label": "positive", "lang": "ko", "source": "shop"}
    assert json.loads((home / "c.jsonl").read_text("utf-8")) == row
    assert pq.read_table(home / "c.parquet").to_pylist() == [row]
    with (home / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.DictReader(file)) == [row]
    shown = "SELECT sentiment, corrected FROM heard WHERE native_id = 'r3'"
    shown = shown.replace("heard", "heard JOIN mentions USING (mention_id)")
    assert read_instance.answer("sql", shown) == [{"sentiment": "positive", "corrected": True}]
    read = read_instance.answer(
        "eval", "sentiment", str(home / "c.jsonl"), "--text", "text", "--label", "label"
    )
    assert read["n"] == 1
    assert "name the file" in read_instance.fails("export", "corrections", str(home / "c.xml"))
    assert "1 labels" in read_instance.fails("head", "fit")
    assert "No head has been fitted" in read_instance.fails("head", "show")


def test_a_head_learns_how_this_brand_is_spoken_of(instance: Instance) -> None:
    """Sober sentences, which the shipped model takes for praise and people do not."""
    kinds = {
        "배송이 정말 빨라서 {}번이나 감동했어요": "positive",
        "{}번 수리해도 소음이 그대로예요. 환불해 주세요": "negative",
        "설명서 {}쪽에 보면 나와 있어요": "neutral",
        "{}일에 주문했어요": "neutral",
    }
    texts = [(f"m{n}", list(kinds)[n % 4].format(n), 3) for n in range(120)]
    meant = {text: list(kinds.values())[n % 4] for n, (_, text, _) in enumerate(texts)}
    instance.import_reviews(instance.reviews(texts))
    instance.run("run")
    before = moods(instance)
    assert before.get("neutral", 0) < 20, before
    sheet = instance.home / "sample.csv"
    instance.run("meter", "--size", "100", "--out", str(sheet))
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        filled(sheet, [meant[row["text"]] for row in csv.DictReader(file)])
    report = instance.answer("meter", "--labels", str(sheet))
    assert report["versions"][0]["right"]["n"] == 100
    fitted = instance.answer("head", "fit")
    assert fitted["on"] and fitted["by_chance"] == fitted["measured_on"] == 100
    assert fitted["accuracy_after"] > fitted["accuracy_before"] + 0.1
    instance.run("run")
    assert moods(instance)["neutral"] > before.get("neutral", 0) + 20
    told = instance.answer("meter", "--report")
    assert told["current"] != report["current"] and not told["versions"][0]["is_current"]
    instance.run("head", "off")
    instance.run("run")
    assert moods(instance) == before
    assert instance.answer("meter", "--report")["versions"][0]["is_current"]


def moods(instance: Instance) -> dict[str, int]:
    rows = instance.answer("sql", "SELECT sentiment, count(*) AS n FROM heard GROUP BY ALL")
    return {row["sentiment"]: row["n"] for row in rows}


@pytest.mark.parametrize("text", ["=1+1", "+82 10", "-_-", "@brand", "\tx"])
def test_a_text_like_a_formula_is_a_text_in_a_spreadsheet(tmp_path: Path, text: str) -> None:
    import pyarrow as pa

    from madang.learning import export

    table = pa.table({"text": [text, "배송이 빨라요"], "label": ["neutral", "positive"]})
    assert export(table, tmp_path / "c.csv") == 2
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1] == [f"'{text}", "neutral"] and rows[2] == ["배송이 빨라요", "positive"]
    export(table, tmp_path / "c.jsonl")
    assert json.loads((tmp_path / "c.jsonl").read_text("utf-8").splitlines()[0])["text"] == text
