"""The DuckDB file: opened by one process, closed to every file but landing and jobs.

Readers each get a cursor of their own and see the last commit; there is one writer at a time.
"""

import os
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from warehouse import ask, serving
from warehouse.durable import make_folder, sync_folder
from warehouse.errors import WarehouseError

__all__ = ["Warehouse", "WarehouseError", "open_warehouse"]

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_THREADS: Final = min(os.cpu_count() or 1, 8)
_BACKUPS_KEPT: Final = 3


def open_warehouse(
    path: Path, landing: Path, jobs: Path, zone: str, *, memory_limit: str = "4GB"
) -> "Warehouse":
    """Open the file at `path`, made and migrated where needed, with days counted in `zone`.

    `landing` and `jobs` are the only folders its SQL can read or write. Before an existing file is
    migrated it is copied to `backups/` beside it. Raises WarehouseError when another process has
    it open, or when it is of a later version of this program.
    """
    for folder in (path.parent, landing, jobs):
        make_folder(folder)
    return Warehouse(path, landing, jobs, zone, memory_limit)


class Warehouse:
    """An open warehouse; safe to share between threads."""

    def __init__(self, path: Path, landing: Path, jobs: Path, zone: str, memory_limit: str) -> None:
        self.path = path
        self.landing = landing
        self.jobs = jobs
        self.zone = zone
        self.memory_limit = memory_limit
        self._writer = threading.RLock()
        self._writing_thread: int | None = None
        self._readers: Counter[int] = Counter()  # by thread
        self._closing = False
        self._changed = threading.Condition()
        self._connection: duckdb.DuckDBPyConnection | None = self._open()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one thread's questions; it sees what is committed."""
        thread = threading.get_ident()
        with self._changed:
            # A thread that reads already may go on, or closing would wait for it and it for that.
            self._changed.wait_for(lambda: not self._closing or self._readers[thread] > 0)
            if self._connection is None:
                raise WarehouseError(f"{self.path} is closed. Open it again to ask it.")
            cursor = self._connection.cursor()
            self._readers[thread] += 1
        try:
            yield cursor
        finally:
            cursor.close()
            with self._changed:
                self._readers -= Counter([thread])
                self._changed.notify_all()

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor in a transaction that is committed at the end, or rolled back on an error.

        Other writers wait. Raises WarehouseError when this thread is writing already.
        """
        if self._writing_thread == threading.get_ident():
            raise WarehouseError(
                "This thread is writing to the warehouse already. Finish that transaction first."
            )
        with self.undisturbed(), self.reading() as cursor:
            self._writing_thread = threading.get_ident()
            cursor.begin()
            try:
                yield cursor
            except BaseException:
                cursor.rollback()
                raise
            else:
                cursor.commit()
            finally:
                self._writing_thread = None

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """While this lasts no other thread writes; reading goes on."""
        with self._writer:
            yield

    def replace_with(self, path: Path) -> None:
        """Put another, closed warehouse file in place of this one; readers wait for the moment.

        `path` must be on the same file system. A crash leaves the old file or the new one.
        """
        with self.undisturbed(), self._without_readers():
            self._close()
            path.rename(self.path)
            sync_folder(self.path.parent)
            self._connection = self._open()

    def close(self) -> None:
        """Close the file, once its readers and its writer are done."""
        with self.undisturbed(), self._without_readers():
            self._close()

    @contextmanager
    def _without_readers(self) -> Iterator[None]:
        with self._changed:
            self._closing = True
            self._changed.wait_for(lambda: not +self._readers)
            try:
                yield
            finally:
                self._closing = False
                self._changed.notify_all()

    def _close(self) -> None:
        if self._connection is None:
            return
        try:
            # All into the one file, or an error: a log left beside it would not be moved with it.
            self._connection.execute("CHECKPOINT")
        finally:
            self._connection.close()
            self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        connection = self._connect()
        try:
            if pending := _pending(connection, self.path):
                if _is_migrated(connection):
                    connection.execute("CHECKPOINT")  # so that the file alone holds everything
                    connection.close()
                    _back_up(self.path)
                    connection = self._connect()
                _migrate(connection, pending)
            serving.keep_zone(connection, self.zone)
            self._confine(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self) -> duckdb.DuckDBPyConnection:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": _THREADS,
            "memory_limit": self.memory_limit,
            "temp_directory": str(self.jobs / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
        try:
            connection = duckdb.connect(str(self.path), config=config)
            connection.execute(f"SET GLOBAL TimeZone = {_literal(self.zone)}")
        except duckdb.IOException as error:
            raise WarehouseError(
                f"{self.path} cannot be opened: {error}. If another process holds it, "
                "ask that process, or wait until it has ended."
            ) from error
        self.path.chmod(0o600)
        return connection

    def _confine(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Shut every other file away from SQL; in this order, as the second freezes the first."""
        folders = ", ".join(_literal(str(p.resolve())) for p in (self.landing, self.jobs))
        connection.execute(f"SET GLOBAL allowed_directories = [{folders}]")
        connection.execute("SET GLOBAL enable_external_access = false")
        connection.execute("SET GLOBAL lock_configuration = true")


def _literal(text: str) -> str:
    """`text` as an SQL string; for SET, which takes no parameters."""
    return "'" + text.replace("'", "''") + "'"


def _is_migrated(connection: duckdb.DuckDBPyConnection) -> bool:
    found = ask.number(
        connection, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'migrations'"
    )
    return found > 0


def _pending(connection: duckdb.DuckDBPyConnection, path: Path) -> list[Path]:
    """The migrations this file has not had; WarehouseError when it has had one not known here."""
    known = sorted(MIGRATIONS.glob("[0-9]*.sql"))
    if not _is_migrated(connection):
        return known
    applied = {row[0] for row in connection.execute("SELECT name FROM migrations").fetchall()}
    if unknown := applied - {migration.stem for migration in known}:
        raise WarehouseError(
            f"{path} has had the migrations {sorted(unknown)}, which this program does not know. "
            "Run the program it was last opened with, or a later one."
        )
    return [migration for migration in known if migration.stem not in applied]


def _migrate(connection: duckdb.DuckDBPyConnection, pending: list[Path]) -> None:
    connection.begin()
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (name VARCHAR PRIMARY KEY, applied_at TIMESTAMPTZ)"
    )
    for migration in pending:
        try:
            connection.execute(migration.read_text(encoding="utf-8"))
        except duckdb.Error as error:
            connection.rollback()
            raise WarehouseError(
                f"The migration {migration.stem} failed and was undone: {error}. "
                "The warehouse is as it was, and a copy of it is in backups/."
            ) from error
        connection.execute("INSERT INTO migrations VALUES (?, now())", [migration.stem])
    connection.commit()


def _back_up(path: Path) -> None:
    """Copy a closed file into `backups/`, and let go of all but the newest few copies."""
    folder = path.parent / "backups"
    make_folder(folder)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    copy = folder / f"{path.stem}-{stamp}{path.suffix}"
    shutil.copyfile(path, copy)
    copy.chmod(0o600)
    sync_folder(folder)
    for old in sorted(folder.glob(f"{path.stem}-*{path.suffix}"))[:-_BACKUPS_KEPT]:
        old.unlink()
