"""The vote: approval, a roll fixed at the opening, and nothing but the winner afterwards.

Ties go to who has waited longest to own a question, then to lots drawn at the opening, sealed
until the close and published whether they were needed or not.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core import owner, titles
from bot.core.action import CastVote, ChooseInRoom, CloseVote, OpenVote, Today
from bot.core.answers import Answers, chosen, chosen_one
from bot.core.card import Buttons, Card, Choice, Form, Heading, Option, T, Text, When, Who
from bot.core.cards import line, primary, quiet
from bot.core.cases import present, said, whose
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.effect import Effect, Person, Put, Remove, Room, Shred
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.guide import guide
from bot.core.meetings import room_card
from bot.core.model import Ballot, Case, Group, Meeting
from bot.core.partner import withdrawn
from bot.core.rights import going_on, leads, on_roll, takes_cases
from bot.core.turns import last_owned, lots

#: How long a vote stays open unless all have voted or a facilitator closes it.
OPEN_FOR = timedelta(minutes=3)
SEPARATOR = ","
#: How much of the seal is shown, in hexadecimal digits: enough that no two draws have the same.
SEAL_DIGITS = 32


# --- the law ------------------------------------------------------------------------------------


def draw(seed: str, cases: tuple[str, ...]) -> str:
    """What is sealed: the order of the lots, by their places on the ballot, and the seed.

    >>> draw("9f", ("a", "b", "c"))
    '2-3-1-9f'
    """
    return "-".join([*(str(cases.index(id) + 1) for id in lots(seed, cases)), seed])


def commitment(sealed: str) -> str:
    """What is kept of the draw at the opening: its SHA-256, in hexadecimal digits."""
    return hashlib.sha256(sealed.encode()).hexdigest()


def winner(
    candidates: tuple[str, ...],
    ballots: Mapping[PersonId, frozenset[str]],
    waited: Mapping[str, int],
    drawn: tuple[str, ...],
) -> str:
    """The candidate with most approvals, ties by who has waited longest, then by the lots.

    Empty when nobody approved of any candidate. `waited` is the number of the meeting from which
    on a candidate's author has waited, 0 for the beginning.

    >>> winner(("a", "b"), {"p": frozenset("ab")}, {"a": 3, "b": 0}, ("a", "b"))
    'b'
    """
    counted = {id: sum(id in ballot for ballot in ballots.values()) for id in candidates}
    standing = [id for id in candidates if counted[id]]
    if not standing:
        return ""
    return min(standing, key=lambda id: (-counted[id], waited[id], drawn.index(id)))


def count(group: Group, meeting: Meeting, ballot: Ballot) -> Case | None:
    """The question that is chosen, if any.

    Withdrawn questions and those of a *not today* stay on the ballot and are passed over.
    """
    drawer = f"{meeting.number}/vote"
    later = {who for who, answer in group.items(drawer, "today/").items() if answer == "no"}
    standing = {
        case.id: case
        for case in meeting.cases
        if case.id in ballot.cases and case.by not in later and case.by in group.people
    }
    ballots = {
        who: frozenset(votes.split(SEPARATOR))
        for who, votes in group.items(drawer, "ballot/").items()
    }
    waited = {case.id: last_owned(group, case.by) for case in standing.values()}
    drawn = lots(group.item(drawer, "seed"), ballot.cases)
    if len(ballot.cases) == 1:
        chosen_id = next(iter(standing), "")
    else:
        chosen_id = winner(tuple(standing), ballots, waited, drawn)
    return standing.get(chosen_id)


# --- today or not -------------------------------------------------------------------------------


def today(group: Group, meeting: Meeting, action: Today, facts: Facts) -> Decision:
    """Whether I would take up my question today; nobody sees what I answer."""
    if meeting.case_of(facts.me) is None or not going_on(meeting) or meeting.owner:
        return UNAVAILABLE
    new = group.with_item(
        f"{meeting.number}/vote", f"today/{facts.me}", "yes" if action.yes else "no"
    )
    gone = Remove(Person(facts.me), f"today/{meeting.number}")
    return Decision(new, (gone,), Notice(T("case.today.done")))


# --- opening ------------------------------------------------------------------------------------


def open_vote(group: Group, meeting: Meeting, action: OpenVote, facts: Facts) -> Decision:
    """A facilitator opens the vote; a single question needs none."""
    if not leads(group, facts.me) or not going_on(meeting) or not takes_cases(group, meeting):
        return UNAVAILABLE
    if not meeting.cases:
        return notice("vote.no_cases")
    brought = tuple(case.id for case in meeting.cases)
    ballot = Ballot(
        opened_at=facts.now,
        closes_at=facts.now + OPEN_FOR,
        roll=present(group, meeting),
        cases=brought,
        commitment=commitment(draw(facts.fresh, brought)),
    )
    new, meeting = titles.decided(group, meeting)
    opened = replace(meeting, ballot=ballot)
    new = new.with_meeting(opened).with_item(f"{meeting.number}/vote", "seed", facts.fresh)
    if len(ballot.cases) == 1:
        passed_over = count(new, opened, ballot) is None
        done = Notice(T("vote.none" if passed_over else "vote.one.done"))
        return replace(close(new, opened, ballot, facts.now), reply=done)
    asked = (Remove(Room(group.id), f"question/{meeting.number}"), titles.gone(group, meeting))
    return Decision(new, (*asked, *shown(new, opened, ballot)), Notice(T("vote.opened")))


def shown(group: Group, meeting: Meeting, ballot: Ballot) -> tuple[Effect, ...]:
    """The vote as the room sees it, and the guides beside it."""
    return (room_card(group, meeting), *counted(group, meeting, ballot))


def counted(group: Group, meeting: Meeting, ballot: Ballot) -> tuple[Effect, ...]:
    """How many have voted, wherever that is to be seen."""
    put = Put(Room(group.id), f"vote/{meeting.number}", vote_card(group, meeting, ballot))
    return (put, *guide(group, meeting))


def vote_card(group: Group, meeting: Meeting, ballot: Ballot) -> Card:
    """The open vote: until when, how many have voted, and never what."""
    return Card(
        (
            Heading(T("vote.title")),
            line("vote.until", time=When(ballot.closes_at, "time")),
            line("vote.progress", n=group.voted(meeting.number), m=len(ballot.roll)),
            Buttons((primary("vote.b", CastVote(group.id, meeting.number)),)),
            quiet("vote.sealed", seal=ballot.commitment[:SEAL_DIGITS]),
        ),
        T("vote.title"),
    )


# --- voting -------------------------------------------------------------------------------------


def cast_form(group: Group, meeting: Meeting, action: CastVote, facts: Facts) -> Decision:
    """The ballot: all questions in the order in which they were brought, with their authors."""
    ballot = _open(group, meeting, facts)
    if ballot is None:
        return UNAVAILABLE
    options = tuple(
        Option(case.id, _label(group, meeting, case))
        for case in meeting.cases
        if case.id in ballot.cases
    )
    if not options:
        return notice("vote.no_cases")
    platform = T(f"platform.{facts.platform}")
    fields = (
        Choice("cases", T("vote.label"), options, many=True),
        quiet("vote.tie"),
        quiet("vote.honest", platform=platform),
        quiet("vote.more"),
    )
    return Decision(reply=OpenForm(Form(T("vote.title"), action, fields, submit=T("vote.submit"))))


def _label(group: Group, meeting: Meeting, case: Case) -> T:
    who = Who((case.by,))
    if case.in_room:
        return T("vote.option.room", {"who": who})
    return T("vote.option", {"who": who, "case": said(group, meeting, case)})


def cast(
    group: Group, meeting: Meeting, action: CastVote, answers: Answers, facts: Facts
) -> Decision:
    """Somebody on the roll votes; a later vote replaces the earlier; the last one closes it."""
    ballot = _open(group, meeting, facts)
    if ballot is None:
        return UNAVAILABLE
    votes = chosen(answers, "cases", ballot.cases)
    if not votes:
        return Decision(reply=FieldErrors({"cases": T("error.vote")}))
    drawer = f"{meeting.number}/vote"
    new = group.with_item(drawer, f"ballot/{facts.me}", SEPARATOR.join(votes))
    if new.voted(meeting.number) == len(ballot.roll):
        return replace(close(new, meeting, ballot, facts.now), reply=Notice(T("vote.in.last")))
    return Decision(new, counted(new, meeting, ballot), Notice(T("vote.in")))


def _open(group: Group, meeting: Meeting, facts: Facts) -> Ballot | None:
    """The vote in which I may vote now."""
    ballot = meeting.ballot
    if group.status != "running" or ballot is None or not on_roll(ballot, facts.me):
        return None
    if ballot.closed_at is not None or facts.now >= ballot.closes_at:
        return None
    return ballot


# --- closing ------------------------------------------------------------------------------------


def close_by_hand(group: Group, meeting: Meeting, action: CloseVote, facts: Facts) -> Decision:
    """A facilitator closes the vote once half of the roll has voted."""
    ballot = meeting.ballot
    if not leads(group, facts.me) or ballot is None or ballot.closed_at is not None:
        return UNAVAILABLE
    if 2 * group.voted(meeting.number) < len(ballot.roll):
        return notice("vote.half")
    return close(group, meeting, ballot, facts.now)


def close(group: Group, meeting: Meeting, ballot: Ballot, now: datetime) -> Decision:
    """The winner and the lots stay; ballots, *not today* and their key are destroyed."""
    case = count(group, meeting, ballot)
    closed = replace(
        meeting,
        owner=case.by if case else "",
        chosen=case.id if case else "",
        ballot=ended(group, meeting, ballot, min(now, ballot.closes_at)),
    )
    return _settled(group.with_meeting(closed), closed)


def ended(group: Group, meeting: Meeting, ballot: Ballot, now: datetime) -> Ballot:
    """The vote with its lots laid open, and what was sealed, if that is what the seal is of."""
    by = {one.id: one.by for one in meeting.cases}
    seed = group.item(f"{meeting.number}/vote", "seed")
    drawn, sealed = lots(seed, ballot.cases), draw(seed, ballot.cases)
    return replace(
        ballot,
        closed_at=now,
        draw=tuple(by[id] for id in drawn if id in by),
        unsealed=sealed if commitment(sealed) == ballot.commitment else "",
    )


def choose_form(group: Group, meeting: Meeting, action: ChooseInRoom, facts: Facts) -> Decision:
    """*We chose in the room*: a facilitator says whose question it is."""
    votes = group.method.votes and going_on(meeting)
    if not leads(group, facts.me) or not votes or not present(group, meeting):
        return UNAVAILABLE
    form = Form(T("choose.title"), action, (whose(group, meeting),), submit=T("choose.b"))
    return Decision(reply=OpenForm(form))


def choose(
    group: Group, meeting: Meeting, action: ChooseInRoom, answers: Answers, facts: Facts
) -> Decision:
    """The room's own choice always holds; an open vote ends without a count."""
    if not leads(group, facts.me) or not going_on(meeting) or not group.method.votes:
        return UNAVAILABLE
    person = chosen_one(answers, "who", present(group, meeting))
    if not person:
        return Decision(reply=FieldErrors({"who": T("error.choose")}))
    case = meeting.case_of(person)
    ballot = meeting.ballot
    if ballot is not None and ballot.closed_at is None:
        ballot = ended(group, meeting, ballot, facts.now)
    chosen_case = case.id if case else ""
    settled = replace(meeting, owner=person, chosen=chosen_case, ballot=ballot)
    if person == meeting.owner:
        return _settled(group.with_meeting(settled), settled)
    settled = replace(settled, owner_hidden=False, partner="", partner_asked="")
    decision = _settled(group.with_meeting(settled), settled)
    before = (*owner.gone(meeting), *withdrawn(meeting))
    return replace(decision, effects=(*before, *decision.effects))


def _settled(group: Group, meeting: Meeting) -> Decision:
    asked = tuple(Remove(Person(case.by), f"today/{meeting.number}") for case in meeting.cases)
    effects: tuple[Effect, ...] = (
        Shred(f"{meeting.number}/vote"),
        Put(Room(group.id), f"vote/{meeting.number}", result_card(group, meeting)),
        Remove(Room(group.id), f"question/{meeting.number}"),
        titles.gone(group, meeting),
        room_card(group, meeting),
        *asked,
        *owner.shown(group, meeting),
        *guide(group, meeting),
    )
    return Decision(group, effects, Notice(T("vote.closed")))


def result_card(group: Group, meeting: Meeting) -> Card:
    """The winner, and the lots whether they were needed or not."""
    result = line("vote.result", name=Who((meeting.owner,))) if meeting.owner else line("vote.none")
    return Card((Heading(T("vote.title")), result, *_lots(meeting)), T("vote.title"))


def uncounted_card(meeting: Meeting) -> Card:
    """The lots of a vote that was open when its meeting ended."""
    return Card((Heading(T("vote.title")), *_lots(meeting)), T("vote.title"))


def _lots(meeting: Meeting) -> tuple[Text, ...]:
    """The order, and what the seal was of. All who brought a question are in it, also whoever
    would rather wait."""
    ballot = meeting.ballot
    if ballot is None or len(ballot.cases) == 1:
        return ()
    order = (quiet("vote.lots", who=Who(ballot.draw)),) if ballot.draw else ()
    seal = ballot.commitment[:SEAL_DIGITS]
    check = (quiet("vote.check", seal=seal, draw=ballot.unsealed),) if ballot.unsealed else ()
    return (*order, *check)
