"""What Slack sends, signed: commands, presses, votes, as bodies that only need a fresh trigger."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from adapters.bench.load import Ask, Headers
from adapters.bench.story import Vote
from adapters.slack import gate
from adapters.slack.bench.web_api import TEAM
from bot.core.action import Action, pack

#: Stands in a body where the trigger belongs.
_TRIGGER = "TRIGGERTOBEFILLEDIN"


def signed(secret: str, real: Callable[[], datetime]) -> Headers:
    """Signs with this secret at this real time."""

    def headers(body: bytes) -> bytes:
        timestamp = str(int(real().timestamp()))
        return (
            b"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"X-Slack-Request-Timestamp: %b\r\n"
            b"X-Slack-Signature: %b\r\n"
        ) % (timestamp.encode(), gate.sign(timestamp, body, secret))

    return headers


def commands(votes: Sequence[Vote], text: str, api: str, expects: bytes = b"") -> Iterator[Ask]:
    """`/krets <text>`, by everybody in turn."""
    bodies = [
        urlencode(_command(user.native, text, api)).encode()
        for vote in votes
        for user in vote.voters
    ]
    for body in itertools.cycle(bodies):
        yield Ask(_with_trigger(body), expects)


def presses(votes: Sequence[Vote], of: Callable[[str], Action]) -> Iterator[Ask]:
    """A button of a private message that does this in the group, pressed by everybody in turn."""
    bodies = [_press(user.native, of(vote.group)) for vote in votes for user in vote.voters]
    for body in itertools.cycle(bodies):
        yield Ask(_with_trigger(body))


def submissions(votes: Sequence[Vote], expects: bytes = b"") -> Iterator[Ask]:
    """A vote of everybody in turn, one group after the other; each time another choice."""
    most = max(len(vote.voters) for vote in votes)
    for choice in itertools.count():
        turn = [
            (vote, vote.voters[place].native, vote.cases[choice % len(vote.cases)])
            for place in range(most)
            for vote in votes
        ]
        # All made before the first is sent, so that making them takes nobody's time.
        bodies = [_vote(*one) for one in turn]
        for (vote, user, case), body in zip(turn, bodies, strict=True):
            yield Ask(_with_trigger(body), expects, (vote.group, user, case))


def mixed(*asks: Iterator[Ask]) -> Iterator[Ask]:
    """One of each in turn."""
    for together in zip(*asks, strict=True):
        yield from together


def _with_trigger(body: bytes) -> bytes:
    return body.replace(_TRIGGER.encode(), f"7.8.{token_hex(16)}".encode())


def _command(user: str, text: str, api: str) -> dict[str, str]:
    return {
        "token": "unused",
        "team_id": TEAM,
        "team_domain": "bench",
        "channel_id": f"D{user[1:]}",
        "channel_name": "directmessage",
        "user_id": user,
        "user_name": user.lower(),
        "command": "/krets",
        "text": text,
        "api_app_id": "A0BENCH",
        "is_enterprise_install": "false",
        "response_url": f"{api}/respond/1",
        "trigger_id": _TRIGGER,
    }


def _press(user: str, action: Action) -> bytes:
    channel = f"D{user[1:]}"
    payload = _interaction(user, "block_actions") | {
        "actions": [{"type": "button", "action_id": "a", "block_id": "b", "value": pack(action)}],
        "container": {"type": "message", "channel_id": channel, "message_ts": "1.2"},
        "channel": {"id": channel, "name": "directmessage"},
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def _interaction(user: str, kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "team": {"id": TEAM, "domain": "bench"},
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM},
        "api_app_id": "A0BENCH",
        "token": "unused",
        "trigger_id": _TRIGGER,
        "is_enterprise_install": False,
        "enterprise": None,
    }


def _vote(vote: Vote, user: str, case: str) -> bytes:
    """The form of a vote as it comes back, filled in."""
    (block,) = (one for one in vote.form["blocks"] if one["type"] == "input")
    (option,) = (one for one in block["element"]["options"] if one["value"] == case)
    filled = {"type": block["element"]["type"], "selected_options": [option]}
    values = {block["block_id"]: {block["element"]["action_id"]: filled}}
    view = vote.form | {
        "id": "V0BENCH",
        "team_id": TEAM,
        "state": {"values": values},
        "hash": "1772500000.abcdef",
        "previous_view_id": None,
        "root_view_id": "V0BENCH",
        "app_id": "A0BENCH",
        "external_id": "",
        "app_installed_team_id": TEAM,
        "bot_id": "B0BENCH",
    }
    payload = _interaction(user, "view_submission") | {"view": view, "response_urls": []}
    return urlencode({"payload": json.dumps(payload)}).encode()
