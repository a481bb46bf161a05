"""A database with our schema, copied from one that was made once: that is a tenth of the work."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import migrate

_SQLITE = "sqlite:///"


def lay_out(url: str) -> None:
    """What `krets migrate` makes of a database that is not there, and of one that is."""
    file = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_empty())
    else:
        migrate(url)


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as directory:
        file = Path(directory) / "krets.db"
        migrate(f"{_SQLITE}{file}")
        return file.read_bytes()
