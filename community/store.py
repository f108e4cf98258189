"""Opening the community store: migrations, backups, and handing connections back.

A SQLite store is migrated when a process starts, after a copy of the file was kept. A PostgreSQL
store is migrated only by an explicit order, for several processes may be at work on it.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from community.configure import sqlite_path
from community.errors import CommunityError

# Any number that no other program on the same PostgreSQL server uses: the letters "madang".
ADVISORY_LOCK = 0x6D6164616E67


@dataclass(frozen=True)
class Prepared:
    """What it took to bring the store up to date: names of migrations, and the copy kept."""

    applied: tuple[str, ...]
    backup: Path | None


def prepare_store() -> Prepared:
    """Make the store ready to use at the start of a process.

    SQLite: migrates, after a backup beside the file when there was something in it. PostgreSQL:
    raises CommunityError when migrations wait, for only `migrate` applies them there.
    """
    path = sqlite_path()
    if path is None:
        waiting = _waiting()
        if waiting:
            raise CommunityError(
                f"The community store lacks {len(waiting)} migrations ({waiting[0]} first). "
                "Stop the other processes and run: madang migrate"
            )
        prepared = Prepared((), None)
    else:
        prepared = _migrate_file(path)
    SessionStore.clear_expired()
    return prepared


def migrate() -> Prepared:
    """Apply what migrations wait, whichever store it is; one process at a time."""
    path = sqlite_path()
    if path is not None:
        return _migrate_file(path)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            try:
                return Prepared(_apply(), None)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
    except DatabaseError as error:
        raise CommunityError(_unreachable(error)) from error


@contextmanager
def store_released() -> Iterator[None]:
    """Hand this thread's connection back at the end: for work outside of Django's requests."""
    release_store()
    try:
        yield
    finally:
        release_store()


def release_store() -> None:
    """Hand this thread's connection back now."""
    close_old_connections()


def _migrate_file(path: Path) -> Prepared:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = _waiting()
        if not waiting:
            return Prepared((), None)
        backup = _backup(path)
        # Django records a migration after it has committed it. All in one transaction, so that a
        # process killed in between leaves no tables that the next start would make again. Foreign
        # keys can only be let go before a transaction begins.
        with connection.constraint_checks_disabled(), transaction.atomic():
            applied = _apply()
    path.chmod(0o600)
    return Prepared(applied, backup)


def _waiting() -> tuple[str, ...]:
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise CommunityError(_unreachable(error)) from error
    return tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan)


def _apply() -> tuple[str, ...]:
    waiting = _waiting()
    if waiting:
        call_command("migrate", verbosity=0, interactive=False)
    return waiting


def _backup(path: Path) -> Path | None:
    """A consistent copy beside the file (what stands in its WAL included), or None if empty."""
    if not connection.introspection.table_names():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    copy = path.with_name(f"{path.stem}-before-migration-{stamp}{path.suffix}")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)
    return copy


def _unreachable(error: DatabaseError) -> str:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return f"The community store cannot be used: {reason}. Check community.url in the settings."
