"""The parts of Adaptive Cards 1.5 that Krets uses, typed: mypy knows each property and its words.

Colours are names of roles, never values, so that a card works in light, dark and high contrast.
"""

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Spacing: TypeAlias = Literal["None", "Small", "Medium", "Large"]


class _Placed(TypedDict):
    """How far below the one before, and whether with a line between them."""

    spacing: NotRequired[Spacing]
    separator: NotRequired[bool]


# --- what is read -------------------------------------------------------------------------------


class Looks(TypedDict, total=False):
    """How words look."""

    size: Literal["Small", "Large"]
    weight: Literal["Bolder"]
    color: Literal["Attention"]
    isSubtle: bool


class TextBlock(Looks, _Placed):
    """Words in which Teams looks for Markdown, and for dates."""

    type: Literal["TextBlock"]
    text: str
    wrap: bool
    style: NotRequired[Literal["heading"]]


class TextRun(Looks):
    """Words that Teams shows as they are."""

    type: Literal["TextRun"]
    text: str


class RichTextBlock(_Placed):
    """A paragraph of words that Teams shows as they are."""

    type: Literal["RichTextBlock"]
    inlines: list[TextRun]


class Container(_Placed):
    """What belongs together, on a ground of its own."""

    type: Literal["Container"]
    style: Literal["emphasis"]
    items: "list[Element]"


class Column(TypedDict):
    """One of some things side by side; `width` is its share."""

    type: Literal["Column"]
    width: int
    items: "list[Element]"


class ColumnSet(_Placed):
    """Things side by side."""

    type: Literal["ColumnSet"]
    columns: list[Column]


# --- what is pressed ----------------------------------------------------------------------------

Style: TypeAlias = Literal["default", "positive", "destructive"]


class Submit(TypedDict):
    """Sends its data: as a message, in a dialog as its answer, and as told in `msteams`."""

    type: Literal["Action.Submit"]
    title: str
    data: dict[str, Any]
    style: NotRequired[Style]
    mode: NotRequired[Literal["secondary"]]
    #: Without it what is typed is sent along, and must be complete.
    associatedInputs: NotRequired[Literal["none"]]


class Execute(TypedDict):
    """Sends its data and is answered in place; an old client shows the fallback."""

    type: Literal["Action.Execute"]
    title: str
    verb: str
    data: dict[str, Any]
    fallback: Submit
    style: NotRequired[Style]
    mode: NotRequired[Literal["secondary"]]


Action: TypeAlias = Submit | Execute


class ActionSet(_Placed):
    """A row of buttons."""

    type: Literal["ActionSet"]
    actions: list[Action]


# --- what is filled in --------------------------------------------------------------------------


class _Input(_Placed):
    """A field; its label is what a screen reader says."""

    id: str
    label: str
    isRequired: NotRequired[bool]
    errorMessage: NotRequired[str]
    value: NotRequired[str]


class InputText(_Input):
    """A text to write."""

    type: Literal["Input.Text"]
    isMultiline: bool
    maxLength: int


class InputToggle(_Input):
    """Something to agree to; answers `true` or `false`."""

    type: Literal["Input.Toggle"]
    title: str
    wrap: bool


class InputDate(_Input):
    """A day; answers `2026-03-03`."""

    type: Literal["Input.Date"]


class InputTime(_Input):
    """A time of day; answers `13:00`."""

    type: Literal["Input.Time"]


class InputChoice(TypedDict):
    """One choice."""

    title: str
    value: str


#: Something to choose; several values are answered with commas between them.
InputChoiceSet = TypedDict(
    "InputChoiceSet",
    {
        "type": Literal["Input.ChoiceSet"],
        "id": str,
        "label": str,
        "choices": list[InputChoice],
        # Teams' own, for people: it lets one search for them.
        "choices.data": NotRequired[dict[str, str]],
        "isMultiSelect": bool,
        "style": Literal["compact", "expanded"],
        "wrap": bool,
        "isRequired": NotRequired[bool],
        "errorMessage": NotRequired[str],
        "value": NotRequired[str],
        "spacing": NotRequired[Spacing],
        "separator": NotRequired[bool],
    },
)

InputElement: TypeAlias = InputText | InputToggle | InputDate | InputTime | InputChoiceSet
Element: TypeAlias = TextBlock | RichTextBlock | Container | ColumnSet | ActionSet | InputElement


class AdaptiveCard(TypedDict):
    """A card; `fallbackText` is for a client that cannot show it."""

    type: Literal["AdaptiveCard"]
    version: Literal["1.5"]
    fallbackText: str
    speak: str
    body: list[Element]
    actions: NotRequired[list[Action]]
    msteams: dict[str, str]
