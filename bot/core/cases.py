"""Bringing a question, changing it, taking it back. Nobody is pressed or listed by turns."""

from dataclasses import replace

from bot.core import titles
from bot.core.action import AddCase, AllowTitles, BringCase, OfferTitles, WithdrawCase
from bot.core.answers import Answers, chosen_one, text
from bot.core.card import Choice, Form, Line, Option, Said, T, Who
from bot.core.cards import button, quiet
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.effect import Person, Remove
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.guide import beside, guide
from bot.core.model import Case, Group, Meeting
from bot.core.rights import belongs, going_on, leads, takes_cases
from bot.core.text import TEXT_LIMIT, fault


def said(group: Group, meeting: Meeting, case: Case) -> Said:
    """Where the text of a question lies."""
    return Said(group.id, f"{meeting.number}/meeting", f"case/{case.id}")


def form(group: Group, meeting: Meeting, action: BringCase, facts: Facts) -> Decision:
    """The form in which a question is brought; one that I brought already stands in it."""
    if not belongs(group, facts.me) or not group.method.votes:
        return UNAVAILABLE
    if not takes_cases(group, meeting):
        return notice("case.closed")
    mine = meeting.case_of(facts.me)
    fields = (
        quiet("case.shown"),
        Line(
            "case",
            T("case.label"),
            TEXT_LIMIT,
            several=True,
            hint=T("case.hint"),
            value=said(group, meeting, mine) if mine else "",
        ),
        quiet("case.free"),
    )
    take_back = button("case.withdraw", WithdrawCase(group.id, meeting.number))
    return Decision(
        reply=OpenForm(
            Form(
                T("case.title"),
                action,
                fields,
                submit=T("case.submit"),
                extra=(take_back,) if mine else (),
            )
        )
    )


def bring(
    group: Group, meeting: Meeting, action: BringCase, answers: Answers, facts: Facts
) -> Decision:
    """A member brings a question, or changes the one they brought."""
    if not belongs(group, facts.me) or not group.method.votes:
        return UNAVAILABLE
    if not takes_cases(group, meeting):
        return notice("case.closed")
    words = text(answers, "case", several=True)
    wrong = fault(words, TEXT_LIMIT)
    if wrong is not None:
        return Decision(reply=FieldErrors({"case": wrong}))
    mine = meeting.case_of(facts.me) or Case(facts.fresh[:12], facts.me)
    mine = replace(mine, in_room=False)
    others = tuple(case for case in meeting.cases if case.id != mine.id)
    brought = replace(meeting, cases=(*others, mine))
    new = group.with_meeting(brought)
    where = said(group, meeting, mine)
    new = new.with_item(where.drawer, where.item, words)
    return Decision(new, guide(new, brought), Notice(T("case.done")))


def withdraw(group: Group, meeting: Meeting, action: WithdrawCase, facts: Facts) -> Decision:
    """I take my question back, until the vote closes; in an open vote it is passed over."""
    mine = meeting.case_of(facts.me)
    open_vote = meeting.ballot is not None and meeting.ballot.closed_at is None
    if mine is None or not (takes_cases(group, meeting) or open_vote):
        return UNAVAILABLE
    kept = replace(meeting, cases=tuple(case for case in meeting.cases if case != mine))
    where = said(group, meeting, mine)
    new = group.with_meeting(kept).with_item(where.drawer, where.item, "")
    new = new.with_item(where.drawer, f"title/{mine.id}", "")
    new = new.with_item(f"{meeting.number}/vote", f"today/{facts.me}", "")
    gone = Remove(Person(facts.me), f"today/{meeting.number}")
    return Decision(new, (gone, *beside(new)), Notice(T("case.withdrawn")))


# --- titles in the room -------------------------------------------------------------------------


def offer_titles(group: Group, meeting: Meeting, action: OfferTitles, facts: Facts) -> Decision:
    """A facilitator asks the members, once, whether titles may stand in the room."""
    if not leads(group, facts.me) or not titles.offer_buttons(group, meeting):
        return UNAVAILABLE
    asked = replace(meeting, titles="asked")
    new = group.with_meeting(asked)
    return Decision(new, (*titles.ask(new, asked), *beside(new)), Notice(T("titles.offered")))


def allow_titles(group: Group, meeting: Meeting, action: AllowTitles, facts: Facts) -> Decision:
    """A member agrees or does not, and may think again until the vote opens."""
    if not belongs(group, facts.me) or not titles.asked(group, meeting):
        return UNAVAILABLE
    new = titles.answer(group, meeting, facts.me, action.yes)
    return Decision(new, reply=Notice(T("titles.answered")))


# --- raised in the room -------------------------------------------------------------------------


def whose(group: Group, meeting: Meeting) -> Choice:
    """A field to say whose question it is, among those who have not said that they can't come."""
    options = tuple(
        Option(one, T("value", {"value": Who((one,))})) for one in present(group, meeting)
    )
    return Choice("who", T("whose"), options)


def present(group: Group, meeting: Meeting) -> tuple[PersonId, ...]:
    """The members not marked *can't*."""
    return tuple(one for one in group.people if meeting.attendance.get(one) != "no")


def add_form(group: Group, meeting: Meeting, action: AddCase, facts: Facts) -> Decision:
    """A facilitator adds a line for a question raised in the room."""
    if not leads(group, facts.me) or not going_on(meeting) or not takes_cases(group, meeting):
        return UNAVAILABLE
    if not present(group, meeting):
        return UNAVAILABLE
    form = Form(
        T("add.title"), action, (whose(group, meeting), quiet("add.hint")), submit=T("add.b")
    )
    return Decision(reply=OpenForm(form))


def add(
    group: Group, meeting: Meeting, action: AddCase, answers: Answers, facts: Facts
) -> Decision:
    """A question raised in the room gets its line, without text."""
    if not leads(group, facts.me) or not going_on(meeting) or not takes_cases(group, meeting):
        return UNAVAILABLE
    person = chosen_one(answers, "who", present(group, meeting))
    if not person:
        return Decision(reply=FieldErrors({"who": T("error.choose")}))
    if meeting.case_of(person) is not None:
        return notice("add.already")
    added = replace(meeting, cases=(*meeting.cases, Case(facts.fresh[:12], person, in_room=True)))
    new = group.with_meeting(added)
    return Decision(new, guide(new, added), Notice(T("add.done")))
