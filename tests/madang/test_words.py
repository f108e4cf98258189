"""What is typed is split as the annotator splits what is read, names of the brand included."""

from pathlib import Path

from madang.settings import load_settings
from madang.words import aspect_names, search_lemmas


def test_a_search_finds_the_name_that_the_annotator_reads(tmp_path: Path) -> None:
    plain = load_settings(tmp_path)
    assert "바람결나라" not in search_lemmas(plain, "바람결나라가 고장났어요")
    (tmp_path / "madang.toml").write_text('[annotator.brands]\n"바람결나라" = []\n', "utf-8")
    named = load_settings(tmp_path)
    assert "바람결나라" in search_lemmas(named, "바람결나라가 고장났어요")


def test_aspects_are_called_as_the_instances_own_lexicon_does(tmp_path: Path) -> None:
    words = tmp_path / "ours.toml"
    words.write_text(
        '[aspects.wifi]\nname = {ko = "와이파이", en = "Wi-Fi"}\nko = ["와이파이"]\n', "utf-8"
    )
    (tmp_path / "madang.toml").write_text(f'[annotator]\nlexicons = ["{words}"]\n', "utf-8")
    names = aspect_names(load_settings(tmp_path))
    assert names["wifi"] == {"ko": "와이파이", "en": "Wi-Fi"}
    assert "delivery" in names
