"""The manifest and the ledger of scopes: held against what the code really does."""

import ast
import json
import re
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import manifest as ledger
from adapters.slack import oauth, parse, routes
from adapters.slack.manifest import (
    EVENTS,
    LEDGER,
    METHODS,
    PATH,
    REDIRECT,
    Way,
    manifest,
    printed,
    scopes,
)
from bot.core.commands import WORDS
from bot.refusal import Refusal

SLACK = Path(ledger.__file__).parent
GUIDE = SLACK.parents[1] / "docs" / "slack.md"
#: What the code calls and hears; the ledger itself does neither.
SOURCES = [file for file in sorted(SLACK.glob("*.py")) if file.name != "manifest.py"]
ADDRESS = "https://krets.example.org"
HTTP, SOCKET = Way(ADDRESS), Way("", socket_mode=True)
BOTH = [HTTP, SOCKET, Way(ADDRESS, oauth=True), Way(ADDRESS, socket_mode=True, oauth=True)]
#: chat_postMessage -> chat.postMessage, for every method that the library knows.
LIBRARY = {
    name: name.replace("_", ".")
    for name in dir(AsyncWebClient)
    if "_" in name[1:-1] and not name.startswith("_") and name != "api_call"
}
#: Events that a bot may hear, as far as Krets could care.
KNOWN_EVENTS = {
    "app_home_opened", "app_mention", "app_uninstalled", "channel_archive", "channel_created",
    "channel_deleted", "channel_id_changed", "channel_left", "channel_rename", "channel_shared",
    "channel_unarchive", "channel_unshared", "group_archive", "group_close", "group_deleted",
    "group_left", "group_open", "group_rename", "group_unarchive", "im_created", "link_shared",
    "member_joined_channel", "member_left_channel", "message.channels", "message.groups",
    "message.im", "message.mpim", "team_join", "tokens_revoked", "user_change",
}  # fmt: skip


def called(tree: ast.AST) -> set[str]:
    """The methods of the Web API that a piece of code names, as attributes or as texts."""
    names = set(LIBRARY.values()) | set(METHODS)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in LIBRARY:
            found.add(LIBRARY[node.attr])
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names:
            found.add(node.value)
    return found


def heard(tree: ast.AST) -> set[str]:
    """The events that a piece of code names."""
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {one for one in texts if isinstance(one, str)} & (KNOWN_EVENTS | set(EVENTS))


def in_code(find: object) -> set[str]:
    assert callable(find)
    return {one for file in SOURCES for one in find(ast.parse(file.read_text()))}


def test_the_scan_sees_a_call_however_it_is_written() -> None:
    tree = ast.parse('c.files_upload_v2(f); self._call("admin.users.list"); hear("team_join")')
    assert called(tree) == {"files.upload.v2", "admin.users.list"}
    assert heard(tree) == {"team_join"}


def test_every_method_that_is_called_stands_in_the_ledger_with_its_scopes() -> None:
    used = in_code(called)
    listed = {method for feature in LEDGER for method in feature.methods}
    assert used - listed == set(), "a feature must say why"
    assert listed - used == set(), "nothing calls it any more"
    assert listed == set(METHODS)
    for feature in LEDGER:
        for method in feature.methods:
            assert set(METHODS[method]) <= set(feature.scopes), (feature.name, method)


def test_every_event_that_is_heard_stands_in_the_ledger_with_its_scopes() -> None:
    used = in_code(heard)
    listed = {event for feature in LEDGER for event in feature.events}
    assert used - listed == set(), "Slack does not send what the manifest does not name"
    assert listed - used == set(), "nothing hears it any more"
    assert listed == set(EVENTS)
    for feature in LEDGER:
        for event in feature.events:
            assert set(EVENTS[event]) <= set(feature.scopes), (feature.name, event)


def test_every_scope_is_needed() -> None:
    for feature in LEDGER:
        needed = {scope for method in feature.methods for scope in METHODS[method]}
        needed |= {scope for event in feature.events for scope in EVENTS[event]}
        needed |= {"commands"} if feature.commands or feature.shortcuts else set()
        assert set(feature.scopes) == needed, feature.name


def test_no_scope_reads_messages_or_files_or_acts_as_a_person_or_an_administrator() -> None:
    for way in BOTH:
        assert set(manifest(way)["oauth_config"]["scopes"]) == {"bot"}
        assert manifest(way)["oauth_config"]["scopes"]["bot"] == list(scopes())
    for scope in scopes():
        assert not scope.endswith(":history")
        assert not scope.startswith(("admin", "files", "identity", "search", "im:read", "mpim"))
        assert scope not in {"chat:write.public", "chat:write.customize", "users:read.email"}


def test_every_feature_says_why_in_one_sentence() -> None:
    assert len({feature.name for feature in LEDGER}) == len(LEDGER)
    for feature in LEDGER:
        assert feature.why.endswith(".")
        assert feature.why.count(".") == 1
        assert feature.methods or feature.events or feature.commands


def test_the_manifest_says_what_was_decided() -> None:
    found = manifest(HTTP)
    assert found["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": True,
    }
    (command,) = found["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/krets", ADDRESS + PATH)
    assert command["should_escape"] is True
    assert command["usage_hint"]
    (shortcut,) = found["features"]["shortcuts"]
    assert (shortcut["type"], shortcut["callback_id"]) == ("global", "bring_question")
    settings = found["settings"]
    assert settings["event_subscriptions"]["request_url"] == ADDRESS + PATH
    assert settings["interactivity"] == {"is_enabled": True, "request_url": ADDRESS + PATH}
    assert settings["org_deploy_enabled"] is True
    assert settings["socket_mode_enabled"] is False
    assert settings["token_rotation_enabled"] is False
    assert "redirect_urls" not in found["oauth_config"]


def test_in_socket_mode_slack_calls_no_address() -> None:
    found = manifest(SOCKET)
    assert found["settings"]["socket_mode_enabled"] is True
    assert found["settings"]["interactivity"] == {"is_enabled": True}
    assert "http" not in json.dumps(found)
    by_http = manifest(HTTP)
    assert found["oauth_config"] == by_http["oauth_config"]
    events = [one["settings"]["event_subscriptions"]["bot_events"] for one in (found, by_http)]
    assert events[0] == events[1]


def test_with_oauth_slack_sends_people_back() -> None:
    for way in BOTH[2:]:
        assert manifest(way)["oauth_config"]["redirect_urls"] == [ADDRESS + REDIRECT]


def test_slack_calls_and_names_what_the_code_answers() -> None:
    assert routes.PATH == PATH
    assert oauth.BACK == REDIRECT
    assert {one.id for feature in LEDGER for one in feature.shortcuts} == set(parse.SHORTCUTS)
    (command,) = (one for feature in LEDGER for one in feature.commands)
    for_all = [words[0] for what, words in WORDS.items() if what not in ("groups", "figures")]
    hinted = command.hint.strip("[]").split(" | ")
    assert hinted == [word for word in for_all if word in hinted], "the rest is for coordinators"
    assert hinted[-1] == "help", "which tells of the others"


def test_the_texts_are_as_long_as_slack_allows() -> None:
    found = manifest(HTTP)
    about, features = found["display_information"], found["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 175 <= len(about["long_description"]) <= 4000
    assert len(features["bot_user"]["display_name"]) <= 80
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    for command in features["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 100
        assert len(command["usage_hint"]) <= 100
    assert len(found["settings"]["event_subscriptions"]["bot_events"]) <= 100


@pytest.mark.parametrize("address", ["", "http://krets.example.org"])
@pytest.mark.parametrize(("socket_mode", "oauth"), [(False, False), (False, True), (True, True)])
def test_without_an_https_address_it_says_what_to_set(
    address: str, socket_mode: bool, oauth: bool
) -> None:
    with pytest.raises(Refusal, match="KRETS_BASE_URL") as why:
        printed(Way(address, socket_mode, oauth))
    assert "\n" not in str(why.value)
    assert ("--socket-mode" in str(why.value)) is not oauth


def test_socket_mode_needs_no_address() -> None:
    assert json.loads(printed(SOCKET)) == manifest(SOCKET)


def test_what_is_printed_is_the_manifest() -> None:
    assert json.loads(printed(HTTP)) == manifest(HTTP)


# --- the guide ----------------------------------------------------------------------------------


def test_the_guide_gives_a_reason_for_every_scope_and_for_no_other() -> None:
    rows = re.findall(r"^\| `([a-z]+(?::[a-z]+)?)` \|", GUIDE.read_text(), re.MULTILINE)
    assert sorted(rows) == list(scopes())


def test_the_pictures_of_the_guide_are_there_and_small() -> None:
    named = re.findall(r"!\[[^]]+\]\((pictures/[^)]+)\)", GUIDE.read_text())
    assert sorted(named) == [
        f"pictures/{one.name}"
        for one in sorted((GUIDE.parent / "pictures").iterdir())
        if not one.name.startswith(("teams-", "evening-"))
    ]
    sizes = {name: (GUIDE.parent / name).stat().st_size for name in named}
    assert sum(sizes.values()) < 600_000
    assert all(size < 10_000 for name, size in sizes.items() if name.endswith(".svg"))
