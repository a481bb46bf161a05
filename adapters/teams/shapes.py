"""The shapes of what Teams sends, as far as it is read: Teams sends more, and may add to it.

A button carries `{"krets": <packed action>}`; in a message that only answered somebody it adds
`"reply": true`. What sends a form adds `"form"`: for each field that
is not plain text, what its answer means (`Meaning`); or `true` when all of them are text. The id of
an input is the name of its field.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

#: The keys of what a button carries.
ACTION, FORM, REPLY = "krets", "form", "reply"

_CAMEL = ConfigDict(alias_generator=to_camel)
_Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=512)]
#: An id of Entra; Microsoft's own client for trying makes them longer than a UUID is.
_ObjectId: TypeAlias = Annotated[str, Field(pattern=r"^([0-9A-Za-z][0-9A-Za-z-]{0,63})?$")]
_Word: TypeAlias = Annotated[str, Field(max_length=64)]
_Data: TypeAlias = Annotated[dict[str, Any], Field(max_length=100)]


class Meaning(StrEnum):
    """What the answer of a field stands for, since Teams sends every answer as text."""

    TEXT = "text"
    MANY = "many"
    TICK = "tick"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Account:
    """A person or a bot, as one bot is told of them."""

    __pydantic_config__ = _CAMEL
    id: _Id
    aad_object_id: _ObjectId | None = None
    name: str | None = None
    role: _Word | None = None
    tenant_id: _ObjectId | None = None
    #: Of a recipient: whether a message in a room is for them alone, and seen by nobody else.
    is_targeted: bool | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A personal chat, a group chat, or a channel or one of its threads."""

    __pydantic_config__ = _CAMEL
    id: _Id
    conversation_type: _Word | None = None
    is_group: bool | None = None
    tenant_id: _ObjectId | None = None


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation."""

    id: _ObjectId


@dataclass(frozen=True, slots=True)
class Part:
    """A team, or one of its channels."""

    id: _Id


@dataclass(frozen=True, slots=True)
class Settings:
    """What somebody chose when they brought Krets into a team."""

    __pydantic_config__ = _CAMEL
    selected_channel: Part | None = None


@dataclass(frozen=True, slots=True)
class ChannelData:
    """What only Teams tells."""

    __pydantic_config__ = _CAMEL
    tenant: Tenant | None = None
    team: Part | None = None
    channel: Part | None = None
    settings: Settings | None = None
    event_type: _Word | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Anything that Teams tells."""

    __pydantic_config__ = _CAMEL
    type: _Word
    conversation: Conversation
    from_: Annotated[Account | None, Field(alias="from")] = None
    recipient: Account | None = None
    id: _Id | None = None
    timestamp: _Word | None = None
    reply_to_id: _Id | None = None
    name: Annotated[str, Field(max_length=255)] | None = None
    action: _Word | None = None
    text: str | None = field(default=None, repr=False)
    value: Any = field(default=None, repr=False)
    locale: _Word | None = None
    local_timezone: _Word | None = None
    channel_data: ChannelData | None = None
    entities: Annotated[list[dict[str, Any]], Field(max_length=500)] | None = None
    members_added: Annotated[list[Account], Field(max_length=1000)] | None = None
    members_removed: Annotated[list[Account], Field(max_length=1000)] | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """That somebody is named in a text, and the words there that name them."""

    mentioned: Account
    text: str = ""


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """What somebody's own Teams is set to."""

    locale: _Word | None = None
    timezone: _Word | None = None


@dataclass(frozen=True, slots=True)
class Execute:
    """The action of a card."""

    type: _Word
    data: _Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CardAction:
    """Something was pressed in a card; `trigger` is `automatic` when Teams itself did it."""

    action: Execute
    trigger: _Word | None = None


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog was asked for, or sent."""

    data: _Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a button of Krets carries, beside the answers of a form."""

    krets: str
    reply: bool = False
    form: bool | Annotated[dict[str, Meaning], Field(max_length=100)] = False
