"""The shapes of what Slack sends, as far as it is read: Slack sends more, and may add to it."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter

_TeamId: TypeAlias = Annotated[str, Field(pattern=r"^T[A-Z0-9]{1,63}$")]
_EnterpriseId: TypeAlias = Annotated[str, Field(pattern=r"^E[A-Z0-9]{1,63}$")]
_UserId: TypeAlias = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{1,63}$")]
_ChannelId: TypeAlias = Annotated[str, Field(pattern=r"^[CDG][A-Z0-9]{1,63}$")]
_Token: TypeAlias = Annotated[str, Field(min_length=1, max_length=255)]
_Few: TypeAlias = Annotated[list["Option"], Field(max_length=200)]


@dataclass(frozen=True, slots=True)
class Team:
    """The workspace."""

    id: _TeamId


@dataclass(frozen=True, slots=True)
class Enterprise:
    """The organisation of an Enterprise Grid."""

    id: _EnterpriseId


@dataclass(frozen=True, slots=True)
class User:
    """A person."""

    id: _UserId


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, or a direct message."""

    id: _ChannelId


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command's form."""

    user_id: _UserId
    channel_id: _ChannelId
    trigger_id: _Token
    text: str = ""
    team_id: _TeamId | None = None
    enterprise_id: _EnterpriseId | Literal[""] | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """Something acted on; only buttons carry a value of ours."""

    type: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """What was chosen of a list."""

    value: Annotated[str, Field(max_length=255)]


@dataclass(frozen=True, slots=True)
class Element:
    """What one field holds; which of these is told by its type."""

    type: str
    value: str | None = None
    selected_option: Option | None = None
    selected_options: _Few = field(default_factory=list)
    selected_date: Annotated[str, Field(max_length=40)] | None = None
    selected_time: Annotated[str, Field(max_length=40)] | None = None
    selected_users: Annotated[list[_UserId], Field(max_length=200)] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class State:
    """What stands in all fields: block id, then action id."""

    values: Annotated[
        dict[
            Annotated[str, Field(max_length=255)],
            Annotated[dict[str, Element], Field(min_length=1, max_length=1)],
        ],
        Field(max_length=100),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a view."""

    type: str
    block_id: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A modal that was sent."""

    callback_id: str
    private_metadata: str
    state: State
    blocks: Annotated[list[Block], Field(max_length=100)] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Interaction:
    """Who did it, in every interaction."""

    user: User
    team: Team | None = None
    enterprise: Enterprise | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """In what something was pressed; a message that one person alone sees cannot be edited."""

    type: str
    message_ts: Annotated[str, Field(max_length=40)] = ""
    is_ephemeral: bool = False


@dataclass(frozen=True, slots=True)
class Actions:
    """Something was pressed, in a message or in a view."""

    trigger_id: _Token
    actions: Annotated[list[Pressed], Field(min_length=1, max_length=25)]
    channel: Channel | None = None
    container: Container | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A form was sent."""

    trigger_id: _Token
    view: View


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Something was chosen from the menu of shortcuts."""

    trigger_id: _Token
    callback_id: str


@dataclass(frozen=True, slots=True)
class Authorization:
    """For whom of those who installed Krets an event is meant."""

    team_id: _TeamId | None = None
    enterprise_id: _EnterpriseId | None = None
    #: Krets itself, as this workspace knows it.
    user_id: _UserId | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is around every event."""

    event_id: _Token
    event: dict[str, Any]
    team_id: _TeamId | None = None
    enterprise_id: _EnterpriseId | None = None
    authorizations: list[Authorization] | None = None


@dataclass(frozen=True, slots=True)
class ByAPerson:
    """An event that somebody made themselves, and where."""

    user: _UserId
    channel: _ChannelId


@dataclass(frozen=True, slots=True)
class OfChannel:
    """An event that concerns a channel as a whole."""

    channel: _ChannelId


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody has come into a channel or gone out of it."""

    user: _UserId
    channel: _ChannelId
    inviter: _UserId | None = None


@dataclass(frozen=True, slots=True)
class Revoked:
    """Whose tokens are of no use any more."""

    bot: Annotated[list[_UserId], Field(max_length=200)] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens were revoked."""

    tokens: Revoked


MEMBER = TypeAdapter(Member)
OF_CHANNEL = TypeAdapter(OfChannel)
TOKENS = TypeAdapter(Tokens)
USER = TypeAdapter(User)
