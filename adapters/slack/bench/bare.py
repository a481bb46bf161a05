"""The measure: a Bolt app as its documentation shows one, that only acknowledges.

    python -m adapters.slack.bench.bare <signing secret> <address of the Web API> <mode>

In its usual mode (`listening`) Bolt looks every 10 ms whether the listener has acknowledged, which
sets a limit that no processor changes; `answering` is `process_before_response=True`, as Krets has.
"""

import asyncio
import sys

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.bench import child

LISTENING, ANSWERING = "listening", "answering"


def bolt(secret: str, api: str, mode: str) -> AsyncApp:
    """A Bolt app for one workspace."""
    client = AsyncWebClient(token="xoxb-bench", base_url=api)  # noqa: S106
    client.proxy = None
    return AsyncApp(signing_secret=secret, client=client, process_before_response=mode == ANSWERING)


def application(secret: str, api: str, mode: str) -> AsyncApp:
    """The app."""
    app = bolt(secret, api, mode)

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    app.command("/krets")(acknowledge)
    app.view("form")(acknowledge)
    return app


if __name__ == "__main__":
    asyncio.run(child.serve(application(*sys.argv[1:4]).web_app()))
