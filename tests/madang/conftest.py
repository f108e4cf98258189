"""Instances for the tests of the wiring."""

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


@pytest.fixture
def read_instance(instance: Instance) -> Instance:
    """An instance whose five reviews are loaded and annotated."""
    instance.import_reviews(instance.reviews(list(TEXTS)))
    instance.run("run")
    return instance
