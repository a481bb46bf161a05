"""What is to be seen, without platform and without language.

Words are keys and values, times are instants, people are ids, and whatever a person wrote
stands here only as a reference (`Said`, `About`). So a stored card holds no private text: it is
opened and rendered when it is sent, and what was destroyed is blank.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from bot.core.action import Action


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote: one item in a drawer, blank once the drawer is destroyed."""

    group: str
    drawer: str
    item: str
    kind: Literal["said"] = "said"


@dataclass(frozen=True, slots=True)
class About:
    """What a group is called, also in calendars (title), where it meets, its link, its ground
    rules; or (help) whom to turn to.

    Ground rules stand in the group's language: all of them, or one row, from 1.
    """

    group: str
    what: Literal["name", "place", "link", "title", "rules", "help"]
    row: int = 0
    kind: Literal["about"] = "about"


@dataclass(frozen=True, slots=True)
class Address:
    """A private address of Krets, by its path; whoever has it may open it."""

    path: str
    kind: Literal["address"] = "address"


@dataclass(frozen=True, slots=True)
class OfMethod:
    """A text of the group's own method, by path: `ordinary/hypotheses/title`."""

    group: str
    path: str
    kind: Literal["method"] = "method"


@dataclass(frozen=True, slots=True)
class Who:
    """People, shown as each platform shows people."""

    people: tuple[str, ...]
    kind: Literal["who"] = "who"


@dataclass(frozen=True, slots=True)
class When:
    """An instant in the zone and language of whoever reads it.

    date: *tisdag 3 mars*; time: *13:00*; both; day: the weekday alone.
    """

    at: datetime
    style: Literal["date", "time", "both", "day"] = "both"
    kind: Literal["when"] = "when"


@dataclass(frozen=True, slots=True)
class T:
    """Words of the catalogue: a key and values. `n` chooses singular or plural.

    >>> T("vote.progress", {"n": 6, "m": 8}).key
    'vote.progress'
    """

    key: str
    values: "dict[str, Value]" = field(default_factory=dict)
    kind: Literal["words"] = "words"


#: A literal `str` is a code of ours (a language, an id of a draw), never what a person wrote.
Value: TypeAlias = (
    int | str | Annotated[T | Said | About | OfMethod | Who | When, Field(discriminator="kind")]
)


# --- cards --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Button:
    """A label (at most 24 characters in every language) and what a press means."""

    label: T
    action: Annotated[Action, Field(discriminator="kind")]
    style: Literal["plain", "primary", "danger"] = "plain"


@dataclass(frozen=True, slots=True)
class Heading:
    """The card's title."""

    text: T
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a quiet one is smaller and dimmer."""

    text: T
    quiet: bool = False
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a person wrote, and by whom if that is told. Only for forms, never for messages."""

    said: Said
    who: Who | None = None
    kind: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `current` is the row that is meant now, -1 for none."""

    rows: tuple[T, ...]
    numbered: bool = False
    current: int = -1
    kind: Literal["items"] = "items"


@dataclass(frozen=True, slots=True)
class Details:
    """Rows of a term and its value."""

    rows: tuple[tuple[T, T], ...]
    kind: Literal["details"] = "details"


@dataclass(frozen=True, slots=True)
class Buttons:
    """What can be done from here."""

    buttons: tuple[Button, ...]
    kind: Literal["buttons"] = "buttons"


@dataclass(frozen=True, slots=True)
class Divider:
    """A line between two parts."""

    kind: Literal["divider"] = "divider"


Element: TypeAlias = Heading | Text | Quote | Items | Details | Buttons | Divider


@dataclass(frozen=True, slots=True)
class Card:
    """What one message shows; `summary` is its neutral line for notifications."""

    elements: "tuple[Annotated[Element, Field(discriminator='kind')], ...]"
    summary: T = T("notification")


CARDS: TypeAdapter[Card] = TypeAdapter(Card)


# --- forms --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the value that comes back and the words that stand for it."""

    value: str
    label: T


@dataclass(frozen=True, slots=True)
class Export:
    """What a person wrote and what else Krets has on them, as JSON: one part of it, from 1."""

    person: str
    part: int
    kind: Literal["export"] = "export"


@dataclass(frozen=True, slots=True)
class Line:
    """A text to write, at most `limit` characters, of one line or of several."""

    name: str
    label: T
    limit: int
    several: bool = False
    optional: bool = False
    hint: T | None = None
    value: Said | About | Export | str = ""
    kind: Literal["line"] = "line"


@dataclass(frozen=True, slots=True)
class Link:
    """A private address under its label, shown in full, to open or to copy.

    Only for forms: messages are kept, searched and exported.
    """

    label: T
    to: Address
    kind: Literal["link"] = "link"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some options, or as many as one likes."""

    name: str
    label: T
    options: tuple[Option, ...]
    many: bool = False
    optional: bool = False
    hint: T | None = None
    chosen: tuple[str, ...] = ()
    kind: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class Tick:
    """A sentence to agree to; comes back as true or false."""

    name: str
    label: T
    value: bool = False
    hint: T | None = None
    kind: Literal["tick"] = "tick"


@dataclass(frozen=True, slots=True)
class DateField:
    """A day on the calendar; comes back as `2026-03-03`."""

    name: str
    label: T
    value: str = ""
    optional: bool = False
    hint: T | None = None
    kind: Literal["date"] = "date"


@dataclass(frozen=True, slots=True)
class TimeField:
    """A time of day; comes back as `13:00`."""

    name: str
    label: T
    value: str = ""
    optional: bool = False
    hint: T | None = None
    kind: Literal["time"] = "time"


@dataclass(frozen=True, slots=True)
class PeopleField:
    """People to pick, from `among` if it is given, else from everybody on the platform."""

    name: str
    label: T
    limit: int
    among: tuple[str, ...] = ()
    optional: bool = False
    hint: T | None = None
    kind: Literal["people"] = "people"


Input: TypeAlias = Line | Choice | Tick | DateField | TimeField | PeopleField
Shown: TypeAlias = Text | Quote | Items | Details | Divider | Link


@dataclass(frozen=True, slots=True)
class Form:
    """A window for private reading and writing. Without `submit` it is only for reading.

    `cancel` is what it is called not to send it, where a platform has a button for that.
    """

    title: T
    action: Action
    fields: tuple[Input | Shown, ...]
    submit: T | None = None
    extra: tuple[Button, ...] = ()
    cancel: T | None = None
