"""Settings are read from file, secrets and environment, and refuse what they do not know."""

from pathlib import Path

import pytest

from madang.settings import MadangError, described, load_settings


def written(home: Path, text: str) -> Path:
    (home / "madang.toml").write_text(text, "utf-8")
    return home


def test_a_new_instance_needs_no_file(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "new")
    assert settings.zone == "Asia/Seoul"
    assert settings.warehouse_path == tmp_path / "new" / "var" / "warehouse.duckdb"
    assert settings.sources == {}


def test_the_file_is_outranked_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, 'language = "en"\n[desk]\nport = 8600\nhost = "127.0.0.2"\n')
    monkeypatch.setenv("MADANG__DESK__PORT", "8700")
    settings = load_settings(tmp_path)
    assert (settings.language, settings.desk.port, settings.desk.host) == ("en", 8700, "127.0.0.2")


def test_a_source_that_is_named_is_configured(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, '[rss]\nfeeds = ["https://feeds.example/a"]\n'))
    assert list(settings.sources) == ["rss"]
    assert "https://feeds.example/a" in str(settings.sources["rss"].feeds)


@pytest.mark.parametrize(
    ("text", "named", "known"),
    [
        ("[dsek]\nport = 1\n", "dsek", "desk"),
        ("[desk]\nprot = 1\n", "desk.prot", "port"),
        ("[rss]\nfeed = []\n", "rss.feed", "feeds"),
        ('brnad = "해담"\n', "brnad", "brand"),
        ('[[web.sites]]\nname = "shop"\nstart = []\nfolow = "a"\n', "web.sites.0.folow", "follow"),
    ],
)
def test_an_unknown_key_is_an_error_that_lists_the_known_ones(
    tmp_path: Path, text: str, named: str, known: str
) -> None:
    with pytest.raises(MadangError) as caught:
        load_settings(written(tmp_path, text))
    assert f"Unknown setting {named}" in str(caught.value)
    assert known in str(caught.value).partition("Known here:")[2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("zone = ", "is not TOML"),
        ('zone = "Asia/Seul"\n', "Asia/Seul"),
        ("[desk]\nport = 99999\n", "desk.port"),
        ('language = "fr"\n', "language"),
    ],
)
def test_a_value_that_does_not_fit_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(MadangError, match=says):
        load_settings(written(tmp_path, text))


def test_an_unknown_section_in_the_environment_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADANG__DSEK__PORT", "1")
    with pytest.raises(MadangError, match="dsek"):
        load_settings(tmp_path)


def test_secrets_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = load_settings(tmp_path).community.secret_key
    path = tmp_path / "var" / "secrets.toml"
    assert len(first) >= 48
    assert load_settings(tmp_path).community.secret_key == first
    assert path.stat().st_mode & 0o077 == 0
    assert first not in repr(load_settings(tmp_path))
    path.chmod(0o644)
    with pytest.raises(MadangError, match="chmod 600"):
        load_settings(tmp_path)


def test_every_setting_has_a_sentence() -> None:
    lines = described()
    assert {"zone", "desk.port", "annotator.threads"} <= {line.name for line in lines}
    assert [line.name for line in lines if not line.sentence.endswith(".")] == []
