"""Calls to Teams: what becomes of them, where they may go, and how fast."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.answers import UnknownOutcome
from adapters.teams.budget import CONVERSATION, SHORT, SILENT, SPARED, Budget, Way
from adapters.teams.connector import Connector, outwards
from adapters.teams.gate import HOSTS, is_service_url
from bot.core.event import Identity, Place
from bot.messenger import Refused, TryLater, Unreachable
from bot.words import View
from tests.adapters.scene import a_card
from tests.adapters.teams_api import Fault
from tests.adapters.teams_scene import (
    ANNA,
    BO,
    Outwards,
    person,
    room,
    teams_outwards,
)

CANARY = "CANARY-something-hard-has-happened"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Outwards]:
    async with teams_outwards(tmp_path) as scene:
        yield scene


def post(scene: Outwards, view: View, to: Identity | Place | None = None) -> Awaitable[str]:
    return scene.messenger.post(to or room(), a_card(CANARY), view)


# --- what Teams answers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "ForbiddenOperationException", Unreachable),
        (403, "ConversationBlockedByUser", Unreachable),
        (403, "BotNotInConversationRoster", Unreachable),
        (403, "BotDisabledByAdmin", Unreachable),
        (403, "MessageWritesBlocked", Unreachable),
        (403, "SomethingNew", Unreachable),
        (404, "ConversationNotFound", Unreachable),
        (400, "BadSyntax", Refused),
        (409, "Conflict", Refused),
        (413, "MessageSizeTooBig", Refused),
    ],
)
@pytest.mark.parametrize("to", [person(ANNA), room()])
async def test_a_no_is_told_by_its_code_alone_and_nothing_goes_elsewhere(
    scene: Outwards,
    view: View,
    to: Identity | Place,
    status: int,
    code: str,
    error: type[Unreachable | Refused],
) -> None:
    scene.api.fail("send", Fault(status, code))
    with pytest.raises(error) as no:
        await post(scene, view, to)
    assert (no.value.why, str(no.value)) == (code, code)
    assert no.value.__context__ is None
    assert not any(one.messages for one in scene.api.conversations.values())


@pytest.mark.parametrize("code", ["has a space", "x" * 65, "1st", "", "Åh"])
async def test_what_is_no_code_is_not_told(scene: Outwards, view: View, code: str) -> None:
    scene.api.fail("send", Fault(403, code))
    with pytest.raises(Unreachable, match=r"^status_403$"):
        await post(scene, view)


async def test_somebody_who_has_not_got_krets_cannot_be_reached(
    scene: Outwards, view: View
) -> None:
    scene.api.people[BO].installed = False
    with pytest.raises(Unreachable, match="ForbiddenOperationException"):
        await post(scene, view, person(BO))
    scene.api.people[BO].installed = True
    await post(scene, view, person(BO))
    scene.api.people[BO].blocked = True
    with pytest.raises(Unreachable, match="ConversationBlockedByUser"):
        await post(scene, view, person(BO))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500),
        Fault(503, done=True),
        Fault(408),
        Fault(cut=True),
        Fault(cut=True, done=True),
        Fault(body="<html>"),
        Fault(body="[]"),
        Fault(body='{"id": 1}'),
    ],
)
async def test_what_may_have_been_done_is_unknown_and_not_done_again(
    scene: Outwards, view: View, fault: Fault
) -> None:
    scene.api.fail("send", fault)
    with pytest.raises(UnknownOutcome) as unknown:
        await post(scene, view)
    assert str(unknown.value) == "POST"
    assert len(scene.api.called("send")) == 1


async def test_a_late_answer_is_unknown(scene: Outwards) -> None:
    connector = Connector(
        session=scene.session,
        tokens=scene.credentials,
        budget=Budget(scene.clock.now),
        allowed=is_service_url,
        spread=lambda: 0.5,
        patience=timedelta(seconds=0.5),
    )
    await scene.credentials.get()
    late = asyncio.Event()
    scene.api.fail("send", Fault(late=late))
    with pytest.raises(UnknownOutcome):
        await connector.send(scene.there(), {"type": "message", "text": "x"})
    late.set()


async def test_where_nobody_listens_nothing_was_done_and_the_host_is_spared(
    scene: Outwards, view: View
) -> None:
    scene.api.port = 1
    async with outwards(connector=scene.api.connector()) as nowhere:
        connector = Connector(
            session=nowhere,
            tokens=scene.credentials,
            budget=Budget(scene.clock.now),
            allowed=is_service_url,
            spread=lambda: 0.5,
        )
        for number in range(SILENT):
            with pytest.raises(TryLater):
                await connector.send(scene.there(f"19:{number}"), {"type": "message"})
        with pytest.raises(TryLater) as later:
            await connector.send(scene.there("19:another"), {"type": "message"})
        assert later.value.after == SPARED


async def test_a_message_with_private_words_is_in_no_log(
    scene: Outwards, view: View, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await post(scene, view)
        scene.api.fail("send", Fault(500, "X"), Fault(403, "Y"))
        with pytest.raises(UnknownOutcome):
            await post(scene, view)
        with pytest.raises(Unreachable):
            await post(scene, view)
    said = "".join(f"{one.getMessage()}{one.__dict__}" for one in caplog.records)
    assert "CANARY" not in said
    assert not any(token in said for token in scene.api.tokens)


# --- where messages may go ----------------------------------------------------------------------

_HOSTILE = [
    "http://{}/emea/",
    "https://{}.example.org/",
    "https://{}@example.org/",
    "https://example.org/{}",
    "https://example.org?{}/",
    "https://example.org#{}/",
    "https://example.org\\@{}/",
    "https://{}:443@example.org/",
    "https://{}:8443/",
    "https://{}./",
    "https://x.{}/",
    "https://x{}/",
    "https:///{}/",
    "https:{}/",
    "//{}/",
    "ftp://{}/",
    "file://{}/etc/passwd",
    "HTTPS://{}/",
    " https://{}/",
    "https://{}/ ",
    "https://{}\n.example.org/",
    "https://{}\t/",
    "https://{}/../",
    "https://{}/..%2f",
    "https://{}/?to=example.org",
    "https://{}/#x",
    "https://user@{}/",
    "https://user:secret@{}/",
    "https://{}%00.example.org/",
    "https://{}%2eexample.org/",
    "https://xn--{}/",
    "https://{}\u3002example.org/",
    "https://{}\u200b/",
    "https://[{}]/",
    "https://{},example.org/",
    "https://{};example.org/",
    "https://{}|example.org/",
    "https://{}\\.example.org/",
    "wss://{}/",
    "javascript:{}",
    "https://{}/emea/;x",
    "https://{}/\u00e9/",
]
_PLAIN = [
    "",
    "https://",
    "https://127.0.0.1/",
    "http://127.0.0.1/",
    "https://[::1]/",
    "https://localhost/",
    "https://169.254.169.254/metadata/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://10.0.0.1/",
    "https://smba.trafficmanager.example/",
    "https://smba.trafficmanager.net.attacker.example/",
    "https://smbatrafficmanager.net/",
    "https://trafficmanager.net/",
    "https://smbа.trafficmanager.net/",
    "https://SMBA.TRAFFICMANAGER.NET/",
    "https://login.microsoftonline.com/",
    "https://api.botframework.com/",
    "https://webchat.botframework.com/",
    "https://example.org/",
]


async def test_hostile_addresses_get_neither_a_connection_nor_a_token(
    scene: Outwards, view: View
) -> None:
    hostile = _PLAIN + [one.format(host) for one in _HOSTILE for host in sorted(HOSTS)]
    hostile += [f"{one}emea/" for one in _PLAIN if one]
    assert len(hostile) >= 200
    for url in hostile:
        with pytest.raises(Refused, match="foreign_service_url"):
            await scene.connector.send(replace(scene.there(), service_url=url), {"text": "x"})
    assert scene.api.calls == []


@pytest.mark.parametrize("id", [".", "..", "...", ""])
async def test_an_id_that_leads_elsewhere_is_refused(scene: Outwards, id: str) -> None:
    with pytest.raises(Refused, match="bad_id"):
        await scene.connector.send(scene.there(id), {"type": "message"})
    assert scene.api.calls == []


# --- pace ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [412, 429, 502, 504])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "0"}, 1),
        ({"retry-after": "7"}, 7),
        ({"Retry-After": "soon"}, 30),
        (
            {
                "Retry-After": "Tue, 03 Mar 2026 12:00:40 GMT",
                "Date": "Tue, 03 Mar 2026 12:00:00 GMT",
            },
            40,
        ),
    ],
)
async def test_a_busy_teams_is_spared_for_as_long_as_it_says(
    scene: Outwards, view: View, status: int, headers: dict[str, str], seconds: float
) -> None:
    scene.api.fail("send", Fault(status, "Busy", headers))
    for _ in range(2):
        with pytest.raises(TryLater) as later:
            await post(scene, view)
        assert later.value.after == timedelta(seconds=seconds)
    assert len(scene.api.called("send")) == 1, "nothing is asked before that"
    await post(scene, view, person(ANNA))
    scene.clock.pass_by(seconds=seconds)
    await post(scene, view)


async def test_a_limit_without_its_number_is_one_too(scene: Outwards, view: View) -> None:
    scene.api.fail("send", Fault(403, "RateLimited"))
    with pytest.raises(TryLater):
        await post(scene, view)


async def test_each_failure_without_a_time_waits_twice_as_long_and_a_success_ends_it(
    scene: Outwards, view: View
) -> None:
    waits = []
    scene.api.fail("send", *[Fault(502)] * 10)
    for _ in range(10):
        with pytest.raises(TryLater) as later:
            await post(scene, view)
        waits.append(later.value.after.total_seconds())
        scene.clock.pass_by(seconds=waits[-1])
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    await post(scene, view)
    scene.api.fail("send", Fault(502))
    with pytest.raises(TryLater) as later:
        await post(scene, view)
    assert later.value.after.total_seconds() == 2


async def test_one_call_at_a_time_in_a_conversation(scene: Outwards, view: View) -> None:
    goes = asyncio.Event()
    scene.api.fail("send", Fault(late=goes))
    first = asyncio.create_task(post(scene, view))
    await scene.api.until(lambda: len(scene.api.called("send")) == 1)
    second = asyncio.create_task(post(scene, view))
    await post(scene, view, person(ANNA))
    there = [one for one in scene.api.called("send") if "chat" in one.path]
    assert len(there) == 1, "the other waits for the first, somebody else does not"
    goes.set()
    refs = await asyncio.gather(first, second)
    assert len(set(refs)) == 2


async def test_a_short_wait_is_waited_for_and_a_long_one_is_not(
    scene: Outwards, view: View
) -> None:
    for _ in range(CONVERSATION[1].burst):
        await post(scene, view)
    assert sum(scene.slept) == 0.5 * (CONVERSATION[1].burst - CONVERSATION[0].burst)
    budget = Budget(scene.clock.now)
    with pytest.raises(TryLater) as later:
        _ = [budget.take(Way("h", "t", "c")) for _ in range(20)]
    assert later.value.after > SHORT
