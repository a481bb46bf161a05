"""Those who lead change place, time or rhythm for all that remains, or let the group rest."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.core.action import ChangePlan, PauseGroup
from bot.core.answers import Answers, chosen_one, text, ticked
from bot.core.card import (
    About,
    Card,
    Choice,
    DateField,
    Element,
    Form,
    Heading,
    Line,
    Option,
    T,
    Tick,
    TimeField,
)
from bot.core.cards import line, name, plain, rhythm, starts
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from bot.core.opening import RHYTHMS
from bot.core.plan import AHEAD, fault, moved, on, read_typed, shifted
from bot.core.planning import edited, noticed
from bot.core.rights import leads
from bot.core.text import PLACE_LIMIT
from bot.core.text import fault as text_fault
from schedules.rule import occurrences, wall


def _remains(group: Group, facts: Facts) -> bool:
    return group.status == "running" and leads(group, facts.me) and bool(group.coming)


# --- place, time and rhythm ---------------------------------------------------------------------


def change_form(group: Group, action: ChangePlan, facts: Facts) -> Decision:
    """What holds now, to be changed for all meetings that remain."""
    if not _remains(group, facts):
        return UNAVAILABLE
    first = group.coming[0]
    rhythms = tuple(Option(n, T(f"open.every.{n}")) for n in RHYTHMS)
    fields = (
        line("replan.text", n=first.number),
        DateField("date", T("replan.date"), f"{first.at:%Y-%m-%d}"),
        TimeField("time", T("open.time"), f"{first.at:%H:%M}"),
        Choice("every", T("open.every"), rhythms, chosen=(str(group.every),)),
        Tick("anyway", T("plan.anyway")),
        Line("place", T("open.place"), PLACE_LIMIT, optional=True, value=About(group.id, "place")),
        Line("link", T("open.link"), PLACE_LIMIT, optional=True, value=About(group.id, "link")),
    )
    return Decision(
        reply=OpenForm(Form(T("replan.title"), action, fields, submit=T("plan.change")))
    )


def change(group: Group, action: ChangePlan, answers: Answers, facts: Facts) -> Decision:
    """All that remain are at another place, hour or day; what stays as it was is not touched."""
    if not _remains(group, facts):
        return UNAVAILABLE
    first = group.coming[0]
    at, errors = read_typed(answers)
    every = chosen_one(answers, "every", RHYTHMS)
    place, link = text(answers, "place"), text(answers, "link")
    wrong = {
        "every": None if every else T("error.choose"),
        "place": text_fault(place, PLACE_LIMIT, optional=True),
        "link": text_fault(link, PLACE_LIMIT, optional=True),
    }
    if link and not link.startswith("https://"):
        wrong["link"] = T("error.link")
    if at is not None and at != first.at:
        without = replace(group, meetings=tuple(m for m in group.meetings if m not in group.coming))
        wrong["date"] = fault(
            without, first.number, at, facts.now, anyway=ticked(answers, "anyway")
        )
    errors |= {field: error for field, error in wrong.items() if error is not None}
    if at is None or errors:
        return Decision(reply=FieldErrors(errors))
    new = _at(group, at, int(every), facts.now)
    if (place, link) != (group.place, group.link):
        met = (
            one.revised(facts.now) if one in group.coming else one  # what moved is revised
            for one in new.meetings
        )
        new = replace(new, place=place, link=link, meetings=tuple(met))
    if new == group:
        return notice("moved.same")
    effects = (*noticed(new, new.coming[0], _changed_card(group, new)), *edited(group, new))
    return Decision(new, effects, Notice(T("replan.done")))


def _at(group: Group, at: datetime, every: int, now: datetime) -> Group:
    """All that remain at another hour; if the day or the rhythm is another too, counted anew.

    The form shows the next meeting's own time: left as it is, no other meeting follows it, for one
    of them may have been moved alone.
    """
    coming = group.coming
    first = coming[0]
    if (at, every) == (first.at, group.every):
        return group
    if (at.date(), every) == (first.at.date(), group.every):
        times = tuple(datetime.combine(one.at.date(), at.time()) for one in coming)
    else:
        times = occurrences(at, every, len(coming))
    anew = {one.number: to for one, to in zip(coming, times, strict=True) if to != one.at}
    return replace(
        group,
        every=every,
        meetings=tuple(
            moved(one, anew[one.number], now) if one.number in anew else one
            for one in group.meetings
        ),
    )


def _changed_card(before: Group, group: Group) -> Card:
    """What is another from the next meeting on, and when that is; nothing of what stays."""
    meeting = group.coming[0]
    rows: list[Element] = [Heading(name(group))]
    times = [(of.every, [one.at for one in of.coming]) for of in (before, group)]
    if times[0] != times[1]:
        rows.append(line("replan.told", when=rhythm(group)))
    rows.append(line("replan.next", n=meeting.number, date=starts(group, meeting)))
    if group.place != before.place:
        place = About(group.id, "place") if group.place else T("card.unset")
        rows.append(line("replan.place", place=place))
    if group.link != before.link:
        link = line("card.link", link=About(group.id, "link"))
        rows.append(link if group.link else line("replan.unlinked"))
    return Card(tuple(rows))


# --- rest ---------------------------------------------------------------------------------------


def rest_form(group: Group, action: PauseGroup, facts: Facts) -> Decision:
    """Until which day does the group rest?"""
    if not _remains(group, facts):
        return UNAVAILABLE
    wish = group.coming[0].at + timedelta(weeks=group.every)
    fields = (
        line("rest.text"),
        DateField("date", T("rest.until"), f"{wish:%Y-%m-%d}"),
    )
    return Decision(reply=OpenForm(Form(T("rest.title"), action, fields, submit=T("rest.b"))))


def rest(group: Group, action: PauseGroup, answers: Answers, facts: Facts) -> Decision:
    """Nothing is said until then; all that remain keep their rhythm and begin again on that day
    or after it. What is to be destroyed meanwhile is destroyed.
    """
    if not _remains(group, facts):
        return UNAVAILABLE
    today = wall(facts.now, group.zone).date()
    try:
        until = date.fromisoformat(text(answers, "date"))
    except ValueError:
        return Decision(reply=FieldErrors({"date": T("error.date")}))
    if until <= today:
        return Decision(reply=FieldErrors({"date": T("plan.past")}))
    if until > today + AHEAD:
        return Decision(reply=FieldErrors({"date": T("rest.far")}))
    first = group.coming[0]
    weeks = _weeks_until(group, first, until)
    new = replace(shifted(group, first.number, weeks, facts.now), rests_until=until)
    meeting = new.coming[0]
    told = plain(
        new,
        "rest.told",
        until=on(new, until),
        when=starts(new, meeting),
    )
    effects = (*noticed(new, meeting, told), *edited(group, new))
    return Decision(new, effects, Notice(T("rest.done")))


def _weeks_until(group: Group, first: Meeting, until: date) -> int:
    """How many weeks later, in the rhythm, the next meeting is first on that day or after it.

    A rest that is made shorter brings it nearer again.
    """
    resting = group.rests_until is not None and first.at.date() >= group.rests_until
    lacking = (until - first.at.date()).days
    weeks = -(-lacking // (7 * group.every)) * group.every
    return weeks if resting else max(weeks, 0)
