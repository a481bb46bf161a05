"""Microsoft's keys: turned over without overlap, out of reach, slow, or asked for by a flood."""

import asyncio
import json
from collections.abc import Callable

import pytest
from aiohttp import web

from adapters.teams import keys as module
from adapters.teams.keys import SigningKeys
from tests.adapters.teams.conftest import Door
from tests.adapters.teams.microsoft import (
    NOW,
    Clock,
    Json,
    Microsoft,
    claims,
    header,
    listed,
    microsoft,
    signed,
)


def token(clock: Clock, key: str = "key1", kid: str = "") -> str:
    """A token that is good now."""
    at = int(clock.now().timestamp())
    good = claims(nbf=at - 60, exp=at + 3540)
    return f"Bearer {signed(header(kid=kid or key), good, key)}"


async def test_the_keys_are_fetched_once_for_all(
    door: Door, issuer: Microsoft, clock: Clock, keys: SigningKeys
) -> None:
    assert not keys.ready
    got = await asyncio.gather(*(door.knock(token(clock)) for _ in range(20)))
    assert {status for status, _ in got} == {200}
    assert issuer.asked == 1
    assert keys.ready


async def test_keys_turned_over_without_overlap_are_healed_by_the_first_request(
    door: Door, issuer: Microsoft, clock: Clock
) -> None:
    assert (await door.knock(token(clock)))[0] == 200
    clock.pass_by(minutes=1)
    issuer.keys = [listed("key2")]
    assert (await door.knock(token(clock, "key2")))[0] == 200
    assert (await door.knock(token(clock, "key1")))[0] == 401, "no longer listed"
    assert issuer.asked == 2


async def test_keys_turned_over_under_a_flood_are_healed_within_a_minute(
    door: Door, issuer: Microsoft, clock: Clock
) -> None:
    await door.knock(token(clock))
    clock.pass_by(minutes=1)
    await door.knock(token(clock, "attacker", "a"))
    issuer.keys = [listed("key2")]
    assert (await door.knock(token(clock, "key2")))[0] == 401
    clock.pass_by(seconds=59)
    assert (await door.knock(token(clock, "key2")))[0] == 401
    clock.pass_by(seconds=1)
    assert (await door.knock(token(clock, "key2")))[0] == 200


async def test_a_flood_of_unknown_keys_causes_one_fetch_a_minute(
    door: Door, issuer: Microsoft, clock: Clock
) -> None:
    await door.knock(token(clock))
    for second in range(300):
        clock.pass_by(seconds=1)
        forged = (token(clock, "attacker", f"{second}-{one}") for one in range(2))
        got = await asyncio.gather(*map(door.knock, forged))
        assert {status for status, _ in got} == {401}
    assert issuer.asked <= 1 + 5
    assert (await door.knock(token(clock)))[0] == 200
    assert door.came != []


async def test_what_could_not_be_right_asks_for_no_key(
    door: Door, issuer: Microsoft, clock: Clock
) -> None:
    at = int(clock.now().timestamp())
    for wrong in ({"aud": "another"}, {"iss": "another"}, {"exp": at - 9_999, "nbf": at - 10_000}):
        made = signed(header(kid="unknown"), claims(**wrong), "attacker")
        assert (await door.knock(f"Bearer {made}"))[0] == 401
    for head in (header(alg="none"), header(alg="HS256"), header(kid=None)):
        assert (await door.knock(f"Bearer {signed(head, claims())}"))[0] == 401
    assert issuer.asked == 0


async def test_a_stalled_endpoint_keeps_nobody_waiting_whose_key_is_known(
    door: Door, issuer: Microsoft, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.02)
    await door.knock(token(clock))
    clock.pass_by(minutes=1)
    issuer.goes.clear()
    assert (await door.knock(token(clock, "attacker", "a")))[0] == 401
    await issuer.until_asked(2)
    assert (await door.knock(token(clock)))[0] == 200, "while nothing is answered there"
    clock.pass_by(minutes=1)
    assert (await door.knock(token(clock, "attacker", "b")))[0] == 401
    assert issuer.asked == 2, "one at a time"


async def test_a_fetch_goes_on_when_nobody_waits_for_it_any_more(
    door: Door, issuer: Microsoft, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.02)
    issuer.goes.clear()
    assert (await door.knock(token(clock)))[0] == 401
    monkeypatch.undo()
    issuer.goes.set()
    assert (await door.knock(token(clock)))[0] == 200
    assert issuer.asked == 1


async def test_a_fetch_that_takes_too_long_is_given_up_and_tried_again(
    door: Door, issuer: Microsoft, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TIMEOUT", 0.02)
    issuer.goes.clear()
    assert (await door.knock(token(clock)))[0] == 401
    monkeypatch.undo()
    issuer.goes.set()
    assert (await door.knock(token(clock)))[0] == 401, "not at once"
    clock.pass_by(minutes=1)
    assert (await door.knock(token(clock)))[0] == 200


async def test_keys_are_fetched_anew_beside_the_requests_after_half_a_day(
    door: Door, issuer: Microsoft, clock: Clock
) -> None:
    await door.knock(token(clock))
    clock.pass_by(hours=11.9)
    await door.knock(token(clock))
    assert issuer.asked == 1
    clock.pass_by(hours=0.1)
    issuer.goes.clear()
    assert (await door.knock(token(clock)))[0] == 200
    await issuer.until_asked(2)


def answer(body: object, status: int = 200) -> Callable[[], web.Response]:
    text = body if isinstance(body, str) else json.dumps(body)
    return lambda: web.Response(text=text, status=status, content_type="application/json")


def elsewhere() -> web.Response:
    return web.Response(status=302, headers={"Location": "/elsewhere"})


FORGED = {"keys": [listed("attacker", kid="a")]}
BROKEN: dict[str, Callable[[], web.Response]] = {
    "an error": answer(FORGED, 500),
    "another success": answer(FORGED, 202),
    "elsewhere": elsewhere,
    "nothing": answer(""),
    "no JSON": answer("<html>"),
    "a list": answer([]),
    "no keys": answer({}),
    "no list of keys": answer({"keys": {}}),
    "an empty list": answer({"keys": []}),
    "none that can be used": answer(
        {
            "keys": [
                1,
                {"kty": "oct", "kid": "key1", "k": "eA", "endorsements": ["msteams"]},
                listed("key1", kid=None),
                listed("key1", n="!"),
                listed("key1", n=1),
                listed("key1", e=None),
                listed("key1", d="AQAB"),
                listed("short", kid="key1"),
            ]
        }
    ),
    "deep": answer("[" * 100_000),
    "large": answer(json.dumps(FORGED) + " " * 1024 * 1024),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_the_last_good_keys_are_kept_while_there_are_no_better_ones(
    door: Door, issuer: Microsoft, clock: Clock, quiet: list[str], what: str
) -> None:
    assert (await door.knock(token(clock)))[0] == 200
    issuer.document = BROKEN[what]
    clock.pass_by(hours=12)
    for asked in (2, 3):
        assert (await door.knock(token(clock, "attacker", "a")))[0] == 401
        assert issuer.asked == asked
        assert (await door.knock(token(clock)))[0] == 200
        clock.pass_by(minutes=1)
    assert (issuer.fetched, issuer.strayed) == (3, 0)
    quiet.append(listed("key1")["n"])


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        [],
        {"jwks_uri": 1},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://[/keys"},
        {"jwks_uri": "/keys"},
    ],
)
async def test_keys_are_looked_for_nowhere_else(
    door: Door, issuer: Microsoft, clock: Clock, metadata: Json
) -> None:
    issuer.metadata = answer(metadata)
    assert (await door.knock(token(clock)))[0] == 401
    assert (issuer.asked, issuer.fetched) == (1, 0)


async def test_no_other_server_is_asked_for_keys_in_the_clear(
    door: Door, issuer: Microsoft, clock: Clock
) -> None:
    async with microsoft() as other:
        issuer.metadata = answer({"jwks_uri": f"{other.url}/keys"})
        assert (await door.knock(token(clock)))[0] == 401
        assert other.fetched == 0


async def test_keys_of_five_days_ago_are_good_no_more(
    door: Door, issuer: Microsoft, clock: Clock, keys: SigningKeys
) -> None:
    await door.knock(token(clock))
    issuer.metadata = answer("", 503)
    clock.pass_by(days=4, hours=23)
    assert (await door.knock(token(clock)))[0] == 200
    clock.pass_by(hours=1)
    assert (await door.knock(token(clock)))[0] == 401
    assert not keys.ready
    issuer.metadata = None
    clock.pass_by(minutes=1)
    assert (await door.knock(token(clock)))[0] == 200


async def test_a_clock_that_was_set_back_stops_nothing(
    door: Door, issuer: Microsoft, clock: Clock
) -> None:
    await door.knock(token(clock))
    clock.pass_by(days=-1)
    issuer.keys = [listed("key2")]
    assert (await door.knock(token(clock, "key2")))[0] == 200
    assert clock.now() < NOW


async def test_closing_gives_up_what_is_under_way(
    keys: SigningKeys, issuer: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.02)
    issuer.goes.clear()
    assert await keys.get("key1") is None
    async with asyncio.timeout(2):
        await keys.close()
    issuer.goes.set()
    assert await keys.get("key1") is None, "nothing arrived afterwards"
