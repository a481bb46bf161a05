"""Meetings as iCalendar (RFC 5545): when, and where if it is a room; nobody, and nothing else.

Times are in UTC. Each meeting is an event of its own, so an instant says all, and each programme
shows it on its reader's clock: the wall-clock time that stays through a change of clocks is kept
where the instant comes from. Descriptions of zones are read in too many ways.
"""

from datetime import timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from bot.core.calendar import Entry, entries, place
from bot.core.card import T
from bot.core.model import Group
from bot.words import Words

#: How often a calendar is asked to look again.
_AGAIN = timedelta(hours=4)


def ical(group: Group, seed: str, language: str, words: Words) -> bytes:
    """The calendar of one person, who reads this language; the same for the same meetings."""
    title = group.title or words.template(language, T("calendar.word"))
    calendar = Calendar()
    calendar.add("prodid", "-//Krets//Krets//EN")
    calendar.add("version", "2.0")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", _AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for entry in entries(group):
        calendar.add_component(_event(entry, seed, title, place(group)))
    told: bytes = calendar.to_ical()
    return told


def _event(entry: Entry, seed: str, title: str, place: str) -> Event:
    event = Event()
    event.add("uid", uid(seed, entry.number))
    event.add("sequence", entry.revision)
    # Without a METHOD both say when the meeting was last changed.
    event.add("dtstamp", entry.revised_at)
    event.add("last-modified", entry.revised_at)
    event.add("dtstart", entry.starts)
    event.add("dtend", entry.ends)
    event.add("summary", title)
    event.add("status", "CANCELLED" if entry.called_off else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.called_off else "OPAQUE")
    # Whoever sees this person's calendar is asked to see no more than that the time is taken.
    event.add("class", "PRIVATE")
    if place:
        event.add("location", place)
    return event


def uid(seed: str, meeting: int) -> str:
    """What a calendar knows a meeting by: another for each person, so that two do not meet by it.

    >>> uid("a", 1) == uid("a", 1), uid("a", 1) == uid("b", 1), len(uid("a", 1))
    (True, False, 32)
    """
    return sha256(f"{seed}/{meeting}".encode()).hexdigest()[:32]
