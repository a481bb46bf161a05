"""What Teams takes of Adaptive Cards 1.5, as far as Krets uses it, as a list of faults."""

import json
from collections.abc import Iterator
from typing import Any

from adapters.teams.render import CARD
from adapters.teams.shapes import ACTION, FORM, REPLY

Json = dict[str, Any]

#: Bytes of a message, and of the answer that opens a dialog.
LIMIT = 28 * 1024
PLACED = {"spacing", "separator"}
LOOKS = {"size", "weight", "color", "isSubtle"}
INPUT = {"id", "label", "isRequired", "errorMessage", "value"} | PLACED
#: Type -> what must be there, and what may.
KNOWN: dict[str, tuple[set[str], set[str]]] = {
    "AdaptiveCard": ({"version", "fallbackText", "speak", "body", "msteams"}, {"actions"}),
    "TextBlock": ({"text", "wrap"}, {"style"} | LOOKS | PLACED),
    "RichTextBlock": ({"inlines"}, PLACED),
    "TextRun": ({"text"}, LOOKS),
    "Container": ({"style", "items"}, PLACED),
    "ColumnSet": ({"columns"}, PLACED),
    "Column": ({"width", "items"}, set()),
    "ActionSet": ({"actions"}, PLACED),
    "Action.Submit": ({"title", "data", "style"}, {"mode", "associatedInputs"}),
    "Action.Execute": ({"title", "data", "style", "verb", "fallback"}, {"mode"}),
    "Input.Text": ({"id", "label", "isMultiline", "maxLength"}, INPUT),
    "Input.Toggle": ({"id", "label", "title", "value"}, INPUT | {"wrap"}),
    "Input.Date": ({"id", "label"}, INPUT),
    "Input.Time": ({"id", "label"}, INPUT),
    "Input.ChoiceSet": (
        {"id", "label", "choices", "isMultiSelect", "style", "wrap"},
        INPUT | {"choices.data"},
    ),
    "Data.Query": ({"dataset"}, set()),
}
WORDS: dict[str, set[Any]] = {
    "version": {"1.5"},
    "spacing": {"None", "Small", "Medium", "Large"},
    "size": {"Small", "Large"},
    "weight": {"Bolder"},
    "color": {"Attention"},
    "mode": {"secondary"},
    "associatedInputs": {"none"},
    "wrap": {True},
    "separator": {True},
    "isRequired": {True},
    "style": {"heading", "emphasis", "default", "positive", "destructive", "compact", "expanded"},
}


def faults(payload: Json) -> list[str]:
    """What Teams would refuse, hide or show wrongly of a message or a dialog."""
    return list(_faults(payload))


def card_of(payload: Json) -> Json:
    """The one card of a message or a dialog."""
    held = payload["task"]["value"]["card"] if "task" in payload else None
    (attachment,) = [held] if held else payload["attachments"]
    assert attachment["contentType"] == CARD
    card: Json = attachment["content"]
    return card


def _faults(payload: Json) -> Iterator[str]:
    if len(json.dumps(payload, ensure_ascii=False).encode()) > LIMIT:
        yield "too large"
    dialog = "task" in payload
    if dialog:
        value = payload["task"]["value"]
        if payload["task"]["type"] != "continue" or not value["title"]:
            yield "no dialog, or one without a title"
        if {value["height"], value["width"]} - {"small", "medium", "large"}:
            yield "a size of its own"
    elif set(payload) != {"summary", "attachments"} or not payload["summary"]:
        yield "no line for notifications"
    card = card_of(payload)
    inside = list(things(card))
    for one in inside:
        yield from _thing(one)
    ids = [one["id"] for one in inside if "id" in one]
    if len(ids) != len(set(ids)) or {ACTION, FORM, "msteams"} & set(ids):
        yield "an id that is taken"
    if not card["body"] or card["msteams"] != {"width": "Full"}:
        yield "an empty card, or more than a width"
    kinds = {one["type"] for one in inside}
    if dialog and "Action.Execute" in kinds:
        yield "a dialog is answered by Action.Submit"
    if not dialog and ({one for one in kinds if one.startswith("Input.")} or "actions" in card):
        yield "a message that asks for private text"


def _thing(one: Json) -> Iterator[str]:
    kind, given = one["type"], set(one) - {"type"}
    if kind not in KNOWN:
        yield kind
        return
    must, may = KNOWN[kind]
    if must - given or given - must - may:
        yield f"{kind}: {sorted(must - given)} missing, {sorted(given - must - may)} unknown"
    for key, words in WORDS.items():
        if key in one and one[key] not in words:
            yield f"{kind}.{key}: {one[key]}"
    for key in ("text", "title", "label", "fallbackText", "speak", "errorMessage"):
        if key in one and not (isinstance(one[key], str) and one[key].strip()):
            yield f"{kind}.{key} is blank"
    if ("isRequired" in one) != ("errorMessage" in one):
        yield f"{kind}: required without a word, or a word without need"
    for key in ("items", "columns", "inlines"):
        if key in one and not one[key]:
            yield f"{kind}.{key} is empty"
    if kind == "ActionSet" and not 1 <= len(one["actions"]) <= 6:
        yield f"{len(one['actions'])} buttons"
    if kind.startswith("Action."):
        yield from _action(one)
    if kind == "Input.ChoiceSet":
        yield from _choices(one)
    if kind == "Input.Text" and len(one.get("value", "")) > one["maxLength"]:
        yield "what stands there at first is too long"


def _action(one: Json) -> Iterator[str]:
    if not isinstance(one["data"].get(ACTION), str) or set(one["data"]) - {
        ACTION,
        FORM,
        REPLY,
        "msteams",
    }:
        yield "a button that means nothing"
    if one["type"] == "Action.Execute" and one["fallback"] != {
        **{key: one[key] for key in ("title", "data", "style")},
        "type": "Action.Submit",
    }:
        yield "an old client would send something else"


def _choices(one: Json) -> Iterator[str]:
    values = [choice["value"] for choice in one["choices"]]
    if any(set(choice) != {"title", "value"} or not choice["title"] for choice in one["choices"]):
        yield "a choice that is none"
    if len(values) != len(set(values)) or any("," in value for value in values):
        yield "choices that cannot be told apart"
    chosen = one["value"].split(",") if "value" in one else []
    if "choices.data" not in one and (not values or set(chosen) - set(values)):
        yield "nothing to choose, or something chosen that is not there"
    if len(chosen) > 1 and not one["isMultiSelect"]:
        yield "more chosen than can be"


def things(card: Any) -> Iterator[Json]:
    """Everything in a card that has a type."""
    waiting = [card]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict):
            if "type" in one:
                yield one
            held = (value for key, value in reversed(one.items()) if key not in ("data", "msteams"))
            waiting.extend(value for value in held if isinstance(value, dict | list))
