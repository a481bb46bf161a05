"""The times of the meetings to come: where one can stand, what speaks against it, what is free."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.core.answers import Answers, chosen_one, text, ticked
from bot.core.card import Choice, DateField, Input, Option, T, Tick, TimeField, Value, When
from bot.core.cards import words
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from schedules.rule import free_times, instant, wall

#: How many free times a form shows.
SHOWN = 5
#: What is chosen for a time that is not among them.
OTHER = "other"
#: The longest ahead that a meeting may be.
AHEAD = timedelta(days=366)


def bounds(group: Group, number: int, now: datetime) -> tuple[datetime, datetime | None]:
    """Between which wall-clock times the meeting with this number can stand: after now and the
    one before it, before the next one.
    """
    earlier = [one for one in group.standing if one.number < number]
    later = [one for one in group.standing if one.number > number]
    after = wall(now, group.zone)
    if earlier:
        after = max(after, earlier[-1].at + timedelta(minutes=group.method.minutes))
    return after, later[0].at if later else None


def free(group: Group, number: int, wish: datetime, now: datetime) -> tuple[datetime, ...]:
    """The free times for the meeting with this number at the hour of a wish, best first.

    A wish for a time at which it cannot stand counts for the nearest week in which it can.
    """
    after, before = bounds(group, number, now)
    until = wall(now, group.zone) + AHEAD
    last = until if before is None else min(before, until)
    early, late = (after.date() - wish.date()).days, (wish.date() - last.date()).days
    wish += timedelta(weeks=max(-(-early // 7), 0) - max(-(-late // 7), 0))
    times = free_times(wish, group.calendar, after, before)
    return tuple(one for one in times if one <= until)


def fault(
    group: Group, number: int, at: datetime, now: datetime, *, anyway: bool = False
) -> T | None:
    """Why the meeting with this number cannot stand there, with the nearest free time.

    A day on which the group does not work can be taken `anyway`.
    """
    why = _fault(group, number, at, now, anyway)
    if why is None:
        return None
    times = free(group, number, at, now)
    if not times:
        return why
    return T("plan.fault", {"why": why, "free": When(instant(times[0], group.zone))})


def _fault(group: Group, number: int, at: datetime, now: datetime, anyway: bool) -> T | None:
    length, here = timedelta(minutes=group.method.minutes), wall(now, group.zone)
    if at <= here:
        return T("plan.past")
    if at > here + AHEAD:
        return T("plan.far", {"n": number})
    for one in group.standing:
        if one.number != number and abs(one.at - at) < length:
            return T("plan.taken", {"n": one.number})
    for one in group.standing:
        if one.number != number and (one.number < number) != (one.at < at):
            return T("plan.before" if one.number < number else "plan.after", {"n": one.number})
    return None if anyway else day_off(group, at.date())


def day_off(group: Group, day: date) -> T | None:
    """Why the group does not work on a day, if it does not."""
    if group.calendar.is_working_day(day):
        return None
    said: dict[str, Value] = {"date": on(group, day)}
    holiday = group.calendar.holiday(day, group.language)
    if holiday is not None:
        return T("plan.holiday", {**said, "name": holiday})
    return T("plan.free" if day in group.free_days else "plan.weekend", said)


def on(group: Group, day: date) -> When:
    """A day on the group's calendar, the same day for readers some hours away."""
    return When(instant(datetime.combine(day, time(12)), group.zone), "date")


def moved(meeting: Meeting, at: datetime, now: datetime) -> Meeting:
    """The meeting at another time: who comes is asked anew, and so is whether the day will do."""
    came = frozenset(one for one in meeting.came if not one.startswith("propose"))
    return replace(meeting.revised(now), at=at, attendance={}, kept=frozenset(), came=came)


def shifted(group: Group, first: int, weeks: int, now: datetime) -> Group:
    """The group with this meeting and all later ones so many weeks later, or earlier."""
    return replace(
        group,
        meetings=tuple(
            moved(one, one.at + timedelta(weeks=weeks), now)
            if one in group.coming and one.number >= first
            else one
            for one in group.meetings
        ),
    )


# --- a time in a form ---------------------------------------------------------------------------


def when_fields(
    group: Group, number: int, wish: datetime, facts: Facts, but: date | None = None
) -> tuple[Input, ...]:
    """What is free around a wish, best first, and fields for any other time."""
    times = [one for one in free(group, number, wish, facts.now) if one.date() != but][:SHOWN]
    options = [Option(_value(one), words(When(instant(one, group.zone)))) for one in times]
    options.append(Option(OTHER, T("plan.other")))
    return (
        Choice("to", T("plan.free_times"), tuple(options), chosen=(options[0].value,)),
        DateField("date", T("plan.date"), f"{wish:%Y-%m-%d}", hint=T("plan.date.hint")),
        TimeField("time", T("open.time"), f"{wish:%H:%M}"),
        Tick("anyway", T("plan.anyway")),
    )


def read_when(
    group: Group, number: int, answers: Answers, wish: datetime, facts: Facts
) -> tuple[datetime | None, dict[str, T]]:
    """The time that was chosen or typed; without one, what is wrong by field."""
    times = {_value(one): one for one in free(group, number, wish, facts.now)}
    chosen = chosen_one(answers, "to", (*times, OTHER))
    if not chosen:
        return None, {"to": T("error.choose")}
    if chosen != OTHER:
        return times[chosen], {}
    typed, errors = read_typed(answers)
    if typed is None:
        return None, errors
    wrong = fault(group, number, typed, facts.now, anyway=ticked(answers, "anyway"))
    return (typed, {}) if wrong is None else (None, {"date": wrong})


def read_typed(answers: Answers) -> tuple[datetime | None, dict[str, T]]:
    """A day and a time of day as they were typed."""
    errors: dict[str, T] = {}
    day, hour = date.min, time.min
    try:
        day = date.fromisoformat(text(answers, "date"))
    except ValueError:
        errors["date"] = T("error.date")
    try:
        hour = time.fromisoformat(text(answers, "time"))
    except ValueError:
        errors["time"] = T("error.time")
    if errors:
        return None, errors
    return datetime.combine(day, hour.replace(second=0, microsecond=0, tzinfo=None)), {}


def _value(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"
