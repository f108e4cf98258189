"""The small demo market, filled once in a run of the tests, whatever number of workers share it."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.instance import Instance

SEED: Final = 7


def filled_demo(folders: pytest.TempPathFactory) -> tuple[Instance, str]:
    """An instance of one's own that holds the demo market, and what `madang demo` told."""
    ours = folders.getbasetemp()
    base = ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours
    first = _filled(base / "market")
    own = Instance(folders.mktemp("demo"))
    shutil.copytree(first / "home", own.home, dirs_exist_ok=True)
    return own, (first / "told").read_text("utf-8")


def _filled(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other workers wait for the first
        told = folder / "told"
        if not told.exists():
            home = folder / "home"
            home.mkdir(exist_ok=True)
            instance = Instance(home)
            said = instance.run("demo", "--no-up", "--size", "small", "--seed", str(SEED))
            told.write_text(said, "utf-8")
    return folder
