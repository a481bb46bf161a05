"""Krets in Microsoft's own client for trying a bot of Teams, and all its cards before its library.

    python -m tests.agents_playground FOLDER PICTURES

FOLDER is where npm has installed `package.json`. No call may be refused on either side. The main
cards are drawn in three languages, into PICTURES.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

import bot.methods
from bot.core.model import LANGUAGES
from bot.realtime import now
from tests.adapters.teams.adaptive_card import card_of, faults
from tests.agents_playground.cards import all_cards, check
from tests.agents_playground.client import Json, Relay, agents_playground
from tests.agents_playground.page import chat_page
from tests.agents_playground.pictures import draw
from tests.agents_playground.scenario import MATS, OTHERS, Scenario
from tests.end_to_end.beside import running

HERE = Path(__file__).parent


async def play(folder: Path, pictures: Path) -> list[Json]:
    """The scenario; the cards that were shown on the way."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        (data / "methods").mkdir()
        (data / "methods" / "small.toml").write_text(small_method())
        env = {
            "KRETS_DATA_DIR": str(data),
            "KRETS_METHODS_DIR": str(data / "methods"),
            "KRETS_TEAMS_ANONYMOUS": "true",
        }
        async with (
            running(env, now, now()) as krets,
            agents_playground(folder, krets, [MATS, *OTHERS]) as client,
            chat_page(client) as page,
        ):
            scenario = Scenario(client, page, pictures)
            try:
                await scenario.play()
            except BaseException:
                await page.page.screenshot(path=pictures / "agents-playground-failed.png")
                raise
            refused = refusals(client.relay)
            assert not refused, refused
            shown = [card_of(one) for one in (*messages(client.relay), *scenario.dialogs)]
            say(f"{len(client.relay.to_krets)} activities, {len(client.relay.to_client)} calls.")
            return shown


def small_method() -> str:
    """The method for fewer people, for the client holds only six."""
    text = (Path(bot.methods.__file__).parent / "jonkoping.toml").read_text()
    return text.replace("size = [8, 10]", "size = [4, 10]").replace("leaders = 2", "leaders = 1")


def refusals(relay: Relay) -> list[tuple[str, int]]:
    """What was refused, on either side."""
    passed = (*relay.to_krets, *relay.to_client)
    return [(one.what, one.status) for one in passed if one.status >= 400]


def messages(relay: Relay) -> list[Json]:
    """The messages that Krets has posted and edited."""
    shown = [one.body.get("activity", one.body) for one in relay.to_client]
    found = [
        {key: one[key] for key in ("summary", "attachments")}
        for one in shown
        if "attachments" in one
    ]
    wrong = [fault for one in found for fault in faults(one)]
    assert wrong == [], wrong
    return found


def say(text: str) -> None:
    """Tell whoever runs this."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main() -> None:
    """Play, check, draw."""
    folder, pictures = (Path(one).absolute() for one in sys.argv[1:3])
    pictures.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "check.cjs", folder)
    shown = list(all_cards())
    try:
        shown += await play(folder, pictures)
        await draw(folder, pictures)
    except pytest.skip.Exception as without:
        say(f"Nobody could sit at the page, and no pictures were drawn. {without}")
    else:
        say(f"The main cards in {', '.join(LANGUAGES)} are drawn in {pictures}.")
    number = await check(folder, shown)
    say(f"{number} different cards, all of them as Microsoft's library has them.")


asyncio.run(main())
