"""Many messages by the SDK's own way, `continue_conversation`.

    python -m adapters.teams.bench.sdk_bulk <address of Microsoft> <mode>

Each send of the SDK asks for a token anew; here it needs none, which is in its favour. In the mode
`mended` the table of retries is mended, in `sdk` all is as it comes.
"""

import asyncio
import sys

from botbuilder.core import TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import (
    Activity,
    Attachment,
    ChannelAccount,
    ConversationAccount,
    ConversationReference,
)

from adapters.bench import child
from adapters.teams.bench.bulk import Send, application, message
from adapters.teams.bench.mending import mend
from adapters.teams.bench.organisations import BOT
from adapters.teams.bench.report import MENDED
from adapters.teams.gate import CHANNEL


class _Nobody:
    """Settings without an app, so that no token is needed."""

    APP_ID = ""
    APP_PASSWORD = ""


def sending(address: str, mode: str) -> Send:
    """Sends to this address."""
    if mode == MENDED:
        mend()
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(_Nobody()))
    shown = message()
    card = shown["attachments"][0]

    async def turn(context: TurnContext) -> None:
        attachment = Attachment(content_type=card["contentType"], content=card["content"])
        await context.send_activity(
            Activity(type="message", summary=shown["summary"], attachments=[attachment])
        )

    async def send(number: int) -> None:
        reference = ConversationReference(
            service_url=address,
            channel_id=CHANNEL,
            conversation=ConversationAccount(id=f"a:{number}"),
            bot=ChannelAccount(id=BOT),
            user=ChannelAccount(id="29:somebody"),
        )
        await adapter.continue_conversation(reference, turn, "")

    return send


if __name__ == "__main__":
    asyncio.run(child.serve(application(sending(sys.argv[1], sys.argv[2]))))
