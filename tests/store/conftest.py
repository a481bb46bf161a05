from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Store, migrate


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'krets.db'}"
    migrate(url)
    return url


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = Store(url)
    yield store
    await store.close()
