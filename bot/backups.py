"""Backups: the database without its keys, and back again."""

import asyncio
from datetime import datetime
from pathlib import Path

from bot.programme import ProgrammeTime
from bot.restored import mistrust
from bot.settings import Settings
from bot.store import Store, back_up, migrate, only_one, put_back


def backup(settings: Settings, out: Path | None, now: datetime) -> str:
    """Copy the database, also beside a Krets that runs; what was done."""
    copy = out or Path(f"krets-{now:%Y%m%dT%H%M%SZ}.db")
    if copy.is_dir():
        copy /= f"krets-{now:%Y%m%dT%H%M%SZ}.db"
    back_up(settings.database, copy)
    return (
        f"{copy} is written, {copy.stat().st_size / 2**20:.1f} MiB, without any key. Keep it for at"
        " most 14 days, and never beside the keys."
    )


def restore(settings: Settings, copy: Path | None, now: datetime) -> str:
    """Put a copy in the database's place; what was done, and what the next start will do.

    None: somebody has put one back already, by other means.
    """
    with only_one(settings.data_dir, settings.database):
        aside = put_back(copy, settings.database) if copy else None
        migrate(settings.database)
        asyncio.run(_mistrust(settings.database, now))
    told = f"{copy or 'What was put back'} is the database now."
    if aside is not None:
        told += f" The one that was there is {aside}; delete it once you need it no more."
    return (
        f"{told} The next start destroys what is over before it says anything, and looks at who is"
        " in each room. What may have been said since the copy was made is not said again: those"
        " who lead are offered to try again."
    )


async def _mistrust(url: str, real: datetime) -> None:
    """Trust nothing that may have changed since the copy was made."""
    store, time = Store(url), ProgrammeTime(lambda: real)
    try:
        await time.load(store)
        await store.run(lambda unit: mistrust(unit, time.now()))
    finally:
        await store.close()
