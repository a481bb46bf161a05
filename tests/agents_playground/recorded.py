"""What the client cannot send, as Teams sends it: dialogs, and what other people do."""

import itertools
import json
from collections.abc import Mapping
from pathlib import Path

from adapters.teams.shapes import ACTION
from tests.adapters.teams.microsoft import TENANT
from tests.agents_playground.client import BOT, ELSEWHERE, Client, Json, Somebody
from tests.end_to_end.teams_screen import filled

_PAYLOADS = Path(__file__).parent.parent / "adapters" / "teams" / "payloads"
_ids = itertools.count(1)


class Recorded:
    """Brings what was recorded of somebody's Teams, with their name and their buttons in it."""

    def __init__(self, client: Client, who: Somebody, language: str, chat: str = "") -> None:
        self._client = client
        self._who = who
        self._language = language
        self._chat = chat or f"{ELSEWHERE}{who.number}"

    async def fetch(self, action: str) -> Json:
        """Ask for a dialog by a button that carries this."""
        data = {ACTION: action, "msteams": {"type": "task/fetch"}}
        return await self._bring("task_fetch", data)

    async def submit(self, dialog: Json, answers: Mapping[str, object]) -> Json:
        """Fill in a dialog and send it."""
        return await self._bring("task_submit", filled(dialog, answers))

    async def press(self, action: str) -> Json:
        """Press a button that is answered in place."""
        return await self._bring("execute_group", {ACTION: action})

    async def _bring(self, name: str, data: Json) -> Json:
        activity: Json = json.loads((_PAYLOADS / f"{name}.json").read_text())
        if name == "execute_group":
            activity["value"]["action"]["data"] = data
        else:
            activity["value"]["data"] = data
        conversation = {"conversationType": "personal", "tenantId": TENANT, "id": self._chat}
        zone = "Europe/Stockholm"
        told = {"type": "clientInfo", "locale": self._language, "timezone": zone}
        activity |= {
            "id": f"f:recorded-{next(_ids)}",
            "serviceUrl": self._client.service,
            "from": {
                "id": self._who.account,
                "aadObjectId": self._who.native,
                "name": self._who.name,
            },
            "recipient": BOT,
            "conversation": conversation,
            "locale": self._language,
            "localTimezone": zone,
            "entities": [told],
        }
        return await self._client.relay.bring(activity)
