"""The gate: what Slack has not signed just now, or nobody can read, reaches nobody."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import gate
from adapters.slack.routes import PATH
from adapters.web import LIMIT
from bot.words import View
from tests.adapters.slack_scene import ANNA, FORM, JSON, NOW, SECRET, SlackScene, slack_scene
from tests.contract.platform import Recording

CANARY = "CANARY-something-hard-has-happened"
AT = int(NOW.timestamp())
COMMAND = urlencode({"command": "/krets", "text": CANARY, "user_id": ANNA}).encode()


def signed(body: bytes, at: object = AT, secret: str = SECRET) -> dict[str, str]:
    signature = gate.sign(str(at), body, secret).decode()
    return {"X_Slack_Request_Timestamp": str(at), "X_Slack_Signature": signature}


@pytest.fixture
def bot(view: View) -> Recording:
    return Recording(view)


@pytest.fixture
async def scene(bot: Recording, caplog: pytest.LogCaptureFixture) -> AsyncIterator[SlackScene]:
    caplog.set_level(logging.DEBUG)
    async with slack_scene(bot, bot.view) as scene:
        for name in ("slack_bolt", "slack_sdk", "aiohttp", "adapters", "asyncio"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        yield scene
    for name in ("slack_bolt", "slack_sdk", "aiohttp", "adapters", "asyncio"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def _no_canary(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    # `caplog.records` is only of the phase that runs, and this one is after the test.
    for record in (*caplog.get_records("setup"), *caplog.get_records("call")):
        assert CANARY not in f"{record.getMessage()} {record.exc_text} {record.__dict__}"


FORGED: dict[str, dict[str, str]] = {
    "another secret": signed(COMMAND, secret="f" * 32),
    "the empty secret": signed(COMMAND, secret=""),
    "another body": signed(COMMAND + b"&x=1"),
    "an empty body": signed(b""),
    "another time in the signature": signed(COMMAND) | {"X_Slack_Request_Timestamp": str(AT + 1)},
    "301 s ago": signed(COMMAND, AT - 301),
    "301 s ahead": signed(COMMAND, AT + 301),
    "a day ago": signed(COMMAND, AT - 86_400),
    "at the epoch": signed(COMMAND, 0),
    "far in the future": signed(COMMAND, 999_999_999_999),
    "milliseconds": signed(COMMAND, AT * 1000),
    "a time of letters": signed(COMMAND, "abc"),
    "no time at all": signed(COMMAND, ""),
    "a negative time": signed(COMMAND, -AT),
    "a time with a sign": signed(COMMAND, f"+{AT}"),
    "a time with a point": signed(COMMAND, f"{AT}.0"),
    "a time with an exponent": signed(COMMAND, "1e9"),
    "a time with an underscore": signed(COMMAND, f"{AT // 1000}_000"),
    "a hexadecimal time": signed(COMMAND, hex(AT)),
    "a time of other digits": signed(COMMAND, AT)
    | {"X_Slack_Request_Timestamp": "".join(chr(0x0660 + int(one)) for one in str(AT))},
    "a time of a hundred digits": signed(COMMAND, "9" * 100),
    "a word that is no number": signed(COMMAND, "nan"),
    "an endless time": signed(COMMAND, "inf"),
    "an empty signature": signed(COMMAND) | {"X_Slack_Signature": ""},
    "the version alone": signed(COMMAND) | {"X_Slack_Signature": "v0="},
    "another version": signed(COMMAND)
    | {"X_Slack_Signature": signed(COMMAND)["X_Slack_Signature"].replace("v0", "v1")},
    "no version": signed(COMMAND)
    | {"X_Slack_Signature": signed(COMMAND)["X_Slack_Signature"].removeprefix("v0=")},
    "a short signature": signed(COMMAND)
    | {"X_Slack_Signature": signed(COMMAND)["X_Slack_Signature"][:-1]},
    "a long signature": signed(COMMAND)
    | {"X_Slack_Signature": signed(COMMAND)["X_Slack_Signature"] + "0"},
    "capitals": signed(COMMAND)
    | {"X_Slack_Signature": "v0=" + signed(COMMAND)["X_Slack_Signature"][3:].upper()},
    "zeros": signed(COMMAND) | {"X_Slack_Signature": "v0=" + "0" * 64},
    "no hexadecimal": signed(COMMAND) | {"X_Slack_Signature": "v0=" + "g" * 64},
    "letters beyond ASCII": signed(COMMAND) | {"X_Slack_Signature": "v0=" + "å" * 64},
    "two signatures in one": signed(COMMAND)
    | {"X_Slack_Signature": f"v0={'0' * 64},{signed(COMMAND)['X_Slack_Signature']}"},
    "the canary itself": signed(COMMAND) | {"X_Slack_Signature": CANARY},
}


@pytest.mark.parametrize("how", FORGED)
async def test_what_slack_has_not_signed_just_now_is_refused(
    scene: SlackScene, bot: Recording, how: str
) -> None:
    got = await scene.post(COMMAND, FORM, **FORGED[how])
    assert got.status == 401
    assert CANARY not in got.text
    assert bot.events == []


def test_there_are_enough_of_them() -> None:
    assert len(FORGED) >= 30


async def test_without_headers_or_with_two_of_one_it_is_refused(
    scene: SlackScene, bot: Recording
) -> None:
    right = {name.replace("_", "-"): value for name, value in signed(COMMAND).items()}
    for left_out in (*right, None):
        headers = [(name, value) for name, value in right.items() if name != left_out]
        headers += headers if left_out is None else []
        given = [("Content-Type", FORM), *headers]
        async with scene.session.post(scene.url + PATH, data=COMMAND, headers=given) as got:
            assert got.status == 401
    async with scene.session.post(scene.url + PATH, data=COMMAND) as got:
        assert got.status == 401
    assert bot.events == []


async def test_what_is_signed_comes_through_up_to_the_edge_of_the_window(
    scene: SlackScene, bot: Recording
) -> None:
    for seconds in (-300, 0, 300):
        body = urlencode(scene.command_of(ANNA, CANARY)).encode()
        assert (await scene.post(body, FORM, **signed(body, AT + seconds))).status == 200
    assert len(bot.events) == 3


def test_every_secret_of_a_rotation_is_taken_and_no_other() -> None:
    for secret, taken in (("new", True), ("old", True), ("older", False), ("", False)):
        given = [gate.sign(str(AT), COMMAND, secret).decode()]
        assert gate.is_genuine([str(AT)], given, COMMAND, ["new", "old", ""], NOW) is taken
        assert not gate.is_genuine([str(AT)], given, COMMAND, [], NOW)


# Halves of surrogate pairs have no UTF-8.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(TEXT, TEXT, max_size=5), st.sampled_from([quote, quote_plus]))
def test_a_form_is_read_as_it_was_written(fields: dict[str, str], via: Callable[..., str]) -> None:
    fields = fields | {"command": "/krets"}
    fields.pop("payload", None)
    assert gate.read(FORM, urlencode(fields, quote_via=via).encode()).payload == fields


def test_what_looks_like_an_escape_in_a_form_is_none() -> None:
    raw = rb"command=\x41\u0041&text=a\%5Cx41%255C%2B+"
    assert gate.read(FORM, raw).payload == {"command": r"\x41\u0041", "text": r"a\\x41%5C+ "}


BROKEN: dict[str, tuple[str, bytes]] = {
    "no JSON": (JSON, CANARY.encode()),
    "JSON that ends early": (JSON, b'{"type": "event_callback", "x": "' + CANARY.encode()),
    "a list": (JSON, json.dumps([CANARY]).encode()),
    "a number": (JSON, b"1"),
    "null": (JSON, b"null"),
    "nothing": (JSON, b""),
    "not a number": (JSON, b'{"type": "event_callback", "x": NaN}'),
    "no type": (JSON, json.dumps({"text": CANARY}).encode()),
    "a type that is none": (JSON, json.dumps({"type": [CANARY]}).encode()),
    "half a letter": (JSON, b'{"type": "event_callback", "x": "\\ud800"}'),
    "other bytes than UTF-8": (JSON, b'{"type": "event_callback", "x": "\xff"}'),
    "UTF-16": (JSON, json.dumps({"type": "event_callback"}).encode("utf-16")),
    "a hundred thousand brackets": (JSON, b"[" * 100_000),
    "nested objects": (JSON, b'{"type":' * 30_000),
    "an event that is a text": (
        JSON,
        json.dumps({"type": "event_callback", "event": CANARY, "event_id": "E"}).encode(),
    ),
    "authorizations of numbers": (
        JSON,
        json.dumps({"type": "event_callback", "authorizations": [1], "event": {}}).encode(),
    ),
    "no form": (FORM, CANARY.encode()),
    "an empty form": (FORM, b""),
    "a form with two commands": (FORM, b"command=%2Fkrets&command=%2Fother"),
    "a form with bytes": (FORM, b"command=%2Fkrets&text=\xff"),
    "a form with no UTF-8": (FORM, b"command=%2Fkrets&text=%ff"),
    "a form with a sign that is quoted badly": (FORM, COMMAND + b"%2"),
    "a form with what is no sign": (FORM, COMMAND + b"%zz"),
    "a form with half a letter": (FORM, COMMAND + b"%ED%A0%80"),
    "a form with a field without a value": (FORM, COMMAND + b"&text2"),
    "a form of a thousand fields": (FORM, b"&".join(b"f%d=1" % one for one in range(1000))),
    "a form without a command": (FORM, urlencode({"text": CANARY}).encode()),
    "a command by nobody": (FORM, urlencode({"command": "/krets", "text": CANARY}).encode()),
    "a payload that is no JSON": (FORM, urlencode({"payload": CANARY}).encode()),
    "a payload that is a list": (FORM, urlencode({"payload": "[]"}).encode()),
    "a form in parts": ("multipart/form-data; boundary=x", b"--x--"),
    "plain text": ("text/plain", COMMAND),
}

#: Signed, and readable as nothing that anybody asked for.
IGNORED: dict[str, tuple[str, bytes]] = {
    "an event without an event": (JSON, json.dumps({"type": "event_callback"}).encode()),
    "a workspace that is a list": (
        JSON,
        json.dumps({"type": "event_callback", "team_id": [CANARY], "event": {}}).encode(),
    ),
    "an action by nobody": (FORM, urlencode({"payload": '{"type": "block_actions"}'}).encode()),
    "a view without a view": (FORM, urlencode({"payload": '{"type": "view_submission"}'}).encode()),
    "an event of another kind": (
        JSON,
        json.dumps({"type": "app_rate_limited", "text": CANARY}).encode(),
    ),
    "a change of a channel": (
        JSON,
        json.dumps(
            {
                "type": "event_callback",
                "team_id": "T0KRETS",
                "event_id": "Ev1",
                "event": {"type": "channel_rename", "channel": {"id": "C1", "name": CANARY}},
            }
        ).encode(),
    ),
    "a view that was closed": (FORM, urlencode({"payload": '{"type": "view_closed"}'}).encode()),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_what_nobody_can_read_is_refused_even_if_it_is_signed(
    scene: SlackScene, bot: Recording, how: str
) -> None:
    kind, body = BROKEN[how]
    got = await scene.post(body, kind)
    assert got.status == 400
    assert CANARY not in got.text
    assert bot.events == []


@pytest.mark.parametrize("how", IGNORED)
async def test_what_nobody_asked_for_is_answered_and_does_nothing(
    scene: SlackScene, bot: Recording, how: str
) -> None:
    kind, body = IGNORED[how]
    got = await scene.post(body, kind)
    assert (got.status, got.text) == (200, "")
    assert bot.events == []


async def test_slack_s_question_about_the_address_is_answered(scene: SlackScene) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZ", "token": "x"}).encode()
    assert (await scene.post(body, JSON)).body == {"challenge": "3eZ"}
    assert (await scene.post(body, JSON, X_Slack_Signature="")).status == 401


async def test_a_body_that_is_too_long_is_refused(scene: SlackScene, bot: Recording) -> None:
    body = COMMAND + b"&x=" + CANARY.encode() * (LIMIT // len(CANARY))
    assert (await scene.post(body)).status == 413
    assert bot.events == []


async def test_a_body_that_is_packed_badly_is_refused(scene: SlackScene, bot: Recording) -> None:
    headers = signed(COMMAND) | {"Content_Encoding": "gzip"}
    assert (await scene.post(COMMAND, FORM, **headers)).status == 400
    assert bot.events == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_posts_are_taken(scene: SlackScene, bot: Recording, method: str) -> None:
    headers = {name.replace("_", "-"): value for name, value in signed(COMMAND).items()}
    asked = scene.session.request(method, scene.url + PATH, data=COMMAND, headers=headers)
    async with asked as got:
        assert got.status == 405
    assert bot.events == []


async def test_a_look_at_the_certificate_is_answered_and_does_nothing(
    scene: SlackScene, bot: Recording
) -> None:
    unsigned = {"X_Slack_Signature": ""}
    looked = urlencode({"ssl_check": "1", "token": CANARY}).encode()
    assert (await scene.post(looked, FORM, **unsigned)).status == 200
    smuggled = looked + b"&" + COMMAND
    assert (await scene.post(smuggled, FORM, **unsigned)).status == 401
    assert (await scene.post(b"ssl_check=2", FORM, **unsigned)).status == 401
    assert bot.events == []


async def test_a_fault_of_ours_is_answered_500_and_logged_by_its_type(
    scene: SlackScene,
    bot: Recording,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(event: object) -> None:
        raise LookupError(CANARY)

    monkeypatch.setattr(bot, "handle", fail)
    got = await scene.command(ANNA, CANARY)
    assert (got.status, got.text) == (500, "")
    assert "command failed: LookupError" in caplog.text
