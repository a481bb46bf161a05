"""Backups: the database without its keys, and back again."""

import asyncio
from datetime import datetime
from pathlib import Path

from bot.settings import Settings
from bot.store import Store, Unit, back_up, migrate, only_one, put_back

#: Set while nobody has looked yet at what came to pass since the copy was made.
RESTORED = "restored"


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


def restore(settings: Settings, copy: Path | None) -> str:
    """Put a copy in the database's place; what was done, and what the next start will do.

    None: somebody has put one back already, by other means.
    """
    with only_one(settings.data_dir, settings.database):
        aside = put_back(copy, settings.database) if copy else None
        migrate(settings.database)
        asyncio.run(_mistrust(settings.database))
    told = f"{copy or 'What was put back'} is the database now."
    if aside is not None:
        told += f" The one that was there is {aside}; delete it once you need it no more."
    return (
        f"{told} The next start destroys what is over before it says anything, looks at who is in"
        " each room, and sends nothing a second time of which it is not sure."
    )


async def _mistrust(url: str) -> None:
    """What waited when the copy was made may have been sent since; rooms may have changed."""

    def mistrust(unit: Unit) -> None:
        unit.posts.mistrust()
        unit.set_meta(RESTORED, "1")

    store = Store(url)
    try:
        await store.run(mistrust)
    finally:
        await store.close()
