"""`madang add`: asked, tried, and written only when it works and is wanted."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from collectors import SOURCES
from collectors.base import CollectorError, SourceKind
from madang import adding
from madang.settings import MadangError, load_settings
from madang.trying import tried
from madang.writing import write
from tests.fakes.feeds import Entry, Feed, FeedServer
from tests.fakes.stream import TOKEN, StreamServer
from tests.fakes.tape import TAPE
from tests.taped import TapedInstance
from tests.terminal import conversation


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with StreamServer() as running:
        for number in range(5):
            running.log.post(str(number), f"{number}번 문의: 010-1234-5678로 연락 주세요")
        yield running


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[TapedInstance]:
    made = TapedInstance(tmp_path)
    try:
        yield made
    finally:
        made.end()


MADANG_TOML = """\
# 해담 인스턴스: 바꾸기 전에 물어보세요
brand = "해담"   # 우리 이름

[schedule]
minutes = 0  # 시험이라 돌지 않아요
"""


def test_a_source_that_works_is_written_and_nothing_else_changes(
    instance: TapedInstance, server: StreamServer
) -> None:
    path = instance.home / "madang.toml"
    path.write_text(MADANG_TOML, "utf-8")
    path.chmod(0o640)
    process = instance.start(
        "add", "tape", "--set", f"base_url={server.url}", "--set", f"token={TOKEN}",
        "--set", "topics=해담", "--set", "topics=가습기", "--yes",
    )  # fmt: skip
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert errors.count("연락 주세요") == 3 and "[phone]" in errors and "1234" not in errors
    assert TOKEN not in output + errors
    written = path.read_text("utf-8")
    assert written.startswith(MADANG_TOML) and TOKEN not in written
    assert tomllib.loads(written)["tape"] == {"base_url": server.url, "topics": ["해담", "가습기"]}
    assert path.stat().st_mode & 0o777 == 0o640
    secrets = instance.home / "var" / "secrets.toml"
    assert tomllib.loads(secrets.read_text())["tape"] == {"token": TOKEN}
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert not (instance.home / "var" / "landing").exists(), "a trial lands nothing"
    assert instance.answer("collect", "tape")["rows"] == 5
    (line,) = (each for each in instance.answer("add") if each["source"] == "tape")
    assert line["state"] == "in use"


def test_a_source_that_does_not_work_changes_nothing(
    instance: TapedInstance, server: StreamServer
) -> None:
    path = instance.home / "madang.toml"
    path.write_text(MADANG_TOML, "utf-8")
    told = instance.fails(
        "add", "tape", "--set", f"base_url={server.url}", "--set", "token=of-somebody", "--yes"
    )
    assert "Mend tape.token" in told and "Nothing was changed" in told
    assert "of-somebody" not in told
    assert path.read_text("utf-8") == MADANG_TOML
    assert "tape" not in (instance.home / "var" / "secrets.toml").read_text()
    assert "https://tape.example/tokens" in instance.fails("add", "tape", "--yes")


def test_what_is_answered_at_the_terminal_is_taken(
    instance: TapedInstance, server: StreamServer
) -> None:
    steps = (
        ("base_url: ", server.url),
        ("https://tape.example/tokens", None),
        ("token: ", TOKEN),
        ("Write it to", None),
        ("[y/N]: ", "y"),
    )
    shown = conversation(instance, ("add", "tape"), steps)
    assert TOKEN not in shown
    settings = tomllib.loads((instance.home / "madang.toml").read_text())
    assert settings == {"tape": {"base_url": server.url}}
    secrets = tomllib.loads((instance.home / "var" / "secrets.toml").read_text())
    assert secrets["tape"] == {"token": TOKEN}


def test_a_credential_of_the_environment_is_neither_asked_for_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = SOURCES["x"]
    names = [question.name for question in adding.questions(kind, load_settings(tmp_path))]
    assert "bearer_token" in names and "queries" in names and "base_url" not in names
    monkeypatch.setenv("MADANG__X__BEARER_TOKEN", "of-the-environment")
    settings = load_settings(tmp_path)
    names = [question.name for question in adding.questions(kind, settings)]
    assert "bearer_token" not in names and "access_token" in names
    values = adding.typed(kind, settings, {"queries": ["해담 lang:ko"]})
    kind.open(adding.chosen(kind, settings, values))
    write(kind, settings, values)
    for file in ("madang.toml", "var/secrets.toml"):
        assert "of-the-environment" not in (tmp_path / file).read_text()
    assert "of-the-environment" not in repr(settings)


def test_secrets_outrank_the_file_and_the_environment_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_settings(tmp_path)  # makes its own secrets
    (tmp_path / "madang.toml").write_text('[x]\nqueries = ["해담"]\nbearer_token = "of-the-file"\n')
    assert load_settings(tmp_path).sources["x"].bearer_token == "of-the-file"
    secrets = tmp_path / "var" / "secrets.toml"
    secrets.write_text(secrets.read_text() + '\n[x]\nbearer_token = "of-the-secrets"\n')
    settings = load_settings(tmp_path)
    assert settings.sources["x"].bearer_token == "of-the-secrets"
    assert settings.sources["x"].queries == ("해담",)
    assert "of-the-secrets" not in repr(settings) + str(settings)
    monkeypatch.setenv("MADANG__X__BEARER_TOKEN", "of-the-environment")
    assert load_settings(tmp_path).sources["x"].bearer_token == "of-the-environment"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"feed": ["https://blog.example/rss"]}, "Known: feeds"),
        ({"max_bytes": ["many"]}, "rss.max_bytes does not fit"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    with pytest.raises(MadangError, match=said):
        adding.typed(SOURCES["rss"], load_settings(tmp_path), given)


def test_lists_grow_and_entries_are_added_below(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    for address in ("https://a.example/rss", "https://b.example/rss", "https://a.example/rss"):
        values = adding.typed(SOURCES["rss"], settings, {"feeds": [address]})
        write(SOURCES["rss"], settings, values)
        settings = load_settings(tmp_path)
    assert settings.sources["rss"].feeds == ("https://a.example/rss", "https://b.example/rss")
    for name in ("shop", "board"):
        entry = f'{{"name": "{name}", "start": ["https://{name}.example/reviews"]}}'
        values = adding.typed(SOURCES["web"], settings, {"sites": [entry]})
        write(SOURCES["web"], settings, values)
        settings = load_settings(tmp_path)
    assert [site.name for site in settings.sources["web"].sites] == ["shop", "board"]
    assert (tmp_path / "madang.toml").read_text().count("[[web.sites]]") == 2


def test_a_key_is_taken_from_its_file_and_kept_whole(tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIGTAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n"
    path = tmp_path / "AuthKey_4F7.p8"
    path.write_text(key)
    settings, appstore = load_settings(tmp_path), SOURCES["appstore"]
    (asked,) = (q for q in adding.questions(appstore, settings) if q.name == "private_key")
    assert not asked.secret, "a path is typed in sight"
    for given in (str(path), key):
        values = adding.typed(appstore, settings, {"apps": ["1"], "private_key": [given]})
        write(appstore, settings, values)
        assert load_settings(tmp_path).sources["appstore"].private_key == key
    assert key not in (tmp_path / "madang.toml").read_text()
    with pytest.raises(MadangError, match=r"cannot be read from .*gone\.p8"):
        adding.typed(appstore, settings, {"private_key": [str(tmp_path / "gone.p8")]})


def test_a_trial_shows_what_fails_and_does_not_wait_for_ever(tmp_path: Path) -> None:
    rss, settings = SOURCES["rss"], load_settings(tmp_path)
    with FeedServer() as feeds:
        feeds.feeds["/news"] = Feed([Entry("소식", "필터를 바꿨어요", "1", "2026-11-20 09:30")])
        given = {
            "feeds": [f"{feeds.url}/gone", f"{feeds.url}/news"],
            "allow_private_addresses": ["true"],
        }
        values = adding.typed(rss, settings, given)
        found = tried(rss.open(adding.chosen(rss, settings, values)))
    assert [mention["text"] for mention in found.mentions] == ["필터를 바꿨어요"]
    assert len(found.failures) == 1 and "/gone" in found.failures[0]


@dataclass(frozen=True)
class _Endless:
    size: int = field(default=1, metadata={"help": "How large."})

    name = "endless"

    def fetch(self, cursor: Any) -> Iterator[Any]:
        import time

        time.sleep(30)
        yield from ()


def test_a_source_that_says_nothing_or_breaks_is_let_go(tmp_path: Path) -> None:
    assert tried(_Endless(), patience=0.2).mentions == []

    class Broken:
        name = "broken"

        def fetch(self, cursor: Any) -> Iterator[Any]:
            raise RuntimeError("the library has another opinion")

    with pytest.raises(CollectorError, match="another opinion"):
        tried(Broken())


def test_every_source_says_what_to_ask_for(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    kinds: list[SourceKind] = [*SOURCES.values(), TAPE]
    for kind in kinds:
        if kind is TAPE:
            continue
        asked = adding.questions(kind, settings)
        inner = [each for question in asked for each in question.inner]
        assert asked and all(question.help for question in (*asked, *inner))
        missing = [q.name for q in (*asked, *inner) if q.secret and not q.where]
        assert not missing, f"{kind.name} does not say where these are to be had: {missing}"
