"""The slowest tests come first, so that no process waits for another at the end."""

from collections.abc import Iterator

import pytest

from bot.store import migrate
from schedules import tables
from tests.postgres import Postgres

#: Folders whose tests take longest, and those that drive a browser before all others.
SLOW = ("tests/end_to_end", "tests/shell", "tests/adapters")


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """The server; started by the first test that asks for it."""
    return Postgres.here()


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> Iterator[str]:
    """The name of a database with our tables and the engine's in it."""

    def fill(url: str) -> None:
        migrate(url)
        tables.migrate(url)

    with postgres.template(fill) as name:
        yield name


@pytest.fixture
def postgres_url(postgres: Postgres, template: str) -> Iterator[str]:
    """A database with our tables, for this test alone."""
    with postgres.database(template) as url:
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order what was collected; stable, so that every process has the same order."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    if item.get_closest_marker("browser"):
        return 0
    return next((n for n, folder in enumerate(SLOW, 1) if item.nodeid.startswith(folder)), 9)
