"""The slowest tests come first, so that no process waits for another at the end."""

import pytest

#: Folders whose tests take longest, and those that drive a browser before all others.
SLOW = ("tests/end_to_end", "tests/shell", "tests/adapters")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order what was collected; stable, so that every process has the same order."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    if item.get_closest_marker("browser"):
        return 0
    return next((n for n, folder in enumerate(SLOW, 1) if item.nodeid.startswith(folder)), 9)
