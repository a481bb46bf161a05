"""What Teams' app does on somebody's screen: it shows cards, and what can be pressed in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from adapters.teams.shapes import ACTION
from tests.adapters.teams.adaptive_card import card_of
from tests.adapters.teams_people import sends
from tests.core.words import catalogue
from tests.end_to_end.site import Seen

Json: TypeAlias = dict[str, Any]


def told(language: str, key: str) -> str:
    """A sentence of the catalogue as Teams shows it."""
    return catalogue(language)[key][0].replace("/krets", "@Krets")


@dataclass(frozen=True)
class Button:
    """A button, and the room and the message in which it stands; in a dialog there is no message.

    Empty is somebody's own chat with Krets.
    """

    action: Json
    room: str
    message: str

    @property
    def opens_dialog(self) -> bool:
        """Whether Teams asks for a dialog when it is pressed."""
        asks: object = self.action["data"].get("msteams")
        return asks == {"type": "task/fetch"}


@dataclass
class Screen(Seen):
    """What is seen, and of each button what it is and where it stands."""

    at: list[Button] = field(default_factory=list)

    def add(self, card: Json, room: str, message: str) -> None:
        """See this card below the rest."""
        texts: list[str] = []

        def walk(one: object) -> None:
            if isinstance(one, list):
                for part in one:
                    walk(part)
            elif isinstance(one, dict):
                if one.get("type") in ("Action.Execute", "Action.Submit"):
                    self.buttons.append((one["title"], one["data"][ACTION]))
                    self.at.append(Button(one, room, message))
                    return
                if "choices" in one:
                    self.choices[one["id"]] = {it["value"]: it["title"] for it in one["choices"]}
                if "inlines" in one:
                    texts.append("".join(run["text"] for run in one["inlines"]))
                    return
                words = (one.get(key) for key in ("text", "label", "value"))
                texts.extend(said for said in words if isinstance(said, str))
                for part in one.values():
                    walk(part)

        walk([card["body"], card.get("actions", [])])
        lines = (" ".join(text.split()) for text in texts)
        self.text = "\n".join(filter(None, (self.text, *lines)))


def wrong(card: Json) -> dict[str, str]:
    """What stands above the inputs in the colour of what is wrong."""
    found = {}
    for above, below in zip(card["body"], card["body"][1:], strict=False):
        runs = above.get("inlines", [])
        if any(one.get("color") == "Attention" for one in runs):
            found[below["id"]] = "".join(one["text"] for one in runs)
    return found


def filled(dialog: Json, answers: Mapping[str, object]) -> Json:
    """What is sent of a dialog with these answers in it; what is not answered is as it was.

    Teams' app sends no form with an empty field that must be filled or a text that is too long. All
    that it sends is text, and what is empty is left out.
    """
    card = card_of(dialog)
    inputs = {one["id"]: one for one in card["body"] if one["type"].startswith("Input.")}
    assert set(answers) <= set(inputs), (set(answers), set(inputs))
    held = {
        name: _held(one, answers[name]) if name in answers else one.get("value", "")
        for name, one in inputs.items()
    }
    for name, one in inputs.items():
        assert held[name] or not one.get("isRequired"), f"{name} must be filled in"
        assert len(held[name]) <= one.get("maxLength", 4_000), f"{name} is too long"
    send = sends(card)
    assert send is not None, "only a form is sent"
    data: Json = send["data"]
    return data | {name: value for name, value in held.items() if value}


def _held(asked: Json, answer: object) -> str:
    """What an input holds after somebody has given this answer with a finger or a keyboard."""
    known = {one["value"] for one in asked.get("choices", ())}
    match asked["type"], answer:
        case "Input.Toggle", bool():
            return str(answer).lower()
        case (("Input.Text" | "Input.Date" | "Input.Time"), str()):
            return answer
        case "Input.ChoiceSet", ({"people": list(chosen)} | list(chosen)):
            assert asked["isMultiSelect"] or len(chosen) == 1
            assert "choices.data" in asked or set(chosen) <= known, (chosen, known)
            return ",".join(chosen)
        case "Input.ChoiceSet", str():
            assert answer in known, (answer, known)
            return answer
    raise AssertionError(f"no way to fill in an {asked['type']} with {answer!r}")
