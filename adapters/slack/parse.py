"""What Slack sends, as events: pure, and the only judge of its shape."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, assert_never

from pydantic import TypeAdapter

from adapters.slack import shapes
from adapters.slack.gate import Kind
from adapters.slack.happenings import PersonChanged, Told, Uninstalled, happening, tenant_of
from adapters.slack.inline import USER
from adapters.slack.inputs import FORM, Meaning
from adapters.slack.reading import PLATFORM, BadPayload, read
from bot.core.action import StartHere, unpack
from bot.core.event import (
    Answer,
    ButtonPressed,
    CommandGiven,
    Deed,
    FormSubmitted,
    HomeOpened,
    Identity,
    Place,
    TextWritten,
)

__all__ = ["PLATFORM", "BadPayload", "PersonChanged", "Uninstalled", "actor", "inputs", "parse"]

#: What came in, of all that Krets takes up.
Came: TypeAlias = Deed | Told
#: The `callback_id` of a global shortcut, and the command that it stands for.
SHORTCUTS = {"bring_question": "question"}
#: Characters of one text; a longer one goes to the rule cut just above this, and is refused there.
LONGEST = 20_000

_COMMAND = TypeAdapter(shapes.Command)
_INTERACTION = TypeAdapter(shapes.Interaction)
_ACTIONS = TypeAdapter(shapes.Actions)
_SUBMISSION = TypeAdapter(shapes.Submission)
_SHORTCUT = TypeAdapter(shapes.Shortcut)
_ENVELOPE = TypeAdapter(shapes.Envelope)
_BY_A_PERSON = TypeAdapter(shapes.ByAPerson)


# --- reading ------------------------------------------------------------------------------------


def parse(payload: Mapping[str, Any], kind: Kind) -> Came | None:
    """What a person did or what came to pass; None if it is nothing that Krets takes up.

    Raises `BadPayload` for other shapes than Slack's, and `CannotUnpack` for a button or a form of
    no version of Krets. Who is in a room is not in the payload: `place.people` is empty.
    """
    match kind:
        case "command":
            return _command(payload)
        case "interaction":
            return _interaction(payload)
        case "event":
            return _event(payload)
        case _:
            assert_never(kind)


def inputs(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the fields of a form that was sent, in order: where errors can stand."""
    blocks = read(_SUBMISSION, payload).view.blocks
    return tuple(one.block_id for one in blocks if one.type == "input")


# --- commands and interactions ------------------------------------------------------------------


def _command(payload: Mapping[str, Any]) -> CommandGiven:
    given, who = read(_COMMAND, payload), actor(payload, "command")
    text = given.text[: LONGEST + 1].strip()
    return CommandGiven(given.trigger_id, who, _place(who, given.channel_id), text)


def _interaction(payload: Mapping[str, Any]) -> Deed | None:
    match payload.get("type"):
        case "block_actions":
            return _pressed(payload)
        case "view_submission":
            return _submitted(payload)
        case "shortcut":
            return _shortcut(payload)
        case _:
            return None


def _pressed(payload: Mapping[str, Any]) -> ButtonPressed | None:
    given, who = read(_ACTIONS, payload), actor(payload, "interaction")
    first = given.actions[0]
    if first.type != "button":
        return None
    place = _place(who, given.channel.id if given.channel else None)
    action, container = unpack(first.value or ""), given.container
    message = ""
    if given.channel and container and container.type == "message" and not container.is_ephemeral:
        message = f"{given.channel.id}:{container.message_ts}"
    return ButtonPressed(given.trigger_id, who, place, action, message)


def _submitted(payload: Mapping[str, Any]) -> FormSubmitted | None:
    given, who = read(_SUBMISSION, payload), actor(payload, "interaction")
    view = given.view
    if view.callback_id != FORM:
        return None
    answers = {
        name: _answer(action_id, element, who)
        for name, elements in view.state.values.items()
        for action_id, element in elements.items()
    }
    action = unpack(view.private_metadata)
    # A modal stands nowhere; this one names the room in which it was asked for.
    room = action.room if isinstance(action, StartHere) else None
    return FormSubmitted(given.trigger_id, who, _place(who, room), action, answers)


def _shortcut(payload: Mapping[str, Any]) -> CommandGiven | None:
    given, who = read(_SHORTCUT, payload), actor(payload, "interaction")
    text = SHORTCUTS.get(given.callback_id)
    return None if text is None else CommandGiven(given.trigger_id, who, _place(who, None), text)


# --- events -------------------------------------------------------------------------------------


def _event(payload: Mapping[str, Any]) -> HomeOpened | TextWritten | Told | None:
    if payload.get("type") != "event_callback":
        return None
    envelope = read(_ENVELOPE, payload)
    inside = envelope.event
    home = inside.get("type") == "app_home_opened" and inside.get("tab") == "home"
    if not home and not _is_written(inside):
        return happening(envelope)
    who = actor(payload, "event")
    id = f"{envelope.team_id or who.tenant}:{envelope.event_id}"
    place = _place(who, read(_BY_A_PERSON, inside).channel)
    return HomeOpened(id, who, place) if home else TextWritten(id, who, place)


def _is_written(event: Mapping[str, Any]) -> bool:
    """Whether somebody wrote this to Krets alone; not an app, and no change of a message."""
    return (
        event.get("type") == "message"
        and event.get("channel_type") == "im"
        and event.get("subtype") is None
        and not event.get("bot_id")
        and event.get("user") != "USLACKBOT"
    )


# --- parts --------------------------------------------------------------------------------------


def actor(payload: Mapping[str, Any], kind: Kind) -> Identity:
    """Who did it; they are of the organisation, or else of the workspace."""
    match kind:
        case "command":
            command = read(_COMMAND, payload)
            return _identity(command.user_id, command.team_id, command.enterprise_id)
        case "interaction":
            acted = read(_INTERACTION, payload)
            team = acted.team.id if acted.team else None
            return _identity(acted.user.id, team, acted.enterprise.id if acted.enterprise else None)
        case "event":
            envelope = read(_ENVELOPE, payload)
            return _identity(read(_BY_A_PERSON, envelope.event).user, tenant_of(envelope), None)
        case _:
            assert_never(kind)


def _identity(user: str, team: str | None, enterprise: str | None) -> Identity:
    tenant = enterprise or team
    if not tenant:
        raise BadPayload("The payload names no workspace.")
    return Identity(PLATFORM, tenant, user)


def _place(actor: Identity, channel: str | None) -> Place:
    """A channel; or, without one, the actor's own chat."""
    private = channel is None or channel.startswith("D")
    return Place(PLATFORM, actor.tenant, channel or actor.native, private)


def _answer(action_id: str, given: shapes.Element, actor: Identity) -> Answer:
    """What one field holds; empty if nothing was written or chosen."""
    chosen = tuple(one.value for one in given.selected_options)
    match given.type, action_id:
        case "plain_text_input", Meaning.TEXT:
            return (given.value or "")[: LONGEST + 1]
        case "radio_buttons" | "static_select", Meaning.ONE:
            return given.selected_option.value if given.selected_option else ""
        case "checkboxes" | "multi_static_select", Meaning.MANY:
            return chosen
        case "checkboxes", Meaning.TICK:
            return bool(chosen)
        case "datepicker", Meaning.DATE:
            return given.selected_date or ""
        case "timepicker", Meaning.TIME:
            return given.selected_time or ""
        case "multi_users_select", Meaning.PEOPLE:
            return _people(given.selected_users, actor)
        case "static_select" | "multi_static_select", Meaning.PEOPLE:
            one = (given.selected_option.value,) if given.selected_option else ()
            return _people([*one, *chosen], actor)
        case _:
            raise BadPayload("A field holds what no form of Krets asks for.")


def _people(natives: Iterable[str], actor: Identity) -> tuple[Identity, ...]:
    found = tuple(Identity(PLATFORM, actor.tenant, native) for native in natives)
    if not all(USER.fullmatch(one.native) for one in found):
        raise BadPayload("Somebody is not of Slack.")
    return found
