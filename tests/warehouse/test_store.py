"""The file: who may open it, what its SQL can reach, and what happens when its shape changes."""

import subprocess
import sys
import threading

import duckdb
import pytest

from warehouse import store
from warehouse.errors import WarehouseError
from warehouse.load import load
from warehouse.store import open_warehouse


def test_no_file_but_landing_and_jobs_can_be_reached(house, row):
    landed = house.land([row(1)])
    (house.folder / "secrets.toml").write_text("key = 1")
    with house.warehouse.reading() as cursor:
        read = f"SELECT count(*) FROM read_parquet('{landed.path}')"
        assert cursor.execute(read).fetchall() == [(1,)]
        for closed in (
            "SELECT * FROM read_text('/etc/passwd')",
            f"SELECT * FROM read_blob('{house.landing.folder}/../secrets.toml')",
            f"COPY mentions TO '{house.folder}/stolen.csv'",
            "ATTACH 'other.duckdb'",
        ):
            with pytest.raises(duckdb.PermissionException):
                cursor.execute(closed).fetchall()
        with pytest.raises(duckdb.Error, match="locked"):
            cursor.execute("SET enable_external_access = true")


def test_a_failed_write_leaves_nothing(house, row):
    house.land([row(1)])
    house.load()
    with pytest.raises(RuntimeError, match="lights out"), house.warehouse.writing() as cursor:
        cursor.execute("DELETE FROM mentions")
        raise RuntimeError("lights out")
    assert house.value("SELECT count(*) FROM mentions") == 1


def test_writing_inside_writing_is_an_error_and_no_deadlock(house):
    with (
        pytest.raises(WarehouseError, match="writing to the warehouse already"),
        house.warehouse.writing(),
        house.warehouse.writing(),
    ):
        raise AssertionError("it was let in")
    with house.warehouse.writing() as cursor:
        cursor.execute("SELECT 1").fetchall()


def test_another_process_is_told_who_holds_the_file(house):
    script = (
        "import sys; from pathlib import Path; from warehouse.store import open_warehouse\n"
        "f = Path(sys.argv[1])\n"
        "open_warehouse(f / 'warehouse.duckdb', f / 'landing', f / 'jobs', 'Asia/Seoul')"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(house.folder)], capture_output=True, text=True
    )
    assert told.returncode != 0
    assert "WarehouseError" in told.stderr and "another process" in told.stderr


def test_closed_means_closed(house):
    house.warehouse.close()
    with pytest.raises(WarehouseError, match="is closed"), house.warehouse.reading():
        raise AssertionError("it was let in")


def test_a_new_zone_moves_the_days(house, row):
    house.land([row(1)])  # 08:00 UTC
    house.load()
    assert house.value("SELECT day::VARCHAR FROM daily") == "2026-11-01"
    house.warehouse.close()
    house.open(zone="Pacific/Kiritimati")  # fourteen hours ahead
    house.warehouse.close()
    house.open(zone="Pacific/Pago_Pago")  # eleven behind
    assert house.value("SELECT day::VARCHAR FROM daily") == "2026-10-31"


@pytest.fixture
def with_migration(tmp_path, monkeypatch):
    """The migrations of this program and one of tomorrow."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in store.MIGRATIONS.glob("*.sql"):
        (folder / path.name).write_bytes(path.read_bytes())

    def add(name: str, text: str) -> None:
        (folder / name).write_text(text)
        monkeypatch.setattr(store, "MIGRATIONS", folder)

    return add


def test_before_a_migration_the_file_is_copied(house, row, with_migration):
    house.land([row(1)])
    house.load()
    house.warehouse.close()
    with_migration("9001_mood.sql", "ALTER TABLE mentions ADD COLUMN mood VARCHAR;")
    house.open()
    assert house.value("SELECT count(mood) FROM mentions") == 0
    (copy,) = (house.folder / "backups").iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    old = duckdb.connect(str(copy), read_only=True)
    assert old.execute("SELECT count(*) FROM mentions").fetchall() == [(1,)]
    assert "mood" not in [c[0] for c in old.execute("DESCRIBE mentions").fetchall()]
    old.close()


def test_nothing_to_migrate_nothing_copied(house):
    house.warehouse.close()
    house.open()
    assert not (house.folder / "backups").exists()


def test_a_failed_migration_is_undone(house, row, with_migration):
    house.land([row(1)])
    house.load()
    house.warehouse.close()
    with_migration(
        "9001_broken.sql", "ALTER TABLE mentions ADD COLUMN mood VARCHAR; SELECT * FROM nowhere;"
    )
    with pytest.raises(WarehouseError, match="9001_broken failed and was undone"):
        house.open()
    with_migration("9001_broken.sql", "SELECT 1;")
    house.open()
    names = [each["column_name"] for each in house.rows("DESCRIBE mentions")]
    assert "mood" not in names


def test_a_file_of_a_later_program_is_left_alone(house, with_migration, monkeypatch):
    known = store.MIGRATIONS
    house.warehouse.close()
    with_migration("9001_later.sql", "SELECT 1;")
    house.open()
    house.warehouse.close()
    monkeypatch.setattr(store, "MIGRATIONS", known)
    with pytest.raises(WarehouseError, match="9001_later"):
        house.open()


def test_a_file_is_replaced_between_two_questions(house, row, tmp_path):
    """A reader at work finishes on the old file; the next one reads the new."""
    other = open_warehouse(
        house.folder / "other.duckdb", house.landing.folder, house.folder / "jobs", "Asia/Seoul"
    )
    house.land([row(1)])
    load(other, house.landing)
    other.close()
    answers = []
    reading = threading.Event()
    finish = threading.Event()

    def read():
        with house.warehouse.reading() as cursor:
            reading.set()
            finish.wait()
            answers.append(cursor.execute("SELECT count(*) FROM mentions").fetchall())

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait()
    replacing = threading.Thread(
        target=house.warehouse.replace_with, args=[house.folder / "other.duckdb"]
    )
    replacing.start()
    finish.set()
    reader.join()
    replacing.join()
    assert answers == [[(0,)]]
    assert house.value("SELECT count(*) FROM mentions") == 1
    assert not (house.folder / "other.duckdb").exists()
