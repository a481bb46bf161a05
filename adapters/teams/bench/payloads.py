"""What Teams sends, with proof: commands and votes, as bodies that only need a fresh id."""

import itertools
import json
from collections.abc import Iterator, Sequence
from secrets import token_hex
from typing import Any

from adapters.bench.load import Ask, Headers
from adapters.bench.story import Vote
from adapters.teams.bench.organisations import BOT
from adapters.teams.gate import CHANNEL
from adapters.teams.shapes import FORM
from bot.core.event import Identity

#: Stands in a body where its id belongs.
_ID = "IDTOBEFILLEDIN"


def proven(token: str) -> Headers:
    """Proves by this token, which Microsoft uses again until its end."""
    lines = (
        "User-Agent: Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)\r\n"
        "Content-Type: application/json; charset=utf-8\r\n"
        f"Authorization: Bearer {token}\r\n"
    ).encode()
    return lambda _: lines


def commands(votes: Sequence[Vote], text: str, service_url: str) -> Iterator[Ask]:
    """This text, by everybody in turn, one group after the other; then nothing more."""
    for one in _in_turn(votes):
        written = {"type": "message", "text": text, "textFormat": "plain"}
        yield _ask(_by(one[1], service_url) | written)


def again(votes: Sequence[Vote], text: str, service_url: str) -> Iterator[Ask]:
    """This text, by everybody in turn and over again."""
    bodies = [ask.body for ask in commands(votes, text, service_url)]
    for body in itertools.cycle(bodies):
        yield Ask(_with_id(body))


def submissions(votes: Sequence[Vote], service_url: str, expects: bytes = b"") -> Iterator[Ask]:
    """A vote of everybody in turn, one group after the other; each time another choice."""
    for choice in itertools.count():
        turn = [
            (vote, user, vote.cases[choice % len(vote.cases)]) for vote, user in _in_turn(votes)
        ]
        # All made before the first is sent, so that making them takes nobody's time.
        bodies = [json.dumps(_vote(*one, service_url)).encode() for one in turn]
        for (vote, user, case), body in zip(turn, bodies, strict=True):
            yield Ask(_with_id(body), expects, (vote.group, user.native, case))


def _in_turn(votes: Sequence[Vote]) -> Iterator[tuple[Vote, Identity]]:
    for together in zip(*(vote.voters for vote in votes), strict=True):
        yield from zip(votes, together, strict=True)


def _ask(activity: dict[str, Any]) -> Ask:
    return Ask(json.dumps(activity).encode())


def _with_id(body: bytes) -> bytes:
    return body.replace(_ID.encode(), token_hex(16).encode())


def _by(who: Identity, service_url: str) -> dict[str, Any]:
    """What is in all that somebody does in their own chat."""
    locale, zone = "sv-SE", "Europe/Stockholm"
    client = {"locale": locale, "country": "SE", "platform": "Windows", "timezone": zone}
    return {
        "id": f"f:{_ID}",
        "timestamp": "2026-03-10T08:00:00.000Z",
        "localTimestamp": "2026-03-10T09:00:00.000+01:00",
        "localTimezone": zone,
        "locale": locale,
        "channelId": CHANNEL,
        "serviceUrl": service_url,
        "from": {
            "id": f"29:{who.native}",
            "aadObjectId": who.native,
            "name": f"Person {who.native}",
        },
        "recipient": {"id": BOT, "name": "Krets"},
        "conversation": {
            "conversationType": "personal",
            "tenantId": who.tenant,
            "id": f"a:{who.native}",
        },
        "entities": [{"type": "clientInfo"} | client],
        "channelData": {"tenant": {"id": who.tenant}},
    }


def _vote(vote: Vote, who: Identity, case: str, service_url: str) -> dict[str, Any]:
    """The dialog of a vote as it comes back, filled in."""
    card = vote.form["task"]["value"]["card"]["content"]
    (asked,) = (one["id"] for one in card["body"] if one["type"] == "Input.ChoiceSet")
    (carried,) = (one["data"] for one in card["actions"] if FORM in one["data"])
    value = {"data": carried | {asked: case}, "context": {"theme": "default"}}
    invoked = {"type": "invoke", "name": "task/submit", "value": value}
    return _by(who, service_url) | invoked
