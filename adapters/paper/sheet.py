"""What stands on the page, in words: the same on a screen, on paper and in a PDF."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from adapters.text import inert
from bot.core.card import T, When
from bot.core.method import Method
from bot.core.model import Group, Meeting
from bot.core.paper import rows
from bot.words import View, Words

#: Where only the time of day is told; and a line on which to write the date.
_SOME_DAY = date(2026, 1, 1)
_BLANK = "______________"


@dataclass(frozen=True, slots=True)
class Line:
    """One step: from when, its title and minutes, what may be said, and what may be read aloud."""

    time: str
    title: str
    minutes: str
    say: str
    read: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All words of one page."""

    language: str
    title: str
    method: str
    when: str
    lines: tuple[Line, ...]
    #: When it ends, for the foot of the list.
    until: str
    notes: tuple[str, ...]
    #: What leads from the page to the PDF.
    pdf: str


def of_meeting(group: Group, meeting: Meeting, words: Words) -> Sheet:
    """The sheet of a group's meeting, in the group's own language: it lies in the room."""
    view = View(group.language, group.zone, {}, {}, "", words)
    starts = group.starts(meeting)
    date = view.plain(T("value", {"value": When(starts, "date")}))
    title = T("card.title", {"n": meeting.number, "count": len(group.meetings)})
    return _sheet(group.method, group.rank(meeting), title, starts, date, view)


def of_method(method: Method, meeting: int, language: str, at: time, words: Words) -> Sheet:
    """The sheet of a meeting of no group; whoever uses it writes the date."""
    view = View(language, "UTC", {}, {}, "", words)
    starts = datetime.combine(_SOME_DAY, at, UTC)
    title = T("card.title", {"n": meeting, "count": method.meetings})
    return _sheet(method, (meeting, method.meetings), title, starts, _BLANK, view)


def _sheet(
    method: Method, rank: tuple[int, int], title: T, starts: datetime, date: str, view: View
) -> Sheet:
    def clock(at: datetime) -> str:
        return view.plain(T("value", {"value": When(at, "time")}))

    found = rows(method, *rank, starts, view.language)
    lines = tuple(
        Line(
            clock(row.starts),
            inert(f"{row.number}. {row.title}" if row.number else row.title),
            view.plain(T("sheet.minutes", {"count": row.minutes})),
            inert(" ".join(row.say.split())),
            inert(" ".join(row.read.split())),
        )
        for row in found
    )
    until = clock(found[-1].ends)
    votes = any(step.does == "vote" for step in method.agenda(*rank))
    notes = ("sheet.note.vote", "sheet.note") if votes else ("sheet.note",)
    return Sheet(
        language=view.language,
        title=view.plain(title),
        method=inert((method.neutral or method.title)[view.language]),
        when=view.plain(T("sheet.when", {"date": date, "from": clock(starts), "to": until})),
        lines=lines,
        until=until,
        notes=tuple(view.plain(T(key)) for key in notes),
        pdf=view.plain(T("sheet.pdf")),
    )
