"""The order of the suite: what takes longest begins first, so that no worker waits at the end.

Tests of one file stay together (`--dist loadfile`), for they share what is slow to set up.
"""

from typing import Final

import pytest

LONG: Final = (
    "tests/community/test_postgresql.py",
    "tests/e2e/test_journey.py",
    "tests/e2e/test_desk.py",
    "tests/madang/test_belts.py",
    "tests/madang/test_demo_filled.py",
    "tests/madang/",
    "tests/collectors/",
    "tests/dashboard/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))

    items.sort(key=place)
