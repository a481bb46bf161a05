"""Ask at Slack's door, fifty at once, while Microsoft gives no keys, and then no tokens.

    python -m tests.stalled [--seconds 15]

One Krets serves both. Twenty people in Teams write, and again a tenth of a second after each
answer; what they wait for does not come. Slack must be answered as ever: within 500 ms for 99 of
100.
"""

import argparse
import asyncio
import os
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import aiohttp
from aiohttp import web

from adapters.bench.load import Ran, after, run
from adapters.bench.processes import Processes
from adapters.bench.rounds import right
from adapters.bench.stage import stage
from adapters.bench.story import MASTER, Vote
from adapters.slack.bench import payloads as slack
from adapters.slack.bench.scenery import SLACK
from adapters.slack.bench.servers import SECRET, Servers
from adapters.slack.routes import PATH as SLACK_PATH
from adapters.teams.bench import organisations
from adapters.teams.bench import payloads as teams
from adapters.teams.bench.microsoft import Microsoft
from adapters.teams.bench.proof import token
from adapters.teams.routes import PATH as TEAMS_PATH
from bot.core.event import Identity, Place
from bot.realtime import now

TENANT = "72f988bf-0000-4000-8000-000000000001"
#: Milliseconds.
LIMIT = 500.0
_CROWD, _IN_TEAMS = 50, 20
#: Seconds.
_REST = 0.1


class Stalling(Microsoft):
    """A Microsoft of which one door stays shut."""

    shut = ""

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Say yes, or nothing for as long as anybody waits."""
        if self.shut and request.path.strip("/").split("/")[-1] in self.shut.split():
            await asyncio.Event().wait()
        return await super().answer(request)


async def measure(directory: Path, seconds: float) -> dict[str, tuple[Ran, int]]:
    """What became of those who asked in Slack, and how many waited in Teams; by what stalls."""
    made = await stage(directory / "krets", SLACK, 40, 0, lambda _: None)
    earlier = now() - made.at  # both live at the time of the stage
    processes, socket = Processes(os.environ, directory / "log"), str(directory / "microsoft")
    microsoft = Stalling()
    serving = web.ServerRunner(web.Server(microsoft.answer, access_log=None))
    await serving.setup()
    await web.UnixSite(serving, socket).start()
    settings = {
        "KRETS_DATA_DIR": str(made.directory),
        "KRETS_PORT": "0",
        "KRETS_MASTER_KEYS": MASTER,
        "KRETS_SLACK_BOT_TOKEN": "xoxb-bench",
        "KRETS_SLACK_SIGNING_SECRET": SECRET,
        "KRETS_TEAMS_APP_ID": organisations.APP,
        "KRETS_TEAMS_APP_PASSWORD": organisations.SECRET,
        "KRETS_TEAMS_TENANT_ID": TENANT,
    }
    found = {}
    async with Servers(processes).web_api() as api:
        settings["KRETS_SLACK_API_URL"] = f"{api.address}/api/"
        for what, shut in (("keys", "openidconfiguration keys"), ("tokens", "token")):
            microsoft.shut = shut
            arguments = (socket, (now() - earlier).isoformat())
            async with processes.running("bot.bench_serving", *arguments, **settings) as krets:
                stop = after(seconds)
                asks = slack.commands(made.votes, "help", api.address)
                url = krets.address + SLACK_PATH
                signed = slack.signed(SECRET, lambda: now() - earlier)
                ran, waited = await asyncio.gather(
                    run(url, signed, asks, _CROWD, stop),
                    _in_teams(krets.address + TEAMS_PATH, now() - earlier, stop),
                )
            right(ran, "krets")
            found[what] = ran, waited
    await serving.cleanup()
    return found


async def _in_teams(url: str, at: datetime, stop: asyncio.Event) -> int:
    """People write in Teams until the end; how many were refused, or waited for over a second."""
    room = Place("teams", TENANT, "19:nobody@thread.v2", private=False)
    proof = {"Authorization": f"Bearer {token(organisations.SERVICE, at)}"}
    headers = proof | {"Content-Type": "application/json; charset=utf-8"}

    async def write(person: Identity) -> int:
        votes, waited = [Vote("", room, {}, (person,), ())], 0
        for ask in teams.again(votes, "krets", organisations.SERVICE):
            began = perf_counter()
            async with session.post(url, data=ask.body, headers=headers) as got:
                waited += got.status != 200 or perf_counter() - began > 1
            if stop.is_set():
                break
            await asyncio.sleep(_REST)
        return waited

    people = [Identity("teams", TENANT, f"person-{number}") for number in range(_IN_TEAMS)]
    async with aiohttp.ClientSession() as session:
        return sum(await asyncio.gather(*map(write, people)))


def main() -> int:
    """0 if Slack was answered in time."""
    parser = argparse.ArgumentParser(prog="python -m tests.stalled")
    parser.add_argument("--seconds", type=float, default=15, help="for each (%(default)s)")
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix="krets-stalled-") as made:
        found = asyncio.run(measure(Path(made), chosen.seconds))
    for what, (ran, waited) in found.items():
        verdict = "met" if ran.percentile(0.99) < LIMIT else "MISSED"
        sys.stdout.write(
            f"no {what:6} {len(ran.latencies)} asked in Slack: p50 {ran.percentile(0.5):.0f} ms,"
            f" p99 {ran.percentile(0.99):.0f} ms (under {LIMIT:.0f} ms: {verdict});"
            f" {waited} in Teams were refused or waited for more than a second\n"
        )
    return 0 if all(ran.percentile(0.99) < LIMIT for ran, _ in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
