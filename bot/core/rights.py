"""Who may what: small access functions, one condition a line.

A button is a claim, not a permission. Absent and forbidden look the same, so these answer yes or
no and never why.
"""

from bot.core.event import PersonId
from bot.core.model import Ballot, Group, Meeting


def opened(group: Group, me: PersonId) -> bool:
    """Whether I am a sponsor of this group."""
    return me in group.sponsors


def leads(group: Group, me: PersonId) -> bool:
    """Whether I lead this group."""
    return me in group.led_by


def leads_today(group: Group, meeting: Meeting) -> PersonId:
    """Who leads today: whom they have handed it to, else each in turn; empty if nobody leads."""
    if meeting.lead in group.led_by:
        return meeting.lead
    return group.led_by[(meeting.number - 1) % len(group.led_by)] if group.led_by else ""


def belongs(group: Group, me: PersonId) -> bool:
    """Whether I am a member of this group."""
    return me in group.people


def takes_part(group: Group, me: PersonId) -> bool:
    """Whether I am in the group's room by right: as a member or as one who leads."""
    return belongs(group, me) or leads(group, me)


def asked_to_lead(group: Group, me: PersonId) -> bool:
    """Whether I have been asked to lead and have not said no."""
    return any(leader.person == me and leader.answer != "no" for leader in group.leaders)


def asked_to_join(group: Group, me: PersonId) -> bool:
    """Whether I have been asked to join and may still answer."""
    return any(
        member.person == me and member.status in ("asked", "yes") for member in group.members
    )


def may_sign_up(group: Group, me: PersonId) -> bool:
    """Whether I may sign up: those who lead have said yes, there is a place, I have no part."""
    return (
        group.method.own_sign_up
        and group.status == "gathering"
        and len(group.led_by) == group.method.leaders
        and len(group.people) < group.method.size[1]
        and not opened(group, me)
        and not takes_part(group, me)
        and not asked_to_lead(group, me)
    )


def may_propose(group: Group, me: PersonId) -> bool:
    """Whether I may ask the members if somebody joins late.

    Never in a group for own sign-up: to be named to its members says something about one's health.
    """
    return (
        group.status == "running"
        and leads(group, me)
        and bool(group.coming)
        and not group.method.own_sign_up
    )


def going_on(meeting: Meeting) -> bool:
    """Whether the meeting has begun and not ended."""
    return meeting.guide is not None and meeting.ended_at is None


def is_next(group: Group, meeting: Meeting) -> bool:
    """Whether this is the meeting that the group looks forward to, or is in."""
    return group.status == "running" and group.next_meeting == meeting


def checks_in(group: Group, meeting: Meeting) -> bool:
    """Whether a moment before the meeting is offered: until its first step is over."""
    at = meeting.guide
    return is_next(group, meeting) and (at is None or at.step == 0)


def may_be_marked(group: Group, meeting: Meeting) -> bool:
    """Whether it can still be said that a meeting took place, or not: Krets was not there to see.

    The latest one only, if nobody went on in its guide and the next has not begun.
    """
    later = (one for one in group.meetings if one.number > meeting.number)
    return (
        group.status == "running"
        and meeting.ended_at is not None
        and all(one.guide is None and one.ended_at is None for one in later)
        and (meeting.guide is None or meeting.guide.step == 0)
    )


def takes_cases(group: Group, meeting: Meeting) -> bool:
    """Whether questions can be brought: until the vote opens or something has been chosen."""
    return (
        is_next(group, meeting)
        and group.method.votes
        and any(step.does == "vote" for step in group.agenda(meeting))
        and meeting.ballot is None
        and not meeting.owner
    )


def on_roll(ballot: Ballot, me: PersonId) -> bool:
    """Whether I may vote in this vote."""
    return me in ballot.roll


def takes_further(group: Group, meeting: Meeting, me: PersonId) -> bool:
    """Whether I may say what I take further: as the owner, until the next meeting has ended."""
    return (
        meeting.owner == me
        and belongs(group, me)
        and "next_day" in meeting.came
        and "release" not in meeting.came
        and (following := group.following(meeting)) is not None
        and following.ended_at is None
    )


def reads_reflections(meeting: Meeting) -> bool:
    """Whether reflections and the three questions are open: from their step until the shredding."""
    return "reflect" in meeting.came and "shred" not in meeting.came


def undisturbed(group: Group) -> bool:
    """Whether private steps may be taken: nobody from outside can look on, and no sponsor does."""
    return group.room != "shared" and not set(group.visitors) & set(group.sponsors)
