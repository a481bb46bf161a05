"""The faults of Microsoft's SDK that Krets works round: a test fails when one of them is healed.

Then the way round can go, if there is one that only this fault has made necessary.
"""

from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity, ConversationAccount
from botframework.connector.auth import (
    PasswordServiceClientCredentialFactory,
    microsoft_app_credentials,
)
from msrest.universal_http.requests import ClientRetryPolicy

from adapters.teams.commands import without_mention
from adapters.teams.parse import read, tenant_of
from adapters.teams.shapes import Account, Mention
from tests.adapters.teams.microsoft import APP, TENANT

DIALOG = {"task": {"type": "message", "value": "hello"}}
FETCH: dict[str, Any] = {
    "type": "invoke",
    "id": "1",
    "name": "task/fetch",
    "channelId": "msteams",
    "serviceUrl": "http://127.0.0.1:1/",
    "from": {"id": "29:anna"},
    "recipient": {"id": "28:krets"},
    "conversation": {"id": "a:1"},
    "value": {"data": {}},
}


class Nobody:
    """Settings without an app, so that nothing has to be proven."""

    APP_ID = ""
    APP_PASSWORD = ""


class Answers(TeamsActivityHandler):
    """Answers each invoke with a dialog."""

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        return InvokeResponse(status=200, body=DIALOG)


async def test_an_answer_to_an_invoke_is_serialised_once_too_often() -> None:
    adapter, bot = CloudAdapter(ConfigurationBotFrameworkAuthentication(Nobody())), Answers()

    async def theirs(request: web.Request) -> web.StreamResponse:
        try:
            answer: web.StreamResponse = await adapter.process(request, bot)
        except AttributeError as error:
            return web.Response(status=500, text=str(error))
        return answer

    async def ours(request: web.Request) -> web.StreamResponse:
        activity = Activity().deserialize(await request.json())
        answer = await adapter.process_activity("", activity, bot.on_turn)
        return web.json_response(answer.body, status=answer.status)

    app = web.Application()
    app.router.add_post("/theirs", theirs)
    app.router.add_post("/ours", ours)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        base = f"http://127.0.0.1:{server.port}"
        async with session.post(f"{base}/theirs", json=FETCH) as got:
            assert (got.status, await got.text()) == (
                500,
                "'dict' object has no attribute 'is_xml_model'",
            )
        async with session.post(f"{base}/ours", json=FETCH) as got:
            assert (got.status, await got.json()) == (200, DIALOG)


async def test_each_turn_has_credentials_of_its_own_and_fetches_a_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetched = []

    class Msal:
        def __init__(self, **_: object) -> None:
            self._token: dict[str, str] | None = None

        def acquire_token_silent(self, *_: object, **__: object) -> dict[str, str] | None:
            return self._token

        def acquire_token_for_client(self, **_: object) -> dict[str, str]:
            fetched.append(1)
            self._token = {"access_token": "token"}
            return self._token

    monkeypatch.setattr(microsoft_app_credentials, "ConfidentialClientApplication", Msal)
    factory = PasswordServiceClientCredentialFactory(APP, "secret", TENANT)
    scope, login = "https://api.botframework.com", "https://login.microsoftonline.com/"
    for _ in range(3):
        credentials = await factory.create_credentials(APP, scope, login, True)
        assert credentials.get_access_token() == credentials.get_access_token() == "token"
    assert len(fetched) == 3


def test_a_failed_post_is_not_repeated_by_an_attribute_that_nobody_reads() -> None:
    policy = ClientRetryPolicy()()
    assert "POST" in policy.method_whitelist
    assert not policy.is_retry("POST", 502)
    assert policy.is_retry("PUT", 502)


def test_the_table_of_retries_is_searched_as_a_list_and_as_a_set_it_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert type(ClientRetryPolicy.safe_codes) is list
    slow = ClientRetryPolicy()().status_forcelist
    monkeypatch.setattr(ClientRetryPolicy, "safe_codes", frozenset(ClientRetryPolicy.safe_codes))
    assert ClientRetryPolicy()().status_forcelist == slow


def test_a_mention_takes_the_name_away_wherever_it_stands() -> None:
    mention = {
        "type": "mention",
        "text": "<at>Krets</at>",
        "mentioned": {"id": "28:krets", "name": "Krets"},
    }
    text = "<at>Krets</at> help with Krets"
    activity = Activity().deserialize(
        FETCH | {"type": "message", "text": text, "entities": [mention]}
    )
    assert TurnContext.remove_recipient_mention(activity) == " help with "
    ours = without_mention(text, [Mention(Account("28:krets"), "<at>Krets</at>")], "28:krets")
    assert ours.strip() == "help with Krets"


def test_the_tenant_of_a_conversation_is_read_and_written_under_another_name() -> None:
    conversation = {"id": "a:1", "tenantId": TENANT}
    activity = Activity().deserialize(FETCH | {"conversation": conversation})
    assert activity.conversation.tenant_id is None
    assert ConversationAccount(tenant_id=TENANT).serialize() == {"tenantID": TENANT}
    assert tenant_of(read(FETCH | {"conversation": conversation})) == TENANT
