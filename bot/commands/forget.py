"""`krets forget`: everything that Krets has on one organisation, erased for good."""

import argparse
import asyncio
from dataclasses import dataclass
from functools import partial

from bot.commands.asking import agreed
from bot.commands.database import require_database
from bot.commands.environment import read_environment
from bot.keyring import Keyring
from bot.keys import open_keyring
from bot.refusal import Refusal
from bot.settings import Settings
from bot.shredding import bury, shred_all
from bot.store import Store, Unit, only_one

#: The platforms whose organisations can be forgotten; the playground is a directory to delete.
_PLATFORMS = ("slack", "teams")


@dataclass(frozen=True, slots=True)
class Known:
    """What Krets has on an organisation."""

    groups: int
    drawers: int
    people: int

    def __str__(self) -> str:
        return f"{self.groups} groups with {self.drawers} drawers of texts, {self.people} people"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which organisation, and whether to ask."""
    parser.add_argument(
        "organisation",
        metavar="PLATFORM:ID",
        help="slack:<workspace or organisation>, or teams:<tenant>",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Erase it, once that is confirmed, and say what was erased."""
    settings = read_environment()
    require_database(settings)
    platform, _, tenant = chosen.organisation.partition(":")
    if platform not in _PLATFORMS or not tenant:
        raise Refusal("An organisation is slack:<workspace or organisation> or teams:<tenant>.")
    with only_one(settings.data_dir, settings.database):
        print(asyncio.run(_forget(platform, tenant, chosen.yes, settings)))
    return 0


async def _forget(platform: str, tenant: str, yes: bool, settings: Settings) -> str:
    store = Store(settings.database)
    try:
        keyring = await open_keyring(
            store,
            settings.data_dir / "keys",
            settings.master_keys,
            real=settings.has_platform,
        )
        known = await store.run(partial(_known, platform, tenant))
        if known == Known(0, 0, 0):
            raise Refusal(f"Krets knows nothing of {platform}:{tenant}.")
        agreed(f"This erases {known} of {platform}:{tenant}, for good.", yes)
        await store.run(partial(_erase, keyring, platform, tenant))
        await store.run(partial(bury, keyring))
        return f"Erased: {known}."
    finally:
        await store.close()


def _known(platform: str, tenant: str, unit: Unit) -> Known:
    groups = unit.groups.of_tenant(platform, tenant)
    return Known(
        groups=len(groups),
        drawers=sum(len(unit.groups.sealed(one)) for one in groups),
        people=len(unit.people.of_tenant(platform, tenant)),
    )


def _erase(keyring: Keyring, platform: str, tenant: str, unit: Unit) -> None:
    for group_id in unit.groups.of_tenant(platform, tenant):
        shred_all(unit, keyring, group_id)
    unit.departures.erase(platform, tenant)
    unit.wipe()
