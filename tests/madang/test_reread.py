"""A new version of the annotator reads history again in the background, and charts never mix."""

import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.instance import TEXTS, Instance

ROWS = 4500  # three parts of the job; of five different texts, each read once a part
# Turns of which each reads one part of history again, as a desk's would read for half a minute.
TURN_BY_TURN = """
import json
from madang.loop import open_house, turn
from madang.people import community_opened
from madang.settings import load_settings

settings = load_settings()
house = open_house(settings, lambda: community_opened(settings))
while True:
    turned = turn(house, collect=False, reread_seconds=0)
    with house.warehouse.reading() as cursor:
        shown = cursor.execute(
            "SELECT count(DISTINCT version) FROM annotations JOIN state ON value = version"
        ).fetchone()[0]
        unread = cursor.execute("SELECT sum(unread)::INT FROM daily").fetchone()[0]
    print(json.dumps({"rereading": turned["rereading"], "annotated": turned["annotated"],
                      "unread": unread, "shown": shown}), flush=True)
    if turned["rereading"] is None:
        break
house.warehouse.close()
"""
SHOWN = """
    SELECT (SELECT value FROM state WHERE name = 'annotator_version') AS version,
        (SELECT count(*) FROM annotations) AS annotations,
        (SELECT count(DISTINCT version) FROM annotations) AS versions,
        (SELECT sum(unread)::INT FROM daily) AS unread,
        (SELECT sum(n)::INT FROM daily) AS mentions
"""


def another_version(instance: Instance) -> None:
    """Let the annotator read one more language: another version, though of the same models."""
    (instance.home / "madang.toml").write_text(
        '[annotator]\nlanguages = ["ko", "en", "fr"]\n', "utf-8"
    )


def shown(instance: Instance) -> dict[str, Any]:
    (row,) = instance.answer("sql", SHOWN)
    return dict(row)


@pytest.fixture(scope="module")
def many_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an instance whose many reviews are read, for copying."""
    made = Instance(tmp_path_factory.mktemp("many"))
    texts = [(f"m{n}", TEXTS[n % 5][1], TEXTS[n % 5][2]) for n in range(ROWS)]
    made.import_reviews(made.reviews(texts))
    made.run("run")
    made.end()
    return made.home


@pytest.fixture
def many(instance: Instance, many_once: Path) -> Instance:
    shutil.copytree(many_once, instance.home, dirs_exist_ok=True)
    return instance


def turn_by_turn(instance: Instance) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", TURN_BY_TURN],
        env=instance.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    instance.started.append(process)
    return process


def test_history_is_read_again_in_slices_and_shown_when_it_is_whole(many: Instance) -> None:
    before = shown(many)
    another_version(many)
    process = turn_by_turn(many)
    output, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    turns = [json.loads(line) for line in output.splitlines()]
    assert [turned["annotated"] for turned in turns] == [2048, 2048, ROWS - 4096]
    going = turns[0]["rereading"]
    assert (going["shown"], going["read"], going["total"]) == (before["version"], 2048, ROWS)
    assert all(turned["unread"] == 0 and turned["shown"] == 1 for turned in turns)
    after = shown(many)
    assert after["version"] == going["version"] != before["version"]
    assert (after["annotations"], after["versions"], after["unread"]) == (ROWS, 1, 0)


def test_a_reread_that_is_killed_goes_on_where_it_was(many: Instance) -> None:
    another_version(many)
    rng = random.Random(20261122)
    versions = set()
    for _ in range(2):
        process = turn_by_turn(many)
        time.sleep(rng.uniform(1.0, 6.0))
        process.kill()
        process.communicate()
        found = shown(many)
        versions.add(found["version"])
        assert found["unread"] == 0, "what was read once is on the screens all the while"
        assert found["annotations"] % 2048 in {(ROWS) % 2048, 0} | {(2 * (ROWS)) % 2048}, (
            "parts are kept whole or not at all"
        )
    answer = many.answer("run")
    assert answer["rereading"] is None
    found = shown(many)
    assert (found["annotations"], found["versions"], found["unread"]) == (ROWS, 1, 0)
    assert len(versions | {found["version"]}) == 2
    (waiting,) = (c for c in many.answer("doctor") if c["name"] == "unread")
    assert waiting["state"] == "ready"


def test_doctor_says_how_far_it_is(many: Instance) -> None:
    another_version(many)
    process = turn_by_turn(many)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    process.kill()
    process.communicate()
    (check,) = (c for c in many.answer("doctor") if c["name"] == "reading again")
    assert check["says"].startswith(("46%", "91%")) and first["rereading"]["shown"] in check["says"]
    assert "madang run" in check["mend"]
