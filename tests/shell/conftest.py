from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.shell.stage import Stage

#: What these say holds on both databases.
ON_BOTH = (
    "test_app",
    "test_board",
    "test_moments",
    "test_parking",
    "test_restored",
    "test_waiting",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let the tests of these modules be played twice."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if "stage" in metafunc.fixturenames and module in ON_BOTH:
        metafunc.parametrize("stage", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """On SQLite, or on both, one after the other."""
    on = getattr(request, "param", "sqlite")
    url = request.getfixturevalue("postgres_url") if on == "postgres" else ""
    stage = Stage(tmp_path, url)
    await stage.people()
    yield stage
    await stage.store.close()
