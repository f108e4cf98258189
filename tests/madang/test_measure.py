"""Files are annotated and models measured from the command line, without a warehouse."""

import json
from pathlib import Path

from tests.instance import TEXTS, Instance


def labelled(instance: Instance) -> Path:
    """Six clear opinions and two questions, with labels in words and in numbers, and stars."""
    rows = [
        ("정말 최고예요. 너무 재미있고 감동적이었어요", "positive", 1, 10),
        ("강력 추천합니다! 배우들 연기가 훌륭해요", "positive", 1, 9),
        ("I love it, great value and works perfectly", "positive", 1, 10),
        ("최악이에요. 시간 낭비, 돈 낭비", "negative", -1, 1),
        ("너무 지루하고 실망스러워요 ㅠㅠ", "negative", -1, 2),
        ("Terrible. It broke after a day and nobody answers", "negative", -1, 1),
        ("그냥 보통이에요. 나쁘지도 좋지도 않아요", "neutral", 0, 6),
        ("볼만은 한데 그저 그래요", "neutral", 0, 5),
    ]
    path = instance.home / "labelled.jsonl"
    keys = ("text", "mood", "number", "stars")
    lines = [json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_an_annotation_a_line(instance: Instance) -> None:
    path = instance.reviews(list(TEXTS))
    lines = instance.run("annotate", str(path), "--text", "body", "--json").splitlines()
    read = [json.loads(line) for line in lines]
    assert [row["row"] for row in read] == [1, 2, 3, 4, 5]
    assert [row["lang"] for row in read] == ["ko", "ko", "ko", "ko", "en"]
    assert [read[i]["sentiment"] for i in (0, 1, 4)] == ["positive", "negative", "positive"]
    assert {"lemma": "배송", "tag": "NNG"} in read[1]["terms"]
    for row in read:
        assert abs(row["p_negative"] + row["p_neutral"] + row["p_positive"] - 1) < 1e-5


def test_labels_in_words_numbers_and_stars_measure_the_same(instance: Instance) -> None:
    path = str(labelled(instance))
    words = instance.answer("eval", "sentiment", path, "--text", "text", "--label", "mood")
    numbers = instance.answer("eval", "sentiment", path, "--text", "text", "--label", "number")
    stars = instance.answer(
        "eval", "sentiment", path, "--text", "text", "--rating", "stars", "--scale", "1-10"
    )
    for report in (words, numbers, stars):
        assert report["n"] == 8
        assert report["two_class"] == {"n": 6, "accuracy": 1.0, "macro_f1": 1.0}
        assert report["three_class"]["n"] == 8
        assert 0 <= report["calibration_error"] <= 1
        assert report["texts_per_second"] > 0
    assert words["three_class"] == numbers["three_class"] == stars["three_class"]


def test_what_cannot_be_measured_is_said(instance: Instance) -> None:
    path = str(labelled(instance))
    common = ("eval", "sentiment", path, "--text")
    assert "no column 'body'; it has text" in instance.fails(*common, "body", "--label", "mood")
    assert "--label COLUMN or --rating" in instance.fails(*common, "text")
    assert "--scale 1-10" in instance.fails(*common, "text", "--rating", "stars")
    outside = instance.fails(*common, "text", "--rating", "stars", "--scale", "1-5")
    assert "outside 1-5" in outside
    assert "There is no file" in instance.fails("annotate", "nowhere.csv")


def test_new_aspects_are_discovered_and_names_of_the_brand_are_none(instance: Instance) -> None:
    with (instance.home / "madang.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[annotator.products]\n"바람결" = []\n')
    path = instance.home / "reviews.csv"
    said = [
        "조리개가 너무 뻑뻑해서 별로예요",
        "조리개는 정말 좋아요",
        "바람결이 최고예요",
        "배송이 빨라요",
    ] * 3
    path.write_text("body\n" + "\n".join(said) + "\n", "utf-8")
    found = instance.answer("discover", str(path), "--text", "body", "--least", "3")
    assert [word["lemma"] for word in found] == ["조리개"]
    assert (found[0]["texts"], found[0]["judged"]) == (6, 6)
    assert "has no column 'review'" in instance.fails("discover", str(path), "--text", "review")


def test_aspects_are_measured_on_annotated_reviews(instance: Instance) -> None:
    path = instance.home / "phone.txt"
    path.write_text(
        "[t]fine\n"
        "battery life[+2]##the battery life is excellent .\n"
        "screen[-2]##the screen is terrible .\n"
        "size[+1][u]##it fits in my pocket .\n"
        "##we went home on monday .\n",
        "utf-8",
    )
    report = instance.answer("eval", "aspects", str(path))
    assert (report["sentences"], report["n"], report["absent"]) == (4, 2, 1)
    assert set(report["terms"]) == {"precision", "recall", "f1"}
    assert report["terms"]["f1"] == 1.0
    assert report["polarity"] == {"n": 2, "accuracy": 1.0}
    path.write_text("nothing of the kind", "utf-8")
    assert "no line with ##" in instance.fails("eval", "aspects", str(path))
