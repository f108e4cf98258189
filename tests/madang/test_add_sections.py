"""`madang add` for sources with sections by name: hooks that others send to, and folders."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from collectors import SOURCES
from collectors.base import SourceUnavailable
from collectors.webhook import Hook, fresh_secret
from madang import adding
from madang.senders import example
from madang.settings import MadangError, load_settings
from madang.writing import write
from tests.instance import Instance, answers, free_port
from tests.terminal import conversation
from tests.working import until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WRITTEN = """\
# 해담 인스턴스
[webhook]
keep_days = 3  # 사흘이면 돼요

# 상담은 전화로만 와요
[webhook.hooks.calls]
profile = "transcript"  # 콜센터

# 시험이라 돌지 않아요
[schedule]
minutes = 0
"""


@pytest.fixture
def dropped(tmp_path: Path) -> Path:
    """A folder with an export of a shop in it."""
    folder = tmp_path / "받은 파일"
    folder.mkdir()
    rows = ["번호,내용,작성일"]
    rows += [f"{n},배송이 {n}일이나 늦었어요 010-1234-5678,2026-11-{n:02d}" for n in range(1, 6)]
    (folder / "reviews.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def settings_of(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "madang.toml").read_text("utf-8"))


def secrets_of(home: Path) -> dict[str, Any]:
    path = home / "var" / "secrets.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    return tomllib.loads(path.read_text("utf-8"))


def put(home: Path, source: str, **given: str) -> None:
    """Take settings by name and write them down; `__` stands for a dot."""
    kind, settings = SOURCES[source], load_settings(home)
    named = {name.replace("__", "."): [value] for name, value in given.items()}
    write(kind, settings, adding.typed(kind, settings, named))


def test_a_folder_is_asked_for_tried_on_copies_and_collected(
    instance: Instance, dropped: Path
) -> None:
    (instance.home / "madang.toml").write_text(WRITTEN, "utf-8")
    shown = conversation(
        instance,
        ("add", "folder"),
        (
            ("name: ", "내 폴더"),
            ("cannot be a name", None),
            ("name: ", "shop"),
            ("path: ", str(dropped)),
            ("One of: table, transcript. It is table", None),
            ("profile: ", ""),
            ("mapping, as NAME=VALUE: ", "내용 = text"),
            ("one more, or Enter: ", "번호=native_id"),
            ("one more, or Enter: ", "작성일=created_at"),
            ("one more, or Enter: ", ""),
            ("rating_scale: ", ""),
            ("[y/N]: ", "y"),
        ),
    )
    assert shown.count("늦었어요 [phone]") == 3
    assert "done/" in shown
    text = (instance.home / "madang.toml").read_text("utf-8")
    assert text.startswith(WRITTEN)
    mapping = {"내용": "text", "번호": "native_id", "작성일": "created_at"}
    assert settings_of(instance.home)["folder"] == {
        "drops": {"shop": {"path": str(dropped), "mapping": mapping}}
    }
    assert [path.name for path in dropped.iterdir()] == ["reviews.csv"], "a trial takes nothing"
    assert not list((instance.home / "var").glob("trial-*"))
    instance.run("add", "folder", "--set", "settle_seconds=0", "--yes")
    assert instance.answer("collect", "folder")["rows"] == 5
    assert (dropped / "done" / "reviews.csv").exists()


def test_a_folder_that_cannot_be_read_so_changes_nothing(instance: Instance, dropped: Path) -> None:
    (instance.home / "madang.toml").write_text(WRITTEN, "utf-8")
    given = {"drops.shop.path": str(dropped), "drops.shop.mapping": "본문=text"}
    told = instance.fails(
        "add", "folder", "--yes", *(w for k, v in given.items() for w in ("--set", f"{k}={v}"))
    )
    assert "not had: reviews.csv: " in told and "Nothing was changed" in told
    assert (instance.home / "madang.toml").read_text("utf-8") == WRITTEN
    assert [path.name for path in dropped.iterdir()] == ["reviews.csv"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"drops.shop.path": "없는 폴더"}, "없는 폴더, which is no folder"),
        ({"drops.shop.profile": "transcript"}, "path is empty"),
        ({"drops.s.h.path": "/"}, r"drops\.s has no setting 'h\.path'"),
        ({"path": "/"}, "folder has no setting 'path'. Known: drops"),
    ],
)
def test_a_folder_that_is_none_is_said(tmp_path: Path, given: dict[str, str], said: str) -> None:
    kind, settings = SOURCES["folder"], load_settings(tmp_path)
    with pytest.raises((MadangError, SourceUnavailable), match=said):
        values = adding.typed(kind, settings, {k: [v] for k, v in given.items()})
        kind.open(adding.chosen(kind, settings, values))


def test_a_folder_is_named_as_from_anywhere(
    tmp_path: Path, dropped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "folder", drops__shop__path=dropped.name)
    assert settings_of(tmp_path)["folder"]["drops"]["shop"]["path"] == str(dropped)


@contextmanager
def yard(instance: Instance, port: int) -> Iterator[None]:
    """The yard as a process, as `madang up` starts it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "madang.web"], stdin=subprocess.PIPE, env=instance.environment
    )
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 120, every=0.1)
        yield
    finally:
        process.terminate()
        process.communicate()


def test_a_hook_is_asked_for_and_takes_the_example_it_is_shown_with(instance: Instance) -> None:
    port = free_port()
    (instance.home / "madang.toml").write_text(f"[yard]\nport = {port}\n\n{WRITTEN}", "utf-8")
    put(instance.home, "webhook", hooks__calls__secret=SECRET)
    shown = conversation(
        instance,
        ("add", "webhook"),
        (
            ("There are: calls", None),
            ("name: ", "calls"),
            ("Change it? [y/N]: ", ""),
            ("name: ", "helpdesk"),
            ("profile: ", ""),
            ("fields, as NAME=VALUE: ", "text=ticket.body"),
            ("one more, or Enter: ", ""),
            ("kind: What they are", None),
            ("kind: ", "ticket"),
            ("scale: ", ""),
            ("openssl rand -base64 32)", None),
            ("secret: ", ""),
            ("Make a secret? [Y/n]: ", ""),
            ("brought no mention yet", None),
            ("[y/N]: ", "y"),
        ),
    )
    made = secrets_of(instance.home)["webhook"]["hooks"]
    assert made["calls"] == {"secret": SECRET}
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", made["helpdesk"]["secret"])
    text = (instance.home / "madang.toml").read_text("utf-8")
    assert WRITTEN in text
    assert made["helpdesk"]["secret"] not in text + shown
    helpdesk = settings_of(instance.home)["webhook"]["hooks"]["helpdesk"]
    assert helpdesk == {"fields": {"text": "ticket.body"}, "kind": "ticket"}
    (call,) = (line for line in shown.splitlines() if line.startswith("curl "))
    assert f"http://127.0.0.1:{port}/hooks/helpdesk" in call
    with yard(instance, port):
        sent = subprocess.run(["sh", "-c", f"{call} -s"], capture_output=True, check=True)
        assert json.loads(sent.stdout)["known"] is False
    again = instance.start("add", "webhook", "--set", "hooks.helpdesk.product=해담 숨", "--yes")
    _, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    assert "마당에 보내는 시험입니다" in errors, "what has come is shown"
    assert "not had" not in errors
    assert instance.answer("collect", "webhook")["rows"] == 1
    (row,) = instance.answer("sql", "SELECT kind, product FROM mentions")
    assert (row["kind"], row["product"]) == ("ticket", "해담 숨")


def test_a_second_hook_stands_beside_the_first_and_a_known_one_is_changed(tmp_path: Path) -> None:
    (tmp_path / "madang.toml").write_text(WRITTEN, "utf-8")
    put(tmp_path, "webhook", hooks__calls__secret=SECRET, hooks__shop__profile="transcript",
        hooks__shop__secret=SECRET)  # fmt: skip
    put(tmp_path, "webhook", hooks__calls__kind="chat", hooks__calls__fields__text="words")
    put(tmp_path, "webhook", hooks__calls__fields="native_id = id", keep_days="5")
    text = (tmp_path / "madang.toml").read_text("utf-8")
    changed = WRITTEN.replace("keep_days = 3", "keep_days = 5").replace(
        "# 콜센터\n",
        '# 콜센터\nkind = "chat"\nfields = {text = "words", native_id = "id"}\n',
    )
    assert text == f'{changed}\n[webhook.hooks.shop]\nprofile = "transcript"\n'
    hooks = load_settings(tmp_path).sources["webhook"].hooks
    assert list(hooks) == ["calls", "shop"]
    assert [hook.secret for hook in hooks.values()] == [SECRET, SECRET]
    assert hooks["calls"].fields == {"text": "words", "native_id": "id"}
    assert set(secrets_of(tmp_path)["webhook"]["hooks"]) == {"calls", "shop"}


def test_the_environment_says_the_secret_of_a_section_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "webhook", hooks__shop__profile="transcript")
    kind = SOURCES["webhook"]

    def asked() -> list[str]:
        found = adding.questions_of_section(kind, load_settings(tmp_path), "hooks", "shop")
        return [question.name for question in found]

    assert asked() == ["profile", "fields", "kind", "scale", "secret"]
    monkeypatch.setenv("MADANG__WEBHOOK__HOOKS__SHOP__SECRET", SECRET)
    assert "secret" not in asked()
    assert load_settings(tmp_path).sources["webhook"].hooks["shop"].secret == SECRET


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hooks.a b.secret": SECRET}, "'a b' cannot be a name. Take letters"),
        ({"hooks.상담.secret": SECRET}, "cannot be a name"),
        ({f"hooks.{'x' * 65}.secret": SECRET}, "64 at most"),
        ({"hooks.shop": SECRET}, "hooks.NAME.SETTING=VALUE"),
        ({"hooks": "shop"}, "hooks.NAME.SETTING=VALUE"),
        ({"hooks.shop.secrte": SECRET}, "webhook.hooks.shop has no setting 'secrte'. Known: secr"),
        ({"hooks.shop.fields": "text"}, "'text' is not written as NAME=VALUE"),
        ({"hooks.shop.scale": "5"}, r"as in \[1, 5\]"),
        ({"keep_days.x": "5"}, "has no setting 'keep_days.x'"),
    ],
)
def test_what_does_not_fit_a_section_is_said(
    tmp_path: Path, given: dict[str, str], said: str
) -> None:
    with pytest.raises(MadangError, match=said):
        adding.typed(
            SOURCES["webhook"], load_settings(tmp_path), {k: [v] for k, v in given.items()}
        )


def test_a_section_may_be_given_in_json(tmp_path: Path) -> None:
    whole = {"secret": SECRET, "fields": {"text": "t"}, "scale": [1, 5], "customers": ["사용자"]}
    values = adding.typed(
        SOURCES["webhook"], load_settings(tmp_path), {"hooks.shop": [json.dumps(whole)]}
    )
    hook = adding.chosen(SOURCES["webhook"], load_settings(tmp_path), values).hooks["shop"]
    assert (hook.secret, hook.fields, hook.scale) == (SECRET, {"text": "t"}, (1.0, 5.0))
    assert hook.customers[-1] == "사용자"


def test_a_hook_without_a_secret_is_refused_with_a_way_to_make_one(tmp_path: Path) -> None:
    kind, settings = SOURCES["webhook"], load_settings(tmp_path)
    values = adding.typed(kind, settings, {"hooks.shop.profile": ["transcript"]})
    with pytest.raises(SourceUnavailable, match="openssl rand"):
        kind.open(adding.chosen(kind, settings, values))
    values = adding.typed(kind, settings, {"hooks.shop.profile": ["transcript"],
                                           "hooks.shop.secret": [fresh_secret()]})  # fmt: skip
    kind.open(adding.chosen(kind, settings, values))


@pytest.mark.parametrize(
    "form",
    [
        '[webhook]\nhooks = { calls = { profile = "transcript" } }\n',
        '[webhook]\nhooks.calls.profile = "transcript"\n',
    ],
)
def test_a_form_that_cannot_be_added_to_is_left_and_said(tmp_path: Path, form: str) -> None:
    (tmp_path / "madang.toml").write_text(form)
    load_settings(tmp_path)
    kept = secrets_of(tmp_path)
    with pytest.raises(MadangError, match="as a section of its own") as told:
        put(tmp_path, "webhook", hooks__calls__kind="chat", hooks__calls__secret=SECRET)
    assert SECRET not in str(told.value)
    assert (tmp_path / "madang.toml").read_text() == form
    assert secrets_of(tmp_path) == kept, "neither file is written without the other"


def test_a_new_setting_stands_above_what_is_said_of_the_next_section(tmp_path: Path) -> None:
    path = tmp_path / "madang.toml"
    below = (
        '\n# 크롤러\n[[web.sites]]\nname = "a"\nstart = ["https://a.example/"]\n'
        "\n# 시간표\n[schedule]\nminutes = 0"
    )
    path.write_text(f"[rss]\nfeeds = []  # 아직 없음\n{below}")
    put(tmp_path, "rss", lang="ko")
    entry = '{"name": "b", "start": ["https://b.example/"]}'
    put(tmp_path, "web", sites=entry)
    assert path.read_text() == (
        f'[rss]\nfeeds = []  # 아직 없음\nlang = "ko"\n{below}\n'
        '\n[[web.sites]]\nname = "b"\nstart = ["https://b.example/"]\n'
    )


def test_visits_are_counted_and_told_how_to_be_sent(instance: Instance) -> None:
    given = ("--set", "origins=https://www.haedam.kr", "--yes")
    process = instance.start("add", "webevents", *given)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert '<script src="http://127.0.0.1:8000/events.js"></script>' in errors
    assert settings_of(instance.home) == {"webevents": {"origins": ["https://www.haedam.kr"]}}
    assert "no origin" in instance.fails("add", "webevents", "--set", "origins=haedam", "--yes")


@pytest.mark.parametrize(
    ("hook", "is_shown"),
    [
        (Hook(profile="transcript", customers=("사용자",)), True),
        (Hook(fields={"text": "a.b.c", "rating": "a.stars"}, scale=(1, 5)), True),
        (Hook(fields={"text": "words"}, rows="data.answers"), True),
        (Hook(fields={"text": "comments[-1].body"}), False),
        (Hook(fields={"text": "words"}, rows="answers[?done]"), False),
    ],
)
def test_an_example_is_shown_only_where_it_becomes_a_mention(hook: Hook, is_shown: bool) -> None:
    from datetime import UTC, datetime

    said = example(hook)
    assert (said is not None) == is_shown
    if said is not None:
        (row,) = hook.rows_of(json.loads(said), "m1", datetime.now(UTC))
        assert "시험" in row["text"]
