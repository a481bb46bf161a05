"""What Krets asks of a workspace, each with its reason; and the app's manifest made from it. Pure.

No scope here reads messages or files, acts as a person, or administers; a test holds the ledger
against what the code really calls.
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.refusal import Refusal

#: Where Slack brings events, commands and what is done with messages and views.
PATH = "/slack/events"
#: Where Slack sends people back to who have allowed Krets into their workspace.
REDIRECT = "/slack/oauth_redirect"

#: Method of the Web API -> the scopes it needs for private channels and people's own chats.
METHODS: dict[str, tuple[str, ...]] = {
    "api.test": (),
    "apps.connections.open": (),  # with the app's token, which has a scope of its own
    "auth.test": (),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.create": ("groups:write",),
    "conversations.info": ("groups:read",),
    "conversations.invite": ("groups:write",),
    "conversations.kick": ("groups:write",),
    "conversations.members": ("groups:read",),
    "oauth.v2.access": (),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
#: Event -> the scopes it needs, for private channels.
EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_uninstalled": (),
    "channel_shared": ("groups:read",),
    "channel_unshared": ("groups:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": ("groups:read",),
    "member_left_channel": ("groups:read",),
    "tokens_revoked": (),
    "user_change": ("users:read",),
}


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as people see it while they write it."""

    name: str
    description: str
    hint: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of the menu beside the message field."""

    id: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing people can do, and all that it needs of Slack."""

    name: str
    why: str
    scopes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()


#: The ledger of scopes: what is not here is not asked for.
LEDGER: tuple[Feature, ...] = (
    Feature(
        "the command",
        "People open everything with /krets or from the menu of shortcuts, wherever they are.",
        scopes=("commands",),
        commands=(
            Command(
                "/krets",
                "Show what waits for you in your guidance groups",
                # As many as Slack has room for; help tells of the others.
                "[open | join | here | question | checkin | vote | rules | move | mine | help]",
            ),
        ),
        shortcuts=(
            Shortcut("bring_question", "Bring a question", "Bring a question to the next meeting"),
        ),
    ),
    Feature(
        "forms",
        "What is private is typed and read in forms, which Slack gives to whoever acts.",
        methods=("views.open", "views.push", "views.update"),
    ),
    Feature(
        "the home",
        "The Home tab shows each person what waits for them.",
        methods=("views.publish",),
        events=("app_home_opened",),
    ),
    Feature(
        "messages",
        "Invitations and reminders reach people, and cards are edited in place or taken away.",
        scopes=("chat:write",),
        methods=("chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete"),
    ),
    Feature(
        "the group's channel",
        "A group that starts gets a private channel, which people enter and leave with the group.",
        scopes=("groups:write",),
        methods=("conversations.create", "conversations.invite", "conversations.kick"),
    ),
    Feature(
        "who is in the channel",
        "A group meets in a channel made by others only if all of it and no sponsor are there.",
        scopes=("groups:read",),
        methods=("conversations.members",),
        events=("member_joined_channel", "member_left_channel"),
    ),
    Feature(
        "what becomes of the channel",
        "Nothing more is written where a channel is archived, gone, or open to other companies.",
        scopes=("groups:read",),
        methods=("conversations.info",),
        events=(
            "channel_shared",
            "channel_unshared",
            "group_archive",
            "group_deleted",
            "group_left",
            "group_unarchive",
        ),
    ),
    Feature(
        "language and time zone",
        "Each person reads Krets in their own language and time, and guests are left out.",
        scopes=("users:read",),
        methods=("users.info",),
        events=("user_change",),
    ),
    Feature(
        "the token",
        "Krets asks Slack who it is in this workspace, and krets doctor whether all is well.",
        methods=("api.test", "auth.test"),
    ),
    Feature(
        "many workspaces",
        "A workspace lets Krets in by itself, and when it takes Krets out it is forgotten.",
        methods=("oauth.v2.access",),
        events=("app_uninstalled", "tokens_revoked"),
    ),
    Feature(
        "Socket Mode",
        "Where Slack cannot call Krets, Krets calls Slack and listens over that connection.",
        methods=("apps.connections.open",),
    ),
)

_SHORT = "Runs what surrounds collegial guidance: invitations, check-ins, questions, the vote."
_LONG = (
    "Krets (Swedish and Norwegian for circle) is the companion of collegial guidance groups and"
    " peer support. Eight to ten colleagues meet every week, bring a real question, vote for one,"
    " work through it in fixed steps, and reflect. Krets runs what surrounds the talk: opt-in,"
    " invitations, the weekly rhythm, check-ins, questions, the vote and the session's guide. It"
    " never takes part in the talk.\n\n"
    "What is said stays in the group: private text is typed and read in forms, never in messages;"
    " it is kept encrypted, and its key is destroyed when its time is over. Krets reads no"
    " messages and no files, and whoever opened a group sees only that it exists, its dates, how"
    " many meetings were held, and whether the plan holds.\n\n"
    "It speaks English, Swedish and Norwegian. Write /krets to begin."
)


def scopes() -> tuple[str, ...]:
    """Every scope that Krets asks for.

    >>> scopes()
    ('chat:write', 'commands', 'groups:read', 'groups:write', 'users:read')
    """
    return tuple(sorted({scope for one in LEDGER for scope in one.scopes}))


def features_of(scope: str) -> tuple[str, ...]:
    """The names of the features that need a scope.

    >>> features_of("chat:write")
    ('messages',)
    """
    return tuple(one.name for one in LEDGER if scope in one.scopes)


@dataclass(frozen=True, slots=True)
class Way:
    """How Slack and Krets meet: by calls to an address or by Socket Mode; and with OAuth or not."""

    base_url: str
    socket_mode: bool = False
    oauth: bool = False


def manifest(way: Way) -> dict[str, Any]:
    """The app's manifest; in Socket Mode no address stands in it that Slack would call."""
    address = way.base_url + PATH
    request = {} if way.socket_mode else {"request_url": address}
    redirects = {"redirect_urls": [way.base_url + REDIRECT]} if way.oauth else {}
    return {
        "display_information": {
            "name": "Krets",
            "description": _SHORT,
            "long_description": _LONG,
            "background_color": "#1d5847",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Krets", "always_online": True},
            "shortcuts": [
                {
                    "name": one.name,
                    "type": "global",
                    "callback_id": one.id,
                    "description": one.description,
                }
                for feature in LEDGER
                for one in feature.shortcuts
            ],
            "slash_commands": [
                {
                    "command": one.name,
                    "description": one.description,
                    "usage_hint": one.hint,
                    "should_escape": True,
                }
                | ({} if way.socket_mode else {"url": address})
                for feature in LEDGER
                for one in feature.commands
            ],
        },
        "oauth_config": redirects | {"scopes": {"bot": list(scopes())}},
        "settings": {
            "event_subscriptions": request
            | {"bot_events": sorted({event for one in LEDGER for event in one.events})},
            "interactivity": {"is_enabled": True} | request,
            # Of no effect outside an Enterprise organisation, where it is needed for events.
            "org_deploy_enabled": True,
            "socket_mode_enabled": way.socket_mode,
            "token_rotation_enabled": False,
        },
    }


def printed(way: Way) -> str:
    """The manifest as Slack's form takes it; `Refusal` if Slack could not call back."""
    if not way.base_url.startswith("https://") and (way.oauth or not way.socket_mode):
        raise Refusal(
            "Slack needs an address to call: set KRETS_BASE_URL to one that begins with https://"
            + ("." if way.oauth else ", or take --socket-mode, which needs none.")
        )
    return json.dumps(manifest(way), indent=2, ensure_ascii=False)
