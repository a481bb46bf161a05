"""`/krets ...`: one grammar for every platform, in three languages. Commands only open things."""

from collections.abc import Callable
from datetime import datetime

from bot.core import (
    ballot,
    cases,
    checkins,
    freedays,
    hours,
    joining,
    life,
    mine,
    opening,
    planning,
    reflections,
    replanning,
    rooms,
    rules,
)
from bot.core.action import (
    BringCase,
    CastVote,
    CheckIn,
    CloseGroup,
    LeaveGroup,
    MarkFree,
    MyData,
    PauseGroup,
    PlanGroup,
    ReadRules,
    Reflect,
    SeeFigures,
    SeeGroups,
    StartHere,
)
from bot.core.card import T
from bot.core.coordinating import see_figures, see_groups
from bot.core.decision import Decision, Notice
from bot.core.event import ButtonPressed, CommandGiven, Deed, FormSubmitted
from bot.core.facts import Facts
from bot.core.figures import closed_years
from bot.core.home import home, language_form
from bot.core.model import Group
from bot.core.rights import (
    belongs,
    leads,
    on_roll,
    opened,
    reads_reflections,
    takes_cases,
    takes_part,
    undisturbed,
)

#: Word -> what it means; the first of each language is the one that help shows.
WORDS = {
    "open": ("open", "öppna", "oppna", "åpne", "apne"),
    "join": ("join", "anmäl", "anmal", "meld", "påmelding", "pamelding"),
    "here": ("here", "här", "har", "her"),
    "question": ("question", "fråga", "fraga", "spørsmål", "sporsmal", "problemstilling"),
    "checkin": ("checkin", "check-in", "incheckning", "innsjekk"),
    "vote": ("vote", "rösta", "rosta", "stem"),
    "reflect": ("reflect", "reflektera", "reflekter"),
    "rules": ("rules", "spelregler", "regler", "kjøreregler", "kjoreregler"),
    "move": ("move", "flytta", "flytt"),
    "free": ("free", "ledigt", "fri"),
    "pause": ("pause", "paus", "pausa"),
    "hours": ("hours", "tider"),
    "language": ("language", "språk", "sprak"),
    "mine": ("mine", "mina", "my", "data"),
    "groups": ("groups", "grupper"),
    "figures": ("figures", "siffror", "tall"),
    "leave": ("leave", "lämna", "lamna", "forlat"),
    "close": ("close", "stäng", "stang", "avsluta", "lukk", "avslutt"),
    "help": ("help", "hjälp", "hjalp", "hjelp", "?"),
}
MEANING = {word: meaning for meaning, words in WORDS.items() for word in words}


def coordinators_wish(event: Deed, now: datetime) -> SeeGroups | SeeFigures | None:
    """What a coordinator asks to see with this, if anything."""
    if isinstance(event, ButtonPressed | FormSubmitted):
        return event.action if isinstance(event.action, SeeGroups | SeeFigures) else None
    match _meaning(event.text) if isinstance(event, CommandGiven) else "":
        case "groups":
            return SeeGroups(1)
        case "figures":
            return SeeFigures(closed_years(now)[0])
    return None


def asks_to_join(event: Deed) -> bool:
    """Whether somebody asks for which groups they may sign up."""
    return isinstance(event, CommandGiven) and _meaning(event.text) == "join"


def obey(event: CommandGiven, facts: Facts) -> Decision:
    """What a command opens; without words the home, with unknown ones a short help."""
    match _meaning(event.text):
        case "":
            return home(facts)
        case "groups" if facts.coordinates:
            return see_groups(SeeGroups(1), facts)
        case "figures" if facts.coordinates:
            return see_figures(SeeFigures(closed_years(facts.now)[0]), facts)
        case "open":
            return opening.open_form(facts)
        case "join":
            return joining.listed(facts)
        case "here":
            place = event.place.native
            return _of_one(
                facts,
                lambda one: not event.place.private and _may_start(one, facts),
                lambda one: _here_form(one, StartHere(one.id, place), facts),
            )
        case "question":
            return _of_one(
                facts, lambda one: _may_bring(one, facts), lambda one: _bring(one, facts)
            )
        case "checkin":
            return _of_one(
                facts, lambda one: _may_check_in(one, facts), lambda one: _check_in(one, facts)
            )
        case "vote":
            return _of_one(facts, lambda one: _may_vote(one, facts), lambda one: _vote(one, facts))
        case "reflect":
            return _of_one(
                facts, lambda one: _may_reflect(one, facts), lambda one: _reflect(one, facts)
            )
        case "rules":
            return _of_one(
                facts,
                lambda one: one.status == "running" and takes_part(one, facts.me),
                lambda one: rules.read(one, ReadRules(one.id), facts),
            )
        case "move":
            return _of_one(
                facts,
                lambda one: _plans(one, facts),
                lambda one: planning.choose_form(one, PlanGroup(one.id), facts),
            )
        case "free":
            return _of_one(
                facts,
                lambda one: _plans(one, facts),
                lambda one: freedays.form(one, MarkFree(one.id), facts),
            )
        case "pause":
            return _of_one(
                facts,
                lambda one: _plans(one, facts),
                lambda one: replanning.rest_form(one, PauseGroup(one.id), facts),
            )
        case "hours":
            return hours.hours_form(facts)
        case "language":
            return language_form(facts)
        case "mine":
            return mine.show(MyData(), facts)
        case "leave":
            return _of_one(
                facts,
                lambda one: one.status == "running" and takes_part(one, facts.me),
                lambda one: life.leave_form(one, LeaveGroup(one.id), facts),
            )
        case "close":
            return _of_one(
                facts,
                lambda one: one.status != "closed" and opened(one, facts.me),
                lambda one: life.close_form(one, CloseGroup(one.id), facts),
            )
        case _:
            return Decision(reply=Notice(_help(facts)))


def _meaning(text: str) -> str | None:
    """What the first word means; empty without words, None for a word that means nothing."""
    words = text.casefold().split()
    return MEANING.get(words[0]) if words else ""


def _of_one(
    facts: Facts, meant: Callable[[Group], bool], then: Callable[[Group], Decision]
) -> Decision:
    """What is meant when it can be one group only; else the home, where each has its buttons."""
    found = [one for one in facts.mine if facts.room_of in ("", one.id) and meant(one)]
    return then(found[0]) if len(found) == 1 else home(facts)


def _help(facts: Facts) -> T:
    """The words that there are for everybody, and those for whoever leads if I do."""
    everybody = T("help.short" if _votes(facts) else "help.plain")
    leading = any(leads(one, facts.me) for one in facts.mine)
    return T("help.leads", {"help": everybody}) if leading else everybody


def _votes(facts: Facts) -> bool:
    """Whether anybody asks me for questions: those in groups without votes hear of none."""
    return not facts.mine or any(one.method.votes for one in facts.mine)


def _may_start(group: Group, facts: Facts) -> bool:
    gathering = group.status == "gathering" and leads(group, facts.me)
    return gathering or rooms.may_move(group, facts.me)


def _here_form(group: Group, action: StartHere, facts: Facts) -> Decision:
    if group.status == "running":
        return rooms.move_form(group, action, facts)
    return life.start_here_form(group, action, facts)


def _plans(group: Group, facts: Facts) -> bool:
    return group.status == "running" and leads(group, facts.me)


def _may_bring(group: Group, facts: Facts) -> bool:
    meeting = group.next_meeting
    return belongs(group, facts.me) and meeting is not None and takes_cases(group, meeting)


def _bring(group: Group, facts: Facts) -> Decision:
    meeting = group.next_meeting
    assert meeting is not None
    return cases.form(group, meeting, BringCase(group.id, meeting.number), facts)


def _may_check_in(group: Group, facts: Facts) -> bool:
    running = group.status == "running" and group.next_meeting is not None
    return running and belongs(group, facts.me)


def _check_in(group: Group, facts: Facts) -> Decision:
    meeting = group.next_meeting
    assert meeting is not None
    return checkins.form(group, meeting, CheckIn(group.id, meeting.number), facts)


def _may_vote(group: Group, facts: Facts) -> bool:
    vote = group.next_meeting and group.next_meeting.ballot
    if not vote or vote.closed_at is not None:
        return False
    return undisturbed(group) and on_roll(vote, facts.me)


def _vote(group: Group, facts: Facts) -> Decision:
    meeting = group.next_meeting
    assert meeting is not None
    return ballot.cast_form(group, meeting, CastVote(group.id, meeting.number), facts)


def _may_reflect(group: Group, facts: Facts) -> bool:
    return belongs(group, facts.me) and any(map(reads_reflections, group.meetings))


def _reflect(group: Group, facts: Facts) -> Decision:
    meeting = [one for one in group.meetings if reads_reflections(one)][-1]
    return reflections.form(group, meeting, Reflect(group.id, meeting.number), facts)
