"""Socket Mode: what comes is answered as over HTTP, and a lost connection is made anew."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pytest

from adapters.slack import gate
from adapters.slack.gate import BadRequest, Incoming
from adapters.slack.socket import SlackSocket, read
from tests.adapters.slack_socket import APP_TOKEN, Opening, SlackSockets, slack_sockets

Json: TypeAlias = dict[str, Any]
CANARY = "CANARY-something-hard-has-happened"
ENVELOPES = Path(__file__).parent / "slack" / "envelopes"
HOME = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_home_opened"}}
PRESSED = {"type": "block_actions", "actions": [], "trigger_id": "1.2"}
COMMAND = {"command": "/krets", "text": CANARY, "user_id": "U0ANNA"}


def envelope(name: str) -> Json:
    found: Json = json.loads((ENVELOPES / f"{name}.json").read_text())
    return found


@dataclass
class Krets:
    """Stands behind the socket: keeps what came, and answers as told once it may."""

    answer: tuple[int, str] = (200, "")
    heard: list[Incoming] = field(default_factory=list)
    may: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may.set()

    async def handle(self, incoming: Incoming) -> tuple[int, str]:
        self.heard.append(incoming)
        self.came.set()
        await self.may.wait()
        if self.answer[0] == 0:
            raise RuntimeError(CANARY)
        return self.answer


@dataclass
class Scene:
    """Slack, and Krets that listens to it."""

    slack: SlackSockets
    krets: Krets
    stop: asyncio.Event
    listening: "asyncio.Task[None]"
    #: How many failures in a row were waited for, and whether there was any.
    waits: list[int]
    waited: asyncio.Event


@asynccontextmanager
async def listening(
    arrange: Callable[[SlackSockets], None] = lambda _: None, ping: float = 5
) -> AsyncIterator[Scene]:
    waits: list[int] = []
    waited = asyncio.Event()

    def pause(failures: int) -> timedelta:
        waits.append(failures)
        waited.set()
        return timedelta(0)

    async with slack_sockets() as (slack, url):
        arrange(slack)
        krets, stop = Krets(), asyncio.Event()
        socket = SlackSocket(
            app_token=APP_TOKEN, api_url=url, handler=krets.handle, pause=pause, ping=ping
        )
        task = asyncio.create_task(socket.run(stop))
        yield Scene(slack, krets, stop, task, waits, waited)
        krets.may.set()
        stop.set()
        await task


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with listening() as scene:
        yield scene


@pytest.fixture(autouse=True)
def _no_canary(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No body, no token and no ticket is in any log."""
    caplog.set_level(logging.DEBUG)
    for name in ("slack_sdk", "aiohttp", "adapters"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield
    for record in [*caplog.get_records("setup"), *caplog.get_records("call"), *caplog.records]:
        if record.name == "aiohttp.access":
            continue  # Slack's own
        said = f"{record.getMessage()} {record.exc_text}"
        assert CANARY not in said
        assert "canary" not in said
        assert "ticket" not in said


# --- what an envelope holds ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("events_api", "event"),
        ("events_api_again", "event"),
        ("slash_commands", "command"),
        ("slash_commands_grid", "command"),
        ("interactive_actions", "interaction"),
        ("interactive_submission", "interaction"),
        ("interactive_closed", "interaction"),
        ("interactive_shortcut", "interaction"),
    ],
)
async def test_an_envelope_is_the_same_as_a_request(scene: Scene, name: str, kind: str) -> None:
    sent = envelope(name)
    payload = sent["payload"]
    match kind:
        case "event":
            request = gate.read("application/json", json.dumps(payload).encode())
        case "command":
            request = gate.read("application/x-www-form-urlencoded", urlencode(payload).encode())
        case _:
            form = urlencode({"payload": json.dumps(payload)}).encode()
            request = gate.read("application/x-www-form-urlencoded", form)
    line = await scene.slack.line()
    await line.socket.send_json(sent)
    told = await scene.slack.acknowledgement(line, sent["envelope_id"])
    assert told == {"envelope_id": sent["envelope_id"]}
    assert scene.krets.heard == [request]
    assert request.kind == kind


@pytest.mark.parametrize(
    "payload",
    [
        None,
        CANARY,
        [CANARY],
        {"event": CANARY},
        {"type": 7},
        {"type": "block_actions", "text": "\ud800"},
        {"type": "block_actions", "number": float("nan")},
    ],
)
def test_what_http_would_not_take_is_not_taken(payload: object) -> None:
    with pytest.raises(BadRequest):
        read({"type": "interactive", "payload": payload})


# --- acknowledging ------------------------------------------------------------------------------


async def test_nothing_is_acknowledged_before_it_is_done(scene: Scene) -> None:
    line = await scene.slack.line()
    scene.krets.may.clear()
    first = await scene.slack.bring(line, "events_api", HOME)
    await scene.krets.came.wait()
    # Whatever overtakes it shows that it has not been acknowledged.
    await scene.slack.delivered(line, "weather_report", {"text": CANARY})
    assert first not in line.acknowledged
    scene.krets.may.set()
    assert await scene.slack.acknowledgement(line, first) == {"envelope_id": first}


async def test_the_answer_goes_back_where_slack_takes_one(scene: Scene) -> None:
    line = await scene.slack.line()
    scene.krets.answer = (200, '{"response_type": "ephemeral", "text": "Hej"}')
    told = await scene.slack.delivered(line, "slash_commands", COMMAND)
    assert told["payload"] == {"response_type": "ephemeral", "text": "Hej"}
    told = await scene.slack.delivered(line, "events_api", HOME)
    assert "payload" not in told
    scene.krets.answer = (200, "Hej")
    told = await scene.slack.delivered(line, "interactive", PRESSED)
    assert told["payload"] == {"text": "Hej"}


@pytest.mark.parametrize("answer", [(500, ""), (400, ""), (0, "")])
async def test_what_failed_is_not_acknowledged_and_taken_when_it_comes_again(
    scene: Scene, answer: tuple[int, str]
) -> None:
    line = await scene.slack.line()
    scene.krets.answer = answer
    id = await scene.slack.bring(line, "slash_commands", COMMAND)
    await scene.krets.came.wait()
    await scene.slack.delivered(line, "weather_report", {})
    assert id not in line.acknowledged
    scene.krets.answer = (200, "")
    told = await scene.slack.delivered(line, "slash_commands", COMMAND, envelope_id=id)
    assert told == {"envelope_id": id}
    assert len(scene.krets.heard) == 2


async def test_what_krets_knows_nothing_of_is_acknowledged_and_heard_by_nobody(
    scene: Scene,
) -> None:
    line = await scene.slack.line()
    told = await scene.slack.delivered(line, "weather_report", {"text": CANARY})
    assert list(told) == ["envelope_id"]
    assert scene.krets.heard == []


@pytest.mark.parametrize(
    "garbage",
    [
        CANARY,
        "",
        "[]",
        "null",
        "{" + CANARY,
        '{"a":' * 2_000,
        json.dumps({"type": "events_api", "payload": {"type": CANARY}}),
        json.dumps({"type": "events_api", "envelope_id": 7, "payload": {"type": CANARY}}),
        json.dumps({"type": "events_api", "envelope_id": "E0", "payload": CANARY}),
        json.dumps({"type": [CANARY], "envelope_id": "E0", "payload": {}}),
        json.dumps({"envelope_id": "E0"}),
        json.dumps({"type": "interactive", "envelope_id": "E0", "payload": {"type": "\ud800"}}),
    ],
)
async def test_garbage_changes_nothing_and_the_connection_stays(scene: Scene, garbage: str) -> None:
    line = await scene.slack.line()
    await line.socket.send_str(garbage)
    await scene.slack.delivered(line, "events_api", HOME)
    assert [one.payload for one in scene.krets.heard] == [HOME]
    assert len(scene.slack.lines) == 1


# --- one connection after the other -------------------------------------------------------------


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_next_connection_is_open_before_slack_closes_one(
    scene: Scene, reason: str
) -> None:
    first = await scene.slack.line()
    scene.krets.may.clear()
    id = await scene.slack.bring(first, "events_api", HOME)
    await scene.krets.came.wait()
    await first.socket.send_json(envelope(f"disconnect_{reason}"))
    second = await scene.slack.line(1)
    assert not first.closed, "it still owes an answer"
    scene.krets.may.set()
    await scene.slack.acknowledgement(first, id)
    await scene.slack.until(lambda: first.closed)
    await scene.slack.delivered(second, "slash_commands", COMMAND)
    assert scene.waits == []


async def test_each_connection_acknowledges_what_came_over_it(scene: Scene) -> None:
    first = await scene.slack.line()
    scene.krets.may.clear()
    one = await scene.slack.bring(first, "events_api", HOME)
    await scene.krets.came.wait()
    await scene.slack.disconnect(first, "warning")
    second = await scene.slack.line(1)
    other = await scene.slack.bring(second, "events_api", HOME)
    scene.krets.may.set()
    await scene.slack.acknowledgement(first, one)
    await scene.slack.acknowledgement(second, other)
    assert (list(first.acknowledged), list(second.acknowledged)) == ([one], [other])


@pytest.mark.parametrize("reason", ["link_disabled", "too_many_websockets", CANARY])
async def test_a_connection_that_slack_takes_away_is_tried_for_again_after_a_pause(
    scene: Scene, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = await scene.slack.line()
    await scene.slack.disconnect(first, reason)
    second = await scene.slack.line(1)
    await scene.slack.until(lambda: first.closed)
    await scene.slack.delivered(second, "events_api", HOME)
    await scene.slack.disconnect(second, reason)
    await scene.slack.line(2)
    assert scene.waits == [1, 1], "a greeting ends a row of failures"
    code = "disconnect" if reason == CANARY else reason
    assert f"no socket to Slack: {code}; trying again" in caplog.text


async def test_a_connection_that_is_closed_is_made_anew(scene: Scene) -> None:
    first = await scene.slack.line()
    await first.socket.close()
    second = await scene.slack.line(1)
    await scene.slack.delivered(second, "events_api", HOME)
    assert scene.waits == [1]


async def test_a_connection_without_a_sign_of_life_is_made_anew() -> None:
    async with listening(ping=0.3) as scene:
        first = await scene.slack.line()
        first.alive = False
        second = await scene.slack.line(1)
        await scene.slack.delivered(second, "events_api", HOME)


async def test_what_cannot_be_acknowledged_any_more_may_come_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    first = await scene.slack.line()
    scene.krets.may.clear()
    id = await scene.slack.bring(first, "events_api", HOME)
    await scene.krets.came.wait()
    await first.socket.close()
    scene.krets.may.set()
    second = await scene.slack.line(1)
    told = await scene.slack.delivered(second, "events_api", HOME, envelope_id=id)
    assert told == {"envelope_id": id}
    assert first.acknowledged == {}
    assert "dealt with, but not acknowledged" in caplog.text


# --- when there is none -------------------------------------------------------------------------


async def test_without_a_connection_it_tries_again_with_longer_pauses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def arrange(slack: SlackSockets) -> None:
        slack.instead = [
            Opening({"ok": False, "error": "invalid_auth"}),
            Opening({"ok": False, "error": CANARY}),
            Opening({"ok": False, "error": "internal_error"}, 500),
            Opening([CANARY]),
            Opening({"ok": True, "url": f"https://{CANARY}"}),
            Opening({"ok": True}),
        ]
        slack.greetings = [envelope("disconnect_too_many_websockets")]

    async with listening(arrange) as scene:
        line = await scene.slack.line(1)
        await scene.slack.delivered(line, "events_api", HOME)
        assert scene.waits == [1, 2, 3, 4, 5, 6, 7]
        assert set(scene.slack.asked) == {APP_TOKEN}
    codes = [
        record.getMessage().split(";")[0].removeprefix("no socket to Slack: ")
        for record in caplog.records
        if "no socket" in record.getMessage()
    ]
    assert codes[:3] == ["invalid_auth", "status_200", "internal_error"]
    assert codes[4:] == ["no_address", "no_address", "too_many_websockets"]


async def test_it_waits_as_long_as_slack_asks_and_stops_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def arrange(slack: SlackSockets) -> None:
        slack.instead = [Opening({"ok": False}, 429, {"Retry-After": "3600"})]

    async with listening(arrange) as scene:
        await scene.waited.wait()
        scene.stop.set()
        await scene.listening
        assert len(scene.slack.asked) == 1
    assert "trying again in 3600 s" in caplog.text


# --- the end ------------------------------------------------------------------------------------


async def test_at_the_end_what_has_come_is_answered_first(scene: Scene) -> None:
    line = await scene.slack.line()
    scene.krets.may.clear()
    id = await scene.slack.bring(line, "slash_commands", COMMAND)
    await scene.krets.came.wait()
    scene.stop.set()
    asyncio.get_running_loop().call_later(0.05, scene.krets.may.set)  # while it is leaving
    await scene.listening
    await scene.slack.until(lambda: line.closed)
    assert line.acknowledged == {id: [{"envelope_id": id}]}
