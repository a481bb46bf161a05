"""Every method that comes with Krets, over its whole life: what each is shown, and what is not."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from bot.core.action import (
    AddCase,
    BringCase,
    ChooseInRoom,
    OfferTitles,
    OpenVote,
    ReadAloud,
)
from bot.core.card import Button
from bot.core.commands import MEANING
from bot.core.decision import Home
from bot.core.model import LANGUAGES
from bot.core.rules import our_rules
from tests.core.laws import inside
from tests.core.play import LEADERS, OPENER, POOL, SPONSOR, Play, jonkoping, keys, paths, shipped
from tests.core.stages import begun, gathering, now, opened, signing, started, to_step
from tests.core.words import catalogue

SPONSORED = ("jonkoping", "helsingborg", "reflecting")
OWN = ("at-risk", "guide-training", "guide-support")
#: Sentences that are about questions brought and voted on.
OF_VOTES = re.compile(
    r"(vote|case|titles|choose|further|brake)(\..*)?|add\.(b|title|hint|done|already)"
    r"|last_owner.*|guide\.(last_owner|owner_is)|whose|next_day\.kept|help\.short"
)
#: Of those, what also tells how the last meeting asks whether the group meets again.
OF_REUNION = {"titles.offered"}


def running(id: str) -> Play:
    """A group of this method has started."""
    if id in SPONSORED:
        return started(8 if id == "jonkoping" else 6, id)
    play = signing(id, 6)
    play.tap("lena", "gather.show")
    play.tap("lena", "gather.start")
    return play


def everything(play: Play) -> Iterator[Any]:
    """All that anybody sees: chats, the room, homes, commands, forms that buttons open."""
    for person in (SPONSOR, OPENER, *LEADERS, *POOL[:2], ""):
        yield from play.chat(person).values()
    for person in (*LEADERS[: play.method.leaders], *POOL[:2]):
        for word in ("", "question", "checkin", "leave", "?"):
            yield play.command(person, word)
        offered = inside((play.home(person), tuple(play.chat(person).values())), Button)
        for button in {one.action: one for one in offered}.values():
            trial = play.copy()
            yield trial.press(person, button.action)


def life(id: str, look: Callable[[Play], None]) -> Play:
    """The whole life of a group; the first, an ordinary and the last meeting are looked at."""
    play = running(id)
    for meeting in play.group.meetings:
        if meeting.number not in (1, 2, len(play.group.meetings)):
            play.go("finish", meeting.number)
            continue
        play.go("begin", meeting.number)
        for step in play.group.agenda(meeting):
            to_step(play, step.id)
            look(play)
        play.tap("lena", "end.b")
        look(play)
    play.go("shred", len(play.group.meetings))
    return play


@cache
def sentences(id: str) -> frozenset[str]:
    """The keys of all that is said in the life of a group."""
    found: set[str] = set()
    life(id, lambda play: found.update(keys(list(everything(play)))))
    return frozenset(found)


@pytest.mark.parametrize("id", ["helsingborg", "reflecting", "at-risk", "guide-training"])
def test_a_group_without_votes_never_speaks_of_questions_or_votes(id: str) -> None:
    method = shipped(id)
    assert not [key for key in sentences(id) - OF_REUNION if OF_VOTES.fullmatch(key)]
    steps = (*method.first, *method.ordinary, *method.last)
    for text in (text for step in steps for text in (step.title, step.say or {})):
        for language in LANGUAGES:
            said = text.get(language, "")
            assert not re.search(r"\bvot(e|ing)|röst(a|as|ning)|stemme\b|stemt", said), said


@pytest.mark.parametrize("id", ["jonkoping", "guide-support"])
def test_a_group_with_votes_does(id: str) -> None:
    assert {"vote.no_cases", "case.open", "help.short"} <= sentences(id)


@pytest.mark.parametrize("id", ["helsingborg", "at-risk"])
def test_nothing_of_a_vote_can_be_reached_either(id: str) -> None:
    play = running(id)
    play.go("begin", 2)
    number = now(play).number
    for kind, person in (
        (BringCase, "anna"),
        (AddCase, "lena"),
        (OpenVote, "lena"),
        (ChooseInRoom, "lena"),
        (OfferTitles, "lena"),
    ):
        action = kind(play.group.id, number)
        for answers in ({}, {"case": "How do I say no?", "who": ("anna",)}):
            play.submit(person, action, **answers)
            assert play.told(person) == "unavailable", kind
        play.press(person, action)
        assert play.told(person) == "unavailable", kind


@pytest.mark.parametrize("id", [*SPONSORED, *OWN])
def test_it_meets_as_often_and_as_many_times_as_the_method_says(id: str) -> None:
    play = life(id, lambda _: None)
    method = shipped(id)
    assert len(play.group.meetings) == method.meetings
    assert all(one.held for one in play.group.meetings)
    apart = {
        (later.at - one.at).days
        for one, later in zip(play.group.meetings, play.group.meetings[1:], strict=False)
    }
    assert apart == {7 * method.weeks if id in OWN else 7}
    assert play.group.status == "closed"


def test_the_ground_rules_of_a_group_without_votes_name_none() -> None:
    for id, sixth in (("helsingborg", "rules.6.plain"), ("jonkoping", "rules.6")):
        assert [one.key for one in our_rules(running(id).group)][5] == sixth
    for language in LANGUAGES:
        assert not re.search(r"\bvote|röst|stemm", catalogue(language)["rules.6.plain"][0])


# --- what the method brings ---------------------------------------------------------------------


def test_those_who_are_asked_to_lead_see_the_method_and_what_they_are_called() -> None:
    for id in SPONSORED:
        assert {"title", "leader"} <= paths(opened(id).chat("lena")["lead"])


def test_the_room_sees_what_those_who_lead_are_called_one_or_several() -> None:
    assert "leader" in paths(running("helsingborg").chat("")["meeting/1"])
    assert "leader_many" in paths(running("jonkoping").chat("")["meeting/1"])


def test_a_method_that_does_not_say_what_several_are_called_names_them_only() -> None:
    play = running("jonkoping")
    play.groups[play.group.id] = replace(play.group, method=replace(jonkoping(), leader_many=None))
    play.go("announce", 2)
    assert "leaders.as" not in play.keys("", "meeting/2")


def test_nobody_who_takes_part_is_shown_the_title_of_a_method() -> None:
    play = running("at-risk")
    play.go("overview", 2)
    for person in ("anna", ""):
        assert "title" not in paths([*play.chat(person).values()])
    assert "title" not in paths(play.home("anna"))


def test_one_who_leads_alone_can_do_everything() -> None:
    play = life("helsingborg", lambda _: None)
    assert play.group.led_by == ("lena",)
    alone = gathering("helsingborg")
    assert "gather" in alone.chat("lena")


def test_the_questions_before_and_after_a_meeting_are_those_of_the_method() -> None:
    play = running("helsingborg")
    play.go("checkin", 2)
    assert "questions/checkin" in paths(play.chat("anna")["checkin/2"])
    play.tap("anna", "checkin.open")
    assert "questions/checkin" in paths(play.form("anna"))


# --- texts to read aloud ------------------------------------------------------------------------


def aloud(play: Play, person: str = "lena") -> list[str]:
    """What is laid ready to be read aloud."""
    found = inside(tuple(play.chat(person).values()), Button)
    return [one.action.what for one in found if isinstance(one.action, ReadAloud)]


def test_the_exercises_are_a_tap_away_in_their_step() -> None:
    play = begun(2)
    assert aloud(play) == []
    to_step(play, "relax")
    assert aloud(play) == ["exercises/feet", "exercises/shoulders", "exercises/shelf"]
    play.press("omar", ReadAloud(play.group.id, "exercises/shelf"))
    form = play.form("omar")
    assert paths(form.title) == {"exercises/shelf/title"}
    assert paths(form.fields) == {"exercises/shelf/say"}
    to_step(play, "since")
    assert aloud(play) == []


def test_each_meeting_s_theme_is_on_its_card_in_the_overview_and_in_its_step() -> None:
    play = running("helsingborg")
    for number, id in ((2, "recovery"), (8, "ahead")):
        play.go("overview", number)
        assert f"themes/{id}/title" in paths(play.chat("")[f"meeting/{number}"])
        assert set(aloud(play)) == {f"themes/{id}"}
        play.go("begin", number)
        to_step(play, "lecture")
        assert f"themes/{id}" in aloud(play)
        play.press("lena", ReadAloud(play.group.id, f"themes/{id}"))
        assert paths(play.form("lena").fields) == {f"themes/{id}/say"}
        play.go("finish", number)


def test_a_meeting_for_which_no_theme_is_left_has_none() -> None:
    play = running("helsingborg")
    few = replace(play.method, themes=play.method.themes[:2])
    play.groups[play.group.id] = replace(play.group, method=few)
    play.go("begin", 4)
    to_step(play, "lecture")
    assert not [one for one in paths(play.chat("")["meeting/4"]) if one.startswith("themes")]
    assert aloud(play) == []


@pytest.mark.parametrize("what", ["exercises/none", "themes/feet", "title", "first/model", ""])
def test_nothing_else_of_the_method_is_read_so(what: str) -> None:
    play = begun(2)
    play.press("lena", ReadAloud(play.group.id, what))
    assert play.told("lena") == "unavailable"


def test_only_those_who_lead_read_them() -> None:
    play = begun(2)
    for person in ("anna", SPONSOR, "stranger"):
        play.press(person, ReadAloud(play.group.id, "exercises/feet"))
        assert play.told(person) == "unavailable"


# --- short commands -----------------------------------------------------------------------------


def test_help_names_questions_only_to_whom_they_concern() -> None:
    for id, key in (("helsingborg", "help.plain"), ("jonkoping", "help.short")):
        play = running(id)
        for person in ("anna", "lena", SPONSOR):
            play.command(person, "help")
            assert key in keys(play.replies[person])
    play.command("stranger", "help")
    assert play.told("stranger") == "help.short"
    play = running("helsingborg")
    play.command("anna", "question")
    assert isinstance(play.replies["anna"], Home)


def test_every_word_of_the_help_is_a_command() -> None:
    for language in LANGUAGES:
        for key, fewest in (("help.short", 11), ("help.plain", 9), ("help.leads", 3)):
            listed = catalogue(language)[key][0].rpartition(":")[2].strip(" .")
            words = re.split(r", | and | och | og ", listed)
            assert len(words) > fewest
            assert set(words) <= set(MEANING), (language, words)
