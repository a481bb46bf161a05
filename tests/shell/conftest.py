from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.shell.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    await stage.people()
    yield stage
    await stage.store.close()
