"""What a button or a form means. Buttons live in old messages: a packed action is a stored format.

`tests/core/actions.golden` holds one packed example of each kind; a changed line there breaks
buttons that people already have in front of them.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

#: Bytes. Slack's `action_id` and `callback_id` take 255 characters, the tightest of all platforms.
LIMIT = 255


class CannotPack(ValueError):
    """The action is longer than the tightest platform can carry."""


class CannotUnpack(ValueError):
    """This is not an action that any version of Krets has packed."""


# --- opening a group and saying yes or no -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """A sponsor opens a group; its id was minted when the form was opened."""

    group: str
    kind: Literal["open"] = "open"


@dataclass(frozen=True, slots=True)
class AnswerLead:
    """Somebody asked to lead says yes or no."""

    group: str
    yes: bool
    kind: Literal["lead"] = "lead"


@dataclass(frozen=True, slots=True)
class ReplaceLeader:
    """The sponsor asks somebody else to lead, after a no."""

    group: str
    who: str
    kind: Literal["replace"] = "replace"


@dataclass(frozen=True, slots=True)
class AnswerInvite:
    """Somebody asked to join says yes or no, or changes their mind before the start."""

    group: str
    yes: bool
    kind: Literal["invite"] = "invite"


@dataclass(frozen=True, slots=True)
class SignUp:
    """Somebody signs up for a group that is open for it."""

    group: str
    kind: Literal["sign"] = "sign"


@dataclass(frozen=True, slots=True)
class AskMore:
    """A facilitator asks the next people of the pool."""

    group: str
    kind: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class ShowGroup:
    """A facilitator shows those who said yes who is in the group."""

    group: str
    kind: Literal["show"] = "show"


@dataclass(frozen=True, slots=True)
class StartGroup:
    """A facilitator starts the group in a new room of its own."""

    group: str
    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class StartHere:
    """A facilitator starts the group in the room where the command was given."""

    group: str
    room: str
    kind: Literal["here"] = "here"


@dataclass(frozen=True, slots=True)
class CloseGroup:
    """The sponsor ends the group."""

    group: str
    kind: Literal["close"] = "close"


@dataclass(frozen=True, slots=True)
class LeaveGroup:
    """Somebody leaves; no reason is asked for."""

    group: str
    kind: Literal["leave"] = "leave"


@dataclass(frozen=True, slots=True)
class TellManager:
    """Show me the line about times that I can send to my own manager."""

    group: str
    kind: Literal["tell"] = "tell"


@dataclass(frozen=True, slots=True)
class GetCalendar:
    """A private address at which a calendar finds the meetings."""

    group: str
    kind: Literal["calendar"] = "calendar"


@dataclass(frozen=True, slots=True)
class NameCalendar:
    """A facilitator says what the meetings are called in calendars."""

    group: str
    kind: Literal["title"] = "title"


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """Choose the language in which Krets speaks to me."""

    kind: Literal["language"] = "language"


@dataclass(frozen=True, slots=True)
class SetHours:
    """Choose the hours in which Krets writes to me, and my zone."""

    kind: Literal["hours"] = "hours"


@dataclass(frozen=True, slots=True)
class MyData:
    """See what I wrote, and what else Krets has on me."""

    kind: Literal["mine"] = "mine"


@dataclass(frozen=True, slots=True)
class ExportMine:
    """The same as JSON to copy: one part of it, from 1."""

    part: int = 1
    kind: Literal["export"] = "export"


@dataclass(frozen=True, slots=True)
class EraseMine:
    """Delete what I wrote, wherever it still exists."""

    kind: Literal["erase"] = "erase"


@dataclass(frozen=True, slots=True)
class SeeGroups:
    """A coordinator sees one page, from 1, of the list of all groups."""

    page: int
    kind: Literal["groups"] = "groups"


@dataclass(frozen=True, slots=True)
class SeeFigures:
    """A coordinator sees the figures of a year that is over."""

    year: int
    kind: Literal["figures"] = "figures"


# --- life happens -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """A facilitator chooses which of the coming meetings is to be at another time."""

    group: str
    kind: Literal["plan"] = "plan"


@dataclass(frozen=True, slots=True)
class MoveMeeting:
    """A facilitator moves one meeting."""

    group: str
    meeting: int
    kind: Literal["move"] = "move"


@dataclass(frozen=True, slots=True)
class AcceptMove:
    """A facilitator takes up a proposal: this wall-clock time, for the meeting as it stood."""

    group: str
    meeting: int
    revision: int
    to: str
    kind: Literal["accept"] = "accept"


@dataclass(frozen=True, slots=True)
class Postpone:
    """A facilitator moves this meeting, as it stood, and all later ones by these weeks."""

    group: str
    meeting: int
    revision: int
    weeks: int
    kind: Literal["postpone"] = "postpone"


@dataclass(frozen=True, slots=True)
class KeepMeeting:
    """A facilitator keeps the time, though the day is free or few are coming."""

    group: str
    meeting: int
    revision: int
    why: Literal["day", "few"]
    kind: Literal["keep"] = "keep"


@dataclass(frozen=True, slots=True)
class AddMeeting:
    """A facilitator adds a meeting after the last."""

    group: str
    kind: Literal["append"] = "append"


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """A facilitator changes place, time or rhythm for all meetings that remain."""

    group: str
    kind: Literal["replan"] = "replan"


@dataclass(frozen=True, slots=True)
class PauseGroup:
    """A facilitator lets the group rest until a day."""

    group: str
    kind: Literal["rest"] = "rest"


@dataclass(frozen=True, slots=True)
class MarkFree:
    """A facilitator or a coordinator marks days on which a group does not work."""

    group: str
    kind: Literal["free"] = "free"


@dataclass(frozen=True, slots=True)
class ProposeJoin:
    """A facilitator proposes that somebody joins a group that has begun."""

    group: str
    kind: Literal["newcomer"] = "newcomer"


@dataclass(frozen=True, slots=True)
class AllowJoin:
    """Whether I agree that this person joins; nobody sees what I answer."""

    group: str
    who: str
    yes: bool
    kind: Literal["allow"] = "allow"


@dataclass(frozen=True, slots=True)
class AcceptJoin:
    """Somebody whom all have agreed to says yes or no."""

    group: str
    yes: bool
    kind: Literal["join"] = "join"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Somebody else is asked to lead instead of one who leads."""

    group: str
    kind: Literal["hand"] = "hand"


# --- before the meeting -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attend:
    """I'm coming, can't come, or come a bit late."""

    group: str
    meeting: int
    answer: Literal["yes", "no", "late"]
    kind: Literal["attend"] = "attend"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A moment for myself before the meeting."""

    group: str
    meeting: int
    kind: Literal["checkin"] = "checkin"


@dataclass(frozen=True, slots=True)
class SkipCheckIn:
    """Skip is a full answer."""

    group: str
    meeting: int
    kind: Literal["skip"] = "skip"


@dataclass(frozen=True, slots=True)
class ReadCheckIns:
    """Read the check-ins that are meant for me."""

    group: str
    meeting: int
    kind: Literal["read"] = "read"


@dataclass(frozen=True, slots=True)
class BringCase:
    """Bring a question to the meeting, or change it."""

    group: str
    meeting: int
    kind: Literal["bring"] = "bring"


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    """Take my question back."""

    group: str
    meeting: int
    kind: Literal["withdraw"] = "withdraw"


# --- in the meeting -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MoveGuide:
    """Next or back, from the step in which the button was shown."""

    group: str
    meeting: int
    from_step: int
    by: Literal[1, -1]
    sure: bool = False
    kind: Literal["guide"] = "guide"


@dataclass(frozen=True, slots=True)
class AddMinutes:
    """Two more minutes for this step."""

    group: str
    meeting: int
    from_step: int
    kind: Literal["minutes"] = "minutes"


@dataclass(frozen=True, slots=True)
class PauseGuide:
    """Pause, or go on."""

    group: str
    meeting: int
    pause: bool
    kind: Literal["pause"] = "pause"


@dataclass(frozen=True, slots=True)
class SetGuide:
    """Those who lead say who leads today, and whether the room's card shows the step."""

    group: str
    meeting: int
    kind: Literal["set"] = "set"


@dataclass(frozen=True, slots=True)
class EndMeeting:
    """A facilitator ends the meeting."""

    group: str
    meeting: int
    kind: Literal["end"] = "end"


@dataclass(frozen=True, slots=True)
class SkipMeeting:
    """A facilitator marks that the meeting does not take place."""

    group: str
    meeting: int
    kind: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True)
class MarkHeld:
    """A facilitator says afterwards whether the meeting took place."""

    group: str
    meeting: int
    held: bool
    kind: Literal["held"] = "held"


@dataclass(frozen=True, slots=True)
class GetSheet:
    """A private address at which those who lead find the meeting on one page, to print."""

    group: str
    meeting: int
    kind: Literal["sheet"] = "sheet"


@dataclass(frozen=True, slots=True)
class AgreeRules:
    """A facilitator marks that the group has agreed on this version of its ground rules."""

    group: str
    meeting: int
    version: int = 1
    kind: Literal["agree"] = "agree"


@dataclass(frozen=True, slots=True)
class ReadRules:
    """Read the group's ground rules."""

    group: str
    kind: Literal["rules"] = "rules"


@dataclass(frozen=True, slots=True)
class ReadAloud:
    """A facilitator has a text of the method to read aloud, by its path: `exercises/feet`."""

    group: str
    what: str
    kind: Literal["aloud"] = "aloud"


@dataclass(frozen=True, slots=True)
class ChangeRules:
    """A facilitator writes down how the group would like its ground rules to be."""

    group: str
    kind: Literal["reword"] = "reword"


@dataclass(frozen=True, slots=True)
class Today:
    """Whether I would take up my question today, if it is chosen."""

    group: str
    meeting: int
    yes: bool
    kind: Literal["today"] = "today"


@dataclass(frozen=True, slots=True)
class AddCase:
    """A facilitator adds a question that somebody raised in the room, without text."""

    group: str
    meeting: int
    kind: Literal["add"] = "add"


@dataclass(frozen=True, slots=True)
class OpenVote:
    """A facilitator opens the vote."""

    group: str
    meeting: int
    kind: Literal["vote"] = "vote"


@dataclass(frozen=True, slots=True)
class CastVote:
    """Somebody on the roll votes, or votes anew."""

    group: str
    meeting: int
    kind: Literal["cast"] = "cast"


@dataclass(frozen=True, slots=True)
class CloseVote:
    """A facilitator closes the vote by hand, from half of the roll."""

    group: str
    meeting: int
    kind: Literal["count"] = "count"


@dataclass(frozen=True, slots=True)
class ChooseInRoom:
    """The group chose in the room: a facilitator says whose question it is."""

    group: str
    meeting: int
    kind: Literal["choose"] = "choose"


@dataclass(frozen=True, slots=True)
class HideOwner:
    """The owner would rather have no card of their own in the meeting."""

    group: str
    meeting: int
    kind: Literal["hide"] = "hide"


@dataclass(frozen=True, slots=True)
class ChoosePartner:
    """The owner says with whom they would like to talk."""

    group: str
    meeting: int
    kind: Literal["partner"] = "partner"


@dataclass(frozen=True, slots=True)
class ProposePartner:
    """The owner lets Krets ask somebody to be the conversation partner."""

    group: str
    meeting: int
    kind: Literal["propose"] = "propose"


@dataclass(frozen=True, slots=True)
class AnswerPartner:
    """Whoever is asked to be the conversation partner says yes, or would rather not."""

    group: str
    meeting: int
    yes: bool
    kind: Literal["beside"] = "beside"


@dataclass(frozen=True, slots=True)
class NotePartner:
    """A facilitator notes who the conversation partner is."""

    group: str
    meeting: int
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class OfferTitles:
    """A facilitator asks whether the titles of the questions may stand in the room, this once."""

    group: str
    meeting: int
    kind: Literal["offer"] = "offer"


@dataclass(frozen=True, slots=True)
class AllowTitles:
    """Whether I agree to that; nobody sees what I answer."""

    group: str
    meeting: int
    yes: bool
    kind: Literal["titles"] = "titles"


@dataclass(frozen=True, slots=True)
class AskReunion:
    """A facilitator asks the group whether it would like to meet again."""

    group: str
    meeting: int
    kind: Literal["reunion"] = "reunion"


@dataclass(frozen=True, slots=True)
class VoteReunion:
    """In how many months somebody would like to; 0 for not."""

    group: str
    meeting: int
    months: Literal[0, 3, 6]
    kind: Literal["meet"] = "meet"


@dataclass(frozen=True, slots=True)
class CloseReunion:
    """A facilitator closes that vote by hand, from half of the roll."""

    group: str
    meeting: int
    kind: Literal["recount"] = "recount"


# --- after the meeting --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reflect:
    """My own reflection, which stays mine."""

    group: str
    meeting: int
    kind: Literal["reflect"] = "reflect"


@dataclass(frozen=True, slots=True)
class ReadKept:
    """Read the reflection I asked Krets to keep."""

    group: str
    meeting: int
    kind: Literal["kept"] = "kept"


@dataclass(frozen=True, slots=True)
class Pulse:
    """Three one-tap questions on the meeting, for the facilitators."""

    group: str
    meeting: int
    kind: Literal["pulse"] = "pulse"


@dataclass(frozen=True, slots=True)
class TakeFurther:
    """What the owner would like to take further."""

    group: str
    meeting: int
    kind: Literal["further"] = "further"


@dataclass(frozen=True, slots=True)
class ComeBack:
    """Somebody who went out of the group's room would like to be in it again."""

    group: str
    kind: Literal["back"] = "back"


@dataclass(frozen=True, slots=True)
class TakeOut:
    """A facilitator takes somebody out of the room who is not of the group."""

    group: str
    who: str
    kind: Literal["out"] = "out"


@dataclass(frozen=True, slots=True)
class SendAgain:
    """A facilitator lets that be posted once more which did not arrive; empty is the room."""

    group: str
    who: str
    kind: Literal["again"] = "again"


#: Change the plan of a group, and who is in it.
OfLife: TypeAlias = (
    PlanGroup
    | AddMeeting
    | ChangePlan
    | PauseGroup
    | MarkFree
    | HandOver
    | ProposeJoin
    | AllowJoin
    | AcceptJoin
)
#: Concern a group as a whole.
OfGroup: TypeAlias = (
    OpenGroup
    | AnswerLead
    | ReplaceLeader
    | AnswerInvite
    | SignUp
    | AskMore
    | ShowGroup
    | StartGroup
    | StartHere
    | CloseGroup
    | LeaveGroup
    | TellManager
    | GetCalendar
    | NameCalendar
    | ReadRules
    | ReadAloud
    | ChangeRules
    | ComeBack
    | TakeOut
    | SendAgain
    | OfLife
)
#: Concern one meeting.
OfMeeting: TypeAlias = (
    Attend
    | CheckIn
    | SkipCheckIn
    | ReadCheckIns
    | BringCase
    | WithdrawCase
    | MoveGuide
    | AddMinutes
    | PauseGuide
    | SetGuide
    | EndMeeting
    | SkipMeeting
    | MarkHeld
    | GetSheet
    | AgreeRules
    | Today
    | AddCase
    | OpenVote
    | CastVote
    | CloseVote
    | ChooseInRoom
    | HideOwner
    | ChoosePartner
    | ProposePartner
    | AnswerPartner
    | NotePartner
    | OfferTitles
    | AllowTitles
    | AskReunion
    | VoteReunion
    | CloseReunion
    | Reflect
    | ReadKept
    | Pulse
    | TakeFurther
    | MoveMeeting
    | AcceptMove
    | Postpone
    | KeepMeeting
)
#: Concern whoever acts, and no group more than another.
OfPerson: TypeAlias = (
    ChooseLanguage | SetHours | MyData | ExportMine | EraseMine | SeeGroups | SeeFigures
)
Action: TypeAlias = OfPerson | OfGroup | OfMeeting
#: What is shown to be read, by a button and never by a form.
READ = (GetSheet, ReadAloud, ReadCheckIns, ReadKept, ReadRules, SeeFigures, SeeGroups, TellManager)

#: Private steps: what a person writes or chooses, and what is read of it.
PRIVATE = (
    CheckIn,
    ReadCheckIns,
    BringCase,
    Today,
    OpenVote,
    CastVote,
    ChoosePartner,
    ProposePartner,
    AnswerPartner,
    OfferTitles,
    AllowTitles,
    AskReunion,
    VoteReunion,
    Reflect,
    ReadKept,
    Pulse,
    TakeFurther,
)

_CODEC: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Field(discriminator="kind")])


def pack(action: Action) -> str:
    """The action as the text that a platform carries in a button, at most `LIMIT` bytes.

    >>> pack(Attend(group="g1", meeting=4, answer="late"))
    '{"group":"g1","meeting":4,"answer":"late","kind":"attend"}'
    """
    packed = _CODEC.dump_json(action)
    if len(packed) > LIMIT:
        raise CannotPack(f"{action.kind}: {len(packed)} bytes, at most {LIMIT}")
    return packed.decode()


def unpack(packed: str) -> Action:
    """The action that was packed; whatever else comes in raises `CannotUnpack`.

    >>> unpack('{"group":"g1","meeting":4,"answer":"late","kind":"attend"}').answer
    'late'
    """
    if len(packed.encode(errors="replace")) > LIMIT:
        raise CannotUnpack(f"longer than {LIMIT} bytes")
    try:
        return _CODEC.validate_json(packed, strict=True)
    except ValidationError as error:
        raise CannotUnpack(f"{error.error_count()} faults") from None
