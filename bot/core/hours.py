"""Own hours: when Krets may write to somebody before and after a meeting. They are the person's.

What comes before a meeting comes at their nearest earlier hour, what comes after it at their next
one (`due`). In a meeting one is there, and what a colleague does is shown when it is done.
"""

from dataclasses import replace
from datetime import time

from bot.core.action import SetHours
from bot.core.answers import Answers, chosen, chosen_one, text
from bot.core.card import Choice, Form, Option, T, TimeField
from bot.core.cards import line, quiet
from bot.core.decision import Decision, FieldErrors, Notice, OpenForm
from bot.core.effect import KeepHours
from bot.core.facts import Facts
from bot.core.opening import zones
from schedules.rule import Hours

DAYS = ("1", "2", "3", "4", "5", "6", "7")

#: What comes unasked, in private, between two meetings: each of these names once, and for those who
#: lead one note of what could not be shown. The limits follow from it, and nothing counts.
UNASKED = {
    "member": ("remind", "checkin", "reflect"),
    "owner": ("remind", "checkin", "reflect", "further"),
    "leader": ("move", "overview", "guide", "pulse"),
}
#: The most messages that somebody gets so.
LIMITS = {"member": 3, "owner": 4, "leader": 5}


def hours_form(facts: Facts) -> Decision:
    """The days, from when to when, and where."""
    mine = _mine(facts)
    options = tuple(Option(day, T(f"weekday.{day}")) for day in DAYS)
    days = tuple(str(day) for day in sorted(mine.days)) if mine else ()
    places = zones(facts)
    fields = (
        line("hours.text"),
        Choice("days", T("hours.days"), options, many=True, optional=True, chosen=days),
        TimeField("from", T("hours.from"), f"{mine.start:%H:%M}" if mine else "08:00"),
        TimeField("to", T("hours.to"), f"{mine.end:%H:%M}" if mine else "16:00"),
        Choice(
            "zone",
            T("open.zone"),
            tuple(Option(zone, T("text", {"text": zone})) for zone in places),
            chosen=places[:1],
        ),
        quiet("hours.note"),
    )
    return Decision(reply=OpenForm(Form(T("hours.title"), SetHours(), fields, submit=T("save"))))


def set_hours(answers: Answers, facts: Facts) -> Decision:
    """Krets keeps to these hours from now on, in all my groups; without a day, to none."""
    days = chosen(answers, "days", DAYS)
    zone = chosen_one(answers, "zone", zones(facts))
    times: dict[str, time] = {}
    errors = {} if zone else {"zone": T("error.choose")}
    for field in ("from", "to"):
        try:
            said = time.fromisoformat(text(answers, field))
            times[field] = said.replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            errors[field] = T("error.time")
    if errors:
        return Decision(reply=FieldErrors(errors))
    hours = None
    if days:
        hours = Hours(frozenset(int(day) for day in days), times["from"], times["to"], zone)
    kept = KeepHours(facts.me, str(hours or ""), zone)
    parts = []
    for group in facts.mine:
        others = {one: theirs for one, theirs in group.hours.items() if one != facts.me}
        theirs = others | ({facts.me: hours} if hours else {})
        if theirs != group.hours:
            parts.append(Decision(replace(group, hours=theirs)))
    done = Notice(T("hours.done" if hours else "hours.none"))
    return Decision(effects=(kept,), reply=done, parts=tuple(parts))


def _mine(facts: Facts) -> Hours | None:
    return Hours.parse(facts.hours, facts.zone) if facts.hours else None
