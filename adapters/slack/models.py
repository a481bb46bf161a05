"""The SDK's models as JSON, as they write themselves, in a fraction of the time.

`to_dict` looks through all names of an object for its checks each time; those of a class stay the
same.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from slack_sdk.models import JsonObject
from slack_sdk.models.blocks import Option

#: What goes to the Web API.
Json: TypeAlias = dict[str, Any]
_Check: TypeAlias = Callable[[JsonObject], None]

#: What models of each class write, in order.
_NAMES: dict[type[JsonObject], tuple[str, ...]] = {}


def as_json(thing: Any) -> Any:
    """A model, or what it holds; raises `SlackObjectFormationError` where the SDK does.

    >>> from slack_sdk.models.blocks import PlainTextObject, SectionBlock
    >>> block = SectionBlock(text=PlainTextObject(text="Hej", emoji=False))
    >>> as_json(block) == block.to_dict()
    True
    """
    kind = type(thing)
    if kind is list or kind is tuple:
        return [as_json(one) for one in thing]
    checks = _checks(kind)  # type: ignore[arg-type]
    if checks is None:
        return thing
    if kind is Option:  # it has its own way
        return thing.to_dict()
    for check in checks:
        check(thing)
    names = _NAMES.get(kind) or _NAMES.setdefault(kind, tuple(sorted(thing.attributes)))
    found = {}
    for name in names:
        value = getattr(thing, name, None)
        if value is not None and value not in ("", []):
            found[name] = value if type(value) is str else as_json(value)
    return found


@cache
def _checks(kind: type) -> tuple[_Check, ...] | None:
    """What the SDK checks in models of this class; None for what is no model."""
    if not issubclass(kind, JsonObject):
        return None
    methods = (getattr(kind, name, None) for name in dir(kind))
    return tuple(one for one in methods if callable(one) and hasattr(one, "validator"))
