"""Instances for the tests of the wiring."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.instance import TEXTS, Instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(tmp_path)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture(scope="session")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an instance whose five reviews are loaded and annotated, for copying."""
    made = Instance(tmp_path_factory.mktemp("read"))
    made.import_reviews(made.reviews(list(TEXTS)))
    made.run("run")
    made.end()
    return made.home


@pytest.fixture
def read_instance(instance: Instance, read_once: Path) -> Instance:
    """An instance of one's own whose five reviews are loaded and annotated."""
    shutil.copytree(read_once, instance.home, dirs_exist_ok=True)
    return instance
