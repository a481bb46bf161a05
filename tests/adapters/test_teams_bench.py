"""The benchmark measures what it says, and says plainly what was missed."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

from adapters.bench.figures import Leg
from adapters.bench.processes import Processes
from adapters.bench.rounds import Pace
from adapters.teams import gate
from adapters.teams.bench.measuring import Bench
from adapters.teams.bench.organisations import APP, SERVICE
from adapters.teams.bench.proof import listed, token
from adapters.teams.bench.report import HELP, HOME, NAMES, SENT, VOTE, Report
from adapters.teams.bench.servers import Servers


def real() -> datetime:
    return datetime.now(UTC)


def report(krets: float) -> Report:
    rates = {"krets": krets, "acknowledging": 1000.0, "replying": 500.0}
    bulk = {"krets": krets, "mended": 100.0, "sdk": 10.0}
    legs = [
        Leg(work, side, rate, 1.0, 2.0, 0.001)
        for work in (HOME, HELP, VOTE, SENT)
        for side, rate in (bulk if work == SENT else rates).items()
        if (work, side) != (VOTE, "replying")
    ]
    return Report(1, 10_000, legs)


def test_what_is_kept_and_what_is_missed_is_said() -> None:
    assert report(800).rates.missed == []
    assert "All that is promised is met." in report(800).table()
    slow = report(350)
    assert slow.rates.missed == [
        "krets is 0.35 of a bare CloudAdapter, promised 0.70",
        "krets help is 0.35 of a bare CloudAdapter, promised 0.70",
        "a vote is 0.35 of a bare CloudAdapter, promised 0.40",
        "a message is 3.50 of the SDK's own path, mended, promised 5.00",
    ]
    assert slow.table().count("MISSED") == 4
    assert [one["met"] for one in json.loads(slow.as_json())["ratios"]].count(False) == 4


def test_the_picture_has_a_bar_for_each_side_and_work() -> None:
    picture = ElementTree.fromstring(report(800).svg())
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 1 + 11
    assert all(name in "".join(picture.itertext()) for name in NAMES.values())


def test_what_is_sent_is_proven_as_microsoft_proves_it() -> None:
    now = real()
    proof = gate.claimed(token(SERVICE, now), APP, now + timedelta(minutes=30))
    keys = gate.signing_keys({"keys": [listed()]})
    assert proof.service_url == SERVICE
    assert gate.is_signed(proof, keys[proof.kid])


async def test_a_whole_run_finds_every_vote_and_every_message(tmp_path: Path) -> None:
    servers = Servers(Processes(os.environ, tmp_path / "log"), str(tmp_path / "microsoft"))
    pace = Pace(rounds=1, seconds=0.1, warm_up=0.02)
    made = await Bench(pace, servers, tmp_path, real, lambda _: None, groups=4).run()
    assert {one.side for one in made.legs} == set(NAMES)
    assert {one.to for one in made.rates.ratios} == set(NAMES) - {"krets"}
    assert json.loads(made.as_json())["client"] > 0
