"""A command of an instance at a terminal, spoken to as a person would."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.instance import Instance

PATIENCE: Final = 120  # seconds until it says something
Step = tuple[str, str | None]  # what is waited for, and what is said to it


def conversation(instance: Instance, words: Sequence[str], steps: Sequence[Step]) -> str:
    """Run the command, answer what it asks, and give back all that it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("madang")), *words],
        env=instance.environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
    )  # fmt: skip
    os.close(theirs)
    shown = told = ""
    try:
        for wanted, said in steps:
            while wanted not in shown:
                part = _read(ours)
                assert part, f"it ended before it said {wanted!r}: {told}"
                shown, told = shown + part, told + part
            shown = shown[shown.index(wanted) + len(wanted) :]
            if said is not None:
                os.write(ours, f"{said}\n".encode())
        while part := _read(ours):
            told += part
        assert process.wait(timeout=60) == 0, told
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return told


def _read(terminal: int) -> str:
    """What has come, or nothing when the other end is closed."""
    assert select.select([terminal], [], [], PATIENCE)[0], "it neither says anything nor ends"
    try:
        return os.read(terminal, 4096).decode("utf-8", "replace")
    except OSError:
        return ""
