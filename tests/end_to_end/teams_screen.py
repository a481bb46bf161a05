"""What Teams shows on a screen: cards and dialogs, with what can be pressed."""

from dataclasses import dataclass, field
from typing import Any

from adapters.teams.shapes import ACTION, FORM
from tests.adapters.teams.adaptive_card import card_of, faults
from tests.adapters.teams_people import MESSAGE, Got, sends
from tests.end_to_end.site import Reply, Seen

Json = dict[str, Any]


@dataclass
class Screen(Seen):
    """What is seen, and of each button what it is and the message in which it stands."""

    at: list[tuple[Json, str]] = field(default_factory=list)

    def add(self, card: Json, message: str = MESSAGE) -> None:
        """See this card below the rest."""
        texts: list[str] = []

        def walk(one: object) -> None:
            if isinstance(one, list):
                for part in one:
                    walk(part)
            elif isinstance(one, dict):
                if one.get("type") in ("Action.Execute", "Action.Submit"):
                    self.buttons.append((one["title"], one["data"][ACTION]))
                    self.at.append((one, message))
                    return
                if "inlines" in one:
                    texts.append("".join(run["text"] for run in one["inlines"]))
                    return
                if "choices" in one:
                    self.choices[one["id"]] = {it["value"]: it["title"] for it in one["choices"]}
                words = (one.get(key) for key in ("text", "label", "value"))
                texts.extend(said for said in words if isinstance(said, str))
                for part in one.values():
                    walk(part)

        walk([card["body"], card.get("actions", [])])
        lines = (" ".join(text.split()) for text in texts)
        self.text = "\n".join(filter(None, (self.text, *lines)))


@dataclass
class Shown(Reply):
    """What came back at once, with the dialog or the button of a message by which it is sent."""

    dialog: Json | None = None
    button: Json | None = None


def shown(got: Got, told: dict[str, Json]) -> Shown:
    """What came back at once: an answer, or new messages in one's own chat."""
    assert got.status == 200, got.status
    screen = Screen()
    if "task" in got.body:
        assert faults(got.body) == []
        card = card_of(got.body)
        screen.text = got.body["task"]["value"]["title"]
        screen.add(card)
        kind = "form" if card.get("actions") else "notice"
        send = sends(card)
        screen.action = send["data"][ACTION] if send else ""
        return Shown(kind, screen, {}, dialog=got.body)
    for id, card in told.items():
        screen.add(card, id)
    sure = next((one for one, _ in screen.at if FORM in one["data"]), None)
    if sure is not None:
        return Shown("form", screen, {}, button=sure)
    if got.body:
        assert got.body["value"]
        return Shown("notice", Seen(got.body["value"]), {})
    kind = "home" if screen.buttons else "notice" if screen.text else "nothing"
    return Shown(kind, screen, {})
