"""What Slack documents as the limits of blocks and views, as a list of faults."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.text import length

BLOCKS = {"message": 50, "modal": 100, "home": 100}
#: The longest text at `key` of a thing of this type; all but a section's and context's are plain.
TEXTS = {
    ("modal", "title"): 24,
    ("modal", "submit"): 24,
    ("modal", "close"): 24,
    ("header", "text"): 150,
    ("section", "text"): 3000,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("button", "text"): 75,
    ("option", "text"): 75,
}
VALUES = {
    "button": 2000,
    "option": 150,
    "plain_text_input": 3000,
}
OPTIONS = {
    "radio_buttons": 10,
    "checkboxes": 10,
    "static_select": 100,
    "multi_static_select": 100,
}
KNOWN = {"header", "section", "context", "actions", "divider", "input"}


def faults(payload: dict[str, Any]) -> list[str]:
    """What Slack would refuse of a message or a view."""
    return [*_faults(payload), *_by_the_sdk(payload)]


def _faults(payload: dict[str, Any]) -> Iterator[str]:
    surface, blocks = payload.get("type", "message"), payload["blocks"]
    if not 1 <= len(blocks) <= BLOCKS[surface]:
        yield f"{len(blocks)} blocks"
    if surface == "message" and not payload.get("text"):
        yield "no text for notifications"
    if surface == "home" and {"title", "submit", "close"} & set(payload):
        yield "a frame around the App Home tab"
    if surface == "modal":
        yield from _texts(payload, "modal")
        if len(payload.get("private_metadata", "")) > 3000 or not payload.get("title"):
            yield "metadata or title"
        if any(one["type"] == "input" for one in blocks) and not payload.get("submit"):
            yield "fields and no way to send them"
    ids = [one["block_id"] for one in blocks if "block_id" in one]
    actions = [
        one["action_id"] for block in blocks for one in block.get("elements", ()) if "value" in one
    ]
    if len(ids) != len(set(ids)) or len(actions) != len(set(actions)):
        yield "an id is used twice"
    for block in blocks:
        if block["type"] not in KNOWN or (block["type"] == "input" and surface != "modal"):
            yield block["type"]
        yield from _texts(block, block["type"])
        yield from _inside(block)


def _inside(block: dict[str, Any]) -> Iterator[str]:
    elements, fields = block.get("elements", []), block.get("fields", [])
    if block["type"] == "actions" and not 1 <= len(elements) <= 25:
        yield "buttons"
    if block["type"] == "context" and not 1 <= len(elements) <= 10:
        yield "elements"
    if block["type"] == "section" and not fields and "text" not in block:
        yield "an empty section"
    if len(fields) > 10 or any(not 1 <= length(one["text"]) <= 2000 for one in fields):
        yield "cells"
    if block["type"] == "context" and any(not 1 <= length(one["text"]) <= 2000 for one in elements):
        yield "a quiet text"
    for one in [*elements, *([block["element"]] if "element" in block else [])]:
        yield from _texts(one, one["type"])
        options = one.get("options", [])
        if one["type"] in OPTIONS and not 1 <= len(options) <= OPTIONS[one["type"]]:
            yield f"{len(options)} options"
        if len({option["value"] for option in options}) < len(options):
            yield "an option is there twice"
        for option in options:
            yield from _texts(option, "option")
        initial = one.get("initial_options", [])
        initial = [*initial, *([one["initial_option"]] if "initial_option" in one else [])]
        if any(option not in options for option in initial):
            yield "what is chosen at first is no option"
        if length(one.get("initial_value", "")) > one.get("max_length", 3000):
            yield "what stands there at first is too long"


def _texts(thing: dict[str, Any], type: str) -> Iterator[str]:
    for (of, key), most in TEXTS.items():
        if of == type and key in thing:
            if not 1 <= length(thing[key]["text"]) <= most:
                yield f"{type} {key}: {length(thing[key]['text'])}"
            if type != "section" and thing[key]["type"] != "plain_text":
                yield f"{type} {key} is marked up"
    value = thing.get("value", thing.get("initial_value", ""))
    if type in VALUES and length(value) > VALUES[type]:
        yield f"value of {type}"


def _by_the_sdk(payload: dict[str, Any]) -> Iterator[str]:
    """Read by Slack's own models, and written again, it must be the same."""
    if "type" in payload:
        same = _view_is_the_same(_text(payload))
    else:
        same = all(_block_is_the_same(_text(one)) for one in payload["blocks"])
    if not same:
        yield "Slack's models read it otherwise"


# The same blocks stand in many messages, and Slack's models take their time.


@cache
def _view_is_the_same(text: str) -> bool:
    return _text(View(**json.loads(text)).to_dict()) == text


@cache
def _block_is_the_same(text: str) -> bool:
    parsed = Block.parse(json.loads(text))
    return parsed is not None and _text(parsed.to_dict()) == text


def _text(thing: dict[str, Any]) -> str:
    return json.dumps(thing, sort_keys=True)
