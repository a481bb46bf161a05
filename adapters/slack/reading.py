"""Reading what Slack sends by its shape, the same way everywhere. Pure."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

PLATFORM = "slack"

_R = TypeVar("_R")


class BadPayload(ValueError):
    """Not what Slack sends. Says nothing of what was sent."""


def read(shape: TypeAdapter[_R], given: Mapping[str, Any]) -> _R:
    """What was sent, in this shape; raises `BadPayload`."""
    try:
        return shape.validate_python(dict(given))
    except ValidationError:
        raise BadPayload("The payload has not the shape that Slack sends.") from None
