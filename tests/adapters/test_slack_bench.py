"""The benchmark measures what it says, and says plainly what was missed."""

import asyncio
import json
import os
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from xml.etree import ElementTree

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.bench.figures import Leg
from adapters.bench.load import Ask, run
from adapters.bench.processes import CannotBench, Processes
from adapters.bench.rounds import Pace
from adapters.slack import gate
from adapters.slack.bench import measuring, morning, payloads
from adapters.slack.bench.measuring import Bench, Plan
from adapters.slack.bench.report import VOTE, Busy, Report
from adapters.slack.bench.servers import SECRET, Servers
from adapters.slack.bench.web_api import Pace as Allowed
from adapters.slack.routes import PATH


def real() -> datetime:
    return datetime.now(UTC)


def report(krets: float, p99: float = 100.0) -> Report:
    rates = {"krets": krets, "listening": 1000.0, "answering": 2000.0, "peer": 100.0}
    legs = [
        Leg(work, side, rate, 1.0, 2.0, 0.001)
        for work in ("/krets", "/krets help", VOTE)
        for side, rate in rates.items()
        if side != "peer" or work == VOTE
    ]
    return Report(1, 10_000, legs, Busy(1_000, 10.0, 100.0, 50.0, p99))


def test_what_is_kept_and_what_is_missed_is_said() -> None:
    assert report(800).missed == []
    assert "All that is promised is met." in report(800).table()
    slow = report(350, p99=600.0)
    assert slow.missed == [
        "/krets is 0.35 of a bare Bolt app, promised 0.70",
        "a vote is 0.35 of a bare Bolt app, promised 0.40",
        "p99 is 600 ms, promised under 500 ms",
    ]
    assert slow.table().count("MISSED") == 3
    assert [one["met"] for one in json.loads(slow.as_json())["ratios"]].count(False) == 2


def test_a_side_that_was_left_out_is_named() -> None:
    whole = report(800)
    without = Report(1, 1, [one for one in whole.legs if one.side != "peer"], whole.busy)
    assert [one.to for one in without.rates.ratios].count("peer") == 0
    assert "aiosqlite" in without.table()


def test_the_picture_has_a_bar_for_each_side_and_work() -> None:
    picture = ElementTree.fromstring(report(800).svg())
    bars = picture.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 1 + 10


async def test_each_request_is_signed_anew_and_a_wrong_answer_is_counted() -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        stamp, signature = (
            request.headers[f"X-Slack-{name}"] for name in ("Request-Timestamp", "Signature")
        )
        assert gate.is_genuine([stamp], [signature], body, [SECRET], real())
        seen.append(signature)
        if len(seen) == 20:
            stop.set()
        return web.Response(text="yes" if len(seen) % 2 else "no")

    stop = asyncio.Event()
    app = web.Application()
    app.router.add_post(PATH, answer)
    async with TestServer(app) as server:
        asks = (Ask(f"n={number}".encode(), b"yes") for number, _ in enumerate(repeat(None)))
        url, headers = f"http://127.0.0.1:{server.port}{PATH}", payloads.signed(SECRET, real)
        ran = await run(url, headers, asks, 2, stop)
    assert len(set(seen)) == len(seen)
    assert ran.wrong == len(seen) // 2
    assert len(ran.latencies) == len(seen) - ran.wrong


async def test_a_whole_run_finds_every_vote_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The peer needs what only the benchmark needs, so it takes no part here.
    monkeypatch.setattr(measuring, "find_spec", lambda _: None)
    plan = Plan(Pace(rounds=1, seconds=0.1, warm_up=0.05), groups=1, messages=8, crowd=2)
    servers = Servers(Processes(os.environ, tmp_path / "log"))
    made = await Bench(plan, servers, tmp_path, real, lambda _: None).run()
    assert {one.side for one in made.legs} == {"krets", "listening", "answering"}
    assert made.busy.messages == 8
    assert json.loads(made.as_json())["client"] > 0


async def test_a_server_that_does_not_start_is_named(tmp_path: Path) -> None:
    servers = Servers(Processes(os.environ, tmp_path / "log"))
    with pytest.raises(CannotBench, match="bot did not start: krets: The database is not ready"):
        async with servers.krets("http://127.0.0.1:1", tmp_path / "empty"):
            pass


def test_what_slack_would_refuse_is_counted() -> None:
    pace = Allowed()
    for second in range(120):
        pace.call("chat.postMessage", f"C{second % 2}", second)
        pace.call("conversations.info", "C1", second * 1.2)
    assert pace.too_fast == 0
    for _ in range(2):
        pace.call("conversations.info", "C1", 144)
    assert pace.too_fast == 1
    many = morning.Morning(1, 11, 1.0, 1, 0, 1.0, 2.0, spare=0, too_fast=1)
    assert not many.met
    assert "1 faster than Slack allows" in many.table()
    assert "MISSED" in many.table()


async def test_a_morning_is_over_when_all_has_been_posted_once(tmp_path: Path) -> None:
    servers = Servers(Processes(os.environ, tmp_path / "log"))
    found = await morning.measure(tmp_path / "krets", servers, 2, real)
    assert (found.groups, found.messages, found.spare, found.too_fast) == (2, 21, 0, 0)
    assert 0 < found.forms < found.asked
    assert "21 messages and cards" in found.table()
    assert json.loads(found.as_json())["met"] == (found.p99 < 500)
