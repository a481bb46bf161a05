"""What Slack's app does on somebody's screen: it shows blocks, and holds what is filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any, TypeAlias

from tests.end_to_end.site import Seen

Json: TypeAlias = dict[str, Any]

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)>")
_DATE = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
#: Kind of a field -> where Slack reports what it holds.
_HOLDS = {
    "plain_text_input": "value",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "multi_users_select": "selected_users",
}


@dataclass
class Screen(Seen):
    """What is seen, and of each button where it stands, as Slack reports it when it is pressed."""

    at: list[Json] = field(default_factory=list)

    def add(self, other: Seen, where: Json) -> None:
        """See this below the rest."""
        self.text = f"{self.text}\n{other.text}".strip()
        self.buttons += other.buttons
        self.at += [where] * len(other.buttons)


def read(blocks: list[Json], names: Mapping[str, str]) -> Seen:
    """What a reader finds in these blocks; people stand by name, times as the fallback says."""
    seen, texts = Seen(), list[str]()

    def walk(one: object) -> None:
        if isinstance(one, list):
            for part in one:
                walk(part)
        elif isinstance(one, dict):
            if one.get("type") == "button":
                seen.buttons.append((one["text"]["text"], one["value"]))
            if isinstance(text := one.get("text"), str):
                texts.append(_shown(text, names) if one.get("type") == "mrkdwn" else text)
            if "element" in one:
                seen.choices[one["block_id"]] = {
                    option["value"]: option["text"]["text"]
                    for option in one["element"].get("options", ())
                }
            for name, part in one.items():
                if name != "text" or isinstance(part, dict):
                    walk(part)

    walk(blocks)
    seen.text = "\n".join(" ".join(text.split()) for text in texts)
    return seen


def _shown(text: str, names: Mapping[str, str]) -> str:
    text = _MENTION.sub(lambda found: names[found[1]], _DATE.sub(r"\1", text))
    return unescape(text.replace("*", ""))


def filled(view: Json, answers: Mapping[str, object], users: Mapping[str, str]) -> Json:
    """The state of a modal with these answers in it; what is not answered is as it was.

    Slack's app sends no form with an empty field that must be filled or a text that is too long.
    """
    fields = {one["block_id"]: one for one in view["blocks"] if one["type"] == "input"}
    assert set(answers) <= set(fields), (set(answers), set(fields))
    values = {}
    for name, block in fields.items():
        element = block["element"]
        held = _initial(element)
        if name in answers:
            held = _held(element, answers[name], users)
        if not block.get("optional"):
            assert held, f"{name} must be filled in"
        if element["type"] == "plain_text_input" and held:
            assert len(str(held)) <= element["max_length"], f"{name} is too long"
        kind = element["type"]
        values[name] = {element["action_id"]: {"type": kind, _HOLDS[kind]: held}}
    return {"values": values}


def _initial(element: Json) -> object:
    of = {"value": "initial_value", "selected_option": "initial_option"}
    holds = _HOLDS[element["type"]]
    many = [] if holds in ("selected_options", "selected_users") else None
    return element.get(of.get(holds, holds.replace("selected", "initial")), many)


def _held(element: Json, answer: object, users: Mapping[str, str]) -> object:
    """What a field holds after somebody has given this answer with a finger or a keyboard."""
    options = {one["value"]: one for one in element.get("options", ())}
    match element["type"], answer:
        case "plain_text_input", str():
            return answer or None
        case (("radio_buttons" | "static_select"), str()):
            return options[answer]
        case "checkboxes", bool():
            return [options["yes"]] if answer else []
        case (("checkboxes" | "multi_static_select"), list()):
            return [options[one] for one in answer]
        case (("datepicker" | "timepicker"), str()):
            return answer
        case "multi_users_select", {"people": people}:
            assert len(people) <= element["max_selected_items"]
            return [users[one] for one in people]
        case "multi_static_select", {"people": people}:
            return [options[users[one]] for one in people]
        case "static_select", {"people": [one]}:
            return options[users[one]]
    raise AssertionError(f"no way to fill in a {element['type']} with {answer!r}")
