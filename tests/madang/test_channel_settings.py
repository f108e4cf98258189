"""Hooks, folders and sites by their settings: secrets apart, and known to the yard."""

from pathlib import Path

import pytest

from collectors import SOURCES
from madang.people import community_settings
from madang.settings import load_settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOML = """
[webhook.hooks.desk]
kind = "ticket"
scale = [1, 5]
fields = { text = "ticket.text", rating = "ticket.score" }
[folder.drops.survey]
path = "."
mapping = { "의견" = "text" }
[webevents]
origins = ["https://www.haedam.kr/"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    load_settings(tmp_path)  # makes var/ and its keys
    (tmp_path / "madang.toml").write_text(TOML)
    with (tmp_path / "var" / "secrets.toml").open("a") as file:
        file.write(f'[webhook.hooks.desk]\nsecret = "{SECRET}"\n')
    return tmp_path


def test_a_hooks_secret_stands_apart_from_what_it_means(home: Path) -> None:
    settings = load_settings(home)
    hook = settings.sources["webhook"].hooks["desk"]
    assert (hook.secret, hook.kind, hook.scale) == (SECRET, "ticket", (1.0, 5.0))
    assert hook.fields == {"text": "ticket.text", "rating": "ticket.score"}
    assert settings.sources["folder"].drops["survey"].mapping == {"의견": "text"}
    for name in ("webhook", "folder", "webevents"):
        assert SOURCES[name].open(settings.sources[name]).name == name


def test_the_yard_knows_the_hooks_and_the_sites(home: Path) -> None:
    settings = load_settings(home)
    yard = community_settings(settings, "web")
    assert yard.hooks == {"desk": (SECRET,)}
    assert yard.event_origins == ("https://www.haedam.kr",)
    assert SECRET not in repr(settings) + repr(yard)


def test_without_sections_the_yard_takes_nothing(tmp_path: Path) -> None:
    yard = community_settings(load_settings(tmp_path), "web")
    assert (yard.hooks, yard.event_origins) == ({}, ())
