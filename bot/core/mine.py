"""My data: to see what Krets has on me, to copy it as JSON, to delete what I wrote of it.

It concerns whoever asks and all their groups, also those that have closed, and rests for nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from bot.core import checkins, reflections
from bot.core.action import EraseMine, ExportMine, MyData
from bot.core.card import (
    About,
    Details,
    Divider,
    Export,
    Form,
    Line,
    Quote,
    Shown,
    T,
    Text,
    Value,
    When,
    Who,
)
from bot.core.cards import button, line, quiet, words
from bot.core.decision import Decision, Notice, OpenForm, notice
from bot.core.due import LAPSE, destroyed_at
from bot.core.effect import Effect, Person, Remove
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.guide import beside
from bot.core.model import Group, Meeting
from bot.core.written import PART, Written, document, known, on_newcomer, parts, role, written

#: The private card that speaks of what was written.
_CARDS = {
    "question": "today",
    "today": "today",
    "tap": "checkin",
    "checkin": "checkin",
    "support": "reflect",
    "take": "reflect",
    "further": "further",
}


# --- to see -------------------------------------------------------------------------------------


def show(action: MyData, facts: Facts) -> Decision:
    """All that Krets has on me, group by group: what it is, the words, and until when."""
    about = Details(
        (
            (T("data.name"), words(Who((facts.me,)))),
            (T("language.title"), T(f"language.{facts.language}")),
            (T("data.zone"), T("text", {"text": facts.zone})),
            *(((T("hours.title"), T("text", {"text": facts.hours})),) if facts.hours else ()),
        )
    )
    fields: list[Shown] = [about]
    for group in facts.mine:
        fields += _of_group(group, facts.me)
    something = any(_without(group, facts.me) != group for group in facts.mine)
    if not something:
        fields.append(line("data.none"))
    form = Form(
        T("data.title"),
        action,
        tuple(fields),
        submit=T("data.erase") if something else None,
        extra=(button("data.json", ExportMine()),),
    )
    return Decision(reply=OpenForm(form))


def _of_group(group: Group, me: PersonId) -> Iterator[Shown]:
    yield Divider()
    yield line("data.group", name=About(group.id, "name"), role=T(f"data.role.{role(group, me)}"))
    rows = [
        (T("data.meeting", {"n": meeting.number}), fact)
        for meeting in group.meetings
        for fact in _facts(group, meeting, me)
    ]
    if rows:
        yield Details(tuple(rows))
    if group.joining is not None and on_newcomer(group, me):
        yield quiet("data.newcomer", until=When(group.joining.asked_at + LAPSE))
    for one in written(group, me):
        yield from _shown(group, one)


def _facts(group: Group, meeting: Meeting, me: PersonId) -> Iterator[T]:
    if me in meeting.attendance:
        yield T(f"card.{meeting.attendance[me]}")
    for fact in known(group, meeting, me):
        yield T(f"data.known.{fact}")


def _shown(group: Group, one: Written) -> Iterator[Shown]:
    """What it is, until when it lives, who else reads it, and the words."""
    until = When(destroyed_at(group, one.meeting, one.deadline))
    told: dict[str, Value] = {"n": one.meeting.number, "until": until}
    match one.what:
        case "tap":
            tapped = json.loads(group.item(one.said.drawer, one.said.item))
            yield quiet("data.checkin", **told)
            yield quiet(f"level.is.{tapped['level']}")
            if tapped["tap"]:
                yield Text(checkins.tapped(group, tapped["tap"]))
        case "checkin":
            yield Quote(one.said)
        case "pulse":
            answers = json.loads(group.item(one.said.drawer, one.said.item))
            yield quiet("data.pulse", **told)
            rows = (
                (reflections.pulse_question(group, asked), reflections.pulse_answer(group, tap))
                for asked, tap in answers.items()
            )
            yield Details(tuple(rows))
        case "question" | "support" | "take" | "further":
            yield quiet(f"data.{one.what}", **told)
            yield Quote(one.said)


# --- to copy ------------------------------------------------------------------------------------


def export(action: ExportMine, facts: Facts) -> Decision:
    """The same as JSON, in a field to copy from: there is no file, no link and no message."""
    told = document(facts.mine, facts.me, facts.name, facts.language, facts.zone)
    count = len(parts(told))
    part = min(max(action.part, 1), count)
    field = Line(
        "json",
        T("data.json.part", {"part": part, "count": count}),
        PART,
        several=True,
        optional=True,
        value=Export(facts.me, part),
    )
    more = (button("data.json.next", ExportMine(part + 1)),) if part < count else ()
    form = Form(
        T("data.json.title"),
        action,
        (quiet("data.json.copy"), field),
        submit=T("data.json.done"),
        extra=more,
    )
    return Decision(reply=OpenForm(form))


# --- to delete ----------------------------------------------------------------------------------


def erase_form(facts: Facts) -> Decision:
    """Ask once, and say what deleting does not reach."""
    if all(_without(group, facts.me) == group for group in facts.mine):
        return notice("data.none")
    votes = any(group.method.votes for group in facts.mine)
    kept = {
        fact
        for group in facts.mine
        for meeting in group.meetings
        for fact in known(group, meeting, facts.me)
    }
    fields = [line("erase.text" if votes else "erase.text.plain")]
    if any(one.what == "question" for group in facts.mine for one in written(group, facts.me)):
        fields.append(line("erase.question"))
    fields.append(quiet("erase.stays"))
    if "owner" in kept:
        fields.append(quiet("erase.stays.question"))
    if "voted" in kept:
        fields.append(quiet("erase.stays.vote"))
    if any(on_newcomer(group, facts.me) for group in facts.mine):
        fields.append(quiet("erase.stays.newcomer"))
    fields.append(quiet("erase.beyond", platform=T(f"platform.{facts.platform}")))
    form = Form(T("data.erase"), EraseMine(), tuple(fields), submit=T("erase.submit"))
    return Decision(reply=OpenForm(form))


def erase(facts: Facts) -> Decision:
    """What I wrote is gone at once, in all my groups; a second time there is nothing to do."""
    erased = tuple(
        _erased(group, facts.me) for group in facts.mine if _without(group, facts.me) != group
    )
    if not erased:
        return notice("data.none")
    return Decision(reply=Notice(T("erase.done")), parts=erased)


def _erased(group: Group, me: PersonId) -> Decision:
    new = _without(group, me)
    told = (
        f"{_CARDS[one.what]}/{one.meeting.number}"
        for one in written(group, me)
        if one.what in _CARDS
    )
    effects: list[Effect] = [Remove(Person(me), name) for name in dict.fromkeys(told)]
    if group.status == "running" and new.next_meeting != group.next_meeting:
        effects += beside(new)
    return Decision(new, tuple(effects))


def _without(group: Group, me: PersonId) -> Group:
    """The group without what somebody wrote in it. Whose question it was stays, and so do votes.

    A ballot lives for minutes and can be changed; taken back, it would be missed in the count
    that all see. An answer on a newcomer lives for a week; taken back, it would be a no.
    """
    new = group
    for one in written(group, me):
        new = new.with_item(one.said.drawer, one.said.item, "")
    for meeting in group.meetings:
        case = meeting.case_of(me)
        if case is not None:
            new = new.with_item(f"{meeting.number}/meeting", f"title/{case.id}", "")
    return replace(new, meetings=tuple(_withdrawn(one, me) for one in group.meetings))


def _withdrawn(meeting: Meeting, me: PersonId) -> Meeting:
    mine = meeting.case_of(me)
    if mine is None:
        return meeting
    return replace(
        meeting,
        cases=tuple(one for one in meeting.cases if one != mine),
        chosen="" if meeting.chosen == mine.id else meeting.chosen,
    )
