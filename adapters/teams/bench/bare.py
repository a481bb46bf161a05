"""The measure: a CloudAdapter as its documentation shows one, that only acknowledges.

    python -m adapters.teams.bench.bare <its key as JSON> <mode>

It checks tokens as the SDK does, with Microsoft's keys at hand. In its usual mode
(`acknowledging`) it sends nothing; `replying` answers a message by a message, with a token for that
at hand. Both have the table of retries mended.
"""

import asyncio
import json
import sys
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity, ActivityTypes
from botframework.connector.auth import AuthenticationConstants, MicrosoftAppCredentials
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

from adapters.bench import child
from adapters.teams.bench.mending import mend
from adapters.teams.bench.organisations import APP, SECRET
from adapters.teams.bench.report import REPLYING

_DONE = Activity(
    type=ActivityTypes.invoke_response, value=InvokeResponse(status=int(HTTPStatus.OK))
)


class _Settings:
    """As the SDK reads them."""

    APP_ID = APP
    APP_PASSWORD = SECRET
    APP_TYPE = "MultiTenant"


class _AtHand:
    """Credentials that need not ask for a token."""

    async def is_valid_app_id(self, app_id: str) -> bool:
        return app_id == APP

    async def is_authentication_disabled(self) -> bool:
        return False

    async def create_credentials(self, *_: object, **__: object) -> Any:
        return MicrosoftAppCredentials.empty()


class _Bot:
    """What CloudAdapter hands each turn to."""

    def __init__(self, mode: str) -> None:
        self._replies = mode == REPLYING

    async def on_turn(self, turn: TurnContext) -> None:
        if turn.activity.type == ActivityTypes.invoke:
            await turn.send_activity(_DONE)
        elif self._replies:
            await turn.send_activity("Hello.")


def application(key: dict[str, Any], mode: str) -> web.Application:
    """The server."""
    url = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
    metadata = JwtTokenExtractor.get_open_id_metadata(url)
    metadata.keys, metadata.last_updated = [key], datetime.max  # noqa: DTZ901
    mend()
    at_hand = _AtHand() if mode == REPLYING else None
    adapter = CloudAdapter(
        ConfigurationBotFrameworkAuthentication(_Settings(), credentials_factory=at_hand)
    )
    bot = _Bot(mode)

    async def receive(request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await adapter.process(request, bot)
        return answer

    app = web.Application()
    app.router.add_post("/{path:.*}", receive)
    return app


if __name__ == "__main__":
    asyncio.run(child.serve(application(json.loads(sys.argv[1]), sys.argv[2])))
