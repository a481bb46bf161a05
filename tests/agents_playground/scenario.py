"""A group from its opening to its first cards, in Microsoft's client and in three languages."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path

from adapters.teams.render import MESSAGE
from bot.core.action import ChooseLanguage, OpenGroup, pack
from bot.core.model import LANGUAGES
from bot.realtime import now
from tests.adapters.teams.adaptive_card import card_of, faults
from tests.adapters.teams_people import sends
from tests.agents_playground.client import (
    CHANNEL_NAME,
    GROUP_NAME,
    PERSONAL,
    Client,
    Json,
    Passed,
    Somebody,
)
from tests.agents_playground.page import PERSONAL as OWN
from tests.agents_playground.page import ChatPage
from tests.agents_playground.recorded import Recorded
from tests.end_to_end.teams_screen import Screen, told

MATS, *OTHERS = (
    Somebody(number, name)
    for number, name in enumerate(
        (
            "Mats Ekberg",
            "Åsa Nyström",
            "Johan Wikström",
            "Kari Nordby",
            "Fatima Haddad",
            "David Okafor",
        )
    )
)
#: Who opens the group must not be in its chat, and the client's chat holds all of its six people.
KARIN = Somebody(6, "Karin Lund")


class Scenario:
    """What is done, one thing after the other."""

    def __init__(self, client: Client, page: ChatPage, pictures: Path) -> None:
        self._client = client
        self._relay = client.relay
        self._page = page
        self._pictures = pictures
        #: Every dialog that was opened.
        self.dialogs: list[Json] = []

    async def play(self) -> None:
        """All of it."""
        await self.in_private()
        await self.a_group_is_opened()
        await self.in_the_group()
        await self.in_a_channel()
        await self.taken_out_and_brought_back()
        await self.in_each_language()

    # --- the steps ------------------------------------------------------------------------------

    async def in_private(self) -> None:
        """Krets is brought, and answers what is typed."""
        await self._page.shows(_said("home.none"))
        await self._page.say("hjälp")
        await self._page.shows(_said("help.short"))
        await self._page.say("hem")
        await self._relay.until(lambda: len(self._relay.sent(_said("home.none"), PERSONAL)) == 2)

    async def a_group_is_opened(self) -> None:
        """By a dialog; who is to lead is asked without having done anything, and says yes."""
        karin = Recorded(self._client, KARIN, "sv-SE")
        dialog = await self._open(karin, pack(OpenGroup("g0123456789abcde")))
        answers = {
            "name": GROUP_NAME,
            "date": (now() + timedelta(days=30)).date().isoformat(),
            "leaders": {"people": [MATS.native]},
            "pool": {"people": [one.native for one in OTHERS]},
            "working_time": True,
            "informed": True,
            "language": "sv",
        }
        done = await karin.submit(dialog, answers)
        assert sends(card_of(done)) is None, done
        await self._execute("lead.yes")
        await self._page.button(_said("invite.change")).wait_for()  # in its place
        for one in OTHERS:
            await self._relay.until(partial(self._begun, one))
            chat = self._begun(one)[0].answer["id"]
            await self._relay.until(partial(self._relay.sent, '"invite"', chat))
            (asked,) = self._relay.sent('"invite"', chat)
            yes = _buttons(asked.body)[0]
            await Recorded(self._client, one, "en-GB", chat).press(yes)
        await self._execute("gather.show")

    async def in_the_group(self) -> None:
        """What is not meant for Krets it does not get; with its name it is asked to start here."""
        await self._page.open(GROUP_NAME)
        await self._page.shows(_said("hello"))
        before = len(self._written())
        await self._page.say("Hej alla")
        await self._page.say("här", mention=True)
        await self._relay.until(lambda: len(self._written()) > before)
        assert [one.body["text"] for one in self._written()[before:]] == ["<at>Krets</at> här"]
        (way_in,) = self._relay.sent('"here"', PERSONAL)
        (action,) = _buttons(way_in.body)
        mats = Recorded(self._client, MATS, "en-GB", PERSONAL)
        done = await mats.submit(await self._open(mats, action), {})
        assert _said("start.done") in json.dumps(done, ensure_ascii=False), done
        await self._page.shows("Träff 1 av 10")
        await self._page.page.screenshot(path=self._pictures / "agents-playground-group.png")

    async def in_a_channel(self) -> None:
        """What one person asks for in a channel, that person gets in their own chat."""
        await self._page.open(CHANNEL_NAME)
        await self._page.shows(_said("hello"))
        before = len(self._relay.sent(_said("help.short"), PERSONAL))
        await self._page.say("hjälp", mention=True)
        await self._relay.until(
            lambda: len(self._relay.sent(_said("help.short"), PERSONAL)) == before + 1
        )

    async def taken_out_and_brought_back(self) -> None:
        """Who leads is told that the group's chat is lost, and that it is there again."""
        await self._page.open(GROUP_NAME)
        await self._page.mock("Uninstall application")
        await self._relay.until(partial(self._relay.sent, _said("room.lost"), PERSONAL))
        (note,) = self._relay.sent(_said("room.lost"), PERSONAL)
        await self._page.mock("Add application")
        await self._relay.until(partial(self._taken_away, note.answer["id"]))

    async def in_each_language(self) -> None:
        """Krets speaks the language that somebody chooses; the last one is English again."""
        await self._page.open(OWN)
        mats = Recorded(self._client, MATS, "en-GB", PERSONAL)
        for language in (*LANGUAGES, "en"):
            dialog = await self._open(mats, pack(ChooseLanguage()))
            await mats.submit(dialog, {"language": language})
            await self._page.say("hem")
            await self._page.shows(_said("home.settings", language))
            picture = self._pictures / f"agents-playground-{language}.png"
            await self._page.page.screenshot(path=picture)

    # --- parts ----------------------------------------------------------------------------------

    async def _open(self, who: Recorded, action: str) -> Json:
        dialog = await who.fetch(action)
        assert faults(dialog) == []
        self.dialogs.append(dialog)
        return dialog

    async def _execute(self, label: str) -> None:
        """Press a button of the page that is answered in place."""
        before = len(self._relay.to_krets)
        await self._page.button(_said(label)).click()
        await self._relay.until(lambda: len(self._relay.to_krets) > before)
        pressed = self._relay.to_krets[before]
        assert pressed.what == "invoke adaptiveCard/action"
        assert (pressed.answer["statusCode"], pressed.answer["type"]) == (200, MESSAGE)

    def _taken_away(self, message: str) -> bool:
        """Whether Krets has asked to delete a message; the client does not know how."""
        asked = [one.what for one in self._relay.to_client if one.what.startswith("DELETE")]
        return any(one.endswith(message) for one in asked)

    def _written(self) -> list[Passed]:
        """What was written and came to Krets."""
        return [one for one in self._relay.to_krets if one.what == "message"]

    def _begun(self, one: Somebody) -> list[Passed]:
        """The chats that Krets has begun with somebody."""
        return [
            passed
            for passed in self._relay.sent(one.native)
            if passed.what.endswith("/v3/conversations")
        ]


def _said(key: str, language: str = "en") -> str:
    return told(language, key)


def _buttons(message: Json) -> list[str]:
    """What the buttons of a message carry."""
    screen = Screen()
    screen.add(card_of(message), "", "")
    return [packed for _, packed in screen.buttons]
