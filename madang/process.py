"""What each process of an instance does around its own work: one log, and one way to end."""

import contextlib
import fcntl
import logging
import os
import sys
import traceback
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final, NoReturn

import structlog

from madang.lifeline import end_with_parent
from madang.settings import MadangError, Settings, load_settings

CANNOT_START: Final = 2  # the exit code of a process that could not start as it was told to
log = structlog.get_logger()


class ToldToStop(BaseException):
    """SIGTERM or Ctrl-C came before there was anything to stop in order."""


def run_process(
    name: str, work: Callable[[Settings], None], expected: tuple[type[Exception], ...]
) -> NoReturn:
    """Do the work of the instance that MADANG_HOME names, until its end or that of its parent.

    `expected` errors carry their own mend: they are said in one line, and the supervisor does not
    try again. Any other is logged, and shown, with where it came from.
    """
    end_with_parent()
    mendable: tuple[type[Exception], ...] = (MadangError, *expected)
    code = 0
    try:
        settings = load_settings()
        hold(settings, name)
        log_to(settings.var / "logs" / f"{name}.log")
        work(settings)
    except mendable as error:
        print(f"madang: {error}", file=sys.stderr)  # noqa: T201
        code = CANNOT_START
    except ToldToStop:
        code = 0
    except Exception:
        log.exception(f"{name}_failed")
        traceback.print_exc()
        code = 1
    # All is closed and on the disk. Taking the interpreter down in order would wait for threads of
    # libraries, abort on the one that reads the parent's pipe, and complain on the terminal.
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


def running_as(settings: Settings, name: str) -> int | None:
    """The number of the process `name` of this instance, whoever started it; None for none."""
    try:
        descriptor = os.open(_lock(settings, name), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(descriptor, 20) or 0) or None
    finally:
        os.close(descriptor)
    return None


def hold(settings: Settings, name: str) -> None:
    """Hold the process's lock until its end, however that comes: the system lets go of it then."""
    descriptor = os.open(_lock(settings, name), os.O_RDWR | os.O_CREAT, 0o600)
    with contextlib.suppress(BlockingIOError):  # one of the same name will say what is wrong itself
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())


def _lock(settings: Settings, name: str) -> Path:
    return settings.var / f"{name}.lock"


def log_to(path: Path) -> None:
    """One log file for the process and its libraries, by size, for its owner only."""
    path.parent.mkdir(exist_ok=True)
    file = RotatingFileHandler(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    path.chmod(0o600)
    logging.basicConfig(level=logging.INFO, handlers=[file], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
