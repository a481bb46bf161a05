"""The tokens with which Krets calls Teams: fetched once, and beside the calls."""

import asyncio
import json
import logging
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.teams.connector import REVOKED
from adapters.teams.credentials import (
    Credentials,
    NoTokens,
    by_managed_identity,
    by_secret,
    certificate,
)
from bot.messenger import TryLater
from bot.words import View
from tests.adapters.scene import a_card
from tests.adapters.teams.microsoft import APP, TENANT
from tests.adapters.teams_api import SECRET, Fault
from tests.adapters.teams_names import self_signed
from tests.adapters.teams_scene import ANNA, BO, Outwards, person, room, teams_outwards


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Outwards]:
    async with teams_outwards(tmp_path) as scene:
        yield scene


def other(scene: Outwards, *secrets: str) -> Credentials:
    """Credentials with these passwords, in this order."""
    asks = [by_secret(APP, TENANT, secret) for secret in secrets]
    return Credentials(asks, scene.session, scene.clock.now)


async def test_many_calls_at_once_and_later_need_one_token(scene: Outwards, view: View) -> None:
    to = [person(ANNA), person(BO), room()]
    for _ in range(2):
        await asyncio.gather(*(scene.messenger.post(one, a_card("x"), view) for one in to))
    assert len(scene.api.called("token")) == 1
    assert {call.token for call in scene.api.called("send")} == scene.api.tokens


async def test_a_token_is_fetched_anew_before_its_end_while_the_old_one_is_used(
    scene: Outwards,
) -> None:
    first = await scene.credentials.get()
    scene.clock.pass_by(seconds=scene.api.lasts - 300)
    assert await scene.credentials.get() == first
    assert scene.credentials._fetch is not None
    await scene.credentials._fetch
    assert await scene.credentials.get() != first
    assert len(scene.api.called("token")) == 2


async def test_during_a_rotation_the_next_secret_is_tried(scene: Outwards) -> None:
    credentials = other(scene, "the-old-one", SECRET)
    assert await credentials.get() in scene.api.tokens
    assert [call.body["client_secret"] for call in scene.api.called("token")] == [
        "the-old-one",
        SECRET,
    ]


async def test_when_every_secret_is_refused_calls_wait_and_no_word_of_it_is_kept(
    scene: Outwards, caplog: pytest.LogCaptureFixture
) -> None:
    credentials = other(scene, "wrong-secret")
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            with pytest.raises(TryLater) as later:
                await credentials.get()
    assert later.value.after == timedelta(minutes=5)
    assert len(scene.api.called("token")) == 1
    said = "".join(f"{one.getMessage()}{one.__dict__}" for one in caplog.records)
    assert "a secret of the bot in Teams is refused: invalid_client" in said
    assert "CANARY" not in said
    assert "wrong-secret" not in said
    scene.api.secrets.add("wrong-secret")
    scene.clock.pass_by(minutes=5)
    assert await credentials.get() in scene.api.tokens


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("discover", Fault(500, "x")),
        ("discover", Fault(429, "x")),
        ("discover", Fault(body="<html>")),
        ("token", Fault(500, "x")),
        ("token", Fault(429, "x")),
        ("token", Fault(body="<html>")),
        ("token", Fault(body="[]")),
        ("token", Fault(cut=True)),
    ],
)
async def test_where_tokens_come_from_may_fail_and_is_asked_again_later(
    scene: Outwards, name: str, fault: Fault
) -> None:
    scene.api.fail(name, fault)
    with pytest.raises(TryLater):
        await scene.credentials.get()
    scene.clock.pass_by(minutes=5)
    assert await scene.credentials.get() in scene.api.tokens


async def test_a_stalled_token_endpoint_holds_nobody_up(scene: Outwards, view: View) -> None:
    late = asyncio.Event()
    scene.api.fail("discover", Fault(late=late))
    waiting = asyncio.create_task(scene.messenger.post(room(), a_card("x"), view))
    await scene.api.until(lambda: scene.api.called("discover"))
    scene.clock.pass_by(seconds=3)
    with pytest.raises(TryLater):
        await scene.messenger.post(person(ANNA), a_card("x"), view)
    late.set()
    await asyncio.gather(waiting, return_exceptions=True)
    assert len(scene.api.called("discover")) == 1


async def test_a_refused_token_is_replaced_once(scene: Outwards, view: View) -> None:
    await scene.messenger.post(room(), a_card("x"), view)
    scene.api.tokens.clear()
    await scene.messenger.post(room(), a_card("x"), view)
    assert len(scene.api.called("token")) == 2
    assert len(scene.api.messages(room().native)) == 2


async def test_an_organisation_that_takes_no_token_is_left_alone_for_an_hour(
    scene: Outwards, view: View
) -> None:
    scene.api.fail("send", Fault(401), Fault(401))
    for _ in range(3):
        with pytest.raises(TryLater) as later:
            await scene.messenger.post(room(), a_card("x"), view)
    assert later.value.after == REVOKED
    assert len(scene.api.called("send")) == 2
    scene.clock.pass_by(hours=1)
    await scene.messenger.post(room(), a_card("x"), view)


async def test_a_certificate_signs_instead_of_a_password(scene: Outwards) -> None:
    pem = self_signed(rsa.generate_private_key(public_exponent=65537, key_size=2048)).decode()
    ask = by_secret(APP, TENANT, certificate(pem))
    credentials = Credentials([ask], scene.session, scene.clock.now)
    assert await credentials.get() in scene.api.tokens
    (call,) = scene.api.called("token")
    assert "client_secret" not in call.body
    header = json.loads(urlsafe_b64decode(call.body["client_assertion"].split(".")[0] + "=="))
    assert header["x5t#S256"]


async def test_a_managed_identity_needs_no_secret(
    scene: Outwards, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = "https://login.microsoftonline.com"
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", here)
    credentials = Credentials([by_managed_identity(APP)], scene.session, scene.clock.now)
    assert await credentials.get() in scene.api.tokens
    (call,) = scene.api.called("identity")
    assert call.query["client_id"] == APP


async def test_a_client_on_this_machine_gets_no_token() -> None:
    tokens = NoTokens()
    tokens.refuse("")
    assert await tokens.get() == ""


async def test_fetching_is_given_up_at_the_end(scene: Outwards) -> None:
    late = asyncio.Event()
    scene.api.fail("discover", Fault(late=late))
    waiting = asyncio.create_task(scene.credentials.get())
    await scene.api.until(lambda: scene.api.called("discover"))
    await scene.credentials.close()
    with pytest.raises(TryLater):
        await waiting
    late.set()
    assert scene.api.called("token") == []
