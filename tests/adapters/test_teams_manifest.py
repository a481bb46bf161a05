"""The app's package: what Teams reads of it, and that it asks for nothing more than it needs.

Microsoft's schema is not kept here. What it says of lengths, numbers and shapes is written down as
far as the manifest uses it.
"""

import io
import json
import os
import re
import struct
import zipfile
import zlib
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters import about
from adapters.teams.commands import HOME, command
from adapters.teams.manifest import (
    COMMANDS,
    PERMISSIONS,
    App,
    manifest,
    package,
    texts,
)
from adapters.web import application
from bot.__main__ import main
from bot.core.commands import MEANING
from bot.core.model import LANGUAGES
from bot.refusal import Refusal
from bot.settings import Settings
from bot.words import Words
from tests.adapters.teams.microsoft import APP, TENANT

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "teams.md"
WORDS = Words()
KRETS = App(APP, "https://krets.example.org", "0.1.0")
OTHERS = [language for language in LANGUAGES if language != "en"]
#: Key of a text -> how long it may be, in a file of its own language.
LONGEST = {"name.short": 30, "name.full": 100, "description.short": 80, "description.full": 4000}
COMMAND = re.compile(r"bots\[0\]\.commandLists\[[0-2]\]\.commands\[[0-9]\]\.(title|description)")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package(KRETS, WORDS))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def found(files: dict[str, bytes]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(files["manifest.json"])
    return read


# --- the package --------------------------------------------------------------------------------


def test_the_package_is_flat_and_holds_what_the_manifest_names(
    files: dict[str, bytes], found: dict[str, Any]
) -> None:
    languages = found["localizationInfo"]["additionalLanguages"]
    named = ["manifest.json", *(one["file"] for one in languages), *found["icons"].values()]
    assert sorted(files) == sorted(named)
    assert not [name for name in files if "/" in name or "\\" in name]


def test_the_same_app_gives_the_same_bytes_and_another_gives_others() -> None:
    assert package(KRETS, WORDS) == package(KRETS, WORDS)
    assert package(App(APP, KRETS.base_url, "0.1.1"), WORDS) != package(KRETS, WORDS)


def test_the_app_has_an_id_of_its_own_that_its_bot_decides() -> None:
    other = "c4b1f1de-0d5b-4b6e-9f58-2f2c9c3a1b11"
    moved = App(APP, "https://elsewhere.example.org", "2.0.0")
    assert moved.id == KRETS.id == App(APP.upper(), "", "").id
    assert len({KRETS.id, APP, App(other, "", "").id}) == 3
    assert str(UUID(KRETS.id)) == KRETS.id


@pytest.mark.parametrize("address", ["", "http://krets.example.org"])
def test_without_an_address_that_teams_can_call_it_says_what_to_set(address: str) -> None:
    with pytest.raises(Refusal, match="KRETS_BASE_URL") as why:
        package(App(APP, address, "0.1.0"), WORDS)
    assert "\n" not in str(why.value)


def test_without_a_bot_it_says_what_to_set() -> None:
    with pytest.raises(Refusal, match="KRETS_TEAMS_APP_ID"):
        package(App("", KRETS.base_url, "0.1.0"), WORDS)


# --- as an operator makes it --------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of an operator who has set all that the package needs."""
    for name in [name for name in os.environ if name.startswith("KRETS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KRETS_BASE_URL", KRETS.base_url)
    monkeypatch.setenv("KRETS_TEAMS_APP_ID", APP)
    monkeypatch.setenv("KRETS_TEAMS_TENANT_ID", TENANT)
    monkeypatch.setenv("KRETS_TEAMS_APP_PASSWORD", "CANARY")
    return monkeypatch


@pytest.mark.usefixtures("settings")
def test_krets_manifest_teams_writes_the_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["manifest", "teams"]) == main(["manifest", "teams", "--out", "other.zip"]) == 0
    said = capsys.readouterr()
    assert (said.err, said.out.count("\n")) == ("", 2)
    made = (tmp_path / "krets.zip").read_bytes()
    assert made == (tmp_path / "other.zip").read_bytes()
    assert made == package(App(APP, KRETS.base_url, version("krets")), WORDS)
    assert b"CANARY" not in made


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (["BASE_URL"], "KRETS_BASE_URL"),
        (["TEAMS_APP_ID", "TEAMS_TENANT_ID", "TEAMS_APP_PASSWORD"], "KRETS_TEAMS_APP_ID"),
    ],
)
def test_krets_manifest_teams_says_in_a_sentence_what_is_missing(
    settings: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    missing: list[str],
    named: str,
) -> None:
    for name in missing:
        settings.delenv(f"KRETS_{name}")
    assert main(["manifest", "teams"]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert named in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("settings")
def test_a_place_where_nothing_can_be_written_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["manifest", "teams", "--out", "no/such/krets.zip"]) == 1
    assert "no/such/krets.zip" in capsys.readouterr().err


# --- the icons ----------------------------------------------------------------------------------


def pixels(png: bytes) -> tuple[int, int, list[tuple[int, int, int, int]]]:
    """Width, height and RGBA of a picture whose rows are not filtered."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    at = png.index(b"IDAT")
    (size,) = struct.unpack(">I", png[at - 4 : at])
    raw = zlib.decompress(png[at + 4 : at + 4 + size])
    rows = [raw[row * (4 * width + 1) :][: 4 * width + 1] for row in range(height)]
    assert all(row[0] == 0 for row in rows)
    return width, height, [one for row in rows for one in struct.iter_unpack("4B", row[1:])]  # type: ignore[misc]


def test_the_icon_in_colour_is_full_and_has_the_size_that_teams_wants(
    files: dict[str, bytes], found: dict[str, Any]
) -> None:
    width, height, points = pixels(files[found["icons"]["color"]])
    assert (width, height) == (192, 192)
    assert {alpha for *_, alpha in points} == {255}
    assert "#{:02x}{:02x}{:02x}".format(*points[0][:3]) == found["accentColor"]


def test_the_outline_is_white_on_nothing(files: dict[str, bytes], found: dict[str, Any]) -> None:
    width, height, points = pixels(files[found["icons"]["outline"]])
    assert (width, height) == (32, 32)
    assert {point[:3] for point in points} == {(255, 255, 255)}
    shown = [alpha for *_, alpha in points]
    assert (min(shown), max(shown)) == (0, 255)
    assert shown.count(0) > len(shown) / 2


# --- the manifest -------------------------------------------------------------------------------


def test_the_manifest_says_what_was_decided(found: dict[str, Any]) -> None:
    assert found == manifest(KRETS, WORDS)
    assert found["manifestVersion"] in found["$schema"]
    assert (found["id"], found["version"]) == (KRETS.id, "0.1.0")
    assert re.fullmatch(r"\d+\.\d+\.\d+", found["version"])
    (bot,) = found["bots"]
    assert bot["botId"] == APP
    assert bot["scopes"] == ["personal", "team", "groupChat"]
    assert (bot["supportsFiles"], bot["isNotificationOnly"]) == (False, False)
    assert bot["supportsTargetedMessages"] is True
    triggers = [one["triggers"] for one in bot["commandLists"]]
    assert triggers == [["mention"], ["mention", "slash"], ["mention", "slash"]]
    assert found["defaultInstallScope"] == "personal"
    assert found["defaultGroupCapability"] == {"team": "bot", "groupchat": "bot"}


def test_nothing_is_asked_for_but_what_the_ledger_says(found: dict[str, Any]) -> None:
    assert found["permissions"] == list(PERMISSIONS)
    assert all(why.endswith(".") and why.count(".") == 1 for why in PERMISSIONS.values())
    for more in ("authorization", "webApplicationInfo", "validDomains", "devicePermissions"):
        assert more not in found, more
    for more in ("staticTabs", "configurableTabs", "composeExtensions", "connectors"):
        assert more not in found, more


def test_what_the_manifest_must_have_is_there_and_as_long_as_it_may_be(
    found: dict[str, Any],
) -> None:
    must = "manifestVersion version id developer name description icons accentColor"
    assert set(must.split()) <= set(found)
    assert len(found["developer"]["name"]) <= 32
    assert re.fullmatch(r"#[0-9a-f]{6}", found["accentColor"])
    for name, url in found["developer"].items():
        assert name == "name" or url.startswith(KRETS.base_url + about.PATH)
    for key, most in LONGEST.items():
        part, name = key.split(".")
        assert 0 < len(found[part][name]) <= most
    lists = found["bots"][0]["commandLists"]
    assert [one["scopes"] for one in lists] == [[scope] for scope in COMMANDS]
    for one in lists:
        assert len(one["commands"]) <= 10, "the schema of languages knows no more"


# --- languages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_all_of_it_within_its_limits(
    files: dict[str, bytes], language: str
) -> None:
    said = json.loads(files[f"{language}.json"])
    assert said.pop("$schema").endswith("MicrosoftTeams.Localization.schema.json")
    assert said == texts(WORDS, language)
    assert list(said) == list(texts(WORDS, "en"))
    for key, text in said.items():
        of_command = COMMAND.fullmatch(key)
        assert of_command or key in LONGEST, key
        most = {"title": 32, "description": 128}[of_command[1]] if of_command else LONGEST[key]
        assert 0 < len(text) <= most, key


def test_the_languages_are_those_of_krets(found: dict[str, Any]) -> None:
    info = found["localizationInfo"]
    tags = [one["languageTag"] for one in info["additionalLanguages"]]
    assert [info["defaultLanguageTag"], *tags] == list(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_krets_understands_every_command_that_teams_offers(language: str) -> None:
    said = texts(WORDS, language)
    for at, meanings in enumerate(COMMANDS.values()):
        for nth, meaning in enumerate(meanings):
            title = said[f"bots[0].commandLists[{at}].commands[{nth}].title"]
            words = command(title)
            assert words is not None, title
            assert (
                (words == "" and title in HOME)
                if meaning == "home"
                else (MEANING[words] == meaning)
            ), title


# --- the page that the manifest links to --------------------------------------------------------


async def test_what_the_manifest_links_to_is_there_in_every_language() -> None:
    async def ready() -> bool:
        return True

    async with TestClient(TestServer(application(ready, about.about(WORDS)))) as client:
        got = await client.get(about.PATH)
        page = await got.text()
    assert (got.status, got.content_type) == (200, "text/html")
    for part in (about.PRIVACY, about.TERMS):
        assert f'id="{part.partition("#")[2]}"' in page
    for language in LANGUAGES:
        assert page.count(f'<div lang="{language}">') == 3


# --- the guide ----------------------------------------------------------------------------------


def test_the_guide_gives_a_reason_for_every_permission_and_for_no_other() -> None:
    part = GUIDE.read_text().partition("## What Krets may do, and why")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == list(PERMISSIONS)


def test_the_guide_names_every_setting_of_teams() -> None:
    text = GUIDE.read_text()
    names = [f"KRETS_{name.upper()}" for name in Settings.model_fields if name.startswith("teams_")]
    assert len(names) > 5
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_guide_names_every_check_of_the_doctor() -> None:
    checks = {
        "organisation", "secret", "certificate", "managed identity", "signing keys", "messages",
        "clock",
    }  # fmt: skip
    part = GUIDE.read_text().partition("## When something does not work")[2]
    assert set(re.findall(r"^\| `([a-z ]+)` \|", part, re.MULTILINE)) == checks


def test_the_pictures_of_the_guide_are_there_and_small() -> None:
    named = re.findall(r"!\[[^]]+\]\((pictures/[^)]+)\)", GUIDE.read_text())
    kept = [f"pictures/{one.name}" for one in (GUIDE.parent / "pictures").glob("teams-*")]
    assert sorted(named) == sorted(kept)
    sizes = {name: (GUIDE.parent / name).stat().st_size for name in named}
    assert sum(sizes.values()) < 400_000
    assert all(size < 10_000 for name, size in sizes.items() if name.endswith(".svg"))


def test_every_link_of_the_guide_leads_somewhere() -> None:
    text = GUIDE.read_text()
    titles = {
        re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-")
        for one in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for link in re.findall(r"\]\(([^)]+)\)", text):
        file, _, part = link.partition("#")
        if link.startswith("https://"):
            continue
        assert not file or (GUIDE.parent / file).exists(), link
        assert file or part in titles, link
