"""The gate: what Microsoft has not signed for us, or what is not of Teams, reaches nobody."""

import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt import PyJWK

from adapters.teams import gate
from adapters.teams.authentication import OnThisMachine
from adapters.teams.gate import HOSTS, is_loopback, is_service_url
from adapters.web import LIMIT
from tests.adapters.teams.conftest import CANARY, Door, Opened, activity
from tests.adapters.teams.microsoft import (
    APP,
    AT,
    NOW,
    SERVICE,
    TENANT,
    Microsoft,
    claims,
    encoded,
    header,
    listed,
    private_key,
    signed,
    token,
)

Forgery: TypeAlias = Callable[[], str | list[str] | None]
EVIL = "https://evil.example/emea/"


def made_of(head: dict[str, Any], signature: bytes, payload: object = None) -> str:
    text = json.dumps(payload if payload is not None else claims()).encode()
    return f"{encoded(json.dumps(head).encode())}.{encoded(text)}.{encoded(signature)}"


def with_algorithm(name: str, hash: hashes.HashAlgorithm, pss: bool = False) -> str:
    """Signed by the right key, in another way."""
    text = made_of(header(alg=name), b"").rpartition(".")[0]
    how = padding.PSS(padding.MGF1(hash), 32) if pss else padding.PKCS1v15()
    return f"{text}.{encoded(private_key('key1').sign(text.encode(), how, hash))}"


def by_public_key() -> str:
    """Signed with the public key as if it were a shared secret."""
    public = private_key("key1").public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = made_of(header(alg="HS256"), b"").rpartition(".")[0]
    return f"{text}.{encoded(hmac.new(pem, text.encode(), hashlib.sha256).digest())}"


def swapped(part: int, by: str) -> str:
    """A good token of which one part is another's."""
    parts = token().split(".")
    parts[part] = by.split(".")[part]
    return ".".join(parts)


def bearing(make: Callable[[], str]) -> Forgery:
    return lambda: f"Bearer {make()}"


HEADERS: dict[str, Forgery] = {
    "no header": lambda: None,
    "an empty header": lambda: "",
    "no token": lambda: "Bearer",
    "an empty token": lambda: "Bearer ",
    "another scheme": lambda: f"Basic {token()}",
    "small letters": lambda: f"bearer {token()}",
    "the token alone": token,
    "two spaces": lambda: f"Bearer  {token()}",
    "words after it": lambda: f"Bearer {token()} x",
    "two tokens in one header": lambda: f"Bearer {token()}, Bearer {token()}",
    "two headers": lambda: [f"Bearer {token()}", f"Bearer {token()}"],
    "garbage": lambda: "Bearer garbage",
    "dots": lambda: "Bearer ...",
    "two parts": lambda: f"Bearer {token().rpartition('.')[0]}",
    "four parts": lambda: f"Bearer {token()}.x",
    "five parts": lambda: f"Bearer {token()}.x.y",
    "padding": lambda: f"Bearer {token()}==",
    "no base64": lambda: f"Bearer {token()[:-2]}%%",
    "letters beyond ASCII": lambda: f"Bearer {token()}å",
}
TOKENS: dict[str, Callable[[], str]] = {
    "no algorithm": lambda: made_of(header(alg="none"), b"x"),
    "no algorithm in capitals": lambda: made_of(header(alg="None"), b"x"),
    "an algorithm left out": lambda: signed(header(alg=None), claims()),
    "an algorithm that is a list": lambda: signed(header(alg=["RS256"]), claims()),
    "the public key as a secret": by_public_key,
    "RS384": lambda: with_algorithm("RS384", hashes.SHA384()),
    "RS512": lambda: with_algorithm("RS512", hashes.SHA512()),
    "PS256": lambda: with_algorithm("PS256", hashes.SHA256(), pss=True),
    "PS256 called RS256": lambda: with_algorithm("RS256", hashes.SHA256(), pss=True),
    "another's key": lambda: signed(header(), claims(), "attacker"),
    "another's key by its own id": lambda: token("attacker"),
    "another's key, brought along": lambda: signed(
        header(jwk=listed("attacker")), claims(), "attacker"
    ),
    "another listed key": lambda: signed(header(kid="key2"), claims(), "key1"),
    "a key of few bits": lambda: token("short"),
    "a key without endorsements": lambda: token("unendorsed"),
    "no id of a key": lambda: signed(header(kid=None), claims()),
    "a number as id of a key": lambda: signed(header(kid=1), claims()),
    "an unknown extension": lambda: signed(header(crit=["x"], x=1), claims()),
    "a payload beside it": lambda: signed(header(b64=False, crit=["b64"]), claims()),
    "another's claims": lambda: swapped(1, token("key1", exp=AT + 3541)),
    "another's header": lambda: swapped(0, signed(header(x=1), claims())),
    "another's signature": lambda: swapped(2, token("key1", exp=AT + 3541)),
    "a short signature": lambda: token()[:-8],
    "no claims": lambda: signed(header(), b""),
    "claims that are no JSON": lambda: signed(header(), b"{"),
    "claims that are a list": lambda: signed(header(), [claims()]),
    "claims that are deep": lambda: signed(header(), b"[" * 3_000),
    "no issuer": lambda: token(iss=None),
    "another issuer": lambda: token(iss="https://evil.example"),
    "an issuer with a slash": lambda: token(iss="https://api.botframework.com/"),
    "the issuer for a government": lambda: token(iss="https://api.botframework.us"),
    "a list of issuers": lambda: token(iss=["https://api.botframework.com"]),
    "an emulator's token, 1.0": lambda: token(
        iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/", appid=APP, ver="1.0"
    ),
    "an emulator's token, 2.0": lambda: token(
        iss="https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0",
        azp=APP,
        ver="2.0",
    ),
    "a skill's token": lambda: token(
        iss=f"https://login.microsoftonline.com/{TENANT}/v2.0", azp="another-bot", ver="2.0"
    ),
    "our own outgoing token": lambda: token(
        iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/",
        aud="https://api.botframework.com",
        appid=APP,
    ),
    "no audience": lambda: token(aud=None),
    "another bot": lambda: token(aud="11111111-2222-4333-8444-555555555555"),
    "several audiences": lambda: token(aud=[APP]),
    "an empty audience": lambda: token(aud=""),
    "no end": lambda: token(exp=None),
    "an end that is text": lambda: token(exp=str(AT + 3540)),
    "an end that is a fraction": lambda: token(exp=AT + 3540.5),
    "an end that is true": lambda: token(exp=True),
    "no number as end": lambda: signed(header(), json.dumps(claims(exp=float("nan"))).encode()),
    "ended 300 s ago": lambda: token(exp=AT - 300, nbf=AT - 3900),
    "ended a year ago": lambda: token(exp=AT - 31_536_000, nbf=AT - 31_539_600),
    "no beginning": lambda: token(nbf=None),
    "a beginning that is text": lambda: token(nbf=str(AT)),
    "begins in 301 s": lambda: token(nbf=AT + 301),
    "ends before it begins": lambda: token(nbf=AT + 200, exp=AT + 100),
    "lives for longer than a day": lambda: token(nbf=AT - 60, exp=AT - 60 + 86_401),
    "no address": lambda: token(serviceurl=None),
    "an empty address": lambda: token(serviceurl=""),
    "an address that is a list": lambda: token(serviceurl=[SERVICE]),
}
ALL = HEADERS | {name: bearing(make) for name, make in TOKENS.items()}


@pytest.fixture
def _listed(issuer: Microsoft) -> None:
    issuer.keys += [
        listed("key2"),
        listed("short"),
        listed("unendorsed", endorsements=None),
        listed("elsewhere", endorsements=["skype", "webchat"]),
        listed("nowhere", endorsements=[]),
    ]


@pytest.mark.parametrize("how", ALL)
@pytest.mark.usefixtures("_listed")
async def test_what_microsoft_has_not_signed_for_us_is_refused(
    door: Door, quiet: list[str], how: str
) -> None:
    made = ALL[how]()
    sent = [made] if isinstance(made, str) else made or []
    quiet += [word for one in sent for word in one.split() if len(word) > 20]
    status, text = await door.knock(made)
    assert status == 401
    assert "CANARY" not in text
    assert door.came == []


#: What is claimed and sent, by a key that may or may not speak for Teams.
FOREIGN: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "an activity without an address": ({}, {"serviceUrl": None}, "key1"),
    "an activity with an empty address": ({}, {"serviceUrl": ""}, "key1"),
    "another address": ({}, {"serviceUrl": SERVICE + "x/"}, "key1"),
    "an address without its slash": ({}, {"serviceUrl": SERVICE.rstrip("/")}, "key1"),
    "an address in capitals": ({}, {"serviceUrl": SERVICE.upper()}, "key1"),
    "an address that is a list": ({}, {"serviceUrl": [SERVICE]}, "key1"),
    "an attacker's address": ({}, {"serviceUrl": EVIL}, "key1"),
    "an attacker's address, signed": ({"serviceurl": EVIL}, {"serviceUrl": EVIL}, "key1"),
    "an open line": (
        {"serviceurl": SERVICE.replace("https", "http")},
        {"serviceUrl": SERVICE.replace("https", "http")},
        "key1",
    ),
    "this machine": (
        {"serviceurl": "http://127.0.0.1:1/"},
        {"serviceUrl": "http://127.0.0.1:1/"},
        "key1",
    ),
    "no channel": ({}, {"channelId": None}, "key1"),
    "an empty channel": ({}, {"channelId": ""}, "key1"),
    "another channel": ({}, {"channelId": "skype"}, "key1"),
    "the emulator": ({}, {"channelId": "emulator"}, "key1"),
    "the channel in capitals": ({}, {"channelId": "MSTEAMS"}, "key1"),
    "a list of channels": ({}, {"channelId": ["msteams"]}, "key1"),
    "a key for other channels": ({}, {}, "elsewhere"),
    "a key for no channels": ({}, {}, "nowhere"),
    "another tenant": (
        {},
        {"channelData": {"tenant": {"id": "x"}}, "conversation": {"id": "a:1"}},
        "key1",
    ),
    "another tenant in the conversation": (
        {},
        {"channelData": None, "conversation": {"id": "a:1", "tenantId": "x"}},
        "key1",
    ),
    "two tenants": ({}, {"channelData": {"tenant": {"id": "another-tenant"}}}, "key1"),
    "no tenant": ({}, {"channelData": {}, "conversation": {"id": "a:1"}}, "key1"),
    "an empty tenant": (
        {},
        {"channelData": {"tenant": {"id": ""}}, "conversation": {"id": "a:1"}},
        "key1",
    ),
    "a tenant that is a list": (
        {},
        {"channelData": {"tenant": {"id": [TENANT]}}, "conversation": {"id": "a:1"}},
        "key1",
    ),
    "lists for objects": ({}, {"channelData": [], "conversation": [], "from": []}, "key1"),
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.usefixtures("_listed")
async def test_what_is_not_of_teams_or_of_another_organisation_is_refused(
    door: Door, quiet: list[str], what: str
) -> None:
    claimed, sent, key = FOREIGN[what]
    status, text = await door.knock(f"Bearer {token(key, **claimed)}", activity(**sent))
    assert status == 403
    assert "CANARY" not in text
    assert door.came == []
    assert quiet


def test_there_are_enough_of_them() -> None:
    assert len(ALL) + len(FOREIGN) >= 40


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "broken": b'{"type": "message", "text": "CANARY',
    "a list": b"[]",
    "a text": b'"message"',
    "no type": b"{}",
    "a type that is a number": b'{"type": 1}',
    "no number": b'{"type": "message", "x": NaN}',
    "half a character": b'{"type": "message", "x": "\\ud800"}',
    "another encoding": '{"type": "message", "text": "å"}'.encode("latin-1"),
    "two of them": b'{"type": "message"}{"type": "message"}',
    "33 deep": b'{"type": "message", "x": ' + b"[" * 32 + b"]" * 32 + b"}",
    "100000 deep": b'{"type": "message", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("what", BODIES)
async def test_what_cannot_be_read_is_a_bad_request(
    door: Door, quiet: list[str], what: str
) -> None:
    status, text = await door.knock(f"Bearer {token()}", BODIES[what])
    assert status == 400
    assert "CANARY" not in text
    assert door.came == []
    assert quiet


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "x"])
async def test_only_json_is_read(door: Door, kind: str) -> None:
    assert (await door.knock(f"Bearer {token()}", kind=kind))[0] == 400
    assert door.came == []


async def test_a_body_that_is_too_large_is_refused_and_not_read_without_a_token(
    door: Door, quiet: list[str]
) -> None:
    body = json.dumps(activity(text=f"{CANARY}{'x' * LIMIT}")).encode()
    assert (await door.knock(f"Bearer {token()}", body))[0] == 413
    assert (await door.knock(None, b"x"))[0] == 401
    assert door.came == []
    assert quiet


async def test_only_posts_are_heard(door: Door) -> None:
    authorization = {"Authorization": f"Bearer {token()}"}
    for more in ({}, {"Connection": "Upgrade", "Upgrade": "websocket"}):
        url = f"{door.url}/teams/messages"
        async with door.session.get(url, headers=authorization | more) as got:
            assert got.status == 405
    assert door.came == []


@pytest.mark.parametrize(
    ("claimed", "sent"),
    [
        ({}, {}),
        ({"exp": AT - 299, "nbf": AT - 3900}, {}),
        ({"nbf": AT + 300}, {}),
        ({"nbf": AT - 60, "exp": AT - 60 + 86_400}, {}),
        ({"appid": "x", "ver": "1.0", "iat": AT + 9_999, "sub": 1, "jti": 1}, {}),
        ({}, {"channelData": None}),
        ({}, {"conversation": {"id": "a:1"}}),
        ({}, {"channelData": {"tenant": {"id": TENANT.upper()}}}),
        (
            {},
            {"channelData": {"tenant": {"id": "another-tenant"}}, "conversation": {"id": "a:1"}},
        ),
        *(
            ({"serviceurl": f"https://{host}/teams/"}, {"serviceUrl": f"https://{host}/teams/"})
            for host in sorted(HOSTS)
        ),
    ],
)
async def test_what_is_right_comes_through_as_it_was_sent(
    door: Door, claimed: dict[str, object], sent: dict[str, object]
) -> None:
    body = activity(**sent)
    assert (await door.knock(f"Bearer {token('key1', **claimed)}", body))[0] == 200
    assert door.came == [body]


async def test_json_may_name_its_encoding(door: Door) -> None:
    assert (await door.knock(f"Bearer {token()}", kind="application/json; charset=utf-8"))[0] == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
GOOD = gate.Token("", "key1", SERVICE)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(activity())), JSON), st.text(max_size=40), JSON)
def test_whatever_is_sent_is_refused_in_one_of_three_ways(
    more: dict[str, Any], text: str, claim: object
) -> None:
    key = gate.SigningKey(PyJWK(listed("key1")), frozenset({"msteams"}))
    sent = activity() | more
    with suppress(gate.Forbidden):
        gate.admit(sent, GOOD, key, [TENANT])
    with suppress(gate.Forbidden):
        gate.admit_unproven(sent)
    with suppress(gate.BadRequest):
        gate.read("application/json", text.encode())
    for name in claims():
        for made in (signed(header(), claims() | {name: claim}), f"{text}.{token()}"):
            with suppress(gate.Unproven):
                gate.claimed(made, APP, NOW)
    with suppress(gate.BadRequest):
        gate.signing_keys({"keys": [listed("key1") | {name: claim} for name in listed("key1")]})


# --- where our token may go ---------------------------------------------------------------------

HOSTILE = [
    "",
    "smba.trafficmanager.net",
    "//smba.trafficmanager.net/",
    "ftp://smba.trafficmanager.net/",
    "HTTPS://smba.trafficmanager.net/",
    "https:/smba.trafficmanager.net/",
    "https://SMBA.trafficmanager.net/",
    "https://smba.trafficmanager.net./",
    "https://smba.trafficmanager.net:443/",
    "https://smba.trafficmanager.net:8443/",
    "https://smba.trafficmanager.net@evil.example/",
    "https://user@smba.trafficmanager.net/",
    "https://evil.example/smba.trafficmanager.net/",
    "https://evil.example#smba.trafficmanager.net/",
    "https://smba.trafficmanager.net#@evil.example/",
    "https://smba.trafficmanager.net?x=1",
    "https://smba.trafficmanager.net/?x=1",
    "https://smba.trafficmanager.net/#x",
    "https://smba.trafficmanager.net\\@evil.example/",
    "https://smba.trafficmanager.net/\\evil.example",
    "https://smba.trafficmanager.net/../x",
    "https://smba.trafficmanager.net/./x",
    "https://smba.trafficmanager.net//evil.example/",
    "https://smba.trafficmanager.net/%2e%2e/",
    "https://smba.trafficmanager.net/ ",
    " https://smba.trafficmanager.net/",
    "https://smba.trafficmanager.net/\n",
    "https://smba.trafficmanager.net\t/",
    "https://smba.trafficmanager.net/emea/\x00",
    "https://smba.trafficmanager.net.evil.example/",
    "https://evil-smba.trafficmanager.net/",
    "https://x.smba.trafficmanager.net/",
    "https://trafficmanager.net/",
    "https://evil.trafficmanager.net/",
    "https://smba.trafficmanager.nеt/",
    "https://xn--smba.trafficmanager.net/",
    "https://smba。trafficmanager。net/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://169.254.169.254/",
    "https://2130706433/",
    "https://localhost/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_our_token_goes_nowhere_else(url: str) -> None:
    assert not is_service_url(url)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(
    st.sampled_from(sorted(HOSTS)),
    st.text(max_size=12),
    st.sampled_from(["before", "after", "scheme"]),
)
def test_whatever_is_put_around_a_host_the_address_stays_on_it(
    host: str, text: str, where: str
) -> None:
    url = {
        "before": f"https://{text}{host}/",
        "after": f"https://{host}{text}",
        "scheme": f"{text}://{host}/",
    }[where]
    path = url.removeprefix(f"https://{host}")
    assert not is_service_url(url) or (path != url and (path == "" or path[0] == "/"))


# --- a client on this machine, without any proof ------------------------------------------------

LOCAL = "http://localhost:56150/_connector"


async def test_a_client_on_this_machine_is_let_in_where_that_was_asked_for(opened: Opened) -> None:
    door = await opened(OnThisMachine())
    body = activity(serviceUrl=LOCAL)
    assert (await door.knock(None, body, x_ms_agents_playground="true"))[0] == 200
    assert door.came == [body]


@pytest.mark.parametrize(
    ("headers", "sent", "status"),
    [
        ({"Authorization": "Bearer x"}, {}, 401),
        ({"Origin": "https://evil.example"}, {}, 401),
        ({"Sec_Fetch_Site": "cross-site"}, {}, 401),
        ({"X_Forwarded_For": "10.0.0.1"}, {}, 401),
        ({"Forwarded": "for=10.0.0.1"}, {}, 401),
        ({"Via": "1.1 proxy"}, {}, 401),
        ({"Host": "krets.example.org"}, {}, 401),
        ({"Host": "localhost.evil.example"}, {}, 401),
        ({}, {"serviceUrl": SERVICE}, 403),
        ({}, {"serviceUrl": None}, 403),
        ({}, {"serviceUrl": "http://localhost.evil.example/"}, 403),
        ({}, {"serviceUrl": "http://localhost@evil.example/"}, 403),
        ({}, {"channelId": "webchat"}, 403),
        ({}, {"channelData": None, "conversation": {"id": "a:1"}}, 403),
    ],
)
async def test_even_there_nobody_from_elsewhere_is_let_in(
    opened: Opened, headers: dict[str, str], sent: dict[str, object], status: int
) -> None:
    door = await opened(OnThisMachine())
    body = activity(**({"serviceUrl": LOCAL} | sent))
    assert (await door.knock(None, body, **headers))[0] == status
    assert door.came == []


def test_an_address_on_this_machine_is_one() -> None:
    ours = ("http://127.0.0.1:3978/", "http://[::1]:1/x", "http://localhost", LOCAL)
    assert all(map(is_loopback, ours))
    others = (
        "https://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://127.0.0.2/",
        "http://0.0.0.0/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
    )
    assert not any(map(is_loopback, others))
