"""`/krets ...` in three languages, free text, and buttons of what is not there."""

import re
from dataclasses import replace

import pytest

from bot.core import action as a
from bot.core.card import CARDS
from bot.core.commands import MEANING, WORDS
from bot.core.decision import Home
from bot.core.model import LANGUAGES
from tests.core.play import POOL, SPONSOR, Play, keys, room
from tests.core.stages import before, begun, gathering, joined, started, voting
from tests.core.words import catalogue


@pytest.mark.parametrize("word", ["open", "öppna", "oppna", "åpne", "apne", "ÖPPNA nu"])
def test_open_opens_the_form(word: str) -> None:
    play = Play()
    play.command("anybody", word)
    assert isinstance(play.form("anybody").action, a.OpenGroup)


@pytest.mark.parametrize("word", ["question", "fråga", "spørsmål", "problemstilling", "FRÅGA"])
def test_question_opens_the_form_of_a_question(word: str) -> None:
    play = before(2)
    play.command("anna", word)
    assert play.form("anna").action == a.BringCase(play.group.id, 2)


@pytest.mark.parametrize("word", ["checkin", "check-in", "incheckning", "innsjekk"])
def test_checkin_opens_the_check_in(word: str) -> None:
    play = before(2)
    play.command("anna", word)
    assert play.form("anna").action == a.CheckIn(play.group.id, 2)


@pytest.mark.parametrize("word", ["vote", "rösta", "stem", "ROSTA nu"])
def test_vote_opens_the_ballot_while_one_is_open(word: str) -> None:
    play = voting()
    play.command("anna", word)
    assert play.form("anna").action == a.CastVote(play.group.id, 2)
    for person in ("lena", SPONSOR, "stranger"):
        play.command(person, word)
        assert play.told(person) == "Home"
    play.comes(SPONSOR)
    play.command("anna", word)
    assert play.told("anna") == "Home", "private steps rest"
    play.goes(SPONSOR)
    play.go("close", 2)
    play.command("anna", word)
    assert play.told("anna") == "Home"


@pytest.mark.parametrize("word", ["reflect", "reflektera", "reflekter"])
def test_reflect_opens_the_reflection_as_long_as_there_is_one(word: str) -> None:
    play = begun(2)
    play.command("anna", word)
    assert play.told("anna") == "Home"
    play.go("finish", 2)
    play.command("anna", word)
    assert play.form("anna").action == a.Reflect(play.group.id, 2)
    play.command("lena", word)
    assert play.told("lena") == "Home"


@pytest.mark.parametrize("word", ["rules", "spelregler", "regler", "kjøreregler", "kjoreregler"])
def test_rules_opens_the_ground_rules(word: str) -> None:
    play = started()
    for person in ("anna", "lena"):
        play.command(person, word)
        assert play.form(person).action == a.ReadRules(play.group.id)
    play.command(SPONSOR, word)
    assert play.told(SPONSOR) == "Home"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_help_names_is_understood(language: str) -> None:
    short, plain, leading = (listed(language, f"help.{key}") for key in ("short", "plain", "leads"))
    assert [MEANING[word] for word in leading] == ["here", "move", "pause", "free"]
    assert [one for one in short if MEANING[one] not in ("question", "vote")] == plain
    assert {MEANING[word] for word in (*short, *leading)} == {*WORDS} - {
        "groups",
        "figures",
        "help",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_playground_offers_the_words_of_the_help_and_no_others(language: str) -> None:
    (offered,) = catalogue(language)["page.commands"]
    *words, last = offered.split()
    assert words == [*listed(language, "help.short"), *listed(language, "help.leads")]
    assert MEANING[last] == "help"


def listed(language: str, key: str) -> list[str]:
    """The words that a help names."""
    (told,) = catalogue(language)[key]
    words = re.findall(r"[\w-]+", told.rpartition(":")[2])
    return [word for word in words if word not in ("and", "och", "og")]


@pytest.mark.parametrize("id", ["jonkoping", "helsingborg"])
def test_whoever_leads_is_told_their_words_too(id: str) -> None:
    play = started(6, id) if id == "helsingborg" else started()
    everybody = "help.short" if id == "jonkoping" else "help.plain"
    for person, said in (("lena", {"help.leads", everybody}), ("anna", {everybody})):
        play.command(person, "help")
        assert keys(play.replies[person]) == said


@pytest.mark.parametrize("word", ["language", "språk", "sprak"])
def test_language_opens_the_languages(word: str) -> None:
    play = Play()
    play.command("anybody", word)
    assert play.form("anybody").action == a.ChooseLanguage()


@pytest.mark.parametrize("word", ["leave", "lämna", "lamna", "forlat"])
def test_leave_asks_once(word: str) -> None:
    play = started()
    for person in ("anna", "lena"):
        play.command(person, word)
        assert play.form(person).action == a.LeaveGroup(play.group.id)


@pytest.mark.parametrize("word", ["close", "stäng", "lukk", "avslutt", "avsluta"])
def test_close_asks_once(word: str) -> None:
    play = started()
    play.command(SPONSOR, word)
    assert play.form(SPONSOR).action == a.CloseGroup(play.group.id)


@pytest.mark.parametrize("word", ["here", "här", "her", "har"])
def test_here_asks_once(word: str) -> None:
    play = joined(4)
    play.tap("lena", "gather.show")
    play.command("lena", word, room("corner", "lena", "omar", *POOL[:4]))
    assert play.form("lena").action == a.StartHere(play.group.id, "corner")


@pytest.mark.parametrize("word", ["help", "hjälp", "hjelp", "?", "xyzzy", "krets", "<b>", "open!"])
def test_other_words_get_a_short_help(word: str) -> None:
    play = started()
    play.command("anna", word)
    assert play.told("anna") == "help.short"


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_without_words_the_home_opens(text: str) -> None:
    play = started()
    play.command("anna", text)
    assert play.told("anna") == "Home"


@pytest.mark.parametrize("word", ["question", "checkin", "leave", "close", "here"])
def test_whoever_has_nothing_of_the_kind_finds_the_home(word: str) -> None:
    play = gathering()
    for person in ("stranger", "anna"):
        play.command(person, word)
        assert play.told(person) == "Home"


def test_in_the_first_meeting_there_is_no_question_to_bring() -> None:
    play = started()
    play.command("anna", "question")
    assert play.told("anna") == "Home"
    play.go("finish", 10)
    for word in ("question", "checkin"):
        play.command("anna", word)
        assert play.told("anna") == "Home"


def test_with_two_groups_one_chooses_at_home_or_asks_in_the_room() -> None:
    play = before(2)
    play.groups["twin"] = replace(play.group, id="twin")
    play.command("anna", "question")
    reply = play.replies["anna"]
    assert isinstance(reply, Home)
    meant = {"twin", play.group.id}
    assert {one for one in meant if one in str([CARDS.dump_json(c) for c in reply.cards])} == meant
    play.command("anna", "question", play.rooms[play.group.id])
    assert play.form("anna").action == a.BringCase(play.group.id, 2)


def test_free_text_gets_a_fixed_answer() -> None:
    play = started()
    for person in ("anna", "stranger", SPONSOR):
        play.say(person)
        assert play.told(person) == "free_text"


def test_a_button_of_a_group_that_is_not_there_is_unavailable() -> None:
    play = started()
    for action in (a.CheckIn("g0", 1), a.CloseGroup("g0"), a.AnswerInvite("g0", True)):
        play.press("anna", action)
        assert play.told("anna") == "unavailable"
        play.submit("anna", action)
        assert play.told("anna") == "unavailable"


def test_a_closed_and_a_foreign_group_look_the_same() -> None:
    closed, foreign = started(), started()
    closed.submit(SPONSOR, a.CloseGroup(closed.group.id))
    for action in (a.CheckIn(closed.group.id, 1), a.LeaveGroup(closed.group.id)):
        closed.press("anna", action)
        foreign.press("stranger", action)
        assert closed.replies["anna"] == foreign.replies["stranger"]


def test_commands_change_nothing_by_themselves() -> None:
    play = before(2)
    was = play.group, play.shown
    for person in (SPONSOR, "lena", "anna", "stranger"):
        for word in ("", "open", "question", "checkin", "language", "leave", "close", "here", "?"):
            play.command(person, word)
    assert (play.group, play.shown) == was
    assert keys(play.home("anna"))


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("move", "flytta", "flytt"), "plan.title"),
        (("free", "ledigt", "fri"), "free.title"),
        (("pause", "paus", "pausa"), "rest.title"),
    ],
)
def test_those_who_lead_change_the_plan_by_a_word(words: tuple[str, ...], title: str) -> None:
    play = started()
    for word in words:
        play.command("lena", word)
        assert play.form("lena").title.key == title
        play.command("anna", word)
        assert play.told("anna") == "Home"


def test_everybody_finds_their_hours_by_a_word() -> None:
    play = started()
    for word in ("hours", "tider"):
        play.command("anna", word)
        assert play.form("anna").title.key == "hours.title"
