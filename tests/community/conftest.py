"""A community store of its own for each test, and people who visit the staff's pages.

The store is SQLite, or what MADANG_TEST_DATABASE_URL names: `test_postgresql.py` runs this whole
folder once more on a real PostgreSQL.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from community.configure import LANGUAGES, sqlite_path

os.environ["DJANGO_SETTINGS_MODULE"] = "community.settings_test"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.cache.backends.locmem import LocMemCache  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponseBase  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.utils import translation  # noqa: E402

from community.actions import create_staff, migrate  # noqa: E402
from community.configure import django_settings  # noqa: E402
from community.members.models import Member  # noqa: E402
from community.queries import Staff  # noqa: E402
from community.settings_test import TEST_SETTINGS  # noqa: E402

PASSWORD = "가을 하늘 공활한데 7"
COMMUNITY = Path(__file__).parents[2] / "community"


class Visitor:
    """A browser without scripts: keeps cookies, reads the token of a form before sending it."""

    def __init__(self, address: str = "203.0.113.7") -> None:
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=address)

    def get(self, path: str) -> HttpResponseBase:
        return self.client.get(path)

    def submit(self, page: str, action: str | None = None, **fields: str) -> HttpResponseBase:
        """Open `page`, fill in its form and send it to `action` (the page itself by default)."""
        html = self.client.get(page).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
        assert token, f"{page} has no form"
        return self.client.post(action or page, {"csrfmiddlewaretoken": token[1], **fields})

    def sign_in(
        self, email: str = "mina@example.kr", password: str = PASSWORD, **fields: str
    ) -> HttpResponseBase:
        return self.submit("/staff/sign-in", email=email, password=password, **fields)

    def enter(self, member: Member) -> "Visitor":
        """Be signed in as this member, without the sign-in page."""
        self.client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
        return self

    @property
    def session_key(self) -> str:
        cookie = self.client.cookies.get("madang_desk_session")
        return cookie.value if cookie else ""


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    """The message catalogues as `make install` compiles them, so that none is stale."""
    command = [sys.executable, "-m", "babel.messages.frontend", "compile", "-D", "django"]
    for folder in (COMMUNITY / "locale", *COMMUNITY.glob("*/locale")):
        subprocess.run([*command, "-d", str(folder)], check=True, capture_output=True)
        assert all((folder / code / "LC_MESSAGES" / "django.mo").exists() for code, _ in LANGUAGES)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """An empty, migrated SQLite file to copy for each test; None on PostgreSQL."""
    migrate()
    path = sqlite_path()
    if path is None:
        yield None
        connection.close()
        return
    connection.close()
    template = tmp_path_factory.mktemp("store") / "template.sqlite"
    shutil.copy(path, template)
    yield template
    connection.close()
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()


@pytest.fixture(autouse=True)
def store(migrated: Path | None) -> Iterator[None]:
    """An empty store; the audit refuses deletions, so SQLite is copied anew and not emptied."""
    path = sqlite_path()
    connection.close()
    if path is not None and migrated is not None:
        for left in path.parent.glob(f"{path.name}-*"):
            left.unlink()
        shutil.copy(migrated, path)
    else:
        empty_tables()
    translation.activate("ko")
    yield
    connection.close()


def empty_tables() -> None:
    """Empty PostgreSQL's tables. Deleting few rows is quicker than to truncate a hundred tables,
    and a session in a replica's role meets no trigger: the audit refuses deletions, rightly."""
    with connection.cursor() as cursor:
        kept = ("django_migrations", "django_content_type", "auth_permission")
        tables = [t for t in connection.introspection.table_names(cursor) if t not in kept]
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables
            )
        )
        deleted = [f'DELETE FROM "{name}"' for (name,) in cursor.fetchall()]
        cursor.execute(
            "; ".join(
                (
                    "SET session_replication_role = replica",
                    *deleted,
                    "SET session_replication_role = DEFAULT",
                    "SELECT setval(format('%I.%I', schemaname, sequencename), 1, false) "
                    "FROM pg_sequences WHERE last_value IS NOT NULL "
                    f"AND sequencename !~ '^({'|'.join(kept)})_id_seq$'",
                )
            )
        )


@pytest.fixture
def mina() -> Staff:
    """The brand manager of the tests' cast."""
    return create_staff("mina@example.kr", "이미나", PASSWORD, "brand_manager")


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture
def web() -> Iterator[None]:
    """The process in the public yard's role: its pages, middleware and cookie names."""
    yard = django_settings(TEST_SETTINGS, "web")
    kept = {"PASSWORD_HASHERS", "DATABASES"}
    changed = {
        name: value
        for name, value in yard.items()
        if name not in kept and value != getattr(settings, name, None)
    }
    forget_what_pages_remember()
    with override_settings(**changed):
        yield
    forget_what_pages_remember()


def forget_what_pages_remember() -> None:
    """What a process keeps in memory of its store, for the next test has another one."""
    from community.ideas.similar import TITLES

    LocMemCache("yard pages", {}).clear()
    cache.clear()
    TITLES.forget()


class Joiner:
    """Makes customers with a verified address, as sign-up leaves them."""

    def __init__(self) -> None:
        self._joined = 0

    def __call__(self, name: str = "박서연", email: str | None = None) -> Member:
        from allauth.account.models import EmailAddress

        self._joined += 1
        address = email or f"customer{self._joined}@example.kr"
        member = Member(email=address, name=name)
        member.set_password(PASSWORD)
        member.save(force_insert=True)
        EmailAddress.objects.create(user=member, email=address, verified=True, primary=True)
        return member


@pytest.fixture
def join() -> Joiner:
    """`join(name, email) -> Member`: a customer of the tests' cast."""
    return Joiner()
