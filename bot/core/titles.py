"""The titles of questions in the group's room, for one meeting, if every member has agreed.

One no, or silence, and they are not shown; nobody learns whose it was.
"""

from dataclasses import replace

from bot.core.action import AllowTitles, OfferTitles
from bot.core.card import Button, Buttons, Card, Element, Heading, Items, Said, T, Who
from bot.core.cards import button, line, primary, quiet
from bot.core.effect import Put, Remove, Room
from bot.core.event import PersonId
from bot.core.model import Group, Meeting
from bot.core.rights import takes_cases

#: Characters of a title: the beginning of a question's first line.
TITLE = 80


def title(question: str) -> str:
    """What stands for a question in the room.

    >>> title("How do I say no?\\nIt began in spring.")
    'How do I say no?'
    >>> title("x" * 81)[-2:]
    'x…'
    """
    first = question.partition("\n")[0]
    return first if len(first) <= TITLE else f"{first[: TITLE - 1].rstrip()}…"


def offer_buttons(group: Group, meeting: Meeting) -> tuple[Button, ...]:
    """The way for those who lead to ask, once, until the vote opens."""
    if meeting.titles or not takes_cases(group, meeting):
        return ()
    return (button("titles.offer", OfferTitles(group.id, meeting.number)),)


def asked(group: Group, meeting: Meeting) -> bool:
    """Whether members can say that they agree, or not."""
    return meeting.titles == "asked" and takes_cases(group, meeting)


def ask(group: Group, meeting: Meeting) -> tuple[Put, ...]:
    """The question in the room, as long as it is asked; what each answers is seen by nobody."""
    if not asked(group, meeting):
        return ()
    return (Put(Room(group.id), f"titles/{meeting.number}", ask_card(group, meeting)),)


def gone(group: Group, meeting: Meeting) -> Remove:
    """It is asked no more."""
    return Remove(Room(group.id), f"titles/{meeting.number}")


def ask_card(group: Group, meeting: Meeting) -> Card:
    """The question, and what becomes of what stands in a room."""
    number = meeting.number
    return Card(
        (
            Heading(T("titles.title", {"n": number})),
            line("titles.text"),
            quiet("titles.kept", platform=T(f"platform.{group.platform}")),
            Buttons(
                (
                    primary("titles.yes", AllowTitles(group.id, number, True)),
                    button("titles.no", AllowTitles(group.id, number, False)),
                )
            ),
        )
    )


def answer(group: Group, meeting: Meeting, person: PersonId, yes: bool) -> Group:
    """The group with somebody's answer, in the drawer of the vote, which ends with it."""
    return group.with_item(f"{meeting.number}/vote", f"titles/{person}", "yes" if yes else "no")


def decided(group: Group, meeting: Meeting) -> tuple[Group, Meeting]:
    """Both as they are when the vote opens: the titles are laid out if all have agreed."""
    drawer, answers = f"{meeting.number}/meeting", group.items(f"{meeting.number}/vote", "titles/")
    if not asked(group, meeting) or any(answers.get(one) != "yes" for one in group.people):
        return group, meeting
    meeting = replace(meeting, titles="shown")
    new = group.with_meeting(meeting)
    for case in meeting.cases:
        question = group.item(drawer, f"case/{case.id}")
        new = new.with_item(drawer, f"title/{case.id}", title(question))
    return new, meeting


def rows(group: Group, meeting: Meeting) -> tuple[Element, ...]:
    """The titles in the meeting's card: while it lasts, and nobody else is in the room."""
    ours = group.room == "ok" and not group.visitors
    if meeting.titles != "shown" or meeting.ended_at is not None or not ours:
        return ()
    drawer = f"{meeting.number}/meeting"
    found = tuple(
        T(
            "vote.option",
            {"who": Who((case.by,)), "case": Said(group.id, drawer, f"title/{case.id}")},
        )
        for case in meeting.cases
        if not case.in_room
    )
    return (Items(found),) if found else ()
