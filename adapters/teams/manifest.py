"""The app as Teams is to know it: its package, and each thing it asks for with the reason."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from adapters import about
from bot.core.card import T
from bot.refusal import Refusal
from bot.words import Words

#: What Krets says it does with people, each with its reason; there are no others that it needs.
PERMISSIONS = {
    "identity": "Krets shows who is in a group by name, and speaks each person's language.",
    "messageTeamMembers": "What is private reaches each person in their own chat with Krets.",
}
#: What people can be shown to write, where they are alone with Krets and where others are.
PERSONAL = (
    "home",
    "question",
    "checkin",
    "open",
    "join",
    "mine",
    "language",
    "leave",
    "close",
    "help",
)
ROOM = ("here", "home", "question", "checkin", "help")
#: A list for each scope, as the schema has it.
COMMANDS: Mapping[str, tuple[str, ...]] = {"personal": PERSONAL, "team": ROOM, "groupChat": ROOM}
#: The language of the manifest itself, and those that have a file of their own.
_FIRST, _OTHERS = "en", ("sv", "nb")

_SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v{0}/MicrosoftTeams{1}.schema.json"
_VERSION = "1.29"
_ICONS = Path(__file__).parent / "icons"
_COLOR, _OUTLINE = "color.png", "outline.png"
#: The colour of Krets.
_GREEN = "#1d5847"
#: The oldest time that a package can tell, so that the same app gives the same bytes.
_BEGINNING = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class App:
    """The app of one bot: its id in Entra, where this Krets is, and of which version it is."""

    bot_id: str
    base_url: str
    version: str

    @property
    def id(self) -> str:
        """The app's own id, which stays the same for this bot.

        >>> App("0b6f3f0e-5a57-4f5c-8c55-2d2f3f1f8a11", "", "").id
        '994f6992-5428-5616-9d11-8f196f1bcc8b'
        """
        return str(uuid5(UUID(self.bot_id), "krets"))


def manifest(app: App, words: Words) -> dict[str, Any]:
    """The app's manifest.

    It has no `authorization`: Krets then gets no messages but those that name it. It has no
    `validDomains`: nothing from elsewhere is shown inside Teams.
    """
    said = texts(words, _FIRST)
    return {
        "$schema": _SCHEMA.format(_VERSION, ""),
        "manifestVersion": _VERSION,
        "version": app.version,
        "id": app.id,
        "localizationInfo": {
            "defaultLanguageTag": _FIRST,
            "additionalLanguages": [
                {"languageTag": language, "file": f"{language}.json"} for language in _OTHERS
            ],
        },
        "developer": {
            "name": "Krets",
            "websiteUrl": app.base_url + about.PATH,
            "privacyUrl": app.base_url + about.PRIVACY,
            "termsOfUseUrl": app.base_url + about.TERMS,
        },
        "name": {"short": said["name.short"], "full": said["name.full"]},
        "description": {"short": said["description.short"], "full": said["description.full"]},
        "icons": {"color": _COLOR, "outline": _OUTLINE},
        "accentColor": _GREEN,
        "bots": [
            {
                "botId": app.bot_id,
                "scopes": list(COMMANDS),
                "supportsFiles": False,
                "isNotificationOnly": False,
                "supportsTargetedMessages": True,
                "commandLists": [
                    {
                        "scopes": [scope],
                        "triggers": ["mention"] if scope == "personal" else ["mention", "slash"],
                        "commands": [
                            {
                                "title": said[_key(at, nth, "title")],
                                "description": said[_key(at, nth, "description")],
                            }
                            for nth in range(len(meanings))
                        ],
                    }
                    for at, (scope, meanings) in enumerate(COMMANDS.items())
                ],
            }
        ],
        "permissions": list(PERMISSIONS),
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
    }


def texts(words: Words, language: str) -> dict[str, str]:
    """Everything in the manifest that people read, by the key of Microsoft's localisation."""
    said = {
        "name.short": "Krets",
        "name.full": "Krets",
        "description.short": words.template(language, T("app.short")),
        "description.full": words.template(language, T("app.full")),
    }
    for at, meanings in enumerate(COMMANDS.values()):
        for nth, meaning in enumerate(meanings):
            title, does = T(f"command.{meaning}.title"), T(f"command.{meaning}.does")
            said[_key(at, nth, "title")] = words.template(language, title)
            said[_key(at, nth, "description")] = words.template(language, does)
    return said


def package(app: App, words: Words) -> bytes:
    """The package that an administrator uploads; the same bytes for the same app."""
    if not app.bot_id:
        raise Refusal(
            "The app names its bot: set KRETS_TEAMS_APP_ID to the Microsoft App ID of a bot in"
            " Azure."
        )
    if not app.base_url.startswith("https://"):
        raise Refusal(
            "Teams needs an address to call: set KRETS_BASE_URL to one that begins with https://."
        )
    files = {"manifest.json": _printed(manifest(app, words))}
    for language in _OTHERS:
        schema = {"$schema": _SCHEMA.format(_VERSION, ".Localization")}
        files[f"{language}.json"] = _printed(schema | texts(words, language))
    for icon in (_COLOR, _OUTLINE):
        files[icon] = (_ICONS / icon).read_bytes()
    return _zipped(files)


def _key(at: int, nth: int, what: str) -> str:
    """The key of a command's text: the nth of the list at this place."""
    return f"bots[0].commandLists[{at}].commands[{nth}].{what}"


def _printed(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Files without a folder, not packed: packing differs between machines."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, data in files.items():
            file = zipfile.ZipInfo(name, _BEGINNING)
            file.create_system, file.external_attr = 3, 0o644 << 16  # as on Unix, anywhere
            archive.writestr(file, data)
    return into.getvalue()
