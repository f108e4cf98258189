"""What is typed is split as the annotator splits what is read, names of the brand included."""

from pathlib import Path

from madang.settings import load_settings
from madang.words import aspect_names, sought
from warehouse.trackers.tree import Words


def test_a_search_finds_the_name_that_the_annotator_reads(tmp_path: Path) -> None:
    typed = "바람결나라가 고장났어요"
    plain = sought(load_settings(tmp_path), typed).root
    assert isinstance(plain, Words)
    assert "바람결나라" not in plain.lemmas
    (tmp_path / "madang.toml").write_text('[annotator.brands]\n"바람결나라" = []\n', "utf-8")
    named = sought(load_settings(tmp_path), typed).root
    assert isinstance(named, Words)
    assert "바람결나라" in named.lemmas


def test_aspects_are_called_as_the_instances_own_lexicon_does(tmp_path: Path) -> None:
    words = tmp_path / "ours.toml"
    words.write_text(
        '[aspects.wifi]\nname = {ko = "와이파이", en = "Wi-Fi"}\nko = ["와이파이"]\n', "utf-8"
    )
    (tmp_path / "madang.toml").write_text(f'[annotator]\nlexicons = ["{words}"]\n', "utf-8")
    names = aspect_names(load_settings(tmp_path))
    assert names["wifi"] == {"ko": "와이파이", "en": "Wi-Fi"}
    assert "delivery" in names
