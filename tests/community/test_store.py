"""Where the store may be, how it is brought up to date, and that a backup is a whole one."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from community.configure import CommunitySettings, configure, database, django_settings, sqlite_path
from community.errors import CommunityError
from community.settings_test import TEST_SETTINGS

ON_SQLITE = sqlite_path() is not None
ROOT = Path(__file__).parents[2]
KEY = "k" * 40


def in_a_new_process(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` with the store at `path`: Django can be configured only once a process."""
    begin = (
        "from community.configure import CommunitySettings, configure\n"
        f"configure(CommunitySettings('sqlite:///{path}', '{KEY}'), 'command')\n"
        "from community import actions, queries\n"
    )
    return subprocess.run(
        [sys.executable, "-c", begin + code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_models_and_the_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_configuration_passes_djangos_own_checks() -> None:
    call_command("check", fail_level="WARNING")


on_sqlite = pytest.mark.skipif(not ON_SQLITE, reason="about SQLite, and shown in that run")


@on_sqlite
def test_sqlite_is_opened_safely() -> None:
    with connection.cursor() as cursor:
        pragmas = {}
        for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout"):
            pragmas[name] = cursor.execute(f"PRAGMA {name}").fetchone()[0]
    assert pragmas == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": 20_000,
    }
    assert connection.transaction_mode == "IMMEDIATE"


@on_sqlite
def test_a_new_store_is_made_and_a_second_start_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "var" / "community.sqlite"
    run = in_a_new_process("print(actions.prepare_store())", path)
    assert run.returncode == 0, run.stderr
    assert "members.0001_initial" in run.stdout and "backup=None" in run.stdout
    assert path.stat().st_mode & 0o077 == 0
    run = in_a_new_process("print(actions.prepare_store())", path)
    assert run.stdout.strip() == "Prepared(applied=(), backup=None)"
    assert not list(path.parent.glob("*-before-migration-*"))


@on_sqlite
def test_an_old_store_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "community.sqlite"
    code = (
        "from django.core.management import call_command\n"
        "actions.prepare_store()\n"
        f"actions.create_staff('mina@example.kr', '이미나', '{KEY}', 'engineer')\n"
        "call_command('migrate', 'decisions', '0001', verbosity=0)\n"
    )
    run = in_a_new_process(code, path)
    assert run.returncode == 0, run.stderr
    run = in_a_new_process("print(actions.prepare_store().applied)", path)
    assert run.stdout.strip() == "('decisions.0002_audit_is_append_only',)", run.stderr
    (backup,) = tmp_path.glob("community-before-migration-*.sqlite")
    assert backup.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT name FROM members_member").fetchall() == [("이미나",)]
        applied = {name for (name,) in copy.execute("SELECT name FROM django_migrations")}
    assert "0002_audit_is_append_only" not in applied


@on_sqlite
def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "community.sqlite"
    code = (
        "from community.configure import CommunitySettings, configure\n"
        f"configure(CommunitySettings('sqlite:///{path}', '{KEY}'), 'command')\n"
        "from community import actions\n"
        "print(len(actions.prepare_store().applied))\n"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [child.communicate() for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], answers
    counts = sorted(int(out) for out, _ in answers)
    assert counts[:2] == [0, 0] and counts[2] > 0


@pytest.mark.skipif(ON_SQLITE, reason="this run's store is not PostgreSQL")
def test_postgresql_is_migrated_only_by_an_order() -> None:
    from community.actions import migrate, prepare_store

    call_command("migrate", "decisions", "0001", verbosity=0)
    try:
        with pytest.raises(CommunityError, match="madang migrate"):
            prepare_store()
    finally:
        applied = migrate().applied
    assert applied == ("decisions.0002_audit_is_append_only",)
    assert prepare_store().applied == ()


@on_sqlite
def test_a_store_out_of_reach_is_said_in_a_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a database, but long enough to be read as a header of one" * 20)
    run = in_a_new_process("actions.prepare_store()", blocked)
    assert "CommunityError: The community store cannot be used" in run.stderr
    assert "Check community.url" in run.stderr


def test_addresses_of_stores() -> None:
    assert database("sqlite:////srv/madang/community.sqlite")["NAME"] == (
        "/srv/madang/community.sqlite"
    )
    assert (
        database("sqlite:///var/community%20store.sqlite")["NAME"] == "var/community store.sqlite"
    )
    assert database(
        "postgresql://mad%40ang:p%2Fw@db.example:6432/yard?sslmode=require&connect_timeout=5"
    ) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "yard",
        "USER": "mad@ang",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require", "connect_timeout": "5"},
    }
    assert database("postgresql://me@/yard?host=/run/pg")["HOST"] == "/run/pg"
    for url in ("mysql://a/b", "sqlite://", "", "postgresql://host", "/var/community.sqlite"):
        with pytest.raises(CommunityError, match=r"community\.url"):
            database(url)


def test_no_secret_is_shown() -> None:
    settings = CommunitySettings("postgresql://me:geheim@db/yard", "s3cret" * 8)
    assert "geheim" not in repr(settings) and "s3cret" not in repr(settings)
    with pytest.raises(CommunityError, match="secret_key") as refused:
        django_settings(CommunitySettings("sqlite:///x", "short-one"), "desk")
    assert "short-one" not in str(refused.value)
    with pytest.raises(CommunityError) as refused:
        database("mysql://me:geheim@db/yard")
    assert "geheim" not in str(refused.value)


def test_roles_have_cookies_of_their_own() -> None:
    names = {
        django_settings(TEST_SETTINGS, role)[setting]
        for role in ("web", "desk", "command")
        for setting in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    }
    assert len(names) == 6 and "madang_desk_session" in names


@on_sqlite
def test_a_process_is_configured_once() -> None:
    with pytest.raises(CommunityError, match="one configuration"):
        configure(CommunitySettings("sqlite:///elsewhere", KEY), "web")
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from community.configure import CommunitySettings as S, configure\n"
            f"for _ in range(2): configure(S('sqlite:///x', '{KEY}'), 'web')",
        ],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        check=False,
    )
    assert run.returncode == 0
