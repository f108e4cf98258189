"""Files that survive a crash: a name appears only when its whole content is on the disk.

Landing files hold personal data, so folders are made 0700 and files 0600.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

PART: Final = ".part"  # the suffix of a file that is still being written


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents, each readable by the owner alone and durably named."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        with suppress(FileExistsError):  # another process was first
            part.mkdir(mode=0o700)
            sync_folder(part.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def published(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the name `path` once it is whole: write, fsync, rename.

    When the block raises, nothing appears under `path` and the partial file is removed.
    """
    part = path.with_name(path.name + PART)
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
