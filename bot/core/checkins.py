"""A moment for yourself before the meeting. It is for the one who writes; skip is a full answer."""

import json
from collections.abc import Iterable

from bot.core.action import CheckIn, ReadCheckIns, SkipCheckIn
from bot.core.answers import Answers, chosen_one, text
from bot.core.card import (
    Buttons,
    Card,
    Choice,
    Divider,
    Form,
    Heading,
    Input,
    Line,
    Option,
    Quote,
    Said,
    Shown,
    T,
    Text,
    Who,
)
from bot.core.cards import asked, button, line, name, plain, primary, quiet
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm
from bot.core.effect import Effect, Person, Put
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from bot.core.rights import belongs, is_next, leads, takes_part
from bot.core.text import TEXT_LIMIT, fault

#: What can be tapped in a group whose method does not say.
TAPS = ("here", "full", "heavy", "skip")
#: To whom a check-in is shown; fixed at the first answer.
LEVELS = ("me", "leaders", "all")


def last_owner(group: Group, meeting: Meeting) -> PersonId:
    """Whose question it was last time; there is a moment for how it went."""
    before = group.previous(meeting)
    return before.owner if before is not None else ""


def ask(group: Group, meeting: Meeting, people: Iterable[PersonId]) -> tuple[Effect, ...]:
    """Each who has not said that they can't come, or checked in already, is offered a moment."""
    silent = [
        one
        for one in people
        if meeting.attendance.get(one) != "no" and not _mine(group, meeting, one)
    ]
    return tuple(
        Put(Person(one), f"checkin/{meeting.number}", ask_card(group, meeting, one))
        for one in silent
    )


def ask_card(group: Group, meeting: Meeting, person: PersonId) -> Card:
    """The question, without an answer in it; the last owner finds a line of their own."""
    owner = (quiet("last_owner"),) if person == last_owner(group, meeting) else ()
    return Card(
        (
            Heading(name(group)),
            Text(asked(group, "checkin", "checkin")),
            quiet("checkin.hint"),
            *owner,
            Buttons(
                (
                    primary("checkin.open", CheckIn(group.id, meeting.number)),
                    button("checkin.skip", SkipCheckIn(group.id, meeting.number)),
                )
            ),
        )
    )


def form(group: Group, meeting: Meeting, action: CheckIn, facts: Facts) -> Decision:
    """The check-in; what I wrote before stands in it, and so do my own words of last time."""
    if not belongs(group, facts.me) or not is_next(group, meeting):
        return UNAVAILABLE
    mine = _mine(group, meeting, facts.me)
    fields: list[Input | Shown] = []
    before = group.previous(meeting)
    if before is not None and facts.me == before.owner:
        carried = f"{before.number}/carried"
        fields.append(line("last_owner"))
        if group.item(carried, "words"):
            fields += [
                quiet("last_owner.words"),
                Quote(Said(group.id, carried, "words")),
                Divider(),
            ]
    fields += [Text(asked(group, "checkin", "checkin")), quiet("checkin.hint")]
    if mine:
        fields.append(quiet(f"level.is.{mine['level']}"))
    else:
        levels = tuple(Option(level, T(f"level.{level}")) for level in LEVELS)
        fields.append(Choice("level", T("level"), levels, chosen=("me",), hint=T("level.fixed")))
    fields += [
        Choice(
            "tap",
            asked(group, "arriving", "checkin.tap"),
            tuple(Option(tap, tapped(group, tap)) for tap in _taps(group)),
            optional=True,
            chosen=(mine["tap"],) if mine.get("tap") else (),
        ),
        Line(
            "words",
            T("checkin.words"),
            TEXT_LIMIT,
            several=True,
            optional=True,
            value=Said(group.id, f"{meeting.number}/meeting", f"checkin/{facts.me}"),
        ),
    ]
    return Decision(
        reply=OpenForm(Form(T("checkin.title"), action, tuple(fields), submit=T("save")))
    )


def check_in(
    group: Group, meeting: Meeting, action: CheckIn, answers: Answers, facts: Facts
) -> Decision:
    """What I carry into the room is kept until a day after the meeting, for whom I chose."""
    if not belongs(group, facts.me) or not is_next(group, meeting):
        return UNAVAILABLE
    mine = _mine(group, meeting, facts.me)
    words = text(answers, "words", several=True)
    tap = chosen_one(answers, "tap", _taps(group))
    level = mine.get("level") or chosen_one(answers, "level", LEVELS)
    wrong = {"words": fault(words, TEXT_LIMIT, optional=True)}
    wrong["level"] = None if level else T("error.choose")
    errors = {field: error for field, error in wrong.items() if error is not None}
    if errors:
        return Decision(reply=FieldErrors(errors))
    drawer = f"{meeting.number}/meeting"
    new = group.with_item(drawer, f"checkin/{facts.me}", words)
    new = new.with_item(drawer, f"tap/{facts.me}", json.dumps({"tap": tap, "level": level}))
    done = _answered(new, meeting, facts.me, "checkin.done", "checkin.again")
    return Decision(new, (done,), Notice(T("checkin.done")))


def skip(group: Group, meeting: Meeting, action: SkipCheckIn, facts: Facts) -> Decision:
    """Skip is a full answer."""
    if not belongs(group, facts.me) or not is_next(group, meeting):
        return UNAVAILABLE
    done = _answered(group, meeting, facts.me, "checkin.skipped", "checkin.open")
    return Decision(effects=(done,), reply=Notice(T("checkin.skipped")))


def read(group: Group, meeting: Meeting, action: ReadCheckIns, facts: Facts) -> Decision:
    """The check-ins that are meant for me: as one who leads, or as one at the meeting."""
    if not takes_part(group, facts.me) or not is_next(group, meeting):
        return UNAVAILABLE
    levels = ("leaders", "all") if leads(group, facts.me) else ("all",)
    fields: list[Input | Shown] = []
    for person in group.people:
        mine = _mine(group, meeting, person)
        if mine.get("level") not in levels:
            continue
        if mine["tap"]:
            tap = tapped(group, mine["tap"])
            fields.append(line("checkin.of", who=Who((person,)), tap=tap))
        said = Said(group.id, f"{meeting.number}/meeting", f"checkin/{person}")
        if group.item(said.drawer, said.item):
            named = None if mine["tap"] else Who((person,))  # the line above has named them
            fields.append(Quote(said, named))
    shown = tuple(fields) or (line("checkin.none"),)
    return Decision(reply=OpenForm(Form(T("checkin.read"), action, shown)))


def tapped(group: Group, tap: str) -> T:
    """An answer to how one arrives."""
    return asked(group, f"taps/{tap}", f"checkin.tap.{tap}")


def _taps(group: Group) -> tuple[str, ...]:
    return tuple(group.method.questions.taps) or TAPS


def _mine(group: Group, meeting: Meeting, person: PersonId) -> dict[str, str]:
    found: dict[str, str] = json.loads(
        group.item(f"{meeting.number}/meeting", f"tap/{person}") or "{}"
    )
    return found


def _answered(group: Group, meeting: Meeting, person: PersonId, said: str, then: str) -> Put:
    card = plain(group, said, button(then, CheckIn(group.id, meeting.number)))
    return Put(Person(person), f"checkin/{meeting.number}", card)
